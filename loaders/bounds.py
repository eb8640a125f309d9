"""Environment variables in, the limits within which documents are read out.

Each limit is a line of ``BOUNDS``; its variable is the name in capitals after ``PLAN_INDICATORS_READ_``. A process reads
them once, as it starts: readers take them into constants of their own.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping

import msgspec

MB = 1_000_000
PREFIX = "PLAN_INDICATORS_READ_"


class Invalid(ValueError):
    """A limit that cannot be used; the message names it and says what is allowed."""


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: its name, what holds where nothing is said, what is allowed, in which unit, and of what."""

    name: str
    default: int
    least: int
    most: int
    unit: str
    about: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def allowed(self) -> str:
        return f"a whole number of {self.unit} from {self.least} to {self.most}"


def _bound(name: str, default: int, least: int, most: int, unit: str, about: str) -> Bound:
    return Bound(name=name, default=default, least=least, most=most, unit=unit, about=about)


BOUNDS = (
    _bound("file", 20, 1, 1_000, "MB", "a file"),
    _bound("text", 2_000_000, 1_000, 100_000_000, "characters", "the text of a document"),
    _bound("line", 500_000, 1_000, 100_000_000, "characters", "one line of it"),
    _bound("columns", 5_000, 64, 1_000_000, "cells", "a line with tabs or bars between them, and a row of a page"),
    _bound("cells", 200_000, 100, 5_000_000, "cells", "the tables of a page, a sheet or a file, repeated ones too"),
    _bound("tags", 1_000_000, 1_000, 20_000_000, "tags", "a page"),
    _bound("depth", 200, 10, 250, "elements", "elements of a page within each other"),
    _bound("pages", 1_000, 1, 100_000, "pages", "a PDF file"),
    _bound("unpacked", 100, 1, 2_000, "MB", "all parts of an Office file, unpacked; half of it for one part"),
    _bound("memory", 2_000, 200, 64_000, "MB", "memory of the process that reads an attachment"),
    _bound("attachment_seconds", 60, 1, 3_600, "seconds", "time for the text of an attachment"),
    _bound("seconds", 120, 1, 3_600, "seconds", "time for a document"),
)
_VARIABLES = {bound.variable: bound for bound in BOUNDS}


def read(environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """All limits, as the variables say or by default.

    >>> read({"PLAN_INDICATORS_READ_FILE": "50"})["file"]
    50
    >>> read({"PLAN_INDICATORS_READ_FILE": "0"})
    Traceback (most recent call last):
    loaders.bounds.Invalid: PLAN_INDICATORS_READ_FILE is '0': a whole number of MB from 1 to 1000 is allowed
    """
    found = {bound.name: bound.default for bound in BOUNDS}
    for variable, text in stated(environment).items():
        if variable not in _VARIABLES:
            raise Invalid(f"{variable[:80]!r} is no limit of reading; allowed are {', '.join(_VARIABLES)}")
        bound = _VARIABLES[variable]
        if not re.fullmatch("[0-9]{1,9}", text) or not bound.least <= int(text) <= bound.most:
            raise Invalid(f"{variable} is {text[:80]!r}: {bound.allowed} is allowed")
        found[bound.name] = int(text)
    return found


def stated(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables of limits alone: what a reader's process gets, and a server's is spared."""
    return {variable: text for variable, text in environment.items() if variable.startswith(PREFIX)}


def described() -> list[str]:
    """The limits as lines of help."""
    width = max(map(len, _VARIABLES)) + 4
    return [
        line
        for bound in BOUNDS
        for line in textwrap.wrap(
            f"{bound.about}; {bound.allowed}; default {bound.default}",
            108,
            initial_indent=f"  {bound.variable}".ljust(width),
            subsequent_indent=" " * width,
        )
    ]


def table() -> str:
    """The limits as a table in Markdown."""
    rows = [("variable", "default", "allowed", "the most that is read of"), ("---",) * 4]
    rows += [(f"`{bound.variable}`", f"`{bound.default}`", bound.allowed, bound.about) for bound in BOUNDS]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
