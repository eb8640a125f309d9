"""Tables of indicators, found in the text and put back into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from loaders import caption, grid, header, record
from loaders.caption import Caption
from loaders.grid import Piece
from loaders.header import Column
from loaders.likeness import are_bodies, ends_like_a_name, fits, is_told, is_unit
from loaders.record import Lines, Record
from loaders.text import Text, joined

MOST_TABLES = 500  # headers that are followed in one document; what stands behind them is read as running text
_FAR = 5_000  # lines above a table in which the heading of its section is looked for
_CONTEXT = 40  # lines above a table in which the year is looked for
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、\S.{1,38}$")
_YEAR = re.compile(r"((?:19|20)\d\d)年?")
_HEADING_MARK = re.compile(r"第?[一二三四五六七八九十]{1,3}[、.章节]|\([一二三四五六七八九十]{1,3}\)")
_COUNT = re.compile(r"\(\d{1,3}[项个条]?\)$")
_UNLIKE = -3  # points of a cell that is hardly a value
_MONTH = re.compile(r"(0?[1-9]|1[0-2])月[末底]")  # the time of what a row counts: 6月末存栏
_NUMBERED = re.compile(r"\(?(\d{1,3})[.、)](?!\d)\s*")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A value cell and what its column says of it."""

    text: Text  # the whole cell, lines joined
    year: int
    role: str  # target or actual
    status: str | None  # of an actual
    hint: str | None = None  # what a sub-header says: 绝对值, 增长%
    period: str | None = None  # the SDMX time period where it is not the whole year: 2022-S1, 2022-01/2022-09


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator of a table: a row, or a sub-row of one."""

    number: str  # as printed: 36
    part: int  # 0 for a row of its own, 1… for its sub-rows
    name: Text
    parent: Text | None  # the heading above sub-rows
    category: str | None
    unit: str | None  # the unit column; units in the name's brackets are not taken out here
    cells: tuple[Cell, ...]
    responsible: tuple[str, ...]
    designation: str | None
    scope: str | None = None  # from a footnote of the table
    item: str | None = None  # the printed item that this row is an indicator of
    tasks: Text | None = None  # running text in a cell of the row, on its first sub-row


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: its id (t1 for 表1, a2 for 附表2), title, rows, and [start, end) in the characters of the body."""

    id: str
    title: str
    section: str | None
    rows: tuple[Row, ...]
    start: int
    end: int


def find(body: Text, report_year: int) -> list[Table]:
    """All tables of indicators in a body, in order. ``report_year`` settles years that stand without a role."""
    lines = Lines(body.chars)
    tables: list[Table] = []
    at = behind = headers = 0
    while at < len(lines.whole) and headers < MOST_TABLES:
        if not _opens(lines, at):
            at += 1
            continue
        set_apart = grid.ruled(body.chars, lines.whole[at])
        read = record.ruled(lines, at) if set_apart else record.printed(lines, at)
        if isinstance(read, int):
            at = read
            continue
        headers += 1
        columns, records, end = read
        above = Caption.above(body.chars, lines.whole, at, behind)
        dated = _dated(columns, above, lines.whole, report_year)
        if dated is not None:
            notes, last = caption.notes(lines.whole, end)
            dated = _alike(dated, records)
            rows = _rows(body, dated, records, above.units, notes)
            if sum(1 for row in rows if row.cells) >= 2:
                tables.append(_table(above, rows, lines.whole, last))
                end = behind = last
        at = max(end, at + 1)
    return _named(tables)


def _opens(lines: Lines, at: int) -> bool:
    """Whether a line can begin a header. Cheap: it is asked of every line."""
    line = lines.whole[at]
    words = line.words.lstrip(grid.BARS + "*")
    if not words or (words[0] not in header.openers() and "指标" not in words[: header.LONGEST]):
        return False
    if any(bar in line.words for bar in grid.BARS) or "\t" in lines.chars[line.start : line.end]:
        return True
    if len(words) <= header.LONGEST and (header.meaning(words) is not None or words in header.beginnings()):
        return True
    return len(grid.spaced(lines.chars, line)) > 1


def _table(above: Caption, rows: Sequence[Row], lines: Sequence[Piece], last: int) -> Table:
    section = None
    if not above.id.startswith("a"):
        before = range(above.start - 1, max(above.start - _FAR, 0) - 1, -1)
        section = next((lines[at].words for at in before if _SECTION.match(lines[at].words)), None)
    start, end = lines[above.start].start, lines[last - 1].end
    return Table(id=above.id, title=above.title, section=section, rows=tuple(rows), start=start, end=end)


def _named(tables: Sequence[Table]) -> list[Table]:
    """Tables with ids of their own: the printed one, or the next free for a table without or with a taken one."""
    printed = {table.id for table in tables}
    taken: set[str] = set()
    named: list[Table] = []
    for table in tables:
        name = table.id
        if not name or name in taken:
            name = next(f"t{n}" for n in range(1, len(tables) + 2 + len(printed)) if f"t{n}" not in printed | taken)
        taken.add(name)
        named.append(msgspec.structs.replace(table, id=name))
    return named


def _dated(columns: Sequence[Column], above: Caption, lines: Sequence[Piece], report_year: int) -> list[Column] | None:
    """Columns of values with year and role; None where a year can't be told."""
    titled = years = [int(year) for year in _YEAR.findall(above.title)]
    if not years:
        context = reversed(lines[max(above.start - _CONTEXT, 0) : above.start])
        years = next(([int(year) for year in found] for line in context if (found := _YEAR.findall(line.words))), [])
    latest = max((column.year for column in columns if column.year is not None), default=None)
    dated: list[Column] = []
    for column in columns:
        if column.kind != "value":
            dated.append(column)
            continue
        year, role, status = column.year, column.role, column.status
        if year is None and column.relative is not None and years:
            year = years[-1] + column.relative
        if year is None and role is None:
            # 年均增速, 累计 in a table over several years; 产量, 增长% in one whose title alone says the year
            year = latest if latest is not None or len(titled) != 1 else titled[0]
        if year is None and latest is not None:
            # 完成情况 beside 2023年目标 is of that year; any other column without one can't be told.
            left = dated[-1] if dated and dated[-1].kind == "value" else None
            year = left.year if left is not None and role == "actual" and left.role == "target" else None
            if year is None:
                dated.append(Column(kind="skip"))
                continue
        if year is None and role == "target":
            year = years[-1] if years else None
        if year is None and role == "actual":
            year = min(years[0], report_year) if years else report_year
        if year is None:
            return None
        if column.part is not None and year > report_year:
            dated.append(Column(kind="skip"))  # what a part of a year to come shall reach is neither
            continue
        role = role or ("actual" if year <= report_year else "target")
        status = None if role == "target" else status or "final"
        dated.append(msgspec.structs.replace(column, year=year, role=role, status=status))
    return dated


def _alike(columns: Sequence[Column], records: Sequence[Record]) -> list[Column]:
    """Columns of values of which most cells look like values; the others are passed over."""
    kept: list[Column] = []
    for index, column in enumerate(columns):
        cells = ["".join(piece.words for piece in one.cells[index]) for one in records if index in one.cells]
        alike = sum(1 for cell in cells if fits("value", cell) >= 0) * 2 >= len(cells)
        kept.append(column if column.kind != "value" or alike else Column(kind="skip"))
    return kept


def _rows(
    body: Text,
    columns: Sequence[Column],
    records: Sequence[Record],
    units: Sequence[str],
    notes: Sequence[str],
) -> list[Row]:
    """Rows of records, the sub-rows of one numbered from 1."""
    columns = _told_apart(columns, records)
    kinds = [column.kind for column in columns]
    groups: dict[int, list[Record]] = {}
    for one in records:
        groups.setdefault(one.group, []).append(one)
    rows: list[Row] = []
    before: Row | None = None
    for group in groups.values():
        head = _row(body, columns, group[0], units, notes)
        parts = len(group) > 1 and (bool(group[0].parent) or "item" in kinds)
        whole: Text | None = None  # of the parts that follow 其中
        for place, one in enumerate(group):
            row = head if place == 0 else _row(body, columns, one, units, notes)
            parent = _joined(body, one.parent) if one.parent else None
            name = row.name
            if mark := record.part_mark(name.chars):
                name = name[len(mark) :].strip()
                if not ends_like_a_name("".join(name.chars.split())):  # 其中:第一产业 says nothing without its whole
                    parent = parent or (head.name if place else before.name if before is not None else None)
                    whole = parent
            elif whole is not None and parent is None and not ends_like_a_name("".join(name.chars.split())):
                parent = whole  # 其中:城镇, and 农村 below it
            row = msgspec.structs.replace(
                row,
                part=place + parts if len(group) > 1 else 0,
                name=name,
                parent=parent,
                item=row.item or head.item,
                responsible=row.responsible or head.responsible,
                designation=row.designation or head.designation,
            )
            if not mark:
                before = row
            rows.append(row)
    return rows if "number" in kinds else _numbered(rows)


def _numbered(rows: list[Row]) -> list[Row]:
    """Rows whose names bring their numbers: one without is a part of the row above it."""
    if sum(1 for row in rows if row.number) < len(rows) / 2:
        return rows
    number, part = "", 0
    for place, row in enumerate(rows):
        number, part = (row.number, 0) if row.number else (number, part + 1)
        rows[place] = msgspec.structs.replace(row, number=number, part=row.part or part)
    return rows


def _told_apart(columns: Sequence[Column], records: Sequence[Record]) -> list[Column]:
    """Columns of levels and growths, as they say (增长), lose the hint where the growths say it themselves: 8%以上."""
    return [
        msgspec.structs.replace(column, hint=None)
        if column.role
        and re.fullmatch(r"(?:增长|增速|增幅|同比|[()])+", column.hint or "")
        and any("%" in piece.words for one in records for piece in one.cells.get(index, []))
        else column
        for index, column in enumerate(columns)
    ]


def _filled(columns: Sequence[Column], one: Record) -> int:
    return sum(1 for index, column in enumerate(columns) if column.kind == "value" and index in one.cells)


def _row(body: Text, columns: Sequence[Column], one: Record, units: Sequence[str], notes: Sequence[str]) -> Row:
    by_kind = {
        column.kind: one.cells[i] for i, column in enumerate(columns) if i in one.cells and column.kind != "value"
    }
    values = [i for i, column in enumerate(columns) if column.kind == "value"]
    units_apart = any(column.kind == "unit" for column in columns)
    united = not units_apart or any(is_unit(piece.words) for piece in by_kind.get("unit", []))
    told: list[Piece] = by_kind.get("tasks", [])
    bodies = [piece for i, column in enumerate(columns) if column.kind == "bodies" for piece in one.cells.get(i, [])]
    empty = header.words().cell.empty
    name = _joined(body, by_kind["name"])
    month = _MONTH.match(name.chars)
    cells: list[Cell] = []
    sure = one.exact or _filled(columns, one) == len(values)
    for i in values if sure else ():
        column = columns[i]
        if i not in one.cells or column.year is None or column.role is None:
            continue
        words = "".join(piece.words for piece in one.cells[i])
        if not united and is_told(words):
            told = told or one.cells[i]  # 新建公路8公里,培训500人次: running text, no value of the row
            continue
        if not one.exact and fits("value", words) <= _UNLIKE:
            cells = []  # a cell that is no value: the others may be shifted too
            break
        if words not in empty:
            text = _joined(body, one.cells[i])
            part = column.part or (f"{int(month[1]):02}" if month else None)
            period = None if part is None else "/".join(f"{column.year}-{end}" for end in part.split("/"))
            cells.append(
                Cell(
                    text=text,
                    year=column.year,
                    role=column.role,
                    status=column.status,
                    hint=column.hint,
                    period=period,
                )
            )
    number = one.number
    if not number and (printed := _NUMBERED.match(name.chars)):
        number, name = printed[1], name[printed.end() :].strip()
    designation = "".join(piece.words for piece in by_kind.get("designation", []))
    unit = "".join(piece.words for piece in by_kind.get("unit", []))
    captioned = "unit" not in [column.kind for column in columns] and len(units) == 1
    return Row(
        number=number,
        part=0,
        name=name,
        parent=None,
        item="".join(piece.words for piece in by_kind.get("item", [])) or None,
        category=_category(one.category),
        unit=units[0] if captioned else unit if unit and unit not in empty else None,
        cells=tuple(cells),
        responsible=tuple(_bodies(body, bodies)),
        designation=designation if designation and designation not in empty else None,
        scope=caption.scope("".join(name.chars.split()), notes),
        tasks=_running(body, told) if told else None,
    )


def _joined(body: Text, pieces: Sequence[Piece]) -> Text:
    """The pieces of a cell as one text."""
    return joined(body[piece.start : piece.end].strip() for piece in pieces)


def _running(body: Text, pieces: Sequence[Piece]) -> Text:
    """The lines of a cell as running text, with the line breaks between them."""
    runs: list[tuple[int, int]] = []
    for piece in pieces:
        if runs and body.chars[runs[-1][1] : piece.start].isspace():
            runs[-1] = (runs[-1][0], piece.end)
        else:
            runs.append((piece.start, piece.end))
    return joined(body[start : end + 1] for start, end in runs).strip()


def _category(words: str | None) -> str | None:
    """A printed heading without its numeral and without the count of its rows: 一、经济发展(9项) → 经济发展."""
    return (
        None
        if words is None
        else _COUNT.sub("", re.sub(_HEADING_MARK, "", words, count=1) if _HEADING_MARK.match(words) else words) or None
    )


def _bodies(body: Text, pieces: Sequence[Piece]) -> list[str]:
    """The bodies of a cell, in order; a body broken over lines is one."""
    found: list[str] = []
    whole = True
    for piece in pieces:
        words = body.chars[piece.start : piece.end]
        parts = re.findall(r"([、,，;；/\s]*)([^、,，;；/\s]+)", words)
        for place, (mark, part) in enumerate(parts):
            broken = not mark.strip() and found and (place > 0 or not whole)  # by the end of a line
            branch = part.endswith("分局") and len(part) < 6 and found and found[-1].endswith("局")
            if broken and (branch or not are_bodies(found[-1])):
                found[-1] += part
            else:
                found.append(part)
        whole = words.rstrip().endswith(("、", ",", "，", ";", "；"))
    return [one for one in dict.fromkeys(found) if one not in header.words().cell.empty]
