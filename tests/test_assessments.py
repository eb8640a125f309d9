"""Was the plan met: the rules on small cases, and what a reader found in a real report."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from api import assessments, shapes
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots
from tests.readme import README
from tests.snapshots import GDP, OLD, PERCENT, PM25, RND, SALES, observation

HERE = Path(__file__).parent
SQL = (HERE.parent / "seeds" / "assessments.sql").read_text("utf-8")
Made = Callable[..., list[dict[str, Any]]]
EMPTY: dict[str, Any] = {"limit": 1000, "offset": 0}
GROWTH: dict[str, Any] = {"measure": "growth", **PERCENT}
TARGET: dict[str, Any] = {"role": "target", "document": OLD}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The assessments of a snapshot with the rows given."""

    def make(*rows: Mapping[str, Any], direction: str = "higher", **filters: Any) -> list[dict[str, Any]]:
        path = tmp_path / "snapshots" / "s1.duckdb"
        path.unlink(missing_ok=True)
        snapshots.publish(tmp_path, "s1", rows)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"UPDATE indicators SET direction = '{direction}'")
            connection.execute("INSERT INTO wholes VALUES ('r_and_d_intensity', 'retail_sales')")
            connection.execute("DELETE FROM assessments")
            connection.execute(
                "INSERT INTO assessments SELECT row_number() OVER (ORDER BY id), * FROM assessed(NULL::DATE) ORDER BY 1"
            )
        return assessments.page(Snapshot("s1", path, Settings(data=tmp_path)), EMPTY | filters)

    return make


def verdict(found: list[dict[str, Any]]) -> tuple[str, str, Decimal | None]:
    (only,) = found
    return only["outcome"], only["reason"], only["gap"]


@pytest.mark.parametrize(
    ("target", "actual", "direction", "outcome", "gap"),
    [
        ({"value": "8.5"}, {"value": "0"}, "higher", "missed", "-8.5"),
        ({"value": "8.5"}, {"value": "8.5"}, "higher", "met", "0"),
        ({"value": "8.5"}, {"value": "9"}, "higher", "met", "0.5"),
        ({"value": "3"}, {"value": "2.9"}, "lower", "met", "-0.1"),
        ({"value": "3"}, {"value": "3.1"}, "lower", "missed", "0.1"),
        ({"value": "3"}, {"value": "3.1"}, "neutral", "met", "0.1"),
        ({"value": "3"}, {"value": "3.6"}, "neutral", "missed", "0.6"),
        ({"value": "3", "comparator": "le"}, {"value": "2"}, "higher", "met", "-1"),
        ({"value": "3", "comparator": "le"}, {"value": "4"}, "higher", "missed", "1"),
        ({"value": "3", "comparator": "lt"}, {"value": "3"}, "lower", "missed", "0"),
        ({"value": "3", "comparator": "gt"}, {"value": "3"}, "higher", "missed", "0"),
        ({"value": "3", "comparator": "ge"}, {"value": "3"}, "lower", "met", "0"),
        ({"value": "12", "comparator": "approx"}, {"value": "11.5"}, "higher", "met", "-0.5"),
        ({"value": "12", "comparator": "approx"}, {"value": "11.4"}, "higher", "missed", "-0.6"),
        ({"value": "12", "comparator": "approx"}, {"value": "20"}, "higher", "met", "8"),
        ({"value": "12", "comparator": "approx"}, {"value": "20"}, "neutral", "missed", "8"),
        ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "6.2"}, "higher", "met", "0.2"),
        ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "5"}, "higher", "missed", "-1"),
        ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "7"}, "lower", "met", "1"),
        ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "8"}, "neutral", "missed", "2"),
        ({"value": "-1"}, {"value": "-1.57"}, "lower", "met", "-0.57"),
        ({"value": "-5", "comparator": "ge"}, {"value": "-6"}, "higher", "missed", "-1"),
    ],
)
def test_comparator_direction_and_sign_decide(
    made: Made, target: dict[str, Any], actual: dict[str, Any], direction: str, outcome: str, gap: str
) -> None:
    rows = (
        observation(GDP, 2022, target.pop("value"), **TARGET, **GROWTH, **target),
        observation(GDP, 2022, actual.pop("value"), **GROWTH, **actual),
    )
    assert verdict(made(*rows, direction=direction)) == (outcome, "number", Decimal(gap))


@pytest.mark.parametrize(
    ("comparator", "value", "outcome", "reason"),
    [
        ("ge", "9", "met", "number"),
        ("gt", "7", "not_comparable", "bound"),
        ("le", "7", "missed", "number"),
        ("lt", "9", "not_comparable", "bound"),
    ],
)
def test_an_actual_that_is_a_bound_decides_only_what_it_can(
    made: Made, comparator: str, value: str, outcome: str, reason: str
) -> None:
    rows = (
        observation(GDP, 2022, "8", **TARGET, **GROWTH),
        observation(GDP, 2022, value, comparator=comparator, **GROWTH),
    )
    assert verdict(made(*rows))[:2] == (outcome, reason)


def test_units_of_one_dimension_are_compared_in_the_target_s(made: Made) -> None:
    target = observation(GDP, 2022, "1", **TARGET, comparator="ge")
    actual = observation(GDP, 2022, "10213", unit="CNY", unit_multiplier=4, unit_label="万元")
    assert verdict(made(target, actual)) == ("met", "number", Decimal("0.0213"))
    other = observation(GDP, 2022, "7", unit="item", unit_multiplier=0, unit_label="个")
    assert verdict(made(target, other)) == ("not_comparable", "other_unit", None)


def test_what_nothing_is_reported_of_is_open(made: Made) -> None:
    (found,) = made(observation(GDP, 2023, "8", **TARGET, **GROWTH), observation(GDP, 2022, "3", **GROWTH))
    assert (found["outcome"], found["reason"], found["actual"], found["derived"]) == ("open", "no_actual", None, None)
    assert found["target"]["value"] == 8


def test_another_scope_is_shown_and_not_compared(made: Made) -> None:
    (found,) = made(observation(GDP, 2022, "8", **TARGET), observation(GDP, 2022, "9", scope="区属"))
    assert (found["outcome"], found["reason"], found["actual"]["scope"]) == ("not_comparable", "other_scope", "区属")


@pytest.mark.parametrize(
    ("stance", "growth", "outcome", "gap"),
    [
        ("in_line_with_growth", "4.6", "met", "-0.4"),
        ("in_line_with_growth", "4.4", "missed", "-0.6"),
        ("in_line_with_growth", "19.1", "met", "14.1"),
        ("above_growth", "5", "missed", "0"),
        ("above_growth", "5.1", "met", "0.1"),
    ],
)
def test_a_target_relative_to_the_economy_looks_at_its_growth(
    made: Made, stance: str, growth: str, outcome: str, gap: str
) -> None:
    found = made(
        observation(SALES, 2022, stance=stance, measure="growth", **TARGET),
        observation(SALES, 2022, growth, **GROWTH),
        observation(GDP, 2022, "5", id="economy", **GROWTH),
    )
    assert verdict(found) == (outcome, "relative", Decimal(gap))
    assert found[0]["derived"] == {"value": None, "observations": ["economy"]}


def test_a_relative_target_without_what_it_names_is_not_compared(made: Made) -> None:
    rows = (
        observation(SALES, 2022, stance="above_growth", measure="growth", **TARGET),
        observation(SALES, 2022, "3", **GROWTH),
    )
    assert verdict(made(*rows)) == ("not_comparable", "no_reference", None)


def test_above_overall_looks_at_the_whole(made: Made) -> None:
    rows = (
        observation(RND, 2022, stance="above_overall", measure="growth", **TARGET),
        observation(RND, 2022, "9", **GROWTH),
        observation(SALES, 2022, "8", **GROWTH),
    )
    assert verdict(made(*rows)) == ("met", "relative", Decimal(1))


def test_as_assigned_is_as_reported(made: Made) -> None:
    target = observation(PM25, 2022, stance="as_assigned", **TARGET)
    assert verdict(made(target, observation(PM25, 2022, stance="as_assigned"))) == ("met", "as_reported", None)
    assert verdict(made(target, observation(PM25, 2022, "25"))) == ("not_comparable", "target_not_stated", None)
    beside = (observation(PM25, 2022, "25"), observation(PM25, 2022, stance="as_assigned", status="estimated"))
    assert verdict(made(target, *beside)) == ("met", "as_reported", None)


@pytest.mark.parametrize(
    ("stance", "actual", "outcome", "reason"),
    [
        ("rise", {"value": "3", **GROWTH}, "open", "no_actual"),
        ("fall", {"stance": "fall"}, "met", "direction"),
        ("narrow", {"value": "2.16"}, "not_comparable", "no_reference"),
        ("rise", {"stance": "discontinued"}, "not_comparable", "discontinued"),
        ("other", {"value": "2"}, "not_comparable", "wording"),
    ],
)
def test_a_target_in_words(made: Made, stance: str, actual: dict[str, Any], outcome: str, reason: str) -> None:
    rows = (observation(GDP, 2022, stance=stance, **TARGET), observation(GDP, 2022, **actual))
    assert verdict(made(*rows))[:2] == (outcome, reason)


def test_flat_growth_is_a_growth_of_nothing(made: Made) -> None:
    rows = (
        observation(GDP, 2022, "8.5", **TARGET, **GROWTH),
        observation(GDP, 2022, stance="flat", measure="growth"),
    )
    assert verdict(made(*rows)) == ("missed", "number", Decimal("-8.5"))


def test_a_growth_is_derived_from_two_levels_and_says_so(made: Made) -> None:
    (found,) = made(
        observation(GDP, 2022, "8.5", **TARGET, **GROWTH),
        observation(GDP, 2022, "108", id="now"),
        observation(GDP, 2021, "1000000", id="before", unit="CNY", unit_multiplier=4, unit_label="万元"),
    )
    assert (found["outcome"], found["reason"], found["gap"]) == ("missed", "derived", Decimal("-0.5"))
    assert found["derived"] == {"value": 8, "observations": ["now", "before"]}
    assert found["actual"] is None


def test_a_target_is_judged_once_whatever_else_is_said_of_the_years(made: Made) -> None:
    rows = (
        observation(GDP, 2022, "8", **TARGET, **GROWTH),
        observation(GDP, 2022, "108", id="now"),
        observation(GDP, 2021, "100", id="before"),
        observation(GDP, 2022, "20", base_period="2020"),
        observation(GDP, 2021, "10", base_period="2019"),
    )
    (found,) = made(*rows)
    assert found["derived"] == {"value": 8, "observations": ["now", "before"]}


def test_a_level_is_derived_from_the_level_before_and_a_growth(made: Made) -> None:
    (found,) = made(
        observation(GDP, 2022, "107", **TARGET),
        observation(GDP, 2022, "8", id="growth", **GROWTH),
        observation(GDP, 2021, "100", id="before"),
    )
    assert (found["outcome"], found["reason"], found["gap"]) == ("met", "derived", Decimal(1))
    assert found["derived"] == {"value": 108, "observations": ["growth", "before"]}


def test_of_several_that_say_the_same_the_preferred_one_is_taken_as_of_the_day(made: Made) -> None:
    rows = (
        observation(GDP, 2022, "100", role="target", document=OLD),
        observation(GDP, 2022, "90", status="estimated", document=OLD),
        observation(GDP, 2022, "101"),
    )
    assert verdict(made(*rows))[0] == "met"
    assert verdict(made(*rows, as_of="2022-12-31"))[0] == "missed"
    assert made(*rows, as_of="2021-12-31") == []


def test_the_list_is_filtered_and_comes_in_pages(published: Path) -> None:
    with snapshots.client(published) as client:
        whole = client.get("/v1/assessments?limit=1000").json()
        assert whole["page"]["total"] == len(whole["data"]) > 500
        pages, url = [], "/v1/assessments?limit=300"
        while url:
            answer = client.get(url)
            pages += answer.json()["data"]
            url = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert pages == whole["data"]
        for query, holds in (
            ("outcome=missed", lambda row: row["outcome"] == "missed"),
            ("region=330700&descendants=true", lambda row: row["region"].startswith("3307")),
            ("indicator=gross_regional_product", lambda row: row["indicator"] == "gross_regional_product"),
            ("year_from=2024", lambda row: row["year"] >= 2024),
            ("category=environment&year=2023", lambda row: (row["category"], row["year"]) == ("environment", 2023)),
            ("measure=growth", lambda row: row["measure"] == "growth"),
            ("q=失业率", lambda row: "失业率" in row["indicator_name"]),
        ):
            found = client.get(f"/v1/assessments?limit=1000&{query}").json()["data"]
            assert found
            assert all(holds(row) for row in found), query
        whole = client.get("/v1/assessments?as_of=2030-01-01&limit=1000").json()["data"]
        assert [(row["id"], row["outcome"]) for row in whole] == [(row["id"], row["outcome"]) for row in pages]
        assert client.get("/v1/assessments?outcome=won").json()["errors"][0]["suggestion"] is None


def test_the_summary_counts_the_list(published: Path) -> None:
    with snapshots.client(published) as client:
        told = client.get("/v1/assessments/summary").json()["data"]
        assert sum(row["targets"] for row in told) == client.get("/v1/assessments").json()["page"]["total"]
        for row in told:
            query = f"region={row['region']}&year={row['year']}"
            for outcome in get_args(shapes.Outcome):
                total = client.get(f"/v1/assessments?{query}&outcome={outcome}").json()["page"]["total"]
                assert row[outcome] == total == sum(part[outcome] for part in row["categories"])


def test_every_reason_has_its_names(published: Path) -> None:
    given = set(re.findall(r"THEN '([a-z_]+)'|ELSE '([a-z_]+)'", SQL))
    words = {one or two for one, two in given} | {"discontinued", "unavailable", "bound"}
    with snapshots.client(published) as client:
        lists = client.get("/v1/codes").json()["data"]
    reasons = {code["code"] for code in lists["assessment_reasons"]}
    assert {code["code"] for code in lists["outcomes"]} == set(get_args(shapes.Outcome))
    assert reasons <= words
    assert words - reasons <= {*get_args(shapes.Outcome), "share", "ratio", "infinity"}


def test_a_reader_and_the_rules_agree_on_every_target_of_a_report(published: Path) -> None:
    with (HERE / "labels" / "assessments.csv").open(encoding="utf-8", newline="") as lines:
        labels = list(csv.DictReader(lines))
    with snapshots.client(published) as client:
        found = client.get("/v1/assessments?region=330702&year=2022&limit=1000").json()["data"]
    told = {(row["indicator"], row["measure"]): row for row in found}
    wrong = []
    for label in labels:
        if label["other"]:
            continue
        row = told[label["indicator"], label["measure"]]
        # of two actuals of one target the gap may be that of the other, which a reader noted too
        gaps = {each["gap"] for each in labels if each["indicator"] == label["indicator"]} - {""}
        same = row["outcome"] == label["outcome"] and (
            row["gap"] is None or f"{row['gap']:g}" in {f"{float(gap):g}" for gap in gaps}
        )
        if not same:
            wrong.append((label["indicator"], label["outcome"], row["outcome"], row["gap"]))
    # narrower than the year before, whose ratio only follows from two incomes and their growth
    assert [each[0] for each in wrong] == ["urban_rural_income_ratio"]
    assert sum(not label["other"] for label in labels) == len(found)
    sentence = f"{len(found) - len(wrong)} of {len(found)} targets of 婺城 2022 agree"
    assert sentence in " ".join(README.read_text("utf-8").split())
