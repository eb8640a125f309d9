"""Cells in the order they are printed become rows: each is given to the column that it fits best.

A search over all readings of the cells, from left to right: a cell may be broken over lines, a column may have
none, a row may have sub-rows. A reading earns points where a cell looks like what its column holds, and pays for
what is missing; the best one wins, and its end is the end of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from loaders import header, unit
from loaders.grid import Piece
from loaders.header import Column

MOST_PIECES = 20_000  # of one table
MOST_BEYOND = 400  # pieces that are looked at behind the best end of a table
MOST_READINGS = 16  # kept at one place
NEVER = -9.0  # points of a cell that can't stand there
FALL = 24.0  # points that a reading may lie behind the best and still be followed
JOIN = -1.2  # for each further line of a cell
_LOST = -5.0  # for a row whose number is not printed
_LEAP = -12.0  # for numbers left out
_SKIPS = {"value": -3.5, "bodies": -1.5, "designation": -1.0, "item": -14.0, "name": -6.0, "unit": -0.5, "tasks": -1.0}
_JOINED = {"bodies": 12, "value": 4, "name": 4, "parent": 3, "item": 3, "unit": 2, "category": 2, "designation": 2, "other": 1}
_UNIT_BRACKET = re.compile(r"\(([^()]{1,12})\)$")
_COUNT = re.compile(r"\(?\d{1,3}[项个条]\)?$|\(\d{1,3}\)$")
_ITEM = re.compile(r"\d{1,2}[.．、](?!\d)")
_HEADING = re.compile(r"(第?[一二三四五六七八九十]{1,3}[、.章节]|\([一二三四五六七八九十]{1,3}\))")
_CAPTION = re.compile(r"(附表|附件|专栏|续表|表)[:\d一二三四五六七八九十]")
_CONTINUED = re.compile(r"续表|.{1,30}\(续\)$|\(续\)")
_LETTERS = re.compile(r"[A-Za-z]{2}")
_NUMBERED = re.compile(r"\(?\d{1,3}[.、)](?!\d)")
_NUMBER = re.compile(r"[-+−﹣]?\d[\d,]*(?:\.\d+)?")


class Cell(NamedTuple):
    """A printed cell: what it is (a kind of column, number, heading or parent), its column, and its pieces."""

    kind: str
    column: int
    first: int
    end: int
    number: int  # of its row, where rows are numbered


class _State(NamedTuple):
    number: int
    parented: bool  # the row has a heading of its own above its sub-rows
    sub: bool
    column: int  # the last one filled; -1 behind a number, -2 behind a heading, -3 at the start
    assumed: bool = False  # the number is not printed


class _Reading(NamedTuple):
    points: float
    before: _Reading | None
    cell: Cell | None


def has_words(words: str) -> bool:
    """Whether there is a word at all: two Chinese characters or two letters."""
    return sum("一" <= char <= "鿿" for char in words) >= 2 or _LETTERS.search(words) is not None


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    known = header.words().cell
    pieces = {*known.value_words, *unit.labels(), *unit.POWERS}
    by_first: dict[str, list[str]] = {}
    for piece in sorted(pieces, key=len, reverse=True):
        by_first.setdefault(piece[0], []).append(piece)
    return {first: tuple(group) for first, group in by_first.items()}


@lru_cache(maxsize=65536)
def coverage(words: str) -> float:
    """Which part of the words are numbers, units and words that state a value, from 0 to 1."""
    vocabulary, marks = _vocabulary(), header.words().cell.value_marks
    at = covered = 0
    while at < len(words):
        number = _NUMBER.match(words, at)
        if number:
            step = len(number[0])
        elif words[at] in marks:
            step = 1
        else:
            step = next((len(piece) for piece in vocabulary.get(words[at], ()) if words.startswith(piece, at)), 0)
        covered += step
        at += step or 1
    return covered / len(words)


def is_numeral(words: str) -> bool:
    """Whether the words are the numeral of a heading alone: 一, (二), 三、."""
    return 0 < len(words) <= 4 and all(char in "一二三四五六七八九十()、." for char in words)


def is_unit(words: str) -> bool:
    return len(words) <= 12 and (words in unit.POWERS or unit.parse(words) is not None)


def are_bodies(words: str) -> bool:
    """Whether the words are names of bodies: 区发改局、市生态环境局莲都分局."""
    tails = tuple(header.words().cell.body_tails)
    parts = [part for part in re.split(r"[、,;:/]", words) if part]
    return bool(parts) and all(
        2 < len(part) + (len(parts) > 1) <= 24 and part.endswith(tails) and not any(char.isdigit() for char in part)
        for part in parts
    )


def ends_like_a_name(words: str) -> bool:
    bracket = _UNIT_BRACKET.search(words)
    if bracket and is_unit(bracket[1]):
        return True
    return re.sub(r"(\([^()]*\))+$", "", words).endswith(tuple(header.words().cell.name_tails))


@lru_cache(maxsize=65536)
def fits(kind: str, words: str) -> float:
    """Points for the words of a cell in a column of that kind."""
    known = header.words().cell
    if kind in ("value", "name", "parent", "item", "category") and words in header.kinds():
        return NEVER
    if kind == "value":
        return _fits_value(words)
    if kind == "unit":
        if is_unit(words):
            return 3
        if words in known.empty or words in known.slash:
            return 0
        unknown = len(words) <= 5 and not any(char.isdigit() for char in words) and coverage(words) < 1
        return -1 if unknown and not ends_like_a_name(words) else NEVER
    if kind == "bodies":
        if words in known.slash or words in known.empty:
            return 2
        return (1 if words.endswith(("、", ",")) else 4) if are_bodies(words) else NEVER
    if kind == "designation":
        return 4 if words in known.designations else 0 if words in known.empty else NEVER
    if kind == "other":
        return 0 if len(words) <= 30 else NEVER
    if kind == "tasks":
        if _CAPTION.match(words) or (_HEADING.match(words) and len(words) < 40):
            return NEVER
        if _ITEM.match(words) and len(words) >= 8:
            return 4
        return 2 if len(words) >= 25 else 1 if words.endswith("。") else -2
    if not has_words(words) or is_unit(words) or words in known.designations or words.startswith(tuple(known.never_first)):
        return NEVER
    return _fits_category(words) if kind == "category" else _fits_name(kind, words)


def _fits_value(words: str) -> float:
    known = header.words().cell
    if words in known.slash:
        return 3
    if words in known.empty:
        return 1
    if (is_unit(words) and words not in unit.POWERS) or "。" in words or words.startswith(("*", "注:", "备注")):
        return NEVER
    figure = any(char.isdigit() for char in words)
    if not figure and not any(verb in words for verb in known.value_verbs):
        return -4
    if has_words(words) and (_ITEM.match(words) or _HEADING.match(words)):
        return -6
    share = coverage(words)
    if share == 1:
        return -3 if words.startswith(tuple(known.never_first)) or words.endswith(tuple(known.never_last)) else 4
    if len(words) > 60:
        return -5
    if ends_like_a_name(words) and (_UNIT_BRACKET.search(words) or not words.startswith(tuple(known.value_verbs))):
        return -6
    return 1 if share >= 0.6 else -1 if share >= 0.3 else -3


def _fits_category(words: str) -> float:
    if _COUNT.search(words):
        return 5
    if len(words) > 14 or any(char.isdigit() for char in words) or are_bodies(words) or "。" in words:
        return NEVER
    return (4 if _HEADING.match(words) else 1) - (3 if ends_like_a_name(words) else 0)


def _fits_name(kind: str, words: str) -> float:
    if len(words) > 60 or "。" in words or _ITEM.match(words) or words.startswith("*"):
        return NEVER
    points = 2.0
    if words.count("(") != words.count(")"):
        points -= 3
    if kind != "item":
        points += 1 if ends_like_a_name(words) else 0
        points -= 1 if kind == "parent" else 0
    if coverage(words) == 1:
        points -= 5
    if are_bodies(words) and not ends_like_a_name(words):
        if words[0] in "区县市省州镇" and "级" not in words and len(words) <= 16:
            return NEVER
        points -= 2
    return points


def goes_on(kind: str, above: str, below: str) -> bool:
    """Whether a line can be the same cell as the one above: figures and units are cells of their own."""
    known = header.words().cell
    alone = (*known.slash, *known.empty, *known.designations)
    if above in alone or below in alone or is_unit(below) or is_unit(above) or below in header.kinds():
        return False
    if kind == "value":
        return not (any(char.isdigit() for char in below[:2]) and (above[-1].isdigit() or above[-1] in "%)"))
    return not any(any(char.isdigit() for char in line) and coverage(line) == 1 for line in (above, below))


class Aligner:
    """Reads the pieces behind a header as rows of its columns."""

    def __init__(self, columns: Sequence[Column], pieces: Sequence[Piece], head: Sequence[Piece]) -> None:
        self.pieces, self.head = pieces, head
        self.words = {piece.words for piece in head}
        self._known: dict[tuple[str, int], list[tuple[float, int]]] = {}
        self.numbered = any(column.kind == "number" for column in columns)
        self.headed = any(column.kind == "category" for column in columns)
        self.itemed = any(column.kind == "item" for column in columns)
        kinds = [column.kind for column in columns]
        first = kinds.index("number") if self.numbered else -1
        # What stands in a row behind its number; a category in front of it is a heading of many rows.
        self.order = [i for i, kind in enumerate(kinds) if kind != "number" and not (kind == "category" and i < max(first, 1))]
        self.kinds = [kinds[i] for i in self.order]
        self.name = self.kinds.index("name")

    def read(self, first: int) -> list[Cell]:
        """The cells of the best reading from ``first`` on, in order; none where nothing fits."""
        waiting: dict[int, dict[_State, _Reading]] = {first: {_State(0, False, False, -3): _Reading(0.0, None, None)}}
        best, best_at = _Reading(0.0, None, None), first
        for at in range(first, min(len(self.pieces), first + MOST_PIECES) + 1):
            here = waiting.pop(at, None)
            if here is None:
                if not waiting:
                    break
                continue
            top = max(reading.points for reading in here.values())
            if top < best.points - FALL or at > best_at + MOST_BEYOND:
                continue
            if best_at > first and (behind := self._reprint(at)) is not None:
                waiting[behind] = here
                continue
            for state, reading in sorted(here.items(), key=lambda one: -one[1].points)[:MOST_READINGS]:
                if reading.points < top - FALL:
                    break
                closed = None if state.assumed else self._close(state)
                if closed is not None and reading.points + closed > best.points:
                    best, best_at = _Reading(reading.points + closed, reading.before, reading.cell), at
                if at < len(self.pieces):
                    for points, cell, after in self._steps(state, at):
                        total = reading.points + points
                        there = waiting.setdefault(cell.end, {})
                        if after not in there or there[after].points < total:
                            there[after] = _Reading(total, reading, cell)
        cells: list[Cell] = []
        step: _Reading | None = best
        while step is not None and step.cell is not None:
            cells.append(step.cell)
            step = step.before
        return cells[::-1]

    def _reprint(self, at: int) -> int | None:
        """The place behind the same header, where it is printed again at the top of a page."""
        if at < len(self.pieces) and _CONTINUED.match(self.pieces[at].words):
            at += 1
        end = at
        while end < len(self.pieces) and end - at < 2 * len(self.head) and self.pieces[end].words in self.words:
            end += 1
        return end if 2 * (end - at) > len(self.head) else None

    def _close(self, state: _State) -> float | None:
        """What a row pays for the columns that it has not filled; None where it can't end here."""
        if state.column < self.name or (state.parented and not state.sub):
            return None
        return self._skip(state, state.column + 1, len(self.kinds))

    def _skip(self, state: _State, first: int, end: int) -> float:
        total = 0.0
        shared = state.sub and state.parented  # one cell may stand for all parts of a row
        for kind in self.kinds[first:end]:
            if kind == "value" and shared:
                total = min(total, -3.2)
            elif not state.sub or kind == "value":
                total += _SKIPS.get(kind, 0.0)
        return total

    def _cells(self, kind: str, at: int) -> list[tuple[float, int]]:
        """Points of a cell of one line, of two lines, … from a piece on, with the place behind it."""
        known = self._known.get((kind, at))
        if known is None:
            known = self._known[kind, at] = list(self._measure(kind, at))
        return known

    def _measure(self, kind: str, at: int) -> Iterator[tuple[float, int]]:
        words = ""
        for count in range(1, _JOINED[kind] + 1):
            if at + count > len(self.pieces):
                return
            piece = self.pieces[at + count - 1]
            if _CAPTION.match(piece.words):
                return
            if count > 1:
                above = self.pieces[at + count - 2]
                if piece.line == above.line:
                    return  # two cells of one line are two
                if kind == "bodies":
                    if not are_bodies(piece.words.rstrip("、,")) and not are_bodies(words + piece.words):
                        return
                    words += "、" if are_bodies(words) and are_bodies(piece.words) else ""
                elif not goes_on(kind, above.words, piece.words) and not is_numeral(above.words):
                    return
            words += piece.words
            if len(words) > 200:
                return
            counted = kind == "name" and not self.numbered  # 1.地区生产总值
            points = fits(kind, _NUMBERED.sub("", words, count=1) if counted and _NUMBERED.match(words) else words)
            if kind == "name" and count > 1 and ends_like_a_name(self.pieces[at].words):
                points -= 2  # the first line is a name by itself
            if kind == "category" and count == 2 and is_numeral(self.pieces[at].words):
                points = 6.0 if fits(kind, piece.words) > -7 else NEVER
            if points > -7:
                yield points + (JOIN if kind != "bodies" else 0.3) * (count - 1), at + count

    def _steps(self, state: _State, at: int) -> Iterator[tuple[float, Cell, _State]]:
        start, headed = state.column == -3, state.column == -2
        closed = 0.0 if start or headed else self._close(state)
        if state.parented and not state.sub and state.column >= self.name:
            yield from self._subs(state, at, self._skip(state, state.column + 1, len(self.kinds)))
        if self.numbered and closed is not None:
            words = self.pieces[at].words
            if words.isdecimal() and len(words) <= 4 and (points := self._counts(state, int(words))) is not None:
                after = _State(int(words), False, False, -1)
                yield points + closed, Cell("number", -1, at, at + 1, after.number), after
            if not start:  # a row whose number got lost
                for points, cell, after in self._row(_State(state.number + 1, False, False, -1, True), at):
                    yield points + closed + _LOST, cell, after
        if closed is not None and not headed:
            for points, end in self._cells("category", at):
                if points >= 4 or self.headed:
                    yield points + closed, Cell("category", -1, at, end, state.number), _State(state.number, False, False, -2)
            if state.column > self.name or (state.column == self.name and self.numbered):
                yield from self._subs(state, at, closed)
        if state.column >= -1 or not self.numbered:
            yield from self._row(state, at)

    def _counts(self, state: _State, number: int) -> float | None:
        """Points of a printed number behind the number of the row above."""
        if state.number == 0:
            return 4.0 if number == 1 else 0.0
        if number == state.number + 1:
            return 4.0
        if number == 1 and state.column == -2:
            return 1.0
        return _LEAP if state.number < number <= state.number + 3 else None

    def _subs(self, state: _State, at: int, closed: float) -> Iterator[tuple[float, Cell, _State]]:
        part = self.pieces[at].words.startswith(tuple(header.words().cell.part_marks))
        price = 0.0 if not self.numbered or state.parented or self.itemed or part else -4.0
        after = _State(state.number, state.parented, self.numbered, self.name, state.assumed)
        for points, end in self._cells("name", at):
            yield points + closed + price, Cell("name", self.order[self.name], at, end, state.number), after

    def _row(self, state: _State, at: int) -> Iterator[tuple[float, Cell, _State]]:
        number, parented, sub, _, assumed = state
        if state.column >= 0 and self.kinds[state.column] == "tasks":
            points = fits("tasks", self.pieces[at].words)
            if points > -7:
                yield points, Cell("tasks", self.order[state.column], at, at + 1, number), state
        start = max(state.column, -1) + 1
        if state.column == -1 and not (parented or assumed or self.itemed) and self.numbered:
            after = _State(number, True, False, self.name - 1, assumed)
            for points, end in self._cells("parent", at):
                yield points, Cell("parent", -1, at, end, number), after
        for column in range(start, len(self.kinds)):
            kind = self.kinds[column]
            skipped = self._skip(state, start, column)
            after = _State(number, parented, sub, column, assumed)
            if kind == "tasks":
                points = fits(kind, self.pieces[at].words)
                if points > -7 and not sub:
                    yield points + skipped, Cell(kind, self.order[column], at, at + 1, number), after
            elif not (sub and kind in ("item", "category")):
                for points, end in self._cells(_LIKE.get(kind, kind), at):
                    yield points + skipped, Cell(kind, self.order[column], at, end, number), after
            if kind == "name" and not self.numbered:
                break  # where nothing counts them, rows are known by their names


_LIKE = {"skip": "other"}
