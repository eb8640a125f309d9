"""Was the plan met: the rules on small cases, and what a reader found in a real report."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import msgspec
import pytest

from api import assessments, shapes
from api.cursors import Start
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots
from tests.readme import README
from tests.snapshots import GDP, NEW, OLD, PERCENT, PM25, RND, SALES, YONGKANG, observation

HERE = Path(__file__).parent
SQL = (HERE.parent / "seeds" / "assessments.sql").read_text("utf-8")
Made = Callable[..., list[dict[str, Any]]]
EMPTY: dict[str, Any] = {"limit": 1000}
GROWTH: dict[str, Any] = {"measure": "growth", **PERCENT}
TARGET: dict[str, Any] = {"role": "target", "document": OLD}
POINTS: dict[str, Any] = {"measure": "change", "unit": "percentage_point", "unit_multiplier": 0, "unit_label": "百分点"}
UNITS = (("percentage_point", "share_change", "0.01"), ("person", "person", "1"), ("ratio", "ratio", "1"))


def plain(told: Any) -> Any:
    """A struct as a dict, with those that it holds."""
    if not isinstance(told, msgspec.Struct):
        return told
    return {name: plain(value) for name, value in msgspec.structs.asdict(told).items()}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The assessments of a snapshot with the rows given."""

    def make(
        *rows: Mapping[str, Any], direction: str = "higher", groups: tuple[str, ...] = (), **filters: Any
    ) -> list[dict[str, Any]]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))  # its own, as the snapshot before may still be open
        path = snapshots.publish(folder, "s1", rows, judge=False)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"UPDATE indicators SET direction = '{direction}'")
            connection.execute("UPDATE units SET factor = 0.01 WHERE id = 'percent'")
            for unit, dimension, factor in UNITS:
                connection.execute("INSERT INTO units VALUES (?, '', '', ?, ?)", [unit, dimension, Decimal(factor)])
            connection.execute("INSERT INTO wholes VALUES ('r_and_d_intensity', 'retail_sales')")
            connection.execute("INSERT INTO ratios VALUES ('r_and_d_intensity', 'retail_sales', ?, true)", [GDP])
            connection.execute("INSERT INTO ratios VALUES ('u_0123456789', 'u_0123456789', NULL, true)")
            for group in groups:
                connection.execute("INSERT INTO parts VALUES ('pm25', ?, '城乡')", [group])
            connection.execute(
                "INSERT INTO assessments SELECT row_number() OVER (ORDER BY id), * FROM assessed(NULL::DATE) ORDER BY 1"
            )
        found = assessments.page(Snapshot("s1", path, Settings(data=tmp_path)), EMPTY | filters, Start())
        return [plain(msgspec.json.decode(line, type=assessments.Assessment)) for line in found.lines]

    return make


def verdict(found: list[dict[str, Any]]) -> tuple[str, str, Decimal | None]:
    (only,) = found
    return only["outcome"], only["reason"], only["gap"]


VERDICTS: list[tuple[dict[str, Any], dict[str, Any], str, str, str]] = [  # target, actual, direction, outcome, gap
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
    ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "7"}, "lower", "met", "0"),
    ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "6.5"}, "neutral", "met", "0"),
    ({"value": "6", "value_high": Decimal(7), "comparator": "range"}, {"value": "8"}, "neutral", "missed", "1"),
    ({"value": "-1"}, {"value": "-1.57"}, "lower", "met", "-0.57"),
    ({"value": "-5", "comparator": "ge"}, {"value": "-6"}, "higher", "missed", "-1"),
]


@pytest.mark.parametrize("direction", ["higher", "lower", "neutral"])
def test_comparator_direction_and_sign_decide(made: Made, direction: str) -> None:
    cases = {1950 + place: case for place, case in enumerate(VERDICTS) if case[2] == direction}
    rows = [
        observation(GDP, year, **GROWTH, **kind, **stated)
        for year, (target, actual, *_) in cases.items()
        for kind, stated in ((TARGET, target), ({}, actual))
    ]
    found = {one["year"]: verdict([one]) for one in made(*rows, direction=direction)}
    assert found == {year: (outcome, "number", Decimal(gap)) for year, (*_, outcome, gap) in cases.items()}


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
        ("rise", {"value": "3", **GROWTH}, "met", "direction"),
        ("rise", {"value": "-3", **GROWTH}, "missed", "direction"),
        ("fall", {"stance": "rise"}, "missed", "direction"),
        ("flat", {"value": "3", **GROWTH}, "met", "direction"),
        ("flat", {"value": "-3", **GROWTH}, "missed", "direction"),
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


def stated(place: int, year: int, measure: str, value: str | None, **more: Any) -> dict[str, Any]:
    """An observation of a measure, in the unit that is usual for it."""
    unit = {"growth": PERCENT, "average_growth": PERCENT, "rank": {"unit": "position", "unit_multiplier": 0}}.get(
        measure
    )
    given = (dict(unit or {}) if value else {}) | {"id": f"i{place}", "measure": measure} | more
    return observation(given.pop("indicator", GDP), year, value, **given)


@pytest.mark.parametrize(
    ("target", "known", "outcome", "gap", "value", "inputs"),
    [
        # a target of each measure beside actuals of the others
        (("growth", "8.5"), [(2022, "level", "108"), (2021, "level", "100")], "missed", "-0.5", "8", [0, 1]),
        (("growth", "8"), [(2022, "change", "8"), (2021, "level", "100")], "met", "0", "8", [0, 1]),
        (("growth", "8"), [(2022, "change", "8"), (2022, "level", "108")], "met", "0", "8", [1, 0]),
        (("growth", "8"), [(2022, "level", "108")], "not_comparable", None, None, None),
        (("growth", "8"), [(2022, "rank", "3")], "open", None, None, None),
        (("level", "107"), [(2022, "growth", "8"), (2021, "level", "100")], "met", "1", "108", [0, 1]),
        (("level", "107"), [(2022, "change", "6"), (2021, "level", "100")], "missed", "-1", "106", [0, 1]),
        (("level", "107"), [(2022, "growth", "8")], "not_comparable", None, None, None),
        (("level", "107"), [(2022, "growth", "8"), (2021, "level", "100", "gt")], "not_comparable", None, None, None),
        (("level", "3"), [(2022, "rank", "3")], "open", None, None, None),
        (("change", "8"), [(2022, "level", "107"), (2021, "level", "100")], "missed", "-1", "7", [0, 1]),
        (("change", "8"), [(2022, "growth", "8"), (2021, "level", "100")], "met", "0", "8", [0, 1]),
        (("change", "8"), [(2022, "growth", "8"), (2022, "level", "108")], "met", "0", "8", [1, 0]),
        (("rank", "3"), [(2022, "level", "3")], "open", None, None, None),
    ],
)
def test_what_is_derived_from_what(
    made: Made,
    target: tuple[str, str],
    known: list[tuple[Any, ...]],
    outcome: str,
    gap: str | None,
    value: str | None,
    inputs: list[int] | None,
) -> None:
    rows = [stated(9, 2022, *target, **TARGET)]
    for place, (year, measure, number, *comparator) in enumerate(known):
        rows.append(stated(place, year, measure, number, comparator=comparator[0] if comparator else "eq"))
    (found,) = made(*rows)
    reason = {"open": "no_actual", "not_comparable": "other_measure"}.get(outcome, "derived")
    assert (found["outcome"], found["reason"]) == (outcome, reason)
    assert found["gap"] == (None if gap is None else Decimal(gap))
    derived = (
        None if inputs is None else {"value": Decimal(value or 0), "observations": [f"i{place}" for place in inputs]}
    )
    assert found["derived"] == derived
    assert (found["actual"] is None) == (outcome != "not_comparable")


def test_units_convert_where_a_growth_is_derived(made: Made) -> None:
    levels = (
        stated(0, 2022, "level", "108"),
        stated(1, 2021, "level", "1000000", unit_multiplier=4, unit_label="万元"),
    )
    (found,) = made(stated(9, 2022, "growth", "8", **TARGET), *levels)
    assert (found["outcome"], found["derived"]) == ("met", {"value": 8, "observations": ["i0", "i1"]})
    (found,) = made(stated(9, 2022, "growth", "8", scope="区属", **TARGET), *levels)
    assert found["outcome"] == "open", "another scope is another thing"


def test_a_percentage_changes_by_points(made: Made) -> None:
    levels = (stated(0, 2022, "level", "2.9", indicator=RND), stated(1, 2021, "level", "2.5", indicator=RND))
    target = observation(RND, 2022, "0.5", role="target", document=OLD, **POINTS)
    assert verdict(made(target, *levels)) == ("missed", "derived", Decimal("-0.1"))
    change = observation(RND, 2022, "0.5", id="change", **POINTS)
    (found,) = made(observation(RND, 2022, "3", **TARGET), change, levels[1])
    assert found["derived"] == {"value": 3, "observations": ["change", "i1"]}


def test_an_average_growth_is_derived_from_the_levels_at_both_ends(made: Made) -> None:
    plan = stated(9, 2025, "average_growth", "8", period="2021/2025", **TARGET)
    start = stated(0, 2020, "level", "100")
    assert verdict(made(plan, start, stated(1, 2024, "level", "140")))[:2] == ("open", "no_actual")
    (found,) = made(plan, start, stated(1, 2025, "level", "150"))
    assert (found["outcome"], found["gap"]) == ("met", Decimal("0.45"))
    assert found["derived"] == {"value": Decimal("8.45"), "observations": ["i1", "i0"]}
    level = stated(9, 2025, "level", "150", **TARGET)
    grown = stated(1, 2025, "average_growth", "8", period="2021/2025")
    (found,) = made(level, start, grown)
    assert (found["outcome"], found["derived"]["value"]) == ("missed", Decimal("146.93"))


def test_a_growth_on_another_base_is_another_growth(made: Made) -> None:
    target = stated(9, 2022, "growth", "20", base_period="2020", **TARGET)
    assert verdict(made(target, stated(0, 2022, "growth", "21")))[1] == "other_measure"
    levels = (stated(0, 2022, "level", "121"), stated(1, 2020, "level", "100"), stated(2, 2021, "level", "110"))
    assert verdict(made(target, *levels)) == ("met", "derived", Decimal(1))
    (found,) = made(stated(9, 2022, "growth", "10", base_period="2021", **TARGET), stated(0, 2022, "growth", "10"))
    assert (found["outcome"], found["reason"]) == ("met", "number"), "the year before is the usual base"


def test_an_index_with_the_year_before_as_100_is_a_growth(made: Made) -> None:
    bare: dict[str, Any] = {"indicator": "u_0123456789", "unit": None, "unit_multiplier": None, "unit_label": None}
    index, rise = bare | {"comparator": "le"}, {"indicator": "u_0123456789"} | PERCENT
    (found,) = made(stated(9, 2022, "level", "103", **TARGET | index), stated(0, 2022, "growth", "2", **rise))
    assert (found["outcome"], found["gap"]) == ("met", -1)
    assert found["derived"] == {"value": 102, "observations": ["i0"]}
    (found,) = made(stated(9, 2022, "growth", "3", **TARGET | rise), stated(0, 2022, "level", "104", **bare))
    assert (found["outcome"], found["gap"], found["derived"]["value"]) == ("met", 1, 4)
    assert found["actual"]["value"] == 104
    two = (stated(0, 2022, "level", "102", **bare), stated(1, 2021, "level", "104", **bare))
    (found,) = made(stated(9, 2022, "level", "103", **TARGET | bare), *two)
    assert (found["outcome"], found["gap"], found["derived"]) == ("missed", -1, None)


def test_a_ratio_follows_from_what_it_divides(made: Made) -> None:
    target = observation(RND, 2022, "3", **TARGET)
    parts = (stated(0, 2022, "level", "3.1", indicator=SALES), stated(1, 2022, "level", "100"))
    (found,) = made(target, *parts)
    assert (found["outcome"], found["reason"], found["gap"]) == ("met", "derived", Decimal("0.1"))
    assert found["derived"] == {"value": Decimal("3.1"), "observations": ["i0", "i1"]}
    assert verdict(made(target, *parts, stated(2, 2022, "level", "2.9", indicator=RND)))[:2] == ("missed", "number")
    other = stated(0, 2022, "level", "3.1", indicator=SALES, scope="限上")
    assert verdict(made(target, other, parts[1]))[:2] == ("open", "no_actual")


@pytest.mark.parametrize(
    ("over", "under", "outcome", "value"), [("1.1", "1.8", "met", "-0.69"), ("1.8", "1.1", "missed", "0.69")]
)
def test_a_ratio_narrows_where_what_it_divides_grows_less(
    made: Made, over: str, under: str, outcome: str, value: str
) -> None:
    (found,) = made(
        observation(RND, 2022, stance="narrow", **TARGET),
        observation(RND, 2022, "2.16"),
        stated(0, 2022, "growth", over, indicator=SALES),
        stated(1, 2022, "growth", under),
        direction="lower",
    )
    assert (found["outcome"], found["reason"], found["gap"]) == (outcome, "direction", None)
    assert found["derived"] == {"value": Decimal(value), "observations": ["i0", "i1"]}


@pytest.mark.parametrize(
    ("stance", "year_before", "outcome"),
    [
        ("rise", "100", "met"),
        ("rise", "120", "missed"),
        ("fall", "120", "met"),
        ("narrow", "120", "met"),
        ("flat", "110", "met"),
    ],
)
def test_a_direction_shows_in_the_levels_of_two_years(made: Made, stance: str, year_before: str, outcome: str) -> None:
    rows = (stated(0, 2022, "level", "110"), stated(1, 2021, "level", year_before))
    (found,) = made(observation(GDP, 2022, stance=stance, **TARGET), *rows, direction="lower")
    assert (found["outcome"], found["reason"]) == (outcome, "direction")
    assert found["derived"]["observations"] == ["i0", "i1"]


@pytest.mark.parametrize(
    ("name", "growths", "outcome", "reason"),
    [
        ("城乡居民收入", ("6", "5.5"), "met", "relative"),
        ("城乡居民收入", ("6", "4"), "missed", "relative"),
        ("居民收入", ("6", "5.5"), "met", "relative"),
        ("居民收入", ("6", "4"), "not_comparable", "bound"),
        ("居民收入", ("4.5", "4"), "missed", "relative"),
    ],
)
def test_what_is_said_of_two_groups_holds_for_each(
    made: Made, name: str, growths: tuple[str, str], outcome: str, reason: str
) -> None:
    rows = (
        observation(PM25, 2022, stance="above_growth", measure="growth", source_name=name, **TARGET),
        stated(0, 2022, "growth", growths[0], indicator=SALES),
        stated(1, 2022, "growth", growths[1], indicator=RND),
        stated(2, 2022, "growth", "5"),
    )
    assert verdict(made(*rows, groups=(SALES, RND)))[:2] == (outcome, reason)


def test_a_part_of_the_period_is_no_actual_of_it(made: Made) -> None:
    target = stated(9, 2022, "growth", "8", **TARGET)
    half = stated(0, 2022, "growth", "3", period="2022-S1")
    assert verdict(made(target, half)) == ("open", "no_actual", None)
    halves = (stated(1, 2022, "level", "50", period="2022-S1"), stated(2, 2021, "level", "48", period="2021-S1"))
    assert verdict(made(target, *halves))[:2] == ("open", "no_actual")
    own = stated(9, 2022, "growth", "4", period="2022-S1", **TARGET)
    assert verdict(made(own, *halves)) == ("met", "derived", Decimal("0.17"))
    plan = stated(9, 2025, "level", "150", document=OLD, role="target")
    assert verdict(made(plan, stated(0, 2022, "level", "120")))[:2] == ("open", "no_actual")
    total = stated(9, 2025, "level", "500", period="2021/2025", **TARGET)
    assert verdict(made(total, stated(0, 2025, "level", "120")))[:2] == ("open", "no_actual")


def test_a_rank_is_better_the_smaller_it_is(made: Made) -> None:
    target = stated(9, 2022, "rank", "3", **TARGET)
    assert verdict(made(target, stated(0, 2022, "rank", "2")))[0] == "met"
    assert verdict(made(target, stated(0, 2022, "rank", "4")))[0] == "missed"


@pytest.mark.parametrize(
    ("measure", "target", "actual", "outcome", "reason"),
    [
        ("level", "10", "10", "met", "number"),
        ("level", "10", "8", "not_comparable", "no_direction"),
        ("level", "10", "20", "not_comparable", "no_direction"),
        ("growth", "10", "20", "met", "number"),
        ("growth", "-10", "-20", "met", "number"),
        ("growth", "-10", "-2", "missed", "number"),
    ],
)
def test_of_an_indicator_not_reviewed_only_a_sign_tells_the_way(
    made: Made, measure: str, target: str, actual: str, outcome: str, reason: str
) -> None:
    rows = (
        stated(9, 2022, measure, target, indicator=NEW, **TARGET),
        stated(0, 2022, measure, actual, indicator=NEW),
    )
    assert verdict(made(*rows, direction="neutral"))[:2] == (outcome, reason)


def test_a_scope_that_the_name_says_already_narrows_nothing(made: Made) -> None:
    rows = (observation(SALES, 2022, "8", scope="消费品", **TARGET), observation(SALES, 2022, "9"))
    (found,) = made(*rows)
    assert (found["outcome"], found["scope"]) == ("met", "消费品")


def test_above_the_province_looks_at_the_province(made: Made) -> None:
    target = observation(SALES, 2022, stance="above_overall", measure="growth", quote="增速高于全省平均", **TARGET)
    own = observation(SALES, 2022, "9", **GROWTH)
    assert verdict(made(target, own))[:2] == ("not_comparable", "no_reference")
    province = observation(SALES, 2022, "8", region="330000", id="province", **GROWTH)
    for day in ({}, {"as_of": "2100-01-01"}, {"as_of": "2100-01-01", "region": [target["region"]]}):
        (found,) = made(target, own, province, **day)
        assert (found["outcome"], found["gap"], found["derived"]["observations"]) == ("met", 1, ["province"])


def test_what_another_region_plans_changes_no_verdict(made: Made) -> None:
    rows = (
        stated(0, 2022, "growth", None, stance="rise", indicator="pm25", **TARGET),
        stated(1, 2022, "change", "-3", indicator="pm25"),
        stated(2, 2022, "level", "105", indicator="pm25"),
        stated(3, 2021, "level", "100", indicator="pm25"),
    )
    far = stated(4, 2022, "growth", None, stance="above_overall", indicator="pm25", region="110000", **TARGET)
    verdicts = [
        [(one["outcome"], one["reason"], one["derived"]) for one in made(*known, **day) if one["region"] == "330702"]
        for known in (rows, (*rows, far))
        for day in ({}, {"as_of": "2100-01-01"}, {"as_of": "2100-01-01", "region": ["330702"]})
    ]
    assert [each[0][0] for each in verdicts] == ["missed"] * 6
    assert all(each == verdicts[0] for each in verdicts)


def test_a_later_document_changes_the_outcome_from_its_day_on(made: Made) -> None:
    rows = (
        stated(9, 2022, "growth", "8", **TARGET),
        stated(0, 2022, "level", "107"),
        stated(1, 2021, "level", "100", document=OLD),
        stated(2, 2021, "level", "98", document=YONGKANG, region="330702"),
    )
    assert verdict(made(*rows, as_of="2023-01-01"))[:2] == ("open", "no_actual")
    assert verdict(made(*rows, as_of="2023-12-31")) == ("missed", "derived", Decimal(-1))
    assert verdict(made(*rows, as_of="2024-12-31")) == verdict(made(*rows)) == ("met", "derived", Decimal("1.18"))


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


def test_the_summary_is_the_same_where_it_is_counted_again(published: Path) -> None:
    with snapshots.client(published) as client:
        years = client.get("/v1/years").json()["data"]
        for query in ("", "region=330700&descendants=true", "category=environment", f"year={years[-1]['year']}"):
            path = f"/v1/assessments/summary?limit=1000&{query}"
            told, again = (client.get(f"{path}{more}").json() for more in ("", "&as_of=2100-01-01"))
            assert told["data"]
            assert [told["data"], told["page"]["total"]] == [again["data"], again["page"]["total"]], query
        document = client.get("/v1/documents").json()["data"][0]["id"]
        for query in (f"document={document}", "as_of=2023-12-31"):
            targets = sum(row["targets"] for row in client.get(f"/v1/assessments/summary?{query}").json()["data"])
            total = client.get(f"/v1/assessments?{query}").json()["page"]["total"]
            assert 0 < targets == total < client.get("/v1/assessments").json()["page"]["total"], query
        part = client.get("/v1/assessments/summary?category=environment").json()["data"]
        assert {one["category"] for row in part for one in row["categories"]} == {"environment"}
        pages = [client.get(f"/v1/assessments/summary?limit=1&{query}").json()["page"] for query in ("", "year=2022")]
        assert pages[0]["total"] > pages[1]["total"] > 0


def test_what_was_known_of_a_region_is_what_is_said_of_it_among_all(published: Path) -> None:
    with snapshots.client(published) as client:
        whole = client.get("/v1/assessments?as_of=2024-12-31&limit=1000").json()
        assert whole["page"]["next"] is None
        regions = {row["region"] for row in whole["data"]}
        assert len(regions) > 1
        for region in regions:
            found = client.get(f"/v1/assessments?as_of=2024-12-31&limit=1000&region={region}").json()["data"]
            assert found == [row for row in whole["data"] if row["region"] == region]


def test_every_reason_has_its_names_and_is_explained(published: Path) -> None:
    rules = SQL.partition("judged AS (")[2].partition("AS reason")[0]
    words = set(re.findall(r"(?:THEN|ELSE|,|NULL,) '([a-z_]+)'", rules)) | {"discontinued", "unavailable"}
    words -= set(get_args(shapes.Stance)) - {"discontinued", "unavailable"}
    words -= {"approx", "range", "missed", "undecided"}
    with snapshots.client(published) as client:
        lists = client.get("/v1/codes").json()["data"]
    reasons = {code["code"] for code in lists["assessment_reasons"]}
    assert {code["code"] for code in lists["outcomes"]} == set(get_args(shapes.Outcome))
    assert reasons == words == set(re.findall(r"^-- \* ([a-z_]+):", SQL, re.MULTILINE))


def test_a_reader_and_the_rules_agree_on_every_target_of_a_report(published: Path) -> None:
    with (HERE / "labels" / "assessments.csv").open(encoding="utf-8", newline="") as lines:
        labels = [label for label in csv.DictReader(lines) if not label["region"]]
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
    assert wrong == []
    assert sum(not label["other"] for label in labels) == len(found)
    sentence = f"{len(found) - len(wrong)} of {len(found)} targets of 婺城 2022 agree"
    assert sentence in " ".join(README.read_text("utf-8").split())


def test_a_reader_and_the_rules_agree_on_plans_held_against_the_year_before_them(
    published: Path, tmp_path: Path
) -> None:
    """Reports tell the plan of a year and the actuals of the year before: taken as those of the plan's year, they are
    pairs of every kind, which a reader judged."""
    with (HERE / "labels" / "assessments.csv").open(encoding="utf-8", newline="") as lines:
        labels = [label for label in csv.DictReader(lines) if label["region"]]
    source = published / "snapshots" / f"{(published / 'current').read_text('ascii').strip()}.duckdb"
    path = tmp_path / "later.duckdb"
    path.write_bytes(source.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE observations SET year = year + 1, period = regexp_replace(period, '^[0-9]{4}', (year + 1)::VARCHAR) "
            "WHERE role = 'actual'"
        )
        rows = connection.execute(
            "SELECT judged.region, quote_start, judged.indicator, judged.measure::VARCHAR, outcome::VARCHAR, gap "
            "FROM assessed(NULL::DATE) AS judged JOIN observations ON observations.ordinal = judged.target"
        ).fetchall()
    told = {(region, str(start), *rest): (outcome, gap) for region, start, *rest, outcome, gap in rows}
    wrong = []
    for label in labels:
        found = told.get((label["region"], label["target_start"], label["indicator"], label["measure"]))
        if found != (label["outcome"], Decimal(label["gap"]) if label["gap"] else None):
            wrong.append((label["region"], label["indicator"], label["outcome"], found))
    assert wrong == []
    assert len(labels) > 60
