"""The outermost layer: what every answer has, whoever gives it, and what is answered before the application is asked."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from api import answers, codings, formats, logs, problems
from api.answers import Wanted
from api.gate import Budget, Caller
from api.metrics import Cached, Refusal
from api.problems import (
    ALLOW,
    FORBIDDEN,
    LONGEST,
    LONGEST_HEADER,
    NOT_FOUND,
    TOO_LONG,
    TOO_MANY,
    UNAUTHORIZED,
    Headers,
    Problem,
)
from api.route import Backend, Route
from api.routes import ROUTES, find
from api.snapshot import Snapshot

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Worker = Callable[..., Awaitable[Any]]
Whole = tuple[int, Headers, bytes]  # an answer: status, headers, body

_LONGEST_PATH = 1000  # bytes of a path that names something; what is remembered of others would fill the memory
_REMEMBERED = 1000  # bytes of a query, up to which it is remembered what is wanted
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{8,64}")
_EXPOSED = (
    b"ETag, Link, Location, Content-Language, Content-Disposition, Content-Range, Accept-Ranges, RateLimit, "
    b"RateLimit-Policy, Retry-After, Deprecation, Sunset, X-Request-Id"
)
_OURS = frozenset({b"allow", b"vary", b"x-request-id"})
_VARY = b"Accept, Accept-Encoding, Accept-Language, X-API-Key"
_LOCKED = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_REFUSALS: Mapping[str, Refusal] = {
    "too-many-requests": "rate_limit",
    "unauthorized": "key",
    "forbidden": "scope",
    "keys-unavailable": "keys_unavailable",
    "no-snapshot": "no_snapshot",
}
_PREFLIGHT: Headers = [
    (b"allow", ALLOW.encode()),
    (b"access-control-allow-methods", ALLOW.encode()),
    (
        b"access-control-allow-headers",
        b"Accept, Accept-Language, If-None-Match, If-Range, Range, X-API-Key, X-Request-Id",
    ),
    (b"access-control-max-age", b"86400"),
]


class Exchange(Struct, kw_only=True):
    """A request on its way, and what is known of it so far."""

    request_id: str
    given: Mapping[bytes, bytes]  # headers of the request
    caller: Caller
    began: float
    bare: bool  # asked for with HEAD
    route: Route | None = None
    snapshot: Snapshot | None = None
    wanted: Wanted | None = None
    status: int = 0
    sent: int = 0
    outcome: Cached | None = None  # of an answer that may be kept


class Edge:
    """Wraps the application: who asks and how often, what is kept, request ids, HEAD, CORS, and a net under crashes."""

    def __init__(self, app: App, backend: Backend, worker: Worker) -> None:
        self._app = app
        self._backend = backend
        self._worker = worker  # runs a function in a thread where waiting does no harm
        self._wants = lru_cache(maxsize=1024)(self._wanted)
        self._origins = frozenset(backend.settings.origins)
        self._fresh = {
            route.id: (b"cache-control", route.freshness(backend.settings.max_age).encode()) for route in ROUTES
        }
        self._name = secrets.token_hex(10)  # with a number the id of a request: no two of any process are alike
        self._number = itertools.count()
        self._constant: Headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"access-control-expose-headers", _EXPOSED),
        ]
        if "*" in self._origins:
            self._constant += [(b"access-control-allow-origin", b"*"), (b"vary", _VARY)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        given, gate = _given(scope["headers"]), self._backend.gate
        asked = _text(given, b"x-request-id")
        method = scope["method"]
        exchange = Exchange(
            request_id=asked if asked and _REQUEST_ID.fullmatch(asked) else f"{self._name}{next(self._number):012x}",
            given=given,
            caller=gate.address(scope),
            began=time.perf_counter(),
            bare=method == "HEAD",
            snapshot=self._backend.snapshots.known(),
        )
        if exchange.bare:
            scope["method"] = "GET"
        common = self._common(exchange)
        try:
            if method == "OPTIONS" and given.get(b"access-control-request-method"):
                exchange.route = find(scope["path"])
                common += gate.take(exchange.caller, "data", 0)[0]
                whole: Whole | None = (204, _PREFLIGHT, b"")
            else:
                if exchange.snapshot is None:
                    exchange.snapshot = await self._worker(self._looked)
                whole = self._before(scope, exchange, common)
            if whole is None:
                await self._passed(scope, receive, send, exchange, common)
            else:
                status, headers, body = whole
                await _answer(send, exchange, status, [*headers, _LOCKED, *common], body)
        except Exception as error:  # the net: nothing may pass it unanswered
            problem = problems.of(error, exchange.request_id)
            if problem.kind.name in _REFUSALS:
                self._backend.metrics.refused(_REFUSALS[problem.kind.name])
            if exchange.status:
                raise
            _marked(scope, exchange)
            status, headers, body = problems.answer(problem, scope)
            await _answer(send, exchange, status, _completed(headers, common), body)
        finally:
            self._count(scope, method, exchange)

    async def _passed(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange, common: Headers) -> None:
        """Lets the application answer."""
        _marked(scope, exchange)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = _completed(message.get("headers", ()), common)
            elif exchange.bare:
                message["body"] = b""
            else:
                exchange.sent += len(message.get("body", b""))
            await send(message)

        await self._app(scope, _bodiless(receive), sending)

    def _before(self, scope: Scope, exchange: Exchange, common: Headers) -> Whole | None:
        """What needs no application: refusals of the gate, 304, answers that are kept."""
        gate, refused = self._backend.gate, None
        budget: Budget | None = "data"
        try:
            exchange.route = route = _straighten(scope)
            budget = "data" if route is None else route.budget
        except Problem as problem:
            route, refused = None, problem
        cost = int(budget is not None and scope["method"] != "OPTIONS")
        if (key := exchange.given.get(b"x-api-key")) is not None:  # an empty one too: it is not ignored
            try:
                exchange.caller = gate.keyed(key.decode("latin-1"))
            except Problem as problem:
                refused, cost = problem, 1
        headers, within = gate.take(exchange.caller, budget or "data", cost)
        common += headers
        if not within and budget is not None:
            raise Problem(TOO_MANY)
        if refused is not None:
            raise refused
        if route is None or scope["method"] != "GET":
            return None
        if route.need:
            _entitled(route, exchange.caller)
        return self._kept(scope, exchange, route)

    def _kept(self, scope: Scope, exchange: Exchange, route: Route) -> Whole | None:
        backend, given, snapshot = self._backend, exchange.given, exchange.snapshot
        if route.source != "snapshot":
            snapshot = exchange.snapshot = None
        query: bytes = scope["query_string"]
        tell = self._wants if len(query) < _REMEMBERED else self._wanted
        exchange.wanted = wanted = tell(
            "" if snapshot is None else snapshot.id,
            scope["path"],
            query,
            route.media,
            given.get(b"accept", b"")[:LONGEST_HEADER],
            given.get(b"accept-encoding", b"")[:LONGEST_HEADER],
            given.get(b"accept-language", b"")[:LONGEST_HEADER],
        )
        if snapshot is None or not route.kept:
            return None
        if condition := _text(given, b"if-none-match"):
            if condition.strip() == "*":  # whether there is anything that it matches is not known yet
                return None
            if not answers.matches(condition, wanted.etag):
                return None
            exchange.outcome = "not_modified"
            return 304, [(b"etag", wanted.etag.encode()), self._fresh[route.id]], b""
        kept = backend.answers.get(wanted.etag)
        if kept is None:
            return None
        exchange.outcome = "kept"
        return 200, kept.headers, kept.body

    def _wanted(
        self,
        snapshot: str,
        path: str,
        query: bytes,
        offered: tuple[str, ...],
        accept: bytes,
        accepted: bytes,
        language: bytes,
    ) -> Wanted:
        media, coding = formats.choose(accept.decode("latin-1"), offered), codings.choose(accepted.decode("latin-1"))
        english = problems.wants_english(language.decode("latin-1"))
        etag = self._backend.answers.etag(snapshot, path, query, media, coding, english)
        return Wanted(snapshot, media, coding, etag)

    def _looked(self) -> Snapshot | None:
        """The snapshot that answers from now on; None where there is none, which its handler says."""
        try:
            return self._backend.seen()
        except Problem:
            return None

    def _common(self, exchange: Exchange) -> Headers:
        headers = [(b"x-request-id", exchange.request_id.encode()), *self._constant]
        if "*" not in self._origins:
            headers.append((b"vary", _VARY + b", Origin"))
            origin = _text(exchange.given, b"origin")
            if origin in self._origins:
                headers.append((b"access-control-allow-origin", origin.encode()))
        return headers

    def _count(self, scope: Scope, method: str, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.began
        route, caller = exchange.route, exchange.caller
        template = "" if route is None else route.path
        self._backend.metrics.count(template, method, exchange.status, seconds, exchange.sent, exchange.outcome)
        if caller.key is not None and route is not None and route.budget is not None:
            self._backend.gate.usage.count(caller.key.prefix, route.budget, exchange.sent)
        if not logs.wanted(exchange.status):
            return
        logs.access(
            request_id=exchange.request_id,
            method=method,
            route=template,
            path=scope["path"],
            query=scope["query_string"],
            status=exchange.status,
            seconds=seconds,
            sent=exchange.sent,
            caller=caller.name,
            snapshot="" if exchange.snapshot is None else exchange.snapshot.id,
        )


def _marked(scope: Scope, exchange: Exchange) -> None:
    # a server may give one and the same state to all requests
    scope["state"] = {**(scope.get("state") or {}), "request_id": exchange.request_id, "exchange": exchange}


async def _answer(send: Send, exchange: Exchange, status: int, headers: Headers, body: bytes) -> None:
    if exchange.bare:
        body = b""
    exchange.status, exchange.sent = status, len(body)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _completed(found: Headers, common: Headers) -> Headers:
    headers = [pair for pair in found if pair[0].lower() not in _OURS]
    names = {name.lower() for name, _ in found}
    if b"allow" in names:
        headers.append((b"allow", ALLOW.encode()))
    if b"content-security-policy" not in names:
        headers.append(_LOCKED)
    return headers + common


def _entitled(route: Route, caller: Caller) -> None:
    """A problem where the route needs a key, or one that may do more."""
    if route.need and caller.key is None:
        raise Problem(UNAUTHORIZED)
    if route.need == "export" and caller.key is not None and "export" not in caller.key.scopes:
        raise Problem(FORBIDDEN)


def _bodiless(receive: Receive) -> Receive:
    """Passes over the body of a request, in however many pieces it comes: no question has one."""
    begun = False

    async def received() -> Message:
        nonlocal begun
        if not begun:
            begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] == "http.request":
            pass
        return message

    return received


def _given(headers: Collection[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by name, in lower case as the server gives them; of several of one name the values as HTTP joins them."""
    given = dict(headers)
    if len(given) < len(headers):
        given.clear()
        for name, value in headers:
            given[name] = given[name] + b", " + value if name in given else value
    return given


def _text(given: Mapping[bytes, bytes], name: bytes) -> str:
    """A header, cut where it is long; empty where it is not given."""
    return given[name][:LONGEST_HEADER].decode("latin-1") if name in given else ""


def _straighten(scope: Scope) -> Route | None:
    """Sets the path from its raw form, and finds its route, whether or not what it names exists.

    A path has one spelling only, so that there is one address for one thing.
    """
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    raw = raw.partition(b"?")[0]
    if len(raw) + len(scope["query_string"]) > LONGEST:
        raise Problem(TOO_LONG)
    if len(raw) > _LONGEST_PATH:
        raise Problem(NOT_FOUND)
    scope["path"], route = _placed(raw)
    return route


@lru_cache(maxsize=4096)
def _placed(raw: bytes) -> tuple[str, Route | None]:
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(NOT_FOUND) from None
    odd = b"//" in raw or b"%2f" in raw.lower() or b"\0" in raw or b"%00" in raw or (len(raw) > 1 and raw[-1:] == b"/")
    if odd or not path.startswith("/"):
        raise Problem(NOT_FOUND)
    return path, find(path)
