"""Whatever is sent, what comes back is an answer of the contract: every parameter, header, path and method.

The values are bytes, near misses of good values, very long and repeated. The same cases every time; `HOSTILE_ROUNDS=200`
tries more, and others each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from api import files, key_ring, shapes
from api.app import create_app
from api.settings import Settings
from tests import snapshots
from tests.hostile import (
    DOCUMENT,
    HEADERS,
    METHODS,
    OPERATIONS,
    ORIGIN,
    filled,
    hostile,
    mixed,
    parameters,
    said,
    written,
)
from tests.snapshots import ENDLESS

Pairs = Sequence[tuple[bytes, bytes]]
ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "3"))
rounds = settings(
    max_examples=ROUNDS,
    derandomize="HOSTILE_ROUNDS" not in os.environ,
    database=None,
    phases=[Phase.generate],  # a request that fails is told whole; to make it smaller takes minutes
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SECONDS = 1.0  # of processors, that an answer may take at the most; what the tests ask for takes a hundredth of it
FAILURES = {"429", "500", "503"}  # declared, but nothing that a client sends may lead there
SOMETIMES = {
    "link",
    "content-encoding",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "access-control-allow-origin",
}
TELLING = (b"Traceback", b".py", b"SELECT ", b"duckdb", b"Error:")


class Answer(Struct, frozen=True):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        return b", ".join(value for key, value in self.headers if key.lower() == name.encode()).decode()


Ask = Callable[[str, bytes, bytes, Pairs], Answer]


class Service(Struct, frozen=True):
    """An application under test: how it is asked, and a key that it takes."""

    ask: Ask
    key: bytes
    told: tuple[bytes, ...]  # what no answer may hold

    def check(self, method: str, path: bytes, query: bytes = b"", headers: Pairs = ()) -> Answer:
        """The answer to a request; it is one that the contract has, and tells nothing that it should not."""
        answer = self.ask(method, path, query, headers)
        try:
            kept_to(method, _operation(path), answer)
            self._silent(headers, answer)
        except AssertionError as error:
            error.add_note(f"{method} {path!r} {query!r} {headers!r}"[:5_000])
            raise
        return answer

    def _silent(self, headers: Pairs, answer: Answer) -> None:
        """Nothing inside is told, no key that came with the request, and only origins that may read are let in."""
        keys = [value for name, value in headers if name == b"x-api-key" and value[:4] == b"pik_" and len(value) > 11]
        whole = b"\n".join([answer.body, *(part for pair in answer.headers for part in pair)])
        for secret in (self.key, *keys, *((*self.told, *TELLING) if answer.status >= 400 else ())):
            assert secret not in whole
        origins = [value for name, value in headers if name == b"origin"]
        assert answer.header("access-control-allow-origin") == (ORIGIN.decode() if origins == [ORIGIN] else "")


def kept_to(method: str, operation: Mapping[str, Any] | None, answer: Answer) -> None:
    """Status, headers and body of an answer are those that the contract has for the operation."""
    responses = {} if operation is None else operation["responses"]
    if method not in ("GET", "HEAD"):
        allowed = {"204"} if method == "OPTIONS" else {"405"} if operation else set()  # a preflight asks for no path
        allowed |= {"400", "401", "404", "414"}
    else:
        allowed = set(responses) - FAILURES if operation else {"401", "404", "414"}
    assert str(answer.status) in allowed
    assert answer.seconds < SECONDS
    found = responses.get(str(answer.status), {})
    if "$ref" in found or (answer.status >= 400 and not found):
        found = DOCUMENT["components"]["responses"].get(found.get("$ref", f"/problem{answer.status}").split("/")[-1])
    names = {name.decode("ascii").lower() for name, _ in answer.headers}
    assert {name.lower() for name in found.get("headers", {})} - SOMETIMES <= names
    for name, value in answer.headers:
        assert all(32 <= byte < 127 for byte in name + value)
    assert len(answer.header("x-request-id").split(", ")) == 1
    if method == "HEAD" or answer.status in (204, 304):
        assert answer.body == b""
    elif answer.status >= 400:
        assert answer.header("content-type") == "application/problem+json"
        problem = msgspec.json.decode(answer.body, type=shapes.ProblemDetails, strict=True)
        assert (problem.status, problem.request_id) == (answer.status, answer.header("x-request-id"))
        assert len(answer.body) < 1 << 14
    else:
        assert answer.header("content-type").split(";")[0] in {name.split(";")[0] for name in found["content"]}
        if (
            answer.header("content-type") == "application/json"
            and (coding := answer.header("content-encoding")) != "br"
        ):
            json.loads(pa.CompressedInputStream(pa.BufferReader(answer.body), coding).read() if coding else answer.body)


def _operation(raw: bytes) -> dict[str, Any] | None:
    """The operation of the contract that a path is one of."""
    try:
        parts = [unquote_to_bytes(part).decode() for part in raw.split(b"/")]
    except UnicodeDecodeError:
        return None
    for template, operation in OPERATIONS.items():
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(
            a == b or (a[:1] == "{" and b) for a, b in zip(wanted, parts, strict=True)
        ):
            return operation
    return None


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("data")
    files.prepare(snapshots.publish(data, snapshots.FIRST))
    key, _ = key_ring.create(data, "hostile", ("read", "export"), None, None)
    rates = dict.fromkeys(("public_rate", "key_rate", "metadata_rate", "metadata_key_rate", "export_rate"), ENDLESS)
    chosen = Settings(data=data, origins=(ORIGIN.decode(),), proxies=("10.0.0.0/8",), log="errors", **rates)  # type: ignore[arg-type]
    app = create_app(chosen)

    async def ask(method: str, path: bytes, query: bytes, headers: Pairs) -> Answer:
        sent: list[Any] = []

        bodies, over = iter([b"{}\xff"]), asyncio.Event()

        async def receive() -> Any:
            if (body := next(bodies, None)) is not None:
                return {"type": "http.request", "body": body, "more_body": False}
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                over.set()

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path,
            "root_path": "",
            "query_string": query,
            "headers": list(headers),
            "client": ("10.1.2.3", 50_000),
            "server": ("127.0.0.1", 80),
        }
        began = time.process_time()
        await asyncio.wait_for(app(scope, receive, send), 60)
        taken = time.process_time() - began
        start, *rest = sent
        assert not rest[-1].get("more_body")
        return Answer(start["status"], list(start["headers"]), b"".join(each.get("body", b"") for each in rest), taken)

    with asyncio.Runner() as runner:
        yield Service(
            lambda *request: runner.run(ask(*request)), key.encode(), (str(data).encode(), b"/site-packages/")
        )


def lets_in(service: Service, path: str) -> Pairs:
    return [(b"x-api-key", service.key)] if "401" in OPERATIONS[path]["responses"] and "exports" in path else []


@pytest.mark.parametrize("path", OPERATIONS)
@rounds
@given(data=st.data())
def test_a_parameter_may_hold_anything(service: Service, path: str, data: st.DataObject) -> None:
    key, known = lets_in(service, path), parameters(path, "query")
    needed = [name + b"=" + known[name][0] for name in (b"since", b"indicator") if name in known][:1]
    for name, good in [*known.items(), (b"unknown", (b"1",))]:
        query = [*(pair for pair in needed if not pair.startswith(name)), data.draw(said(name, good))]
        service.check("GET", filled(path), b"&".join(query), key)
    service.check("GET", filled(path), data.draw(hostile((b"limit=5&region=330702", b"a=1&b"))), key)
    right = [name + b"=" + written(data.draw(st.sampled_from(good)), 1) for name, good in known.items()]
    service.check("HEAD", filled(path), b"&".join(right), key)


@pytest.mark.parametrize("path", [path for path in OPERATIONS if "{" in path])
@rounds
@given(data=st.data())
def test_a_name_in_a_path_may_be_anything(service: Service, path: str, data: st.DataObject) -> None:
    for name, good in parameters(path, "path").items():
        value = written(data.draw(hostile(good)), data.draw(st.sampled_from([0, 1, 2])))
        service.check("GET", filled(path, **{name.decode(): value}))


@pytest.mark.parametrize("path", OPERATIONS)
@rounds
@given(data=st.data())
def test_a_header_may_hold_anything(service: Service, path: str, data: st.DataObject) -> None:
    key = lets_in(service, path)
    etag = service.check("GET", filled(path), b"", key).header("etag").encode()
    offered = HEADERS | {
        b"x-api-key": (service.key,),
        b"if-none-match": (etag, b'W/"a", "b"', b"*"),
        b"if-range": (etag,),
    }
    for name, good in offered.items():
        others = [*(key if name != b"x-api-key" else []), *([(b"range", b"bytes=0-9")] if name == b"if-range" else [])]
        service.check("GET", filled(path), b"", [*others, *((name, value) for value in data.draw(mixed(good)))])
    some = data.draw(st.lists(st.sampled_from(sorted(offered)), max_size=6))
    many = [(name, value) for name in some for value in data.draw(mixed(offered[name]))]
    service.check(data.draw(st.sampled_from(METHODS)), filled(path), b"", many)


@settings(rounds, max_examples=25 * ROUNDS)
@given(
    method=st.sampled_from(METHODS),
    path=st.one_of(
        hostile(tuple(filled(path) for path in OPERATIONS)),
        st.lists(hostile((b"v1", b"regions", b"330702", b"..")), max_size=5).map(lambda parts: b"/" + b"/".join(parts)),
    ),
    query=hostile((b"limit=5",)),
)
def test_a_path_and_a_method_may_be_anything(service: Service, method: str, path: bytes, query: bytes) -> None:
    service.check(method, path.replace(b"?", b"%3F"), query)
