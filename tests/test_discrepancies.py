"""What contradicts what: the rules on small cases, and what a reader found in the real documents."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest

from api import shapes
from loaders import batch, publication
from tests import snapshots
from tests.readme import README
from tests.snapshots import GDP, NEW, OLD, PERCENT, PM25, REGIONS, SAFETY, SALES, YONGKANG, observation

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"
Row = dict[str, Any]
Made = Callable[..., list[Row]]
GROWTH: Row = {"measure": "growth", **PERCENT}
TARGET: Row = {"role": "target"}
TABLE: Row = {"table": "t1"}
TEN_THOUSAND: Row = {"unit": "CNY", "unit_multiplier": 4, "unit_label": "万元"}
PERSONS: Row = {"unit": "person", "unit_multiplier": 0, "unit_label": "人"}
NUMBER: Row = {"unit": "item", "unit_multiplier": 0, "unit_label": "个"}
NAMES = "id, name, name_en, category, unit, unit_multiplier, unit_label, direction, definition"
SEEDED = {
    SALES: "total_retail_sales_of_consumer_goods",
    PM25: "average_concentration_of_pm2_5",
    SAFETY: "work_safety_accidents",
}
PREFERRED = """
UPDATE observations SET preferred = true FROM (
  SELECT ordinal AS first FROM observations QUALIFY row_number() OVER (
    PARTITION BY region, indicator, period, role, measure, base_period, scope
    ORDER BY status IS NOT DISTINCT FROM 'estimated', known_on DESC, "table" IS NULL, quote_start
  ) = 1
) WHERE ordinal = first
"""
REPORT = "330702-2023-plan-report"  # where rows stand unless told otherwise


@pytest.fixture(scope="module")
def catalogue() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with all that is known of indicators, units, parts and ratios, and with no observation."""
    with duckdb.connect() as connection:
        connection.execute((SEEDS / "schema.sql").read_text("utf-8"))
        connection.executemany("INSERT INTO regions VALUES (?, ?, ?, ?, ?)", list(REGIONS))
        for table in ("units", "wholes", "addends", "ratios"):
            file = str(SEEDS / f"{table}.csv")
            connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM read_csv(?, all_varchar = true)", [file])
        connection.execute(
            f"INSERT INTO indicators ({NAMES}, aliases, reviewed) SELECT {NAMES}, [], true "
            "FROM read_csv(?, all_varchar = true)",
            [str(SEEDS / "indicators.csv")],
        )
        connection.execute(
            "INSERT INTO indicators (id, name, direction, aliases, reviewed) VALUES (?, '未收录的指标', 'neutral', [], false)",
            [NEW],
        )
        yield connection


@pytest.fixture
def made(catalogue: duckdb.DuckDBPyConnection) -> Made:
    """The discrepancies of the rows given, each in a place of its own."""

    def make(*rows: Row) -> list[Row]:
        catalogue.execute("DELETE FROM observations; DELETE FROM discrepancies")
        placed = []
        for number, row in enumerate(rows):
            start = row["quote_start"] if row["quote_start"] != 100 else 1000 * number
            place = {"quote_start": start, "quote_end": start + len(row["quote"]), "preferred": False}
            placed.append(
                row
                | place
                | {
                    "id": f"o{number:03d}",
                    "ordinal": number,
                    "indicator": SEEDED.get(row["indicator"], row["indicator"]),
                }
            )
        for row in placed:
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            catalogue.execute(f"INSERT INTO observations ({names}) VALUES ({marks})", list(row.values()))
        catalogue.execute(PREFERRED)
        catalogue.execute((SEEDS / "discrepancies.sql").read_text("utf-8"))
        found = catalogue.execute("SELECT * FROM discrepancies ORDER BY ordinal")
        columns = [column[0] for column in found.description or []]
        judged = [dict(zip(columns, values, strict=True)) for values in found.fetchall()]
        return [one | {"observations": [placed[number] for number in one["observations"]]} for one in judged]

    return make


def named(indicator: str, name: str, year: int, value: str, **more: Any) -> Row:
    """A row of an indicator of the catalogue that the small snapshot does not have."""
    return observation(GDP, year, value, **({"source_name": name} | more)) | {"indicator": indicator}


def told(found: list[Row]) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["severity"], each["reason"]) for each in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"value": "353.73"}, {"value": "353.7"}),
        ({"value": "353.73"}, {"value": "354"}),
        ({"value": "71.42"}, {"value": "71.428571"}),
        ({"value": "71.4"}, {"value": "71.49"}),
        ({"value": "0.7"}, {"value": "7000", **TEN_THOUSAND}),
        ({"value": "6.4", **NUMBER}, {"value": "6.4", **NUMBER, "unit": "household", "unit_label": "户"}),
        ({"value": "20"}, {"value": "20", "comparator": "ge"}),
        ({"value": "25"}, {"value": "20", "comparator": "ge"}),
        ({"value": "3"}, {"value": "3", "comparator": "le"}),
        ({"value": "100"}, {"value": "103", "comparator": "approx"}),
        ({"value": "100"}, {"value": "120", "scope": "区属"}),
        ({"value": "100"}, {"value": "120", "period": "2022-S1"}),
        ({"value": "100"}, {"value": "120", "role": "target"}),
        ({"value": "100"}, {"value": "108", **GROWTH}),
        ({"value": "100"}, {"value": "7", **NUMBER}),
        ({"value": "100"}, {"value": "120", "base_period": "2020"}),
        ({"value": "125"}, {"value": "120", "value_high": Decimal(130), "comparator": "range"}),
        ({"value": "100", "table": "t1", "row": "3"}, {"value": "120", "table": "t1", "row": "3"}),
        ({"value": "100", "quote": "累计完成100亿元"}, {"value": "120", "quote": "完成120亿元"}),
        ({"value": "100", "quote": "累計(jì)完成100億元"}, {"value": "120", "quote": "完成120億元"}),
        ({"value": "100", "table": "t1", "source_name": "生产总值(本级)"}, {"value": "120", "table": "t2"}),
        ({"value": "11", "quote_start": 500, "quote": "新增11户"}, {"value": "102", "quote_start": 507}),
    ],
)
def test_what_agrees_or_is_another_thing_is_no_contradiction(made: Made, one: Row, other: Row) -> None:
    assert made(observation(GDP, 2022, **one), observation(GDP, 2022, **other)) == []


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [
        ({"value": "12600", "table": "t1"}, {"value": "12500", "table": "a3"}, "high"),
        ({"value": "98.2", "table": "t1"}, {"value": "99.74"}, "medium"),
        ({"value": "1.37", "table": "a2"}, {"value": "16097", "table": "a4", **TEN_THOUSAND}, "high"),
        ({"value": "6.6", **NUMBER}, {"value": "6.3", **NUMBER, "unit": "household", "unit_label": "户"}, "medium"),
        ({"value": "353.73"}, {"value": "355"}, "medium"),
        ({"value": "71.4"}, {"value": "71.51"}, "medium"),
        ({"value": "12.4"}, {"value": "12.5"}, "medium"),
        ({"value": "2"}, {"value": "2.6"}, "medium"),
        ({"value": "14.5", **GROWTH, **TABLE}, {"value": "18", **GROWTH, "quote": "按可比价格增长18%"}, "medium"),
        ({"value": "19"}, {"value": "20", "comparator": "ge"}, "medium"),
        ({"value": "100"}, {"value": "120", "value_high": Decimal(130), "comparator": "range"}, "medium"),
        ({"value": "100"}, {"value": "120", "comparator": "approx"}, "low"),
        ({"value": "100", "table": "t1"}, {"value": "120", "table": "t2", "source_name": "全年产出规模"}, "low"),
        ({"value": "100", "table": "t1"}, {"value": "120", "table": "t2", "source_name": "GDP"}, "high"),
        ({"value": "100", "table": "t1", "row": "3"}, {"value": "120", "table": "t1", "row": "4"}, "high"),
    ],
)
def test_different_numbers_for_the_same_thing_are_found(made: Made, one: Row, other: Row, severity: str) -> None:
    found = made(observation(GDP, 2022, **one), observation(GDP, 2022, **other))
    assert told(found) == [("within_document", severity, "values_differ")]


def test_a_name_outside_the_catalogue_may_mean_two_things_and_in_three_sections_means_none(made: Made) -> None:
    rows = [observation(NEW, 2022, value, section=value) for value in ("3", "5", "7")]
    assert [each["severity"] for each in made(*rows[:2])] == ["low"]
    assert made(*rows) == []


def test_all_that_is_said_of_one_thing_is_one_discrepancy(made: Made) -> None:
    rows = [observation(PM25, 2022, value) for value in ("23", "28", "23", "15")]
    (found,) = made(*rows)
    assert sorted(one["value"] for one in found["observations"]) == [15, 23, 23, 28]


def test_two_numbers_of_one_clause_contradict_nothing(made: Made) -> None:
    more: Row = {"quote": "47项4741个", "quote_start": 500}
    assert made(observation(SAFETY, 2022, "47", **more), observation(SAFETY, 2022, "4741", **more)) == []


def test_what_the_same_breath_adds_is_a_stretch_and_contradicts_no_table_either(made: Made) -> None:
    plan = [
        observation(SALES, 2023, "15", **TARGET, **GROWTH, **TABLE),
        observation(SALES, 2023, "15", **TARGET, **GROWTH, quote_start=9000, quote="零售总额增长15%"),
    ]
    assert made(*plan, observation(SALES, 2023, "18", **TARGET, **GROWTH, quote_start=9012, quote="力争18%")) == []
    assert len(made(*plan, observation(SALES, 2023, "18", **TARGET, **GROWTH, quote_start=9900))) == 1


def test_what_is_reported_within_the_year_is_of_some_months(made: Made) -> None:
    assert made(observation(GDP, 2023, "340"), observation(GDP, 2023, "350")) == []  # the report is of March 2023


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ({"value": "340", "status": "estimated"}, {"value": "350"}, ("low", "revised")),
        ({"value": "340"}, {"value": "350"}, ("low", "revised")),  # a year later
        ({"value": "340", "known_on": "2023-03-01"}, {"value": "350"}, ("medium", "values_differ")),
        ({"value": "340", "status": "estimated"}, {"value": "400"}, ("medium", "values_differ")),
        ({"value": "340", **TARGET}, {"value": "500", **TARGET}, ("low", "revised")),
        ({"value": "340", **TARGET, "known_on": "2023-03-01"}, {"value": "350", **TARGET}, ("medium", "values_differ")),
        ({"value": "340", **TABLE, "known_on": "2023-03-01"}, {"value": "350", **TABLE}, ("high", "values_differ")),
        ({"value": "8.5", **GROWTH}, {"value": "8.1", **GROWTH}, ("low", "revised")),
        ({"value": "8.5", **GROWTH}, {"value": "3.1", **GROWTH}, ("medium", "values_differ")),
    ],
)
def test_a_later_document_revises_and_one_of_the_same_season_contradicts(
    made: Made, one: Row, other: Row, verdict: tuple[str, str]
) -> None:
    (found,) = made(observation(GDP, 2021, **one, document=OLD), observation(GDP, 2021, **other))
    assert told([found]) == [("between_documents", *verdict)]
    assert found["documents"] == [OLD, REPORT]


def test_a_document_contradicts_itself_once_however_many_others_there_are(made: Made) -> None:
    rows = [observation(GDP, 2021, value, document=document) for document in (OLD, REPORT) for value in ("340", "350")]
    assert Counter(told(made(*rows))) == {
        ("within_document", "medium", "values_differ"): 2,
        ("between_documents", "low", "revised"): 1,
    }


@pytest.mark.parametrize(
    ("before", "level", "growth", "severity"),
    [
        ({}, {}, {"value": "20"}, "high"),
        ({}, {}, {"value": "20", "comparator": "ge"}, "medium"),
        ({}, {}, {"value": "-6"}, "high"),
        ({}, {"table": None}, {"value": "20"}, "medium"),
        ({}, {"comparator": "le"}, {"value": "20"}, "medium"),
        ({"document": OLD, "known_on": "2022-12-20"}, {}, {"value": "20"}, "low"),
        ({}, {}, {"value": "3.4"}, None),
        ({}, {}, {"value": "3.8"}, None),
        ({}, {}, {"value": "3", "comparator": "ge"}, None),
        ({}, {"comparator": "ge"}, {"value": "20"}, None),
        ({}, {"scope": "区属"}, {"value": "20"}, None),
        ({}, {}, {"value": "20", "base_period": "2020"}, None),
        ({"document": OLD, "known_on": "2022-12-20"}, {}, {"value": "5.5"}, None),
        ({"value": "3.9"}, {"value": "4.1"}, {"value": "3"}, None),  # 2.5 to 7.8 by rounding
    ],
)
def test_a_growth_that_the_levels_do_not_give_is_found(
    made: Made, before: Row, level: Row, growth: Row, severity: str | None
) -> None:
    found = made(
        observation(SALES, 2022, **({"value": "6.77", **TABLE} | before)),
        observation(SALES, 2023, **({"value": "7", **TARGET, **TABLE} | level)),
        observation(SALES, 2023, **({**TARGET, **TABLE, **GROWTH} | growth)),
    )
    assert told(found) == ([("arithmetic", severity, "growth_differs")] if severity else [])
    for each in found:
        assert (each["role"], each["year"], each["measure"], len(each["observations"])) == ("target", 2023, "growth", 3)


@pytest.mark.parametrize(
    ("indicator", "role", "level", "growth", "found"),
    [
        (GDP, "target", "107", "6", False),  # prices rise by a percent
        (GDP, "target", "107", "9", True),  # no plan reckons with falling prices
        (GDP, "target", "125", "9", True),
        (GDP, "actual", "105", "9", False),
        (GDP, "actual", "99", "9", True),
        (GDP, "actual", "120", "9", False),
        (GDP, "actual", "130", "9", True),
        (SALES, "actual", "107", "3", False),  # on the firms of now
        (SALES, "actual", "107", "14", True),
        (SALES, "target", "107", "6", True),
    ],
)
def test_growth_at_constant_prices_and_on_the_firms_of_now_may_differ(
    made: Made, indicator: str, role: str, level: str, growth: str, found: bool
) -> None:
    more: Row = {"role": role, "document": YONGKANG, **TABLE}
    rows = (
        observation(indicator, 2022, "100.01", document=YONGKANG, **TABLE),
        observation(indicator, 2023, level + ".01", **more),
        observation(indicator, 2023, growth, **more, **GROWTH),
    )
    assert ["growth_differs" for _ in made(*rows)] == (["growth_differs"] if found else [])


def test_in_yuan_or_in_dollars_one_is_enough_to_agree(made: Made) -> None:
    dollars: Row = {"unit": "USD", "unit_multiplier": 8, "unit_label": "亿美元"}
    rows = [
        observation(SALES, 2022, "100.0"),
        observation(SALES, 2022, "15.4", **dollars),
        observation(SALES, 2023, "120.0", **TARGET),
        observation(SALES, 2023, "15.4", **TARGET, **dollars),
    ]
    assert made(*rows, observation(SALES, 2023, "20", **TARGET, **GROWTH)) == []
    assert len(made(*rows, observation(SALES, 2023, "40", **TARGET, **GROWTH))) == 1


def test_an_average_growth_that_the_ends_do_not_give_is_found(made: Made) -> None:
    ends = (observation(SALES, 2020, "100.0"), observation(SALES, 2025, "161.1", **TARGET))
    more: Row = {**TARGET, **GROWTH, "measure": "average_growth", "period": "2021/2025"}
    (found,) = made(*ends, observation(SALES, 2025, "15", **more))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "medium", "average_growth_differs")
    assert made(*ends, observation(SALES, 2025, "10", **more)) == []
    assert made(*ends, observation(SALES, 2025, "10.9", **more)) == []
    assert made(*ends, observation(SALES, 2025, "15", **more | {"period": "2023/2025"})) == []


def test_a_growth_since_a_year_that_is_named_is_held_against_that_year(made: Made) -> None:
    ends = (observation(SALES, 2020, "100.0"), observation(SALES, 2023, "150.0", **TARGET))
    more: Row = {**TARGET, **GROWTH, "base_period": "2020"}
    assert made(*ends, observation(SALES, 2023, "50", **more)) == []
    assert [each["reason"] for each in made(*ends, observation(SALES, 2023, "20", **more))] == ["growth_differs"]


def test_a_change_that_two_levels_do_not_give_is_found(made: Made) -> None:
    points: Row = {"unit": "percentage_point", "unit_multiplier": 0, "unit_label": "百分点", "measure": "change"}
    rate = ("surveyed_urban_unemployment_rate", "城镇调查失业率")
    levels = (named(*rate, 2021, "5.2", **PERCENT), named(*rate, 2022, "5.0", **PERCENT))
    (found,) = made(*levels, named(*rate, 2022, "0.9", **points))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "medium", "change_differs")
    for agrees in ("-0.2", "-0.3"):
        assert made(*levels, named(*rate, 2022, agrees, **points)) == []
    amounts = (observation(SALES, 2021, "100.0"), observation(SALES, 2022, "120.0"))
    assert len(made(*amounts, observation(SALES, 2022, "35", measure="change"))) == 1
    assert made(*amounts, observation(SALES, 2022, "20", measure="change")) == []
    assert made(*amounts, observation(SALES, 2022, "20", measure="change", comparator="ge")) == []


def test_a_part_greater_than_its_whole_is_found_however_far_up_the_whole_is(made: Made) -> None:
    whole = observation(GDP, 2022, "100", **TABLE)
    part = ("value_added_of_industry_above_designated_size", "规模以上工业增加值", 2022)
    (found,) = made(whole, named(*part, "120", **TABLE))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "high", "part_exceeds_whole")
    assert sorted(one["value"] for one in found["observations"]) == [100, 120]
    for fits in (
        named(*part, "99"),
        named(*part, "100.4"),  # within rounding
        named(*part, "120", scope="区属"),
        named(*part, "120", **TARGET),
        named(*part, "120", document=OLD),
        named(*part, "120", comparator="le"),
        named(*part, "12", **GROWTH),
        named(*part, "1200000", **TEN_THOUSAND | {"unit_multiplier": 0}),
    ):
        assert made(whole, fits) == []
    assert made(whole | {"comparator": "ge"}, named(*part, "120")) == []


def test_parts_that_do_not_add_up_to_their_whole_are_found(made: Made) -> None:
    names = {"primary": "第一产业增加值", "secondary": "第二产业增加值", "tertiary": "第三产业增加值"}

    def parts(*values: str) -> list[Row]:
        pairs = zip(names.items(), values, strict=False)
        return [named(f"value_added_of_{one}_industry", name, 2022, value, **TABLE) for (one, name), value in pairs]

    whole = observation(GDP, 2022, "353.7", **TABLE)
    (found,) = made(whole, *parts("20.1", "130.5", "213.2"))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "high", "parts_differ_from_whole")
    assert len(found["observations"]) == 4
    assert len(made(whole, *parts("20.1", "130.5", "193.2"))) == 1  # 343.8
    assert len(made(whole, *parts("220.1", "230.5"))) == 1  # two are more than the whole
    for agree in (parts("20.1", "130.5", "203.2"), parts("20", "131", "203"), parts("20.1", "130.5")):
        assert made(whole, *agree) == []


def test_shares_of_one_whole_beyond_a_hundred_are_found(made: Made) -> None:
    def shares(*values: str) -> list[Row]:
        pairs = zip(("primary", "secondary", "tertiary"), values, strict=False)
        return [named(f"share_of_{one}_industry_in_gdp", one, 2022, value, **PERCENT, **TABLE) for one, value in pairs]

    (found,) = made(*shares("5.2", "48.3", "56.5"))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "high", "shares_differ_from_hundred")
    assert len(made(*shares("5.2", "40.3", "46.5"))) == 1
    for agree in (
        shares("5.2", "48.3", "46.5"),
        shares("5.2", "48.3", "46.6"),
        shares("5.2", "40.3"),
        shares("5", "48", "46"),
    ):
        assert made(*agree) == []


def test_a_ratio_that_its_terms_do_not_give_is_found(made: Made) -> None:
    yuan: Row = {"unit_multiplier": 0, "unit_label": "元"}
    plain: Row = {"unit": None, "unit_multiplier": None, "unit_label": None}
    incomes = [
        named("per_capita_disposable_income_of_urban_households", "城镇居民人均可支配收入", 2022, "64921", **yuan),
        named("per_capita_disposable_income_of_rural_households", "农村居民人均可支配收入", 2022, "30054", **yuan),
    ]
    ratio = ("urban_rural_income_ratio", "城乡居民收入比", 2022)
    (found,) = made(*incomes, named(*ratio, "1.96", **plain))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "medium", "ratio_differs")
    assert made(*incomes, named(*ratio, "2.16", **plain)) == []
    assert made(*incomes, named(*ratio, "1.96", **plain, comparator="ge")) == []
    assert made(incomes[0], named(*ratio, "1.96", **plain)) == []
    share = ("share_of_tertiary_industry_in_gdp", "第三产业增加值占比", 2022)
    services = (observation(GDP, 2022, "353.7"), named("value_added_of_tertiary_industry", "三产", 2022, "203.2"))
    assert len(made(*services, named(*share, "67.4", **PERCENT))) == 1
    assert made(*services, named(*share, "57.4", **PERCENT)) == []


def test_a_number_of_villages_and_its_share_that_give_two_wholes_are_found(made: Made) -> None:
    def stated(year: int, count: str, share: str, name: str = "经营性收入50万元以上村数", **more: Any) -> list[Row]:
        villages = "villages_with_operating_income_above_500000_yuan"
        return [
            named(villages, name, year, count, **NUMBER | more),
            named(f"share_of_{villages}", name, year, share, **PERCENT | more),
        ]

    before = stated(2022, "34", "16.83")
    (found,) = made(*before, *stated(2023, "48", "25", **TARGET))
    assert (found["kind"], found["severity"], found["reason"]) == ("arithmetic", "medium", "count_and_share_differ")
    assert made(*before, *stated(2023, "51", "25", **TARGET)) == []
    assert made(*stated(2023, "48", "25", **TARGET)) == []


AGE: Row = {"unit": "year_of_age", "unit_multiplier": 0, "unit_label": "岁"}
DOCTORS = ("licensed_assistant_doctors_per_1000_persons", "每千人执业(助理)医师数")
LOANS = ("outstanding_green_loans", "绿色贷款余额")


@pytest.mark.parametrize(
    ("thing", "reached", "target", "more", "verdict"),
    [
        (("average_life_expectancy", "人均预期寿命"), "81.56", "80.56", AGE, ("high", "below_reached")),
        (("average_life_expectancy", "人均预期寿命"), "81.56", "81.6", AGE, None),
        (("urbanisation_rate_of_resident_population", "城镇化率"), "65.3", "63", PERCENT, ("medium", "below_reached")),
        (("urbanisation_rate_of_resident_population", "城镇化率"), "65.3", "65", PERCENT, None),
        (DOCTORS, "5.99", "5.6", PERSONS, ("medium", "below_reached")),
        (DOCTORS, "5.99", "5.6", PERSONS | {"comparator": "ge"}, None),
        (DOCTORS, "5.99", "5.8", PERSONS, None),
        (LOANS, "7.4", "0.1", {}, ("high", "below_reached")),
        (LOANS, "7.4", "50", {}, ("medium", "far_above_reached")),
        (LOANS, "7.4", "6.8", {}, None),
        (LOANS, "7.4", "12", {}, None),
        ((SALES, "社会消费品零售总额"), "81.56", "80.56", {}, None),  # of other things fewer may be planned
        (("outstanding_government_debt", "政府债务余额"), "7.4", "0.1", {}, None),
    ],
)
def test_a_target_far_from_a_stock_that_is_reached_is_found(
    made: Made, thing: tuple[str, str], reached: str, target: str, more: Row, verdict: tuple[str, str] | None
) -> None:
    plain: Row = {key: value for key, value in more.items() if key != "comparator"}
    before, after = TABLE | plain, TARGET | TABLE | more
    rows = (named(*thing, 2022, reached, **before), named(*thing, 2023, target, **after))
    assert told(made(*rows)) == ([("implausible", *verdict)] if verdict else [])


def test_a_target_out_of_line_with_what_was_reached_and_what_comes_is_found(made: Made) -> None:
    rows = (
        observation(SALES, 2022, "20", role="target"),
        observation(SALES, 2022, "5"),
        observation(SALES, 2023, "6", role="target"),
    )
    assert told(made(*rows)) == [("implausible", "medium", "out_of_line")]
    assert made(*rows[:2], observation(SALES, 2023, "22", role="target")) == []


ROADS: Row = {"unit": "kilometre_per_square_kilometre", "unit_multiplier": 0, "unit_label": "公里/平方公里"}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (named("road_network_density", "公路网密度", 2022, "84.28", **ROADS), True),
        (named("road_network_density", "公路网密度", 2022, "1.28", **ROADS), False),
        (named("share_of_tertiary_industry_in_gdp", "三产占比", 2022, "117", **PERCENT), True),
        (named("share_of_tertiary_industry_in_gdp", "三产占比", 2022, "100", **PERCENT), False),
        (named("investment_completion_rate_of_key_projects", "重点项目投资完成率", 2022, "214", **PERCENT), False),
        (named("investment_completion_rate_of_key_projects", "重点项目投资完成率", 2022, "30100", **PERCENT), True),
        (named("resident_population", "常住人口", 2022, "1.2", **PERSONS | {"unit_multiplier": 8}), True),
        (named("resident_population", "常住人口", 2022, "120", **PERSONS | {"unit_multiplier": 4}), False),
        (observation(GDP, 2022, "353.73", unit_multiplier=12, unit_label="万亿元"), True),
        (observation(GDP, 2022, "-120", **GROWTH), True),
        (observation(GDP, 2022, "-60", **GROWTH), False),
        (observation(GDP, 2022, "900", **GROWTH), False),
        (
            named("total_profits_of_industrial_enterprises_above_designated_size", "利润总额", 2022, "-120", **GROWTH),
            False,
        ),
    ],
)
def test_a_number_that_cannot_be_is_found(made: Made, row: Row, found: bool) -> None:
    assert [each["reason"] for each in made(row)] == (["beyond_possible"] if found else [])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("筹集住房万套(间)数", True),
        ("住房筹集万套", True),
        ("住房筹集套数", False),
        ("每万人住房套数", False),
        ("收入30万元以上村数", False),
    ],
)
def test_a_unit_that_the_name_contradicts_is_found(made: Made, name: str, found: bool) -> None:
    row = named("affordable_rental_housing_units_provided", name, 2022, "512", **NUMBER | {"unit_label": "套"})
    assert told(made(row)) == ([("implausible", "medium", "unit_in_doubt")] if found else [])


@pytest.mark.parametrize(
    ("quote", "place", "scope", "found"),
    [
        ("增速列全市第一", "1", "全市", True),
        ("增速列金华第一", "1", "金华", True),
        ("增速列全市第二", "2", "全市", False),  # one is better, and that is room enough
        ("增速列全省第一", "1", "全省", False),
        ("总量列全市第一", "1", "全市", False),
        ("降幅列全市第一", "1", "全市", False),
        ("增速居山区26县第一", "1", "山区26县", False),
    ],
)
def test_a_rank_that_the_numbers_of_other_areas_contradict_is_found(
    made: Made, quote: str, place: str, scope: str, found: bool
) -> None:
    position: Row = {"unit": "position", "unit_multiplier": 0, "unit_label": "位", "measure": "rank"}
    rows = (
        observation(SALES, 2022, "12", **GROWTH),
        observation(SALES, 2022, place, **position, scope=scope, quote=quote),
        observation(SALES, 2022, "19.1", document=YONGKANG, **GROWTH),
        observation(SALES, 2022, "25", document=YONGKANG, region="331102", **GROWTH),
    )
    verdicts = told(made(*rows))
    assert verdicts == ([("between_documents", "medium", "rank_contradicted")] if found else [])
    assert made(*rows[:2], observation(SALES, 2022, "11", document=YONGKANG, **GROWTH)) == []


def test_many_statements_of_one_thing_take_no_longer_than_they_are_many(
    made: Made, catalogue: duckdb.DuckDBPyConnection
) -> None:
    assert made(observation(GDP, 2022, "100"), observation(GDP, 2023, "100", **TARGET)) == []
    catalogue.execute(
        "INSERT INTO observations BY NAME SELECT * EXCLUDE (n) REPLACE (1 + n AS ordinal, 'x' || n AS id, 100 + n AS value, "
        "false AS preferred, 1000 * n AS quote_start, 1000 * n + length(quote) AS quote_end) "
        "FROM observations, range(10, 10010) AS t(n) WHERE ordinal = 0"
    )
    began = time.process_time()
    catalogue.execute((SEEDS / "discrepancies.sql").read_text("utf-8"))
    assert time.process_time() - began < 5  # pairs of all would be fifty million
    (found,) = catalogue.execute(
        "SELECT len(observations) FROM discrepancies WHERE reason = 'values_differ'"
    ).fetchall()
    assert 2 <= found[0] <= 50


def test_each_discrepancy_has_an_id_of_its_own(made: Made) -> None:
    rows = (
        observation(SALES, 2022, "6.77"),
        observation(SALES, 2023, "7", **TARGET),
        observation(SALES, 2023, "20", **TARGET, **GROWTH),
        observation(SALES, 2023, "0.9", **TARGET, measure="change"),
    )
    found = made(*rows)
    assert len({each["id"] for each in found}) == len(found) == 2


def test_the_list_is_filtered_and_every_word_has_its_names(published: Path) -> None:
    with snapshots.client(published) as client:
        whole = client.get("/v1/discrepancies?limit=1000").json()
        assert whole["page"]["total"] == len(whole["data"]) > 10
        for query, holds in (
            ("severity=high", lambda row: row["severity"] == "high"),
            ("kind=arithmetic", lambda row: row["kind"] == "arithmetic"),
            ("region=331100&descendants=true", lambda row: row["region"] == "331102"),
            ("document=331102-2023-work-programme", lambda row: row["region"] == "331102"),
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
        header = (SEEDS / "discrepancies.sql").read_text("utf-8")
        assert reasons == {line[5:].split(":")[0] for line in header.splitlines() if line.startswith("-- * ")}
        one = whole["data"][0]["observations"][0]
        assert client.get(f"/v1/observations/{one['id']}").json() == one


def compared(published: Path) -> tuple[list[tuple[dict[str, Any], bool]], list[tuple[dict[str, str], bool]]]:
    """What is found, each with whether a reader found it too; what a reader found, each with whether it is found."""
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
        indicators = {one["indicator"] for one in row["observations"]}
        return same and (
            label["indicator"] in indicators or (not label["indicator"] and all(one in values for one in numbers))
        )

    return (
        [(row, any(alike(row, label) for label in labels)) for row in found],
        [(label, any(alike(row, label) for row in found)) for label in labels],
    )


# things that a reader found, by kind and severity, and how many of them are found at least
FLOORS = {
    ("within_document", "high"): (9, 9),
    ("within_document", "medium"): (4, 3),
    ("within_document", "low"): (6, 2),
    ("between_documents", "medium"): (1, 1),
    ("between_documents", "low"): (1, 0),
    ("arithmetic", "high"): (1, 1),
    ("arithmetic", "medium"): (2, 2),
    ("arithmetic", "low"): (3, 0),
    ("implausible", "high"): (4, 4),
    ("implausible", "medium"): (5, 5),
    ("implausible", "low"): (8, 0),
}


def test_of_what_a_reader_found_most_is_found_and_little_else(published: Path) -> None:
    rows, labels = compared(published)
    things: dict[tuple[str, str], dict[str, bool]] = {}
    for label, got in labels:
        thing = label["indicator"] or label["what"]
        known = things.setdefault((label["kind"], label["severity"]), {})
        known[thing] = known.get(thing, False) or got
    counts = {key: (len(known), sum(known.values())) for key, known in things.items()}
    assert counts.keys() == FLOORS.keys()
    assert all(counts[key][0] == wanted and counts[key][1] >= got for key, (wanted, got) in FLOORS.items()), counts

    real = Counter(row["severity"] for row, true in rows if true)
    all_found = Counter(row["severity"] for row, _ in rows)
    assert all_found["high"] == real["high"] >= 13
    assert all_found["medium"] == real["medium"] >= 10
    assert (all_found.total(), real.total()) == (27, 26)
    likely = {(label["kind"], label["indicator"] or label["what"]) for label, _ in labels if label["severity"] != "low"}
    found = {
        (label["kind"], label["indicator"] or label["what"])
        for label, got in labels
        if got and label["severity"] != "low"
    }
    told_of = " ".join(README.read_text("utf-8").split())
    assert (
        f"of {all_found.total()} discrepancies {real.total()} are real, of the {real['high']} of high severity all, "
        f"and {len(found)} of the {len(likely)} that" in told_of
    )


def test_documents_that_contradict_nothing_raise_no_alarm(tmp_path: Path) -> None:
    files = [file for name in ("development", "development2") for file in (HERE / name).iterdir()]
    read = [batch.read(file) for file in sorted(files) if file.suffix in {".txt", ".html"}]
    assert publication.publish(tmp_path, [one for one in read if not isinstance(one, str)])
    with snapshots.client(tmp_path) as client:
        assert client.get("/v1").json()["snapshot"]["observations"] > 1000
        found = client.get("/v1/discrepancies").json()["data"]
    assert [(row["region"], row["reason"], row["indicator"]) for row in found] == []
