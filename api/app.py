"""Settings in, the ASGI application out: the one place where things are joined."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any
from weakref import WeakSet

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from api import answers, codings, cursors, parameters, problems
from api.answers import Answers, Kept
from api.differences import Differences
from api.edge import Edge, Exchange
from api.gate import Gate
from api.handlers import suggested
from api.metrics import Metrics
from api.problems import BUSY, Headers, Problem
from api.route import Answered, Asked, Backend, NotModified, Route
from api.routes import ROUTES
from api.rows import Unfit
from api.settings import Settings
from api.snapshot import Snapshots


def create_app(settings: Settings) -> Edge:
    """The application that answers from the snapshots in the settings' data folder."""
    key = cursors.key(settings.data)
    document = (files("openapi") / "openapi.json").read_bytes()
    backend = Backend(
        settings=settings,
        snapshots=Snapshots(settings),
        differences=Differences(settings.memory_mb),
        # another release may say the same data in other bytes
        answers=Answers(hmac.digest(key, document, "sha256"), settings.cache_mb * 1_000_000),
        gate=Gate(settings),
        metrics=Metrics(),
        key=key,
        document=document,
        page=(files("api") / "docs.html").read_bytes(),
    )
    desk = Desk(backend)
    app = Litestar(
        [desk.handler(route) for route in ROUTES],
        openapi_config=None,
        logging_config=None,
        exception_handlers={Exception: _problem},
        on_shutdown=[desk.close],
    )
    return Edge(app, backend, desk.work)  # type: ignore[arg-type]


class Desk:
    """Where questions are put to worker threads, and answers dressed for their way."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._threads = ThreadPoolExecutor(backend.settings.threads, thread_name_prefix="query")
        self._exporters = ThreadPoolExecutor(backend.settings.exports, thread_name_prefix="export")
        self._exports: WeakSet[AsyncIterator[bytes]] = WeakSet()  # under way: who goes away drops out by itself

    async def work(self, function: Any, *arguments: Any) -> Any:
        """What a function gives, run in a thread for queries."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def close(self) -> None:
        """Lets everything go."""
        self._backend.gate.close()
        self._backend.differences.close()
        self._backend.snapshots.close()
        self._backend.metrics.close()

    def handler(self, route: Route) -> HTTPRouteHandler:
        """The handler of a route."""

        async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._answer(route, request)

        return get(re.sub(r"\{(\w+)\}", r"{\1:str}", route.path), name=route.id)(handle)

    async def _answer(self, route: Route, request: Request[Any, Any, Any]) -> Response[Any]:
        exchange: Exchange = request.scope["state"]["exchange"]
        query: bytes = request.scope["query_string"]
        wanted = exchange.wanted
        if wanted is None:
            raise RuntimeError("the edge lets nothing pass without knowing what is wanted")
        try:
            values = parameters.parse(route.parameters, query)
        except Problem as problem:
            raise await self.work(suggested, self._backend, problem) from None
        asked = Asked(
            scope=request.scope,
            query=query.decode("latin-1"),
            names=request.path_params,
            values=values,
            media=wanted.media,
            coding=wanted.coding,
            found=exchange.snapshot,
            caller=exchange.caller,
        )
        freshness = route.freshness(self._backend.settings.max_age)
        try:
            answered = await self._answered(route, asked)
        except NotModified as same:
            return _not_modified(same.etag, freshness)
        headers: Headers = [(b"cache-control", freshness.encode()), *answered.headers]
        if route.deprecated is not None:
            headers += route.deprecated.headers()
        if not isinstance(answered.body, bytes):
            return await self._streamed(answered, answered.body, headers, bare=exchange.bare)
        body = await self.work(codings.code, answered.body, wanted.coding) if wanted.coding else answered.body
        etag = self._backend.answers.etag(wanted) if route.kept else self._backend.answers.digest(body)
        if answers.matches(asked.header(b"if-none-match"), etag):
            return _not_modified(etag, freshness)
        headers += [
            (b"content-type", answered.media.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"etag", etag.encode()),
        ]
        if wanted.coding:
            headers.append((b"content-encoding", wanted.coding.encode()))
        if route.kept:
            self._backend.metrics.cache("made")
            self._backend.answers.keep(wanted, Kept(headers, body))
        return Response(body, headers=_named(headers))

    async def _answered(self, route: Route, asked: Asked) -> Answered:
        try:
            found = route.at_once(self._backend, asked) if route.at_once else None
            made: Answered = found or await self.work(route.answer, self._backend, asked)
        except Unfit:  # a prepared line is damaged; from now on the database answers
            made = await self.work(route.answer, self._backend, asked)
        return made

    async def _streamed(
        self, answered: Answered, pieces: Iterator[bytes], headers: Headers, *, bare: bool
    ) -> Response[Any]:
        if len(self._exports) >= self._backend.settings.exports:
            self._backend.metrics.refused("busy")
            raise Problem(BUSY)
        loop = asyncio.get_running_loop()

        async def sent(piece: bytes | None) -> AsyncIterator[bytes]:
            while piece is not None:
                yield piece
                piece = await loop.run_in_executor(self._exporters, next, pieces, None)

        # the first piece before the first byte: what fails at once is still told as a problem
        sending = sent(None if bare else await loop.run_in_executor(self._exporters, next, pieces, None))
        self._exports.add(sending)
        return Stream(sending, media_type=answered.media, status_code=answered.status, headers=_named(headers))


def _not_modified(etag: str, freshness: str) -> Response[Any]:
    return Response(None, status_code=304, headers={"etag": etag, "cache-control": freshness})


def _named(headers: Headers) -> dict[str, str]:
    """Headers by name; those that are given more than once are lists."""
    named: dict[str, str] = {}
    for name, value in headers:
        before = named.get(name.decode())
        named[name.decode()] = value.decode() if before is None else f"{before}, {value.decode()}"
    return named


def _problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    status, headers, body = problems.answer(problems.of(error, problems.request_id(request.scope)), request.scope)
    kept = {name.decode(): value.decode() for name, value in headers if name != b"content-length"}
    return Response(body, status_code=status, media_type=kept.pop("content-type"), headers=kept)
