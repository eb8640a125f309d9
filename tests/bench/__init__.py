"""How fast the server is beside others, on made-up data of three sizes: ``python -m tests.bench``."""
