"""Bytes that were ready before, given by the server itself: shows that who asks is not what is slow."""
# mypy: ignore-errors

from __future__ import annotations

import os
from pathlib import Path

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
HEADERS = [("content-type", "application/json"), ("content-length", str(len(BODY)))]


async def app(scope, protocol):
    protocol.response_bytes(200, HEADERS, BODY)
