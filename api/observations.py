"""Filters in, a page of observations out, as the lines in which they are sent.

Where the prepared files of a snapshot know the answer, they give it: the rows of a region, category and year without a
query, the lines of all others by the row numbers that a query finds. What was known on a day, and a snapshot without
such files, is asked of the database alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from api import formats, pages
from api.cursors import Start
from api.pages import Lines
from api.selection import Listed
from api.shapes import Observation
from api.snapshot import Snapshot
from api.values import resolve

_row = msgspec.json.Decoder(Observation).decode
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def placed(snapshot: Snapshot, values: Mapping[str, Any], start: Start) -> Lines | None:
    """The page where no query is needed: of regions, categories, years and names; None for others."""
    rows, preferred = snapshot.rows, values["selection"] != "all"
    selection = None if rows is None else rows.select(values, preferred=preferred)
    if rows is None or selection is None:
        return None
    if isinstance(selection, Listed):
        return Lines(*rows.listed(selection, start, values["limit"]))
    lines = rows.page(selection, start.offset, values["limit"], preferred=preferred)
    return Lines(lines, Start(start.offset + len(lines), None, selection.total))


def page(snapshot: Snapshot, given: Mapping[str, Any], start: Start) -> Lines:
    """``given["limit"]`` of the observations that the filters select, after those that come before."""
    values = resolve(snapshot, "observations", given)
    if (found := placed(snapshot, values, start)) is not None:
        return found
    rows = snapshot.rows
    if rows is None or values.get("as_of"):
        told, end = pages.told(snapshot, "observations", values, start)
        return Lines([formats.json(row) for row in told], end)
    numbers, end = pages.turn(snapshot, "numbers", values, start)
    return Lines(rows.lines(row["ordinal"] for row in numbers), end)


def one(snapshot: Snapshot, identity: str) -> bytes | None:
    """The observation of this id as a line; None where there is none."""
    if (rows := snapshot.rows) is not None:
        return rows.line(identity)
    found = snapshot.ask("observations", {"observation": identity, "selection": "all"})
    return _line(found[0]) if found else None


def by_number(snapshot: Snapshot, numbers: Iterable[int]) -> dict[int, msgspec.Raw]:
    """Observations by their row numbers, ready to stand in an answer."""
    wanted = sorted(set(numbers))
    if not wanted:
        return {}
    if (rows := snapshot.rows) is not None:
        return dict(zip(wanted, map(msgspec.Raw, rows.lines(wanted)), strict=True))
    # the bounds let most of a snapshot be passed over; they come in the order of their numbers
    span = {"rows": wanted, "windowed": True, "first": wanted[0], "last": wanted[-1], "selection": "all"}
    lines = map(_line, snapshot.ask("observations", span))
    return dict(zip(wanted, map(msgspec.Raw, lines), strict=True))


def decoded(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """Lines as rows, with exact decimals."""
    return [msgspec.structs.asdict(_row(line)) for line in lines]


def narrowed(lines: Iterable[bytes], names: Iterable[str]) -> list[bytes]:
    """Lines with these fields alone, in their order."""
    wanted = [name for name in Observation.__struct_fields__ if name in set(names)]
    return [formats.json({name: fields[name] for name in wanted}) for fields in map(_fields, lines)]


def _line(row: dict[str, Any]) -> bytes:
    del row["total"]
    return formats.json(row)
