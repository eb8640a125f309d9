"""A rate and a bucket's name become a yes or a no, with what is left; one table is shared by all worker processes."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import mmap
import os
import re
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from pathlib import Path
from struct import Struct as Layout

from msgspec import Struct

UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
MOST = 1_000_000
_WRITTEN = re.compile("([0-9]{1,7})/(second|minute|hour|day)")

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND  # the longest that a bucket takes to be full again
_HEADER = Layout("<8sII")  # magic, version, slots; padded to one slot
_MAGIC, _VERSION = b"PLANLIMS", 1
_SLOT = Layout("<16sQQ")  # the name's digest, when the bucket is full again (ns), that and the digest's halves combined
_HALVES = Layout("<QQ")
_PROBES = 8  # slots that a name may stand in

# that of fcntl lets go of the interpreter, and to get it back from other threads takes far longer than the lock
_flock = ctypes.PyDLL(None).flock  # of two ints, as those of Python are passed: to say so would make it slower
_log = logging.getLogger("plan_indicators")


class Rate(Struct, frozen=True):
    """So many requests in so many seconds; the seconds are those of one unit."""

    count: int
    seconds: int

    def __post_init__(self) -> None:
        if not (1 <= self.count <= MOST and self.seconds in UNITS.values()):
            raise ValueError(f"a rate is 1 to {MOST:,} requests in one {', '.join(UNITS)}, as in 600/minute")

    @classmethod
    def parse(cls, text: str) -> Rate:
        """The rate in a text like 600/minute; ValueError says what is allowed."""
        if not (read := _WRITTEN.fullmatch(text)) or not 1 <= int(read[1]) <= MOST:
            shown = repr(text if len(text) <= 40 else text[:40] + "…")
            raise ValueError(
                f"{shown} is no rate: COUNT/UNIT is allowed, with a count from 1 to {MOST:,} in plain digits"
                f" and a unit of {', '.join(UNITS)}, as in 600/minute"
            )
        return cls(int(read[1]), UNITS[read[2]])

    def __str__(self) -> str:
        return f"{self.count}/{next(unit for unit, seconds in UNITS.items() if seconds == self.seconds)}"


class Taken(Struct, frozen=True):
    """What a bucket answered: whole requests left, seconds until it is full again, seconds until it would say yes."""

    allowed: bool
    remaining: int
    reset: float
    retry_after: float


class Buckets:
    """Token buckets in a table of fixed size, which every process of the machine opens for itself by its path.

    A bucket is one number: the moment at which it is full again (GCRA), in whole nanoseconds, so that nothing is lost
    by rounding. Without a path, or where the file cannot be had, the table is this process's own. A process must not
    use a table opened before it was forked: the two would share one lock.
    """

    def __init__(self, path: Path | None, slots: int = 65_536) -> None:
        if not _PROBES <= slots <= 1 << 24:
            raise ValueError(f"{slots} slots: {_PROBES} to {1 << 24} are allowed")
        self._places = slots - _PROBES + 1  # where a name's slots may begin
        self._file: int | None = None
        self._turn = threading.Lock()  # a file's lock is the process's, threads need their own
        size = _SLOT.size * (slots + 1)
        if path is not None:
            try:
                self._file = _open(path, _HEADER.pack(_MAGIC, _VERSION, slots), size)
            except OSError as error:
                _log.warning("limits: %s cannot be used (%s); each process counts for itself", path, error.strerror)
        self._table = mmap.mmap(-1 if self._file is None else self._file, size)
        if self._file is not None:
            self._closing = weakref.finalize(self, os.close, self._file)

    def close(self) -> None:
        """Gives the file back; the counts stay in it."""
        self._table.close()
        if self._file is not None:
            self._closing()
            self._file = None

    def take(self, name: bytes, rate: Rate, now: float | None = None, cost: int = 1) -> Taken:
        """Takes ``cost`` requests out of the bucket, all or none; a cost of 0 only looks, and is never refused.

        A cost above the rate's count empties a full bucket. ``now`` is in seconds since 1970, by default the clock's.
        """
        if cost < 0:
            raise ValueError("a cost is at least 0")
        each = rate.seconds * _SECOND // rate.count
        window = each * rate.count
        wanted = each * (cost if cost < rate.count else rate.count)
        place, digest, mixed = _where(name, self._places)
        with self._turn:
            if self._file is not None and _flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB):
                fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                # read in turn: were it read before, a process that waited would take others' moments for astray
                moment = time.time_ns() if now is None else round(now * _SECOND)
                found, full, check = _SLOT.unpack_from(self._table, place)
                if found != digest or mixed ^ full != check:
                    place, full = self._find(place, digest, mixed, moment)
                latest = moment + window
                # a clock set back, or a rate edited since, leaves a later moment; kept, it would shut the bucket until then
                if astray := full > latest:
                    full = latest
                elif full < moment:
                    full = moment
                if allowed := wanted <= latest - full:
                    full += wanted
                if (allowed and cost) or astray:
                    _SLOT.pack_into(self._table, place, digest, full, mixed ^ full)
            finally:
                if self._file is not None:
                    _flock(self._file, fcntl.LOCK_UN)
        spare = latest - full
        wait = 0.0 if allowed else (wanted - spare) / _SECOND
        return Taken(allowed, spare // each, (full - moment) / _SECOND, wait)

    def _find(self, first: int, digest: bytes, mixed: int, moment: int) -> tuple[int, int]:
        """The slot of a name and its moment; for a new name the slot of the bucket that is full or nearest to it."""
        best, least, latest = first, 1 << 64, moment + _DAY
        for place in range(first, first + _SLOT.size * _PROBES, _SLOT.size):
            found, full, check = _SLOT.unpack_from(self._table, place)
            if found == digest and mixed ^ full == check:  # else half written by a process that died
                return place, full
            rank = full if full <= latest else 0  # a moment of another clock would hold its slot for ever
            if rank < least:
                best, least = place, rank
        return best, 0


@lru_cache(maxsize=1024)
def _where(name: bytes, places: int) -> tuple[int, bytes, int]:
    """The first slot that a name may stand in, its digest, and both halves of that combined."""
    digest = blake2b(name, digest_size=16).digest()
    low, high = _HALVES.unpack(digest)
    return _SLOT.size * (1 + low % places), digest, low ^ high


def _open(path: Path, header: bytes, size: int) -> int:
    """A descriptor of the table's file, made anew where it is missing or not what it should be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent):  # of several processes that start at once, one makes the file
        try:
            found = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            pass
        else:
            if os.fstat(found).st_size == size and os.read(found, len(header)) == header:
                return found
            os.close(found)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        try:
            made = os.open(fresh, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                # written in full: a hole in a mapped file would kill the process once the disk is full
                with os.fdopen(made, "wb", closefd=False) as file:
                    file.write(header.ljust(size, b"\0"))
                fresh.replace(path)
            except BaseException:
                os.close(made)
                raise
        finally:
            fresh.unlink(missing_ok=True)
        return made


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@lru_cache(maxsize=256)
def _policy(budget: str, rate: Rate) -> tuple[bytes, bytes]:
    """The policy, and how the limit begins."""
    return f'"{budget}";q={rate.count};w={rate.seconds}'.encode("ascii"), f'"{budget}";r='.encode("ascii")


def headers(budget: str, rate: Rate, taken: Taken) -> list[tuple[bytes, bytes]]:
    """RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11), and Retry-After where refused.

    ``budget`` is a name of printable ASCII without quotes and backslashes; times are whole seconds, rounded up. The
    draft wants Retry-After no earlier than the end of the window ``t``: where refused, the two are the same.
    """
    wait = ceil(taken.reset if taken.allowed else max(taken.retry_after, 1.0))
    policy, start = _policy(budget, rate)
    found = [(b"ratelimit-policy", policy), (b"ratelimit", b"%b%d;t=%d" % (start, taken.remaining, wait))]
    return found if taken.allowed else [*found, (b"retry-after", str(wait).encode("ascii"))]
