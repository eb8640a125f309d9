"""The ruling lines of a printed page become grids: which places a table has, and which of them are one cell."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

NEAR = 2.5  # points within which two lines are one, or touch
SHORTEST = 6.0  # points of the shortest line that is part of a table
MERGED_LINES = 4_000  # of a page, once pieces of one line are put together


class Line(NamedTuple):
    """A line across or down: where it is, and from where to where it runs."""

    at: float
    start: float
    end: float


class Grid:
    """One table: its columns from left to right, its rows from top to bottom, and the cells that cover several."""

    def __init__(self, across: list[Line], down: list[Line]) -> None:
        self.xs = _merged([line.at for line in down] + [x for line in across for x in (line.start, line.end)])
        self.ys = _merged([line.at for line in across] + [y for line in down for y in (line.start, line.end)])[::-1]
        self.rows, self.columns = len(self.ys) - 1, len(self.xs) - 1
        self._above: list[int] = list(range(max(self.rows * self.columns, 0)))
        self._join(across, down)

    def _join(self, across: list[Line], down: list[Line]) -> None:
        """Places without a line between them are one cell."""
        by_x, by_y = _by_place(down, self.xs), _by_place(across, self.ys)
        for row in range(self.rows):
            low, high = self.ys[row + 1], self.ys[row]
            for column in range(self.columns):
                place = row * self.columns + column
                if column + 1 < self.columns and not _covers(by_x[column + 1], (low + high) / 2):
                    self._union(place, place + 1)
                middle = (self.xs[column] + self.xs[column + 1]) / 2
                if row + 1 < self.rows and not _covers(by_y[row + 1], middle):
                    self._union(place, place + self.columns)

    def cell(self, place: int) -> int:
        """The first place of the cell that a place is part of."""
        while self._above[place] != place:
            self._above[place] = self._above[self._above[place]]
            place = self._above[place]
        return place

    def _union(self, one: int, other: int) -> None:
        one, other = sorted((self.cell(one), self.cell(other)))
        self._above[other] = one

    def place(self, x: float, y: float) -> int | None:
        """The place of a point, or None outside."""
        if not (self.xs[0] - NEAR <= x <= self.xs[-1] + NEAR and self.ys[-1] - NEAR <= y <= self.ys[0] + NEAR):
            return None
        column = min(max(bisect_left(self.xs, x) - 1, 0), self.columns - 1)
        row = min(max(bisect_left([-at for at in self.ys], -y) - 1, 0), self.rows - 1)
        return row * self.columns + column

    @property
    def is_table(self) -> bool:
        """Whether it is more than a frame or a rule: two cells beside each other, and not the same."""
        if self.rows < 1 or self.columns < 2:
            return False
        cells = [self.cell(place) for place in range(self.rows * self.columns)]
        beside = any(cells[at] != cells[at + 1] for at in range(len(cells) - 1) if (at + 1) % self.columns)
        return beside and len(set(cells)) >= 3


def grids(across: Iterable[Line], down: Iterable[Line], places: int) -> list[Grid]:
    """The tables of a page, from top to bottom; more than ``places`` places, or too many lines, are a ValueError."""
    level, upright = _whole(across), _whole(down)
    if len(level) + len(upright) > MERGED_LINES:
        raise ValueError(f"a page with more than {MERGED_LINES:,} lines")
    above = list(range(len(level) + len(upright)))

    def head(one: int) -> int:
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    upright.sort()
    xs = [line.at for line in upright]
    for index, line in enumerate(level):
        for other in range(bisect_left(xs, line.start - NEAR), bisect_left(xs, line.end + NEAR)):
            if upright[other].start - NEAR <= line.at <= upright[other].end + NEAR:
                above[head(len(level) + other)] = head(index)
    groups: defaultdict[int, tuple[list[Line], list[Line]]] = defaultdict(lambda: ([], []))
    for index, line in enumerate(level):
        groups[head(index)][0].append(line)
    for index, line in enumerate(upright):
        groups[head(len(level) + index)][1].append(line)
    found: list[Grid] = []
    for some, others in groups.values():
        if len(some) < 2 or not others:
            continue
        if (len(some) + 2 * len(others)) * (len(others) + 2 * len(some)) > 40 * places:
            raise ValueError(f"tables of more than {places:,} cells")
        grid = Grid(some, others)
        if grid.rows * grid.columns > places:
            raise ValueError(f"tables of more than {places:,} cells")
        if grid.is_table:
            found.append(grid)
    return sorted(found, key=lambda grid: -grid.ys[0])


def _merged(places: list[float]) -> list[float]:
    """Places that are near to each other as one, in order."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > NEAR:
            found.append(place)
    return found


def _whole(lines: Iterable[Line]) -> list[Line]:
    """Pieces of one line put together."""
    found: list[Line] = []
    open_: list[Line] = []  # lines at about the same place, so far
    for line in sorted(lines):
        open_ = [other for other in open_ if line.at - other.at <= NEAR / 2]
        for index, other in enumerate(open_):
            if line.start <= other.end + NEAR and line.end >= other.start - NEAR:
                whole = Line(other.at, min(line.start, other.start), max(line.end, other.end))
                found[found.index(other)] = whole
                open_[index] = whole
                break
        else:
            found.append(line)
            open_.append(line)
    return [line for line in found if line.end - line.start >= SHORTEST]


def _by_place(lines: list[Line], places: list[float]) -> list[list[Line]]:
    return [[line for line in lines if abs(line.at - place) <= NEAR] for place in places]


def _covers(lines: list[Line], point: float) -> bool:
    return any(line.start - NEAR <= point <= line.end + NEAR for line in lines)
