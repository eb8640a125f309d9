"""Exports and changes over HTTP: all rows in every format, parts of files, and what a nightly pull learns."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from litestar.testing import TestClient

from api import files, key_ring, snapshot
from api.settings import Settings
from api.shapes import Observation
from tests import snapshots

Client = TestClient[Any]
FIELDS = list(Observation.__struct_fields__)
MEDIA = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    files.prepare(snapshots.publish(folder, snapshots.FIRST))
    return folder


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def client(data: Path) -> Iterator[Client]:
    text, _ = key_ring.create(data, "partner", ("read", "export"), None, None)
    with snapshots.client(data) as found:
        found.headers.update({"X-API-Key": text, "Accept-Encoding": "identity"})
        yield found


def address(form: str) -> str:
    return f"/v1/exports/observations.{form}"


def read(form: str, body: bytes) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    if form == "ndjson":
        return [json.loads(line) for line in body.splitlines()]
    table = pq.read_table(pa.BufferReader(body)) if form == "parquet" else pa.ipc.open_stream(body).read_all()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


@pytest.mark.parametrize("form", list(MEDIA))
def test_an_export_without_a_filter_is_everything(client: Client, form: str) -> None:
    answer = client.get(address(form))
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == MEDIA[form]
    assert answer.headers["content-disposition"] == f'attachment; filename="observations.{form}"'
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["accept-ranges"] == "bytes"
    rows = read(form, answer.content)
    assert list(rows[0]) == FIELDS
    every = client.get("/v1/observations?selection=all&limit=1000").json()["data"]
    assert [row["id"] for row in rows] == [row["id"] for row in every]
    assert len(rows) == len(snapshots.ROWS)


@pytest.mark.parametrize("form", list(MEDIA))
def test_the_pages_of_a_query_together_are_its_export(client: Client, form: str) -> None:
    query = "region=330702&role=actual&selection=all&sort=-year"
    pages, url = [], f"/v1/observations?{query}&limit=2"
    while url:
        answer = client.get(url)
        pages += [row["id"] for row in answer.json()["data"]]
        url = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    rows = read(form, client.get(f"{address(form)}?{query}").content)
    assert [row["id"] for row in rows] == pages
    assert len(pages) == len(set(pages)) > 3


@pytest.mark.parametrize("form", list(MEDIA))
def test_filters_and_fields_narrow_an_export(client: Client, form: str) -> None:
    answer = client.get(f"{address(form)}?region=331102&fields=year,value,responsible")
    assert "accept-ranges" not in answer.headers
    rows = read(form, answer.content)
    assert list(rows[0]) == ["year", "value", "responsible"]
    assert len(rows) == sum(row["region"] == "331102" for row in snapshots.ROWS)
    assert read(form, client.get(f"{address(form)}?region=999999").content) == []


def test_an_export_made_on_the_way_says_what_the_file_says(data: Path, client: Client) -> None:
    for form in ("csv", "ndjson"):
        kept = client.get(address(form)).content
        file = files.prepared(snapshot.Snapshots(Settings(data=data)).open(), form)
        assert file is not None
        file.unlink()
        made = client.get(address(form))
        assert made.content == kept
        assert "accept-ranges" not in made.headers


def test_selection_and_wrong_filters_are_those_of_the_lists(client: Client) -> None:
    preferred = read("ndjson", client.get(address("ndjson") + "?selection=preferred").content)
    assert len(preferred) == client.get("/v1/observations").json()["page"]["total"] < len(snapshots.ROWS)
    for query in ("role=targets", "limit=1", "cursor=x", "excel=true", "year_from=2023&year_to=2022"):
        answer = client.get(f"{address('csv')}?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert client.get("/v1/exports/observations.xml").status_code == 404


@pytest.mark.parametrize("form", list(MEDIA))
def test_range_gives_a_part_of_a_file_and_the_parts_make_the_whole(client: Client, form: str) -> None:
    whole = client.get(address(form))
    size, etag = len(whole.content), whole.headers["etag"]
    first = client.get(address(form), headers={"Range": "bytes=0-99"})
    rest = client.get(address(form), headers={"Range": "bytes=100-", "If-Range": etag})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == whole.content
    assert first.headers["content-range"] == f"bytes 0-99/{size}"
    assert (first.headers["content-length"], first.headers["etag"]) == ("100", etag)
    last = client.get(address(form), headers={"Range": "bytes=-10"})
    assert last.content == whole.content[-10:]
    head = client.head(address(form), headers={"Range": "bytes=0-9"})  # Range is for GET alone
    assert head.status_code == 200
    assert (head.content, head.headers["content-length"]) == (b"", str(size))


def test_a_range_that_does_not_hold_gives_the_whole_or_says_why_not(client: Client) -> None:
    size = len(client.get(address("csv")).content)
    for headers in (
        {"Range": "bytes=0-9", "If-Range": '"other"'},
        {"Range": "bytes=0-1,5-6"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=x"},
    ):
        answer = client.get(address("csv"), headers=headers)
        assert (answer.status_code, len(answer.content)) == (200, size)
    beyond = client.get(address("csv"), headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert beyond.json()["type"] == "urn:problem-type:plan-indicators:range-not-satisfiable"
    assert client.get(f"{address('csv')}?region=330702", headers={"Range": "bytes=0-9"}).status_code == 200


@pytest.mark.parametrize("query", ["", "?region=330702"])
def test_a_nightly_pull_asks_once(data: Path, client: Client, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_LOOK_AGAIN", 0.0)
    first = client.get(address("ndjson") + query)
    again = client.get(address("ndjson") + query, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    files.prepare(snapshots.publish(data, snapshots.SECOND, snapshots.ROWS[:4]))
    changed = client.get(address("ndjson") + query, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_text_exports_are_coded_as_asked(client: Client) -> None:
    for query in ("", "?region=330702"):
        plain = client.get(address("csv") + query)
        coded = client.get(address("csv") + query, headers={"Accept-Encoding": "gzip"})
        assert coded.headers["content-encoding"] == "gzip"
        assert coded.content == plain.content
        assert coded.headers["etag"] != plain.headers["etag"]
    parquet = client.get(address("parquet"), headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in parquet.headers


def test_who_refuses_a_body_without_a_coding_gets_none(client: Client) -> None:
    for form in MEDIA:
        for query, more in (("", {}), ("?region=330702", {}), ("", {"Range": "bytes=0-9"})):
            headers = {"Accept-Encoding": "identity;q=0, gzip", **more}
            answer = client.get(address(form) + query, headers=headers)
            assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
            assert read(form, answer.content)


@pytest.mark.parametrize("form", list(MEDIA))
def test_a_metadata_document_stands_beside_each_export(client: Client, form: str) -> None:
    answer = client.get(address(form))
    assert f'<{address(form)}-metadata.json>; rel="describedby"' in answer.headers["link"]
    assert "link" not in client.get(f"{address(form)}?region=330702").headers  # its rows and digest are others
    told = client.get(f"{address(form)}-metadata.json").json()
    assert told["snapshot"]["id"] == snapshots.FIRST
    assert told["rows"] == len(snapshots.ROWS)
    assert [field["name"] for field in told["fields"]] == FIELDS
    assert told["bytes"] == len(answer.content)
    assert told["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert {document["id"] for document in told["documents"]} == {row[0] for row in snapshots.DOCUMENTS}
    definitions = {indicator["id"]: indicator["name"] for indicator in told["indicators"]}
    assert definitions[snapshots.PM25] == "细颗粒物浓度"
    assert told["licence"]
    assert snapshots.FIRST in told["citation"]


def test_no_more_exports_run_at_once_than_are_allowed(data: Path) -> None:
    text, _ = key_ring.create(data, "partner", ("export",), None, None)
    with snapshots.client(data, exports=1) as client:
        for _ in range(5):  # each gives its place back
            assert client.get(address("csv"), headers={"X-API-Key": text}).status_code == 200


def test_changes_say_what_was_added_revised_and_withdrawn(
    data: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_LOOK_AGAIN", 0.0)
    rows = [{"id": f"o{place:04d}"} | dict(row) for place, row in enumerate(snapshots.ROWS)]
    revised = next(row for row in rows if row["value"] is not None and str(row["value"]) == "6.5")
    revised["value"] = 7
    added = snapshots.observation(snapshots.PM25, 2024, "24", id="added-1")
    snapshots.publish(data, snapshots.SECOND, [*rows[1:], added])
    told = client.get(f"/v1/changes?since={snapshots.FIRST}").json()
    assert told["since"] == snapshots.FIRST
    assert told["page"]["snapshot"] == snapshots.SECOND
    assert told["page"]["total"] == sum(told["counts"].values()) == len(told["data"])
    kinds = {change["id"]: change for change in told["data"]}
    assert kinds["added-1"]["change"] == "added"
    assert kinds["added-1"]["observation"] == client.get("/v1/observations/added-1").json()
    gone = [change for change in told["data"] if change["change"] == "withdrawn"]
    assert [change["former"]["id"] for change in gone] == [snapshots.ROWS[0]["id"]]
    values = [
        (change["former"]["value"], change["observation"]["value"])
        for change in told["data"]
        if "value" in change["changed"]
    ]
    assert values == [(6.5, 7)]


def test_changes_come_in_pages(data: Path, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_LOOK_AGAIN", 0.0)
    snapshots.publish(data, snapshots.SECOND, snapshots.ROWS[:3])
    whole = client.get(f"/v1/changes?since={snapshots.FIRST}").json()
    pages, url = [], f"/v1/changes?since={snapshots.FIRST}&limit=4"
    while url:
        answer = client.get(url)
        pages += answer.json()["data"]
        url = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert pages == whole["data"]
    assert len(pages) > 8


def test_nothing_changed_since_the_current_snapshot_and_a_lost_one_is_gone(client: Client) -> None:
    same = client.get(f"/v1/changes?since={snapshots.FIRST}")
    assert (same.status_code, same.json()["data"], same.json()["page"]["total"]) == (200, [], 0)
    gone = client.get(f"/v1/changes?since={snapshots.LOST}")
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:problem-type:plan-indicators:snapshot-gone")
    for query in (
        "",
        "?since=",
        "?since=..%2Fsecret",
        "?since=s1",
        f"?since={snapshots.FIRST}&since={snapshots.FIRST}",
        f"?since={snapshots.FIRST}%0A",
    ):
        answer = client.get(f"/v1/changes{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "since")
