"""Row numbers in, observations as they are sent out: the lines prepared beside a snapshot, and an index into them.

The index is a file of numbers, made at publication. It is mapped, not read: a look-up touches a few of its pages, so a
start takes no longer and a process needs no more memory with ten million rows than with a thousand. Rows are counted
from 0 in the order of their row numbers.

What is checked: at opening, that the index is whole and of this snapshot (its head and its small sections have
checksums), and that lines here and there in the file of lines are those that it was made of; at each look-up, that what
is served is as many whole lines as were asked for. That finds files that are cut short, mixed up or half written. It
does not find a digit that changed in the middle of a line, nor a large section that points to another whole line: a
checksum of each line would, at 30 to 60 µs for a page of 100 (a third of a microsecond and more each), and reading all
of it at opening would take as long as reading the files. The files are replaced, never written in place: one that is cut
short while it is mapped ends the process that reads there.
"""

from __future__ import annotations

import hashlib
import mmap
import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, Literal

import duckdb
import msgspec
from msgspec import Struct

_MAGIC = b"plan-indicators rows 2\n\0"
_WIDTHS = {"Q": 8, "I": 4}
_SECTIONS: dict[str, Literal["Q", "I"]] = {
    "lines": "Q",  # where each line begins in the file of lines, and where the last one ends
    "preferred": "I",  # the rows that are preferred
    "places": "Q",  # region, year and category in one number, rising as the rows do
    "starts": "I",  # the first row of each place, and the number of rows
    "preferred_starts": "I",  # how many preferred rows come before each place, and their number
    "ids": "Q",  # digests of the ids, rising
    "owners": "I",  # whose they are
}
_SMALL = ("places", "starts", "preferred_starts")  # as many numbers as there are places, not rows
_SAMPLES = 64
_START, _END, _BETWEEN = b'{"id":"', b"}", b'}\n{"id":"'  # of a line
_PLACING = frozenset({"region", "category", "year", "year_from", "year_to"})
_FREE = frozenset({"limit", "cursor", "fields", "excel", "selection"})  # say nothing of which rows
_NO_CATEGORY = 255  # places after all that have one


class Head(Struct, frozen=True, kw_only=True):
    """What the index says of itself."""

    rows: int
    first: int  # the row number of row 0
    categories: list[str]  # rising
    sections: dict[str, tuple[int, int]]  # where each begins after the head, and how many numbers it has
    snapshot: str
    small: int  # CRC-32 of the small sections
    sample: int  # CRC-32 of some of the lines


class Unfit(Exception):
    """Files that are missing, damaged, or of another snapshot; the message says why."""


class Selection(Struct, frozen=True):
    """Rows in spans: of all rows, or of the preferred ones where ``preferred``."""

    spans: list[tuple[int, int]]
    preferred: bool

    @property
    def total(self) -> int:
        return sum(stop - start for start, stop in self.spans)

    def part(self, offset: int, limit: int) -> Iterator[tuple[int, int]]:
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


class Rows:
    """The rows of one snapshot. Where a look-up finds damage it raises ``Unfit``, and ``damage`` says so from then on."""

    def __init__(self, lines: Path, index: Path, rows: int) -> None:
        try:
            self._text, self._map = _mapped(lines), _mapped(index)
        except OSError as error:
            raise Unfit(f"{error.filename}: cannot be read: {error.strerror}") from error
        size = len(_MAGIC)
        try:
            if self._map[:size] != _MAGIC:
                raise Unfit(f"{index}: no index of rows of this version")
            length, sum_ = (int.from_bytes(self._map[place : place + 8], "little") for place in (size, size + 8))
            text = self._map[size + 16 : size + 16 + length]
            if zlib.crc32(text) != sum_:
                raise Unfit(f"{index}: damaged")
            head = msgspec.json.decode(text, type=Head)
            if head.snapshot != index.stem:
                raise Unfit(f"{index}: made for snapshot {head.snapshot}")
            whole = memoryview(self._map)[_begin(length) :]
            self._sections: dict[str, memoryview[int]] = {
                name: whole[start : start + count * _WIDTHS[kind]].cast(kind)
                for name, kind in _SECTIONS.items()
                for start, count in [head.sections[name]]
            }
            lasting = self._sections["lines"][rows], self._sections["starts"][-1]
            end = max(
                start + _whole(count * _WIDTHS[_SECTIONS[name]]) for name, (start, count) in head.sections.items()
            )
            if len(whole) != end or _sum(self._sections[name] for name in _SMALL) != head.small:
                raise Unfit(f"{index}: damaged")
        except (msgspec.DecodeError, KeyError, IndexError, ValueError, TypeError) as error:
            raise Unfit(f"{index}: damaged") from error
        if head.rows != rows or lasting != (len(self._text), rows):
            raise Unfit(f"{index}: not of these rows")
        if _sampled(self._text, self._sections["lines"]) != head.sample:
            raise Unfit(f"{lines}: not the lines that {index.name} was made of")
        self.damage = ""
        self._first, self._categories = head.first, {name: place for place, name in enumerate(head.categories)}

    def select(self, values: Mapping[str, Any], *, preferred: bool) -> Selection | None:
        """The rows of the given regions, years and categories; None where values ask for what the index does not know."""
        given = {name for name, value in values.items() if value not in (None, False)}
        if not given <= _PLACING | _FREE:
            return None
        if not given & _PLACING:
            return Selection([(0, self._count(preferred))], preferred)
        if "region" not in given:
            return None  # in as many places as there are regions
        places, starts = self._sections["places"], self._starts(preferred)
        years = set(values.get("year") or ())
        first = max(values.get("year_from") or 0, min(years, default=0))
        last = min(values.get("year_to") or 9999, max(years, default=9999))
        categories = values.get("category")
        wanted = None if categories is None else {self._categories.get(name) for name in categories}
        spans: list[tuple[int, int]] = []
        for region in sorted(set(values["region"])):
            low, high = (bisect_left(places, _key(int(region), year, 0)) for year in (first, last + 1))
            for place in range(low, high):
                key = places[place]
                if (wanted is None or key & 0xFF in wanted) and (not years or key >> 8 & 0xFFFF in years):
                    start, stop = starts[place], starts[place + 1]
                    if spans and spans[-1][1] == start:
                        spans[-1] = spans[-1][0], stop
                    elif start < stop:
                        spans.append((start, stop))
        return Selection(spans, preferred)

    def page(self, selection: Selection, offset: int, limit: int) -> list[bytes]:
        """The lines of ``limit`` selected rows after the first ``offset``."""
        found: list[bytes] = []
        for start, stop in selection.part(offset, limit):
            if selection.preferred:
                found += map(self._line, self._sections["preferred"][start:stop])
            else:
                text = self._text[self._sections["lines"][start] : self._sections["lines"][stop] - 1]
                if not (_whole_line(text) and text.count(_BETWEEN) == text.count(b"\n") == stop - start - 1):
                    raise self._unfit()
                found += text.split(b"\n")
        return found

    def lines(self, numbers: Iterable[int]) -> list[bytes]:
        """The lines of rows by their row numbers."""
        return [self._line(number - self._first) for number in numbers]

    def line(self, identity: str) -> bytes | None:
        """The line of the observation with this id."""
        ids, owners = self._sections["ids"], self._sections["owners"]
        digest = _digest(identity)
        place = bisect_left(ids, digest)
        own = b'{"id":%s,' % msgspec.json.encode(identity)
        while place < len(ids) and ids[place] == digest:
            line = self._line(owners[place])
            if line.startswith(own):
                return line
            place += 1
        return None

    def _line(self, row: int) -> bytes:
        lines = self._sections["lines"]
        try:
            text = self._text[lines[row] : lines[row + 1] - 1]
        except IndexError as error:
            raise self._unfit() from error
        if not _whole_line(text) or b"\n" in text:
            raise self._unfit()
        return text

    def _unfit(self) -> Unfit:
        self.damage = "a prepared line is damaged"
        return Unfit(self.damage)

    def _starts(self, preferred: bool) -> memoryview[int]:
        return self._sections["preferred_starts" if preferred else "starts"]

    def _count(self, preferred: bool) -> int:
        return int(self._starts(preferred)[-1])


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
    made: dict[str, Any] = {
        "lines": _breaks(lines),
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
    sample = _sampled(_mapped(lines), made["lines"])
    sections: dict[str, tuple[int, int]] = {}
    place = 0
    for name, kind in _SECTIONS.items():
        count = memoryview(made[name]).nbytes // _WIDTHS[kind]
        sections[name] = place, count
        place += _whole(count * _WIDTHS[kind])
    head = msgspec.json.encode(
        Head(
            rows=rows,
            first=first,
            categories=categories,
            sections=sections,
            snapshot=lines.stem,
            small=_sum(made[name] for name in _SMALL),
            sample=sample,
        )
    )
    sums = len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(8, "little")
    file.write((_MAGIC + sums + head).ljust(_begin(len(head)), b"\0"))
    for numbers in made.values():
        file.write(numbers)
        size = memoryview(numbers).nbytes
        file.write(bytes(_whole(size) - size))


def _whole(size: int) -> int:
    """A size as a number of whole words."""
    return -(-size // 8) * 8


def _begin(head: int) -> int:
    """Where the first section begins after a head of this length."""
    return _whole(len(_MAGIC) + 16 + head)


def _sum(sections: Iterable[Any]) -> int:
    found = 0
    for numbers in sections:
        found = zlib.crc32(numbers, found)
    return found


def _sampled(text: mmap.mmap | bytes, lines: Sequence[int]) -> int:
    """CRC-32 of some lines, evenly spread."""
    rows = len(lines) - 1
    chosen = sorted({rows * number // _SAMPLES for number in range(_SAMPLES)} | {rows - 1}) if rows else []
    return _sum(text[lines[row] : lines[row + 1]] for row in chosen)


def _whole_line(text: bytes) -> bool:
    return text.startswith(_START) and text.endswith(_END)


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""


def _key(region: int, year: int, category: int) -> int:
    return region << 24 | year << 8 | category


def _digest(identity: str) -> int:
    # as md5_number_lower of the database; nothing is kept secret by it
    return int.from_bytes(hashlib.md5(identity.encode(), usedforsecurity=False).digest()[8:], "little")


def _breaks(lines: Path) -> array[int]:
    found = array("Q", [0])
    text = _mapped(lines)
    found.extend(match.end() for match in re.finditer(b"\n", text))
    return found


def _numbers(base: duckdb.DuckDBPyConnection, question: str, *values: Any) -> Any:
    """A column of numbers as bytes."""
    with closing(base.cursor()) as cursor:
        column = cursor.sql(question, params=list(values)).to_arrow_table().column(0).combine_chunks()
    return b"" if not len(column) else memoryview(column.buffers()[1])[: len(column) * column.type.bit_width // 8]
