"""A snapshot's prepared Parquet file in, the SQLite file that peers ask out; what is asked of all comes from it too."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import duckdb

ROWS = 20_000  # written at a time
INDEX = "CREATE INDEX places ON observations (region, category, year, preferred)"


def table(parquet: Path, base: Path) -> None:
    """One flat table with the fields of the API, in its order, so that no peer has to join; nulls and lists as JSON.

    A row's number is its key, the index holds all that the questions filter by: rows are read in their order.
    """
    aside = base.with_suffix(".building")
    aside.unlink(missing_ok=True)
    with contextlib.closing(duckdb.connect()) as source, contextlib.closing(sqlite3.connect(aside)) as target:
        source.execute("SET memory_limit = '2GB'")
        fields = source.execute("DESCRIBE FROM read_parquet($path)", {"path": str(parquet)}).fetchall()
        select, columns = [], []
        for name, kind, *_ in fields:
            number = {"BOOLEAN": "INTEGER", "SMALLINT": "INTEGER", "TINYINT": "INTEGER", "INTEGER": "INTEGER"}.get(kind)
            number = "REAL" if kind.startswith("DECIMAL") else number
            cast = {"REAL": "DOUBLE", "INTEGER": "INTEGER"}.get(number or "", "VARCHAR")
            select.append(f'to_json("{name}")::VARCHAR' if kind.endswith("[]") else f'"{name}"::{cast}')
            columns.append(f'"{name}" {number or "TEXT"}')
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        target.execute(f"CREATE TABLE observations (ordinal INTEGER PRIMARY KEY, {', '.join(columns)})")
        rows = source.execute(f"SELECT {', '.join(select)} FROM read_parquet($path)", {"path": str(parquet)})
        insert = f"INSERT INTO observations VALUES (NULL{', ?' * len(columns)})"
        while piece := rows.fetchmany(ROWS):
            target.executemany(insert, piece)
        target.execute(INDEX)
        target.execute("ANALYZE")
        target.commit()
    aside.replace(base)
    os.sync()


def tabled(parquet: Path) -> Path:
    """The SQLite file of a Parquet file beside it, made where it is not there."""
    base = parquet.parent.parent / f"rows-{parquet.stem}.sqlite"
    if not base.exists():
        for left in base.parent.glob("rows-*"):
            left.unlink()
        table(parquet, base)
    return base
