"""Environment variables in, the server's settings out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

_ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")


class Invalid(ValueError):
    """A setting that cannot be used; the message names it and says what is allowed."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the server needs to know.

    ``data`` is the folder with ``snapshots/`` and ``current``; ``origins`` the web origins that may read, or ``*``;
    ``threads`` how many queries run at once in a process; ``memory_mb`` what one snapshot's database may use.
    """

    data: Path
    origins: tuple[str, ...] = ("*",)
    threads: int = 2
    memory_mb: int = 1024


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in PLAN_INDICATORS_DATA, …_ORIGINS, …_THREADS and …_MEMORY_MB, or their defaults.

    >>> read({"PLAN_INDICATORS_DATA": "/srv/plans", "PLAN_INDICATORS_THREADS": "4"}).threads
    4
    >>> read({"PLAN_INDICATORS_THREADS": "many"})
    Traceback (most recent call last):
    api.settings.Invalid: PLAN_INDICATORS_THREADS is 'many': a whole number from 1 to 64 is allowed
    """
    data = environment.get("PLAN_INDICATORS_DATA", "./var")
    if not data or "\0" in data:
        raise Invalid("PLAN_INDICATORS_DATA is empty: the path of a folder is allowed")
    origins = tuple(environment.get("PLAN_INDICATORS_ORIGINS", "*").split())
    if origins != ("*",) and not (origins and all(_ORIGIN.fullmatch(origin) for origin in origins)):
        raise Invalid(
            f"PLAN_INDICATORS_ORIGINS is {' '.join(origins)!r}: * or origins like https://example.org are allowed, "
            "with spaces between them"
        )
    return Settings(
        data=Path(data),
        origins=origins,
        threads=_number(environment, "PLAN_INDICATORS_THREADS", min(os.cpu_count() or 2, 64), 1, 64),
        memory_mb=_number(environment, "PLAN_INDICATORS_MEMORY_MB", 1024, 64, 1_048_576),
    )


def environment(settings: Settings) -> dict[str, str]:
    """The variables from which ``read`` makes these settings again: how worker processes get them."""
    return {
        "PLAN_INDICATORS_DATA": str(settings.data.absolute()),
        "PLAN_INDICATORS_ORIGINS": " ".join(settings.origins),
        "PLAN_INDICATORS_THREADS": str(settings.threads),
        "PLAN_INDICATORS_MEMORY_MB": str(settings.memory_mb),
    }


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise Invalid(f"{name} is {text!r}: a whole number from {least} to {most} is allowed")
    return int(text)
