"""The headers Range and If-Range, as RFC 9110 has them, into the part of a file that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

# a range of 30 digits is a range; longer ones are no longer worth a number
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,30})-([0-9]{0,30})[ \t]*", re.IGNORECASE)


class Range(Struct, frozen=True, kw_only=True):
    """The bytes from ``start`` up to, not including, ``end``, of ``size``: an answer with status 206."""

    start: int
    end: int
    size: int

    @property
    def header(self) -> str:
        """The value of Content-Range.

        >>> Range(start=0, end=500, size=1234).header
        'bytes 0-499/1234'
        """
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class Unsatisfiable(Struct, frozen=True, kw_only=True):
    """A range outside the file: an answer with status 416."""

    size: int

    @property
    def header(self) -> str:
        """The value of Content-Range."""
        return f"bytes */{self.size}"


def asked(header: str, size: int) -> Range | Unsatisfiable | None:
    """The part that Range asks for of a file of ``size`` bytes; None where the whole file is the answer.

    That is so for several ranges, for another unit, and for what is malformed: a server may ignore Range.

    >>> asked("bytes=500-", 1234), asked("bytes=-34", 1234)
    (Range(start=500, end=1234, size=1234), Range(start=1200, end=1234, size=1234))
    >>> asked("bytes=0-9,20-29", 1234), asked("bytes=9-0", 1234), asked("bytes=1234-", 1234)
    (None, None, Unsatisfiable(size=1234))
    """
    found = _RANGE.fullmatch(header.strip(" \t"))
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        length = int(found[2])
        if length and not size:
            return None  # of an empty file no part can be named
        return Range(start=max(size - length, 0), end=size, size=size) if length else Unsatisfiable(size=size)
    start = int(found[1])
    last = int(found[2]) if found[2] else max(start, size - 1)
    if last < start:
        return None
    return Range(start=start, end=min(last + 1, size), size=size) if start < size else Unsatisfiable(size=size)


def applies(if_range: str, etag: str) -> bool:
    """Whether Range holds: without If-Range, or where it names this very file by its strong ETag.

    >>> applies("", '"a"'), applies('"a"', '"a"'), applies('"b"', '"a"'), applies('W/"a"', 'W/"a"')
    (True, True, False, False)

    A date never does: it does not tell two versions within a second apart.
    """
    given = if_range.strip(" \t")
    return not given or (given == etag and not given.startswith("W/"))


def pieces(path: Path, start: int, end: int, size: int = 1 << 18) -> Iterator[bytes]:
    """The bytes of a file from ``start`` up to ``end``, in pieces of at most ``size``; EOFError where it is shorter."""
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0:
            piece = file.read(min(size, left))
            if not piece:
                raise EOFError(f"{path.name} ends {left} bytes too early")
            left -= len(piece)
            yield piece
