"""Small attachments for tests, put together by hand: a document as blocks becomes text, HTML, .docx, .xlsx and .pdf."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple


class Cell(NamedTuple):
    """A cell of a table: its words, and how many columns and rows it covers."""

    words: str
    across: int = 1
    down: int = 1


Rows = Sequence[Sequence[Cell | str]]
Blocks = Sequence[str | Rows]


def placed(rows: Rows) -> list[tuple[int, int, Cell]]:
    """Each cell of a table with its row and column."""
    taken: set[tuple[int, int]] = set()
    found: list[tuple[int, int, Cell]] = []
    for row, cells in enumerate(rows):
        column = 0
        for one in cells:
            cell = one if isinstance(one, Cell) else Cell(one)
            while (row, column) in taken:
                column += 1
            found.append((row, column, cell))
            taken |= {(row + down, column + across) for down in range(cell.down) for across in range(cell.across)}
    return found


def width(rows: Rows) -> int:
    return max(column + cell.across for _, column, cell in placed(rows))


def text(blocks: Blocks) -> bytes:
    """The document as a text file: a row on a line, tabs between the cells, merged cells repeated."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append(block)
            continue
        grid = [[""] * width(block) for _ in block]
        for row, column, cell in placed(block):
            for down in range(cell.down):
                for across in range(cell.across):
                    grid[row + down][column + across] = cell.words
        lines += ["", *("\t".join(row) for row in grid), ""]
    return "\n".join(lines).encode()


def html(blocks: Blocks) -> bytes:
    parts = ["<!DOCTYPE html><html><body>"]
    for block in blocks:
        if isinstance(block, str):
            parts.append(f"<p>{escape(block)}</p>")
            continue
        parts.append("<table>")
        for number in range(len(block)):
            cells = (cell for row, _, cell in placed(block) if row == number)
            tds = (f"<td colspan={cell.across} rowspan={cell.down}>{escape(cell.words)}</td>" for cell in cells)
            parts.append(f"<tr>{''.join(tds)}</tr>")
        parts.append("</table>")
    return "".join([*parts, "</body></html>"]).encode()


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive of these files."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return whole.getvalue()


_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relations(**parts: str) -> str:
    """A part's relations: kind of the other part, and where it is; the id is the kind, or what stands behind two bars."""
    items = "".join(
        f'<Relationship Id="{kind}" Type="{_TYPE}/{kind.split("__")[0]}" Target="{target}"/>'
        for kind, target in parts.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{items}</Relationships>'
    )


def word(body: str, **more: str) -> bytes:
    """A Word file around the elements of its body; ``more`` are other parts by their kind."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/_rels/document.xml.rels": relations(**{kind: f"{kind}.xml" for kind in more}),
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
        **{f"word/{kind}.xml": f"<w:{kind} {space}>{inside}</w:{kind}>" for kind, inside in more.items()},
    }
    return archive(parts)


def paragraph(words: str, properties: str = "") -> str:
    """A paragraph in several runs, as Word writes it."""
    runs = "".join(
        f'<w:r><w:t xml:space="preserve">{escape(words[at : at + 7])}</w:t></w:r>' for at in range(0, len(words), 7)
    )
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def docx(blocks: Blocks) -> bytes:
    return word("".join(paragraph(block) if isinstance(block, str) else _word_table(block) for block in blocks))


def _word_table(rows: Rows) -> str:
    grid: dict[tuple[int, int], tuple[Cell, bool]] = {}
    for row, column, cell in placed(rows):
        for down in range(cell.down):
            grid[row + down, column] = (cell, down == 0)
    lines = []
    for number in range(len(rows)):
        cells = []
        for (row, _), (cell, first) in sorted(grid.items(), key=lambda pair: pair[0]):
            if row != number:
                continue
            merge = "" if cell.down == 1 else '<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>"
            span = f'<w:gridSpan w:val="{cell.across}"/>'
            cells.append(f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{paragraph(cell.words if first else '')}</w:tc>")
        lines.append(f"<w:tr>{''.join(cells)}</w:tr>")
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    return (letters(column // 26 - 1) if column > 25 else "") + chr(65 + column % 26)


def workbook(sheets: Mapping[str, str], formats: Sequence[str] = (), strings: str = "") -> bytes:
    """A workbook: each sheet's rows as they stand in the file, formats that cells name as style 1, 2 …"""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    names = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="worksheet__{at}"/>' for at, name in enumerate(sheets, 1)
    )
    codes = "".join(f'<numFmt numFmtId="{200 + at}" formatCode="{escape(code)}"/>' for at, code in enumerate(formats))
    styles = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{200 + at}"/>' for at in range(len(formats)))
    places = {f"worksheet__{at}": f"worksheets/sheet{at}.xml" for at in range(1, len(sheets) + 1)}
    parts = {
        "_rels/.rels": relations(officeDocument="xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relations(styles="styles.xml", sharedStrings="sharedStrings.xml", **places),
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{_TYPE}"><sheets>{names}</sheets></workbook>',
        "xl/styles.xml": f"<styleSheet {space}><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f"<sst {space}>{strings}</sst>",
        **{
            f"xl/worksheets/sheet{at}.xml": f"<worksheet {space}>{inside}</worksheet>"
            for at, inside in enumerate(sheets.values(), 1)
        },
    }
    return archive(parts)


def xlsx(name: str, rows: Rows) -> bytes:
    """A workbook of one sheet; what looks like a number is one."""
    lines: dict[int, list[str]] = {}
    merges: list[str] = []
    for row, column, cell in placed(rows):
        place = f"{letters(column)}{row + 1}"
        number = cell.words.replace(".", "", 1).lstrip("-").isdecimal()
        lines.setdefault(row, []).append(
            f'<c r="{place}"><v>{cell.words}</v></c>'
            if number
            else f'<c r="{place}" t="inlineStr"><is><t>{escape(cell.words)}</t></is></c>'
        )
        if cell.across * cell.down > 1:
            merges.append(f'<mergeCell ref="{place}:{letters(column + cell.across - 1)}{row + cell.down}"/>')
    data = "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in lines.items())
    return workbook({name: f"<sheetData>{data}</sheetData><mergeCells>{''.join(merges)}</mergeCells>"})


SIZE, LEFT, RIGHT, TOP, BOTTOM = 12, 72, 528, 770, 72  # points, on A4


def pdf(blocks: Blocks, head: str = "", numbered: bool = True, ruled: bool = True) -> bytes:
    """A printed document: full lines, paragraphs set in by two characters, tables with ruling lines, page numbers."""
    pages: list[list[str]] = []
    at = 0.0

    def turn() -> None:
        nonlocal at
        pages.append([])
        at = TOP
        if head:
            pages[-1].append(_shown(head, LEFT, 800))
        if numbered:
            pages[-1].append(_shown(f"- {len(pages)} -", 290, 40))

    turn()
    for number, block in enumerate(blocks):
        if isinstance(block, str):
            titled = number == 0
            rest = block
            while rest:
                start = LEFT if titled or rest != block else LEFT + 2 * SIZE
                fits = int((RIGHT - start) / SIZE)
                if at < BOTTOM:
                    turn()
                centred = LEFT + (RIGHT - LEFT - SIZE * len(rest)) / 2 if titled and len(rest) <= fits else start
                pages[-1].append(_shown(rest[:fits], centred, at))
                rest = rest[fits:]
                at -= 20
            continue
        step = (RIGHT - LEFT) / width(block)
        height = 40
        first = 0
        while first < len(block):
            room = max(int((at - BOTTOM) // height), 0)
            if room == 0:
                turn()
                continue
            last = min(len(block), first + room)
            for row, column, cell in placed(block):
                top, bottom = max(row, first), min(row + cell.down, last)
                if top >= bottom:
                    continue
                x, y = LEFT + column * step, at - (bottom - first) * height
                if ruled:
                    pages[-1].append(f"{x:.2f} {y:.2f} {step * cell.across:.2f} {(bottom - top) * height} re S")
                fits = max(int((step * cell.across - 6) / SIZE), 1) if ruled else len(cell.words)
                pieces = [cell.words[begin : begin + fits] for begin in range(0, len(cell.words), fits)]
                if row >= first:
                    for order, piece in enumerate(pieces):
                        pages[-1].append(_shown(piece, x + 3, at - (row - first) * height - 14 - order * 13))
            at -= (last - first) * height + 20
            first = last
    return pdf_file(["\n".join(page) for page in pages])


def _shown(words: str, x: float, y: float) -> str:
    return f"BT /F {SIZE} Tf {x:.2f} {y:.2f} Td <{words.encode('utf-16-be').hex()}> Tj ET"


def pdf_file(pages: Sequence[str], box: str = "0 0 595 842", rotate: int = 0) -> bytes:
    """A PDF file of these pages' drawing instructions."""
    font = (
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font/Subtype"
        "/CIDFontType0/BaseFont/STSong-Light/DW 1000/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
        "/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0"
        "/Ascent 880/Descent -120/CapHeight 880/StemV 80>>>>]>>"
    )
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        font.encode(),
    ]
    for at, page in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Rotate {rotate}/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {5 + 2 * at} 0 R>>".encode()
        )
        packed = zlib.compress(page.encode())
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed))
    whole = b"%PDF-1.7\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return whole + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(whole))
    )
