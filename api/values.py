"""What a client asks for in, the values that questions take out: regions with those below them, what a search found."""

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
    return values
