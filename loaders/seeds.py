"""Where the seeds lie: beside this package, in a checkout as in an installation."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "seeds"
