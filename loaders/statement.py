"""A statement: where table and prose become one."""

from __future__ import annotations

import msgspec


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a document states of one name: a figure or a stance, in its words, with its place.

    ``value`` holds the words that state it (增长8.5%, 5以内, 完成上级下达目标) in simplified half-width characters,
    completed by what the clause distributes (分别增长…, a last 以上): ``quantity.read`` makes it a value.
    ``start`` and ``end`` are offsets of ``quote`` in the original.
    """

    name: str
    value: str
    role: str
    year: int
    period: str
    start: int
    end: int
    at: int  # offset of the figure itself: what the observation's id is made of
    quote: str
    rule: str
    parent: str | None = None  # heading of the row that this one is a part of
    item: str | None = None  # the item of a list that the row is an indicator of: tells what 参保人数 is of
    category: str | None = None  # the document's own heading
    unit: str | None = None  # unit of the column, the name's brackets or the caption
    status: str | None = None
    base_period: str | None = None
    scope: str | None = None
    region: str | None = None  # null: the document's
    responsible: tuple[str, ...] = ()
    designation: str | None = None
    section: str | None = None
    table: str | None = None
    row: str | None = None
    repairs: tuple[str, ...] = ()


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that no rule could read, with the reason."""

    start: int
    end: int
    quote: str
    reason: str
