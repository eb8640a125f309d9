"""What a client asks for in, the values that questions take out: regions with those below them, what a search found,
and what judgements need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api import search
from api.snapshot import Snapshot


def resolve(snapshot: Snapshot, question: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a question, with ``descendants`` as regions and what ``q`` finds as ``found`` and ``named``."""
    values = dict(given)
    if values.pop("descendants", None) and values.get("region"):
        values["region"] = snapshot.below(values["region"])
    if isinstance(text := values.get("q"), str):
        values |= search.found(snapshot, question, text)
    if question in ("assessments", "assessed"):
        values |= _judged(values)
    return values


def _judged(values: Mapping[str, Any]) -> dict[str, Any]:
    """What questions for judgements take beside the filters.

    ``near``: the regions whose observations judge a day's targets of the given ones: their own, and those of the
    prefecture and the province that a target may name. ``counted``: whether all asked for was counted at publication.
    """
    regions = values.get("region") or ()
    near = {code for one in regions for code in (one, f"{one[:4]}00", f"{one[:2]}0000")} if values.get("as_of") else ()
    return {"near": sorted(near) or None, "counted": not any(map(values.get, ("as_of", "designation", "document")))}
