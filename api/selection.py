"""Which rows: spans of them, or what lists of rows have within spans. Counted and told page by page without a query."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice

from msgspec import Struct

Span = tuple[int, int]


class Spans(Struct, frozen=True):
    """Rows one after the other, from the first to before the second of each pair."""

    spans: list[Span]

    @property
    def total(self) -> int:
        """How many rows they are."""
        return sum(stop - start for start, stop in self.spans)

    def part(self, offset: int, limit: int) -> Iterator[Span]:
        """The spans that hold ``limit`` rows after the first ``offset``."""
        for start, stop in self.spans:
            size = stop - start
            if offset < size and limit > 0:
                taken = min(limit, size - offset)
                yield start + offset, start + offset + taken
                limit -= taken
                offset = 0
            else:
                offset -= min(offset, size)


class Listed(Struct, frozen=True):
    """The rows of lists that lie in spans; each list rises, and no row is in two of them."""

    parts: list[list[Sequence[int]]]  # by span, the part of each list that lies in it

    @property
    def total(self) -> int:
        """How many rows they are."""
        return sum(map(len, self._every()))

    def rows(self, offset: int, limit: int, after: int = -1) -> list[int]:
        """``limit`` rows after the first ``offset`` of those after the row ``after``, rising."""
        found: list[int] = []
        for lists in self.parts:
            rest = [each[bisect_right(each, after) :] for each in lists] if after >= 0 else lists
            size = sum(map(len, rest))
            if offset >= size:
                offset -= size
                continue
            found += islice(merge(*rest), offset, offset + limit - len(found))
            offset = 0
            if len(found) == limit:
                break
        return found

    def _every(self) -> Iterator[Sequence[int]]:
        for lists in self.parts:
            yield from lists


def within(lists: Sequence[Sequence[int]], spans: Sequence[Span]) -> Listed:
    """What lies in the spans."""
    parts = ([each[bisect_left(each, start) : bisect_left(each, stop)] for each in lists] for start, stop in spans)
    return Listed([[each for each in part if len(each)] for part in parts])
