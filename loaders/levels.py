"""The cells of a header, on one level or several, become the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

import msgspec

from loaders import header
from loaders.grid import Piece
from loaders.header import Column

_NOTE = re.compile(r"[\[〔【].{1,8}[\]〕】]")  # [累计] says more of the cell above it
_SIGN = re.compile(r"[(%±)]+")
MOST_JOINED = 4  # lines that one header cell may be broken over


def columns(pieces: Sequence[Piece], first: int) -> tuple[list[Column], int] | None:
    """The columns of a header whose cells stand one after another from ``first``, and the place behind it.

    Cells may be broken over lines. None where there is no header with names and values.
    """
    for apart in (True, False):
        found, end = _read(pieces, first, apart=apart)
        if (levels := _levels(found)) is not None:
            settled = settle(levels, dealt=True)
            return None if settled is None else (settled, end)
    settled = settle(found)
    return None if settled is None else (settled, end)


def run_end(pieces: Sequence[Piece], first: int) -> int:
    """The place behind the header words from ``first`` on, whether they make a header or not; at least ``first + 1``."""
    return max(_read(pieces, first)[1], first + 1)


def _levels(found: list[Column]) -> list[Column] | None:
    """Columns of two levels of header printed one after the other: the years, then what is under each of them.

    What is under a year begins with its plan, so a plan behind an outcome is the next year's, and so is a level behind
    a growth. Years that say all by themselves may have nothing under them; none where it does not come out even.
    """
    values = [index for index, column in enumerate(found) if column.kind == "value"]
    last = max((index for index in values if _dates(found[index])), default=-1)
    heads = [index for index in values if index <= last]
    years = [index for index in heads if _plain(found[index])]
    groups: list[list[Column]] = []
    for column in (found[index] for index in values if index > last):
        planned = column.role == "target" and bool(groups) and any(one.role == "actual" for one in groups[-1])
        again = column.hint in header.words().value_header.level and bool(groups) and groups[-1][-1].hint is not None
        if not groups or planned or (again and groups[-1][-1].hint not in header.words().value_header.level):
            groups.append([])
        groups[-1].append(column)
    parted = years if len(groups) == len(years) and all(group[0].role for group in groups) else heads
    twice = any(len({(one.role, one.hint) for one in group}) < len(group) for group in groups)
    if not groups or len(parted) != len(groups) or twice or not any(len(group) > 1 for group in groups):
        return None
    levels: list[Column] = []
    for index, column in enumerate(found):
        if index in parted:
            levels += [_under(column, one) for one in groups[parted.index(index)]]
        elif index <= last or column.kind != "value":
            levels.append(column)
    return levels


def _under(head: Column, column: Column) -> Column:
    """A column of the second level as its year has it."""
    role = column.role or head.role
    status = column.status or (head.status if role == head.role else None)
    return msgspec.structs.replace(
        column, year=head.year, relative=head.relative, role=role, status=status, part=head.part
    )


def _dates(column: Column) -> bool:
    return column.year is not None or column.relative is not None


def _read(pieces: Sequence[Piece], first: int, *, apart: bool = False) -> tuple[list[Column], int]:
    found: list[Column] = []
    at = first
    while at < len(pieces) and len(found) < header.MOST_COLUMNS:
        for count in range(min(MOST_JOINED, len(pieces) - at), 0, -1):
            parts = [piece.words for piece in pieces[at : at + count]]
            if len({piece.line for piece in pieces[at : at + count]}) < count or not _one(parts, found):
                continue
            if (
                apart
                and count > 1
                and not _NOTE.fullmatch(parts[-1])
                and not all(_SIGN.fullmatch(part) for part in parts[1:])
                and all(one is not None and one.kind == "value" for one in map(header.meaning, parts))
            ):
                continue
            column = header.meaning("".join(parts))
            if column is not None:
                found.append(column)
                at += count
                break
        else:
            if not _unknown_between(pieces, at, found):
                break
            found.append(Column(kind="item" if found[-1].kind == "number" else "other"))
            at += 1
    return found, at


def _one(parts: list[str], found: list[Column]) -> bool:
    """Whether lines can be one header cell: none but the first says a year, and but one of them a role or a kind."""
    if len(parts) == 1:
        return True
    own = [header.kinds().get(part) for part in parts]
    joined = header.kinds().get("".join(parts))
    if any(own):
        named = any(column.kind == "name" for column in found)
        return joined is not None and (None in own or set(own) == {joined} or named)
    if joined is not None:
        return True
    known = header.words().value_header
    before = parts[0]
    for part in parts[1:]:
        if _NOTE.fullmatch(part):
            continue
        column = header.meaning(part)
        sub_header = column is not None and column.hint is not None and column.role is None
        if header.YEAR.search(part) or (sub_header and not _SIGN.fullmatch(part)):
            return False
        if part not in known.tail and any(word in before for word in (*known.target, *known.actual)):
            return False
        before += part
    return True


def _unknown_between(pieces: Sequence[Piece], at: int, found: list[Column]) -> bool:
    """Whether a cell of unknown meaning stands inside a header: a short one with known cells on both sides."""
    if not found or any(column.kind == "other" for column in found) or at + 1 >= len(pieces):
        return False
    here = pieces[at].words
    if len(here) > 8 or any(char.isdigit() or char in ":。、" for char in here):
        return False
    return header.meaning(pieces[at + 1].words) is not None


def stacked(parts: list[str]) -> Column:
    """The column under header cells that stand one above another; ``skip`` where they say nothing."""
    if any(header.kinds().get(part.rstrip("(%)±")) == "skip" for part in parts):
        return Column(kind="skip")
    column = header.meaning("".join(parts))
    if column is not None:
        return column
    found = [one for one in (header.meaning(part) for part in parts) if one is not None]
    values = [one for one in found if one.kind == "value"]
    if not values or len(values) < len(found):
        return found[-1] if found else Column(kind="skip")
    column = values[0]
    for below in values[1:]:
        column = Column(
            kind="value",
            year=below.year or column.year,
            role=below.role or column.role,
            status=below.status or column.status,
            hint=below.hint or column.hint,
            relative=column.relative if below.relative is None else below.relative,
            part=below.part or column.part,
        )
    return column


def settle(found: list[Column], *, dealt: bool = False) -> list[Column] | None:
    """Columns with sub-headers dealt out to the years above them; None where names or values are missing.

    ``dealt`` says that each already stands under its year. A sub-header without one belongs to the column on its left.
    Of several columns of names the last holds the names, those before it what they belong to.
    """
    values = [column for column in found if column.kind == "value"]
    dated = [column for column in values if not _bare(column)]
    bare = [column for column in values if _bare(column)]
    if not values or not any(column.kind == "name" for column in found) or len(found) > header.MOST_COLUMNS:
        return None
    if not dealt and any(_plain(column) for column in values) and _loose(values):
        return None  # two levels of header of which nobody knows what is under which year
    each, rest = divmod(len(bare), len(dated) or len(bare))
    settled: list[Column] = []
    if not dealt and each >= 2 and not rest and values[: len(dated)] == dated:
        under = iter(bare)
        for column in found:
            if column.kind == "value" and not _bare(column):
                settled += [msgspec.structs.replace(column, hint=next(under).hint) for _ in range(each)]
            elif column.kind != "value":
                settled.append(column)
    else:
        last: Column | None = None
        for column in found:
            if _bare(column) and last is not None:
                settled.append(msgspec.structs.replace(last, hint=column.hint, year=_latest(settled)))
                continue
            of_last = column.hint and column.role is None and last is not None and column.year == last.year
            settled.append(
                msgspec.structs.replace(column, role=last.role, status=last.status) if of_last and last else column
            )
            last = settled[-1] if column.kind == "value" else None  # a rate beside what is not understood is of nobody
    names = [index for index, column in enumerate(settled) if column.kind == "name"]
    headed = any(column.kind == "category" for column in settled)
    for index in names[:-1]:
        numbered = index > 0 and settled[index - 1].kind == "number"
        settled[index] = Column(kind="item" if headed or numbered else "category")
    return settled


def _loose(values: list[Column]) -> bool:
    """Whether a plan without a year stands behind columns with one."""
    first = next((index for index, column in enumerate(values) if _dates(column)), len(values))
    return any(column.role == "target" and not _dates(column) for column in values[first:])


def _latest(columns: list[Column]) -> int | None:
    """The year of the last column; of several that say nothing but a year the latest: 2023年, 2022年, 增减%."""
    years = [column.year or 0 for column in takewhile(_plain, reversed(columns))]
    return max(years, default=columns[-1].year)


def _plain(column: Column) -> bool:
    return column.year is not None and column.role is None and column.hint is None


def _bare(column: Column) -> bool:
    return column.kind == "value" and column.year is None and column.role is None and column.relative is None
