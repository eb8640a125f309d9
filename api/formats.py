"""Rows and answers made into bytes: JSON and CSV, and which of them a client takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from api.problems import NOT_ACCEPTABLE, Problem

JSON = "application/json"
CSV = "text/csv"
CSV_TYPE = "text/csv; charset=utf-8; header=present"
json = msgspec.json.Encoder(decimal_format="number").encode


@lru_cache(maxsize=256)
def choose(accept: str, offered: tuple[str, ...]) -> str:
    """The offered type that Accept prefers, the first of equals; a problem where it takes none.

    >>> choose("text/csv;q=0.9, application/json;q=0.5", (JSON, CSV)), choose("", (JSON, CSV))
    ('text/csv', 'application/json')
    """
    if not accept.strip():
        return offered[0]
    ranges = dict(_range(item) for item in accept[:4000].lower().split(","))
    best, weight = "", 0.0
    for media in offered:
        whole = media.partition(";")[0]
        family = whole.partition("/")[0]
        quality = next((ranges[name] for name in (whole, f"{family}/*", "*/*") if name in ranges), 0.0)
        if quality > weight:
            best, weight = media, quality
    if not best:
        types = ", ".join(offered)
        detail = (
            f"这个路径提供 {types}, 不提供 Accept 所要的格式。",
            f"This path gives {types}, not what Accept asks for.",
        )
        raise Problem(NOT_ACCEPTABLE, detail=detail)
    return best


def _range(item: str) -> tuple[str, float]:
    media, *options = (part.strip() for part in item.split(";"))
    for option in options:
        name, _, text = option.partition("=")
        if name.strip() == "q":
            digits = text.strip().replace(".", "", 1)
            return media, float(text) if digits.isascii() and digits.isdigit() and len(digits) < 5 else 0.0
    return media, 1.0


def as_csv(
    names: Sequence[str], rows: Iterable[Mapping[str, Any]], *, header: bool = True, excel: bool = False
) -> bytes:
    """A table: lists joined with ``;``, objects as JSON, null as nothing."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    if header:
        writer.writerow(names)
    writer.writerows([cell(row[name]) for name in names] for row in rows)
    return file.getvalue().encode("utf-8-sig" if excel else "utf-8")


def cell(value: Any) -> str:
    """A value as CSV has it.

    >>> cell(["区科技局", "区统计局"]), cell(None), cell(True), cell(Decimal("-1.1"))
    ('区科技局;区统计局', '', 'true', '-1.1')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return ";".join(map(str, value))
    return json(value).decode() if isinstance(value, dict) else str(value)
