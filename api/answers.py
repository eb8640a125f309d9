"""What is asked for in, its entity tag and the kept answer out: what a client has already, or was made before."""

from __future__ import annotations

import base64
import hmac
from collections import OrderedDict

import msgspec
from msgspec import Struct

from api.problems import Headers

_AROUND = 600  # bytes that an answer takes beside its body and headers, about


class Wanted(Struct, frozen=True):
    """What is asked for: of which snapshot, in which form and coding (empty for none), and the tag of its answer."""

    snapshot: str
    media: str
    coding: str
    etag: str


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
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def etag(self, *told: str | bytes | bool) -> str:
        """A strong entity tag of all that tells one answer from another: the snapshot, the address as sent, the form.

        Signed, so that who has one has had the answer: it proves the request a good one.
        """
        return self.digest(msgspec.msgpack.encode(told))

    def digest(self, body: bytes) -> str:
        """A strong entity tag of an answer that comes from no snapshot."""
        return f'"{base64.urlsafe_b64encode(hmac.digest(self._key, body, "sha256")[:15]).decode()}"'

    def get(self, etag: str) -> Kept | None:
        """The answer with this tag, where it is kept."""
        found = self._kept.get(etag)
        if found is not None:
            self._kept.move_to_end(etag)
        return found

    def keep(self, wanted: Wanted, answer: Kept) -> None:
        """Keeps an answer, and lets go those that were not asked for the longest; all, for a new snapshot."""
        if wanted.snapshot != self._snapshot:
            self._kept.clear()
            self._bytes, self._snapshot = 0, wanted.snapshot
        size = _size(answer)
        if size > self._most // 8 or wanted.etag in self._kept:
            return
        self._kept[wanted.etag] = answer
        self._bytes += size
        while self._bytes > self._most:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _size(answer: Kept) -> int:
    return len(answer.body) + sum(len(name) + len(text) for name, text in answer.headers) + _AROUND


def matches(if_none_match: str, etag: str) -> bool:
    """Whether a client has the representation already (RFC 9110, weak comparison).

    >>> [matches(text, '"a"') for text in ('"a"', 'W/"a"', '"b", "a"', "*", '"b"', "")]
    [True, True, True, True, False, False]
    """
    return if_none_match == etag or any(
        tag.strip().removeprefix("W/") in (etag, "*") for tag in if_none_match[:4000].split(",")
    )
