"""The lines behind a header become records: which pieces of text stand in which column of which row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from loaders import grid, header, levels
from loaders.alignment import Aligner, Cell
from loaders.grid import Piece
from loaders.header import Column
from loaders.likeness import ends_like_a_name, fits, has_words, is_numeral, is_unit

MOST_HEADER_ROWS = 3
MOST_ROWS = 20_000


class Record(msgspec.Struct, kw_only=True):
    """A row or sub-row: ``group`` is the same for the sub-rows of one row; ``cells`` go by number of column."""

    number: str
    group: int
    category: str | None
    parent: list[Piece]
    cells: dict[int, list[Piece]]
    exact: bool = False  # each cell is known to stand in its column, so one that is missing moves no other


class Lines:
    """The lines of a body, and the same lines cut where two spaces or more stand; cut once, when first asked for."""

    def __init__(self, chars: str) -> None:
        self.chars = chars
        self.whole = grid.lines(chars)
        self._cut: list[Piece] | None = None
        self._firsts: list[int] = []

    @property
    def cut(self) -> list[Piece]:
        if self._cut is None:
            self._cut = []
            for line in self.whole:
                self._firsts.append(len(self._cut))
                self._cut += grid.spaced(self.chars, line)
        return self._cut

    def first(self, line: int) -> int:
        """The place of a line's first cell among the cells of all lines."""
        return self._firsts[line] if self.cut else 0

    def line(self, cell: int) -> int:
        """The line behind those that the cells before ``cell`` stand in."""
        last = self.cut[cell - 1].line
        low, high = 0, len(self.whole)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.whole[middle].line <= last else (low, middle)
        return low


def printed(lines: Lines, at: int) -> tuple[list[Column], list[Record], int] | int:
    """Columns and records of a table printed cell by cell from a line on, and the line behind it.

    A number where there is no table: the line to go on at.
    """
    spaced = len(grid.spaced(lines.chars, lines.whole[at])) > 1
    pieces, first = (lines.cut, lines.first(at)) if spaced else (lines.whole, at)
    opener = header.meaning(pieces[first].words)
    if opener is not None and opener.kind == "value":
        return at + 1  # a title: no table begins with its values
    read = levels.columns(pieces, first)
    if read is None:
        return at + 1 if spaced else levels.run_end(pieces, first)
    columns, behind = read
    found = Aligner(columns, pieces, pieces[first:behind]).read(behind)
    end, records = _records(columns, pieces, behind, found)
    _share(columns, records)
    return columns, records, lines.line(end) if spaced else end


def _records(
    columns: Sequence[Column], pieces: Sequence[Piece], behind: int, found: Sequence[Cell]
) -> tuple[int, list[Record]]:
    records: list[Record] = []
    name = max(i for i, column in enumerate(columns) if column.kind == "name")
    numbered = any(column.kind == "number" for column in columns)
    number, category, group, end = "", None, 0, behind
    parent: list[Piece] = []
    pending: dict[int, list[Piece]] = {}  # what stands in front of a name
    for cell in found:
        kind, column, end = cell.kind, cell.column, cell.end
        words = list(pieces[cell.first : end])
        if numbered and kind != "category" and (kind == "number" or str(cell.number) != number):
            number, parent, pending, group = str(cell.number), [], {}, group + 1
        if kind == "number":
            continue
        if kind == "parent":
            parent = words
        elif kind == "category":
            category = "".join(piece.words for piece in words if not is_numeral(piece.words))
        elif column == name:
            group += not numbered
            cells = {place: pieces for place, pieces in pending.items() if place < name} | {name: words}
            records.append(Record(number=number, group=group, category=category, parent=parent, cells=cells))
            pending = {}
        else:
            behind_name = column > name and records and records[-1].group == group
            (records[-1].cells if behind_name else pending).setdefault(column, []).extend(words)
    if any(column.kind == "skip" for column in columns):  # a note beside a row is no row
        records = [
            one for one in records if len(one.cells) > 1 or not one.parent or ends_like_a_name(_words(one.cells[name]))
        ]
    alone = {group for group, count in Counter(one.group for one in records).items() if count == 1}
    for one in records:  # what stands above a single row is the upper line of its name
        if one.group in alone and one.parent and not part_mark(one.cells[name][0].words):
            one.cells[name], one.parent = [*one.parent, *one.cells[name]], []
    return end, records


def _share(columns: Sequence[Column], records: Sequence[Record]) -> None:
    """Give a cell that is printed once for several rows to each of them.

    Only words are shared, with sub-rows and with rows of like names: a figure that is not printed would be a guess.
    """
    kinds = [column.kind for column in columns]
    values = [index for index, kind in enumerate(kinds) if kind == "value"]
    name = max(index for index, kind in enumerate(kinds) if kind == "name")
    for above, one in pairwise(records):
        present = [one.cells[index] for index in values if index in one.cells]
        words = [index for index in values if index in above.cells and _wording(above.cells[index])]
        missing = len(values) - len(present)
        whole = missing == len(values)
        if not missing or missing != len(words) or "item" in kinds or (whole and max(one.cells) > values[0]):
            continue
        akin = _words(above.cells[name])[-4:] == _words(one.cells[name])[-4:]
        if one.group != above.group and not (akin and _unit(columns, one) == _unit(columns, above)):
            continue
        rest = iter(present)
        one.cells |= {index: above.cells[index] if index in words else next(rest) for index in values}


def _words(pieces: Sequence[Piece]) -> str:
    return "".join(piece.words for piece in pieces)


def _wording(pieces: Sequence[Piece]) -> bool:
    words = _words(pieces)
    return has_words(words) and not any(char.isdigit() for char in words)


def _unit(columns: Sequence[Column], one: Record) -> str:
    return next(
        (_words(one.cells[i]) for i, column in enumerate(columns) if column.kind == "unit" and i in one.cells), ""
    )


def ruled(lines: Lines, at: int) -> tuple[list[Column], list[Record], int] | int:
    """The same of a table whose cells are set apart by tabs or bars, a row on each line or between two rules."""
    first = lines.whole[at]
    barred = any(bar in first.words for bar in grid.BARS)
    if barred and (grid_ := grid.drawn(lines.chars, lines.whole[at : at + MOST_ROWS], MOST_ROWS)) is not None:
        heads, rows = [grid_[0][0]], grid_[0][1:]
        columns = _columns([(cell.words,) for cell in heads[0]])
        return at + 1 if columns is None else (columns, _ruled_records(columns, rows), at + grid_[1])
    top: list[list[Piece]] = []
    for line in lines.whole[at : at + MOST_HEADER_ROWS + 1]:
        cells = grid.ruled(lines.chars, line)
        if cells is None:
            break
        top.append(cells)
    heads = _heads(top)
    width = min(len(heads[0]), header.MOST_COLUMNS)
    columns = _columns(_spread([[row[i].words if i < len(row) else "" for i in range(width)] for row in heads]))
    if columns is None:
        return at + 1
    printed_heads = {tuple(cell.words for cell in row) for row in heads}
    rows = []
    end = at + len(heads)
    while end < len(lines.whole) and len(rows) < MOST_ROWS:
        row = grid.ruled(lines.chars, lines.whole[end])
        if row is None and _heads_rows(lines, end):
            row = [lines.whole[end]]
        if row is None or len(row) > len(heads[0]):
            break
        if row and tuple(cell.words for cell in row) not in printed_heads:
            rows.append(row)
        end += 1
    columns = _halved(columns, heads, rows)
    return columns, _ruled_records(columns, rows), end


def _heads_rows(lines: Lines, at: int) -> bool:
    """Whether a line without cells is a heading within a table: a short one with rows right below it."""
    words = lines.whole[at].words
    below = grid.ruled(lines.chars, lines.whole[at + 1]) if at + 1 < len(lines.whole) else None
    return bool(below) and len(words) <= header.LONGEST and not re.search(r"[。;:,]|^(?:注|附|表)", words)


def _heads(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The rows of a header: below the first those in which each cell is a header's, or the one above again."""
    heads = [rows[0]]
    for row in rows[1:]:
        if any(
            cell.words
            and header.meaning(cell.words) is None
            and header.meaning(above.words + cell.words) is None
            and cell.words != above.words
            for cell, above in zip(row, heads[0], strict=False)
        ):
            break
        if row and len(heads) < MOST_HEADER_ROWS:
            heads.append(row)
    return heads


def _spread(heads: Sequence[list[str]]) -> list[tuple[str, ...]]:
    """The header cells of each column; one printed once stands over all columns that have a cell below it."""
    for above, below in reversed(list(pairwise(heads))):
        for index in range(1, len(above)):
            if not above[index] and below[index - 1] and below[index]:
                above[index] = above[index - 1]
    return list(zip(*heads, strict=True))


def _columns(parts: Sequence[Sequence[str]]) -> list[Column] | None:
    columns = [levels.stacked(list(dict.fromkeys(part for part in column if part))) for column in parts]
    kinds = [column.kind for column in columns]
    if "name" not in kinds and "tasks" in kinds and "unit" in kinds:  # 工作任务 with units are indicators
        columns[kinds.index("tasks")] = Column(kind="name")
    if not any(column.kind == "name" for column in columns):
        unnamed = next((i for i, part in enumerate(parts) if not part[0] or "指标" in part[0]), None)
        if unnamed is None or any(column.kind == "value" for column in columns[: unnamed + 1]):
            return None
        columns[unnamed] = Column(kind="name")
    names = [index for index, column in enumerate(columns) if column.kind == "name"]
    settled = levels.settle(columns, dealt=True)
    if settled is not None and len(names) > 1 and parts[names[-1]] == parts[names[-2]]:
        settled[names[-2]] = Column(kind="parent")  # one heading over two columns: a row and its sub-rows
    return settled


def _halved(columns: list[Column], heads: Sequence[Sequence[Piece]], rows: Sequence[Sequence[Piece]]) -> list[Column]:
    """Columns where the heading of the names stands over two: a row and its sub-rows in the one without a heading."""
    below = next((i for i, column in enumerate(columns) if column.kind == "name"), 0) + 1
    if below >= len(columns) or any(row[below].words for row in heads if below < len(row)):
        return columns
    cells = [row[below].words for row in rows if below < len(row) and row[below].words]
    if not cells or not all(has_words(words) and not is_unit(words) for words in cells):
        return columns
    return [*columns[: below - 1], Column(kind="parent"), Column(kind="name"), *columns[below + 1 :]]


def _ruled_records(columns: Sequence[Column], rows: Sequence[Sequence[Piece]]) -> list[Record]:
    kinds = {column.kind: index for index, column in enumerate(columns)}
    values = [index for index, column in enumerate(columns) if column.kind == "value"]
    records: list[Record] = []
    number, category, group, part = "", None, 0, False
    heading: list[Piece] = []  # of the sub-rows; printed once, in a cell merged over them
    for row in rows:
        filled = {cell.words for cell in row if cell.words}
        if not filled:
            continue
        if len(filled) == 1 or (len(filled) == 2 and is_numeral(row[0].words)):
            text = next(cell.words for cell in reversed(row) if cell.words)
            if fits("category", text) > -7 and not (ends_like_a_name(text) and fits("category", text) < 0):
                category = text
            continue
        cells = {index: list(cell.parts or (cell,)) for index, cell in enumerate(row[: len(columns)]) if cell.words}
        here = cells.get(kinds.get("number", -1))
        name, above = cells.get(kinds["name"], []), cells.get(kinds.get("parent", -1), [])
        if not name:
            name, above, heading = above, [], []
        elif above or here is not None:
            heading = above
        if not name or not has_words(name[0].words):
            continue
        if heading and heading[0].words == part_mark(heading[0].words):
            name, above = [*heading, *name], []
        cells[kinds["name"]] = name
        below = part or (heading != [] and not above) or part_mark(name[0].words) != ""  # and what follows 其中:
        part = here is None and number != "" and below
        if not part and (here is None or here[0].words.strip("().、") != number):
            group += 1
            number = here[0].words.strip("().、") if here is not None else ""
        if "category" in kinds and kinds["category"] in cells:
            category = cells[kinds["category"]][0].words
        parent = above or heading
        parent = parent if parent and parent[0].words != name[0].words else []
        unit = cells.get(kinds.get("unit", -1), [])
        if len(row) < len(columns) and (len(row) <= values[-1] or (unit and fits("unit", unit[0].words) < -1)):
            for index in values:
                cells.pop(index, None)  # a short row: nobody knows which cell is missing
        records.append(Record(number=number, group=group, category=category, parent=parent, cells=cells, exact=True))
    _lift(records)
    return records


def _lift(records: Sequence[Record]) -> None:
    """A heading beside rows of several numbers, or one that is no name, is their category, not their parent."""
    sizes: dict[int, int] = {}
    for record in records:
        sizes[record.group] = sizes.get(record.group, 0) + 1
    for record in records:
        words = "".join(piece.words for piece in record.parent)
        if words and (sizes[record.group] == 1 if record.number else not ends_like_a_name(words)):
            record.category, record.parent = words, []


def part_mark(name: str) -> str:
    """What says in front of a name that it is a part of the row above: 其中:; empty for a row of its own."""
    words = header.words().cell.part_marks
    return next((mark for mark in sorted(words, key=len, reverse=True) if name.startswith(mark)), "")
