"""``python -m api.command`` is ``plan-indicators``."""

from api.command import main

if __name__ == "__main__":
    main()
