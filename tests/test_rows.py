"""The lines of a snapshot are found by place, by row number and by id, and are those that the database gives."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from litestar.testing import TestClient

from api import files, formats, queries
from api.app import Threads
from api.cursors import Start
from api.deadline import Deadline
from api.observations import placed
from api.rows import Rows
from api.sections import Unfit
from api.selection import Listed, Spans
from api.settings import Settings
from api.snapshot import Snapshot
from api.values import resolve
from tests import snapshots


def prepared(data: Path) -> Snapshot:
    path = data / "snapshots" / f"{(data / 'current').read_text('utf-8').strip()}.duckdb"
    if not path.with_suffix(".rows").exists():
        files.prepare(path)
    return Snapshot(path.stem, path, Settings(data=data))


@pytest.fixture(scope="module")
def snapshot(published: Path) -> Snapshot:
    return prepared(published)


@pytest.fixture(scope="module")
def rows(snapshot: Snapshot) -> Rows:
    return opened(snapshot)


def opened(snapshot: Snapshot) -> Rows:
    return Rows(snapshot.path.with_suffix(".ndjson"), snapshot.path.with_suffix(".rows"), snapshot.observations)


def asked(snapshot: Snapshot, values: dict[str, Any], offset: int, limit: int) -> tuple[list[bytes], int]:
    """What the database says."""
    found = snapshot.ask("observations", values | {"offset": offset, "limit": limit})
    total = found[0]["total"] if found else 0
    for row in found:
        del row["total"]
    return [formats.json(row) for row in found], total


@pytest.mark.parametrize("seed", range(40))
def test_a_place_has_the_rows_that_the_database_finds_there(snapshot: Snapshot, rows: Rows, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    known = snapshot.ask("observations", {"selection": "all", "limit": 10_000, "offset": 0})
    values: dict[str, Any] = {}
    if chance.random() < 0.9:
        values["region"] = chance.sample(
            [*sorted({row["region"] for row in known}), "999999", "110000"], chance.randint(1, 4)
        )
        for name in ("category", "year"):
            if chance.random() < 0.5:
                values[name] = chance.sample(sorted({row[name] for row in known if row[name]}), chance.randint(1, 3))
        if chance.random() < 0.3:
            values["year_from"] = chance.randint(2018, 2024)
        if chance.random() < 0.3:
            values["year_to"] = chance.randint(2018, 2026)
        if chance.random() < 0.3:
            values["indicator"] = chance.sample(sorted({row["indicator"] for row in known}), chance.randint(1, 3))
    if chance.random() < 0.4:
        values |= chance.choice([{"q": "收入"}, {"q": "gdp"}, {"q": "增长率"}, {"q": "没有"}, {"q": "a"}])
    values = resolve(snapshot, "observations", values)
    for selection in ("all", "preferred"):
        offset, limit = chance.choice([0, 0, 7, 120]), chance.choice([1, 100, 1000])
        taken = values | {"selection": selection}
        found = placed(snapshot, taken | {"limit": limit}, Start(offset))
        assert found is not None
        lines, total = asked(snapshot, taken, offset, limit)
        assert found.lines == lines
        following = placed(snapshot, taken | {"limit": 3}, found.next)
        assert following is not None
        assert following.lines == asked(snapshot, taken, offset + len(lines), 3)[0] or not lines
        if lines:
            assert found.next.total == following.next.total == total
        else:
            assert (found.next.total or 0) <= offset


@pytest.mark.parametrize(
    "values",
    [
        {"q": "x", "found": [], "named": None},
        {"q": "x", "found": [], "named": [], "year": [2022]},
        {"region": ["330702"], "role": ["target"]},
        {"year": [2022]},
        {"sort": ["year"]},
        {"as_of": "x"},
    ],
)
def test_what_the_index_does_not_know_is_left_to_the_database(rows: Rows, values: dict[str, Any]) -> None:
    assert rows.select(values, preferred=True) is None


def test_each_row_is_found_by_its_number_and_its_id(snapshot: Snapshot, rows: Rows) -> None:
    with closing(snapshot.cursor()) as cursor:
        known = cursor.execute("SELECT ordinal, id FROM observations ORDER BY ordinal").fetchall()
    assert len(known) == snapshot.observations > 1000
    assert [json.loads(line)["id"] for line in rows.lines(number for number, _ in known)] == [name for _, name in known]
    for _, name in known[::50]:
        line = rows.line(name)
        assert line is not None
        assert json.loads(line)["id"] == name
    assert rows.line("f64289790cc8-12923") is None
    assert rows.line("") is None


def test_a_snapshot_with_tricky_rows_and_one_with_none(tmp_path: Path) -> None:
    snapshots.publish(tmp_path, "s1")
    small = prepared(tmp_path)
    found = opened(small)
    selection = found.select({}, preferred=False)
    assert isinstance(selection, Spans)
    assert found.page(selection, 0, 1000, preferred=False) == asked(small, {"selection": "all"}, 0, 1000)[0]
    snapshots.publish(tmp_path, "s2", rows=())
    none = opened(prepared(tmp_path))
    selection = none.select({"region": ["330702"]}, preferred=True)
    assert isinstance(selection, Spans)
    assert (selection.total, none.page(selection, 0, 10, preferred=True), none.line("o1")) == (0, [], None)
    listed = none.select({"indicator": ["gross_regional_product"]}, preferred=True)
    assert isinstance(listed, Listed)
    assert (listed.total, none.listed(listed, Start(), 10)) == (0, ([], Start(0, None, 0)))


@pytest.mark.parametrize("harm", ["lost", "short", "empty", "other", "longer lines", "lost lines"])
def test_files_that_do_not_fit_are_refused(tmp_path: Path, harm: str) -> None:
    snapshots.publish(tmp_path, "s1")
    small = prepared(tmp_path)
    index, lines = small.path.with_suffix(".rows"), small.path.with_suffix(".ndjson")
    good = index.read_bytes()
    if harm == "lost":
        index.unlink()
    elif harm == "lost lines":
        lines.unlink()
    elif harm == "longer lines":
        lines.write_bytes(lines.read_bytes() + b"{}\n")
    else:
        index.write_bytes({"short": good[: len(good) // 2], "empty": b"", "other": b"x" * len(good)}[harm])
    with pytest.raises(Unfit, match=r"\.rows|\.ndjson"):
        opened(small)


@pytest.mark.parametrize("harm", [b"x", b"\n", b"7"])
def test_a_line_with_another_letter_is_never_served_and_the_database_takes_over(tmp_path: Path, harm: bytes) -> None:
    snapshots.publish(tmp_path, "s1")
    small = prepared(tmp_path)
    lines = small.path.with_suffix(".ndjson")
    content = bytearray(lines.read_bytes())
    place = content.index(b'"year":202') + len(b'"year":202')
    assert content[place : place + 1] != harm
    content[place : place + 1] = harm
    lines.unlink()
    lines.write_bytes(content)
    again = Snapshot("s1", small.path, Settings(data=tmp_path))
    found = again.rows
    assert found is not None
    for preferred in (False, True):
        selection = found.select({}, preferred=preferred)
        assert isinstance(selection, Spans)
        with pytest.raises(Unfit):
            found.page(selection, 0, 1000, preferred=preferred)
    assert again.rows is None


@pytest.fixture
def served(tmp_path: Path) -> Iterator[TestClient[Any]]:
    """A server of a snapshot with its prepared files, that has answered before."""
    snapshots.publish(tmp_path, "s1")
    prepared(tmp_path)
    with snapshots.client(tmp_path, cache_mb=0) as client:
        client.headers["accept-encoding"] = "identity"  # a coding is a thread's work
        assert client.get("/v1/regions/330702/observations").status_code == 200
        yield client


def test_a_page_of_a_place_waits_for_no_thread(served: TestClient[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = served.get("/v1/regions/330702/observations?limit=2").json()

    async def refused(*_: Any) -> None:
        raise AssertionError("a thread was asked")

    monkeypatch.setattr(Threads, "work", refused)
    assert served.get("/v1/regions/330702/observations?limit=2").json() == before
    following = f"/v1/regions/330702/observations?limit=2&cursor={before['page']['next']}"
    assert not {row["id"] for row in served.get(following).json()["data"]} & {row["id"] for row in before["data"]}
    assert served.get("/v1/observations?region=330702&year=2022").status_code == 200
    assert served.get("/v1/observations?indicator=gross_regional_product").status_code == 500


def test_where_a_prepared_line_turns_out_damaged_the_database_answers(served: TestClient[Any], tmp_path: Path) -> None:
    before = served.get("/v1/regions/330702/observations").json()
    lines = tmp_path / "snapshots" / "s1.ndjson"
    with lines.open("r+b") as file:
        file.write(b"[" * lines.stat().st_size)
    after = served.get("/v1/regions/330702/observations")
    assert (after.status_code, after.json()) == (200, before)


@pytest.mark.parametrize(
    "query", ["indicator=gross_regional_product", "q=%E7%94%9F%E4%BA%A7", "region=330702&q=gdp", ""]
)
def test_pages_of_names_are_the_whole_and_nothing_comes_twice(served: TestClient[Any], query: str) -> None:
    whole = served.get(f"/v1/observations?selection=all&limit=1000&{query}").json()
    url, found = f"/v1/observations?selection=all&limit=2&{query}", []
    while url:
        answer = served.get(url)
        found += answer.json()["data"]
        assert answer.json()["page"]["total"] == whole["page"]["total"]
        url = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert found == whole["data"]
    assert len(found) > 2


def test_a_question_that_takes_too_long_is_ended_and_the_next_one_of_its_connection_is_not(tmp_path: Path) -> None:
    snapshots.publish(tmp_path, "s1")
    found = Snapshot("s1", tmp_path / "snapshots" / "s1.duckdb", Settings(data=tmp_path))
    deadline = Deadline(0.1)
    with closing(found.cursor()) as cursor:
        began = time.monotonic()
        with pytest.raises(duckdb.InterruptException), deadline.over(cursor):
            cursor.execute("SELECT sum(hash(one.range + two.range)) FROM range(10000000) one, range(10000000) two")
        assert time.monotonic() - began < 20
        with deadline.over(cursor):
            assert cursor.execute("SELECT count(*) > 0 FROM observations").fetchall() == [(True,)]


def test_who_asks_too_much_is_told_to_ask_for_less(served: TestClient[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> None:
        raise duckdb.InterruptException

    monkeypatch.setattr(queries, "ask", slow)
    answer = served.get("/v1/assessments", headers={"accept-language": "en"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert answer.json()["type"] == "urn:problem-type:plan-indicators:too-slow"
    assert "such as a region" in answer.json()["detail"]
