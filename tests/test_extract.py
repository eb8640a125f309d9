"""The whole way from bytes to observations, under any text."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import audit, document, evaluate, extract, indicator, observation
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
        began = time.process_time()  # of this process alone, whatever else the machine does
        extract.extract(document.read(data, "report.txt"))
        return time.process_time() - began

    times = 2000
    while seconds(times) > 0.3:  # as little as tells a square from a line
        times //= 2
    small, large = min(seconds(times) for _ in range(3)), min(seconds(4 * times) for _ in range(2))
    assert large < 12 * small + 0.3  # four times the text


HEAD = "武义县2023年国民经济和社会发展计划执行情况与2024年计划草案的报告\n\n各位代表:\n一、2023年计划执行情况\n经济平稳运行。\n\n"
SHAPES = {
    "headings without tabs between tabbed rows, two levels of header": (
        "表1 主要指标\n指标名称\t单位\t2023年完成\t\t2024年计划\t\n\t\t绝对数\t增长(%)\t绝对数\t增长(%)\n一、经济\n"
        "地区生产总值\t亿元\t30\t5\t32\t6\n二、民生\n农村居民人均可支配收入\t元\t19000\t7\t-\t与经济增长同步\n",
        [
            ("地区生产总值", "level", "30"), ("地区生产总值", "growth", "5"), ("地区生产总值", "level", "32"),
            ("地区生产总值", "growth", "6"), ("农村居民人均可支配收入", "level", "19000"),
            ("农村居民人均可支配收入", "growth", "7"), ("农村居民人均可支配收入", "growth", "in_line_with_growth"),
        ],
    ),
    "cells of several lines in quotation marks": (
        '表1 主要指标\n类别\t序号\t指标名称\t单位\t2023年实际\t2024年目标\n"经\n济"\t1\t"城镇居民\n人均可支配收入"\t元\t30000\t31500\n'
        "\t2\t森林覆盖率\t%\t70\t70.5\n",
        [
            ("城镇居民人均可支配收入", "level", "30000"), ("城镇居民人均可支配收入", "level", "31500"),
            ("森林覆盖率", "level", "70"), ("森林覆盖率", "level", "70.5"),
        ],
    ),
    "cells set apart by wide blanks": (
        "表1 主要指标\n指标名称\u3000单位\u30002023年实际\u30002024年目标\n地区生产总值\u3000亿元\u300030\u300032\n"
        "森林覆盖率\u3000%\u300070\u300070.5\n",
        [
            ("地区生产总值", "level", "30"), ("地区生产总值", "level", "32"),
            ("森林覆盖率", "level", "70"), ("森林覆盖率", "level", "70.5"),
        ],
    ),
    "a grid drawn with rules": (
        "表1 主要指标\n┌──┬─────┬──┬───┬───┐\n│序号│指标名称  │单位│2023年│2024年│\n│    │          │    │完成  │目标  │\n"
        "├──┼─────┼──┼───┼───┤\n│1   │城镇居民人│元  │30000 │增长5%│\n│    │均可支配收入│    │      │左右  │\n"
        "├──┼─────┼──┼───┼───┤\n│2   │森林覆盖率│%   │70    │70.5  │\n└──┴─────┴──┴───┴───┘\n",
        [
            ("城镇居民人均可支配收入", "level", "30000"), ("城镇居民人均可支配收入", "growth", "5"),
            ("森林覆盖率", "level", "70"), ("森林覆盖率", "level", "70.5"),
        ],
    ),
    "level and growth in one cell": (
        "表1 主要指标\n| 指标名称 | 单位 | 2023年预计完成(增长) | 2024年目标/增速 |\n|---|---|---|---|\n"
        "| 地区生产总值 | 亿元 | 30(5%) | 32/6%左右 |\n| 森林覆盖率 | % | 70 | 70.5 |\n",
        [
            ("地区生产总值", "level", "30"), ("地区生产总值", "growth", "5"), ("地区生产总值", "level", "32"),
            ("地区生产总值", "growth", "6"), ("森林覆盖率", "level", "70"), ("森林覆盖率", "level", "70.5"),
        ],
    ),
    "a column of growth that holds counts, and one of how much of the plan is done": (
        "表1 主要指标\n指标名称\t单位\t2023年计划增长%\t2023年完成\t完成计划%\n地区生产总值\t亿元\t6\t30\t101\n"
        "城镇新增就业\t人\t5,200\t5,817\t112\n",
        [
            ("地区生产总值", "growth", "6"), ("地区生产总值", "level", "30"),
            ("城镇新增就业", "level", "5200"), ("城镇新增就业", "level", "5817"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_is_read_in_the_shapes_that_offices_and_sites_give_it(shape: str) -> None:
    table, wanted = SHAPES[shape]
    loaded = extract.extract(document.read((HEAD + table).encode(), "report.txt"))
    made, _ = observation.observe(loaded.card, loaded.statements)
    found = [(one.source_name, one.measure, str(one.value) if one.value is not None else one.stance) for one in made]
    assert found == wanted


def test_sentences_in_a_cell_are_running_text() -> None:
    table = (
        "附件1 任务分解表\n| 序号 | 工作任务 | 单位 | 2023年完成 | 2024年工作目标 | 责任单位 |\n|---|---|---|---|---|---|\n"
        "| 1 | 接待游客 | 人次 | 864000 | 110万 | 县文旅局 |\n"
        "| 2 | 道路建设 | — | — | 新建机耕道8公里,培训农户500人次 | 县交通局 |\n"
        "| 3 | 旅游总收入 | 亿元 | 6 | 8 | 县文旅局 |\n"
    )
    loaded = extract.extract(document.read((HEAD + table).encode(), "report.txt"))
    made, _ = observation.observe(loaded.card, loaded.statements)
    assert [(one.source_name, one.table is not None) for one in made] == [
        ("接待游客", True), ("接待游客", True), ("新建机耕道", False), ("培训农户", False), ("旅游总收入", True), ("旅游总收入", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("打造省级甲乙样板区", "创成省甲乙样板区", True),
        ("甲乙铁路完成形象进度", "甲乙铁路建设进度", True),
        ("甲乙名牌总数", "甲乙名牌", True),
        ("举办各类促甲活动", "举办促甲活动", True),
        ("2023年甲乙搬迁", "甲乙搬迁", True),
        ("新增甲乙教师", "现有甲乙教师", False),
        ("开工甲乙厂房", "建成甲乙厂房", False),
        ("累计培育甲乙企业", "培育甲乙企业", False),
    ],
)
def test_unmapped_names_that_say_the_same_have_one_id(one: str, other: str, same: bool) -> None:
    assert (indicator.unmapped_id(one) == indicator.unmapped_id(other)) is same


def test_a_task_is_of_its_own_row_where_it_names_the_same_thing() -> None:
    table = (
        "附件1 任务分解表\n| 序号 | 工作任务 | 单位 | 2023年完成 | 2024年工作目标 | 重点任务 | 责任单位 |\n|---|---|---|---|---|---|---|\n"
        "| 1 | 甲溪样板村数量 | 个 | 1 | 2 | 创建2个甲溪样板村。入选乙类甲溪样板村9个。 | 县农业局 |\n"
        "| 2 | 矿山生态修复面积 | 亩 | 8 | 40 | 合计修复面积40亩。修复面积比重50%。 | 县林业局 |\n"
    )
    loaded = extract.extract(document.read((HEAD + table).encode(), "report.txt"))
    made, unreviewed = observation.observe(loaded.card, loaded.statements)
    ids = {one.source_name: one.indicator for one in made}
    assert ids["创建甲溪样板村"] == ids["甲溪样板村数量"] != ids["入选乙类甲溪样板村"]
    assert ids["修复面积"] == ids["矿山生态修复面积"] != ids["修复面积比重"]
    assert {one.id for one in unreviewed} >= {one.indicator for one in made if one.indicator.startswith("u_")}


def test_the_period_of_a_label_is_scored_beside_its_statement(tmp_path: Path) -> None:
    text = HEAD + "上半年固定资产投资增长6.5%。\n"
    (tmp_path / "one.txt").write_text(text, "utf-8")
    at = text.index("6.5%")
    columns = "doc\tn\ttier\tname\tyear\trole\tmeasure\tcomparator\tvalue\tvalue_high\tunit\tstance\tanchor\tstart\tend\tperiod"
    for part, right in (("S1", 1), ("01/06", 0), ("", 0)):
        row = f"one\t1\tA\t固定资产投资\t2023\tactual\tgrowth\teq\t6.5\t\t%\t\t6.5%\t{at}\t{at + 4}\t{part}"
        (tmp_path / "labels.tsv").write_text(f"{columns}\n{row}\n", "utf-8")
        (score,) = evaluate.evaluate([tmp_path / "labels.tsv"], tmp_path)
        assert (score.fields["period"], score.recall("A")) == (right, 1.0)
