"""Names and prefixes become API keys, made, listed, rotated and revoked in their file; what cannot be is ``Refused``."""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.key_file import (
    COLUMNS,
    CUT,
    DIGITS,
    FILE,
    SCOPES,
    Key,
    Refused,
    Unavailable,
    checksum,
    digest,
    make,
    milliseconds,
    opened,
    pending,
    told,
    well_formed,
)
from api.limits import Rate

LONGEST_NAME = 100
LONGEST_GRACE = timedelta(days=3650)
_WAIT = 5.0  # seconds that a writer waits for another one
_PREFIX = re.compile("pik_[0-9A-Za-z]{8}")


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
        return _add(connection, name, scopes, rate, expires)


def fit(name: str) -> bool:
    """Whether a key may have this name."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not name.isspace()


def listed(data: Path) -> list[Key]:
    """All keys, oldest first; none where none was ever made."""
    path = data / FILE
    try:
        with told():
            if not path.exists() and not pending(path):
                return []
            with contextlib.closing(opened(path, _WAIT)) as connection:
                rows = connection.execute(f"SELECT {COLUMNS} FROM keys ORDER BY created, prefix").fetchall()
                return [Key.read(row) for row in rows]
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
        made = _add(connection, old.name, old.scopes, old.rate, old.expires)
        ends = now + grace if old.expires is None else min(old.expires, now + grace)
        connection.execute(
            "UPDATE keys SET expires = ?, rotated_to = ? WHERE prefix = ?",
            (milliseconds(ends), made[1].prefix, prefix),
        )
    return made


def revoke(data: Path, prefix: str) -> Key:
    """A key that opens nothing from now on. Again, it changes nothing: the first time stays the time."""
    prefix = _prefix(prefix)
    with _changing(data) as connection:
        _found(connection, prefix)
        connection.execute(
            "UPDATE keys SET revoked = ? WHERE prefix = ? AND revoked IS NULL",
            (milliseconds(datetime.now(UTC)), prefix),
        )
        return _found(connection, prefix)


@contextlib.contextmanager
def _changing(data: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction of its own, which counts once this ends well."""
    path = data / FILE
    try:
        with told():
            if not path.exists() and not pending(path):
                raise Refused(f"{data}: no key was made there yet")
            with contextlib.closing(opened(path, _WAIT)) as connection:
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
        return text[:CUT]
    if not _PREFIX.fullmatch(text):
        raise Refused("neither a prefix (pik_ and 8 letters or digits, as `keys list` shows it) nor a whole key")
    return text


def _found(connection: sqlite3.Connection, prefix: str) -> Key:
    rows = connection.execute(f"SELECT {COLUMNS} FROM keys WHERE prefix = ?", (prefix,)).fetchall()
    if not rows:
        raise Refused(f"no key has the prefix {prefix}")
    return Key.read(rows[0])


def _add(
    connection: sqlite3.Connection, name: str, scopes: Collection[str], rate: Rate | None, expires: datetime | None
) -> tuple[str, Key]:
    while True:
        body = "pik_" + "".join(secrets.choice(DIGITS) for _ in range(40))
        if not connection.execute("SELECT 1 FROM keys WHERE prefix = ?", (body[:CUT],)).fetchall():
            break
    text = body + checksum(body)
    held = " ".join(one for one in SCOPES if one in scopes)
    count, seconds = (None, None) if rate is None else (rate.count, rate.seconds)
    created, ends = milliseconds(datetime.now(UTC)), milliseconds(expires)
    row = (body[:CUT], digest(text), name, held, count, seconds, created, ends, None, None, None)
    connection.execute(f"INSERT INTO keys ({COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
    return text, Key.read(row)
