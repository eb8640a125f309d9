"""A snapshot's file: its name, its connection, what it holds, and what is said of one that cannot be read."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

SCHEMA_VERSION = 5
NAME = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{8}")
_TABLES = ("snapshot", "documents", "observations", "unread", "claims", "indicators")  # what the next snapshot needs
_DAMAGE = (
    duckdb.IOException,
    duckdb.CatalogException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)


class NotPublished(Exception):
    """Nothing was published, or what is published cannot be read; the message says why."""


class Damaged(NotPublished):
    """What is published is no snapshot that this program reads; an earlier one may be."""


def name(now: datetime, digest: str) -> str:
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{digest[:8]}"


@contextlib.contextmanager
def connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database in a file. One to read that is damaged, locked away or of another version is said to be, by its name."""
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    try:
        with contextlib.closing(duckdb.connect(str(path), read_only=read_only, config=settings)) as connection:
            yield connection
    except duckdb.Error as error:
        if not read_only:
            raise
        reason = str(error).splitlines()[0]
        kind = Damaged if _corrupt(path, error) else NotPublished
        raise kind(f"snapshot {path.stem} cannot be read: {reason}") from error


def _corrupt(path: Path, error: duckdb.Error) -> bool:
    """Whether it is the file itself: one that is locked, forbidden or open otherwise is whole, and nothing replaces it."""
    try:
        path.open("rb").close()
    except OSError:
        return False
    said = str(error)
    return "Corrupt database file" in said or (isinstance(error, _DAMAGE) and "Could not set lock" not in said)


def version(path: Path, *, whole: bool = False) -> int:
    """The version of its schema; ``Damaged``, where this program cannot read it.

    With ``whole`` all that a new snapshot takes over is read: each block of the file has a checksum.
    """
    with connect(path, read_only=True) as base:
        found: list[tuple[int]] = base.execute("SELECT schema_version FROM snapshot").fetchall()
        if len(found) != 1 or found[0][0] > SCHEMA_VERSION:
            raise Damaged(
                f"snapshot {path.stem} cannot be read: its schema is not one of up to {SCHEMA_VERSION}, which this "
                "program reads"
            )
        there = {table for (table,) in base.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in _TABLES if whole else ():
            if table in there:  # an earlier schema has not all
                base.execute(f"SELECT sum(hash(one)) FROM {table} AS one").fetchall()
    return found[0][0]


def outdated(path: Path) -> bool:
    """Whether its schema is an earlier one, which a load turns into that of this program."""
    return version(path) < SCHEMA_VERSION


def digests(path: Path) -> set[str]:
    """SHA-256 of each document in it."""
    with connect(path, read_only=True) as base:
        return {digest for (digest,) in base.execute("SELECT sha256 FROM documents").fetchall()}
