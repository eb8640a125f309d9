"""What differs between two snapshots: labelled small cases, both directions, every served field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from api import formats, shapes
from api.changes import COMPARED, NAMES, ChangePage, Diff
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots
from tests.snapshots import GDP, LIANDU, NEW, PM25, RND, SALES, observation

KEPT = observation(SALES, 2022, "12.5", id="kept")
BEFORE = (
    KEPT,
    observation(GDP, 2022, "353.73", id="mended", rule="old", known_on="2023-03-01"),
    observation(GDP, 2021, "340", id="gone"),
)
AFTER = (
    KEPT,
    observation(GDP, 2022, "353.8", id="mended", scope="区属"),
    observation(PM25, 2023, "25", LIANDU, id="new", role="target", comparator="le"),
)


def published(
    folder: Path, identity: str, rows: Iterable[Mapping[str, Any]], *statements: str, values: tuple[Any, ...] = ()
) -> Path:
    """A snapshot of the rows, changed afterwards by statements."""
    path = snapshots.publish(folder, identity, rows)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement, list(values))
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("data")
    return snapshots.publish(folder, "s1", BEFORE), snapshots.publish(folder, "s2", AFTER)


@pytest.fixture
def diff(pair: tuple[Path, Path]) -> Iterator[Diff]:
    with closing(Diff(*pair, 256)) as found:
        yield found


def listed(since: Path, now: Path) -> list[dict[str, Any]]:
    with closing(Diff(since, now, 256)) as found:
        return found.page(0, 1000)


def test_what_is_new_what_differs_and_what_is_gone_is_listed_and_counted(diff: Diff) -> None:
    told = [(item["change"], item["id"], item["changed"]) for item in diff.page(0, 100)]
    assert told == [
        ("withdrawn", "gone", []),
        ("revised", "mended", ["value", "scope", "quote", "quote_end"]),
        ("added", "new", []),
    ]
    assert diff.counts == {"added": 1, "revised": 1, "withdrawn": 1}
    assert diff.total == 3


def test_an_item_holds_the_observation_as_it_is_and_as_it_was_whole(diff: Diff, pair: tuple[Path, Path]) -> None:
    served = {}
    for place, path in enumerate(pair):
        rows = Snapshot(path.stem, path, Settings(data=path.parent)).ask("observations", {"selection": "all"})
        served[place] = {row["id"]: {name: row[name] for name in shapes.Observation.__struct_fields__} for row in rows}
    gone, mended, new = diff.page(0, 100)
    assert (gone["observation"], gone["former"]) == (None, served[0]["gone"])
    assert (mended["observation"], mended["former"]) == (served[1]["mended"], served[0]["mended"])
    assert (new["observation"], new["former"]) == (served[1]["new"], None)
    assert list(new["observation"]) == list(shapes.Observation.__struct_fields__)


def test_going_back_turns_everything_round(pair: tuple[Path, Path]) -> None:
    there, back = listed(*pair), listed(*reversed(pair))
    turned = {"added": "withdrawn", "withdrawn": "added", "revised": "revised"}
    assert [
        (turned[item["change"]], item["id"], item["changed"], item["former"], item["observation"]) for item in back
    ] == [(item["change"], item["id"], item["changed"], item["observation"], item["former"]) for item in there]


def test_a_snapshot_does_not_differ_from_another_with_the_same_observations(tmp_path: Path) -> None:
    rows = [observation(GDP, 2022, "353.73", id="a"), observation(RND, 2022, "3", id="b", quality=["pinyin"])]
    same = [rows[1], observation(GDP, 2022, "353.730000", id="a", quote="地区生产总值353.73")]
    found = Diff(snapshots.publish(tmp_path, "s1", rows), snapshots.publish(tmp_path, "s2", same), 256)
    with closing(found):
        assert (found.total, found.page(0, 10)) == (0, [])
        assert found.counts == {"added": 0, "revised": 0, "withdrawn": 0}


def test_row_numbers_rules_dates_and_names_of_the_catalogues_do_not_count(tmp_path: Path) -> None:
    before = snapshots.publish(tmp_path, "s1", [observation(GDP, 2022, "1", id="z")])
    after = published(
        tmp_path,
        "s2",
        [observation(GDP, 2022, "1", id="z", rule="another")],
        "UPDATE observations SET known_on = '2020-01-01', ordinal = 17",
        "UPDATE indicators SET name = 'another name', name_en = 'another name'",
        "UPDATE regions SET name = 'another name', name_en = 'another name'",
    )
    assert listed(before, after) == []
    assert set(shapes.Observation.__struct_fields__) - set(COMPARED) == NAMES


VALUES: dict[str, dict[str, Any]] = {
    "region": {"region": "330784"},
    "indicator": {"indicator": SALES},
    "category": {"category": None},
    "year": {"year": 2023},
    "period": {"period": "2022-S1"},
    "role": {"role": "target", "status": None},
    "status": {"status": "estimated"},
    "measure": {"measure": "growth"},
    "base_period": {"base_period": "2020"},
    "comparator": {"comparator": "ge"},
    "value": {"value": "353.730001"},
    "value_high": {"value_high": "400", "comparator": "range"},
    "unit": {"unit": "USD"},
    "unit_multiplier": {"unit_multiplier": 4},
    "unit_label": {"unit_label": "亿"},
    "stance": {
        **dict.fromkeys(("value", "comparator", "unit", "unit_multiplier", "unit_label")),
        "stance": "rise",
    },
    "scope": {"scope": ""},
    "responsible": {"responsible": ["科技局"]},
    "designation": {"designation": "预期性"},
    "preferred": {"preferred": False},
    "quality": {"quality": []},
    "document": {"document": LIANDU},
    "section": {"section": "一"},
    "table": {"table": "t1"},
    "row": {"row": "1"},
    "quote": {"quote": "地区生产总值353.74"},
    "quote_start": {"quote_start": 101, "quote_end": 113},
    "quote_end": {"quote_end": 113, "quote": "地区生产总值353.73 "},
    "source_name": {"source_name": "GDP"},
    "source_category": {"source_category": "经济"},
}


@pytest.mark.parametrize("name", COMPARED[1:])
def test_every_served_field_counts(name: str, tmp_path: Path) -> None:
    rows = [observation(GDP, 2022, "353.73", id="a", quote="地区生产总值353.73")]
    before = snapshots.publish(tmp_path, "s1", rows)
    sets = ", ".join(f'"{column}" = ?' for column in VALUES[name])
    after = published(tmp_path, "s2", rows, f"UPDATE observations SET {sets}", values=tuple(VALUES[name].values()))
    (item,) = listed(before, after)
    assert item["change"] == "revised"
    assert item["changed"] == [field for field in COMPARED if field in VALUES[name]]


def test_items_come_by_region_year_category_indicator_and_id_and_pages_join(tmp_path: Path) -> None:
    rows = [
        *(observation(NEW, year, "1", LIANDU, id=f"{name}{year}") for year in (2023, 2022) for name in "ba"),
        *(observation(name, 2022, "1", LIANDU, id=name) for name in (RND, PM25, GDP)),
        observation(GDP, 2024, "1", id="first"),
    ]
    before, after = snapshots.publish(tmp_path, "s1", rows[:4]), snapshots.publish(tmp_path, "s2", rows[2:])
    with closing(Diff(before, after, 256)) as diff:
        whole = diff.page(0, 100)
        assert [item["id"] for item in whole] == ["first", GDP, PM25, RND, "a2023", "b2023"]
        assert [item for start in range(0, 8, 2) for item in diff.page(start, 2)] == whole
        assert diff.page(6, 100) == []


def test_a_page_is_given_to_several_threads_at_once(diff: Diff) -> None:
    whole = diff.page(0, 100)
    with ThreadPoolExecutor(4) as threads:
        assert all(page == whole for page in threads.map(lambda _: diff.page(0, 100), range(20)))


def test_the_files_may_be_open_elsewhere_and_stay_so(pair: tuple[Path, Path]) -> None:
    opened = [Snapshot(path.stem, path, Settings(data=path.parent)) for path in pair]
    listed(*pair)
    listed(*pair)
    assert [len(snapshot.ask("observations", {"selection": "all"})) for snapshot in opened] == [3, 3]


def test_a_folder_may_have_a_quotation_mark_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s; a "folder"'
    assert len(listed(snapshots.publish(folder, "s1", BEFORE), snapshots.publish(folder, "s2", AFTER))) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('pyproject.toml')",
        "ATTACH 'other.duckdb'",
        "SET enable_external_access = true",
        "COPY changes TO 'changes.csv'",
        "DELETE FROM former.observations",
    ],
)
def test_nothing_but_the_two_files_can_be_reached_and_these_not_written(diff: Diff, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        diff._connection.execute(statement)


def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(duckdb.Error):
        Diff(broken, pair[1], 256)
    with pytest.raises(duckdb.Error):
        Diff(pair[0], tmp_path / "missing.duckdb", 256)


def test_the_shape_fits_what_is_told(diff: Diff) -> None:
    page = {"limit": 100, "next": None, "total": diff.total, "snapshot": "s2"}
    body = formats.json({"data": diff.page(0, 100), "page": page, "since": "s1", "counts": diff.counts})
    told = msgspec.json.decode(body, type=ChangePage, strict=False)
    assert [item.change for item in told.data] == ["withdrawn", "revised", "added"]
    assert b'"value":353.8,' in body
    _, schemas = msgspec.json.schema_components([ChangePage], ref_template="#/{name}")
    assert schemas["Change"]["properties"]["change"]["examples"] == ["added"]
    assert set(schemas["Change"]["required"]) == {"change", "id", "changed", "observation", "former"}
