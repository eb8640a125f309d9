"""The whole way from bytes to observations, under any text."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import audit, document, extract, observation
from tests.test_load import REPORT

WIDE = {ord(char): ord(char) + 0xFEE0 for char in ",.:;()%0123456789"}
TABLE = """

表1:2023年主要指标

序号

指标

单位

2022年实际

2023年目标

1

地区生产总值

亿元

262.8

增长6%左右

2

森林覆盖率

%

58.3

58.4以上
"""


def observed(text: str) -> list[tuple[str, str, str | None, Decimal | None, str | None, int, str]]:
    loaded = extract.extract(document.read(text.encode(), "report.txt"))
    made, _ = observation.observe(loaded.card, loaded.statements)
    return [(one.indicator, one.measure, one.comparator, one.value, one.unit_label, one.year, one.role) for one in made]


def test_full_width_equals_half_width() -> None:
    wide = REPORT.translate(WIDE).replace("2022年", "2022年")
    assert observed(wide) == observed(REPORT)


def test_a_table_and_its_text_are_both_read() -> None:
    found = observed(REPORT + TABLE)
    assert ("forest_coverage_rate", "level", "ge", Decimal("58.4"), "%", 2023, "target") in found
    assert found.count(("gross_regional_product", "growth", "approx", Decimal(6), "%", 2023, "target")) == 2


def test_a_document_twice_gives_the_same_bytes() -> None:
    first, second = (extract.extract(document.read(REPORT.encode(), "report.txt")) for _ in range(2))
    assert first == second


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=300), st.integers(min_value=0, max_value=len(REPORT)))
def test_any_text_inside_a_report_is_read_or_refused_and_quotes_are_verbatim(words: str, at: int) -> None:
    text = REPORT[:at] + words + REPORT[at:]
    try:
        read = document.read(text.encode("utf-8", "surrogatepass"), "report.txt")
    except document.Refused:
        return
    loaded = extract.extract(read)
    for one in loaded.statements:
        assert read.raw[one.start : one.end] == one.quote
        assert len("".join(one.quote.split())) <= 3 * 60  # with brackets of pinyin
    assert loaded.figures == len(audit.FIGURE.findall(read.raw))
    assert loaded.figures == loaded.observed + loaded.not_values + len(loaded.unread)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "序号",
                "指标",
                "单位",
                "2023年目标",
                "1",
                "2",
                "3",
                "12.5",
                "增长8%",
                "亿元",
                "其中:",
                "区发改局",
                "\t",
                "|",
                "-",
            ]
        ),
        max_size=80,
    )
)
def test_any_lines_of_a_table_are_read(lines: list[str]) -> None:
    read = document.read((REPORT + "\n表1\n" + "\n".join(lines)).encode(), "report.txt")
    loaded = extract.extract(read)
    assert all(read.raw[one.start : one.end] == one.quote for one in loaded.statements)


@pytest.mark.parametrize("piece", ["固定资产投资增长6.5%,", "。", "(", "1", "、", "新增3家企业、", "分别", "1\n"])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(times: int) -> float:
        data = (REPORT + piece * times).encode()
        began = time.perf_counter()
        extract.extract(document.read(data, "report.txt"))
        return time.perf_counter() - began

    seconds(100)
    small, large = min(seconds(2000) for _ in range(3)), min(seconds(8000) for _ in range(2))
    assert large < 12 * small + 0.3  # four times the text
