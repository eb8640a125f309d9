"""Settings in, the ASGI application out: the one place where things are joined."""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import socket
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from api import answers, codings, cursors, parameter, problems
from api.answers import Answers, Kept
from api.differences import Differences
from api.edge import Edge, Exchange
from api.gate import Gate
from api.handlers import suggested
from api.metrics import Metrics
from api.problems import BUSY, Headers, Problem
from api.route import Answered, Asked, Backend, NotModified, Route
from api.routes import ROUTES
from api.sections import Unfit
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

    async def admitted(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            desk.admit(scope["state"]["exchange"].route)
        await app(scope, receive, send)

    return Edge(admitted, backend, desk.aside)


class Threads:
    """Threads, and how many may wait for one: who comes when so many wait is refused at once."""

    def __init__(self, name: str, number: int, waiting: int, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=name)
        self._most = number + waiting
        self._held = 0
        self._metrics = metrics

    def admit(self) -> None:
        """A problem where as many wait as may."""
        if self._held >= self._most:
            self._metrics.refused("busy")
            raise Problem(BUSY)

    async def work(self, function: Any, *arguments: Any) -> Any:
        """What a function gives, run in one of the threads; a problem where too many wait."""
        self.admit()
        self._held += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)
        finally:
            self._held -= 1


class Export:
    """An export under way: its pieces, each made in a thread while the one before is sent."""

    def __init__(self, pieces: Iterator[bytes], threads: ThreadPoolExecutor, under_way: set[Export]) -> None:
        self._pieces, self._threads, self._under_way = pieces, threads, under_way
        self._making: Future[bytes | None] = Future()
        self._making.set_result(None)
        under_way.add(self)

    async def first(self) -> bytes | None:
        """The first piece; None where there is none."""
        self._make()
        return await asyncio.wrap_future(self._making)

    def _make(self) -> None:
        self._making = self._threads.submit(next, self._pieces, None)

    async def sent(
        self, piece: bytes | None, client: Sequence[object] | None, patience: float
    ) -> AsyncGenerator[bytes, None]:
        """All pieces from this one on; a client that takes longer over one than is allowed is cut off."""
        while piece is not None:
            self._make()
            late = asyncio.get_running_loop().call_later(patience, _cut, client)
            try:
                yield piece
            finally:
                late.cancel()
            try:
                piece = await asyncio.wrap_future(self._making)
            except Exception:
                _cut(client)
                raise

    def close(self) -> None:
        """Lets all go, once the piece that is being made is made."""
        self._making.add_done_callback(self._close)

    def _close(self, _: Future[bytes | None]) -> None:
        if isinstance(self._pieces, Generator):
            self._pieces.close()
        self._under_way.discard(self)
        self._making = Future()  # the one before holds a piece, as long as anything knows of this export


class Sent(Stream):
    """An export as a response, which lets all go when it is over, however that comes."""

    def __init__(self, export: Export, pieces: AsyncGenerator[bytes, None], **more: Any) -> None:
        super().__init__(pieces, **more)
        self._export, self._pieces = export, pieces

    def to_asgi_response(self, *arguments: Any, **more: Any) -> Any:
        """What sends it."""
        stream: Any = super().to_asgi_response(*arguments, **more)

        async def send_all(*ways: Any) -> None:
            try:
                await stream(*ways)
            finally:
                await self._pieces.aclose()
                self._export.close()

        return send_all


class Desk:
    """Where questions are put to worker threads, and answers dressed for their way."""

    def __init__(self, backend: Backend) -> None:
        settings, metrics = backend.settings, backend.metrics
        self._backend = backend
        self._questions = Threads("query", settings.threads, settings.waiting, metrics)
        # what has no quota is answered however many questions wait: readiness, counts, limits
        self._service = Threads("service", 1, settings.waiting, metrics)
        self._short = ThreadPoolExecutor(2, thread_name_prefix="short")
        self._exporters = ThreadPoolExecutor(settings.exports, thread_name_prefix="export")
        self._exports: set[Export] = set()

    async def aside(self, function: Any, *arguments: Any) -> Any:
        """What a short function gives that no question waits in front of, and that nobody is refused."""
        return await asyncio.get_running_loop().run_in_executor(self._short, function, *arguments)

    def admit(self, route: Route | None) -> None:
        """A problem where the route's answers need a thread and too many wait: so early, a refusal costs little."""
        if route is not None and route.budget and route.at_once is None:
            self._questions.admit()

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
            values = parameter.parse(route.parameters, query)
        except Problem as problem:
            raise await self._questions.work(suggested, self._backend, problem) from None
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
            return await self._streamed(asked, answered, answered.body, headers)
        body = await self.aside(codings.code, answered.body, wanted.coding) if wanted.coding else answered.body
        etag = wanted.etag if route.kept else self._backend.answers.digest(body)
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
            exchange.outcome = "made"
            self._backend.answers.keep(wanted, Kept(headers, body))
        return Response(body, headers=_named(headers))

    async def _answered(self, route: Route, asked: Asked) -> Answered:
        threads = self._questions if route.budget else self._service
        try:
            found = route.at_once(self._backend, asked) if route.at_once else None
            made: Answered = found or await threads.work(route.answer, self._backend, asked)
        except Unfit:  # a prepared line is damaged; from now on the database answers
            made = await threads.work(route.answer, self._backend, asked)
        return made

    async def _streamed(
        self, asked: Asked, answered: Answered, pieces: Iterator[bytes], headers: Headers
    ) -> Response[Any]:
        if len(self._exports) >= self._backend.settings.exports:
            self._backend.metrics.refused("busy")
            raise Problem(BUSY)
        export = Export(pieces, self._exporters, self._exports)
        try:  # the first piece before the first byte: what fails at once is still told as a problem
            first = None if asked.bare else await export.first()
        except BaseException:
            export.close()
            raise
        sending = export.sent(first, asked.scope.get("client"), self._backend.settings.patience)
        return Sent(export, sending, media_type=answered.media, status_code=answered.status, headers=_named(headers))


def _cut(client: Sequence[object] | None) -> None:
    """Ends a client's connection: a server that is told of a failure ends the answer, which then seems to be whole."""
    wanted = [str(part) for part in client or ()]  # the server gives the port as a text
    with suppress(OSError):
        for entry in Path("/proc/self/fd").iterdir() if wanted else ():
            with suppress(OSError):
                if entry.readlink().name.startswith("socket:"):
                    with socket.socket(fileno=os.dup(int(entry.name))) as found:
                        if [str(part) for part in found.getpeername()[:2]] == wanted:
                            found.shutdown(socket.SHUT_RDWR)


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
