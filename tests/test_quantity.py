"""Value words become quantities: one case and more for each trap of the normal form that a bare string can show."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import lexicon, numeral, quantity, unit

CASES = [
    # words, column unit, role, measure, comparator, value, label
    ("增长8.5%", "亿元", "target", "growth", "eq", "8.5", "%"),
    ("0%", "亿元", "actual", "growth", "eq", "0", "%"),
    ("-1.1%", "亿元", "actual", "growth", "eq", "-1.1", "%"),
    ("2.5%", "万元/人", "actual", "growth", "eq", "2.5", "%"),
    ("98.2", "%", "actual", "level", "eq", "98.2", "%"),
    ("98.2%", "%", "actual", "level", "eq", "98.2", "%"),
    ("力争1万人以上", "万人", "target", "level", "ge", "1", "万人"),
    ("5以内", "%", "target", "level", "le", "5", "%"),
    ("控制在3%以内", "%", "target", "level", "le", "3", "%"),
    ("增长12%左右", "万元/人", "target", "growth", "approx", "12", "%"),
    ("下降1个百分点", "%", "target", "change", "eq", "-1", "百分点"),
    ("下降1.57个百分点左右", "%", "actual", "change", "approx", "-1.57", "百分点"),
    ("三分之二以上", "%", "target", "level", "ge", "66.67", "%"),
    ("百分之六", None, "target", "level", "eq", "6", "%"),
    ("增长百分之六以上", None, "target", "growth", "ge", "6", "%"),
    ("三成", None, "actual", "level", "eq", "30", "%"),
    ("降幅控制在5%以内", "亿元", "target", "growth", "ge", "-5", "%"),
    ("减少20万吨以上", "万吨", "target", "change", "le", "-20", "万吨"),
    ("下降9%", None, "actual", "growth", "eq", "-9", "%"),
    (">70", "亿元", "target", "level", "gt", "70", "亿元"),
    ("≥95", "%", "target", "level", "ge", "95", "%"),
    ("<62", "万亩", "target", "level", "lt", "62", "万亩"),
    ("突破800亿元", None, "target", "level", "ge", "800", "亿元"),
    ("突破200亿元", None, "actual", "level", "gt", "200", "亿元"),
    ("超800万元", None, "actual", "level", "gt", "800", "万元"),
    ("6500余万元", None, "actual", "level", "gt", "6500", "万元"),
    ("7万余人次", None, "actual", "level", "gt", "7", "万人次"),
    ("近5000人", None, "actual", "level", "lt", "5000", "人"),
    ("约301.05万元", None, "actual", "level", "approx", "301.05", "万元"),
    ("不低于60%", None, "target", "level", "ge", "60", "%"),
    ("不超过28微克/立方米", None, "target", "level", "le", "28", "微克/立方米"),
    ("12,345户", None, "actual", "level", "eq", "12345", "户"),
    ("５９．５％", None, "actual", "level", "eq", "59.5", "%"),
    ("0.0213", "人/亿元", "target", "level", "eq", "0.0213", "人/亿元"),
    ("提高到1050元/月", None, "actual", "level", "eq", "1050", "元/月"),
    ("每月提高60元", None, "actual", "change", "eq", "60", "元"),
    ("增速达到8%", None, "target", "growth", "eq", "8", "%"),
    ("翻一番", None, "target", "growth", "eq", "100", "%"),
    ("保持81.5", "岁", "target", "level", "eq", "81.5", "岁"),
    ("1000万千瓦时以上", None, "target", "level", "ge", "1000", "万千瓦时"),
    ("2.5万亿元", None, "actual", "level", "eq", "2.5", "万亿元"),
]


@pytest.mark.parametrize(("words", "column", "role", "measure", "comparator", "value", "label"), CASES)
def test_value_words_are_read_with_their_unit(
    words: str, column: str | None, role: str, measure: str, comparator: str, value: str, label: str
) -> None:
    read = quantity.read(words, hint=unit.parse(column) if column else None, role=role)
    assert read is not None
    assert read.unit is not None
    assert (read.measure, read.comparator, str(read.value), read.unit.label) == (measure, comparator, value, label)


@pytest.mark.parametrize(
    ("words", "stance", "measure"),
    [
        ("与经济增长同步", "in_line_with_growth", "growth"),
        ("高于经济增长", "above_growth", "growth"),
        ("快于面上投资增速", "above_overall", "growth"),
        ("完成上级下达目标", "as_assigned", "level"),
        ("稳步提升", "rise", "level"),
        ("逐步下降", "fall", "level"),
        ("有所缩小", "narrow", "level"),
        ("保持适度增长", "moderate_growth", "growth"),
        ("已取消", "discontinued", "level"),
        ("/", "unavailable", "level"),
        ("增速与去年持平", "flat", "growth"),
    ],
)
def test_words_without_a_number_take_a_stance(words: str, stance: str, measure: str) -> None:
    read = quantity.read(words)
    assert read is not None
    assert (read.stance, read.measure, read.value, read.comparator) == (stance, measure, None, None)


def test_a_range_has_two_values() -> None:
    read = quantity.read("60-70", hint=unit.parse("%"))
    assert read is not None
    assert (read.comparator, read.value, read.value_high) == ("range", Decimal(60), Decimal(70))


def test_a_falling_range_keeps_its_order() -> None:
    read = quantity.read("下降5%-8%")
    assert read is not None
    assert (read.comparator, read.value, read.value_high) == ("range", Decimal(-8), Decimal(-5))


@pytest.mark.parametrize(
    ("words", "place", "comparator"), [("居全省第3", 3, "eq"), ("全市首位", 1, "eq"), ("排名全省前60", 60, "le")]
)
def test_a_place_in_an_order_is_a_rank(words: str, place: int, comparator: str) -> None:
    read = quantity.read(words)
    assert read is not None
    assert (read.measure, read.value, read.comparator) == ("rank", Decimal(place), comparator)


def test_a_rate_of_growth_with_a_bare_number_is_a_growth() -> None:
    read = quantity.read("25", hint=unit.parse("%"), growth=True)
    assert read is not None
    assert (read.measure, read.value) == ("growth", Decimal(25))


def test_a_bare_power_takes_the_unit_of_its_indicator() -> None:
    read = quantity.read("1.37", hint=unit.parse("人"), power=4)
    assert read is not None
    assert read.unit == unit.parse("万人")


@pytest.mark.parametrize("words", ["", "   ", "争取创成", "10个,20个", "PM2.5", "2022年"])
def test_what_is_no_single_figure_is_not_read(words: str) -> None:
    assert quantity.read(words) is None


@given(st.text(max_size=80))
def test_reading_never_raises(words: str) -> None:
    quantity.read(words)


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_chinese_numerals_come_back(number: int) -> None:
    assert numeral.chinese(numeral.in_chinese(number)) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_the_shortest_plain_form_is_the_same_number_without_exponent(value: Decimal) -> None:
    plain = numeral.plain(value)
    assert plain == value
    assert "E" not in str(plain)
    assert not str(plain).endswith(("-0", ".0"))


@given(st.sampled_from([word for rule in lexicon.rules("comparators") for word in rule.words]))
def test_every_comparator_word_changes_the_comparator(word: str) -> None:
    rule = next(rule for rule in lexicon.rules("comparators") if word in rule.words)
    middle = "5个" if word not in ("余", "多", "强") else "5"
    words = f"{word}{middle}" if rule.place == "before" else f"{middle}{word}"
    read = quantity.read(words + ("个" if word in ("余", "多") else ""))
    assert read is not None
    assert read.comparator == rule.result[0]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("亿元", ("CNY", 8)),
        ("个/千人", ("item_per_person", -3)),
        ("ug/m3", ("microgram_per_cubic_metre", 0)),
        ("人/亿元", ("person_per_CNY", -8)),
        ("亿斤", ("jin", 8)),
        ("兆瓦", ("kilowatt", 3)),
        ("元/人/月", ("CNY_per_person_per_month", 0)),
    ],
)
def test_labels_are_units_with_a_power_of_ten(label: str, expected: tuple[str, int]) -> None:
    read = unit.parse(label)
    assert read is not None
    assert (read.id, read.multiplier) == expected


@pytest.mark.parametrize("label", ["常住人口", "GDP", "", "助理", "a/b/c/d/e"])
def test_what_is_no_unit_is_none(label: str) -> None:
    assert unit.parse(label) is None
