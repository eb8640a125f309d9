"""What a reader found wrong and no rule can know: ``seeds/corrections.csv``, applied after the rules."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from loaders.seeds import FOLDER
from loaders.statement import Statement

_TEXTS = ("name", "value", "role", "status", "period", "scope", "region", "unit", "base_period", "designation")


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One correction: the statement whose figure stands at ``at`` in the document has ``field`` mended, or is dropped."""

    sha256: str
    at: int
    field: str  # one of the text fields of a statement, or drop
    was: str
    now: str
    reason: str


@cache
def corrections() -> tuple[Correction, ...]:
    """The corrections of the seeds; a broken line is named."""
    with (FOLDER / "corrections.csv").open(encoding="utf-8", newline="") as lines:
        found = [msgspec.convert(row, Correction, strict=False) for row in csv.DictReader(lines)]
    for number, one in enumerate(found, start=2):
        if one.field not in (*_TEXTS, "drop") or not one.reason:
            raise ValueError(
                f"seeds/corrections.csv:{number}: a field of {', '.join(_TEXTS)} or drop, and a reason, are needed"
            )
    return tuple(found)


def corrected(sha256: str, statements: list[Statement], known: Iterable[Correction] | None = None) -> list[Statement]:
    """The statements of one document with its corrections. One that no longer fits is an error: the rule has changed."""
    for one in corrections() if known is None else known:
        if one.sha256 != sha256:
            continue
        field = "name" if one.field == "drop" else one.field
        places = [
            i for i, each in enumerate(statements) if each.at == one.at and (getattr(each, field) or "") == one.was
        ]
        if not places:
            raise ValueError(
                f"seeds/corrections.csv: nothing at {one.at} has the {field} {one.was!r} any more ({one.reason})"
            )
        change: dict[str, Any] = {one.field: one.now or None}
        statements = [
            msgspec.structs.replace(each, **change) if index in places and one.field != "drop" else each
            for index, each in enumerate(statements)
            if index not in places or one.field != "drop"
        ]
    return statements
