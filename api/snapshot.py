"""The data folder in, open snapshots out; a new one is taken up within a second or two."""

from __future__ import annotations

import ctypes
import gc
import logging
import re
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from api import queries
from api.deadline import Deadline
from api.problems import GONE, TOO_SLOW, UNAVAILABLE, Problem
from api.rows import Rows
from api.sections import Unfit
from api.settings import Settings

SCHEMA_VERSION = 5
KEPT, KEPT_SECONDS = 3, 3600  # what the contract promises of earlier snapshots
_ID = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LOOK_AGAIN = 1.0  # seconds between looks at the pointer
_IDLE = 60.0  # seconds after which a snapshot that is not the current one is closed
_HEADERS = 3 * 4096  # bytes of a database file before its blocks
_TRIED = 8  # earlier snapshots, where the current one cannot be opened
_CORRUPT = (duckdb.FatalException, duckdb.InternalException)
_SAID = ("Corrupt database file", "Could not read")  # errors of no class of their own; a full disk is another
_DAMAGED = (
    "刚发现这份数据快照已损坏, 请稍后再试。",
    "This snapshot of the data was just found to be damaged. Try again in a moment.",
)
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; takes a millisecond, and lets other threads work
_log = logging.getLogger("plan_indicators")


class Unusable(Exception):
    """A snapshot that cannot be opened; the message says why."""


class Snapshot:
    """One published state of the data, open for reading.

    Its connections close when the last query that uses it lets it go.
    """

    def __init__(self, identity: str, path: Path, settings: Settings) -> None:
        self.id = identity
        self.path = path
        self.used = time.monotonic()
        self.damage = ""  # what a query found to be damaged; a file is not read as a whole when it is opened
        try:
            self._connection = duckdb.connect(
                str(path),
                read_only=True,
                config={
                    "threads": 1,
                    "memory_limit": f"{settings.memory_mb}MB",
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "enable_external_access": False,
                    "lock_configuration": True,
                },
            )
            found = self._connection.execute(
                "SELECT schema_version, observations, epoch(published_at) FROM snapshot"
            ).fetchall()
            ((blocks, size),) = self._connection.execute(
                "SELECT total_blocks, block_size FROM pragma_database_size()"
            ).fetchall()
        except duckdb.Error as error:
            raise Unusable(f"snapshot {identity} cannot be opened: {str(error).splitlines()[0]}") from error
        version, self.observations, self.published_at = found[0] if len(found) == 1 else (None, 0, 0.0)
        if version != SCHEMA_VERSION:
            raise Unusable(f"snapshot {identity} has schema {version}, this server reads {SCHEMA_VERSION}")
        if path.stat().st_size < _HEADERS + blocks * size:
            raise Unusable(f"snapshot {identity} cannot be opened: its file is cut short")
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._deadline = Deadline(settings.query_seconds)

    @property
    def warm(self) -> bool:
        """Whether ``rows`` and ``places`` need not be waited for."""
        return "_prepared" in self.__dict__

    @property
    def rows(self) -> Rows | None:
        """The observations as lines; None where the files that were prepared of them are not there, or are damaged."""
        found = self._prepared
        if found is not None and found.damage:
            _log.warning("snapshot %s: %s; pages are made without it", self.id, found.damage)
            found = self._prepared = None
        return found

    @cached_property
    def _prepared(self) -> Rows | None:
        lines, index = self.path.with_suffix(".ndjson"), self.path.with_suffix(".rows")
        try:
            found = Rows(lines, index, self.observations)
        except Unfit as error:
            if index.exists():
                _log.warning("%s; pages are made without it", error)
            return None
        _ = self.places  # who needs the one needs the other
        return found

    @cached_property
    def places(self) -> tuple[dict[str, dict[str, Any]], frozenset[str]]:
        """All regions by code, with their names and the code of the one above; and the ids of all categories."""
        row = self.ask("places", {})[0]
        return {region["region"]: region for region in row["regions"]}, frozenset(row["categories"])

    @cached_property
    def extent(self) -> dict[str, Any]:
        """When the snapshot was published, how many rows and indicators it has, and the first and the last row number."""
        return self.ask("extent", {})[0]

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        """The codes of the regions right below each."""
        parts: dict[str, list[str]] = {}
        for region in self.places[0].values():
            parts.setdefault(region["parent"], []).append(region["region"])
        return parts

    def below(self, codes: Iterable[str]) -> list[str]:
        """The codes of regions and of all below them, rising."""
        found = dict.fromkeys(codes)
        waiting = list(found)
        while waiting:
            fresh = [code for code in self._parts.get(waiting.pop(), ()) if code not in found]
            found |= dict.fromkeys(fresh)
            waiting += fresh
        return sorted(found)

    def ask(self, question: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that answer a question of ``api/sql``. Called from worker threads, each with a cursor of its own."""
        try:
            cursor = self._cursors.pop()
        except IndexError:
            cursor = self._connection.cursor()
        try:
            with self._deadline.over(cursor):
                rows = queries.ask(cursor, question, values)
        except duckdb.InterruptException:
            raise Problem(TOO_SLOW) from None
        except duckdb.Error as error:
            if self.tells_of_damage(error):
                raise Problem(UNAVAILABLE, detail=_DAMAGED) from None
            raise
        self._cursors.append(cursor)
        return rows

    def tells_of_damage(self, error: duckdb.Error) -> bool:
        """Whether an error says that the file is damaged: then another snapshot answers from the next look on."""
        said = str(error)
        damaged = isinstance(error, _CORRUPT) or any(words in said for words in _SAID)
        if damaged:
            self.damage = said.splitlines()[0]
            _log.warning("snapshot %s is damaged: %s", self.id, self.damage)
        return damaged

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same data; who has it closes it."""
        return self._connection.cursor()


class Snapshots:
    """The current snapshot, and earlier ones for cursors as long as their files exist."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, Snapshot] = {}
        self._current: Snapshot | None = None
        self._looked = float("-inf")
        self._complaint = ""
        self._left = False  # whether one was let go when it was looked last
        self._giving: duckdb.DuckDBPyConnection | None = None

    @property
    def complaint(self) -> str:
        """Why the snapshot that ``current`` points to is not the one that answers; empty where it is."""
        return self._complaint

    def known(self) -> Snapshot | None:
        """The current snapshot where it need not be looked for: never waits."""
        return self._current if time.monotonic() - self._looked < _LOOK_AGAIN else None

    def current(self) -> Snapshot:
        """The snapshot that ``current`` points to; the one before, where that cannot be opened or turns out damaged."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= _LOOK_AGAIN:
                self._looked = now
                self._look(now)
            if self._current is None:
                raise Problem(UNAVAILABLE)
            return self._current

    def open(self) -> Snapshot:
        """The snapshot that ``current`` points to, or ``Unusable``, which says why there is none."""
        with self._lock:
            return self._opened(_pointed(self._settings.data))

    def kept(self, identity: str) -> Snapshot:
        """An earlier snapshot, for a cursor; a problem where it is no longer kept."""
        with self._lock:
            try:
                return self._opened(identity)
            except Unusable:
                raise Problem(GONE) from None

    def close(self) -> None:
        """Lets everything go; a later question opens it again."""
        with self._lock:
            self._open, self._current, self._looked, self._giving = {}, None, float("-inf"), None

    def _look(self, now: float) -> None:
        try:
            self._current = self._opened(_pointed(self._settings.data))
            self._complaint = ""
        except Unusable as error:
            complaint = str(error)
            if complaint != self._complaint:
                _log.warning("%s", complaint)
            self._complaint = complaint
            if self._current is None or self._current.damage:
                self._current = self._earlier()
        if self._left:  # what is left of requests may hold it for long, and its files with it
            gc.collect()
        before = len(self._open)
        self._open = {
            identity: snapshot
            for identity, snapshot in self._open.items()
            if snapshot is self._current
            or ((now - snapshot.used < _IDLE or snapshot.damage) and _there(snapshot.path))  # damage is not forgotten
        }
        self._left = len(self._open) < before
        self._give()

    def _give(self) -> None:
        """Has memory that is used no more given back to the machine: by the database, and by what the rest takes it from."""
        self._giving = self._giving or duckdb.connect(config={"threads": 1})
        # while nothing is asked of it; that ends whenever a database closes
        self._giving.execute("SET allocator_background_threads = true")
        if _trim is not None:
            _trim(0)

    def _earlier(self) -> Snapshot | None:
        """The snapshot that was current last of those that can be opened; None where nothing was ever published."""
        try:
            (self._settings.data / "current").lstat()
            found = sorted(
                (self._settings.data / "snapshots").glob("*.duckdb"),
                key=lambda path: path.stat().st_mtime,
                reverse=True,
            )
        except OSError:
            return None
        for path in found[:_TRIED]:
            with suppress(Unusable):
                return self._opened(path.stem)
        return None

    def _opened(self, identity: str) -> Snapshot:
        if not _ID.fullmatch(identity):
            raise Unusable(f"{identity[:100]!r} is no name of a snapshot")
        path = self._settings.data / "snapshots" / f"{identity}.duckdb"
        if not _there(path):
            raise Unusable(f"snapshot {identity} has no file, or its folder cannot be read")
        snapshot = self._open.get(identity)
        if snapshot is None:
            snapshot = self._open[identity] = Snapshot(identity, path, self._settings)
        if snapshot.damage:
            raise Unusable(f"snapshot {identity} is damaged: {snapshot.damage}")
        snapshot.used = time.monotonic()
        return snapshot


def _pointed(data: Path) -> str:
    """The name in the file ``current``."""
    pointer = data / "current"
    try:
        return pointer.read_bytes().decode("ascii", "replace").strip()
    except FileNotFoundError:
        raise Unusable(f"{data}: nothing is published there yet") from None
    except OSError as error:
        raise Unusable(f"{pointer}: cannot be read: {error.strerror}") from error


def _there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
