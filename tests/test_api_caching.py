"""What a client has already, in which coding it comes, and that nobody gets what was made for another."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from litestar.testing import TestClient

from api import answers, codings, snapshot
from api.answers import Answers, Kept, Wanted
from api.snapshot import Snapshot
from tests import snapshots

Client = TestClient[Any]
PLAIN = {"Accept-Encoding": "identity"}
PATHS = (
    "/v1",
    "/v1/regions",
    "/v1/regions/330702",
    "/v1/observations?limit=3",
    "/v1/codes",
    "/v1/limits",
    "/openapi.json",
    "/docs",
    "/health/live",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    snapshots.publish(tmp_path, "s1")
    return tmp_path


@pytest.fixture
def client(data: Path) -> Iterator[Client]:
    with snapshots.client(data) as found:
        yield found


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that were put to the snapshot, in order."""
    put: list[str] = []
    ask = Snapshot.ask

    def counted(self: Snapshot, question: str, values: Any) -> Any:
        put.append(question)
        return ask(self, question, values)

    monkeypatch.setattr(Snapshot, "ask", counted)
    return put


def decoded(coding: str, body: bytes) -> bytes:
    if coding == "gzip":
        return gzip.decompress(body)
    name = {"br": "brotli", "zstd": "zstd"}[coding]
    whole: bytes = pa.input_stream(pa.py_buffer(body), compression=name).read()
    return whole


@pytest.mark.parametrize("path", PATHS)
def test_every_good_answer_has_a_strong_etag_and_says_how_long_it_holds(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["cache-control"] == ("no-store" if path == "/health/live" else "public, max-age=60")
    assert client.get(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_answer_gets_304_without_a_body(client: Client, path: str, form: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": form.format(first.headers["etag"])})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert "x-request-id" in again.headers
    assert "access-control-allow-origin" in again.headers
    head = client.head(path, headers={"If-None-Match": first.headers["etag"]})
    assert (head.status_code, head.content) == (304, b"")


def test_304_and_kept_answers_come_before_any_query(client: Client, questions: list[str]) -> None:
    etag = client.get("/v1/observations?limit=3").headers["etag"]
    assert questions == ["observations"]
    assert client.get("/v1/observations?limit=3", headers={"If-None-Match": etag}).status_code == 304
    assert client.get("/v1/observations?limit=3").status_code == 200
    assert client.head("/v1/observations?limit=3").status_code == 200
    assert questions == ["observations"]
    client.get("/v1/observations?limit=4")
    assert questions == ["observations"] * 2


def test_another_etag_gets_the_whole_answer(client: Client) -> None:
    for etag in ('"x"', "", '"', "W/", "," * 100, "a" * 3000):
        assert client.get("/v1/regions", headers={"If-None-Match": etag}).status_code == 200


def test_an_error_is_no_match_for_anything(client: Client) -> None:
    for path, status in (("/v1/regions/990000", 404), ("/v1/regions?x=1", 400), ("/v1/nothing", 404)):
        answer = client.get(path, headers={"If-None-Match": "*"})
        assert answer.status_code == status
        assert "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_a_new_snapshot_has_other_etags(data: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_LOOK_AGAIN", 0.0)
    first = client.get("/v1/observations?selection=all")
    snapshots.publish(data, "s2", snapshots.ROWS[:5])
    second = client.get("/v1/observations?selection=all", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["page"]["total"]) == (200, 5)
    assert second.headers["etag"] != first.headers["etag"]


def test_all_processes_and_later_ones_have_the_same_etags(data: Path) -> None:
    seen = set()
    for _ in range(2):
        with snapshots.client(data) as client:
            seen.add(client.get("/v1/observations").headers["etag"])
    assert len(seen) == 1


def test_path_query_media_coding_and_language_make_other_etags(client: Client) -> None:
    asked: list[tuple[str, dict[str, str]]] = [
        ("/v1/regions", PLAIN),
        ("/v1/regions?limit=1", PLAIN),
        ("/v1/categories", PLAIN),
        ("/v1/regions", PLAIN | {"Accept": "text/csv"}),
        ("/v1/regions", {"Accept-Encoding": "gzip"}),
        ("/v1/regions", {"Accept-Encoding": "br"}),
        ("/v1/regions", {"Accept-Encoding": "zstd"}),
        ("/v1/regions", PLAIN | {"Accept-Language": "en"}),
    ]
    assert len({client.get(path, headers=headers).headers["etag"] for path, headers in asked}) == len(asked)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("gzip;q=0", ""),
        ("gzip;q=0.000, br;q=0, zstd;q=0", ""),
        ("identity", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("deflate", ""),
        ("", ""),
        ("gzip;q=2", ""),
        ("gzip;q=nan", ""),
        ("*;q=0, identity", ""),
        ("identity;q=0, gzip", "gzip"),
    ],
)
def test_the_coding_is_the_one_asked_for_and_never_one_refused(client: Client, accepted: str, coding: str) -> None:
    plain = client.get("/v1/observations", headers=PLAIN)
    with client.stream("GET", "/v1/observations", headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding", "") == coding
        assert "Accept-Encoding" in answer.headers["vary"]
        assert int(answer.headers["content-length"]) == len(body)
    assert (decoded(coding, body) if coding else body) == plain.content


@pytest.mark.parametrize("accepted", ["identity;q=0", "*;q=0", "gzip;q=0, br;q=0, zstd;q=0, identity;q=0"])
def test_who_refuses_every_coding_is_told_which_there_are(client: Client, accepted: str) -> None:
    answer = client.get("/v1/observations", headers={"Accept-Encoding": accepted, "Accept-Language": "en"})
    assert answer.status_code == 406
    assert "identity, zstd, br, gzip" in answer.json()["detail"]


def test_a_kept_answer_in_one_coding_or_type_is_given_to_nobody_who_asks_for_another(client: Client) -> None:
    for _ in range(2):
        for accepted in ("gzip", "identity", "br", "zstd"):
            for media in ("application/json", "text/csv"):
                with client.stream(
                    "GET", "/v1/regions", headers={"Accept-Encoding": accepted, "Accept": media}
                ) as answer:
                    body = b"".join(answer.iter_raw())
                    coding = answer.headers.get("content-encoding", "")
                assert coding == accepted.replace("identity", "")
                assert answer.headers["content-type"].startswith(media)
                text = decoded(coding, body) if coding else body
                assert text.startswith(b"{" if media == "application/json" else b"code,")


def test_path_and_query_that_read_alike_share_no_answer(client: Client) -> None:
    assert client.get("/v1/regions?limit=1").status_code == 200
    assert client.get("/v1/regions?limit=1").status_code == 200
    for other in ("/v1/regionslimit=1", "/v1/regions%3Flimit=1", "/v1/regions/limit=1"):
        assert client.get(other).status_code == 404
    one, two = client.get("/v1/regions?limit=1").json(), client.get("/v1/regions?limit=2").json()
    assert (len(one["data"]), len(two["data"])) == (1, 2)


def test_head_of_a_kept_answer_tells_its_length_and_sends_nothing(client: Client) -> None:
    whole = client.get("/v1/regions", headers=PLAIN)
    head = client.head("/v1/regions", headers=PLAIN)
    assert (head.content, head.headers["content-length"]) == (b"", str(len(whole.content)))


def test_errors_are_in_the_language_of_each_who_asks(client: Client) -> None:
    for _ in range(2):
        assert client.get("/v1/regions/990000", headers={"Accept-Language": "en"}).json()["title"] == "Not found"
        assert client.get("/v1/regions/990000", headers={"Accept-Language": "zh"}).json()["title"] == "没有找到"


def wanted(target: str, of: str = "s1") -> Wanted:
    return Wanted(of, "application/json", "", f'"{of} {target}"')


def test_kept_answers_are_bounded_by_bytes_and_the_oldest_go_first() -> None:
    kept = Answers(b"k" * 32, 10_000)
    for number in range(40):
        kept.keep(wanted(str(number)), Kept([], b"x" * 500))
        kept.get(wanted("0").etag)
    assert kept.get(wanted("0").etag) is not None
    assert kept.get(wanted("1").etag) is None
    assert kept.get(wanted("39").etag) is not None
    assert sum(kept.get(wanted(str(number)).etag) is not None for number in range(40)) < 10
    kept.keep(wanted("large"), Kept([], b"x" * 9_000))
    assert kept.get(wanted("large").etag) is None


def test_what_headers_take_is_counted_too() -> None:
    kept = Answers(b"k" * 32, 40_000)
    for number in range(40):
        kept.keep(wanted(str(number)), Kept([(b"link", b"x" * 4_000)], b"x"))
    assert sum(kept.get(wanted(str(number)).etag) is not None for number in range(40)) < 10


def test_kept_answers_go_with_their_snapshot() -> None:
    kept = Answers(b"k" * 32, 10_000)
    kept.keep(wanted("a"), Kept([], b"1"))
    kept.keep(wanted("a", "s2"), Kept([], b"2"))
    assert kept.get(wanted("a").etag) is None
    assert kept.get(wanted("a", "s2").etag) == Kept([], b"2")


def test_etags_can_be_made_by_nobody_else() -> None:
    assert Answers(b"a" * 32, 1).etag("s1", "x") != Answers(b"b" * 32, 1).etag("s1", "x")


def test_a_coded_stream_is_the_whole() -> None:
    pieces = [json.dumps({"piece": number}).encode() * 1000 for number in range(20)]
    for coding in ("gzip", "br", "zstd"):
        assert decoded(coding, b"".join(codings.stream(iter(pieces), coding))) == b"".join(pieces)
    assert list(codings.stream(iter(pieces), "")) == pieces
    assert answers.matches('"a"', '"a"')
