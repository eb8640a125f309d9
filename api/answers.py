"""What is asked for in, its entity tag and the kept answer out: what a client has already, or was made before."""

from __future__ import annotations

import base64
import hmac
from collections import OrderedDict
from functools import lru_cache

import msgspec
from msgspec import Struct

from api.problems import Headers

_LONG = 2000  # characters of an address whose tag is not remembered
_AROUND = 500  # bytes that an answer takes beside its body and address, about


class Wanted(Struct, frozen=True, array_like=True):
    """All that tells one answer from another: two that are equal here are the same bytes.

    ``snapshot`` is its id, ``target`` the path and query as sent; ``coding`` is empty for none.
    """

    snapshot: str
    target: str
    media: str
    coding: str
    english: bool


class Kept(Struct, frozen=True):
    """An answer that was given: its headers and its body, coded."""

    headers: Headers
    body: bytes


class Answers:
    """The answers of the current snapshot that were given last, as many as fit into a number of bytes.

    Used from the event loop alone.
    """

    def __init__(self, key: bytes, most: int) -> None:
        self._key = key
        self._most = most
        self._bytes = 0
        self._snapshot = ""
        self._kept: OrderedDict[Wanted, Kept] = OrderedDict()
        self._tagged = lru_cache(maxsize=2048)(lambda wanted: self._tag(msgspec.msgpack.encode(wanted)))

    def etag(self, wanted: Wanted) -> str:
        """A strong entity tag. Signed, so that who has one has had the answer: it proves the request a good one."""
        return self._tagged(wanted) if len(wanted.target) < _LONG else self._tag(msgspec.msgpack.encode(wanted))

    def digest(self, body: bytes) -> str:
        """A strong entity tag of an answer that comes from no snapshot."""
        return self._tag(body)

    def _tag(self, told: bytes) -> str:
        return f'"{base64.urlsafe_b64encode(hmac.digest(self._key, told, "sha256")[:15]).decode()}"'

    def get(self, wanted: Wanted) -> Kept | None:
        """The answer, where it is kept."""
        found = self._kept.get(wanted)
        if found is not None:
            self._kept.move_to_end(wanted)
        return found

    def keep(self, wanted: Wanted, answer: Kept) -> None:
        """Keeps an answer, and lets go those that were not asked for the longest; all, for a new snapshot."""
        if wanted.snapshot != self._snapshot:
            self._kept.clear()
            self._bytes, self._snapshot = 0, wanted.snapshot
        size = _size(wanted, answer)
        if size > self._most // 8 or wanted in self._kept:
            return
        self._kept[wanted] = answer
        self._bytes += size
        while self._bytes > self._most:
            self._bytes -= _size(*self._kept.popitem(last=False))


def _size(wanted: Wanted, answer: Kept) -> int:
    return len(answer.body) + len(wanted.target) + _AROUND


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a client has the representation already (RFC 9110, weak comparison).

    >>> [matches(text, '"a"') for text in ('"a"', 'W/"a"', '"b", "a"', "*", '"b"', "")]
    [True, True, True, True, False, False]
    """
    return if_none_match == etag or any(
        tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match[:4000].split(",")
    )
