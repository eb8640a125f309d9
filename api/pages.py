"""A question in, a page of its rows and where the next one begins out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from api.cursors import Start
from api.snapshot import Snapshot

Row = dict[str, Any]


class Lines(Struct, frozen=True):
    """A page of items as JSON, and where the next one begins."""

    lines: Sequence[bytes]
    next: Start


def turn(snapshot: Snapshot, question: str, values: Mapping[str, Any], start: Start) -> tuple[list[Row], Start]:
    """``values["limit"]`` rows that have an ``ordinal`` and lie in its order, unless they are sorted otherwise.

    A page begins after the row number of the one before, so that a late one takes no longer than the first; how many
    there are in all is counted once for all pages, by the question of the same name with ``_counted``.
    """
    before = {"offset": start.offset} if start.after is None else {"after": start.after}
    rows = snapshot.ask(question, {**values, **before})
    end = start.offset + len(rows)
    total = start.total
    if total is None:
        last = len(rows) < values["limit"] and (rows or not start.offset)
        total = end if last else snapshot.ask(f"{question}_counted", values)[0]["total"]
    after = None if values.get("sort") or not rows else rows[-1]["ordinal"]
    return rows, Start(end, after, total)


def told(snapshot: Snapshot, question: str, values: Mapping[str, Any], start: Start) -> tuple[list[Row], Start]:
    """``values["limit"]`` rows of a question that counts them itself, as ``total``."""
    rows = snapshot.ask(question, {**values, "offset": start.offset})
    total = rows[0]["total"] if rows else start.offset
    for row in rows:
        del row["total"]
    return rows, Start(start.offset + len(rows), None, total)
