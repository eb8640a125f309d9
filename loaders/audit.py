"""The number audit: every figure of a document ends in a quote, in a named not-a-value, or as unread."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import Any

import msgspec

from loaders.document import Document
from loaders.statement import Statement, Unread

FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """Where one figure of the original went: ``observed``, ``not_values`` or ``unread``, and by which rule."""

    start: int
    end: int
    figure: str
    fate: str
    rule: str


def fates(
    document: Document, statements: list[Statement], unread: list[Unread], skipped: list[tuple[int, int, str]]
) -> list[Fate]:
    """The fate of each figure of the original, in order. A quote wins over a named not-a-value, that over unread."""
    quotes = _Spans([(one.start, one.end, one.rule) for one in statements])
    named = _Spans(skipped)
    outside = _Spans([(piece.start, piece.end, piece.name) for piece in document.furniture])
    reasons = _Spans([(one.start, one.end, one.reason) for one in unread])
    found = []
    order = (("observed", quotes), ("unread", reasons), ("not_values", named), ("not_values", outside))
    for match in FIGURE.finditer(document.raw):
        start, end = match.span()
        held = ((fate, rule) for fate, spans in order if (rule := spans.at(start, end)) is not None)
        fate, rule = next(held, ("unread", "no_rule"))
        found.append(Fate(start=start, end=end, figure=match[0], fate=fate, rule=rule))
    return found


def count(
    document: Document, statements: list[Statement], unread: list[Unread], skipped: list[tuple[int, int, str]]
) -> dict[str, Any]:
    """The three counts, and the unread figures themselves with their reasons."""
    found = fates(document, statements, unread, skipped)
    counts = Counter(one.fate for one in found)
    left = [
        Unread(start=one.start, end=one.end, quote=document.raw[one.start : one.end], reason=one.rule)
        for one in found
        if one.fate == "unread"
    ]
    return {
        "figures": len(found),
        "observed": counts["observed"],
        "not_values": counts["not_values"],
        "unread": tuple(left),
    }


class _Spans:
    """Named pieces, asked which of them holds a place; of several the longest that begins last."""

    def __init__(self, spans: list[tuple[int, int, str]]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _, _ in self._spans]
        self._reach: list[int] = []
        reach = 0
        for _, end, _ in self._spans:
            reach = max(reach, end)
            self._reach.append(reach)

    def at(self, start: int, end: int) -> str | None:
        index = bisect_right(self._starts, start) - 1
        while index >= 0 and self._reach[index] > start:
            first, last, name = self._spans[index]
            if first <= start and last >= end:
                return name
            index -= 1
        return None
