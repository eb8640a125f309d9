"""What the API answers, on a small snapshot with tricky rows."""

from __future__ import annotations

import csv
import doctest
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from api import formats, parameter, periods, problems, queries, settings, shapes, units
from tests import snapshots

Client = TestClient[Any]
FIELDS = shapes.Observation.__struct_fields__


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    data = tmp_path_factory.mktemp("data")
    snapshots.publish(data, "s1")
    with snapshots.client(data) as found:
        yield found


def get(client: Client, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content, parse_float=Decimal)


def ids(client: Client, query: str, path: str = "/v1/observations") -> list[str]:
    found = get(client, f"{path}?limit=1000&fields=id&{query}")
    assert found["page"]["total"] == len(found["data"])
    return [row["id"] for row in found["data"]]


def rows(client: Client, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(client, f"/v1/observations?limit=1000&{query}")["data"]
    return found


def test_the_service_says_what_it_holds(client: Client) -> None:
    found = get(client, "/v1")
    assert found["snapshot"] == {
        "id": "s1",
        "published_at": "2026-01-31T08:00:00Z",
        "observations": len(snapshots.ROWS),
        "documents": len(snapshots.DOCUMENTS),
    }
    assert found["years"] == list(range(2000, 2025))
    assert found["regions"] == 4
    for path in found["links"].values():
        assert client.get(path).status_code == 200


def test_an_observation_has_the_fields_of_the_contract_in_their_order(client: Client) -> None:
    contract = (
        "id region region_name region_name_en indicator indicator_name indicator_name_en category year period role "
        "status measure base_period comparator value value_high unit unit_multiplier unit_label stance scope "
        "responsible designation preferred quality document section table row quote quote_start quote_end source_name "
        "source_category"
    )
    assert list(FIELDS) == contract.split()
    assert list(rows(client, "region=330702")[0]) == contract.split()
    assert list(get(client, f"/v1/observations/{shapes.EXAMPLE}")) == contract.split()


def test_every_answer_has_its_shape(client: Client) -> None:
    shaped = {
        "/v1": shapes.Service,
        "/v1/regions": shapes.RegionPage,
        "/v1/regions/330702": shapes.Region,
        "/v1/categories": shapes.CategoryPage,
        "/v1/categories/economy": shapes.Category,
        "/v1/years": shapes.YearPage,
        "/v1/years/2022": shapes.YearCard,
        "/v1/indicators": shapes.IndicatorPage,
        "/v1/indicators/pm25": shapes.Indicator,
        "/v1/documents": shapes.DocumentPage,
        "/v1/documents/330702-2023-plan-report": shapes.Document,
        "/v1/observations?selection=all": shapes.ObservationPage,
        "/v1/codes": shapes.Codes,
        "/health/live": shapes.Live,
        "/health/ready": shapes.Ready,
    }
    for path, shape in shaped.items():
        answer = msgspec.json.decode(client.get(path).content, type=shape, strict=True)
        assert msgspec.json.decode(client.get(path).content).keys() == set(answer.__struct_fields__)


def test_decimals_are_exact_and_in_their_shortest_plain_form(client: Client) -> None:
    text = client.get("/v1/observations?selection=all&limit=1000").text
    for value in ("353.73", "0", "100", "-1.1", "0.000001", "341.000001", "123456789012345678.123456", "12.5", "-9"):
        assert f'"value":{value},' in text
    assert '"value_high":70.5,' in text
    for wrong in ("353.730", "100.0", "1E", "e-", "-0,", "12.50"):
        assert f'"value":{wrong}' not in text


def test_a_row_without_a_number_has_a_stance(client: Client) -> None:
    (row,) = rows(client, "indicator=safety_accidents&year=2023")
    assert (row["value"], row["comparator"], row["unit"], row["stance"]) == (None, None, None, "fall")
    assert row["quality"] is None
    assert row["responsible"] == []
    assert rows(client, "indicator=r_and_d_intensity")[0]["responsible"] == ["科技局", "统计局"]


def test_the_region_list_holds_regions_with_data_and_the_item_knows_all(client: Client) -> None:
    listed = get(client, "/v1/regions")["data"]
    assert [region["code"] for region in listed] == ["330700", "330702", "330784", "331102"]
    assert get(client, "/v1/regions/110000")["observations"] == 0
    wucheng = get(client, "/v1/regions/330702")
    assert (wucheng["level"], wucheng["parent"], wucheng["years"]) == ("county", "330700", [2021, 2022, 2023])
    assert get(client, "/v1/regions/110000/observations")["data"] == []


def test_a_year_without_data_is_known(client: Client) -> None:
    assert get(client, "/v1/years/1949") == {"year": 1949, "targets": 0, "actuals": 0, "regions": 0}
    assert get(client, "/v1/years/2024") == {"year": 2024, "targets": 1, "actuals": 0, "regions": 1}
    assert get(client, "/v1/years/2100/observations")["page"]["total"] == 0


def test_a_document_says_what_was_damaged_and_where_figures_went(client: Client) -> None:
    document = get(client, "/v1/documents/330702-2023-plan-report")
    assert document["quality"] == {"pinyin": 2500}
    assert document["audit"] == {"figures": 10, "observed": 7, "not_values": 2, "unread": 1}
    assert document["published_on"] == "2023-03-31"
    yongkang = get(client, "/v1/documents/330784-2024-plan-report")
    assert (yongkang["quality"], yongkang["complete"], yongkang["missing"]) == ({}, False, ["目标表"])


def test_codes_are_by_list_and_units_are_among_them(client: Client) -> None:
    found = get(client, "/v1/codes")["data"]
    assert list(found) == ["roles", "statuses", "kinds", "units"]
    assert found["roles"][0] == {"code": "target", "name": "目标", "name_en": "Target"}
    assert found["units"][0] == {"code": "CNY", "name": "元", "name_en": "yuan"}


def test_quotients_of_units_are_codes_with_names_put_together(client: Client, published: Path) -> None:
    (quotient,) = (unit for unit in get(client, "/v1/codes")["data"]["units"] if "_per_" in unit["code"])
    assert quotient == {
        "code": "microgram_per_cubic_metre",
        "name": "微克/立方米",
        "name_en": "microgram per cubic metre",
    }
    with snapshots.client(published) as real:
        units = [unit["code"] for unit in get(real, "/v1/codes")["data"]["units"]]
        assert len(units) == len(set(units))
        used = {row["unit"] for row in rows(real, "")} | {row["unit"] for row in get(real, "/v1/indicators")["data"]}
    assert used - {None} <= set(units)
    assert any("_per_" in unit for unit in used if unit)


@pytest.mark.parametrize("q", ["gdp", "GDP", "地区生产", "regional+product", "%E5%9B%BD%E5%86%85%E7%94%9F%E4%BA%A7"])
def test_q_finds_indicators_by_any_of_their_names(client: Client, q: str) -> None:
    assert [item["id"] for item in get(client, f"/v1/indicators?q={q}")["data"]] == ["gross_regional_product"]
    assert {row["indicator"] for row in rows(client, f"q={q}")} == {"gross_regional_product"}


def test_q_is_taken_without_the_white_space_around_it(client: Client) -> None:
    assert ids(client, "q=+%E3%80%80gdp%0A") == ids(client, "q=gdp") != []


def test_q_finds_observations_by_the_name_in_the_source_and_takes_no_pattern(client: Client) -> None:
    assert [row["source_name"] for row in rows(client, "q=杂项7")] == ["杂项7"]
    for text in ("%25", "_", "'", "%22", "\\", ".*", "%00", "';DROP TABLE observations;--"):
        assert rows(client, f"q={text}") == []


@pytest.mark.parametrize(
    ("query", "test"),
    [
        ("region=330702&region=330784", lambda row: row["region"] in ("330702", "330784")),
        ("category=environment", lambda row: row["category"] == "environment"),
        ("indicator=pm25&indicator=retail_sales", lambda row: row["indicator"] in ("pm25", "retail_sales")),
        ("year=2022", lambda row: row["year"] == 2022),
        ("year_from=2022&year_to=2023", lambda row: 2022 <= row["year"] <= 2023),
        ("period=2023-S1", lambda row: row["period"] == "2023-S1"),
        ("role=target", lambda row: row["role"] == "target"),
        ("measure=growth&measure=change", lambda row: row["measure"] in ("growth", "change")),
        ("status=estimated", lambda row: row["status"] == "estimated"),
        ("designation=预期性", lambda row: row["designation"] == "预期性"),
        ("document=331102-2023-work-programme", lambda row: row["document"] == "331102-2023-work-programme"),
    ],
)
def test_a_filter_keeps_what_it_names_and_nothing_else(client: Client, query: str, test: Any) -> None:
    whole = rows(client, "selection=all")
    assert ids(client, f"selection=all&{query}") == [row["id"] for row in whole if test(row)] != []


def test_a_code_without_data_gives_an_empty_list(client: Client) -> None:
    for query in ("region=999999", "indicator=nothing", "category=nothing", "document=110000-2020-other", "year=1950"):
        assert get(client, f"/v1/observations?{query}")["page"]["total"] == 0


def test_a_nested_path_is_the_filter(client: Client) -> None:
    for path, query in {
        "/v1/regions/330702/observations": "region=330702",
        "/v1/categories/economy/observations": "category=economy",
        "/v1/years/2023/observations": "year=2023",
        "/v1/regions/331102/categories/environment/years/2023/observations": (
            "region=331102&category=environment&year=2023"
        ),
    }.items():
        for selection in ("preferred", "all"):
            expected = ids(client, f"{query}&selection={selection}")
            assert ids(client, f"selection={selection}", path) == expected != []


def test_the_default_is_preferred_and_a_document_implies_all(client: Client) -> None:
    assert all(row["preferred"] for row in rows(client, ""))
    assert ids(client, "") == ids(client, "selection=preferred") != ids(client, "selection=all")
    old = "document=330702-2022-work-report"
    assert len(ids(client, old)) == 2
    assert ids(client, f"{old}&selection=preferred") == []


def test_as_of_leaves_out_later_documents_and_decides_preferred_among_the_rest(client: Client) -> None:
    early = rows(client, "as_of=2022-12-31")
    assert [(row["year"], row["value"], row["preferred"]) for row in early] == [
        (2021, 340, True),
        (2022, Decimal("8.5"), True),
    ]
    assert rows(client, "as_of=2022-02-14&selection=all") == []
    assert rows(client, "as_of=2100-01-01&selection=all") == rows(client, "selection=all")


def test_preferred_is_decided_as_the_contract_says(client: Client) -> None:
    def values(query: str) -> list[Any]:
        return [row["value"] for row in rows(client, f"region=330702&indicator=gross_regional_product&{query}")]

    assert values("year=2021") == [Decimal("341.000001")], "final before estimated"
    assert values("year=2021&as_of=2022-12-31") == [340], "the estimate, as long as nothing else was known"
    assert values("year=2022&measure=growth&role=target") == [Decimal("6.5")], "the later document"
    (row,) = rows(client, "year=2022&measure=level&q=gdp")
    assert (row["table"], row["row"]) == ("t1", "1"), "a table before running text"
    same = [tuple(row[name] for name in snapshots.SAME) for row in rows(client, "")]
    assert len(same) == len(set(same))


def test_a_region_stands_for_all_below_it_only_when_asked(client: Client) -> None:
    assert {row["region"] for row in rows(client, "region=330700")} == {"330700"}
    below = {row["region"] for row in rows(client, "region=330700&descendants=true")}
    assert below == {"330700", "330702", "330784"}
    assert len(ids(client, "descendants=true", "/v1/regions/330000/observations")) == len(ids(client, ""))


def test_sort_orders_by_each_field_both_ways_with_null_last(client: Client) -> None:
    for name in ("region", "indicator", "category", "year", "period", "role", "status", "measure", "value", "id"):
        for sign in ("", "-"):
            values = [row[name] for row in rows(client, f"selection=all&sort={sign}{name}")]
            known = [value for value in values if value is not None]
            assert known == sorted(known, reverse=bool(sign))
            assert values[len(known) :] == [None] * (len(values) - len(known))


def test_sort_takes_several_fields_and_ends_in_the_usual_order(client: Client) -> None:
    found = [(row["year"], row["region"], row["id"]) for row in rows(client, "selection=all&sort=-year,region")]
    usual = {row["id"]: place for place, row in enumerate(rows(client, "selection=all"))}
    assert found == sorted(found, key=lambda row: (-row[0], row[1], usual[row[2]]))


def test_fields_restricts_to_them_in_the_order_of_the_contract(client: Client) -> None:
    for row in rows(client, "fields=value,year,region"):
        assert list(row) == ["region", "year", "value"]


def test_csv_has_the_same_rows(client: Client) -> None:
    answer = client.get("/v1/observations?selection=all&limit=1000", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert not answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert list(table[0]) == list(FIELDS)
    for flat, row in zip(table, rows(client, "selection=all"), strict=True):
        assert flat["quote"] == row["quote"]
        assert flat["value"] == ("" if row["value"] is None else str(row["value"]))
        assert flat["responsible"] == ";".join(row["responsible"])
        assert flat["preferred"] == ("true" if row["preferred"] else "false")


def test_csv_for_excel_begins_with_a_byte_order_mark(client: Client) -> None:
    for path in ("regions", "categories", "years", "indicators", "documents", "observations"):
        answer = client.get(f"/v1/{path}?excel=true&limit=2", headers={"Accept": "text/csv"})
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert len(list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))) == 2


def test_the_document_is_served_as_it_is_committed(client: Client) -> None:
    committed = Path(__file__).parents[1] / "openapi" / "openapi.json"
    assert client.get("/openapi.json").content == committed.read_bytes()


def test_the_page_names_no_address_outside_and_may_ask_none(client: Client) -> None:
    answer = client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "//" not in answer.text.replace("// numbers", "")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "module", [formats, parameter, periods, problems, queries, settings, units], ids=lambda module: module.__name__
)
def test_the_examples_in_docstrings_hold(module: Any) -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_a_plain_query_is_put_without_the_lines_that_it_does_not_need() -> None:
    plain, values = queries.put("observations", {"selection": "all", "limit": 10, "offset": 0})
    assert set(values) == {"selection", "limit", "offset"}
    assert "--?" not in plain
    assert "region BETWEEN" not in plain
    some, values = queries.put("observations", {"region": ["330702", "330700"], "selection": "all"})
    assert values | {"region": None} == {
        "region": None,
        "region_first": "330700",
        "region_last": "330702",
        "selection": "all",
        "limit": None,
        "offset": None,
    }
    assert "region BETWEEN" in some
