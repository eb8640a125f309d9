"""The catalogue is whole: one name means one indicator, one indicator has one id, and lists agree with the schema."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from loaders import indicator, unit
from loaders.indicator import Catalogue, Indicator, normal_name, unmapped_id
from loaders.seeds import FOLDER

CATALOGUE = indicator.catalogue()
ALL = tuple(CATALOGUE.indicators.values())


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def found(name: str, parent: str | None = None) -> str | None:
    known = CATALOGUE.find(name, parent)
    return known.id if known else None


def test_ids_are_short_ascii_words() -> None:
    assert len(ALL) == len(rows("indicators.csv"))
    assert [each.id for each in ALL if not re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", each.id)] == []
    assert [each.id for each in ALL if len(each.id) > 80 or re.match(r"u_[0-9]{10}$", each.id)] == []


def test_no_two_indicators_share_a_name() -> None:
    for names in ([normal_name(each.name) for each in ALL], [each.name_en.lower() for each in ALL]):
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_indicators_keep_to_the_closed_lists() -> None:
    categories = {row["id"] for row in rows("categories.csv")}
    directions = {row["code"] for row in rows("codes.csv") if row["list"] == "directions"}
    assert [each.id for each in ALL if each.category not in categories or each.direction not in directions] == []
    assert categories == {each.category for each in ALL}


def test_units_are_known_and_their_labels_say_the_same() -> None:
    units = {row["id"] for row in rows("units.csv")}
    for each in ALL:
        if each.unit is None:
            assert (each.unit_label, each.unit_multiplier) == (None, None), each.id
            continue
        assert set(each.unit.split("_per_")) <= units, each.id
        label = unit.parse(each.unit_label or "")
        if label is None:  # the labels of units do not spell tens of ten thousands
            assert "/10万人" in (each.unit_label or ""), each.id
        else:
            assert (label.id, label.multiplier) == (each.unit, each.unit_multiplier), each.id


def test_names_hold_no_unit_and_nothing_to_clean() -> None:
    for each in ALL:
        assert each.name == each.name.strip(), each.id
        assert not re.search(r"\((?:%|[万亿]?[元人吨亩])\)", each.name), each.id
        assert each.name_en.isascii(), each.id


def test_each_alias_has_its_indicator_and_is_written_once() -> None:
    aliases = rows("aliases.csv")
    assert {row["indicator"] for row in aliases} <= set(CATALOGUE.indicators)
    names = [row["name"] for row in aliases]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert [row["name"] for row in aliases if row["name"] == CATALOGUE.indicators[row["indicator"]].name] == []


def test_each_name_and_alias_finds_its_own_indicator() -> None:
    astray = [(name, each.id) for each in ALL for name in (each.name, *each.aliases) if found(name) != each.id]
    assert astray == []


def test_a_name_of_two_indicators_is_refused() -> None:
    one, other = ALL[:2]
    clash = Indicator(**{field: getattr(other, field) for field in other.__struct_fields__} | {"aliases": (one.name,)})
    with pytest.raises(ValueError, match=re.escape(other.id)):
        Catalogue([one, clash])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("城镇登记失业率", "城镇调查失业率"),
        ("居民人均可支配收入", "城镇居民人均可支配收入"),
        ("居民人均可支配收入", "农村居民人均可支配收入"),
        ("农民人均纯收入", "农村居民人均可支配收入"),
        ("社会消费品零售总额", "限额以上社会消费品零售总额"),
        ("基本养老保险参保率", "基本医疗保险参保率"),
        ("规模以上工业总产值", "工业总产值"),
        ("规模以上工业增加值", "工业增加值"),
        ("新增高新技术企业数", "国家高新技术企业数"),
        ("高新技术产业投资", "高技术产业投资"),
        ("民间投资", "民间项目投资"),
        ("单位GDP能耗", "单位GDP能耗降低"),
        ("常住人口城镇化率", "户籍人口城镇化率"),
        ("一般公共预算收入", "财政总收入"),
        ("数字经济增加值", "数字经济核心产业增加值"),
        ("全社会R&D有效率", "R&D经费支出占GDP比重"),
        ("国家高新技术企业数", "高新技术企业人数"),
    ],
)
def test_different_things_stay_apart(one: str, other: str) -> None:
    assert found(one) is not None
    assert found(one) != found(other)


@pytest.mark.parametrize(
    ("name", "parent", "wanted"),
    [
        ("地区生产总值(GDP)", None, "gross_regional_product"),
        ("全市生产总值(亿元)", None, "gross_regional_product"),
        ("其中:出口总额(亿美元)", None, "total_value_of_exports_of_goods"),
        ("规上工业增加值增速(%)", None, "value_added_of_industry_above_designated_size"),
        ("“规模以上”工业 增加值", None, "value_added_of_industry_above_designated_size"),
        ("制造业投资增速(%)", None, "investment_in_manufacturing"),
        ("区本级固定资产投资增速(%)", None, "fixed_asset_investment"),
        ("民间项目投资(不含房地产)", None, "private_project_investment"),
        ("全社会研究与试验发展(R&D)经费支出占地区生产总值的比例", None, "rd_expenditure_as_percentage_of_gdp"),
        ("研发投入强度", None, "rd_expenditure_as_percentage_of_gdp"),
        ("城乡居民收入倍差", None, "urban_rural_income_ratio"),
        ("公共财政预算收入", None, "general_public_budget_revenue"),
        ("每千人执业(助理)医师数(常住人口)", None, "licensed_assistant_doctors_per_1000_persons"),
        ("城镇新增就业人数(万)", None, "newly_increased_urban_employment"),
        ("太仓市常住人口城镇化率(%)", None, "urbanisation_rate_of_resident_population"),
        ("达到或好于Ⅲ类水体占地表水比例", None, "proportion_of_surface_water_at_or_above_grade_iii"),
        ("年末常住人口", None, "resident_population"),
        ("氨氮", "主要污染物排放量", "ammonia_nitrogen_emissions"),
        ("氨氮", "主要污染物排放总量减少(%)", "reduction_of_ammonia_nitrogen_emissions"),
        ("城镇居民", "居民人均可支配收入(元)", "per_capita_disposable_income_of_urban_households"),
        (
            "10﹣50万元的群体比例(%)",
            "家庭可支配收入(按三口之家计算)",
            "share_of_households_with_income_of_100000_to_500000_yuan",
        ),
    ],
)
def test_the_same_thing_has_the_same_id(name: str, parent: str | None, wanted: str) -> None:
    assert found(name, parent) == wanted


@pytest.mark.parametrize(
    "name", ["", "(", "企业", "营业收入", "投资额", "全市", "增速", "人数", "武义县" * 5000, "(" * 5000]
)
def test_what_names_no_indicator_finds_none(name: str) -> None:
    assert found(name) is None
    assert re.fullmatch(r"u_[0-9]{10}", unmapped_id(name))


def test_an_unmapped_name_keeps_its_id_however_it_is_printed() -> None:
    assert unmapped_id("全市“晾晒”场地面积(亩)") == unmapped_id("晾晒 场地面积")
    assert unmapped_id("晾晒场地面积") != unmapped_id("晾晒场地数")


def test_closed_lists_are_those_of_the_schema() -> None:
    schema = (FOLDER / "schema.sql").read_text(encoding="utf-8")
    types = {
        name: set(re.findall(r"'([^']+)'", values))
        for name, values in re.findall(r"CREATE TYPE (\w+) AS ENUM \(([^)]*)\)", schema)
    }
    lists = {"region_level": "levels", "document_kind": "kinds", "status": "statuses"}
    codes = rows("codes.csv")
    assert len({(row["list"], row["code"]) for row in codes}) == len(codes)
    assert types
    for name, values in types.items():
        assert {row["code"] for row in codes if row["list"] == lists.get(name, f"{name}s")} == values


@pytest.mark.parametrize("name", ["categories.csv", "codes.csv"])
def test_lists_are_named_in_both_languages(name: str) -> None:
    assert [row for row in rows(name) if not all(value and value == value.strip() for value in row.values())] == []


def test_every_name_of_the_labelled_tables_is_in_the_catalogue() -> None:
    corpus = os.environ.get("PLAN_INDICATORS_CORPUS")
    if not corpus:
        pytest.skip("PLAN_INDICATORS_CORPUS, the folder of the real documents, is not set")
    with (Path(corpus) / "gold" / "tables.tsv").open(encoding="utf-8", newline="") as lines:
        names = {row["source_name"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert len(names) > 100
    assert sorted(name for name in names if found(name) is None) == []
