"""The API: a snapshot in, JSON out."""

__version__ = "0.2.0"
