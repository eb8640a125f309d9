"""The SQLite file of API keys becomes connections, and its rows become keys.

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
import os
import re
import secrets
import sqlite3
import string
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from api.limits import Rate

FILE = "keys.sqlite"
SCHEMA_VERSION = 1
SCOPES = ("read", "export")
CUT = 12  # characters of the prefix
COLUMNS = "prefix, digest, name, scopes, rate_count, rate_seconds, created, expires, last_used, revoked, rotated_to"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TEXT = re.compile("pik_[0-9A-Za-z]{46}")
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
State = Literal["active", "rotated", "expired", "revoked"]


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

    @classmethod
    def read(cls, row: tuple[Any, ...]) -> Key:
        """The key of a row in the order of ``COLUMNS``."""
        prefix, _, name, scopes, count, seconds, created, expires, last_used, revoked, rotated_to = row
        try:
            return cls(
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

    def state(self, now: datetime) -> State:
        """``rotated`` where it still works until it expires, with another in its place."""
        if self.revoked is not None:
            return "revoked"
        if self.expires is not None and self.expires <= now:
            return "expired"
        return "active" if self.rotated_to is None else "rotated"


def _time(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // timedelta(milliseconds=1)


def well_formed(text: str) -> bool:
    """Whether a text is a key by form and checksum, with no look-up.

    >>> well_formed("pik_" + "0" * 46)
    False
    """
    return _TEXT.fullmatch(text) is not None and text[-6:] == checksum(text[:-6])


def checksum(body: str) -> str:
    rest, digits = zlib.crc32(body.encode("ascii")), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = DIGITS[digit] + digits
    return digits


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()


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
        return _connected(path, "mode=rw", wait, sqlite3.Connection)
    except sqlite3.OperationalError as error:
        # in a folder that is read-only WAL cannot work; where none is left behind, the file alone holds everything
        if _code(error) not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) or pending(path):
            raise
        return _connected(path, "mode=ro&immutable=1", wait, Still)


def _connected(path: Path, mode: str, wait: float, factory: type[sqlite3.Connection]) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{mode}"
    connection = sqlite3.connect(
        address, uri=True, timeout=wait, isolation_level=None, check_same_thread=False, factory=factory
    )
    try:
        ((version,),) = connection.execute("PRAGMA user_version").fetchall()
        if version != SCHEMA_VERSION:
            raise Unavailable(f"damaged, or of another version: its schema is {version}, {SCHEMA_VERSION} is read here")
    except BaseException:
        connection.close()
        raise
    return connection


def pending(path: Path) -> bool:
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
            if pending(path):
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
