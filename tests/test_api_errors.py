"""What the API refuses, and how: one shape for errors of every origin, in two languages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from api import shapes
from api.app import create_app
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots

Client = TestClient[Any]
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[Client]:
    with snapshots.client(data) as found:
        yield found


def raw(data: Path, path: bytes, query: bytes = b"", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """What the application answers to bytes that no client library would send."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("utf-8", "replace"),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"testserver")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(create_app(Settings(data=data))(scope, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def problem(answer: Any, status: int) -> shapes.ProblemDetails:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = msgspec.json.decode(answer.content, type=shapes.ProblemDetails, strict=True)
    assert found.status == status
    assert found.request_id == answer.headers["x-request-id"]
    assert answer.headers["access-control-allow-origin"] == "*"
    for secret in ("Traceback", str(HERE), ".py", "SELECT", "duckdb"):
        assert secret not in answer.text
    return found


def fault(client: Client, query: str, path: str = "/v1/observations") -> shapes.Fault:
    found = problem(client.get(f"{path}?{query}"), 400)
    assert isinstance(found.errors, list)
    assert len(found.errors) == 1
    return found.errors[0]


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("regoin=330702", "regoin", "region"),
        ("a=1", "a", None),
        ("=1", "", None),
        ("Region=330702", "Region", "region"),
        ("limit=1&limit=2", "limit", None),
        ("role=targets", "role", "target"),
        ("role=", "role", None),
        ("role", "role", None),
        ("role=Target", "role", "target"),
        ("measure=levle", "measure", "level"),
        ("designation=预期", "designation", "预期性"),
        ("sort=-yeer", "sort", "-year"),
        ("sort=", "sort", None),
        ("sort=year,", "sort", None),
        ("sort=year,year", "sort", None),
        ("sort=year,-year", "sort", None),
        ("sort=-value,region,value", "sort", None),
        ("sort=year,region,value,role,id", "sort", None),
        ("sort=year&sort=region", "sort", None),
        ("fields=valeu", "fields", "value"),
        ("fields=value,value", "fields", None),
        ("selection=prefered", "selection", "preferred"),
        ("region=33070", "region", None),
        ("region=330702%0A", "region", None),
        ("region=３３０７０２", "region", None),
        ("region=330702,330784", "region", "region=330702&region=330784"),
        ("role=target,actual", "role", "role=target&role=actual"),
        ("year=2022,2023", "year", "year=2022&year=2023"),
        ("region=330702,33078", "region", None),
        ("region=婺城区", "region", "330702"),
        ("region=wucheng+district", "region", "330702"),
        ("category=Economy", "category", "economy"),
        ("region=null", "region", None),
        ("year=nan", "year", None),
        ("year=1e3", "year", None),
        ("year=2022.0", "year", None),
        ("year=%2B2022", "year", None),
        ("year=+2022", "year", None),
        ("year=٢٠٢٢", "year", None),
        ("year=1948", "year", None),
        ("year=2101", "year", None),
        ("year_from=inf", "year_from", None),
        ("year_from=2023&year_to=2022", "year_from", None),
        ("limit=0", "limit", None),
        ("limit=1001", "limit", None),
        ("limit=007", "limit", None),
        ("limit=99999999999999999999", "limit", None),
        ("descendants=True", "descendants", None),
        ("descendants=1", "descendants", None),
        ("as_of=2023-02-29", "as_of", None),
        ("as_of=20230301", "as_of", None),
        ("as_of=2023-03-31T00:00:00Z", "as_of", None),
        ("period=2023-13", "period", None),
        ("period=2023/2021", "period", None),
        ("period=2023-S2/2023-03", "period", None),
        ("period=2022&period=2023/2021", "period", None),
        ("document=330702", "document", None),
        ("indicator=GDP", "indicator", "gross_regional_product"),
        ("indicator=地区生产总值", "indicator", "gross_regional_product"),
        ("indicator=Gross Regional product", "indicator", "gross_regional_product"),
        ("indicator=总值", "indicator", None),
        ("q=", "q", None),
        ("q=+", "q", None),
        (f"q={'a' * 101}", "q", None),
        ("q=%FF", "q", None),
        ("q=%E5%9C", "q", None),
        ("q=%zz", "q", None),
        ("cursor=x", "cursor", None),
        ("cursor=%00", "cursor", None),
    ],
)
def test_a_wrong_parameter_is_named_with_the_nearest_right_spelling(
    client: Client, query: str, parameter: str, suggestion: str | None
) -> None:
    found = fault(client, query)
    assert (found.parameter, found.suggestion) == (parameter, suggestion)


def test_what_is_allowed_is_said(client: Client) -> None:
    assert fault(client, "role=x").allowed == ["target", "actual"]
    assert fault(client, "limit=x").allowed == fault(client, "limit=1001").allowed == ["1…1000"]
    assert fault(client, "year_from=2023&year_to=2022").allowed == ["1949…2022"]
    assert fault(client, "x=1", "/v1").allowed == []
    assert "region" in fault(client, "x=1").allowed


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("region=33070", "six digits", "六位数字"),
        ("region=330702,330784", "repeat the parameter", "重复这个参数"),
        ("limit=1001", "a whole number from 1 to 1000", "1 至 1000 的整数"),
        ("period=2023/2021", "2023/2021 ends before it begins", "2023/2021 的起点晚于终点"),
        ("as_of=2023", "a date like 2023-12-31", "日期"),
        ("document=x", "330702-2023-plan-report", "330702-2023-plan-report"),
    ],
)
def test_a_message_says_in_words_what_a_value_must_be(client: Client, query: str, english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh", chinese)):
        answer = client.get(f"/v1/observations?{query}", headers={"Accept-Language": language})
        assert words in answer.json()["errors"][0]["message"]


def test_a_span_from_early_to_late_is_allowed(client: Client) -> None:
    for period in ("2021/2023", "2021/2021", "2023-06/2023", "2023-Q3/2023-07"):
        assert client.get(f"/v1/observations?period={period}").status_code == 200


def test_names_are_suggested_only_from_a_snapshot(tmp_path: Path) -> None:
    with snapshots.client(tmp_path) as client:
        assert fault(client, "indicator=GDP").suggestion is None


def test_a_target_with_a_status_and_a_year_outside_the_years_select_nothing(client: Client) -> None:
    for query in ("role=target&status=final", "year=2020&year_from=2021"):
        assert client.get(f"/v1/observations?{query}").json()["page"]["total"] == 0


def test_the_dimension_of_a_path_is_no_parameter(client: Client) -> None:
    assert fault(client, "region=330702", "/v1/regions/330702/observations").parameter == "region"
    assert fault(client, "category=economy", "/v1/categories/economy/observations").parameter == "category"
    for name in ("year", "year_from", "year_to"):
        assert fault(client, f"{name}=2022", "/v1/years/2022/observations").parameter == name


def test_all_faults_are_said_at_once(client: Client) -> None:
    found = problem(client.get("/v1/observations?a=1&role=x&limit=0"), 400)
    assert isinstance(found.errors, list)
    assert [error.parameter for error in found.errors] == ["a", "role", "limit"]


def test_many_values_and_many_faults_are_bounded(client: Client) -> None:
    assert client.get("/v1/observations?" + "&".join(["region=330702"] * 100)).status_code == 200
    assert fault(client, "&".join(["region=330702"] * 101)).allowed == ["1…100 values"]
    assert fault(client, "&".join(["role=actual"] * 2000)).parameter == "role"
    found = problem(client.get("/v1/observations?" + "&".join(f"x{number}=1" for number in range(3000))), 400)
    assert isinstance(found.errors, list)
    assert len(found.errors) == 20


def test_a_filter_of_ten_thousand_values_is_too_long_an_address(data: Path) -> None:
    status, headers, body = raw(data, b"/v1/observations", b"&".join([b"year=2022"] * 10_000))
    assert (status, headers["content-type"]) == (414, "application/problem+json")
    assert len(body) < 1000
    status, _, body = raw(data, b"/v1/observations", b"&".join([b"q=1"] * 10_000))
    assert (status, len(json.loads(body)["errors"])) == (400, 1)


@pytest.mark.parametrize("size", [50_000, 100_000])
def test_an_address_may_not_be_endless(data: Path, size: int) -> None:
    many = b"&".join([b"region=330702"] * (size // 10))
    for path, query in ((b"/v1/" + b"a" * size, b""), (b"/v1/observations", b"q=" + b"a" * size), (b"/v1", many)):
        status, headers, body = raw(data, path, query)
        assert (status, headers["content-type"]) == (414, "application/problem+json")
        assert len(body) < 1000


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v2",
        "/v1/",
        "/v1/regions/",
        "/v1/regions/330702/",
        "/v1/regions//observations",
        "/v1/regions/330702%2Fobservations",
        "/v1/regions/990000",
        "/v1/regions/33070",
        "/v1/regions/330702%0A",
        "/v1/regions/330702%00",
        "/v1/regions/%EF%BC%93%EF%BC%93%EF%BC%90%EF%BC%97%EF%BC%90%EF%BC%92",
        "/v1/regions/999999/observations",
        "/v1/categories/nothing",
        "/v1/categories/nothing/observations",
        "/v1/categories/Economy",
        "/v1/indicators/nothing",
        "/v1/documents/330702-1999-other",
        "/v1/observations/nothing",
        "/v1/years/1948",
        "/v1/years/2101",
        "/v1/years/02022",
        "/v1/years/2022.0",
        "/v1/years/%D9%A2%D9%A0%D9%A2%D9%A2",
        "/v1/years/abc/observations",
        "/v1/regions/330702/categories/economy/years/1900/observations",
        "/v1/regions/330702/categories/nothing/years/2022/observations",
        "/v1/exports/observations.xml",
        "/v1/exports",
        "/docs/",
        "/docs/../etc/passwd",
    ],
)
def test_a_path_to_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", [b"//v1", b"/v1//regions", b"/v1/regions/%ff", b"/v1/regions/\xff", b"/v1/%00", b"*"])
def test_odd_bytes_in_a_path_are_not_found(data: Path, path: bytes) -> None:
    status, headers, body = raw(data, path)
    assert (status, headers["content-type"]) == (404, "application/problem+json")
    assert json.loads(body)["status"] == 404


def test_odd_bytes_in_a_query_are_refused(data: Path) -> None:
    for query in (b"q=\xff", b"\xff=1", b"%ff=1", b"q=%c3%28", b"region=330702%00", b"cursor=\x00"):
        status, _, body = raw(data, b"/v1/observations", query)
        assert (status, json.loads(body)["status"]) == (400, 400)


def test_the_link_to_the_next_page_is_ascii_and_has_one_cursor(data: Path, client: Client) -> None:
    query = b"q=" + "杂项".encode() + b"&limit=3"
    _, headers, body = raw(data, b"/v1/observations", query)
    assert "q=%E6%9D%82%E9%A1%B9&limit=3&cursor=" in headers["link"]
    cursor = json.loads(body)["page"]["next"].encode()
    status, headers, _ = raw(data, b"/v1/observations", b"%63ursor=" + cursor + b"&" + query)
    assert (status, headers["link"].count("ursor=")) == (200, 1)
    assert client.get(headers["link"].split(">")[0][1:]).status_code == 200


def test_path_and_query_are_told_apart(client: Client) -> None:
    assert client.get("/v1/regions?limit=1").status_code == 200
    problem(client.get("/v1/regionslimit=1"), 404)
    problem(client.get("/v1/regions%3Flimit=1"), 404)
    assert client.get("/v1/regions?").status_code == 200
    assert client.get("/v1/regions?&&limit=1&").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"])
def test_another_method_is_not_allowed_and_the_answer_says_which_are(client: Client, method: str) -> None:
    for path in ("/v1", "/v1/observations", "/v1/regions/330702", "/docs"):
        answer = client.request(method, path)
        problem(answer, 405)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    problem(client.request(method, "/v1/nothing"), 404)


def test_head_is_get_without_the_body(client: Client) -> None:
    for path in ("/v1", "/v1/observations?limit=3", "/docs", "/openapi.json", "/v1/nothing", "/v1/observations?x=1"):
        whole, head = client.get(path), client.head(path)
        assert head.content == b""
        assert head.status_code == whole.status_code
        for name in ("content-type", "content-length", "link", "vary"):
            assert head.headers.get(name) == whole.headers.get(name)


def test_options_says_what_is_allowed(client: Client) -> None:
    answer = client.options("/v1/observations")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")
    problem(client.options("/v1/nothing"), 404)
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    preflight = client.options("/v1/observations", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "GET" in preflight.headers["access-control-allow-methods"]


def test_every_answer_may_be_read_by_browsers_and_is_not_sniffed(client: Client) -> None:
    for path in ("/v1", "/v1/nothing", "/v1?x=1", "/docs", "/health/live"):
        answer = client.get(path, headers={"Origin": "https://example.org"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert {"Link", "ETag", "X-Request-Id"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "Accept-Language" in answer.headers["vary"]


def test_origins_can_be_narrowed(data: Path) -> None:
    app: Any = create_app(Settings(data=data, origins=("https://a.example",)))
    with TestClient(app) as client:
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://b.example", None)):
            answer = client.get("/v1", headers={"Origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed
            assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*;q=0.1", 200),
        ("text/html, */*;q=0.8", 200),
        ("application/json; charset=utf-8", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("*/*, application/json;q=0, text/csv;q=0", 406),
        ("image/png, ;;;=,", 406),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(client: Client, accept: str, status: int) -> None:
    assert client.get("/v1/regions", headers={"Accept": accept}).status_code == status
    if status == 406:
        found = problem(client.get("/v1/regions", headers={"Accept": accept}), 406)
        assert "application/json, text/csv" in found.detail


def test_csv_is_given_on_collections_only(client: Client) -> None:
    assert client.get("/v1/regions", headers={"Accept": "text/csv"}).headers["content-type"].startswith("text/csv")
    problem(client.get("/v1/regions/330702", headers={"Accept": "text/csv"}), 406)


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/nothing", 404), ("/v1//x", 404), ("/v1/years/1", 404), ("/v1?x=1", 400)]
)
def test_errors_are_in_chinese_or_english(client: Client, path: str, status: int) -> None:
    english = client.get(path, headers={"Accept-Language": "en-GB, zh;q=0.5"})
    chinese = client.get(path, headers={"Accept-Language": "fr, zh-CN;q=0.5"})
    assert (english.headers["content-language"], chinese.headers["content-language"]) == ("en", "zh")
    assert problem(english, status).title.isascii()
    assert not problem(chinese, status).title.isascii()
    assert problem(client.get(path), status).title == problem(chinese, status).title
    for text in (english.text, chinese.text):
        assert text.count("“") == 0


def test_a_crash_is_a_problem_too_and_tells_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Snapshot, question: str, values: object) -> None:
        raise RuntimeError(f"SELECT secret FROM {HERE}/secret.py")

    monkeypatch.setattr(Snapshot, "ask", broken)
    for language, title in (("en", "Internal server error"), ("zh", "服务器内部错误")):
        answer = client.get("/v1/regions/330702", headers={"Accept-Language": language})
        assert problem(answer, 500).title == title


def test_a_request_id_is_taken_over_only_in_a_harmless_form(client: Client) -> None:
    assert client.get("/v1", headers={"X-Request-Id": "abcd-1234_5.6"}).headers["x-request-id"] == "abcd-1234_5.6"
    for odd in ("a", "x" * 65, "<script>alert()</script>", "one two three"):
        assert client.get("/v1", headers={"X-Request-Id": odd}).headers["x-request-id"] != odd
    assert client.get("/v1").headers["x-request-id"] != client.get("/v1").headers["x-request-id"]
