"""A place in a collection, made into an opaque signed text and read back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from api.problems import PARAMETERS, Problem, Wrong
from api.settings import Invalid

_FREE = frozenset({"cursor", "limit"})  # what may change from page to page
_MARK = 16  # bytes of the signature
_MALFORMED = (
    "cursor 不是本服务器发出的, 或已被改动。",
    "The cursor is none that this server gave, or it was changed.",
)
_OTHER = (
    "cursor 属于另一个查询; 翻页时除 limit 外不得改动参数。",
    "The cursor belongs to another query; from page to page only limit may change.",
)


class Start(Struct, frozen=True, array_like=True):
    """Where a page begins in its collection."""

    offset: int = 0  # how many items come before
    after: int | None = None  # the row number of the last of them, where row numbers rise
    total: int | None = None  # how many items there are in all, where that was counted


class Place(Struct, frozen=True, array_like=True):
    """Where the next page begins: the snapshot, the query's digest, and the place in the collection."""

    snapshot: str
    query: bytes
    start: Start


_decode = msgspec.msgpack.Decoder(Place).decode


def key(data: Path) -> bytes:
    """The key that cursors are signed with: made once in the data folder, readable by its owner alone."""
    path = data / "secret"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = data / f"secret.{os.getpid()}.{secrets.token_hex(4)}"
            fresh.touch(0o600, exist_ok=False)
            fresh.write_bytes(secrets.token_bytes(32))
            # a link fails where another process was first, so that all use one key
            try:
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        found = path.read_bytes()
    except OSError as error:
        raise Invalid(f"data folder {data}: the file secret cannot be read or made: {error.strerror}") from error
    if len(found) < 32:
        raise Invalid(f"data folder {data}: the file secret is damaged; without it a new one is made")
    return found


def digest(path: str, values: Mapping[str, Any]) -> bytes:
    """What tells one query from another, whatever the order of its parameters."""
    told = {
        name: sorted(set(value)) if isinstance(value, list) and name not in ("sort", "fields") else value
        for name, value in values.items()
        if name not in _FREE
    }
    return hashlib.sha256(msgspec.json.encode([path, told], order="deterministic")).digest()[:16]


def write(key: bytes, place: Place) -> str:
    """The cursor for a place."""
    body = msgspec.msgpack.encode(place)
    return base64.urlsafe_b64encode(_mark(key, body) + body).decode().rstrip("=")


def read(key: bytes, cursor: str, query: bytes) -> Place:
    """The place that a cursor stands for; a problem where it is forged or belongs to another query."""
    try:
        signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        mark, body = signed[:_MARK], signed[_MARK:]
        if not hmac.compare_digest(mark, _mark(key, body)):
            raise _wrong(_MALFORMED)
        place = _decode(body)
    except (binascii.Error, msgspec.DecodeError):
        raise _wrong(_MALFORMED) from None
    if place.query != query:
        raise _wrong(_OTHER)
    return place


def _mark(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_MARK]


def _wrong(message: tuple[str, str]) -> Problem:
    return Problem(PARAMETERS, (Wrong(parameter="cursor", message=message),))
