"""A file of numbers: columns of them under a head that says what they are, mapped and not read.

A look-up touches a few pages of the file, so a process needs no more memory with ten million rows than with a thousand.
When it is opened the whole is compared with its checksum, at some two gigabytes a second, and let go again. Such files are
replaced, never written in place: one that is cut short while it is mapped ends the process that reads there.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from msgspec import Struct

_MAGIC = b"plan-indicators rows 4\n\0"
_PIECE = 1 << 22  # bytes
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


class _Head(Struct, frozen=True, kw_only=True):
    about: About
    sections: dict[str, tuple[int, int]]  # where each begins after the head, and how many numbers it has
    sum: int  # CRC-32 of all of them


def read(path: Path, kinds: Kinds) -> tuple[About, dict[str, memoryview[int]]]:
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
        with path.open("rb", buffering=0) as file:  # not mapped: what is asked for little need not be held whole
            file.seek(_begin(length))
            if _sum(iter(lambda: file.read(_PIECE), b"")) != head.sum:
                raise Unfit(f"{path}: damaged")
        whole = memoryview(text)[_begin(length) :]
        sections = {
            name: whole[start : start + count * WIDTHS[kind]].cast(kind)
            for name, kind in kinds.items()
            for start, count in [head.sections[name]]
        }
    except (msgspec.DecodeError, KeyError, ValueError, TypeError) as error:
        raise Unfit(f"{path}: damaged") from error
    except OSError as error:
        raise Unfit(f"{path}: cannot be read: {error.strerror}") from error
    return head.about, sections


def write(file: IO[bytes], about: About, made: Mapping[str, Any], kinds: Kinds) -> None:
    """Such a file; ``made`` are the sections in the order of their kinds, as bytes or arrays."""
    places: dict[str, tuple[int, int]] = {}
    place = 0
    for name, kind in kinds.items():
        count = memoryview(made[name]).nbytes // WIDTHS[kind]
        places[name] = place, count
        place += _whole(count * WIDTHS[kind])
    pieces = [piece for name in kinds for piece in (made[name], _padding(made[name]))]
    head = msgspec.json.encode(_Head(about=about, sections=places, sum=_sum(pieces)))
    sums = len(head).to_bytes(8, "little") + zlib.crc32(head).to_bytes(8, "little")
    file.write((_MAGIC + sums + head).ljust(_begin(len(head)), b"\0"))
    for piece in pieces:
        file.write(piece)


def mapped(path: Path) -> mmap.mmap | bytes:
    """A file as bytes that are read where they are looked at."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return b""
        found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found.madvise(mmap.MADV_RANDOM)  # what lies around a number or a line is not asked for
    return found


def _sum(pieces: Iterable[Any]) -> int:
    """CRC-32 of all pieces, one after the other."""
    found = 0
    for piece in pieces:
        found = zlib.crc32(piece, found)
    return found


def _padding(numbers: Any) -> bytes:
    size = memoryview(numbers).nbytes
    return bytes(_whole(size) - size)


def _whole(size: int) -> int:
    """A size as a number of whole words."""
    return -(-size // 8) * 8


def _begin(head: int) -> int:
    """Where the first section begins after a head of this length."""
    return _whole(len(_MAGIC) + 16 + head)
