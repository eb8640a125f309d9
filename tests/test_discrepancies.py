"""What contradicts what: the rules on small cases, and what a reader found in the real documents."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest

from api import discrepancies, shapes
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots
from tests.readme import README
from tests.snapshots import GDP, JINHUA, NEW, OLD, PERCENT, PM25, SAFETY, SALES, observation

HERE = Path(__file__).parent
Made = Callable[..., list[dict[str, Any]]]
GROWTH: dict[str, Any] = {"measure": "growth", **PERCENT}
TEN_THOUSAND: dict[str, Any] = {"unit": "CNY", "unit_multiplier": 4, "unit_label": "万元"}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The discrepancies of a snapshot with the rows given, each in a place of its own."""

    def make(*rows: Mapping[str, Any], **filters: Any) -> list[dict[str, Any]]:
        placed = []
        for number, row in enumerate(rows):
            start = row["quote_start"] if row["quote_start"] != 100 else 1000 * number
            placed.append({**row, "quote_start": start, "quote_end": start + len(row["quote"])})
        path = tmp_path / "snapshots" / "s1.duckdb"
        path.unlink(missing_ok=True)
        snapshots.publish(tmp_path, "s1", placed)
        snapshot = Snapshot("s1", path, Settings(data=tmp_path))
        return discrepancies.page(snapshot, {"limit": 100, "offset": 0} | filters)

    return make


def told(found: list[dict[str, Any]]) -> list[tuple[str, str, str, list[Decimal]]]:
    return [
        (each["kind"], each["severity"], each["reason"], [one["value"] for one in each["observations"]])
        for each in found
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"value": "353.73"}, {"value": "353.7"}),
        ({"value": "353.73"}, {"value": "354"}),
        ({"value": "0.7"}, {"value": "7000", **TEN_THOUSAND}),
        ({"value": "20"}, {"value": "20", "comparator": "ge"}),
        ({"value": "25"}, {"value": "20", "comparator": "ge"}),
        ({"value": "3"}, {"value": "3", "comparator": "le"}),
        ({"value": "100"}, {"value": "103", "comparator": "approx"}),
        ({"value": "100"}, {"value": "120", "scope": "区属"}),
        ({"value": "100"}, {"value": "120", "period": "2022-S1"}),
        ({"value": "100"}, {"value": "120", "role": "target"}),
        ({"value": "100"}, {"value": "8", **GROWTH}),
        ({"value": "100"}, {"value": "7", "unit": "item", "unit_multiplier": 0, "unit_label": "个"}),
        ({"value": "100"}, {"value": "120", "base_period": "2020"}),
        ({"value": "100"}, {"value": "120", "value_high": Decimal(130), "comparator": "range"}),
    ],
)
def test_what_agrees_or_is_another_thing_is_no_contradiction(
    made: Made, one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert made(observation(GDP, 2022, **one), observation(GDP, 2022, **other)) == []


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [
        ({"value": "12600", "table": "t1"}, {"value": "12500", "table": "a3"}, "high"),
        ({"value": "98.2", "table": "t1"}, {"value": "99.74"}, "medium"),
        ({"value": "1.37", "table": "a2"}, {"value": "16097", "table": "a4", **TEN_THOUSAND}, "high"),
        ({"value": "353.73"}, {"value": "355"}, "medium"),
        ({"value": "19"}, {"value": "20", "comparator": "ge"}, "medium"),
        ({"value": "100"}, {"value": "120", "comparator": "approx"}, "low"),
    ],
)
def test_different_numbers_for_the_same_thing_are_found(
    made: Made, one: dict[str, Any], other: dict[str, Any], severity: str
) -> None:
    found = made(observation(GDP, 2022, **one), observation(GDP, 2022, **other))
    assert [each[:3] for each in told(found)] == [("within_document", severity, "values_differ")]


def test_a_name_outside_the_catalogue_may_mean_two_things(made: Made) -> None:
    found = made(observation(NEW, 2022, "3", table="t1"), observation(NEW, 2022, "5", table="t1", row="2"))
    assert [each["severity"] for each in found] == ["low"]


def test_all_that_is_said_of_one_thing_is_one_discrepancy(made: Made) -> None:
    rows = [observation(PM25, 2022, value) for value in ("23", "28", "23", "15")]
    (found,) = made(*rows)
    assert sorted(one["value"] for one in found["observations"]) == [15, 23, 23, 28]


def test_two_numbers_of_one_clause_contradict_nothing(made: Made) -> None:
    more: dict[str, Any] = {"quote": "47项4741个", "quote_start": 500}
    assert made(observation(SAFETY, 2022, "47", **more), observation(SAFETY, 2022, "4741", **more)) == []


def test_two_documents_may_contradict_each_other(made: Made) -> None:
    rows = (observation(GDP, 2021, "340"), observation(GDP, 2021, "350", document=OLD))
    assert [each[0] for each in told(made(*rows))] == ["between_documents"]
    assert made(*rows, document=[OLD]) == made(*rows)
    assert made(*rows, document=[JINHUA]) == []


def test_a_growth_that_the_levels_do_not_give_is_found(made: Made) -> None:
    target: dict[str, Any] = {"role": "target"}
    levels = (observation(GDP, 2022, "6.77", table="a1"), observation(GDP, 2023, "7", table="a1", **target))
    (found,) = made(*levels, observation(GDP, 2023, "20", table="a1", **target, **GROWTH))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "high", "growth_differs")
    assert (found["role"], found["year"], len(found["observations"])) == ("target", 2023, 3)
    assert made(*levels, observation(GDP, 2023, "3.4", table="a1", **target, **GROWTH)) == []
    assert made(*levels, observation(GDP, 2023, "20", base_period="2020", **target, **GROWTH)) == []


def test_a_target_out_of_line_with_what_was_reached_and_what_comes_is_found(made: Made) -> None:
    rows = (
        observation(SALES, 2022, "20", role="target"),
        observation(SALES, 2022, "5"),
        observation(SALES, 2023, "6", role="target"),
    )
    assert [each[0::2] for each in told(made(*rows))] == [("implausible", "out_of_line")]
    assert made(*rows[:2], observation(SALES, 2023, "22", role="target")) == []


def test_an_age_to_reach_below_what_is_reached_is_found(made: Made) -> None:
    age: dict[str, Any] = {"unit": "year_of_age", "unit_multiplier": 0, "unit_label": "岁"}
    rows = (observation(GDP, 2022, "81.56", **age), observation(GDP, 2023, "80.56", role="target", **age))
    assert [each[0::2] for each in told(made(*rows))] == [("implausible", "below_reached")]
    fewer = (observation(GDP, 2022, "81.56"), observation(GDP, 2023, "80.56", role="target"))
    assert made(*fewer) == []  # of other things fewer may be planned


def test_the_list_is_filtered_and_every_word_has_its_names(published: Path) -> None:
    with snapshots.client(published) as client:
        whole = client.get("/v1/discrepancies?limit=1000").json()
        assert whole["page"]["total"] == len(whole["data"]) > 10
        for query, holds in (
            ("severity=high", lambda row: row["severity"] == "high"),
            ("kind=arithmetic", lambda row: row["kind"] == "arithmetic"),
            ("region=331100&descendants=true", lambda row: row["region"] == "331102"),
            ("role=target&year=2023", lambda row: (row["role"], row["year"]) == ("target", 2023)),
        ):
            found = client.get(f"/v1/discrepancies?{query}").json()["data"]
            assert found
            assert all(holds(row) for row in found), query
            assert len(found) == sum(map(holds, whole["data"]))
        lists = client.get("/v1/codes").json()["data"]
        assert {code["code"] for code in lists["discrepancy_kinds"]} == set(get_args(shapes.DiscrepancyKind))
        assert {code["code"] for code in lists["severities"]} == set(get_args(shapes.Severity))
        reasons = {code["code"] for code in lists["discrepancy_reasons"]}
        assert {row["reason"] for row in whole["data"]} <= reasons
        one = whole["data"][0]["observations"][0]
        assert client.get(f"/v1/observations/{one['id']}").json() == one


def scored(published: Path) -> tuple[int, int, int, int, int, int]:
    """Found and true, of these high and true; then what a reader found that is not low, and how much of it is found."""
    with (HERE / "labels" / "discrepancies.csv").open(encoding="utf-8", newline="") as lines:
        labels = list(csv.DictReader(lines))
    with snapshots.client(published) as client:
        found = client.get("/v1/discrepancies?limit=1000").json()["data"]
    kinds = {"within_document", "between_documents"}

    def alike(row: Mapping[str, Any], label: Mapping[str, str]) -> bool:
        same = row["kind"] == label["kind"] or {row["kind"], label["kind"]} <= kinds
        # a reader gives no id to what the catalogue lacks: its numbers tell it
        values = label["value_a"] + label["value_b"]
        numbers = [f"{one['value']:g}" for one in row["observations"]]
        return same and (
            row["indicator"] == label["indicator"] or (not label["indicator"] and all(one in values for one in numbers))
        )

    true = [row for row in found if any(alike(row, label) for label in labels)]
    high = [row for row in found if row["severity"] == "high"]
    wanted = {(label["kind"], label["indicator"] or label["what"]) for label in labels if label["severity"] != "low"}
    got = {
        (label["kind"], label["indicator"] or label["what"])
        for label in labels
        if label["severity"] != "low" and any(alike(row, label) for row in found)
    }
    return len(found), len(true), len(high), sum(row in true for row in high), len(wanted), len(got)


def test_of_what_a_reader_found_most_is_found_and_little_else(published: Path) -> None:
    found, true, high, high_true, wanted, got = scored(published)
    assert (high, high_true) == (10, 10)
    assert (found, true) == (19, 16)
    assert (wanted, got) == (25, 15)
    told = " ".join(README.read_text("utf-8").split())
    assert (
        f"of {found} discrepancies {true} are real, of the {high} of high severity all, and {got} of the {wanted} that"
        in told
    )
