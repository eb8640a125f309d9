"""Cells in the order they are printed become rows: each is given to the column that it fits best.

A search over all readings of the cells, from left to right: a cell may be broken over lines, a column may have
none, a row may have sub-rows. A reading earns points where a cell looks like what its column holds, and pays for
what is missing; the best one wins, and its end is the end of the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loaders import header
from loaders.grid import Piece
from loaders.header import Column
from loaders.likeness import (
    CAPTION,
    NEVER,
    are_bodies,
    ends_like_a_name,
    fits,
    goes_on,
    is_numeral,
    is_unit,
    says_a_value,
)

MOST_PIECES = 20_000  # of one table
MOST_BEYOND = 400  # pieces that are looked at behind the best end of a table
MOST_READINGS = 16  # kept at one place
FALL = 24.0  # points that a reading may lie behind the best and still be followed
JOIN = -1.2  # for each further line of a cell
_LOST = -5.0  # for a row whose number is not printed
_NEXT = -1.5  # for a value that may be the number of the next row
_LEAP = -12.0  # for numbers left out
_SKIPS = {"value": -3.5, "bodies": -1.5, "designation": -1.0, "item": -14.0, "name": -6.0, "unit": -0.5, "tasks": -1.0}
_JOINED = {
    "bodies": 12,
    "value": 4,
    "name": 4,
    "parent": 3,
    "item": 3,
    "unit": 2,
    "category": 2,
    "designation": 2,
    "other": 1,
}
_CONTINUED = re.compile(r"续表|.{1,30}\(续\)$|\(续\)")
_NUMBERED = re.compile(r"\(?\d{1,3}[.、)](?!\d)")


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
        self.order = [
            i for i, kind in enumerate(kinds) if kind != "number" and not (kind == "category" and i < max(first, 1))
        ]
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
            if CAPTION.match(piece.words):
                return
            if count > 1:
                above = self.pieces[at + count - 2]
                if piece.line == above.line and not (kind == "category" and is_numeral(above.words)):
                    return  # two cells of one line are two
                if kind == "bodies":
                    alone = are_bodies(piece.words.rstrip("、,"))
                    if not (alone or are_bodies(words + piece.words)) or says_a_value(above.words):
                        return
                    words += "、" if are_bodies(words) and are_bodies(piece.words) else ""
                elif not goes_on(kind, above.words, piece.words) and not is_numeral(above.words):
                    return
            words += piece.words
            if len(words) > 200:
                return
            counted = kind == "name" and not self.numbered  # 1.地区生产总值
            points = fits(kind, _NUMBERED.sub("", words, count=1) if counted and _NUMBERED.match(words) else words)
            united = count == 2 and is_unit(piece.words.strip("()")) and piece.words.startswith("(")
            if kind == "name" and count > 1 and not united and ends_like_a_name(self.pieces[at].words):
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
            words = self.pieces[at].words.strip("().、")
            if words.isdecimal() and len(words) <= 4 and (points := self._counts(state, int(words))) is not None:
                after = _State(int(words), False, False, -1)
                yield points + closed, Cell("number", -1, at, at + 1, after.number), after
            if not start:  # a row whose number got lost
                for points, cell, after in self._row(_State(state.number + 1, False, False, -1, True), at):
                    yield points + closed + _LOST, cell, after
        if closed is not None and not headed:
            for points, end in self._cells("category", at):
                if points >= 4 or self.headed:
                    yield (
                        points + closed,
                        Cell("category", -1, at, end, state.number),
                        _State(state.number, False, False, -2),
                    )
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
        part = self.pieces[at].words.startswith(header.words().cell.part_marks)
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
                if kind == "value" and assumed and self.pieces[at].words == str(number):
                    continue  # the number that is said to be lost
                next_number = kind == "value" and self.numbered and self.pieces[at].words == str(number + 1)
                for points, end in self._cells(_LIKE.get(kind, kind), at):
                    yield points + skipped + next_number * _NEXT, Cell(kind, self.order[column], at, end, number), after
            if kind == "name" and (parented or not self.numbered):
                break  # where nothing counts them, rows are known by their names


_LIKE = {"skip": "other"}
