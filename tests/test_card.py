"""A document whose title names no year, or a township, still has the year and the region of its own words."""

from __future__ import annotations

import pytest

from loaders import document
from loaders.document import Card, Refused

CLAUSE = "地区生产总值增长5.5%,一般公共预算收入12.5亿元。"


def card(
    title: str = "湄潭县政府工作报告",
    head: str = "县长 某某",
    first: str = "一、过去一年工作回顾",
    second: str = "二、今年工作安排",
    review: str = CLAUSE,
) -> Card:
    words = f"{title}\n{head}\n各位代表:\n现在,我代表县人民政府向大会作工作报告,请予审议。\n{first}\n{review}\n{second}\n主要预期目标:{CLAUSE}\n"
    return document.read(words.encode(), "some.txt").card


@pytest.mark.parametrize(
    "head",
    [
        "二〇二一年一月十日在湄潭县第十七届人民代表大会第五次会议上",
        "(二○二一年一月十日在湄潭县第十七届人民代表大会第五次会议上)",
        "在湄潭县第十七届人民代表大会第五次会议上\n(2021年1月10日)",
        "在湄潭县第十七届人民代表大会第五次会议上\n二〇二一年一月十日",
        "(二O二一年一月十日)",
        "(2021年1月10日)",
    ],
)
def test_the_day_of_delivery_under_the_title_tells_the_year(head: str) -> None:
    found = card(head=head)
    assert (found.delivered_on, found.report_year) == ("2021-01-10", 2020)


def test_a_report_of_december_is_about_its_own_year() -> None:
    assert card(head="2020年12月28日在湄潭县第十七届人民代表大会第五次会议上").report_year == 2020


def test_tens_of_chinese_numerals_are_read() -> None:
    assert card(head="二〇一九年十二月三十一日\n在湄潭县人民代表大会上").delivered_on == "2019-12-31"
    assert card(head="二〇一九年十月二十日\n在湄潭县人民代表大会上").delivered_on == "2019-10-20"


@pytest.mark.parametrize(
    ("first", "second", "review"),
    [
        ("一、2020年工作回顾", "二、今年工作安排", CLAUSE),
        ("一、过去一年工作回顾", "二、2021年工作安排", CLAUSE),
        ("一、过去一年工作回顾", "二、2021年主要目标和重点工作", CLAUSE),
        ("一、过去一年工作回顾", "二、今年工作安排", CLAUSE + "2020年减贫1000人,2020年修路50公里,比2015年多20公里。"),
    ],
)
def test_chapters_tell_the_year(first: str, second: str, review: str) -> None:
    assert card(first=first, second=second, review=review).report_year == 2020


@pytest.mark.parametrize("review", [CLAUSE, CLAUSE + "2019年修路20公里,2018年修路30公里。"])
def test_no_year_is_guessed(review: str) -> None:
    with pytest.raises(Refused, match="no year"):
        card(review=review)


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("湄潭县永兴镇2021年政府工作报告", "镇长 某某"),
        ("永兴镇2021年人民政府工作报告", "2021年1月10日在湄潭县永兴镇第二十届人民代表大会第三次会议上"),
        ("2021年永兴镇政府工作报告", "遵义市湄潭县永兴镇人民政府镇长 某某"),
        ("永兴镇2021年政府工作报告", "在湄潭县的领导下\n2021年1月10日在永兴镇第二十届人民代表大会第三次会议上"),
    ],
)
def test_the_region_of_a_township_is_its_county(title: str, head: str) -> None:
    found = card(title=title, head=head)
    assert (found.region, found.kind, found.report_year) == ("520328", "work-report", 2020)


def test_a_notice_that_breaks_a_report_down_is_a_programme_of_the_place_in_its_number() -> None:
    words = "市人民政府关于印发2021年《政府工作报告》重点工作责任分解方案的通知\n六盘水府函〔2021〕17号\n各县、区人民政府:\n"
    words += f"一、主要预期目标\n{CLAUSE * 3}\n二、重点任务\n新建学校5所。\n"
    found = document.read(words.encode(), "some.txt").card
    assert (found.title, found.kind) == ("2021年《政府工作报告》重点工作责任分解方案", "work-programme")
    assert (found.region, found.report_year) == ("520200", 2020)


def test_a_city_without_counties_has_townships_of_its_own() -> None:
    assert card(title="东莞市高埗镇2021年政府工作报告").region == "441900"


@pytest.mark.parametrize(
    "head", ["镇长 某某", "2021年1月10日在遵义市永兴镇第二十届人民代表大会第三次会议上", "与湄潭县、凤冈县相邻"]
)
def test_a_township_of_no_county_is_refused(head: str) -> None:
    with pytest.raises(Refused, match="no region"):
        card(title="永兴镇2021年政府工作报告", head=head)
