"""What was asked of the service itself in, the answer out: what it is, its limits and counts, its health and contract."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from api import __version__, comparisons, formats, metrics
from api.gate import BUDGETS
from api.parameters import CURSOR, FILTERS, LIMIT, NAMES, SORT
from api.problems import LONGEST, NOT_FOUND, UNAUTHORIZED, Problem
from api.route import Answer, Answered, Asked, Backend
from api.settings import Settings
from api.snapshot import KEPT, KEPT_SECONDS


def _json(answer: Any) -> Answered:
    return Answered(body=formats.json(answer), media=formats.JSON)


def service(links: Callable[[], Mapping[str, str]]) -> Answer:
    """What the service is and holds, and where to go on."""

    def answer(backend: Backend, asked: Asked) -> Answered:
        row = asked.snapshot.ask("service", {})[0]
        years, regions = row.pop("years"), row.pop("regions")
        return _json({"version": __version__, "snapshot": row, "years": years, "regions": regions, "links": links()})

    return answer


def limits(backend: Backend, asked: Asked) -> Answered:
    """All limits as data."""
    rates = [
        {"budget": budget, "caller": caller, "requests": rate.count, "seconds": rate.seconds, "about": BUDGETS[budget]}
        for budget, each in backend.gate.rates.items()
        for caller, rate in zip(("address", "key"), each, strict=True)
    ]
    return _json({"data": rates, "bounds": _bounds(backend.settings)})


def _bounds(settings: Settings) -> list[dict[str, Any]]:
    every: list[tuple[str, int, str, str]] = [
        ("page", LIMIT.most, "items", "Most items on a page; the parameter limit"),
        ("values", FILTERS[0].most_items, "values", "Most values of one filter in a query"),
        ("indicators", comparisons.MOST_INDICATORS, "values", "Most indicators of a comparison"),
        ("regions", comparisons.MOST_REGIONS, "regions", "Most regions of a comparison"),
        ("periods", comparisons.MOST_PERIODS, "periods", "Most periods of a comparison"),
        ("cells", comparisons.MOST_CELLS, "cells", "Most indicators × regions × periods of a comparison"),
        ("q", NAMES.most, "characters", "Longest text to search for"),
        ("sort", SORT.most_items, "fields", "Most fields to sort by"),
        ("cursor", CURSOR.most, "characters", "Longest cursor"),
        ("address", LONGEST, "bytes", "Longest path and query together"),
        ("waiting", settings.waiting, "questions", "Questions that may wait in a server process; more get 503"),
        ("query_seconds", settings.query_seconds, "seconds", "How long a question may take; longer ones get 503"),
        ("exports", settings.exports, "exports", "Exports that a server process makes at once; more get 503"),
        ("snapshots", KEPT, "snapshots", "Earlier states kept at least, for cursors and for /v1/changes"),
        ("snapshots_time", KEPT_SECONDS, "seconds", "How long an earlier state is kept at least"),
    ]
    return [{"name": name, "most": most, "unit": unit, "about": about} for name, most, unit, about in every]


def usage(backend: Backend, asked: Asked) -> Answered:
    """What the calling key has used, and what is left."""
    key = asked.caller.key
    if key is None:  # the edge lets nobody without a key come here
        raise Problem(UNAUTHORIZED)
    left = []
    for budget in BUDGETS:
        rate, taken = backend.gate.look(asked.caller, budget)
        left.append({"budget": budget, "requests": rate.count, "seconds": rate.seconds, "remaining": taken.remaining})
    days = [msgspec.structs.asdict(day) for day in backend.gate.usage.read(key.prefix)]
    card = {
        "prefix": key.prefix,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created": _moment(key.created),
        "expires": _moment(key.expires),
    }
    return _json({"key": card, "limits": left, "data": days})


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def live(backend: Backend, asked: Asked) -> Answered:
    """The process answers."""
    return _json({"status": "live"})


def ready(backend: Backend, asked: Asked) -> Answered:
    """A snapshot can be read."""
    snapshot = backend.seen()
    snapshot.ask("service", {})
    return _json({"status": "ready", "snapshot": snapshot.id, "stale": bool(backend.snapshots.complaint)})


def measured(backend: Backend, asked: Asked) -> Answered:
    """What was counted, for Prometheus."""
    if not backend.settings.metrics:
        raise Problem(NOT_FOUND)
    with suppress(Problem):
        backend.seen()
    return Answered(body=backend.metrics.page(), media=metrics.CONTENT_TYPE)


def document(backend: Backend, asked: Asked) -> Answered:
    """The OpenAPI document."""
    return Answered(body=backend.document, media=formats.JSON)


def page(backend: Backend, asked: Asked) -> Answered:
    """A page to try the API on, that may run its own script and style and ask this server: nothing else."""
    headers = [(b"content-security-policy", page_policy(backend.page).encode())]
    return Answered(body=backend.page, media="text/html; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def page_policy(page: bytes) -> str:
    """The content security policy of a page whose scripts and styles are known by their digests."""

    def digests(tag: str) -> str:
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>".encode(), page, re.DOTALL)
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in inside)

    return (
        f"default-src 'none'; script-src {digests('script')}; style-src {digests('style')}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
