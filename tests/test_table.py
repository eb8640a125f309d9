"""Tables as documents print them become rows: each shape in a table of our own, then the real ones."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from loaders import document, extract, header, record, table
from loaders.table import Row, Table
from loaders.text import Text

Value = tuple[str, int, str]


def find(words: str, report_year: int = 2023) -> list[Table]:
    return table.find(Text.of(words), report_year)


def rows(words: str, report_year: int = 2023) -> tuple[Row, ...]:
    (found,) = find(words, report_year)
    return found.rows


def values(row: Row) -> list[Value]:
    return [(cell.text.chars, cell.year, cell.role) for cell in row.cells]


def by_name(words: str, report_year: int = 2023) -> dict[str, list[Value]]:
    return {row.name.chars: values(row) for row in rows(words, report_year)}


def lines(*cells: str) -> str:
    return "\n\n".join(cells) + "\n"


HEAD = ("表1:2023年北河区主要指标", "类别", "序号", "指标", "单位", "2023年目标", "2023年", "预计完成", "情况")


def test_a_table_with_a_cell_on_each_line_becomes_rows() -> None:
    words = lines(
        *HEAD, "经济", "1", "地区生产总值(GDP)", "亿元", "增长6%", "5.1%", "2", "旅游收入", "亿元", "10", "12.5"
    )
    (found,) = find(words)
    assert (found.id, found.title) == ("t1", "2023年北河区主要指标")
    first, second = found.rows
    assert (first.number, first.part, first.name.chars, first.category) == ("1", 0, "地区生产总值(GDP)", "经济")
    assert (second.unit, second.category) == ("亿元", "经济")
    assert values(second) == [("10", 2023, "target"), ("12.5", 2023, "actual")]
    assert [cell.status for cell in second.cells] == [None, "estimated"]


def test_cells_keep_their_places() -> None:
    words = lines(*HEAD, "经济", "1", "货物出口", "亿元", "完成上级", "下达目标", "3.5", "2", "税收", "亿元", "9", "8")
    for row in rows(words):
        assert words[row.name.start : row.name.end] == row.name.chars
    broken = rows(words)[0].cells[0].text
    assert broken.chars == "完成上级下达目标"
    assert words[broken.start : broken.end].split() == ["完成上级", "下达目标"]


def test_a_table_ends_where_running_text_begins() -> None:
    words = lines(
        *HEAD, "1", "总产值", "亿元", "5", "6", "2", "税收", "亿元", "9", "8", "(一)产业发展", "全年投资20亿元,增长5%。"
    )
    (found,) = find(words)
    assert len(found.rows) == 2
    assert words[found.start :].startswith("表1")
    assert words[: found.end].endswith("8")


def test_a_row_without_a_unit_keeps_its_values_in_their_columns() -> None:
    words = lines(*HEAD, "1", "城乡收入比", "2.05", "2.01", "2", "税收", "亿元", "9", "8")
    assert by_name(words)["城乡收入比"] == [("2.05", 2023, "target"), ("2.01", 2023, "actual")]


@pytest.mark.parametrize("left", ["10", "12.5"])
def test_a_row_with_a_value_missing_has_none_rather_than_a_shifted_one(left: str) -> None:
    words = lines(*HEAD, "1", "旅游收入", "亿元", left, "2", "税收", "亿元", "9", "8", "3", "床位", "张", "30", "31")
    found = by_name(words)
    assert found["旅游收入"] == []
    assert found["税收"] == [("9", 2023, "target"), ("8", 2023, "actual")]


def test_a_unit_is_never_taken_for_a_value() -> None:
    head = (*HEAD[:5], "2022年实际", *HEAD[5:])
    words = lines(
        *head, "1", "外资", "万美元", "/", "500", "2", "税收", "亿元", "7", "9", "8", "3", "床位", "张", "3", "4", "5"
    )
    assert by_name(words)["外资"] == []


def test_a_dash_is_no_cell_and_a_slash_is_one() -> None:
    words = lines(*HEAD, "1", "外资", "万美元", "-", "500", "2", "税收", "亿元", "/", "8")
    assert by_name(words) == {
        "外资": [("500", 2023, "actual")],
        "税收": [("/", 2023, "target"), ("8", 2023, "actual")],
    }


def test_a_value_that_equals_the_next_number_is_a_value() -> None:
    words = lines(
        "表3 2024年目标", "序号", "指标", "单位", "2024年目标", "1", "失业率", "%", "2", "2", "死亡率", "%", "3", "3"
    )
    words += lines("园区数量", "个", "4", "4", "企业数量", "家", "5")
    assert [row.cells[0].text.chars for row in rows(words)] == ["2", "3", "4", "5"]


def test_one_cell_for_several_sub_rows_is_the_cell_of_each() -> None:
    words = lines(
        *HEAD, "环境", "1", "主要污染物", "减排量", "化学需氧量减排量", "%", "完成市", "下达任务", "完成市下达任务"
    )
    words += lines("氨氮减排量", "%", "氮氧化物减排量", "%", "2", "森林覆盖率", "%", "60", "60.1")
    parts = rows(words)[:3]
    assert [(row.number, row.part) for row in parts] == [("1", 1), ("1", 2), ("1", 3)]
    assert {row.parent.chars for row in parts if row.parent is not None} == {"主要污染物减排量"}
    assert [row.name.chars for row in parts] == ["化学需氧量减排量", "氨氮减排量", "氮氧化物减排量"]
    assert {cell.text.chars for row in parts for cell in row.cells} == {"完成市下达任务"}


def test_one_sentence_for_rows_of_like_names_is_the_cell_of_each_but_a_figure_is_not() -> None:
    head = ("表1:2024年目标", "序号", "指标", "单位", "2024年目标")
    names = (
        "1",
        "居民人均收入",
        "高于经济增长速度",
        "2",
        "城镇居民人均收入",
        "3",
        "农村居民人均收入",
        "4",
        "税收",
        "亿元",
        "9",
    )
    found = rows(lines(*head, *names))
    assert [values(row)[0][0] for row in found] == ["高于经济增长速度"] * 3 + ["9"]
    figures = tuple("6.5%" if name.startswith("高于") else name for name in names)
    assert [[words for words, *_ in values(row)] for row in rows(lines(*head, *figures))] == [["6.5%"], [], [], ["9"]]


def test_a_cell_shared_beside_figures_of_its_own() -> None:
    head = ("表1 2024年计划", "序号", "指标", "单位", "2023年计划", "2023年完成", "2024年计划", "责任单位")
    parts = (
        "城镇居民收入",
        "元",
        "18600",
        "19120",
        "与经济增长",
        "基本同步",
        "人社局",
        "农村居民收入",
        "元",
        "11200",
        "11530",
        "农业局",
    )
    last = ("2", "税收", "亿元", "9", "8", "增长5%", "以上", "税务局")
    urban, rural, tax = rows(lines(*head, "1", "城乡居民收入", *parts, *last))
    assert [words for words, *_ in values(urban)] == ["18600", "19120", "与经济增长基本同步"]
    assert [words for words, *_ in values(rural)] == ["11200", "11530", "与经济增长基本同步"]
    assert [row.responsible for row in (urban, rural, tax)] == [("人社局",), ("农业局",), ("税务局",)]
    assert values(tax)[2] == ("增长5%以上", 2024, "target")


def test_a_dash_is_not_shared() -> None:
    words = lines(
        *HEAD, "1", "城镇居民收入", "元", "-", "500", "2", "农村居民收入", "元", "300", "3", "税收", "亿元", "9", "8"
    )
    assert [len(row.cells) for row in rows(words)] == [1, 0, 2]


def test_a_header_printed_again_is_no_row() -> None:
    head = ("序号", "指标", "单位", "2024年", "目标", "责任单位")
    words = lines(
        "表1 2024年目标",
        *head,
        "1",
        "粮食产量",
        "万吨",
        "20以上",
        "农业农村局",
        "2",
        "生猪出栏",
        "万头",
        "30",
        "农业农村局",
    )
    words += lines("续表1", *head, "3", "蔬菜产量", "万吨", "40", "农业农村局")
    assert [row.number for row in rows(words)] == ["1", "2", "3"]


def test_a_number_that_is_not_printed_leaves_the_row_its_own() -> None:
    words = lines(*HEAD, "1", "旅游收入", "亿元", "10", "12", "税收", "亿元", "9", "8", "3", "床位", "张", "30", "31")
    assert [(row.number, row.name.chars, len(row.cells)) for row in rows(words)] == [
        ("1", "旅游收入", 2),
        ("2", "税收", 2),
        ("3", "床位", 2),
    ]


def test_bodies_stand_over_several_lines_and_a_slash_is_none() -> None:
    head = ("附表2", "2024年目标", "序号", "指标名称", "2024年目标值", "牵头单位", "指标", "属性")
    words = lines(
        *head, "1", "投资增速(%)", "8", "市发改委、", "市统计局", "预期性", "2", "优良天数(天)", "300", "/", "约束性"
    )
    first, second = rows(words)
    assert (first.responsible, first.designation) == (("市发改委", "市统计局"), "预期性")
    assert (second.responsible, second.designation) == ((), "约束性")
    assert find(words)[0].id == "a2"


def test_items_with_tasks_and_several_indicators() -> None:
    head = (
        "附表3",
        "重点工作清单",
        "序号",
        "重点工作",
        "指标名称",
        "2023年",
        "实际值",
        "2024年",
        "目标值",
        "重点任务",
        "责任单位",
    )
    tasks = (
        "1.开展招商活动,全年不少于20场次。",
        "2.建成标准厂房,",
        "5",
        "万平方米,年内交付使用,入驻企业12家以上,带动就业。",
    )
    words = lines(*head, "产业升级(2项)", "1", "园区提质", "新签约项目(个)", "12", "15", *tasks, "县投促局", "县工信局")
    words += lines("到位资金(亿元)", "5", "6", "以上", "2", "企业培育", "新增企业(家)", "3", "4")
    words += lines(
        "组织实施梯度培育计划,全年新增规上企业4家以上,培育专精特新企业2家。",
        "县工信局",
        "四、要求",
        "各部门要抓好落实。",
    )
    first, second, third = rows(words)
    assert [(row.number, row.part, row.category) for row in (first, second, third)] == [
        ("1", 1, "产业升级"),
        ("1", 2, "产业升级"),
        ("2", 0, "产业升级"),
    ]
    assert second.name.chars == "到位资金(亿元)"
    assert values(second) == [("5", 2023, "actual"), ("6以上", 2024, "target")]
    assert first.responsible == second.responsible == ("县投促局", "县工信局")
    assert first.tasks is not None
    assert first.tasks.chars.split() == list(tasks)
    assert words[first.tasks.start : first.tasks.end] == first.tasks.chars
    assert second.tasks is None
    assert third.tasks is not None
    assert third.tasks.chars.startswith("组织实施")


TABS = """表1　2024年临川县主要指标
指标名称\t单位\t2023年完成\t2023年完成\t2024年计划\t2024年计划
指标名称\t单位\t绝对值\t增长(%)\t绝对值\t增长(%)
一、经济发展\t一、经济发展\t一、经济发展\t一、经济发展\t一、经济发展\t一、经济发展
地区生产总值\t亿元\t312.5\t5.6\t335\t6左右
其中:第一产业\t亿元\t30\t3.1\t\t3
外贸进出口\t亿美元\t-\t-\t1.2\t8
"""


def test_tabs_with_two_levels_of_header() -> None:
    whole, part, trade = rows(TABS)
    assert [(cell.text.chars, cell.year, cell.role, cell.hint) for cell in whole.cells] == [
        ("312.5", 2023, "actual", "绝对值"),
        ("5.6", 2023, "actual", "增长(%)"),
        ("335", 2024, "target", "绝对值"),
        ("6左右", 2024, "target", "增长(%)"),
    ]
    assert (part.name.chars, part.parent.chars if part.parent else None) == ("第一产业", "地区生产总值")
    assert [cell.text.chars for cell in part.cells] == ["30", "3.1", "3"]
    assert (trade.category, [cell.hint for cell in trade.cells]) == ("经济发展", ["绝对值", "增长(%)"])


def test_the_same_two_levels_with_a_cell_on_each_line() -> None:
    head = ("表1 2024年计划", "单位:亿元、%", "指标", "2023年完成", "2024年计划", "绝对值", "增长%", "绝对值", "增长%")
    words = lines(*head, "工业增加值", "100", "6", "107", "7", "财政收入", "20", "5", "21.1", "5.5")
    assert [(cell.year, cell.hint) for cell in rows(words)[0].cells] == [
        (2023, "绝对值"),
        (2023, "增长%"),
        (2024, "绝对值"),
        (2024, "增长%"),
    ]


def test_a_short_row_with_tabs_has_no_values_that_could_be_shifted() -> None:
    words = "表1 2024年目标\n指标\t单位\t2023年\t2024年\n产值\t亿元\t300\n财政收入\t亿元\t30\t32\n投资\t亿元\t20\t25\n"
    assert [len(row.cells) for row in rows(words)] == [0, 2, 2]


def test_spans_of_html_repeated_into_each_cell() -> None:
    words = (
        "表1:2024年目标\n序号\t指标\t指标\t单位\t2024年目标\t责任单位\n1\t产值\t产值\t亿元\t增长6%\t县发改局\n"
        "2\t居民收入\t城镇居民收入\t元\t增长6%\t县人社局\n2\t居民收入\t农村居民收入\t元\t增长7%\t县农业农村局\n"
    )
    assert [(row.number, row.part, row.parent and row.parent.chars, row.name.chars) for row in rows(words)] == [
        ("1", 0, None, "产值"),
        ("2", 1, "居民收入", "城镇居民收入"),
        ("2", 2, "居民收入", "农村居民收入"),
    ]


def test_markdown_with_bars() -> None:
    words = (
        "## 附件1:2025年计划指标\n| 序号 | 指标 | 单位 | 2024年实际 | 2025年目标 | 属性 |\n|---|---|:--:|---|---|---|\n"
        "| 1 | 工业增加值增速 | % | 7.2 | 7左右 | 预期性 |\n| 2 | 能耗降低 | % |  | 完成省下达任务 | 约束性 |\n"
    )
    (found,) = find(words, 2024)
    assert (found.id, found.title) == ("a1", "2025年计划指标")
    assert values(found.rows[0]) == [("7.2", 2024, "actual"), ("7左右", 2025, "target")]
    assert values(found.rows[1]) == [("完成省下达任务", 2025, "target")]
    assert found.rows[1].designation == "约束性"


def test_columns_set_apart_by_spaces() -> None:
    words = (
        "表二 主要指标\n序号  指标  单位  2023年计划  2023年实际  2024年计划\n1  产值  亿元  增长6%  5.2%  增长5.5%\n"
        "2  财政收入  亿元  25  26.1\n3  城乡收入比    2.1  2.0  2以下\n"
    )
    found = by_name(words)
    assert found["产值"] == [("增长6%", 2023, "target"), ("5.2%", 2023, "actual"), ("增长5.5%", 2024, "target")]
    assert found["财政收入"] == []
    assert [words for words, *_ in found["城乡收入比"]] == ["2.1", "2.0", "2以下"]


def test_a_table_over_five_years() -> None:
    words = lines("专栏2 “十四五”主要指标", "指标", "2020年", "2025年", "年均增速[累计]", "属性", "一、经济发展")
    words += lines("1.地区生产总值(亿元)", "200", "280", "7%", "预期性", "2.城镇化率(%)", "55", "60", "[5]", "预期性")
    first, second = rows(words, 2020)
    assert (first.number, first.name.chars, first.category) == ("1", "地区生产总值(亿元)", "经济发展")
    assert [(cell.year, cell.role, cell.hint is None) for cell in second.cells] == [
        (2020, "actual", True),
        (2025, "target", True),
        (2025, "target", False),
    ]
    assert second.cells[2].text.chars == "[5]"


def test_scores_and_shares_of_completion_are_no_values() -> None:
    words = (
        "表1:2023年计划完成情况\n序号\t指标\t分值\t2023年目标\t完成情况\t完成率(%)\t2024年目标\n"
        "1\t产值(亿元)\t10\t300\t305\t101.7\t320\n2\t投资增速(%)\t5\t8\t9.1\t113\t8\n"
    )
    assert values(rows(words)[0]) == [("300", 2023, "target"), ("305", 2023, "actual"), ("320", 2024, "target")]


def test_a_column_of_a_part_of_the_year_says_so() -> None:
    words = (
        "附表1\n2022年上半年计划完成情况\n序号\t指标\t单位\t全年计划\t上半年完成\t同比增长(%)\n"
        "1\t产值\t亿元\t增长5%左右\t107.6\t0.6\n2\t进出口\t亿元\t促稳提质\t126\t6.7\n"
    )
    first, second = rows(words, 2022)
    assert [(cell.role, cell.year, cell.period) for cell in first.cells] == [
        ("target", 2022, None),
        ("actual", 2022, "2022-S1"),
        ("actual", 2022, "2022-S1"),
    ]
    assert len(second.cells) == 3


def test_the_year_before_and_this_year_are_told_from_the_title() -> None:
    words = "2024年计划表\n指标名称\t计量单位\t上年实际\t本年计划\n产值\t亿元\t300\t320\n财政收入\t亿元\t30\t32\n"
    assert values(rows(words)[0]) == [("300", 2023, "actual"), ("320", 2024, "target")]


def test_a_column_whose_year_nothing_tells_is_left_out() -> None:
    words = "指标\t单位\t目标值\n产值\t亿元\t320\n财政收入\t亿元\t32\n"
    assert find(words) == []


def test_the_one_unit_of_a_caption_is_the_unit_of_its_rows() -> None:
    words = "表1 2024年计划\n单位:万元\n指标\t2024年计划\n税收\t320\n非税收入\t32\n"
    assert {row.unit for row in rows(words)} == {"万元"}
    assert {row.unit for row in rows(words.replace("万元", "万元、%"))} == {None}


def test_a_note_gives_its_row_the_scope() -> None:
    words = lines(
        *HEAD, "1", "研发经费支出(亿元)", "5", "6", "2", "税收", "亿元", "9", "8", "*注:研发经费支出为包含开发区数据"
    )
    (found,) = find(words)
    assert [row.scope for row in found.rows] == ["包含开发区数据", None]
    assert words[: found.end].endswith("开发区数据")


def test_a_table_whose_title_alone_says_the_year() -> None:
    words = "表2 2022年主要产品产量\n产品名称\t单位\t产量\t比上年增长(%)\n原煤\t万吨\t320\t-3.1\n水泥\t万吨\t88\t—\n"
    coal, cement = rows(words)
    assert values(coal) == [("320", 2022, "actual"), ("-3.1", 2022, "actual")]
    assert [cell.hint for cell in coal.cells] == ["产量", "比上年增长(%)"]
    assert values(cement) == [("88", 2022, "actual")]
    assert find(words.replace("2022年", "")) == []


UNEVEN = ("2024年", "2025年", "计划", "预计完成", "增长(%)", "计划", "增长(%)")
UNDER = [
    ("170", 2023, "actual", None),
    ("180", 2024, "target", None),
    ("186", 2024, "actual", None),
    ("6.1", 2024, "actual", "增长(%)"),
    ("200", 2025, "target", None),
    ("6.5", 2025, "target", "增长(%)"),
]


def test_a_year_printed_once_over_several_columns() -> None:
    words = (
        "附表1 主要指标\n序号\t指标\t单位\t2023年实际\t2024年\t\t\t2025年\t\t备注\n"
        "\t\t\t\t计划\t预计完成\t增长(%)\t计划\t增长(%)\t\n"
        "1\t产值\t亿元\t170\t180\t186\t6.1\t200\t6.5\t现价\n2\t税收\t亿元\t10\t11\t12\t6\t13\t7\t\n"
    )
    assert [(cell.text.chars, cell.year, cell.role, cell.hint) for cell in rows(words, 2024)[0].cells] == UNDER


def test_years_over_several_columns_with_a_cell_on_each_line() -> None:
    head = ("附表1 主要指标", "序号", "指标", "单位", "2023年实际", *UNEVEN)
    first = ("1", "工业产值", "亿元", "170", "180", "186", "6.1", "200", "6.5")
    second = ("2", "税收收入", "亿元", "10", "11", "12", "6", "13", "7")
    words = lines(*head, *first, *second)
    assert [(cell.text.chars, cell.year, cell.role, cell.hint) for cell in rows(words, 2024)[0].cells] == UNDER


def test_columns_under_years_that_nobody_can_deal_out_are_no_table() -> None:
    head = ("附表1 主要指标", "指标", "2024年", "2025年计划", "计划", "完成", "增长(%)", "增长(%)")
    assert find(lines(*head, "工业产值", "1", "2", "3", "4", "税收收入", "1", "2", "3", "4"), 2024) == []


def test_a_level_behind_a_growth_is_under_the_next_year() -> None:
    head = ("附表1 主要指标", "指标", "2024年", "2025年计划", "计划", "完成", "增长(%)", "绝对值", "增长(%)")
    first, second = ("工业产值", "170", "180", "6.1", "200", "6.5"), ("税收收入", "10", "11", "6", "13", "7")
    found = rows(lines(*head, *first, *second), 2024)[0].cells
    assert [(cell.text.chars, cell.year, cell.role, cell.hint) for cell in found] == [
        ("170", 2024, "target", None),
        ("180", 2024, "actual", None),
        ("6.1", 2024, "actual", "增长(%)"),
        ("200", 2025, "target", "绝对值"),
        ("6.5", 2025, "target", "增长(%)"),
    ]


def test_growth_beside_years_that_run_backwards_is_of_the_latest() -> None:
    words = "主要指标\n指标\t2023年\t2022年\t增减(%)\n产值(亿元)\t320\t300\t5.1\n税收(亿元)\t30\t28\t3.2\n"
    assert values(rows(words)[0]) == [("320", 2023, "actual"), ("300", 2022, "actual"), ("5.1", 2023, "actual")]


def test_rows_without_a_number_below_a_part_are_parts_too() -> None:
    words = (
        "表1 2024年目标\n序号\t指标\t单位\t2024年目标\n1\t生产总值\t亿元\t320\n\t其中:一产增加值\t亿元\t30\n"
        "\t二产增加值\t亿元\t90\n2\t税收\t亿元\t32\n"
    )
    assert [(row.number, row.part, row.name.chars) for row in rows(words)] == [
        ("1", 0, "生产总值"),
        ("1", 1, "一产增加值"),
        ("1", 2, "二产增加值"),
        ("2", 0, "税收"),
    ]


@pytest.mark.parametrize(("heading", "parent"), [("居民收入", "居民收入"), ("其中", "产值")])
def test_names_in_two_columns_under_one_heading(heading: str, parent: str) -> None:
    words = (
        "表1 2024年目标\n序号\t指标\t\t单位\t2024年目标\n1\t产值\t\t亿元\t320\n"
        f"{'2' if heading == parent else ''}\t{heading}\t城镇\t元\t31000\n\t\t农村\t元\t13200\n3\t税收\t\t亿元\t32\n"
    )
    found = [(row.number, row.parent and row.parent.chars, row.name.chars) for row in rows(words)]
    number = "2" if heading == parent else "1"
    assert found == [("1", None, "产值"), (number, parent, "城镇"), (number, parent, "农村"), ("3", None, "税收")]


def test_a_column_without_a_heading_that_holds_units_holds_no_names() -> None:
    words = "表1 2024年目标\n指标\t\t2024年目标\n产值\t亿元\t320\n税收\t亿元\t32\n"
    assert by_name(words) == {"产值": [("320", 2024, "target")], "税收": [("32", 2024, "target")]}


def test_a_table_drawn_with_lines() -> None:
    words = (
        "表1 2024年目标\n┌──┬──┬──┬──┐\n│序号│指标│单位│2024年目标│\n├──┼──┼──┼──┤\n│1│产值│亿元│320│\n"
        "├──┼──┼──┼──┤\n│2│税收│亿元│增长5%│\n└──┴──┴──┴──┘\n后文。\n"
    )
    (found,) = find(words)
    assert (found.title, [values(row) for row in found.rows]) == (
        "2024年目标",
        [[("320", 2024, "target")], [("增长5%", 2024, "target")]],
    )


def test_bold_cells_are_read_without_their_marks() -> None:
    words = "**表1 2024年目标**\n| **序号** | **指标** | **2024年目标** |\n|---|---|---|\n| 1 | **产值** | 320 |\n| 2 | 税收 | 32 |\n"
    (found,) = find(words)
    assert (found.title, [row.name.chars for row in found.rows]) == ("2024年目标", ["产值", "税收"])
    name = found.rows[0].name
    assert words[name.start : name.end] == "产值"


def test_the_end_of_a_five_year_plan_is_a_year() -> None:
    words = (
        "专栏1 主要指标\n指标\t“十三五”末\t2025年目标\t年均增长(%)\t五年累计\n产值(亿元)\t300\t420\t7左右\t—\n"
        "新增就业(万人)\t1.2\t—\t—\t[6]\n"
    )
    product, jobs = rows(words, 2021)
    assert values(product) == [("300", 2020, "actual"), ("420", 2025, "target"), ("7左右", 2025, "target")]
    assert values(jobs) == [("1.2", 2020, "actual"), ("[6]", 2025, "target")]


def test_a_heading_whose_numeral_stands_apart() -> None:
    words = (
        "附表1 主要指标\n序号  指标名称  2023年实绩  2024年目标  牵头单位\n一  经济发展\n1  生产总值(亿元)  300  增长6%  市发改委\n"
        "2  投资增速(%)  5.6  7  市发改委\n二  民生保障\n3  失业率(%)  3.1  ≤4.5  市人社局\n"
    )
    assert [row.category for row in rows(words)] == ["经济发展", "经济发展", "民生保障"]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("300亿元、增长9%左右", [("300亿元", "2024"), ("增长9%左右", "2024")]),
        ("南、北两区", [("南、北两区", "2024")]),
        ("300", [("300", "2024")]),
    ],
)
def test_a_level_and_its_growth_in_one_cell_are_two(cell: str, read: list[tuple[str, str]]) -> None:
    words = f"表1 目标\n指标\t2024年目标\t年均增速(%)\n产值(亿元)\t{cell}\t≥8\n税收(亿元)\t30\t不低于7\n"
    (found,) = find(words)
    stated = [[(one.value, one.period) for one in extract._of_row(found, row)] for row in found.rows]
    assert stated == [
        [*read, ("年均增长≥8", "2020/2024")],
        [("30", "2024"), ("年均增长不低于7", "2020/2024")],
    ]


def test_a_row_of_a_month_and_a_column_of_a_part_of_a_year_to_come() -> None:
    words = "表1 2024年目标\n指标\t2023年完成\t2024年目标\t一季度\n6月末牲畜存栏(万头)\t300\t310\t70\n产值(亿元)\t30\t32\t7\n"
    herd, product = rows(words)
    assert [(cell.text.chars, cell.period) for cell in herd.cells] == [("300", "2023-06"), ("310", "2024-06")]
    assert [cell.period for cell in product.cells] == [None, None]


@pytest.mark.parametrize(
    "words",
    [
        "序号\t姓名\t单位\t电话\n1\t张三\t县发改局\t1234567\n2\t李四\t县工信局\t7654321\n",
        "目录\n一、2023年工作........1\n二、2024年目标........5\n序号\n指标\n目标\n计划\n",
        "序号\t项目名称\t建设内容\t总投资\t2024年计划投资\n1\t城东大道\t道路3公里\t5000\t2000\n2\t水厂\t2万吨\t8\t3\n",
        "附表1\n\n附表2\n\n序号\n\n指标\n\n2024年目标\n",
        "产值增长6%。\n指标\n任务\n单位\n投资增长8%。\n",
        "序号\t指标\t2024年获奖单位\n1\t先进集体\t县发改局\n2\t先进个人\t县工信局\n",
        "",
    ],
)
def test_what_is_no_table_of_indicators_gives_none(words: str) -> None:
    assert find(words) == []


def test_two_tables_without_a_caption_have_ids_of_their_own() -> None:
    one = "指标\t单位\t2023年完成\n产值\t亿元\t320\n财政收入\t亿元\t32\n"
    found = find(one + "说明如下。\n" + one.replace("2023", "2022") + "表1 计划\n" + one)
    assert [each.id for each in found] == ["t2", "t3", "t1"]


@pytest.mark.parametrize(
    ("words", "role", "year", "status"),
    [
        ("2022年预计完成情况", "actual", 2022, "estimated"),
        ("2022年实际值", "actual", 2022, "final"),
        ("2023年目标值", "target", 2023, None),
        ("2023年预期目标", "target", 2023, None),
        ("2023年计划完成情况", "actual", 2023, "final"),
        ("2023年执行情况", "actual", 2023, "final"),
        ("2025年", None, 2025, None),
    ],
)
def test_a_header_says_year_role_and_status(words: str, role: str | None, year: int, status: str | None) -> None:
    column = header.meaning(words)
    assert column is not None
    assert (column.kind, column.role, column.year, column.status) == ("value", role, year, status)


@pytest.mark.parametrize("words", ["情况", "联络员", "2022年2023年", "2022年目标2023年目标", "13月完成", "目标" * 20])
def test_what_is_no_header_has_no_meaning(words: str) -> None:
    assert header.meaning(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "\t".join(["指标"] * 100_000) + "\n" + "\t".join(["1"] * 100_000),
        "|" * 200_000,
        "序号\n指标\n单位\n2024年目标\n" * 20_000,
        "序号\n指标\n单位\n2024年目标\n1\n产值\n" + "氨氮排放量\n" * 100_000,
        "指标\t2024年目标\n" * 50_000,
        "a" + " " * 500_000,
        "2024年" * 100_000,
        "(" * 100_000 + "指标",
    ],
    ids=["columns", "bars", "headers", "names", "tabs", "spaces", "years", "brackets"],
)
def test_a_hostile_table_is_bounded(words: str) -> None:
    assert find(words) == []


def test_a_table_longer_than_the_limit_is_read_up_to_it() -> None:
    words = "表1 2024年目标\n指标\t2024年目标\n" + "产值\t5\n" * (record.MOST_ROWS + 10)
    (found,) = find(words)
    assert len(found.rows) == record.MOST_ROWS


REAL = {"000": ("wucheng", {"t1": 92, "t2": 42}), "004": ("liandu", {"t1": 74, "a2": 98, "a3": 254, "a4": 188})}


def real(corpus: Path, prefix: str) -> tuple[Text, list[Table]]:
    path = next((corpus / "documents").glob(f"{prefix}_*.txt"))
    read = document.read(path.read_bytes(), path.name)
    return read.body, table.find(read.body, read.card.report_year)


@pytest.mark.parametrize("prefix", list(REAL))
def test_every_value_of_the_real_tables_is_there(corpus: Path, prefix: str) -> None:
    found = real(corpus, prefix)[1]
    assert {each.id: sum(len(row.cells) for row in each.rows) for each in found} == REAL[prefix][1]


@pytest.mark.parametrize("prefix", list(REAL))
def test_the_cells_of_the_real_tables_are_those_that_were_labelled(corpus: Path, prefix: str) -> None:
    short = REAL[prefix][0]
    found = {
        (each.id, row.number, str(row.part), str(cell.year), cell.role): (row, cell)
        for each in real(corpus, prefix)[1]
        for row in each.rows
        for cell in row.cells
    }
    with (corpus / "gold" / "tables.tsv").open(encoding="utf-8") as labels:
        for label in csv.DictReader(labels, delimiter="\t"):
            if label["doc"] != short:
                continue
            row, cell = found[label["table"], label["row"], label["sub"], label["year"], label["role"]]
            name = row.name.chars if row.parent is None else f"{row.parent.chars} > {row.name.chars}"
            label["source_name"] = label["source_name"].replace("﹣", "-")  # the reader makes it half-width
            bracket = re.search(r"\(([^()]*)\)$", name)
            unit = row.unit
            if unit is None and bracket and bracket[1] == label["source_unit"]:
                name, unit = name[: bracket.start()], bracket[1]
            assert (name, row.category or "", unit or "", cell.text.chars, cell.status or "") == (
                label["source_name"],
                label["source_category"],
                label["source_unit"],
                label["raw"],
                label["status"],
            )
            assert ("; ".join(row.responsible), row.designation or "") == (label["responsible"], label["designation"])


@pytest.mark.parametrize(("prefix", "year"), [("000", 2022), ("004", 2022)])
def test_a_line_lost_from_a_real_table_costs_cells_but_changes_no_figure(corpus: Path, prefix: str, year: int) -> None:
    body, found = real(corpus, prefix)
    first = found[0]
    text = body.chars[first.start : first.end]
    whole = {(row.name.chars, cell.year, cell.role): cell.text.chars for row in first.rows for cell in row.cells}
    pieces = [line for line in text.split("\n") if line.strip()]
    for lost in range(30, 110, 7):
        left = table.find(Text.of("\n\n".join(pieces[:lost] + pieces[lost + 1 :])), year)
        changed = {
            (row.name.chars, cell.year, cell.role): cell.text.chars
            for each in left
            for row in each.rows
            for cell in row.cells
            if whole.get((row.name.chars, cell.year, cell.role), cell.text.chars) != cell.text.chars
        }
        assert changed == {}, pieces[lost]
