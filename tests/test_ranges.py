"""A part of a file is sent as RFC 9110 has it."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import ranges
from api.ranges import Range, Unsatisfiable

SIZES = st.integers(0, 2000)
NUMBERS = st.integers(0, 3000)


@given(NUMBERS, NUMBERS, SIZES)
def test_first_and_last_select_what_a_list_would(first: int, last: int, size: int) -> None:
    found = ranges.asked(f"bytes={first}-{last}", size)
    whole = range(size)
    if last < first:
        assert found is None
    elif first >= size:
        assert found == Unsatisfiable(size=size)
    else:
        assert isinstance(found, Range)
        assert whole[found.start : found.end] == whole[first : last + 1]


@given(NUMBERS, SIZES)
def test_an_open_range_goes_to_the_end(first: int, size: int) -> None:
    expected = Range(start=first, end=size, size=size) if first < size else Unsatisfiable(size=size)
    assert ranges.asked(f"bytes={first}-", size) == expected


@given(NUMBERS, st.integers(1, 2000))
def test_a_suffix_counts_from_the_end(length: int, size: int) -> None:
    found = ranges.asked(f"bytes=-{length}", size)
    if length == 0:
        assert found == Unsatisfiable(size=size)
    else:
        assert found == Range(start=max(size - length, 0), end=size, size=size)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"bytes=[0-9\-, ]*", fullmatch=True)), SIZES)
def test_whatever_is_sent_a_part_lies_inside_and_is_not_empty(header: str, size: int) -> None:
    found = ranges.asked(header, size)
    if isinstance(found, Range):
        assert 0 <= found.start < found.end <= found.size == size
        assert found.header == f"bytes {found.start}-{found.end - 1}/{size}"
    elif found is not None:
        assert found.header == f"bytes */{size}"


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=-", "bytes=0-1,5-6", "bytes=0-1,", "items=0-1", "bytes=a-b", "bytes=0x1-2"),
        *("bytes=٠-١", "bytes=0--1", "bytes=+0-1", "bytes 0-1", "bytes=1-0", f"bytes={'9' * 31}-", "bytes=0-1\n"),
    ],
)
def test_several_ranges_other_units_and_malformed_ones_give_the_whole(header: str) -> None:
    assert ranges.asked(header, 1000) is None


def test_the_unit_has_no_case_and_white_space_around_a_range_does_not_count() -> None:
    assert ranges.asked(" Bytes= 0-0 ", 10) == Range(start=0, end=1, size=10)
    assert ranges.asked(f"bytes=0-{'9' * 30}", 10) == Range(start=0, end=10, size=10)
    assert ranges.asked(f"bytes={'9' * 30}-", 10) == Unsatisfiable(size=10)


def test_of_an_empty_file_there_is_no_part() -> None:
    assert ranges.asked("bytes=0-", 0) == Unsatisfiable(size=0)
    assert ranges.asked("bytes=-5", 0) is None


@pytest.mark.parametrize(
    ("if_range", "holds"),
    [
        *(("", True), ('"a"', True), (' "a" ', True), ('"b"', False), ('W/"a"', False), ("a", False)),
        *(('"a", "b"', False), ("Sat, 31 Jan 2026 08:00:00 GMT", False)),
    ],
)
def test_if_range_holds_for_the_same_strong_etag_alone(if_range: str, holds: bool) -> None:
    assert ranges.applies(if_range, '"a"') is holds


def test_a_weak_etag_names_no_bytes() -> None:
    assert not ranges.applies('W/"a"', 'W/"a"')


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300), st.integers(1, 100))
def test_pieces_are_the_bytes_in_bounded_size(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, first: int, last: int, size: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "file"
    path.write_bytes(content)
    start, end = sorted((min(first, len(content)), min(last, len(content))))
    found = list(ranges.pieces(path, start, end, size))
    assert b"".join(found) == content[start:end]
    assert all(0 < len(piece) <= size for piece in found)


def test_a_reader_that_goes_away_leaves_no_file_open(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    reading = cast(Generator[bytes, None, None], ranges.pieces(path, 0, 100, 10))
    assert next(reading) == b"x" * 10
    assert len(os.listdir("/proc/self/fd")) == before + 1  # noqa: PTH208
    reading.close()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_that_became_shorter_is_not_sent_as_if_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with pytest.raises(EOFError, match="10 bytes too early"):
        list(ranges.pieces(path, 0, 110))
