"""Settings in, the ASGI application out: the one place where things are joined."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from api import cursors, formats, parameters, problems
from api.edge import Edge
from api.routes import ROUTES, Answered, Asked, Backend, Route, suggested
from api.settings import Settings
from api.snapshot import Snapshots


def create_app(settings: Settings) -> Edge:
    """The application that answers from the snapshots in the settings' data folder."""
    backend = Backend(
        snapshots=Snapshots(settings),
        key=cursors.key(settings.data),
        document=(files("openapi") / "openapi.json").read_bytes(),
        page=(files("api") / "docs.html").read_bytes(),
    )
    executor = ThreadPoolExecutor(settings.threads, thread_name_prefix="query")
    app = Litestar(
        [_handler(route, backend, executor) for route in ROUTES],
        openapi_config=None,
        logging_config=None,
        exception_handlers={Exception: _problem},
        on_shutdown=[backend.snapshots.close],
    )
    return Edge(app, settings.origins)  # type: ignore[arg-type]


def _handler(route: Route, backend: Backend, executor: ThreadPoolExecutor) -> HTTPRouteHandler:
    own = {"content-security-policy": _page_policy(backend.page)} if route.path == "/docs" else {}

    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        query: bytes = request.scope["query_string"]
        loop = asyncio.get_running_loop()
        try:
            values = parameters.parse(route.parameters, query)
        except problems.Problem as problem:
            raise await loop.run_in_executor(executor, suggested, backend, problem) from None
        asked = Asked(
            path=request.scope["path"],
            query=query.decode("latin-1"),
            names=request.path_params,
            values=values,
            media=formats.choose(problems.header(request.scope, b"accept"), route.media),
        )
        answered: Answered = await loop.run_in_executor(executor, route.answer, backend, asked)
        headers = own | {name.decode(): value.decode() for name, value in answered.headers}
        return Response(answered.body, media_type=answered.media, headers=headers)

    return get(re.sub(r"\{(\w+)\}", r"{\1:str}", route.path), name=route.id)(handle)


def _problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    status, headers, body = problems.answer(problems.of(error, problems.request_id(request.scope)), request.scope)
    kept = {name.decode(): value.decode() for name, value in headers if name != b"content-length"}
    return Response(body, status_code=status, media_type=kept.pop("content-type"), headers=kept)


def _page_policy(page: bytes) -> str:
    """The page may run its own script and style, known by their digests, and ask this server: nothing else."""

    def digests(tag: str) -> str:
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>".encode(), page, re.DOTALL)
        return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in inside)

    return (
        f"default-src 'none'; script-src {digests('script')}; style-src {digests('style')}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
