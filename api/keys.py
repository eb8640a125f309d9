"""The text of an API key in, the key it stands for now out, for one process of the server."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from typing import Any, Literal

from api.key_file import COLUMNS, CUT, FILE, Key, Still, Unavailable, digest, opened, pending, told, well_formed

_LOOK_AGAIN = 0.25  # seconds between looks at the file
_HOLDS = 0.75  # seconds for which what was read holds where a look fails; a revocation counts within a second
_NOBODY = bytes(32)  # compared with where a prefix is unknown, so that it costs the same
_log = logging.getLogger("plan_indicators")

Reason = Literal["malformed", "unknown", "expired", "revoked"]


class Wrong(Exception):
    """A text that opens nothing. Only who holds the secret learns that its key is expired or revoked."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Keys:
    """The keys as they are now, for one process of the server; kept in memory and read again when they change."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[Any, ...]] = {}
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[object, ...] | None = None
        self._version: list[tuple[int]] = []
        self._looked = self._good = float("-inf")
        self._complaint = ""
        with contextlib.suppress(Unavailable):
            self._look()

    def find(self, text: str) -> Key:
        """The key that a text stands for, or ``Wrong``; ``Unavailable`` where that cannot be known now.

        No I/O but for a look at the file now and then, which waits for nothing: fit for the event loop.
        """
        if not well_formed(text):
            raise Wrong("malformed")
        self._look()
        if text[:CUT] not in self._rows:
            self._look(0.0)  # a key works as soon as it is made
        row = self._rows.get(text[:CUT])
        same = compare_digest(_NOBODY if row is None else row[1], digest(text))
        if row is None or not same:
            raise Wrong("unknown")
        key = Key.read(row)
        state = key.state(datetime.now(UTC))
        if state in ("revoked", "expired"):
            raise Wrong(state)
        return key

    def close(self) -> None:
        """Lets the file go; a later question opens it again."""
        with self._lock:
            self._let_go()
            self._looked = float("-inf")

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _look(self, patience: float = _LOOK_AGAIN) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= patience:
                self._looked = now
                try:
                    with told():
                        self._read()
                    self._good, self._complaint = now, ""
                except Unavailable as error:
                    self._let_go()
                    if error.reason != self._complaint:
                        _log.warning("API keys: %s: %s", self._path, error.reason)
                    self._complaint = error.reason
            if self._complaint and now - self._good > _HOLDS:
                raise Unavailable(self._complaint)

    def _read(self) -> None:
        seen = self._appearance()
        if seen is None:
            return
        still = isinstance(self._connection, Still) and pending(self._path)
        if self._connection is None or seen != self._seen or still:
            self._seen = seen
            fresh = opened(self._path, 0)
            self._let_go()  # only now: the last connection to close writes to the file, and so changes its looks
            self._connection, self._version = fresh, []
        self._connection.execute("BEGIN")  # version and rows of one moment
        try:
            version = self._connection.execute("SELECT version FROM state").fetchall()
            if len(version) != 1:
                raise Unavailable("damaged")
            if version != self._version:
                rows = self._connection.execute(f"SELECT {COLUMNS} FROM keys").fetchall()
                self._rows = {row[0]: row for row in rows}
        finally:
            self._connection.execute("ROLLBACK")
        self._version = version

    def _appearance(self) -> tuple[object, ...] | None:
        """What differs once the file is another one or was written in place; None where there never was one."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            if self._seen is None and not pending(self._path):
                return None
            raise Unavailable("gone") from None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
