"""The same question asked of an indexed SQLite file for each request, behind Litestar.

As fast as it gets: one connection to a file that never changes, mapped into memory, statements prepared once, no
threads, rows encoded by msgspec, lists as the JSON that the file holds.
"""
# mypy: ignore-errors

from __future__ import annotations

import os
import sqlite3

import msgspec
from litestar import Litestar, Response, get

BASE = sqlite3.connect(f"file:{os.environ['BENCH_SQLITE']}?mode=ro&immutable=1", uri=True, check_same_thread=False)
BASE.execute("PRAGMA mmap_size = 17179869184")
NAMES = [row[1] for row in BASE.execute("PRAGMA table_info(observations)")][1:]  # without the row number
LISTS = [NAMES.index(name) for name in ("responsible", "quality")]
PREFERRED = NAMES.index("preferred")
LISTED = ", ".join(f'"{name}"' for name in NAMES)
WHERE = "FROM observations WHERE region = ? AND category = ? AND year = ? AND preferred = 1"
PAGE = f"SELECT ordinal, {LISTED} {WHERE} ORDER BY ordinal LIMIT ?"
COUNT = f"SELECT count(*) {WHERE}"
ENCODE = msgspec.json.Encoder().encode


def told(row: tuple) -> dict:
    values = list(row[1:])
    values[PREFERRED] = bool(values[PREFERRED])
    for place in LISTS:
        values[place] = None if values[place] is None else msgspec.Raw(values[place].encode())
    return dict(zip(NAMES, values, strict=True))


@get("/v1/regions/{region:str}/categories/{category:str}/years/{year:int}/observations", sync_to_thread=False)
def observations(region: str, category: str, year: int, limit: int = 100) -> Response[bytes]:
    asked = (region, category, year)
    rows = BASE.execute(PAGE, (*asked, limit)).fetchall()
    total = BASE.execute(COUNT, asked).fetchone()[0]
    following = str(rows[-1][0]) if len(rows) < total else None
    page = {"limit": limit, "next": following, "total": total, "snapshot": "bench"}
    return Response(ENCODE({"data": [told(row) for row in rows], "page": page}), media_type="application/json")


app = Litestar([observations], openapi_config=None, logging_config=None)
