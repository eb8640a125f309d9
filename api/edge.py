"""The outermost layer: what every answer has, whoever gives it, and what no route sees."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from api import problems
from api.problems import ALLOW, NOT_FOUND, TOO_LONG, Headers, Problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LONGEST = 49_152  # bytes of path and query
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{8,64}")
_EXPOSED = b"Link, ETag, Content-Language, Retry-After, X-Request-Id"
_OURS = frozenset({b"allow", b"vary", b"x-request-id"})


class Edge:
    """Wraps the application: request ids, HEAD, odd paths, CORS, security headers, and a net under every crash."""

    def __init__(self, app: App, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = problems.header(scope, b"x-request-id")
        identity = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(16)
        bare = scope["method"] == "HEAD"
        scope = dict(scope) | {"state": dict(scope.get("state") or {}) | {"request_id": identity}}
        if bare:
            scope["method"] = "GET"
        common = self._common(scope, identity)
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                found = list(message.get("headers", ()))
                headers = [(name, value) for name, value in found if name.lower() not in _OURS]
                if any(name.lower() == b"allow" for name, _ in found):
                    headers.append((b"allow", ALLOW.encode()))
                if not any(name.lower() == b"content-security-policy" for name, _ in found):
                    headers.append((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
                message = dict(message) | {"headers": [*headers, *common]}
            elif bare:
                message = dict(message) | {"body": b""}
            await send(message)

        try:
            if _preflight(scope):
                await sending({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
                await sending({"type": "http.response.body", "body": b""})
                return
            _straighten(scope)
            await self._app(scope, receive, sending)
        except Exception as error:  # the net: nothing may pass it unanswered
            problem = problems.of(error, identity)
            if started:
                raise
            status, headers, body = problems.answer(problem, scope)
            await sending({"type": "http.response.start", "status": status, "headers": headers})
            await sending({"type": "http.response.body", "body": body})

    def _common(self, scope: Scope, identity: str) -> Headers:
        headers = [
            (b"x-request-id", identity.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]
        vary = "Accept, Accept-Language"
        if "*" in self._origins:
            headers.append((b"access-control-allow-origin", b"*"))
        else:
            vary += ", Origin"
            origin = problems.header(scope, b"origin")
            if origin in self._origins:
                headers.append((b"access-control-allow-origin", origin.encode()))
        return [*headers, (b"access-control-expose-headers", _EXPOSED), (b"vary", vary.encode())]


_PREFLIGHT: Headers = [
    (b"allow", ALLOW.encode()),
    (b"access-control-allow-methods", ALLOW.encode()),
    (b"access-control-allow-headers", b"Accept, Accept-Language, If-None-Match, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
]


def _preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and bool(problems.header(scope, b"access-control-request-method"))


def _straighten(scope: Scope) -> None:
    """Sets the path from its raw form; a path has one spelling only, so that there is one address for one thing."""
    raw = scope.get("raw_path") or scope["path"].encode()
    raw = raw.partition(b"?")[0]
    if len(raw) + len(scope["query_string"]) > _LONGEST:
        raise Problem(TOO_LONG)
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(NOT_FOUND) from None
    odd = b"//" in raw or b"%2f" in raw.lower() or b"\0" in raw or b"%00" in raw or (len(raw) > 1 and raw[-1:] == b"/")
    if odd or not path.startswith("/"):
        raise Problem(NOT_FOUND)
    scope["path"] = path
