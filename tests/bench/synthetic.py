"""A number in, so many made-up observations with their documents out, in a snapshot's tables (``synthetic.sql``)."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

SIZES = (1_500, 300_000, 10_000_000)
MOST = 3_000 * 10 * 350  # counties, years, observations of a document
SEED = 20260131
SQL = Path(__file__).with_name("synthetic.sql")


def fill(base: duckdb.DuckDBPyConnection, size: int, seed: int = SEED) -> None:
    """Documents with so many observations, of the regions and indicators that are there; not yet numbered or judged."""
    if not 0 < size <= MOST:
        raise ValueError(f"{size} observations: 1 to {MOST:,} can be made")
    text = SQL.read_text("utf-8").replace("$size", str(size)).replace("$seed", str(seed))
    for statement in re.sub(r"--.*", "", text).split(";"):
        if statement.strip():
            base.execute(statement)
