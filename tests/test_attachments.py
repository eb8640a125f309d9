"""A document is the same document as text, as a page and as an attachment; hostile attachments get one clear line."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from loaders import attachment, document, extract, package, page, ruling, sheet, shown
from loaders.document import Refused
from loaders.statement import Statement
from tests import attachments as made
from tests.attachments import Cell

TITLE = "关于江宁区2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告"
CAPTION = "江宁区2023年国民经济和社会发展主要预期目标"
TABLE: made.Rows = [
    [
        Cell("类别", down=2),
        Cell("指标名称", down=2),
        Cell("单位", down=2),
        Cell("2022年完成", 2),
        Cell("2023年计划", 2),
        Cell("责任单位", down=2),
    ],
    ["绝对值", "增长%", "绝对值", "增长%"],
    [Cell("经济", down=3), "地区生产总值", "亿元", "2933.4", "3.5", "-", "6左右", "区发改委"],
    ["一般公共预算收入", "亿元", "260.1", "5.2", "273", "5", "区财政局"],
    ["社会消费品零售总额", "亿元", "1010.6", "1.8", "1060", "5以上", "区商务局"],
    [Cell("民生", down=2), "城镇登记失业率", "%", "2.1", "-", "4以内", "-", Cell("区人社局", down=2)],
    ["城镇新增就业", "万人", "3.26", "-", "3", "-"],
]
REPORT: made.Blocks = [
    TITLE,
    "——2023年1月5日在南京市江宁区第十八届人民代表大会第三次会议上",
    "南京市江宁区发展和改革委员会",
    "各位代表：",
    "受区人民政府委托，现将江宁区2022年国民经济和社会发展计划执行情况与2023年计划草案提请会议审查，请各位代表审议。",
    "一、2022年国民经济和社会发展计划执行情况",
    "全年实现地区生产总值2933.4亿元，增长3.5%；一般公共预算收入260.1亿元，增长5.2%，社会消费品零售总额1010.6亿元，"
    "增长1.8%；城镇居民人均可支配收入78641元，增长4.2%。",
    "二、2023年国民经济和社会发展主要预期目标",
    "地区生产总值增长6%左右，一般公共预算收入增长5%，社会消费品零售总额增长5%以上，城镇登记失业率控制在4%以内。",
    f"附表1：{CAPTION}",
    TABLE,
]


def said(data: bytes, name: str) -> list[tuple[Any, ...]]:
    """What a document states, without its places; each quote stands in the rendered text."""
    read = document.read(data, name)
    found = extract.gather(read)
    for one in found.statements:
        assert one.quote
        assert read.raw[one.start : one.end] == one.quote
    return [_bare(one) for one in found.statements]


def _bare(one: Statement) -> tuple[Any, ...]:
    return (
        one.name, one.value, one.role, one.status, one.year, one.period, one.unit, one.category, one.responsible,
        one.table,
    )  # fmt: skip


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        document.read(data, name)
    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    return message


def rendered(data: bytes) -> str:
    """The text of an attachment, read in this process: quicker, and a fault shows itself."""
    return attachment.rendered(data)


@pytest.mark.parametrize(("form", "make"), [("html", made.html), ("docx", made.docx), ("pdf", made.pdf)])
def test_a_report_states_the_same_in_every_form(form: str, make: Callable[[made.Blocks], bytes]) -> None:
    plain = said(made.text(REPORT), "some.txt")
    assert len(plain) > 25
    assert sum(1 for one in plain if one[-1] == "a1") == 15
    assert said(make(REPORT), f"some.{form}") == plain


def test_a_table_states_the_same_as_a_sheet() -> None:
    rows = [[Cell(CAPTION, 8)], *TABLE]
    plain = said(made.text([CAPTION, TABLE]), "some.txt")
    assert len(plain) == 15
    assert said(made.xlsx("主要目标", rows), "some.xlsx") == plain


def test_a_report_on_paper_is_its_text_without_what_the_pages_repeat() -> None:
    long = [*REPORT[:-2], *["全区各项事业稳步发展，人民生活持续改善，城乡面貌焕然一新。" * 5] * 12, *REPORT[-2:]]
    text = rendered(made.pdf(long, head="某某区人民代表大会会议文件"))
    assert "会议文件" not in text
    assert "- 1 -" not in text
    for block in long[1:-1]:
        assert f"\n{block}\n" in text
    assert "经济\t地区生产总值\t亿元\t2933.4\t3.5\t-\t6左右\t区发改委\n" in text


def test_columns_without_ruling_lines_are_rows() -> None:
    rows = [
        ["指标", "2022年完成", "2023年目标"],
        ["粮食产量(万吨)", "12.3", "12.5以上"],
        ["新增就业(人)", "31000", "30000"],
    ]
    text = rendered(made.pdf([CAPTION, rows], ruled=False))
    assert "指标\t2022年完成\t2023年目标\n粮食产量(万吨)\t12.3\t12.5以上\n新增就业(人)\t31000\t30000\n" in text


def test_a_table_over_two_pages_is_one() -> None:
    rows = [["指标", "单位", "2023年目标"], *([f"指标{at}", "亿元", str(at)] for at in range(40))]
    text = rendered(made.pdf([CAPTION, rows]))
    assert "\n".join(f"指标{at}\t亿元\t{at}" for at in range(40)) in text


def hexed(words: str) -> str:
    return words.encode("utf-16-be").hex()


def test_a_page_that_lies_on_its_side_is_read_upright() -> None:
    words = "BT /F 12 Tf 0 1 -1 0 {} {} Tm <{}> Tj ET"
    drawn = [
        (100, 100, "指标名称一"),
        (100, 300, "指标名称二"),
        (130, 100, "地区生产总值增长"),
        (130, 300, "百分之五左右"),
    ]
    text = rendered(made.pdf_file(["\n".join(words.format(x, y, hexed(w)) for x, y, w in drawn)]))
    assert text == "指标名称一 指标名称二\n地区生产总值增长 百分之五左右\n"


def test_words_across_the_page_are_no_part_of_it() -> None:
    mark = f"BT /F 40 Tf 0.7071 0.7071 -0.7071 0.7071 100 200 Tm <{hexed('内部资料请勿外传')}> Tj ET"
    line = f"BT /F 12 Tf 72 400 Td <{hexed('全区地区生产总值增长百分之五' * 2)}> Tj ET"
    assert rendered(made.pdf_file([f"{mark}\n{line}"])) == "全区地区生产总值增长百分之五" * 2 + "\n"


def numbered(words: str, level: int = 0) -> str:
    return made.paragraph(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>')


LEVELS = (
    '<w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/>'
    '<w:lvlText w:val="%1、"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
    '<w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num>'
)


def test_automatic_numbers_of_a_word_file_are_words() -> None:
    body = numbered("回顾") + numbered("稳增长", 1) + numbered("惠民生", 1) + numbered("目标") + numbered("农业", 1)
    assert rendered(made.word(body, numbering=LEVELS)) == "一、回顾\n（一）稳增长\n（二）惠民生\n二、目标\n（一）农业\n"


def test_of_a_word_file_what_a_reader_sees_is_read() -> None:
    body = (
        "<w:p><w:r><w:t>增长</w:t></w:r><w:del><w:r><w:delText>5%</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>6%</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>7%</w:t></w:r>"
        '<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t>8</w:t><w:br/><w:t>下一行</w:t></w:r></w:p>'
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    assert rendered(made.word(body)) == "增长6%≥8\n下一行\n控件\n"


def test_a_table_that_only_arranges_a_word_page_is_no_table() -> None:
    cell = f"<w:tbl><w:tr><w:tc>{made.paragraph('第一段')}{made.paragraph('第二段')}</w:tc></w:tr></w:tbl>"
    assert rendered(made.word(cell)) == "第一段\n第二段\n"


@pytest.mark.parametrize(
    ("stated", "code", "seen"),
    [
        ("0.085", "0.0%", "8.5%"),
        ("8.5000000000000006E-2", "0.0%", "8.5%"),
        ("353.73000000000013", "General", "353.73"),
        ("353.73", "0.0", "353.7"),
        ("353.75", "0.0", "353.8"),
        ("12345.6", "#,##0.00", "12,345.60"),
        ("12345678", "#,##0,", "12,346"),
        ("-1.1", "0.0;(0.0)", "(1.1)"),
        ("-1.1", "0.0_ ;[Red]-0.0\\ ", "-1.1 "),
        ("0", '0.0;-0.0;"-"', "-"),
        ("6", '"增长"0"%左右"', "增长6%左右"),
        ("2023", '0"年"', "2023年"),
        ("45321", 'yyyy"年"m"月"d"日"', "2024年1月30日"),
        ("45321.5", "yyyy-mm-dd hh:mm", "2024-01-30 12:00"),
        ("1E+20", "General", "1" + "0" * 20),
        ("1E+999999", "0.0", "1E+999999"),
        ("NaN", "0.0", "NaN"),
        ("9" * 3_000_000, "0.0", "9" * 3_000_000),
        ("5", "[>100]0.0;0", "5"),
    ],
)
def test_a_number_of_a_sheet_is_what_a_reader_sees(stated: str, code: str, seen: str) -> None:
    assert shown.Format(code).show(stated) == seen


def test_each_sheet_stands_under_its_name_and_hidden_ones_are_not_read() -> None:
    row = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" s="1"><v>0.085</v></c></row></sheetData>'
    strings = "<si><r><t>增</t></r><r><t>长</t></r><rPh><t>zeng</t></rPh></si>"
    data = made.workbook({"主要目标": row, "Sheet2": row}, ["0.0%"], strings)
    assert rendered(data) == "主要目标\n\n增长\t8.5%\n\n增长\t8.5%\n"


def test_rows_and_columns_that_are_hidden_are_not_read() -> None:
    cells = "".join(
        f'<row r="{at}"{hidden}><c r="A{at}"><v>{at}</v></c><c r="B{at}"><v>9</v></c><c r="C{at}"><v>7</v></c></row>'
        for at, hidden in ((1, ""), (2, ' hidden="1"'), (3, ""))
    )
    columns = '<cols><col min="2" max="2" hidden="1"/></cols>'
    assert rendered(made.workbook({"甲": f"{columns}<sheetData>{cells}</sheetData>"})) == "甲\n\n1\t7\n\n3\t7\n"


DEEP = "<w:tbl><w:tr><w:tc>" * 1000 + made.paragraph("x") + "</w:tc></w:tr></w:tbl>" * 1000
SHALLOW = "<w:tbl><w:tr><w:tc>" * 60 + made.paragraph("x") + "</w:tc></w:tr></w:tbl>" * 60
LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w:document xmlns:w="x"><w:body>&b;</w:body></w:document>'
OUTSIDE = (
    '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document xmlns:w="x"><w:body>&a;</w:body></w:document>'
)


def parts(**changed: str | bytes) -> bytes:
    """A Word file with its document replaced."""
    whole: dict[str, str | bytes] = {"_rels/.rels": made.relations(officeDocument="word/document.xml")}
    return made.archive(whole | {"word/document.xml": changed.get("document", b"")})


def wide(rows: int) -> bytes:
    lines = "".join(f'<row r="{at}"><c><v>1</v></c></row>' for at in range(1, rows + 1))
    return made.workbook({"大": f"<sheetData>{lines}</sheetData>"})


HOSTILE: dict[str, tuple[bytes, str]] = {
    "deep.docx": (made.word(DEEP), "nested too deep"),
    "frames.docx": (made.word(SHALLOW), "nested"),
    "laughs.docx": (parts(document=LAUGHS), "document type or entities"),
    "laughs16.docx": (parts(document=LAUGHS.encode("utf-16")), "document type or entities"),
    "outside.docx": (parts(document=OUTSIDE), "document type or entities"),
    "bomb.docx": (parts(document=b" " * (package.UNPACKED + 1)), "unpacks to more than"),
    "broken.docx": (made.docx(REPORT)[:-400], "a ZIP archive that is damaged"),
    "tags.docx": (made.word("<w:p/>" * package.TAGS), "more than 5,000,000 tags"),
    "no-xml.docx": (parts(document=b"<w:document"), "a damaged Office file"),
    "plain.docx": (made.archive({"readme.txt": "x"}), "neither a Word file nor a workbook"),
    "files.docx": (made.archive({str(at): "" for at in range(package.PARTS + 1)}), "at most 10,000"),
    "wide.docx": (
        made.word("<w:tbl><w:tr>" + "<w:tc><w:p/></w:tc>" * 300 + "</w:tr></w:tbl>"),
        "more than 200 columns",
    ),
    "rows.xlsx": (wide(sheet.ROWS + 1), "more than 50,000 rows"),
    "million.xlsx": (wide(1_000_000), "more than 50,000 rows"),
    "endless.xlsx": (
        made.workbook({"大": f"<sheetData><row>{'<c><v>1</v></c>' * 20_000}</row></sheetData>"}),
        "more than 16,384 cells",
    ),
    "merge.xlsx": (
        made.workbook(
            {
                "大": '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576">'
                '<v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
            }
        ),
        "more than 200,000 cells",
    ),
    "sheets.xlsx": (made.workbook({str(at): "" for at in range(sheet.SHEETS + 1)}), "at most 200"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "of the old kind"),
    "locked.docx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "encrypted with a password",
    ),
    "scan.pdf": (made.pdf_file(["0 0 100 100 re f"]), "no text layer"),
    "pages.pdf": (made.pdf_file([""] * 1001), "at most 1,000"),
    "cut.pdf": (b"%PDF-1.7\nnothing", "a PDF file that is damaged"),
    "lines.pdf": (
        made.pdf_file(["\n".join(f"{at % 90 * 6} {at // 90 * 6} 4 4 re S" for at in range(9_000))]),
        "",
    ),
    "grid.pdf": (
        made.pdf_file(
            [
                "\n".join(
                    [f"0 {at} m 900 {at} l S" for at in range(0, 2400, 3)]
                    + [f"{at} 0 m {at} 2400 l S" for at in range(0, 900, 3)]
                )
            ]
        ),
        "more than 200,000 cells",
    ),
    "empty.xlsx": (made.workbook({"空": ""}), "no text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_attachment_is_refused_with_one_line(name: str) -> None:
    data, reason = HOSTILE[name]
    begun = time.perf_counter()
    assert reason in refusal(data, name)
    assert time.perf_counter() - begun < 20


def test_a_reader_that_takes_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment, "SECONDS", 0.01)
    assert "took more than" in refusal(made.docx(REPORT), "slow.docx")


def test_a_file_that_is_too_large_is_not_opened() -> None:
    assert "at most 20,000,000" in refusal(b"%PDF-1.7" + b" " * document.LARGEST, "large.pdf")


@pytest.mark.parametrize("make", [made.docx, made.pdf, lambda blocks: made.xlsx("表", TABLE)])
def test_a_damaged_attachment_is_read_or_refused(make: Callable[[made.Blocks], bytes]) -> None:
    whole = make(REPORT)
    chance = random.Random(7)  # noqa: S311  the same damage in each run
    for _ in range(6):
        data = bytearray(whole)
        for _ in range(20):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        try:
            document.read(bytes(data), "damaged.bin")
        except Refused as fault:
            assert "\n" not in str(fault)  # noqa: PT017  the line is what is looked at


def test_places_without_a_line_between_them_are_one_cell() -> None:
    across = [ruling.Line(0, 0, 90), ruling.Line(30, 30, 90), ruling.Line(60, 0, 90)]
    down = [ruling.Line(0, 0, 60), ruling.Line(30, 0, 60), ruling.Line(60, 0, 30), ruling.Line(90, 0, 60)]
    (grid,) = ruling.grids(across, down, page.CELLS)
    assert [grid.cell(place) for place in range(6)] == [0, 1, 1, 0, 4, 5]


def test_the_libraries_are_imported_only_where_they_are_needed() -> None:
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    asked = "import sys, loaders.document; print([m for m in ('pypdfium2', 'lxml', 'zipfile') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert "pypdfium2" not in done.stdout
    assert "lxml" not in done.stdout
