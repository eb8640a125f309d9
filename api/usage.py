"""Requests counted as they are answered, and what each key used per day out of the file of keys.

Days are UTC. Counts wait in memory, no I/O is done for a request; a thread writes them at most once a second. What
cannot be written waits on, and is written once it can be.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from api.key_file import FILE, Unavailable, opened, told

_EVERY = 1.0  # seconds between two writings
_WAIT = 1.0  # seconds that a writing waits for another program's
_MOST = 100_000  # counts that wait at once: keys times budgets times days
_KEPT = timedelta(days=400)
_DAY_MS = 86_400_000
_log = logging.getLogger("plan_indicators")


class Used(Struct, frozen=True, kw_only=True):
    """What a key used of one budget on one day: requests answered, and bytes sent for them."""

    day: date
    budget: str
    requests: int
    bytes: int


class Usage:
    """What keys used. Nothing is opened or started before the first count: the process that counts makes its own."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._lock = threading.Lock()  # for the counts
        self._writing = threading.Lock()
        self._counts: dict[tuple[str, int, str], list[int]] = {}  # requests, bytes, time of the last in ms
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._complaint = ""
        self._full = False
        self._swept = -1

    def count(self, prefix: str, budget: str, bytes_sent: int) -> None:
        """One request more."""
        now = time.time_ns() // 1_000_000
        place = (prefix, now // _DAY_MS, budget)
        with self._lock:
            cell = self._counts.get(place)
            if cell is None:
                if len(self._counts) >= _MOST:
                    if not self._full:
                        _log.error("usage: %d counts wait to be written; of further keys none are kept", _MOST)
                    self._full = True
                    return
                cell = self._counts[place] = [0, 0, 0]
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="usage", daemon=True)
                    self._thread.start()
            cell[0] += 1
            cell[1] += bytes_sent
            cell[2] = now

    def flush(self) -> None:
        """Writes what waits; what cannot be written waits on, and that is logged once."""
        with self._writing:
            with self._lock:
                taken, self._counts = self._counts, {}
            if not taken:
                return
            try:
                with told():
                    self._write(taken)
            except BaseException as error:
                self._put_back(taken)
                if not isinstance(error, Unavailable):
                    raise
                if error.reason != self._complaint:
                    _log.warning("usage waits in memory: %s: %s", self._path, error.reason)
                self._complaint = error.reason
            else:
                self._complaint, self._full = "", False

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def read(self, prefix: str, days: int = 31) -> list[Used]:
        """What a key used today and on the days before, newest first; ``Unavailable`` where that cannot be read.

        What other processes counted within the last second may be missing.
        """
        self.flush()
        since = datetime.now(UTC).date() - timedelta(days=days - 1)
        with told(), contextlib.closing(opened(self._path, _WAIT)) as connection:
            rows = connection.execute(
                "SELECT day, budget, requests, bytes FROM usage WHERE prefix = ? AND day >= ? ORDER BY day DESC, budget",
                (prefix, since.isoformat()),
            ).fetchall()
        return [
            Used(day=date.fromisoformat(day), budget=budget, requests=requests, bytes=sent)
            for day, budget, requests, sent in rows
        ]

    def _run(self) -> None:
        while not self._closing.wait(_EVERY):
            self.flush()

    def _put_back(self, taken: dict[tuple[str, int, str], list[int]]) -> None:
        with self._lock:
            for place, (requests, sent, last) in taken.items():
                cell = self._counts.setdefault(place, [0, 0, last])
                cell[0] += requests
                cell[1] += sent

    def _write(self, taken: dict[tuple[str, int, str], list[int]]) -> None:
        today = datetime.now(UTC).date()
        last: dict[str, int] = {}
        for (prefix, _, _), (_, _, used) in taken.items():
            last[prefix] = max(used, last.get(prefix, 0))
        # a connection for each writing: none is shared by processes or held on a file that was replaced
        with contextlib.closing(opened(self._path, _WAIT)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")  # a second of counts is not worth a wait for the disk
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO usage (prefix, day, budget, requests, bytes) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (prefix, day, budget) "
                "DO UPDATE SET requests = requests + excluded.requests, bytes = bytes + excluded.bytes",
                [(prefix, _day(day), budget, cell[0], cell[1]) for (prefix, day, budget), cell in taken.items()],
            )
            connection.executemany(
                "UPDATE keys SET last_used = max(coalesce(last_used, 0), ?) WHERE prefix = ?",
                [(used, prefix) for prefix, used in last.items()],
            )
            if self._swept != today.toordinal():
                connection.execute("DELETE FROM usage WHERE day < ?", ((today - _KEPT).isoformat(),))
            connection.execute("COMMIT")
            self._swept = today.toordinal()


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
