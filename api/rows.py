"""Row numbers in, observations as they are sent out: the lines prepared beside a snapshot, and an index into them.

The index is a file of numbers, made at publication. Rows are counted from 0 in the order of their row numbers.

What is checked: at opening, that the index is whole and of this snapshot; at each look-up, that each line is the one that
the index was made of. Both have checksums (CRC-32); that of a line takes about half a microsecond.
"""

from __future__ import annotations

import hashlib
import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import IO, Any
from zlib import crc32

import duckdb
import msgspec

from api import sections
from api.cursors import Start
from api.sections import About, Kinds, Unfit
from api.selection import Listed, Span, Spans, within

_SECTIONS: Kinds = {
    "lines": "Q",  # where each line begins in the file of lines, and where the last one ends
    "sums": "I",  # the checksum of each line
    "preferred": "I",  # the rows that are preferred
    "places": "Q",  # region, year and category in one number, rising as the rows do
    "starts": "I",  # the first row of each place, and the number of rows
    "preferred_starts": "I",  # how many preferred rows come before each place, and their number
    "ids": "Q",  # digests of the ids, rising
    "owners": "I",  # whose they are
    "names": "B",  # each indicator with each name that it has in observations, as JSON
    "named": "I",  # the rows by these names
    "named_starts": "I",  # where the rows of each name begin there, and their number
    "preferred_named": "I",  # the preferred rows by these names
    "preferred_named_starts": "I",
}
_AHEAD = 4_000_000  # bytes that are read ahead at the most
_GAP, _RUN = 4, 256  # rows between two, and number of them, that are read ahead together
_PLACING = frozenset({"region", "category", "year", "year_from", "year_to"})
_NAMING = frozenset({"indicator", "q", "found", "named"})
_FREE = frozenset({"limit", "cursor", "fields", "excel", "selection"})  # say nothing of which rows
_NO_CATEGORY = 255  # places after all that have one
_MOST_PARTS = 20_000  # parts of lists in spans; with more the database is as fast


class Rows:
    """The rows of one snapshot. Where a look-up finds damage it raises ``Unfit``, and ``damage`` says so from then on."""

    def __init__(self, lines: Path, index: Path, rows: int) -> None:
        about, self._sections = sections.read(index, _SECTIONS)
        try:
            self._text = sections.mapped(lines)
        except OSError as error:
            raise Unfit(f"{lines}: cannot be read: {error.strerror}") from error
        if about.snapshot != index.stem:
            raise Unfit(f"{index}: made for snapshot {about.snapshot}")
        if (about.rows, len(self._sections["lines"]), len(self._sections["sums"])) != (rows, rows + 1, rows):
            raise Unfit(f"{index}: not of these rows")
        if self._sections["lines"][rows] != len(self._text):
            raise Unfit(f"{lines}: not the lines that {index.name} was made of")
        self.damage = ""
        self._first, self._categories = about.first, {name: place for place, name in enumerate(about.categories)}

    def select(self, values: Mapping[str, Any], *, preferred: bool) -> Spans | Listed | None:
        """The rows of the given regions, years, categories and names; None for what the index does not know.

        Spans are of all rows, or where ``preferred`` of the preferred ones.
        """
        given = {name for name, value in values.items() if value not in (None, False)}
        if not given <= _PLACING | _NAMING | _FREE or (given & _PLACING and "region" not in given):
            return None  # without a region there are as many places as there are regions
        if not given & _NAMING:
            return Spans(self._spans(values, "preferred_starts" if preferred else "starts"))
        if given & {"q"} and values.get("named") is None:
            return None
        names = self._names(values)
        spans = self._spans(values, "starts")
        if len(names) * len(spans) > _MOST_PARTS:
            return None
        before = "preferred_" if preferred else ""
        rows, starts = self._sections[f"{before}named"], self._sections[f"{before}named_starts"]
        return within([rows[starts[name] : starts[name + 1]] for name in names], spans)

    def _spans(self, values: Mapping[str, Any], section: str) -> list[Span]:
        starts = self._sections[section]
        if values.get("region") is None:
            return [(0, starts[-1])]
        places = self._sections["places"]
        years = set(values.get("year") or ())
        first = max(values.get("year_from") or 0, min(years, default=0))
        last = min(values.get("year_to") or 9999, max(years, default=9999))
        categories = values.get("category")
        wanted = None if categories is None else {self._categories.get(name) for name in categories}
        spans: list[Span] = []
        for region in sorted(set(values["region"])):
            low, high = (bisect_left(places, _key(int(region), year, 0)) for year in (first, last + 1))
            every = wanted is None and not years
            for place in (low,) if every and low < high else range(low, high):
                key = places[place]
                if (wanted is None or key & 0xFF in wanted) and (not years or key >> 8 & 0xFFFF in years):
                    start, stop = starts[place], starts[high if every else place + 1]
                    if spans and spans[-1][1] == start:
                        spans[-1] = spans[-1][0], stop
                    elif start < stop:
                        spans.append((start, stop))
        return spans

    def _names(self, values: Mapping[str, Any]) -> list[int]:
        """The names that are of one of the indicators, and that are found by what ``q`` is."""
        of, called = self._named
        found = None
        if values.get("indicator") is not None:
            found = {name for indicator in values["indicator"] for name in of.get(indicator, ())}
        if values.get("q") is not None:
            meant = {name for indicator in values["found"] for name in of.get(indicator, ())}
            meant.update(name for text in values["named"] for name in called.get(text, ()))
            found = meant if found is None else found & meant
        return sorted(found or ())

    @cached_property
    def _named(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """The numbers of the names of each indicator, and of those that are each text."""
        of: dict[str, list[int]] = {}
        called: dict[str, list[int]] = {}
        pairs = msgspec.json.decode(bytes(self._sections["names"]), type=list[tuple[str, str]])
        for number, (indicator, text) in enumerate(pairs):
            of.setdefault(indicator, []).append(number)
            called.setdefault(text, []).append(number)
        return of, called

    def page(self, selection: Spans, offset: int, limit: int, *, preferred: bool) -> list[bytes]:
        """The lines of ``limit`` selected rows after the first ``offset``."""
        found: list[bytes] = []
        for start, stop in selection.part(offset, limit):
            if preferred:
                rows = self._sections["preferred"][start:stop]
                self._soon(rows[0], rows[-1] + 1)
                found += self._told(rows)
            else:
                self._soon(start, stop)
                text = self._text[self._sections["lines"][start] : self._sections["lines"][stop] - 1]
                made = text.split(b"\n")
                if list(map(crc32, made)) != self._sections["sums"][start:stop].tolist():
                    raise self._unfit()
                found += made
        return found

    def _soon(self, start: int, stop: int) -> None:
        """Has the machine read these rows, all at once, where they are not in its memory: it goes on meanwhile."""
        lines = self._sections["lines"]
        if isinstance(self._text, mmap.mmap) and start < stop < len(lines):
            begin = lines[start] // mmap.PAGESIZE * mmap.PAGESIZE
            size = lines[stop] - begin
            if 0 < size < len(self._text) - begin + 1:  # else the index is damaged, which reading the line will find
                self._text.madvise(mmap.MADV_WILLNEED, begin, min(size, _AHEAD))

    def listed(self, selection: Listed, start: Start, limit: int) -> tuple[list[bytes], Start]:
        """The lines of ``limit`` selected rows from where a page begins, and where the next one does."""
        after = -1 if start.after is None else start.after - self._first
        rows = selection.rows(start.offset if start.after is None else 0, limit, after)
        last = rows[-1] + self._first if rows else None
        total = selection.total if start.total is None else start.total
        return self._every(rows), Start(start.offset + len(rows), last, total)

    def lines(self, numbers: Iterable[int]) -> list[bytes]:
        """The lines of rows by their row numbers."""
        return self._every([number - self._first for number in numbers])

    def passed(self, numbers: list[int]) -> list[bytes]:
        """The lines of rows of rising numbers, which this process then lets go: who reads all keeps nothing of it."""
        found = self.lines(numbers)
        if numbers and isinstance(self._text, mmap.mmap):
            lines = self._sections["lines"]
            begin = lines[numbers[0] - self._first] // mmap.PAGESIZE * mmap.PAGESIZE
            self._text.madvise(mmap.MADV_DONTNEED, begin, max(lines[numbers[-1] - self._first + 1] - begin, 1))
        return found

    def line(self, identity: str) -> bytes | None:
        """The line of the observation with this id."""
        ids, owners = self._sections["ids"], self._sections["owners"]
        digest = _digest(identity)
        place = bisect_left(ids, digest)
        own = b'{"id":%s,' % msgspec.json.encode(identity)
        while place < len(ids) and ids[place] == digest:
            (line,) = self._told([owners[place]])
            if line.startswith(own):
                return line
            place += 1
        return None

    def _every(self, rows: list[int]) -> list[bytes]:
        for start, stop in _runs(rows):
            self._soon(start, stop)
        return self._told(rows)

    def _told(self, rows: Iterable[int]) -> list[bytes]:
        text, lines, sums = self._text, self._sections["lines"], self._sections["sums"]
        try:
            found = [text[lines[row] : lines[row + 1] - 1] for row in rows]
            sound = list(map(crc32, found)) == [sums[row] for row in rows]
        except IndexError as error:
            raise self._unfit() from error
        if not sound:
            raise self._unfit()
        return found

    def _unfit(self) -> Unfit:
        self.damage = "a prepared line is damaged"
        return Unfit(self.damage)


def write(base: duckdb.DuckDBPyConnection, lines: Path, file: IO[bytes]) -> None:
    """The index of a snapshot's rows and of the file with their lines."""
    ((rows, first),) = base.execute("SELECT count(*), coalesce(min(ordinal), 0) FROM observations").fetchall()
    categories = [
        name
        for (name,) in base.execute(
            "SELECT DISTINCT category FROM observations WHERE category IS NOT NULL ORDER BY 1"
        ).fetchall()
    ]
    places = base.execute(
        "SELECT region::INTEGER, year, list_position($1::VARCHAR[], category) - 1, count(*), count(*) FILTER (preferred) "
        "FROM observations GROUP BY ALL ORDER BY min(ordinal)",
        [categories],
    ).fetchall()
    breaks, sums = _measured(lines)
    made: dict[str, Any] = {
        "lines": breaks,
        "sums": sums,
        "preferred": _numbers(
            base, "SELECT (ordinal - $1)::UINTEGER FROM observations WHERE preferred ORDER BY ordinal", first
        ),
        "places": array(
            "Q", (_key(region, year, _NO_CATEGORY if place is None else place) for region, year, place, *_ in places)
        ),
        "starts": array("I", accumulate((count for *_, count, _ in places), initial=0)),
        "preferred_starts": array("I", accumulate((count for *_, count in places), initial=0)),
        "ids": _numbers(base, "SELECT md5_number_lower(id) FROM observations ORDER BY 1, ordinal"),
        "owners": _numbers(
            base, "SELECT (ordinal - $1)::UINTEGER FROM observations ORDER BY md5_number_lower(id), ordinal", first
        ),
    }
    about = About(snapshot=lines.stem, rows=rows, first=first, categories=categories)
    sections.write(file, about, made | _by_name(base, first), _SECTIONS)


def _by_name(base: duckdb.DuckDBPyConnection, first: int) -> dict[str, Any]:
    """The rows by indicator and by their own name."""
    names = "SELECT indicator, source_name, count(*) AS used, count(*) FILTER (preferred) AS best FROM observations GROUP BY ALL"
    pairs = base.execute(f"{names} ORDER BY ALL").fetchall()
    numbered = (
        f"WITH names AS (SELECT *, row_number() OVER (ORDER BY indicator, source_name) AS number FROM ({names})), "
        "every AS (SELECT preferred, number << 32 | (ordinal - $1) AS place FROM observations JOIN names USING (indicator, source_name)) "
        "SELECT (place & 4294967295)::UINTEGER FROM every WHERE preferred OR $2 ORDER BY place"
    )
    return {
        "names": msgspec.json.encode([pair[:2] for pair in pairs]),
        "named": _numbers(base, numbered, first, True),
        "named_starts": array("I", accumulate((used for *_, used, _ in pairs), initial=0)),
        "preferred_named": _numbers(base, numbered, first, False),
        "preferred_named_starts": array("I", accumulate((best for *_, best in pairs), initial=0)),
    }


def _runs(rows: list[int]) -> Iterator[Span]:
    """Rows that are read ahead together: what lies between them costs less than to ask once more."""
    place = 0
    while place < len(rows):
        start, last = place, rows[place]
        while place < len(rows) and 0 <= rows[place] - last <= _GAP and place - start < _RUN:
            last, place = rows[place], place + 1
        yield rows[start], last + 1


def _key(region: int, year: int, category: int) -> int:
    return region << 24 | year << 8 | category


def _digest(identity: str) -> int:
    # as md5_number_lower of the database; nothing is kept secret by it
    return int.from_bytes(hashlib.md5(identity.encode(), usedforsecurity=False).digest()[8:], "little")


def _measured(lines: Path) -> tuple[array[int], array[int]]:
    """Where each line begins, and where the last one ends; the checksum of each."""
    places, sums, place = array("Q", [0]), array("I"), 0
    with lines.open("rb") as file:
        for line in file:
            place += len(line)
            places.append(place)
            sums.append(crc32(line[:-1]))
    return places, sums


def _numbers(base: duckdb.DuckDBPyConnection, question: str, *values: Any) -> Any:
    """A column of numbers as bytes."""
    with closing(base.cursor()) as cursor:
        column = cursor.sql(question, params=list(values)).to_arrow_table().column(0).combine_chunks()
    return b"" if not len(column) else memoryview(column.buffers()[1])[: len(column) * column.type.bit_width // 8]
