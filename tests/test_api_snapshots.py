"""Pages and snapshots: cursors hold while data is published under a running server."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from litestar.testing import TestClient

from api import cursors, snapshot
from api.settings import Invalid
from tests import snapshots

Client = TestClient[Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    snapshots.publish(tmp_path, "s1")
    return tmp_path


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_LOOK_AGAIN", 0.0)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc that tells a process's threads")
def test_what_queries_took_is_given_back_after_a_snapshot_was_closed_too(data: Path) -> None:
    given_back = """
import sys
from pathlib import Path
import duckdb
from api import snapshot
from api.settings import Settings
snapshot._LOOK_AGAIN = 0.0
data = Path(sys.argv[1])
tasks = lambda: len(list(Path("/proc/self/task").iterdir()))
with duckdb.connect(config={"threads": 1}) as plain:
    alone = tasks()
    plain.execute("SET allocator_background_threads = true")
    print(tasks() - alone)
all_ = snapshot.Snapshots(Settings(data=data))
all_.current()
before = tasks()
snapshot.Snapshot("s1", data / "snapshots" / "s1.duckdb", Settings(data=data))._connection.close()
duckdb.connect().close()
during = tasks()
all_.current()
print(before - during, before - tasks())
"""
    done = subprocess.run([sys.executable, "-c", given_back, data], check=True, capture_output=True, text=True)
    threads, *found = done.stdout.splitlines()
    if threads == "0":
        pytest.skip("DuckDB's allocator has no threads of its own here")
    assert found == ["1 0"]


def pages(client: Client, path: str, query: str) -> list[Any]:
    """All items of a collection, page by page, by the Link header."""
    found: list[Any] = []
    url: str | None = f"{path}?{query}"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["data"]
        link = answer.headers.get("link")
        url = link.split(">")[0].removeprefix("<") if link else None
        assert (url is None) == (body["page"]["next"] is None)
        assert url is None or body["page"]["next"] in url
    return found


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v1/observations", "selection=all&limit=7"),
        ("/v1/observations", "limit=1&region=330702&region=331102"),
        ("/v1/observations", "selection=all&limit=5&sort=-value,region"),
        ("/v1/observations", "selection=all&limit=5&sort=-status&fields=id&q=%E6%9D%82%E9%A1%B9"),
        ("/v1/observations", "limit=3&as_of=2023-12-31"),
        ("/v1/regions/330700/observations", "descendants=true&limit=4"),
        ("/v1/years", "limit=10"),
        ("/v1/regions", "limit=1"),
        ("/v1/categories", "limit=2"),
        ("/v1/indicators", "limit=4"),
        ("/v1/documents", "limit=2"),
    ],
)
def test_the_pages_together_are_the_whole_and_nothing_comes_twice(data: Path, path: str, query: str) -> None:
    with snapshots.client(data) as client:
        rest = "&".join(piece for piece in query.split("&") if not piece.startswith("limit="))
        whole = client.get(f"{path}?limit=1000&{rest}").json()
        found = pages(client, path, query)
        assert found == whole["data"]
        assert len({json.dumps(item) for item in found}) == len(found) == whole["page"]["total"] > 2


def test_limit_may_change_from_page_to_page_and_the_order_of_parameters_does_not_matter(data: Path) -> None:
    with snapshots.client(data) as client:
        first = client.get("/v1/observations?region=330702&region=331102&role=target&limit=2").json()
        cursor = first["page"]["next"]
        rest = client.get(f"/v1/observations?role=target&limit=500&cursor={cursor}&region=331102&region=330702").json()
        whole = client.get("/v1/observations?region=330702&region=331102&role=target").json()
        assert first["data"] + rest["data"] == whole["data"]


def test_a_cursor_belongs_to_its_query(data: Path) -> None:
    with snapshots.client(data) as client:
        cursor = client.get("/v1/observations?region=330702&limit=2").json()["page"]["next"]
        for other in (
            f"/v1/observations?cursor={cursor}",
            f"/v1/observations?region=330784&cursor={cursor}",
            f"/v1/observations?region=330702&role=actual&cursor={cursor}",
            f"/v1/observations?region=330702&sort=year&cursor={cursor}",
            f"/v1/regions/330702/observations?cursor={cursor}",
            f"/v1/regions?cursor={cursor}",
        ):
            answer = client.get(other)
            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor")


def test_a_forged_cursor_is_refused(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with snapshots.client(data) as client:
        cursor = client.get("/v1/observations?limit=2").json()["page"]["next"]
        middle = len(cursor) // 2
        changed = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
        query = cursors.digest("/v1/observations", {})
        place = cursors.Place("../../secret", query, cursors.Start())
        other = cursors.write(cursors.key(tmp_path_factory.mktemp("other")), place)
        for forged in (changed, cursor[:-4], cursor + "AAAA", "AAAA", "A", "-", "_" * 300, other):
            answer = client.get(f"/v1/observations?limit=2&cursor={forged}")
            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor"), forged


@pytest.mark.usefixtures("_impatient")
def test_a_running_server_goes_over_to_a_new_snapshot_and_cursors_go_on_in_theirs(data: Path) -> None:
    with snapshots.client(data) as client:
        whole = client.get("/v1/observations?selection=all").json()
        first = client.get("/v1/observations?selection=all&limit=5").json()
        snapshots.publish(data, "s2", snapshots.ROWS[:10])
        fresh = client.get("/v1/observations?selection=all").json()
        assert (fresh["page"]["snapshot"], fresh["page"]["total"]) == ("s2", 10)
        assert client.get("/v1").json()["snapshot"]["id"] == "s2"
        cursor = first["page"]["next"]
        rest = client.get(f"/v1/observations?selection=all&limit=1000&cursor={cursor}").json()
        assert rest["page"]["snapshot"] == "s1"
        assert first["data"] + rest["data"] == whole["data"]


@pytest.mark.usefixtures("_impatient")
def test_a_cursor_of_a_snapshot_that_is_gone_is_answered_with_410(data: Path) -> None:
    with snapshots.client(data) as client:
        cursor = client.get("/v1/observations?limit=5").json()["page"]["next"]
        snapshots.publish(data, "s2")
        (data / "snapshots" / "s1.duckdb").unlink()
        answer = client.get(f"/v1/observations?limit=5&cursor={cursor}")
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:problem-type:plan-indicators:snapshot-gone")
        english = client.get(f"/v1/observations?cursor={cursor}", headers={"Accept-Language": "en"})
        assert "no longer kept" in english.json()["detail"]


def test_a_new_snapshot_is_taken_up_within_two_seconds(data: Path) -> None:
    with snapshots.client(data) as client:
        assert client.get("/v1").json()["snapshot"]["id"] == "s1"
        snapshots.publish(data, "s2", snapshots.ROWS[:3])
        end = time.monotonic() + 2
        while client.get("/v1").json()["snapshot"]["id"] != "s2":
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.usefixtures("_impatient")
def test_old_snapshots_are_closed(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_IDLE", 0.0)
    with snapshots.client(data) as client:
        for number in range(2, 6):
            snapshots.publish(data, f"s{number}", snapshots.ROWS[:3])
            assert client.get("/v1/observations").json()["page"]["snapshot"] == f"s{number}"
        opened = {os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")}  # noqa: PTH208
        assert {Path(path).stem for path in opened if path.startswith(str(data / "snapshots"))} == {"s5"}


@pytest.mark.usefixtures("_impatient")
def test_a_broken_snapshot_leaves_the_one_before_in_place(data: Path) -> None:
    with snapshots.client(data) as client:
        assert client.get("/health/ready").json() == {"status": "ready", "snapshot": "s1", "stale": False}
        (data / "snapshots" / "broken.duckdb").write_bytes(b"no database")
        for name in ("broken", "absent", "../../etc/passwd", "", "\n"):
            (data / "current").write_text(name, encoding="utf-8")
            assert client.get("/v1").json()["snapshot"]["id"] == "s1"
            assert client.get("/health/ready").json()["stale"] is True
            assert "plan_indicators_snapshot_problem 1.0" in client.get("/metrics").text
        (data / "current").unlink()
        assert client.get("/v1").status_code == 200


@pytest.mark.usefixtures("_impatient")
def test_a_server_without_a_snapshot_lives_but_is_not_ready_until_there_is_one(tmp_path: Path) -> None:
    with snapshots.client(tmp_path) as client:
        assert client.get("/health/live").json() == {"status": "live"}
        for path in ("/health/ready", "/v1", "/v1/observations"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.headers["content-type"] == "application/problem+json"
        snapshots.publish(tmp_path, "s1")
        assert client.get("/health/ready").status_code == 200


@pytest.mark.usefixtures("_impatient")
def test_a_snapshot_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = snapshots.publish(tmp_path, "s1")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE snapshot SET schema_version = 99")
    with snapshots.client(tmp_path) as client:
        assert client.get("/health/ready").status_code == 503


def test_the_key_of_cursors_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = cursors.key(tmp_path / "new")
    secret = tmp_path / "new" / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert cursors.key(tmp_path / "new") == key
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]
    secret.write_bytes(b"short")
    with pytest.raises(Invalid, match="damaged"):
        cursors.key(tmp_path / "new")
