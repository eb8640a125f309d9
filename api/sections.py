"""A file of numbers: columns of them under a head that says what they are, mapped and not read.

A look-up touches a few pages of the file, so a start takes no longer and a process needs no more memory with ten million
rows than with a thousand. The head and the small sections have checksums; large ones are known by their sizes alone, as
reading them at opening would take as long as reading the file. Such files are replaced, never written in place: one that
is cut short while it is mapped ends the process that reads there.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from msgspec import Struct

_MAGIC = b"plan-indicators rows 3\n\0"
WIDTHS: Mapping[str, int] = {"Q": 8, "I": 4, "B": 1}
Kinds = Mapping[str, Literal["Q", "I", "B"]]


class Unfit(Exception):
    """Files that are missing, damaged, or of another snapshot; the message says why."""


class About(Struct, frozen=True, kw_only=True):
    """What the numbers are of."""

    snapshot: str
    rows: int
    first: int  # the row number of row 0
    categories: list[str]  # rising
    sample: int  # CRC-32 of some of the lines


class _Head(Struct, frozen=True, kw_only=True):
    about: About
    sections: dict[str, tuple[int, int]]  # where each begins after the head, and how many numbers it has
    small: int  # CRC-32 of the small sections


def read(path: Path, kinds: Kinds, small: Iterable[str]) -> tuple[About, dict[str, memoryview[int]]]:
    """What a file says of itself, and its sections."""
    try:
        text = mapped(path)
        size = len(_MAGIC)
        if text[:size] != _MAGIC:
            raise Unfit(f"{path}: no index of rows of this version")
        length, sum_ = (int.from_bytes(text[place : place + 8], "little") for place in (size, size + 8))
        told = text[size + 16 : size + 16 + length]
        if zlib.crc32(told) != sum_:
            raise Unfit(f"{path}: damaged")
        head = msgspec.json.decode(told, type=_Head)
        whole = memoryview(text)[_begin(length) :]
        sections = {
            name: whole[start : start + count * WIDTHS[kind]].cast(kind)
            for name, kind in kinds.items()
            for start, count in [head.sections[name]]
        }
        end = max(start + _whole(count * WIDTHS[kinds[name]]) for name, (start, count) in head.sections.items())
        if len(whole) != end or sum_of(sections[name] for name in small) != head.small:
            raise Unfit(f"{path}: damaged")
    except (msgspec.DecodeError, KeyError, ValueError, TypeError) as error:
        raise Unfit(f"{path}: damaged") from error
    except OSError as error:
        raise Unfit(f"{path}: cannot be read: {error.strerror}") from error
    return head.about, sections


def write(file: IO[bytes], about: About, made: Mapping[str, Any], kinds: Kinds, small: Iterable[str]) -> None:
    """Such a file; ``made`` are the sections in the order of their kinds, as bytes or arrays."""
    places: dict[str, tuple[int, int]] = {}
    place = 0
    for name, kind in kinds.items():
        count = memoryview(made[name]).nbytes // WIDTHS[kind]
        places[name] = place, count
        place += _whole(count * WIDTHS[kind])
    head = msgspec.json.encode(_Head(about=about, sections=places, small=sum_of(made[name] for name in small)))
    sums = len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(8, "little")
    file.write((_MAGIC + sums + head).ljust(_begin(len(head)), b"\0"))
    for name in kinds:
        file.write(made[name])
        size = memoryview(made[name]).nbytes
        file.write(bytes(_whole(size) - size))


def mapped(path: Path) -> mmap.mmap | bytes:
    """A file as bytes that are read where they are looked at."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return b""
        found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found.madvise(mmap.MADV_RANDOM)  # what lies around a number or a line is not asked for
    return found


def sum_of(sections: Iterable[Any]) -> int:
    """CRC-32 of all of them."""
    found = 0
    for numbers in sections:
        found = zlib.crc32(numbers, found)
    return found


def _whole(size: int) -> int:
    """A size as a number of whole words."""
    return -(-size // 8) * 8


def _begin(head: int) -> int:
    """Where the first section begins after a head of this length."""
    return _whole(len(_MAGIC) + 16 + head)
