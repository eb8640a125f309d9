"""Answers in, whether they say what they should out: the same as another server's, and made anew."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from tests.bench import load, questions
from tests.bench.servers import Failure, Server

WALK = 120  # seconds that the way to a page far in may take
_KEPT = re.compile(r'^plan_indicators_answers_total\{outcome="(\w+)"\} ([0-9.e+]+)$', re.M)


def kept(server: Server) -> dict[str, float]:
    """How often an answer was kept, not modified, or made, as the server counts it."""
    return {outcome: float(count) for outcome, count in _KEPT.findall(load.got(server, "/metrics")[1].decode())}


def never_kept(server: Server, requests: int) -> None:
    """Raises where not every answer was made anew."""
    counted = kept(server)
    anew = sum(counted.values()) - counted.get("kept", 0) - counted.get("not_modified", 0)
    if anew != sum(counted.values()) or anew < requests:
        raise Failure(f"{server.name}: answers were to be made anew, and were not: {counted} of {requests}")


def rows(body: bytes) -> list[dict[str, Any]]:
    """The rows of an answer, of whatever server."""
    told = json.loads(body)
    if isinstance(told, dict):
        told = told.get("data", told.get("rows"))
    return list(told)


def same(name: str, ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> None:
    """Raises where a peer's rows say something else."""
    if [_plain(each, ours[0]) for each in theirs] != [_plain(each, ours[0]) for each in ours]:
        raise Failure(f"{name} answers otherwise: {theirs[:1]} instead of {ours[:1]}")


def _plain(told: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as numbers, lists as lists."""
    plain = {field: told.get(field) for field in fields}
    for field in ("responsible", "quality"):
        told_as = plain[field]
        if isinstance(told_as, str):
            plain[field] = json.loads(told_as)
    return plain | {
        "preferred": bool(plain["preferred"]),
        "value": None if plain["value"] is None else float(plain["value"]),
        "value_high": None if plain["value_high"] is None else float(plain["value_high"]),
    }


def nth(snapshot: Path, number: int) -> str:
    """The id of an observation by its place in the list of all that are preferred."""
    with duckdb.connect(str(snapshot), read_only=True) as base:
        ((found,),) = base.execute(
            "SELECT id FROM observations WHERE preferred ORDER BY ordinal LIMIT 1 OFFSET ?", [number]
        ).fetchall()
    return str(found)


def walked(server: Server, items: int, limit: int) -> str:
    """The address of the page that follows so many items, found as a client finds it: from page to page."""
    following, left = "", items
    began = time.monotonic()
    while left:
        step = min(left, questions.MOST_LIMIT)
        body = load.got(server, f"/v1/observations?limit={step}{following}")[1]
        told = msgspec.json.decode(body, type=_Walked).page.next
        if told is None or time.monotonic() - began > WALK:
            reached = "the pages end" if told is None else f"{WALK} s are over"
            raise Failure(f"{server.name}: {reached} {left:,} items before page {questions.DEEP:,}")
        following, left = f"&cursor={told}", left - step
    return f"/v1/observations?limit={limit}{following}"


class _Page(msgspec.Struct, frozen=True):
    next: str | None


class _Walked(msgspec.Struct, frozen=True):
    page: _Page
