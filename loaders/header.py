"""The words of a header cell become a column: what stands in it, for which year, planned or reached."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Annotated

import msgspec

from loaders import lexicon

MOST_COLUMNS = 32
LONGEST = 24  # characters of a header cell
YEAR = re.compile(r"((?:19|20)\d\d)年?(?:度)?(?:(?:-|—|–|至|~)((?:19|20)\d\d)年?)?|十[一二三四五六]五(?:期末|时期)?")
_QUOTES = str.maketrans("", "", "“”\"'‘’")
_MONTHS = re.compile(r"(?:(\d{1,2})月?[-—–至~])?(\d{1,2})月末?份?")
_List = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class _Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: _List
    category: _List
    item: _List
    name: _List
    unit: _List
    bodies: _List
    designation: _List
    tasks: _List
    skip: _List


class _ValueHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: _List
    actual: _List
    decided: _List
    estimated: _List
    growth: _List
    level: _List
    tail: _List
    now: _List
    before: _List


class _Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    designations: _List
    empty: _List
    value_words: _List
    value_openers: _List
    value_verbs: _List
    value_marks: _List
    never_first: _List
    never_last: _List
    slash: _List
    name_tails: _List
    part_marks: _List
    body_tails: _List
    note_openers: _List
    scope_openers: _List


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lexicon of tables: each result of its rules, with the rules by name."""

    column: _Columns
    value_header: _ValueHeader
    period: dict[str, _List]
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
    """The lexicon, read once. A list that is missing or unknown stops everything, with its place named."""
    lists: dict[str, dict[str, tuple[str, ...]]] = {}
    for rule in lexicon.rules("tables"):
        lists.setdefault(str(rule.result), {})[rule.name] = rule.words
    try:
        return msgspec.convert(lists, Words)
    except msgspec.ValidationError as error:
        raise ValueError(f"seeds/lexicon/tables.toml: {error}") from error


def _names(lists: dict[str, _List]) -> dict[str, str]:
    return {word: name for name, group in lists.items() for word in group}


@cache
def kinds() -> dict[str, str]:
    """Words that name a kind of column by themselves."""
    return _names(msgspec.structs.asdict(words().column))


@cache
def _periods() -> dict[str, str]:
    return _names(words().period)


@cache
def _value_pieces() -> tuple[str, ...]:
    pieces = {*_names(msgspec.structs.asdict(words().value_header)), *_periods()}
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
    text = text.translate(_QUOTES)
    if not text or len(text) > LONGEST:
        return None
    kind = kinds().get(text) or kinds().get(re.sub(r"\(.{0,8}\)$|[%±]+$", "", text))
    if kind is not None:
        return Column(kind=kind)
    pieces: list[str] = []
    years: list[int] = []
    part: str | None = None
    ends: int | None = None  # the last year of a five-year plan
    at = 0
    while at < len(text):
        if found := YEAR.match(text, at):
            years += [int(year) for year in found.groups() if year]
            if len(years) > 2 or (len(years) == 2 and found[2] is None):
                return None  # two columns, not one
            if found[1] is None:
                ends = 2010 + 5 * "一二三四五六".index(found[0][1])
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
        part = _periods().get(piece or "", part)
        if piece is None and text[at] in "()[]":
            piece = text[at]
        if piece is None:
            named = len(text) <= 8 and re.fullmatch(r"[一-鿿]+指标(名称)?", text)
            return Column(kind="name") if named else None
        pieces.append(piece)
        at += len(piece)
    if ends is not None and not years and not any(piece in words().value_header.growth for piece in pieces):
        pieces = [piece for piece in pieces if not YEAR.match(piece)]  # 十三五末 is a year, 十三五年均 a rate of five
        years = [ends]
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
    hints = [piece for piece in pieces if piece in (*known.growth, "%", "(%)", "±%", "(±%)", "/") or YEAR.match(piece)]
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
