"""Questions under way in, those that take too long interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

_LOOK = 0.25  # seconds between two looks


class Deadline:
    """A thread that watches over the questions of a snapshot, for as long as there are any."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._ends: dict[duckdb.DuckDBPyConnection, float] = {}
        self._watching = False

    @contextmanager
    def over(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While a question is put by a cursor; where it takes too long it ends with ``duckdb.InterruptException``."""
        with self._lock:
            self._ends[cursor] = time.monotonic() + self._seconds
            if not self._watching:
                self._watching = True
                # no daemon: one that is alive at the end of the process keeps the database from being let go
                threading.Thread(target=self._watch, name="deadline").start()
        try:
            yield
        finally:
            with self._lock:  # whoever is interrupted is under way: never the next question of the same cursor
                del self._ends[cursor]

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK)
            with self._lock:
                now = time.monotonic()
                for cursor, end in self._ends.items():
                    if now > end:
                        cursor.interrupt()
                if not self._ends:
                    self._watching = False
                    return
