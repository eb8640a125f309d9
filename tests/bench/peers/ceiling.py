"""The most that a framework can: Litestar gives bytes that were ready before."""
# mypy: ignore-errors

from __future__ import annotations

import os
from pathlib import Path

from litestar import Litestar, Response, get

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()


@get("/page")
async def page() -> Response[bytes]:
    return Response(BODY, media_type="application/json")


app = Litestar([page], openapi_config=None, logging_config=None)
