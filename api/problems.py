"""Whatever goes wrong, made into problem details (RFC 9457) in Chinese or English, one shape for every origin."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Struct

from api.shapes import Fault, ProblemDetails

Headers = list[tuple[bytes, bytes]]

_log = logging.getLogger("plan_indicators")
_encode = msgspec.json.Encoder().encode
ALLOW = "GET, HEAD, OPTIONS"
LONGEST = 49_152  # bytes of path and query together
LONGEST_HEADER = 4_000  # bytes that are looked at, and kept by what remembers how it read one


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of problem; ``title`` and ``detail`` are (Chinese, English)."""

    name: str
    status: int
    title: tuple[str, str]
    detail: tuple[str, str]
    headers: tuple[tuple[str, str], ...] = ()


class Wrong(Struct, frozen=True, kw_only=True):
    """A fault of one parameter, before the language is known."""

    parameter: str
    message: tuple[str, str]
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None
    given: str | None = None  # a text that has not the form of a code: perhaps a name


class Problem(Exception):
    """An answer that is an error."""

    def __init__(
        self,
        kind: Kind,
        wrongs: tuple[Wrong, ...] = (),
        detail: tuple[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(kind.name)
        self.kind, self.wrongs, self.detail = kind, wrongs, detail or kind.detail
        self.headers = (*kind.headers, *headers)


PARAMETERS = Kind(
    name="parameters",
    status=400,
    title=("参数有误", "Wrong parameters"),
    detail=("请求的参数有误, 见 errors。", "Parameters of the request are wrong, see errors."),
)
MALFORMED = Kind(
    name="malformed",
    status=400,
    title=("请求有误", "Malformed request"),
    detail=("服务器不能理解这个请求。", "The server cannot understand the request."),
)
UNAUTHORIZED = Kind(
    name="unauthorized",
    status=401,
    title=("密钥无效", "No valid key"),
    detail=("这个路径需要密钥, 请在 X-API-Key 中给出。", "This path needs a key, in the header X-API-Key."),
    headers=(("www-authenticate", 'ApiKey realm="plan-indicators", header="X-API-Key"'),),
)
FORBIDDEN = Kind(
    name="forbidden",
    status=403,
    title=("权限不足", "Forbidden"),
    detail=("这个密钥没有所需的 scope: export。", "The key lacks the scope that this path needs: export."),
)
NOT_FOUND = Kind(
    name="not-found",
    status=404,
    title=("没有找到", "Not found"),
    detail=("没有这个路径。路径见 /openapi.json。", "There is no such path. /openapi.json lists the paths."),
)
METHOD = Kind(
    name="method-not-allowed",
    status=405,
    title=("方法不允许", "Method not allowed"),
    detail=(f"这个路径只允许 {ALLOW}。", f"This path allows {ALLOW} only."),
    headers=(("allow", ALLOW),),
)
NOT_ACCEPTABLE = Kind(
    name="not-acceptable",
    status=406,
    title=("格式不支持", "Not acceptable"),
    detail=(
        "这个路径不提供 Accept 所要的格式。",
        "This path does not give what Accept asks for.",
    ),
)
GONE = Kind(
    name="snapshot-gone",
    status=410,
    title=("快照已删除", "Snapshot gone"),
    detail=(
        "游标所属的快照已不再保留, 请不带 cursor 重新查询。",
        "The snapshot that the cursor belongs to is no longer kept. Query again without a cursor.",
    ),
)
TOO_LONG = Kind(
    name="uri-too-long",
    status=414,
    title=("地址过长", "URI too long"),
    detail=(f"路径和查询串合计不得超过 {LONGEST} 字节。", f"Path and query may have {LONGEST} bytes together."),
)
UNSATISFIABLE = Kind(
    name="range-not-satisfiable",
    status=416,
    title=("范围无效", "Range not satisfiable"),
    detail=("Range 超出文件长度, 见 Content-Range。", "Range lies beyond the file's end, see Content-Range."),
)
TOO_MANY = Kind(
    name="too-many-requests",
    status=429,
    title=("请求过多", "Too many requests"),
    detail=(
        "已超过限额, 请在 Retry-After 秒后再试; 限额见 /v1/limits。",
        "The limit is used up. Try again after as many seconds as Retry-After says; /v1/limits tells the limits.",
    ),
)
CRASH = Kind(
    name="internal",
    status=500,
    title=("服务器内部错误", "Internal server error"),
    detail=("服务器出错, 请凭 request_id 联系管理者。", "The server failed. Report the request_id to its operator."),
)
UNAVAILABLE = Kind(
    name="no-snapshot",
    status=503,
    title=("服务尚未就绪", "Not ready"),
    detail=("服务器还没有可用的数据快照。", "The server has no usable snapshot of the data yet."),
    headers=(("retry-after", "5"),),
)
BUSY = Kind(
    name="busy",
    status=503,
    title=("服务器繁忙", "Busy"),
    detail=(
        "同时进行的查询或导出过多, 请在 Retry-After 秒后再试。",
        "Too many questions wait or exports run. Try again after as many seconds as Retry-After says.",
    ),
    headers=(("retry-after", "5"),),
)
TOO_SLOW = Kind(
    name="too-slow",
    status=503,
    title=("查询超时", "Took too long"),
    detail=(
        "查询超出时限。请缩小范围, 如限定行政区划或年份; 全部数据见 /v1/exports。",
        "The question took longer than it may. Ask for less, such as a region or a year; /v1/exports has everything.",
    ),
    headers=(("retry-after", "60"),),
)
NO_KEYS = Kind(
    name="keys-unavailable",
    status=503,
    title=("密钥暂时无法核对", "Keys unavailable"),
    detail=(
        "服务器暂时不能核对密钥; 不带密钥的读取不受影响。",
        "The server cannot check keys at the moment. Reading without a key goes on.",
    ),
    headers=(("retry-after", "5"),),
)
_BY_STATUS = {kind.status: kind for kind in (MALFORMED, NOT_FOUND, METHOD, NOT_ACCEPTABLE, GONE, TOO_LONG)}


def not_found(what: tuple[str, str]) -> Problem:
    """The problem that a path names a thing that there is not."""
    return Problem(NOT_FOUND, detail=(f"没有这样的{what[0]}。", f"There is no such {what[1]}."))


def of(error: BaseException, request_id: str) -> Problem:
    """The problem that an exception is; what nobody foresaw is logged and tells nothing outside."""
    if isinstance(error, Problem):
        return error
    # of the framework, by what it has: importing it takes half a second, which a start need not wait for twice
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status < 500:
        return Problem(_BY_STATUS.get(status, MALFORMED))
    _log.error("request failed", exc_info=error, extra={"request_id": request_id})
    return Problem(CRASH)


def answer(problem: Problem, scope: Mapping[str, Any]) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a problem, in the language that the request asks for."""
    english = wants_english(header(scope, b"accept-language"))
    kind = problem.kind
    faults = [
        Fault(
            parameter=wrong.parameter,
            message=wrong.message[english],
            allowed=list(wrong.allowed),
            suggestion=wrong.suggestion,
        )
        for wrong in problem.wrongs
    ]
    body = _encode(
        ProblemDetails(
            type=f"urn:problem-type:plan-indicators:{kind.name}",
            title=kind.title[english],
            status=kind.status,
            detail=problem.detail[english],
            instance=_address(scope),
            request_id=request_id(scope),
            errors=faults or UNSET,
        )
    )
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-language", b"en" if english else b"zh"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *((name.encode(), value.encode()) for name, value in problem.headers),
    ]
    return kind.status, headers, body


def _address(scope: Mapping[str, Any]) -> str:
    """The path as it was asked for, which may be none of ours, cut where it is long."""
    raw = (scope.get("raw_path") or quote(scope["path"]).encode()).partition(b"?")[0]
    return quote(raw[:200], safe="/%:@!$&'()*+,;=~")


def request_id(scope: Mapping[str, Any]) -> str:
    """The id that the edge gave the request."""
    state: MutableMapping[str, Any] = scope.get("state") or {}
    return str(state.get("request_id", ""))


def header(scope: Mapping[str, Any], name: bytes) -> str:
    """The header's values, joined as HTTP joins them and cut where they are long; empty where there is none."""
    found = [value for key, value in scope["headers"] if key == name]  # the server gives names in lower case
    return b", ".join(found)[:LONGEST_HEADER].decode("latin-1") if found else ""


@lru_cache(maxsize=256)
def wants_english(accepted: str) -> bool:
    """Whether Accept-Language prefers English to Chinese.

    >>> [wants_english(text) for text in ("en-GB,en;q=0.9,zh;q=0.8", "fr, zh;q=0.5", "", "zh;q=0")]
    [True, False, False, True]
    """
    best: dict[str, float] = {}
    for item in accepted[:1000].lower().split(","):
        found = re.fullmatch(r"\s*(zh|en)(?:-[a-z0-9-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*", item)
        if found:
            best[found[1]] = max(best.get(found[1], 0.0), float(found[2] or 1))
    return best.get("en", 0.001 if best.get("zh") == 0 else 0.0) > best.get("zh", 0.0)
