"""Regions side by side, as arrays and as JSON-stat: labelled small cases, one for each rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import prod
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from api import formats, jsonstat
from api.compared import ComparedRegion, Comparison, ComparisonTable, Notes
from api.comparisons import compare, table
from api.problems import NOT_FOUND, PARAMETERS, Problem
from api.settings import Settings
from api.snapshot import Snapshot
from tests import snapshots
from tests.snapshots import GDP, JINHUA, LIANDU, OLD, PERCENT, PM25, RND, SAFETY, SALES, YONGKANG, observation

D = Decimal
WUCHENG = "330702-2023-plan-report"
UNITS = (
    "DELETE FROM units",
    "INSERT INTO units VALUES ('CNY', '元', 'yuan', 'CNY', 1), ('USD', '美元', 'US dollar', 'USD', 1), "
    "('percent', '%', 'percent', 'share', 0.01), ('permille', '‰', 'per mille', 'share', 0.001), "
    "('percentage_point', '百分点', 'percentage point', 'share_change', 0.01), ('item', '个', 'item', 'item', 1), "
    "('mu', '亩', 'mu', 'area', 666.666667), ('hectare', '公顷', 'hectare', 'area', 10000), "
    "('person', '人', 'person', 'person', 1), ('ratio', '倍', 'times', 'ratio', 1), "
    "('jin', '斤', 'jin', 'mass', 0.5), ('tonne', '吨', 'tonne', 'mass', 1000)",
)


@pytest.fixture
def made(tmp_path: Path) -> Any:
    """Makes a snapshot of rows, changed afterwards by statements."""

    def make(*rows: Mapping[str, Any], statements: tuple[str, ...] = ()) -> Snapshot:
        path = snapshots.publish(tmp_path, "s1", rows)
        with duckdb.connect(str(path)) as connection:
            for statement in (*UNITS, *statements):
                connection.execute(statement)
        return Snapshot("s1", path, Settings(data=tmp_path))

    return make


def the(found: Comparison, code: str) -> ComparedRegion:
    """One region of an answer."""
    return {line.region: line for line in found.regions}[code]


def unit(name: str | None, multiplier: int | None, label: str | None) -> dict[str, Any]:
    return {"unit": name, "unit_multiplier": multiplier, "unit_label": label}


def test_targets_and_actuals_are_aligned_with_the_periods_of_all_regions(made: Any) -> None:
    found = compare(
        made(
            observation(GDP, 2022, "353.73", id="a"),
            observation(GDP, 2023, "380", id="b", role="target", comparator="ge"),
            observation(GDP, 2023, "725.8", YONGKANG, id="c", status="estimated"),
        ),
        {"indicator": GDP},
    )
    assert (found.indicator, found.indicator_name, found.measure) == (GDP, "地区生产总值", "level")
    assert (found.unit, found.unit_multiplier, found.unit_label) == ("CNY", 8, "亿元")
    assert found.periods == ["2022", "2023"]
    assert [line.region for line in found.regions] == ["330702", "330784"]
    assert the(found, "330702").targets == [None, D(380)]
    assert the(found, "330702").actuals == [D("353.73"), None]
    assert the(found, "330784").actuals == [None, D("725.8")]
    assert the(found, "330702").region_name_en == "Wucheng District"
    assert (found.snapshot, found.published_at) == ("s1", "2026-01-31T08:00:00Z")


def test_every_number_can_be_traced_to_its_observation(made: Any) -> None:
    found = compare(
        made(
            observation(GDP, 2022, "353.73", id="a", status="estimated"),
            observation(GDP, 2023, "380", id="b", role="target", comparator="ge"),
        ),
        {"indicator": [GDP]},
    )
    line = the(found, "330702")
    nothing: list[Any] = [None, None]
    assert line.target_notes == Notes(
        ids=[None, "b"],
        comparators=[None, "ge"],
        highs=nothing,
        statuses=nothing,
        scopes=nothing,
        gaps=["not_stated", None],
        stances=nothing,
    )
    assert line.actual_notes == Notes(
        ids=["a", None],
        comparators=["eq", None],
        highs=nothing,
        statuses=["estimated", None],
        scopes=nothing,
        gaps=[None, "not_stated"],
        stances=nothing,
    )


def test_the_preferred_observation_is_taken_and_decided_after_as_of(made: Any) -> None:
    snapshot = made(
        observation(GDP, 2021, "340", OLD, id="early"),
        observation(GDP, 2021, "341", id="late"),
        observation(GDP, 2021, "342", id="guess", status="estimated", quote_start=5),
    )
    for day, number in ((None, "341"), ("2023-03-31", "341"), ("2023-03-30", "340")):
        assert the(compare(snapshot, {"indicator": GDP, "as_of": day}), "330702").actuals == [D(number)]
    found = compare(snapshot, {"indicator": GDP, "as_of": "2022-02-14"})
    assert (found.periods, found.regions) == ([], [])


def test_one_measure_is_compared_at_a_time_and_level_unless_told_otherwise(made: Any) -> None:
    snapshot = made(
        observation(GDP, 2022, "353.73"),
        observation(GDP, 2022, "3.5", measure="growth", **PERCENT),
        observation(GDP, 2023, "6", measure="growth", role="target", comparator="approx", **PERCENT),
    )
    assert the(compare(snapshot, {"indicator": GDP}), "330702").actuals == [D("353.73")]
    growth = compare(snapshot, {"indicator": GDP, "measure": "growth"})
    assert the(growth, "330702").actuals == [D("3.5"), None]
    assert the(growth, "330702").target_notes.comparators == [None, "approx"]
    assert (growth.measure, growth.unit, growth.unit_multiplier, growth.unit_label) == ("growth", "percent", 0, "%")
    assert compare(snapshot, {"indicator": GDP, "measure": "rank"}).unit is None


def test_a_statement_without_a_number_is_a_gap_with_its_stance(made: Any) -> None:
    found = compare(made(observation(PM25, 2022, id="a", stance="unavailable")), {"indicator": PM25})
    line = the(found, "330702")
    assert (line.actuals, line.ranks) == ([None], [None])
    assert (line.actual_notes.gaps, line.actual_notes.stances) == (["no_number"], ["unavailable"])
    assert (line.actual_notes.ids, line.actual_notes.comparators) == (["a"], [None])


def test_a_range_stands_with_its_lower_end_and_the_upper_one_beside_it(made: Any) -> None:
    row = observation(SALES, 2023, "60", value_high=D("70.5"), comparator="range", role="target")
    line = the(compare(made(row), {"indicator": SALES}), "330702")
    assert line.targets == [D(60)]
    assert line.target_notes.comparators == ["range"]
    assert line.target_notes.highs == [D("70.5")]


def test_the_upper_end_of_a_range_converts_with_it(made: Any) -> None:
    row = observation(
        SALES, 2023, "600000", value_high=D("705000"), comparator="range", role="target", **unit("CNY", 4, "万元")
    )
    line = the(compare(made(row), {"indicator": SALES}), "330702")
    assert (line.targets, line.target_notes.highs) == ([D(60)], [D("70.5")])


def test_the_value_without_scope_goes_before_scopes_and_the_scope_is_shown(made: Any) -> None:
    found = compare(
        made(
            observation(GDP, 2022, "353.73", scope="区属"),
            observation(GDP, 2022, "360", quote_start=500),
            observation(GDP, 2023, "380", scope="区属"),
        ),
        {"indicator": GDP},
    )
    line = the(found, "330702")
    assert line.actuals == [D(360), D(380)]
    assert line.actual_notes.scopes == [None, "区属"]


def test_of_several_parts_none_stands_for_the_region(made: Any) -> None:
    snapshot = made(
        observation(GDP, 2021, "1", scope="区属"),
        observation(GDP, 2022, "1", scope="区属"),
        observation(GDP, 2022, "2", scope="全区"),
        observation(GDP, 2023, "1", scope="区属"),
        observation(GDP, 2023, "2", scope="全区"),
        observation(GDP, 2023, "3"),
    )
    line = the(compare(snapshot, {"indicator": GDP}), "330702")
    assert line.actuals == [D(1), None, D(3)]
    assert line.actual_notes.gaps == [None, "several_scopes", None]
    assert line.actual_notes.scopes[::2] == ["区属", None]
    assert line.ranks == [None, None, 1]  # a part is not ranked


def test_a_growth_against_another_base_is_a_gap_unless_there_is_one_against_the_year_before(made: Any) -> None:
    growth: dict[str, Any] = {"measure": "growth", **PERCENT}
    found = compare(
        made(
            observation(GDP, 2022, "18", base_period="2020", id="a", **growth),
            observation(GDP, 2023, "25", base_period="2020", **growth),
            observation(GDP, 2023, "6", **growth),
        ),
        {"indicator": GDP, "measure": "growth"},
    )
    line = the(found, "330702")
    assert line.actuals == [None, D(6)]
    assert line.actual_notes.gaps == ["other_base", None]
    assert line.actual_notes.ids[0] == "a"
    assert line.ranks == [None, 1]


@pytest.mark.parametrize(
    ("number", "own", "told"),
    [
        ("3537300", ("CNY", 4), "353.73"),
        ("35373000000", ("CNY", 0), "353.73"),
        ("0.123456", ("CNY", 8), "0.123456"),
        ("123456789012345678.123456", ("CNY", 12), "1234567890123456781234.56"),
        ("100", ("CNY", 10), "10000"),
        ("-0.5", ("CNY", 4), "-0.00005"),
        ("0", ("CNY", 0), "0"),
    ],
)
def test_powers_of_ten_convert_exactly_and_print_plainly(
    made: Any, number: str, own: tuple[str, int], told: str
) -> None:
    found = compare(made(observation(GDP, 2022, number, **unit(*own, "…"))), {"indicator": GDP})
    assert the(found, "330702").actuals == [D(told)]
    assert f'"actuals":[{told}]'.encode() in formats.json(found)


@pytest.mark.parametrize(
    ("number", "own", "target", "told"),
    [
        ("15", ("mu", 0), ("hectare", 0), "1"),
        ("1.5", ("mu", 4), ("hectare", 0), "1000"),
        ("2", ("hectare", 0), ("mu", 0), "30"),
        ("1", ("mu", 0), ("hectare", 0), "0.0666666666666667"),
        ("37", ("percent", 0), ("permille", 0), "370"),
        ("2000", ("jin", 0), ("tonne", 0), "1"),
        ("3", ("jin_per_mu", 0), ("tonne_per_hectare", 0), "0.0225"),
        ("3", ("CNY_per_person", 4), ("CNY_per_person", 0), "30000"),
        ("1.5", (None, None), ("ratio", 0), "1.5"),
        ("1.5", ("ratio", 0), (None, None), "1.5"),
    ],
)
def test_units_of_one_dimension_convert(
    made: Any, number: str, own: tuple[str, int], target: tuple[str | None, int | None], told: str
) -> None:
    name, multiplier = ("NULL" if text is None else f"'{text}'" for text in target)
    change = f"UPDATE indicators SET unit = {name}, unit_multiplier = {multiplier}"
    label = "…" if own[0] else None
    found = compare(made(observation(RND, 2022, number, **unit(*own, label)), statements=(change,)), {"indicator": RND})
    assert (found.unit, found.unit_multiplier) == target
    assert the(found, "330702").actuals == [D(told)]


@pytest.mark.parametrize("own", [("USD", 8), ("percent", 0), ("CNY_per_person", 0), ("unknown", 8), (None, None)])
def test_a_number_in_a_unit_of_another_dimension_is_a_gap(made: Any, own: tuple[str, int]) -> None:
    label = "…" if own[0] else None
    found = compare(
        made(observation(GDP, 2022, "5", id="a", **unit(*own, label)), observation(GDP, 2023, "6")), {"indicator": GDP}
    )
    line = the(found, "330702")
    assert line.actuals == [None, D(6)]
    assert (line.actual_notes.gaps, line.actual_notes.ids[0]) == (["not_convertible", None], "a")


def test_a_number_too_small_to_be_told_is_a_gap_and_not_zero(made: Any) -> None:
    found = compare(made(observation(GDP, 2022, "99", **unit("CNY", 0, "元"))), {"indicator": GDP})
    assert the(found, "330702").actual_notes.gaps == ["not_convertible"]


def test_where_nothing_converts_to_the_default_unit_the_most_frequent_one_is_taken(made: Any) -> None:
    point = unit("percentage_point", 0, "百分点")
    found = compare(
        made(
            observation(RND, 2021, "1", measure="change", **point),
            observation(RND, 2022, "2", measure="change", **point),
            observation(RND, 2023, "3", measure="change", **unit("item", 0, "个")),
        ),
        {"indicator": RND, "measure": "change"},
    )
    assert (found.unit, found.unit_multiplier, found.unit_label) == ("percentage_point", 0, "百分点")
    assert the(found, "330702").actuals == [D(1), D(2), None]


def test_a_growth_is_told_in_the_unit_it_has_and_not_in_the_default_one(made: Any) -> None:
    statement = "UPDATE indicators SET unit = 'permille', unit_label = '‰'"
    row = observation(RND, 2022, "7", measure="growth", **PERCENT)
    found = compare(made(row, statements=(statement,)), {"indicator": RND, "measure": "growth"})
    assert (found.unit_label, the(found, "330702").actuals) == ("%", [D(7)])


SIX = (
    observation(GDP, 2023, "300", WUCHENG, role="actual"),
    observation(GDP, 2023, "725.8", YONGKANG),
    observation(GDP, 2023, "300", LIANDU),
    observation(GDP, 2023, "100", JINHUA, region="331100"),
    observation(GDP, 2023, "999", JINHUA, role="target"),
)


@pytest.mark.parametrize(
    ("direction", "ranks"), [("higher", [2, 1, 1, 2]), ("lower", [1, 3, 1, 1]), ("neutral", [2, 1, 1, 2])]
)
def test_actuals_of_one_level_are_ranked_by_the_direction_and_equals_share_a_rank(
    made: Any, direction: str, ranks: list[int]
) -> None:
    found = compare(made(*SIX, statements=(f"UPDATE indicators SET direction = '{direction}'",)), {"indicator": GDP})
    assert [line.region for line in found.regions] == ["330700", "330702", "330784", "331100", "331102"]
    assert [line.ranks[0] for line in found.regions] == [None, *ranks]
    assert found.direction == direction


def test_of_ranks_the_lowest_is_the_best(made: Any) -> None:
    more = {"measure": "rank", **unit("position", 0, "位")}
    rows = (observation(GDP, 2022, "3", **more), observation(GDP, 2022, "12", YONGKANG, **more))
    found = compare(made(*rows), {"indicator": GDP, "measure": "rank"})
    assert [line.ranks for line in found.regions] == [[1], [2]]


def test_numbers_are_ranked_after_they_are_converted(made: Any) -> None:
    found = compare(
        made(observation(GDP, 2022, "5"), observation(GDP, 2022, "60000", YONGKANG, **unit("CNY", 4, "万元"))),
        {"indicator": GDP},
    )
    assert [line.ranks for line in found.regions] == [[2], [1]]


def test_the_region_above_stands_beside_with_the_same_periods(made: Any) -> None:
    snapshot = made(
        observation(GDP, 2022, "300"),
        observation(GDP, 2022, "5000", JINHUA, id="above"),
        observation(GDP, 2023, "6000", JINHUA),
        observation(GDP, 2022, "9", LIANDU),
    )
    found = compare(snapshot, {"indicator": GDP, "region": ["330702", "331102"]})
    assert [(line.region, line.parent) for line in found.regions] == [("330702", "330700"), ("331102", "331100")]
    assert [line.region for line in found.parents] == ["330700"]  # 331100 has no values
    above = found.parents[0]
    assert found.periods == ["2022"]
    assert (above.actuals, above.ranks, above.actual_notes.ids) == ([D(5000)], [None], ["above"])


def test_all_regions_with_values_are_compared_unless_some_are_named(made: Any) -> None:
    snapshot = made(
        observation(GDP, 2022, "1"),
        observation(GDP, 2022, "2", LIANDU),
        observation(GDP, 2022, "9", LIANDU, region="331100"),
        observation(PM25, 2022, "3", YONGKANG),
    )

    def codes(**values: Any) -> list[str]:
        return [line.region for line in compare(snapshot, {"indicator": GDP, **values}).regions]

    assert codes() == ["330702", "331100", "331102"]
    assert codes(region=["330784", "330702"]) == ["330702", "330784"]  # named: with or without values
    assert codes(region=["330700"], descendants=True) == ["330700", "330702"]  # below: with values
    assert codes(region=["330000"], descendants=True) == ["330000", "330702", "331100", "331102"]
    assert codes(region=["331102"], descendants=True) == ["331102"]  # never above
    assert codes(region=["999999"]) == []
    assert codes(region=["999999"], descendants=True) == []
    gaps = the(compare(snapshot, {"indicator": GDP, "region": ["330784", "330702"]}), "330784").actual_notes.gaps
    assert gaps == ["not_stated"]


@pytest.mark.parametrize(
    ("values", "periods"),
    [
        ({}, ["2020", "2021", "2022-S1", "2022"]),
        ({"year": [2020, 2022]}, ["2020", "2022-S1", "2022"]),
        ({"year_from": 2021}, ["2021", "2022-S1", "2022"]),
        ({"year_to": 2021}, ["2020", "2021"]),
        ({"year_from": 2021, "year_to": 2021, "year": [2021, 2022]}, ["2021"]),
    ],
)
def test_years_choose_the_periods(made: Any, values: dict[str, Any], periods: list[str]) -> None:
    snapshot = made(
        *(observation(GDP, year, "1") for year in (2020, 2021, 2022)), observation(GDP, 2022, "2", period="2022-S1")
    )
    assert compare(snapshot, {"indicator": GDP, **values}).periods == periods


def test_years_without_values_leave_nothing_to_compare(made: Any) -> None:
    found = compare(made(observation(GDP, 2022, "1")), {"indicator": GDP, "year": [1999]})
    assert (found.periods, found.regions, found.unit_label) == ([], [], "亿元")


def test_a_table_has_all_indicators_in_the_order_asked_for_over_the_same_regions_and_periods(made: Any) -> None:
    snapshot = made(observation(SALES, 2022, "1"), observation(GDP, 2023, "2", LIANDU))
    found = table(snapshot, {"indicator": [SALES, "nothing", GDP, SALES]})
    assert [one.indicator for one in found.data] == [SALES, GDP]
    assert all(one.periods == ["2022", "2023"] for one in found.data)
    assert all([line.region for line in one.regions] == ["330702", "331102"] for one in found.data)
    assert the(found.data[0], "331102").actual_notes.gaps == ["not_stated"] * 2
    assert table(snapshot, {"indicator": ["nothing"]}).data == []


def test_an_indicator_that_there_is_not_is_not_found(made: Any) -> None:
    with pytest.raises(Problem) as caught:
        compare(made(), {"indicator": "nothing"})
    assert caught.value.kind is NOT_FOUND


def _many(what: str) -> list[dict[str, Any]]:
    if what == "regions":
        return [observation(GDP, 2022, "1", region=f"33{place:04d}") for place in range(101)]
    return [observation(GDP, 1949 + place, "1", region="330001") for place in range(51)]


PLACES = (
    "DELETE FROM regions",
    "INSERT INTO regions SELECT (330000 + range)::VARCHAR, 'x', 'x', 'county', nullif('330000', (330000 + range)::VARCHAR) FROM range(101)",
)


@pytest.mark.parametrize(
    ("parameter", "rows", "values", "most"),
    [
        ("indicator", [], {"indicator": []}, 20),
        ("indicator", [], {"indicator": [f"i{place}" for place in range(21)]}, 20),
        ("region", _many("regions"), {"indicator": [GDP]}, 100),
        ("region", _many("regions"), {"indicator": [GDP], "region": ["330000"], "descendants": True}, 100),
        ("year_from", _many("periods"), {"indicator": [GDP]}, 50),
    ],
)
def test_more_than_can_be_compared_at_once_is_refused_and_says_how_much_may_be(
    made: Any, parameter: str, rows: list[dict[str, Any]], values: dict[str, Any], most: int
) -> None:
    snapshot = made(*rows, statements=PLACES)
    with pytest.raises(Problem) as caught:
        table(snapshot, values)
    (wrong,) = caught.value.wrongs
    assert (caught.value.kind, wrong.parameter) == (PARAMETERS, parameter)
    assert str(most) in wrong.allowed[0]
    assert all(wrong.message)


def test_as_much_as_can_be_compared_at_once_is_compared(made: Any) -> None:
    snapshot = made(*_many("regions")[1:], *_many("periods")[:-2], statements=PLACES)
    found = compare(snapshot, {"indicator": GDP})
    assert (len(found.regions), len(found.periods)) == (100, 50)


@pytest.fixture
def both(made: Any) -> ComparisonTable:
    return table(
        made(
            observation(GDP, 2022, "353.73", id="a", scope="区属", status="estimated"),
            observation(GDP, 2023, "380", id="b", role="target", comparator="ge"),
            observation(GDP, 2022, "725.8", YONGKANG, id="c"),
            observation(SALES, 2023, "60", value_high=D("70.5"), comparator="range", role="target", id="d"),
            observation(SALES, 2022, None, YONGKANG, stance="rise", id="e"),
        ),
        {"indicator": [GDP, SALES]},
    )


def test_answers_fit_their_shapes_as_json(both: ComparisonTable) -> None:
    assert msgspec.json.decode(formats.json(both), type=ComparisonTable, strict=False) == both
    _, schemas = msgspec.json.schema_components([ComparisonTable, Comparison], ref_template="#/{name}")
    for shape in (ComparedRegion, Notes):
        fields = schemas[shape.__name__]["properties"]
        lengths = {len(field["examples"][0]) for field in fields.values() if field.get("type") == "array"}
        assert lengths == {2}, "examples are aligned with each other"


def test_the_dataset_keeps_the_rules_of_json_stat(both: ComparisonTable) -> None:
    for answer in (both, both.data[0]):
        told = msgspec.json.decode(formats.json(jsonstat.dataset(answer)))
        assert (told["version"], told["class"]) == ("2.0", "dataset")
        assert told["id"] == ["indicator", "region", "period", "role"] == list(told["dimension"])
        assert told["role"] == {"time": ["period"], "geo": ["region"], "metric": ["indicator"]}
        assert prod(told["size"]) == len(told["value"])
        for name, size in zip(told["id"], told["size"], strict=True):
            category = told["dimension"][name]["category"]
            assert len(category["index"]) == len(set(category["index"])) == size
            assert set(category["label"]) == set(category["index"])
            assert all(isinstance(label, str) for label in category["label"].values())
            assert set(told["dimension"][name]["extension"]["category_label_en"]) == set(category["index"])
        assert set(told["dimension"]["indicator"]["category"]["unit"]) == {
            *told["dimension"]["indicator"]["category"]["index"]
        }
        assert {place for place, number in enumerate(told["value"]) if number is None} <= {*map(int, told["status"])}
        assert all(0 <= int(cell) < len(told["value"]) for cell in told["status"])
        assert set(told["status"].values()) == set(told["extension"]["status"]["label"])
        assert isinstance(told["note"], list)
        assert told["updated"] == "2026-01-31T08:00:00Z"
        assert told["source"]
    assert jsonstat.MEDIA == "application/json-stat+json"


def test_the_dataset_holds_the_numbers_in_row_major_order_with_what_is_to_say_of_each(both: ComparisonTable) -> None:
    told = jsonstat.dataset(both)
    assert told["size"] == [2, 2, 2, 2]
    assert told["dimension"]["region"]["category"]["index"] == ["330702", "330784"]
    assert told["value"] == [
        *(None, D("353.73"), D(380), None),  # gross regional product, 330702: 2022 target, actual, 2023 target, actual
        *(None, D("725.8"), None, None),
        *(None, None, D(60), None),
        *(None, None, None, None),
    ]
    marks = {cell: mark for cell, mark in told["status"].items() if mark != "not_stated"}
    assert marks == {"2": "ge", "10": "range", "13": "no_number"}
    more = told["extension"]
    assert more["ids"] == {"1": "a", "2": "b", "5": "c", "10": "d", "13": "e"}
    assert (more["scopes"], more["stances"], more["highs"]) == ({"1": "区属"}, {"13": "rise"}, {"10": D("70.5")})
    assert (more["ranks"], more["estimated"]) == ({"5": 1}, [1])
    assert more["snapshot"] == "s1"


def test_the_dataset_is_labelled_in_chinese_with_english_beside_it(both: ComparisonTable) -> None:
    told = jsonstat.dataset(both)
    assert told["label"] == "地区生产总值、社会消费品零售总额"
    assert told["extension"]["label_en"] == "Gross regional product, Retail sales of consumer goods"
    metric = told["dimension"]["indicator"]
    assert metric["category"]["unit"][GDP] == {"label": "亿元", "decimals": 2}
    assert metric["extension"]["unit"][GDP] == {"unit": "CNY", "unit_multiplier": 8}
    assert metric["extension"]["category_label_en"][SALES] == "Retail sales of consumer goods"
    assert told["dimension"]["period"]["category"]["label"] == {"2022": "2022年", "2023": "2023年"}
    assert told["dimension"]["role"]["category"]["label"] == {"target": "目标", "actual": "实绩"}


def test_a_dataset_of_nothing_is_empty_and_still_whole(made: Any) -> None:
    snapshot = made(observation(SAFETY, 2022, "1"))
    for answer in (compare(snapshot, {"indicator": GDP}), table(snapshot, {"indicator": ["nothing"]})):
        told = jsonstat.dataset(answer)
        assert told["value"] == []
        assert told["size"] == [len(told["dimension"][name]["category"]["index"]) for name in told["id"]]
