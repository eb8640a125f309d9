"""The text of an API key in, the key it stands for out; made, listed, rotated and revoked in one SQLite file.

A key is ``pik_``, 8 characters that with it make the public prefix, 32 secret ones (190 bits), and the CRC-32 of all
before as 6 digits to the base 62 (digits, capitals, small letters). Whoever looks for lost keys searches for exactly::

    pik_[0-9A-Za-z]{46}

and drops what ``well_formed`` refuses. Stored is the SHA-256 of the whole text, never the text: with 190 random bits
nothing is to be gained from guessing, so no slow digest is needed. Times are whole milliseconds since 1970, UTC.
A key is never deleted, so that its prefix is never given again.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
import sqlite3
import string
import threading
import time
import zlib
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from api.limits import Rate

FILE = "keys.sqlite"
SCHEMA_VERSION = 1
SCOPES = ("read", "export")
LONGEST_NAME = 100
LONGEST_GRACE = timedelta(days=3650)
WAIT = 5.0  # seconds that a writer waits for another one
_LOOK_AGAIN = 0.25  # seconds between looks at the file
_HOLDS = 0.75  # seconds for which what was read holds where a look fails; a revocation counts within a second
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TEXT = re.compile("pik_[0-9A-Za-z]{46}")
_PREFIX = re.compile("pik_[0-9A-Za-z]{8}")
_CUT = 12  # characters of the prefix
_NOBODY = bytes(32)  # compared with where a prefix is unknown, so that it costs the same
_COLUMNS = "prefix, digest, name, scopes, rate_count, rate_seconds, created, expires, last_used, revoked, rotated_to"
_SCHEMA = f"""
BEGIN;
CREATE TABLE keys (
    prefix TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL CHECK (typeof(digest) = 'blob' AND length(digest) = 32),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    rate_count INTEGER,
    rate_seconds INTEGER,
    created INTEGER NOT NULL,
    expires INTEGER,
    last_used INTEGER,
    revoked INTEGER,
    rotated_to TEXT,
    CHECK ((rate_count IS NULL) = (rate_seconds IS NULL))
);
-- counts what changes about keys, whoever changes it; that one was used is no such change
CREATE TABLE state (version INTEGER NOT NULL);
INSERT INTO state VALUES (0);
CREATE TRIGGER key_made AFTER INSERT ON keys BEGIN UPDATE state SET version = version + 1; END;
CREATE TRIGGER key_gone AFTER DELETE ON keys BEGIN UPDATE state SET version = version + 1; END;
CREATE TRIGGER key_changed
    AFTER UPDATE OF prefix, digest, name, scopes, rate_count, rate_seconds, created, expires, revoked, rotated_to ON keys
    BEGIN UPDATE state SET version = version + 1; END;
CREATE TABLE usage (
    prefix TEXT NOT NULL,
    day TEXT NOT NULL,
    budget TEXT NOT NULL,
    requests INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (prefix, day, budget)
) WITHOUT ROWID;
CREATE INDEX usage_day ON usage (day);
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""
_log = logging.getLogger("plan_indicators")

Reason = Literal["malformed", "unknown", "expired", "revoked"]
State = Literal["active", "rotated", "expired", "revoked"]


class Wrong(Exception):
    """A text that opens nothing. Only who holds the secret learns that its key is expired or revoked."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(Exception):
    """The file of keys cannot be used; ``reason`` says why, and neither it nor the message names the file."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file of API keys: {reason}")
        self.reason = reason


class Refused(Exception):
    """A key that is not made or changed; the message says why, in one line."""


class Key(Struct, frozen=True, kw_only=True):
    """What is known of a key: all but what could prove it. Times are UTC.

    ``rate`` is None for the server's default; ``last_used`` is as new as the last reading of the file.
    """

    prefix: str
    name: str
    scopes: frozenset[str]
    rate: Rate | None
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None
    rotated_to: str | None = None

    def state(self, now: datetime) -> State:
        """``rotated`` where it still works until it expires, with another in its place."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        return "active" if self.rotated_to is None else "rotated"


def well_formed(text: str) -> bool:
    """Whether a text is a key by form and checksum, with no look-up.

    >>> well_formed("pik_0000000000000000000000000000000000000000000000")
    False
    """
    return _TEXT.fullmatch(text) is not None and text[-6:] == _checksum(text[:-6])


def _checksum(body: str) -> str:
    rest, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = _DIGITS[digit] + digits
    return digits


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()


# --- the file


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What SQLite and the system refuse is said in own words, as ``Unavailable``."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable(_WHY.get(_code(error), "cannot be used")) from error
    except OSError as error:
        raise Unavailable(f"cannot be read or written: {error.strerror}") from error


_WHY = {
    sqlite3.SQLITE_BUSY: "locked by another program",
    sqlite3.SQLITE_LOCKED: "locked by another program",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_ERROR: "damaged",  # a table or column that it must have is not there
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_READONLY: "cannot be written",
    sqlite3.SQLITE_PERM: "cannot be opened",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written",
}


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


class Still(sqlite3.Connection):
    """A connection that takes the file for unchanging, and so sees no change of it."""


def opened(path: Path, wait: float) -> sqlite3.Connection:
    """A connection to the file, which is never made by this; called within ``told``."""
    try:
        return _connected(path, "mode=rw", wait)
    except sqlite3.OperationalError as error:
        # in a folder that is read-only WAL cannot work; where none is left behind, the file alone holds everything
        if _code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or _pending(path):
            raise
        return _connected(path, "mode=ro&immutable=1", wait, Still)


def _connected(
    path: Path, mode: str, wait: float, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=wait,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
    )
    try:
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
        if version != SCHEMA_VERSION:
            raise Unavailable(f"damaged, or of another version: its schema is {version}, {SCHEMA_VERSION} is read here")
    except BaseException:
        connection.close()
        raise
    return connection


def _pending(path: Path) -> bool:
    """Whether the write-ahead log beside a file holds anything."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def make(data: Path) -> None:
    """Makes the file, readable by its owner alone, where there is none yet.

    Called once when the server starts, not by its workers: one that starts anew must not cover up that the file is gone.
    """
    path = data / FILE
    fresh = data / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        with told():
            data.mkdir(parents=True, exist_ok=True)
            if path.exists():
                return
            if _pending(path):
                raise Refused(f"{path}: gone, and its {path.name}-wal is left: bring it back, or delete both")
            try:
                # made whole before it has its name: nobody ever reads half of it
                os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
                with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.executescript(_SCHEMA)
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(fresh)
            finally:
                fresh.unlink(missing_ok=True)
    except Unavailable as error:
        raise Refused(f"{path}: {error.reason}") from error


# --- for the server


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
        if text[:_CUT] not in self._rows:
            self._look(0.0)  # a key works as soon as it is made
        row = self._rows.get(text[:_CUT])
        same = compare_digest(_NOBODY if row is None else row[1], _digest(text))
        if row is None or not same:
            raise Wrong("unknown")
        key = _key(row)
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
        still = isinstance(self._connection, Still) and _pending(self._path)
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
                rows = self._connection.execute(f"SELECT {_COLUMNS} FROM keys").fetchall()
                self._rows = {row[0]: row for row in rows}
        finally:
            self._connection.execute("ROLLBACK")
        self._version = version

    def _appearance(self) -> tuple[object, ...] | None:
        """What differs once the file is another one or was written in place; None where there never was one."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            if self._seen is None and not _pending(self._path):
                return None
            raise Unavailable("gone") from None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _key(row: tuple[Any, ...]) -> Key:
    prefix, _, name, scopes, count, seconds, created, expires, last_used, revoked, rotated_to = row
    try:
        return Key(
            prefix=prefix,
            name=name,
            scopes=frozenset(scopes.split()),
            rate=None if count is None else Rate(count, seconds),
            created=_EPOCH + timedelta(milliseconds=created),
            expires=_time(expires),
            last_used=_time(last_used),
            revoked=_time(revoked),
            rotated_to=rotated_to,
        )
    except (AttributeError, TypeError, ValueError, OverflowError) as error:  # no row that was written here
        raise Unavailable("damaged") from error


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


# --- for the command line


def create(
    data: Path, name: str, scopes: Collection[str], rate: Rate | None, expires: datetime | None
) -> tuple[str, Key]:
    """A new key: its text, which cannot be had again, and what is kept of it."""
    if not fit(name):
        raise Refused(f"a name has 1 to {LONGEST_NAME} printable characters, and not blanks alone")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused(f"a key has at least one scope; {' and '.join(SCOPES)} are allowed")
    if expires is not None and expires <= datetime.now(UTC):
        raise Refused("a key cannot expire in the past")
    make(data)
    with _changing(data) as connection:
        return _add(connection, name, " ".join(one for one in SCOPES if one in scopes), rate, expires)


def fit(name: str) -> bool:
    """Whether a key may have this name."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not name.isspace()


def listed(data: Path) -> list[Key]:
    """All keys, oldest first; none where none was ever made."""
    path = data / FILE
    try:
        with told():
            if not path.exists() and not _pending(path):
                return []
            with contextlib.closing(opened(path, WAIT)) as connection:
                rows = connection.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created, prefix").fetchall()
                return [_key(row) for row in rows]
    except Unavailable as error:
        raise Refused(f"{path}: {error.reason}") from error


def rotate(data: Path, prefix: str, grace: timedelta) -> tuple[str, Key]:
    """A new key with the name, scopes, rate and expiry of another, which works on for a while.

    One that is revoked, expired or rotated already is refused: it has no rest of life to hand on.
    """
    if not timedelta(0) <= grace <= LONGEST_GRACE:
        raise Refused(f"the grace period is from 0 to {LONGEST_GRACE.days} days")
    prefix = _prefix(prefix)
    with _changing(data) as connection:
        old = _found(connection, prefix)
        now = datetime.now(UTC)
        state = old.state(now)
        if state != "active":
            raise Refused(f"{prefix} is {state}{f' to {old.rotated_to}' if state == 'rotated' else ''}: not rotated")
        made = _add(connection, old.name, " ".join(one for one in SCOPES if one in old.scopes), old.rate, old.expires)
        ends = now + grace if old.expires is None else min(old.expires, now + grace)
        connection.execute(
            "UPDATE keys SET expires = ?, rotated_to = ? WHERE prefix = ?",
            (_milliseconds(ends), made[1].prefix, prefix),
        )
    return made


def revoke(data: Path, prefix: str) -> Key:
    """A key that opens nothing from now on. Again, it changes nothing: the first time stays the time."""
    prefix = _prefix(prefix)
    with _changing(data) as connection:
        _found(connection, prefix)
        connection.execute(
            "UPDATE keys SET revoked = ? WHERE prefix = ? AND revoked IS NULL",
            (_milliseconds(datetime.now(UTC)), prefix),
        )
        return _found(connection, prefix)


@contextlib.contextmanager
def _changing(data: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction of its own, which counts once this ends well."""
    path = data / FILE
    try:
        with told():
            if not path.exists() and not _pending(path):
                raise Refused(f"{data}: no key was made there yet")
            with contextlib.closing(opened(path, WAIT)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
    except Unavailable as error:
        raise Refused(f"{path}: {error.reason}") from error


def _prefix(text: str) -> str:
    """The prefix that is meant: people paste whole keys. What is neither may hold a secret and is not said again."""
    if well_formed(text):
        return text[:_CUT]
    if not _PREFIX.fullmatch(text):
        raise Refused("neither a prefix (pik_ and 8 letters or digits, as `keys list` shows it) nor a whole key")
    return text


def _found(connection: sqlite3.Connection, prefix: str) -> Key:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM keys WHERE prefix = ?", (prefix,)).fetchall()
    if not rows:
        raise Refused(f"no key has the prefix {prefix}")
    return _key(rows[0])


def _add(
    connection: sqlite3.Connection, name: str, scopes: str, rate: Rate | None, expires: datetime | None
) -> tuple[str, Key]:
    while True:
        body = "pik_" + "".join(secrets.choice(_DIGITS) for _ in range(40))
        if not connection.execute("SELECT 1 FROM keys WHERE prefix = ?", (body[:_CUT],)).fetchall():
            break
    text = body + _checksum(body)
    count, seconds = (None, None) if rate is None else (rate.count, rate.seconds)
    created, ends = _milliseconds(datetime.now(UTC)), _milliseconds(expires)
    row = (body[:_CUT], _digest(text), name, scopes, count, seconds, created, ends, None, None, None)
    connection.execute(f"INSERT INTO keys ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
    return text, _key(row)
