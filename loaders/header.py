"""The words of a table's header become columns: what stands in each, for which year, planned or reached."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache

import msgspec

from loaders.grid import Piece
from loaders.seeds import FOLDER

MOST_COLUMNS = 32
MOST_JOINED = 4  # lines that one header cell may be broken over
LONGEST = 24  # characters of a header cell
_YEAR = re.compile(r"((?:19|20)\d\d)年?(?:度)?(?:(?:-|—|–|至|~)((?:19|20)\d\d)年?)?|十[一二三四五六]五(?:期末|时期)?")
_MONTHS = re.compile(r"(?:(\d{1,2})月?[-—–至~])?(\d{1,2})月末?份?")


class _ValueHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: list[str]
    actual: list[str]
    decided: list[str]
    estimated: list[str]
    growth: list[str]
    tail: list[str]
    now: list[str]
    before: list[str]


class _Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    designations: list[str]
    empty: list[str]
    value_words: list[str]
    value_openers: list[str]
    value_verbs: list[str]
    value_marks: str
    never_first: list[str]
    never_last: list[str]
    slash: list[str]
    name_tails: list[str]
    part_marks: list[str]
    body_tails: list[str]
    note_openers: list[str]
    scope_openers: list[str]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lexicon of tables."""

    header: dict[str, list[str]]
    value_header: _ValueHeader
    periods: dict[str, str]
    cell: _Cell


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """What a column holds: ``kind`` is a heading of the lexicon, ``value`` or ``other``; the rest is of values."""

    kind: str
    year: int | None = None
    role: str | None = None
    status: str | None = None
    hint: str | None = None
    relative: int | None = None  # 0 for 本年, -1 for 上年
    part: str | None = None  # of the year: S1, Q3, 09, 01/09


@cache
def words() -> Words:
    """The lexicon, read once. A broken file stops everything, with its place named."""
    try:
        text = (FOLDER / "lexicon" / "tables.toml").read_text("utf-8")
        return msgspec.convert(tomllib.loads(text), Words)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"seeds/lexicon/tables.toml: {error}") from error


@cache
def kinds() -> dict[str, str]:
    """Words that name a kind of column by themselves."""
    return {word: kind for kind, group in words().header.items() for word in group}


@cache
def _value_pieces() -> tuple[str, ...]:
    groups: dict[str, list[str]] = msgspec.structs.asdict(words().value_header)
    pieces = {word for group in groups.values() for word in group} | set(words().periods)
    return tuple(sorted(pieces, key=len, reverse=True))


@cache
def openers() -> frozenset[str]:
    """The characters that a header can begin with: its first cell is never one of values."""
    return frozenset(word[0] for word in kinds())


@cache
def beginnings() -> frozenset[str]:
    """What a line can hold of a word that is broken over lines: 责任 of 责任单位."""
    return frozenset(word[:size] for word in kinds() for size in range(1, len(word)))


@lru_cache(maxsize=8192)
def meaning(text: str) -> Column | None:
    """What a header cell says, or None where it is none.

    >>> meaning("2022年预计完成情况").role, meaning("2022年预计完成情况").status
    ('actual', 'estimated')
    >>> meaning("2023年目标值").year, meaning("责任单位").kind, meaning("联络员")
    (2023, 'bodies', None)
    """
    if not text or len(text) > LONGEST:
        return None
    kind = kinds().get(text) or kinds().get(re.sub(r"\(.{0,8}\)$", "", text))
    if kind is not None:
        return Column(kind=kind)
    pieces: list[str] = []
    years: list[int] = []
    part: str | None = None
    at = 0
    while at < len(text):
        if found := _YEAR.match(text, at):
            years += [int(year) for year in found.groups() if year]
            if len(years) > 2 or (len(years) == 2 and found[2] is None):
                return None  # two columns, not one
            if found[1] is None or found[2] is not None:
                pieces.append(found[0])
            at = found.end()
            continue
        if found := _MONTHS.match(text, at):
            first, last = int(found[1] or found[2]), int(found[2])
            if not 1 <= first <= last <= 12:
                return None
            part = f"{first:02}/{last:02}" if first < last else f"{last:02}"
            part = None if part == "01/12" else part
            at = found.end()
            continue
        piece = next((piece for piece in _value_pieces() if text.startswith(piece, at)), None)
        part = words().periods.get(piece or "", part)
        if piece is None and text[at] in "()[]":
            piece = text[at]
        if piece is None:
            named = len(text) <= 8 and re.fullmatch(r"[一-鿿]+指标(名称)?", text)
            return Column(kind="name") if named else None
        pieces.append(piece)
        at += len(piece)
    return _value(pieces, years[-1] if years else None, part)


def _value(pieces: list[str], year: int | None, part: str | None) -> Column | None:
    known = words().value_header
    joined = "".join(pieces)
    target = any(word in joined for word in known.target)
    actual = any(word in joined for word in known.actual)
    if target and actual:
        actual = any(word in joined for word in known.decided)
        target = not actual
    role = "target" if target else "actual" if actual else None
    status = None
    if actual:
        status = "estimated" if any(word in joined for word in known.estimated) else "final"
    elif role is None and any(word in joined for word in known.estimated):
        role, status = "actual", "estimated"
    hints = [piece for piece in pieces if piece in (*known.growth, "%", "(%)", "±%", "(±%)", "/") or _YEAR.match(piece)]
    if set(hints) == {"/"}:
        hints = []
    relative = -1 if any(p in known.before for p in pieces) else 0 if any(p in known.now for p in pieces) else None
    if part is not None and role is None:
        role, status = "actual", "final"  # nobody plans for a part of a year
    if year is None and role is None and not hints and relative is None:
        return None  # 情况, 数据: a tail alone says nothing
    return Column(
        kind="value", year=year, role=role, status=status, hint="".join(hints) or None, relative=relative, part=part
    )


def columns(pieces: Sequence[Piece], first: int) -> tuple[list[Column], int] | None:
    """The columns of a header whose cells stand one after another from ``first``, and the place behind it.

    Cells may be broken over lines. None where there is no header with names and values.
    """
    found, end = _read(pieces, first)
    settled = settle(found)
    return None if settled is None else (settled, end)


def run_end(pieces: Sequence[Piece], first: int) -> int:
    """The place behind the header words from ``first`` on, whether they make a header or not; at least ``first + 1``."""
    return max(_read(pieces, first)[1], first + 1)


def _read(pieces: Sequence[Piece], first: int) -> tuple[list[Column], int]:
    found: list[Column] = []
    at = first
    while at < len(pieces) and len(found) < MOST_COLUMNS:
        for count in range(min(MOST_JOINED, len(pieces) - at), 0, -1):
            parts = [piece.words for piece in pieces[at : at + count]]
            if len({piece.line for piece in pieces[at : at + count]}) < count or not _one(parts, found):
                continue
            column = meaning("".join(parts))
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
    own = [kinds().get(part) for part in parts]
    joined = kinds().get("".join(parts))
    if any(own):
        named = any(column.kind == "name" for column in found)
        return joined is not None and (None in own or set(own) == {joined} or named)
    if joined is not None:
        return True
    known = words().value_header
    before = parts[0]
    for part in parts[1:]:
        column = meaning(part)
        if _YEAR.search(part) or (column is not None and column.hint is not None):
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
    return meaning(pieces[at + 1].words) is not None


def stacked(parts: list[str]) -> Column:
    """The column under header cells that stand one above another; ``skip`` where they say nothing."""
    column = meaning("".join(parts))
    if column is not None:
        return column
    found = [one for one in (meaning(part) for part in parts) if one is not None]
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
    if not dated or not any(column.kind == "name" for column in found) or len(found) > MOST_COLUMNS:
        return None
    each, rest = divmod(len(bare), len(dated))
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
                settled.append(msgspec.structs.replace(last, hint=column.hint))
                continue
            last = column if column.kind == "value" else None  # a rate beside what is not understood is of nobody
            settled.append(column)
    names = [index for index, column in enumerate(settled) if column.kind == "name"]
    headed = any(column.kind == "category" for column in settled)
    for index in names[:-1]:
        numbered = index > 0 and settled[index - 1].kind == "number"
        settled[index] = Column(kind="item" if headed or numbered else "category")
    return settled


def _bare(column: Column) -> bool:
    return column.kind == "value" and column.year is None and column.role is None and column.relative is None
