"""The made-up data of the benchmark, its numbers and its tables."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.bench import load, memory, publication, questions, results, tabled

SIZE = 1_500


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, publication.Published]:
    folder = tmp_path_factory.mktemp("bench")
    return folder, publication.publish(folder, SIZE, seed=7)


def _contents(folder: Path, name: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "snapshots" / f"{name}.duckdb"), read_only=True) as base:
        return base.execute("FROM observations ORDER BY ordinal").fetchall()


def test_made_up_data_pass_the_checks_of_a_publication(published: tuple[Path, publication.Published]) -> None:
    folder, card = published
    path = folder / "snapshots" / f"{card.snapshot}.duckdb"
    assert (folder / "current").read_text().strip() == card.snapshot
    with duckdb.connect(str(path), read_only=True) as base:
        ((count, places, quote),) = base.execute(
            "SELECT count(*), count(DISTINCT (region, year)), avg(length(quote)) FROM observations"
        ).fetchall()
        ((documents,),) = base.execute("SELECT count(*) FROM documents").fetchall()
    assert (count, documents) == (SIZE, 5)
    assert places == 6  # a document tells of the year before, too
    assert 20 < quote < 40
    assert card.assessments > 100
    assert all(path.with_suffix(f".{form}").exists() for form in ("csv", "ndjson", "parquet", "arrow"))


def test_the_same_seed_makes_the_same_data_and_another_one_does_not(
    published: tuple[Path, publication.Published], tmp_path: Path
) -> None:
    folder, card = published
    same, other = (publication.publish(tmp_path / str(seed), SIZE, seed=seed) for seed in (7, 8))
    assert same.snapshot[-8:] == card.snapshot[-8:]
    assert _contents(tmp_path / "7", same.snapshot) == _contents(folder, card.snapshot)
    assert other.snapshot[-8:] != card.snapshot[-8:]


def test_each_step_of_a_publication_is_told(published: tuple[Path, publication.Published]) -> None:
    names = [step.name for step in published[1].steps]
    assert names[0] == publication.GENERATING
    assert {"numbering", "discrepancies", "assessments", "export ndjson"} < set(names)
    assert all(step.seconds > 0 and step.peak > 0 for step in published[1].steps)


def test_peers_are_given_every_row_and_field_in_the_order_of_the_api(
    published: tuple[Path, publication.Published], tmp_path: Path
) -> None:
    folder, card = published
    parquet = folder / "snapshots" / f"{card.snapshot}.parquet"
    base = tmp_path / "rows.sqlite"
    tabled.table(parquet, base)
    source = duckdb.connect()
    expected = source.execute("SELECT id, value::DOUBLE, preferred::INTEGER FROM read_parquet(?)", [str(parquet)])
    target = sqlite3.connect(base)
    found = target.execute("SELECT id, value, preferred FROM observations ORDER BY ordinal").fetchall()
    lists = target.execute("SELECT DISTINCT responsible FROM observations").fetchall()
    target.close()
    assert found == expected.fetchall()
    source.close()
    assert ("[]",) in lists


def test_no_cold_question_comes_twice(published: tuple[Path, publication.Published]) -> None:
    folder, card = published
    data = questions.data(folder / "snapshots" / f"{card.snapshot}.duckdb", seed=7)
    asked = [questions.nested(*each) for each in questions.cold(data.places)]
    assert len(asked) > 1000
    assert len(set(asked)) == len(asked)


def test_percentiles_are_values_that_were_measured() -> None:
    taken = [float(each) for each in range(1, 101)]
    assert [load.percentile(taken, of) for of in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert load.percentile([5.0], 99) == 5


def test_a_round_that_was_disturbed_does_not_count() -> None:
    rounds = [load.Load(requests=10, rate=rate, p50=1, p99=9, size=26_000) for rate in (100, 5, 110)]
    middle = load.middle(rounds)
    assert (middle.rate, middle.requests) == (100, 30)


@pytest.mark.parametrize(
    ("what", "measure", "peer", "ours", "theirs", "holds"),
    [
        ("hot", results.RATE, results.CEILING, 90, 100, True),
        ("hot", results.RATE, results.CEILING, 89, 100, False),
        ("cold", results.P99, results.ORM, 33, 100, True),
        ("cold", results.P99, results.ORM, 34, 100, False),
        ("discrepancies", results.P99, "", 51, None, False),
        ("memory at rest", "MB", "", 51, None, None),
    ],
)
def test_a_goal_holds_by_the_ratio_or_by_the_number(
    what: str, measure: str, peer: str, ours: float, theirs: float | None, holds: bool | None
) -> None:
    assert results.row(what, SIZE, measure, ours, peer, theirs).holds is holds


def test_the_table_has_a_column_for_each_size_and_marks_what_is_missed() -> None:
    rows = [
        results.row("hot", 1_500, results.RATE, 950, results.CEILING, 1000),
        results.row("hot", 300_000, results.RATE, 500, results.CEILING, 1000),
        results.row("start to ready", 300_000, "s", 0.5),
    ]
    assert results.markdown(rows, (1_500, 300_000)) == (
        "| what | measure | beside | goal | 1,500 | 300,000 |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| hot | requests/s | Litestar, bytes ready | ≥ 0.9 × | **0.950** (950) | **0.500** (500) ✗ |\n"
        "| start to ready | s |  | ≤ 1 |  | 0.500 |\n"
    )
    assert results.lines(rows)[2].split()[-1] == "missed"


def test_memory_of_this_process_is_seen() -> None:
    assert os.getpid() in memory.tree(os.getpid())
    assert memory.now(os.getpid()) > 10 * memory.MB
