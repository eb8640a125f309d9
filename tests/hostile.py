"""Routes of the contract in, what nobody should send out: near misses of good values, odd bytes, what is very long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

DOCUMENT: dict[str, Any] = json.loads((files("openapi") / "openapi.json").read_bytes())
OPERATIONS: dict[str, dict[str, Any]] = {path: item["get"] for path, item in DOCUMENT["paths"].items()}
ORIGIN = b"https://a.example"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "É")
GOOD = {
    "region": ["330702", "330700"],
    "category": ["economy"],
    "indicator": ["gross_regional_product"],
    "document": ["330702-2023-plan-report"],
    "observation": ["o0001"],
    "period": ["2022", "2021/2025", "2022-Q3"],
    "q": ["生产总值", "gdzctz", "shengchan zongzhi"],
    "cursor": ["AAAAAAAAAAAAAAAAAAAAAAAA"],
    "since": ["20260101T000000000Z-00000000"],
    "as_of": ["2023-12-31"],
    "sort": ["-year,region"],
    "fields": ["value,unit"],
}
HEADERS: dict[bytes, tuple[bytes, ...]] = {
    b"accept": (b"application/json", b"text/csv;q=0.9, */*;q=0.1", b"application/json-stat+json"),
    b"accept-encoding": (b"gzip, br;q=0.5, zstd;q=0", b"identity;q=0, *;q=0.1"),
    b"accept-language": (b"en-GB,en;q=0.9,zh;q=0.8",),
    b"if-none-match": (b'"AAAAAAAAAAAAAAAAAAAA"', b'W/"a", "b"', b"*"),
    b"if-range": (b'"AAAAAAAAAAAAAAAAAAAA"', b"Wed, 21 Oct 2026 07:28:00 GMT"),
    b"range": (b"bytes=0-99", b"bytes=-5", b"bytes=0-1,5-9", b"bytes=999999999-"),
    b"x-request-id": (b"abcdef-123456",),
    b"origin": (ORIGIN, b"null"),
    b"access-control-request-method": (b"GET",),
    b"x-forwarded-for": (b"192.0.2.1, 10.0.0.1", b"[2001:db8::1]:80"),
    b"forwarded": (b'for=192.0.2.1;proto=http, for="[2001:db8::1]:80"',),
    b"host": (b"example.org:8000",),
    b"content-length": (b"5",),
    b"content-type": (b"application/json",),
    b"transfer-encoding": (b"chunked",),
    b"x-method-override": (b"DELETE",),
    b"\xff\x00odd": (b"1",),
}
ODD = (
    *(b"", b"\x00", b"%", b"%zz", b"%00", b"%c0%af", b"\xff\xfe", b"%ED%A0%80", b"\r\nX-Injected: 1", b"%0d%0aX: 1"),
    *(b"' OR 1=1 --", b'"; DROP TABLE observations; --', b"$1", b"../../etc/passwd", b"<script>", b"{{7*7}}", b"%n%s"),
    *(b"null", b"NaN", b"-0", b"1e400", b"0x7e6", b"9" * 400, b"()" * 50, b"(a+)+$", b"%_%", b"*", b";q=", b",,,,"),
    *(
        b'"' * 7,
        b"\\",
        b"[" * 100,
        b" " * 60,
        b"330702," * 3_000 + b"1",
        b"330702," * 2_999 + b"330702",
        *map(str.encode, ("２０２２", "٢٠٢٢", "\u202e\ufeff", "🙂\u0301")),
    ),
)
PIECES = (b"a", b"9", b",", b"1,", b"%", b"%41", b"%ff", b";q=1,", b"\x80", "一".encode(), b" ", b'"a",', b"-")
LONG = st.builds(
    lambda piece, size: (piece * size)[:size],
    st.sampled_from(PIECES),
    st.sampled_from([101, 1_001, 4_001, 20_000, 60_000]),
)


@cache
def hostile(good: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Near misses of good values, and what is far from any."""
    changed = st.builds(
        lambda value, at, cut, piece: value[: at % (len(value) + 1)] + piece + value[at % (len(value) + 1) + cut :],
        st.sampled_from(good),
        st.integers(0, 99),
        st.integers(0, 3),
        st.one_of(st.binary(max_size=3), st.sampled_from(ODD)),
    )
    longer = st.builds(lambda value, end: value + end, st.sampled_from(good), st.sampled_from(ODD))
    return st.one_of(changed, longer, st.sampled_from(ODD), st.binary(max_size=40), LONG)


@cache
def mixed(good: tuple[bytes, ...]) -> st.SearchStrategy[list[bytes]]:
    return st.lists(st.one_of(st.sampled_from(good), hostile(good)), min_size=1, max_size=3)


def written(value: bytes, form: int) -> bytes:
    """A text as it may stand in an address: as it is, with escapes where they are needed, with nothing but escapes."""
    return (value, quote_from_bytes(value).encode(), b"".join(b"%%%02x" % byte for byte in value[:9_000]))[form]


@cache
def said(name: bytes, good: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """A parameter with a hostile value, once or twice."""
    form = st.sampled_from([0, 1, 2])
    one = st.builds(lambda a, value, b: written(name, a) + b"=" + written(value, b), form, hostile(good), form)
    return st.lists(one, min_size=1, max_size=2).map(b"&".join)


@cache
def parameters(path: str, place: str) -> Mapping[bytes, tuple[bytes, ...]]:
    """The parameters of a route, each with good values."""
    found = {}
    for reference in OPERATIONS[path].get("parameters", []):
        one = DOCUMENT["components"]["parameters"][reference["$ref"].split("/")[-1]]
        schema = one["schema"].get("items", one["schema"])
        values = schema.get("enum", {"integer": ["2022"], "boolean": ["true"]}.get(schema["type"], ["x"]))
        if one["in"] == place:
            found[one["name"].encode()] = tuple(value.encode() for value in GOOD.get(one["name"], values))
    return found


def filled(path: str, **values: bytes) -> bytes:
    """The path of a route with good values, or those given, in its places."""
    raw = path.encode()
    for name, good in parameters(path, "path").items():
        value = values.get(name.decode(), good[0]).replace(b"?", b"%3F")
        raw = raw.replace(b"{%s}" % name, value.replace(b"{", b"%7B"))
    return raw
