"""The bytes of a file become a document with its card, or are refused with one clear line."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import document, page
from loaders.document import Card, Document, Refused

REPORT = """关于江宁区2022年国民经济和社会发展计划执行情况
与2023年国民经济和社会发展计划草案的报告
——2023年1月5日在南京市江宁区第十八届人民代表大会第三次会议上
南京市江宁区发展和改革委员会
各位代表:
受区人民政府委托,现将计划执行情况与计划草案提请会议审议。
一、2022年国民经济和社会发展计划执行情况
全区地区生产总值增长3.5%,一般公共预算收入12.5亿元。
二、2023年国民经济和社会发展主要预期目标
地区生产总值增长6%左右,一般公共预算收入增长5%。
"""


def read(words: str | bytes, name: str = "some.txt") -> Document:
    return document.read(words if isinstance(words, bytes) else words.encode(), name)


def refusal(words: str | bytes, name: str = "some.txt") -> str:
    with pytest.raises(Refused) as refused:
        read(words, name)
    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    return message


def test_a_report_has_its_card_and_its_whole_text() -> None:
    found = read(REPORT)
    card = found.card
    assert card.title == "关于江宁区2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告"
    assert (card.kind, card.region, card.report_year) == ("plan-report", "320115", 2022)
    assert card.issuer == "南京市江宁区发展和改革委员会"
    assert (card.issued_on, card.delivered_on, card.published_on) == (None, "2023-01-05", "2023-01-05")
    assert (card.complete, card.missing, card.quality) == (True, (), {})
    assert found.body.chars == REPORT.strip()
    assert found.furniture == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_every_usual_encoding_is_read_exactly(encoding: str) -> None:
    found = read(REPORT.encode(encoding))
    mark = "\ufeff" if encoding in ("utf-8-sig", "utf-16") else ""
    assert found.raw == mark + REPORT
    assert found.body.start == len(mark)


def test_a_big_endian_file_is_read_too() -> None:
    assert read(b"\xfe\xff" + REPORT.encode("utf-16-be")).raw == "\ufeff" + REPORT


def test_line_ends_are_not_translated() -> None:
    found = read(REPORT.replace("\n", "\r\n"))
    assert found.raw == REPORT.replace("\n", "\r\n")
    assert found.card.report_year == 2022


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"PK\x03\x04...", "a ZIP archive"),
        ("关于\x00计划".encode(), "binary"),
        (b"d\xe9j\xe0 vu \xff", "neither UTF-8"),
        ("これは日本語の文章です。".encode("shift_jis"), "no Chinese text"),
        ("關於國民經濟和社會發展計劃執行情況的報告".encode("big5"), "no Chinese text"),
        (b"\xff\xfe\x00\xd8\x00", "no valid UTF-16"),
        (REPORT.encode("utf-16-le"), ""),
        (b"a" * (document.LARGEST + 1), "at most 20,000,000"),
    ],
)
def test_what_is_no_text_is_refused(words: bytes, reason: str) -> None:
    assert reason in refusal(words)


NEWS = """某某市2024年政府工作报告出炉 经济增长目标5%
2024-01-20 10:00 来源:某某日报
本报讯(记者 李四)1月20日,南京市第十七届人民代表大会第三次会议开幕,市长作政府工作报告。
报告提出,今年主要预期目标是地区生产总值增长5%以上,一般公共预算收入增长4%,城镇调查失业率5%以内。
去年全市实现地区生产总值17421.4亿元,增长4.6%;进出口总额5659.9亿元,固定资产投资增长4.1%。
"""
SALE = """【特价】南京市江宁区精装房,总价120万元起,首付30%,增长空间大!
1. 面积89平方米 2. 绿化率35% 3. 年回报率8%以上
联系电话 025-12345678,开盘目标销售1000套,完成率90%。
"""
QUOTING = """8月23日,南京市人民政府发布关于南京市2023年国民经济和社会发展计划执行情况与2024年计划草案的报告,报告指出,
全市新增光伏装机容量40兆瓦,绿色电力认购达到1000万千瓦时以上,增长12%,完成年度目标任务。
"""


@pytest.mark.parametrize(
    "words", [NEWS, SALE, QUOTING, "增长5.5%," * 500, "一、准备材料:五花肉500克\n二、重点任务:炖60分钟\n"]
)
def test_figures_alone_make_no_plan_document(words: str) -> None:
    assert "no plan document" in refusal(words)


def test_a_document_of_no_place_is_refused() -> None:
    nowhere = re.sub("南京市|江宁区", "", REPORT)
    assert "no region" in refusal(nowhere)


@pytest.mark.parametrize(
    ("title", "text", "kind", "year"),
    [
        ("2024年合肥市政府工作报告", "一、2023年工作回顾\n增长5%。\n二、2024年主要目标\n", "work-report", 2023),
        (
            "合肥市2024年经济社会发展主要目标任务分解表",
            "序号\n指标名称\n单位\n目标\n1\n地区生产总值\n亿元\n增长6%\n",
            "work-programme",
            2023,
        ),
        ("合肥市2023年国民经济和社会发展统计公报", "一、综合\n全年生产总值12673.8亿元,增长5.8%。\n", "other", 2023),
        ("合肥市国民经济和社会发展第十四个五年规划纲要", "一、发展目标\n到2025年,年均增长7%左右。\n", "other", 2021),
        (
            "关于合肥市2024年上半年国民经济和社会发展计划执行情况的报告",
            "一、上半年执行情况\n增长6.2%。\n",
            "plan-report",
            2024,
        ),
    ],
)
def test_other_documents_of_the_genre_are_known_by_title_and_marks(title: str, text: str, kind: str, year: int) -> None:
    card = read(f"{title}\n{text}").card
    assert (card.title, card.kind, card.region, card.report_year) == (title, kind, "340100", year)


PAGE = f"""天天射精品福利网站
政务公开 >政策文件
关于印发《2023年江宁区高质量发展工作要点》的通知
索引号: 002561288/2023-59169      发布机构: 区发改局      发布时间: 2023-07-25 09:01:18
成文日期
2023-07-24
文号 江宁政发[2023]7号
朗读
各街道办事处,区政府直属各单位:
现将《2023年江宁区高质量发展工作要点》印发给你们,请结合实际认真抓好落实。
南京市江宁区人民政府
2023年7月8日
2023年江宁区
高质量发展工作要点
一、主要目标
全区地区生产总值增长6%左右,一般公共预算收入增长5%,{"各项工作有序推进," * 8}确保完成全年目标任务。
二、保障措施
加强督查考评。
责任编辑:张三
打印本页
主办单位:某某市人民政府办公室
"""


def test_the_page_around_a_document_is_read_for_the_card_and_left_out() -> None:
    found = read(PAGE)
    card = found.card
    assert card.title == "2023年江宁区高质量发展工作要点"
    assert (card.issuer, card.number) == ("南京市江宁区人民政府", "江宁政发〔2023〕7号")
    assert (card.issued_on, card.published_on, card.report_year) == ("2023-07-24", "2023-07-25", 2022)
    assert found.body.chars.startswith("2023年江宁区\n高质量发展工作要点\n一、主要目标")
    assert found.body.chars.endswith("加强督查考评。")
    assert {piece.name for piece in found.furniture} == {"spam", "menu", "notice", "card", "site"}
    assert all(found.raw[piece.start : piece.end].strip() for piece in found.furniture)


def test_a_glossary_ends_the_body_and_an_annex_goes_on_with_it() -> None:
    body = read(f"{REPORT}附件:名词解释\n1.“3310”:指三个工程,投资100亿元。\n附表1 主要指标\n指标\n增长7%\n").body.chars
    assert "3310" not in body
    assert body.endswith("附表1 主要指标\n指标\n增长7%")


def test_a_news_lead_that_repeats_the_report_is_left_out() -> None:
    lead = (
        "1月8日,南京市江宁区人民政府发布报告,报告指出,全区地区生产总值增长3.5%,一般公共预算收入12.5亿元,成绩来之不易。"
    )
    found = read(f"2023-01-09 14:04来源:某某网 浏览数:182次\n{lead}\n原文如下:\n{REPORT}")
    assert found.body.chars == REPORT.strip()
    assert found.card.published_on == "2023-01-08"


def test_a_paragraph_with_figures_before_the_title_is_kept_where_nothing_repeats_it() -> None:
    before = f"全市经济运行总体平稳,全年完成工业投资888.8亿元,{'各项社会事业取得新进展,' * 5}增长7.7%。"
    assert read(f"{before}\n{REPORT}").body.chars.startswith(before[:20])


def test_a_table_of_contents_is_left_out() -> None:
    title, rest = "江宁区2023年政府工作报告", REPORT[REPORT.index("各位代表") :]
    found = read(f"{title}(20230105)VIP免费\n提纲:\n一、2022年回顾\n(一)稳增长\n二、2023年目标\n{title}\n{rest}")
    assert found.body.chars.startswith(f"{title}\n各位代表")
    assert found.card.published_on == "2023-01-05"
    assert "contents" in [piece.name for piece in found.furniture]


def test_a_text_that_breaks_off_says_so() -> None:
    cut = REPORT + "全区完成固定资产投资120亿元,增长8%,实现旅游业\n\n1、当您付费下载文档后,您只拥有了使用权限\n"
    card = read(cut).card
    assert (card.complete, card.missing) == (False, ("rest_of_text",))


def test_a_table_that_is_announced_and_not_there_is_missing() -> None:
    gone = REPORT.replace("地区生产总值增长6%左右", "主要预期目标:\n(二)重点工作\n地区生产总值增长6%左右")
    card = read(gone).card
    assert (card.complete, card.missing) == (True, ("table",))


def test_a_repost_months_later_does_not_date_a_report() -> None:
    assert read(f"2023-11-10 02:49 作者:admin\n{REPORT}").card.published_on == "2023-01-05"
    assert read(f"2023-01-20 02:49 作者:admin\n{REPORT}").card.published_on == "2023-01-20"


def test_separators_that_were_lost_are_counted() -> None:
    assert read(REPORT.replace("增长3.5%", "三项投资分别增长69.6%55.0%43.8%")).card.quality == {"separators": 2}


HTML = """<html><head><title>x</title><style>p{}</style></head><body><div style="display:none">增长99%</div>
<nav>首页</nav><h1>2023年江宁区国民经济和社会发展计划</h1><p>一、主要目标</p><table>
<tr><th rowspan=2>指标</th><th colspan=2>2023年目标</th></tr><tr><td>绝对值</td><td>增长</td></tr>
<tr><td>地区生产总值</td><td><p>7300</p>亿元</td><td>6%</td></tr></table><script>1</script><p>南京市江宁区人民政府</p></body></html>"""


@pytest.mark.parametrize("name", ["some.html", "some.txt"])
def test_a_page_is_rendered_and_offsets_refer_to_that(name: str) -> None:
    found = read(HTML, name)
    assert "指标\t2023年目标\t2023年目标\n指标\t绝对值\t增长\n地区生产总值\t7300 亿元\t6%\n" in found.raw
    assert "首页" not in found.raw
    assert "99" not in found.raw
    assert found.raw[found.body.start : found.body.end] == found.body.chars


def test_a_table_around_a_page_is_no_table() -> None:
    article = "<p>一、主要目标</p>" + "<p>全区经济运行平稳。</p>" * 80
    assert page.text(f"<table><tr><td>{article}</td></tr></table>").count("\n") > 80


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 1000 + "x" + "</div>" * 1000,
        "<table><tr><td>" * 400 + "x",
        "<table>" + "<tr><td colspan=100000000 rowspan=100000000>x</td></tr>" * 5000 + "</table>",
        "<html></html>",
    ],
)
def test_a_hostile_page_is_refused(hostile: str) -> None:
    refusal(hostile, "some.html")


def test_a_span_is_bounded() -> None:
    row = page.text("<table><tr><td colspan=100000000>x</td></tr></table>").strip()
    assert row == "\t".join("x" * page.SPAN)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(str.encode)
    | st.text(max_size=100).map(lambda s: (REPORT + s).encode())
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = document.read(data, "some.txt")
    except Refused:
        return
    check(found)


@given(st.text('<>/tabledivrpspan ="10colspan指标增长5%。\n', max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_page_is_read_or_refused(words: str) -> None:
    try:
        check(read(words + HTML, "some.html"))
    except Refused:
        return


def check(found: Document) -> None:
    """Places are in order and within the original; what was not repaired stands there as it is read."""
    body, raw = found.body, found.raw
    changed = {place for one in found.repairs for place in range(one.start, one.end)}
    assert list(body.starts) == sorted(body.starts)
    for char, start, end in zip(body.chars, body.starts, body.ends, strict=True):
        assert 0 <= start < end <= len(raw)
        assert start in changed or raw[start:end] == char
    assert all(raw[one.start : one.end] == one.original for one in found.repairs)
    covered = {place for piece in found.furniture for place in range(piece.start, piece.end)}
    assert not covered & set(body.starts)


@pytest.mark.parametrize(
    "words",
    [
        "附 ",
        "增长。 ",
        "指标\t",
        "VIP",
        "国(guó)?a)",
        "目标:\n",
        "来源:  ",
        "索引号:",
        "政府工作报告\n",
        "删加真现此中",
    ],
)
def test_time_grows_with_the_length_alone(words: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(Refused):
        read(words * (300_000 // len(words)))
    assert time.perf_counter() - begun < 5


CARDS = {
    "000": ("330702", "plan-report", 2022, "2023-03-31", "2023-02-10", None, "婺区政发〔2023〕4号", True, ()),
    "001": ("330700", "work-report", 2023, "2024-01-30", None, "2024-01-30", None, True, ()),
    "002": ("330784", "plan-report", 2023, "2024-08-23", None, "2024-02-03", None, True, ("table",)),
    "003": ("330723", "work-report", 2022, "2023-02-01", None, None, None, False, ("rest_of_text",)),
    "004": ("331102", "work-programme", 2022, "2023-07-25", "2023-07-24", None, "莲社建委〔2023〕1号", True, ()),
}
DAMAGE = {
    "000": {"traditional", "pinyin", "shifted"},
    "001": {"rewritten"},
    "002": {"traditional", "pinyin", "shifted", "lost"},
    "003": {"separators"},
    "004": set(),
}
FIRST = {
    "000": "关于金华市婺城区2022年",
    "001": "2024年金华市",
    "002": "关于永康市2023年",
    "003": "武义县2023年",
    "004": "2023年莲都区",
}
LAST = {"000": "全面发展。", "001": "力量!", "002": "新篇章。", "003": "实现旅游业", "004": "附件:"}


def real(corpus: Path, number: str) -> Document:
    path = next((corpus / "documents").glob(f"{number}_*.txt"))
    return document.read(path.read_bytes(), path.name)


@pytest.mark.parametrize("number", CARDS)
def test_a_real_document_has_its_card(corpus: Path, number: str) -> None:
    card: Card = real(corpus, number).card
    stated = (
        card.region,
        card.kind,
        card.report_year,
        card.published_on,
        card.issued_on,
        card.delivered_on,
        card.number,
    )
    assert (*stated, card.complete, card.missing) == CARDS[number]
    assert set(card.quality) == DAMAGE[number]


@pytest.mark.parametrize("number", CARDS)
def test_a_real_document_is_its_text_and_nothing_else(corpus: Path, number: str) -> None:
    found = real(corpus, number)
    check(found)
    assert found.body.chars.startswith(FIRST[number])
    assert found.body.chars.endswith(LAST[number])
    assert not re.search("名词解释|责任编辑|免责声明|付费下载|发表评论|浏览量|当前位置|福利网站", found.body.chars)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("000", "储备、申报和发行"),
        ("000", "发展潜力释放。推进四好农村路"),
        ("001", "地区生产总值6011.3亿元、增长6.8%"),
        ("001", "城镇调查失业率控制在5%以内;居民消费价格指数涨幅3%左右"),
        ("001", "保障性租赁住房3.67万套(间)"),
        ("002", "5个市控地表水断面III类达标率100%"),
        ("002", "产业基地数量"),
        ("002", "94.52%。“平安永康”实现17连创"),
        ("002", "投保?5%以上"),
    ],
)
def test_damage_of_a_real_document_is_mended_where_it_can_be(corpus: Path, number: str, words: str) -> None:
    assert words in real(corpus, number).body.chars


def test_all_real_documents_are_read_quickly(corpus: Path) -> None:
    begun = time.perf_counter()
    for number in CARDS:
        real(corpus, number)
    assert time.perf_counter() - begun < 3
