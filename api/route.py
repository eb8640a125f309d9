"""What a route is: a path, what it takes, and how an answer is made of what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from api import formats, problems
from api.answers import Answers
from api.differences import Differences
from api.gate import Budget, Caller, Gate
from api.metrics import Metrics
from api.parameter import Parameter, Value
from api.problems import UNAVAILABLE, Headers, Problem
from api.settings import Settings
from api.snapshot import Snapshot, Snapshots

Need = Literal["", "key", "export"]


class Backend(Struct, frozen=True, kw_only=True):
    """What answers are made from."""

    settings: Settings
    snapshots: Snapshots
    differences: Differences
    answers: Answers
    gate: Gate
    metrics: Metrics
    key: bytes
    document: bytes
    page: bytes

    def seen(self) -> Snapshot:
        """The snapshot that answers from now on, which the metrics are told; a problem where there is none."""
        found = self.snapshots.current()
        self.differences.tidy()
        self.metrics.snapshot(found.id, found.observations, found.published_at, bool(self.snapshots.complaint))
        return found


class Asked(Struct, frozen=True, kw_only=True):
    """A request, checked.

    ``query`` is as sent, ``names`` are the values in the path, ``values`` those of the query; ``media`` is the type
    that the client takes, ``coding`` the content coding; ``found`` the snapshot that answers, None where there is none.
    """

    scope: Mapping[str, Any]
    query: str
    names: Mapping[str, str]
    values: Mapping[str, Value]
    media: str
    coding: str
    found: Snapshot | None
    caller: Caller

    @property
    def path(self) -> str:
        """The path as asked for."""
        return str(self.scope["path"])

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that answers; a problem where there is none."""
        if self.found is None:
            raise Problem(UNAVAILABLE)
        return self.found

    @property
    def bare(self) -> bool:
        """Whether the client asked with HEAD."""
        return bool(self.scope["state"]["exchange"].bare)

    def header(self, name: bytes) -> str:
        """A header of the request; empty where it is not given."""
        return problems.header(self.scope, name)


class Answered(Struct, frozen=True, kw_only=True):
    """A good answer: its bytes, or pieces of them that are made one by one and ``coded`` already where need be."""

    body: bytes | Iterator[bytes]
    media: str
    status: int = 200
    headers: Headers = msgspec.field(default_factory=list)


class NotModified(Exception):
    """The client has the answer already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


Answer = Callable[[Backend, Asked], Answered]


class Deprecated(Struct, frozen=True, kw_only=True):
    """Since when an operation is deprecated, and when it goes."""

    since: datetime
    sunset: datetime

    def headers(self) -> Headers:
        """Deprecation (RFC 9745), Sunset (RFC 8594), and where to read about it.

        >>> for header in Deprecated(since=datetime(2027, 1, 1, tzinfo=UTC), sunset=datetime(2027, 7, 1, tzinfo=UTC)).headers():
        ...     print(header)
        (b'deprecation', b'@1798761600')
        (b'sunset', b'Thu, 01 Jul 2027 00:00:00 GMT')
        (b'link', b'</openapi.json>; rel="deprecation"; type="application/json"')
        """
        sunset = format_datetime(self.sunset.astimezone(UTC), usegmt=True)
        return [
            (b"deprecation", f"@{int(self.since.timestamp())}".encode()),
            (b"sunset", sunset.encode()),
            (b"link", b'</openapi.json>; rel="deprecation"; type="application/json"'),
        ]


class Route(Struct, frozen=True, kw_only=True):
    """A path with the one operation that it has."""

    path: str
    id: str
    tag: str
    summary: str
    about: str
    answer: Answer
    at_once: Callable[[Backend, Asked], Answered | None] | None = None  # the same where it can be given without waiting
    shape: type[Struct] | None = None
    parameters: tuple[Parameter, ...] = ()
    media: tuple[str, ...] = (formats.JSON,)
    source: Literal["snapshot", "release", "moment"] = "snapshot"  # what the answer changes with
    budget: Budget | None = "data"  # None: outside every quota
    need: Need = ""
    deprecated: Deprecated | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def kept(self) -> bool:
        """Whether an answer may be given again, to anybody, while the snapshot is the same."""
        return self.source == "snapshot" and not self.need

    def freshness(self, max_age: int) -> str:
        """The Cache-Control of a good answer."""
        if self.source == "moment":
            return "no-store"
        return "private, no-cache" if self.need else f"public, max-age={max_age}"
