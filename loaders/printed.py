"""A PDF file with a text layer in, its text out: lines joined to paragraphs, ruled or aligned columns as rows.

Page numbers, and what the head or the foot of the pages repeats, are left out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from loaders.layer import Char, Layer, layers
from loaders.page import CELLS
from loaders.rendered import Merged, Rendered
from loaders.ruling import grids

# In sizes of a character:
GAP = 1.5  # between two columns
INDENT = 0.8  # by which the first line of a paragraph is set in, at least
SHORT = 1.6  # by which a full line may fall short of the margin
ROWS = 3  # lines with columns that make a table without ruling lines
EDGE = 2  # lines at the head and at the foot of a page that can be furniture

_NUMBER = re.compile(r"([-—–·•\s]*)(?:第\s*)?(\d{1,4})(?:\s*页)?(?:\s*[/,，]?\s*共?\s*\d{1,4}\s*页?)?[-—–·•\s]*")
_LATIN = re.compile(r"[A-Za-z]")
_HEADING = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[章节编])"
)


class Row(NamedTuple):
    """A line of characters; ``cells`` are its parts, from where to where, that wide gaps set apart."""

    cells: tuple[tuple[float, float, str], ...]
    at: float
    size: float

    @property
    def words(self) -> str:
        return " ".join(words for _, _, words in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0][0]

    @property
    def right(self) -> float:
        return self.cells[-1][1]


class Table(NamedTuple):
    """A ruled table; ``columns`` are the places of its ruling lines."""

    rows: list[list[Merged]]
    columns: tuple[int, ...]
    at: float


def text(data: bytes) -> str:
    """The text of a PDF file; one that cannot be read, or is too large, is a ValueError."""
    pages = [_page(layer) for layer in layers(data)]
    rendered = Rendered()
    pages = _bare(pages)
    left, right = _margins(pages)
    run: list[Row] = []
    before: tuple[int, ...] | None = None
    table: list[list[Merged]] = []
    for page in pages:
        for part in page:
            if isinstance(part, Row):
                if table:
                    rendered.table(table)
                    table, before = [], None
                run.append(part)
                continue
            _lines(run, left, right, rendered)
            run = []
            if before != part.columns and table:
                rendered.table(table)
                table = []
            table, before = table + part.rows, part.columns
    _lines(run, left, right, rendered)
    if table:
        rendered.table(table)
    return str(rendered)


def _page(layer: Layer) -> list[Row | Table]:
    """A page's lines and tables, from top to bottom."""
    ruled = grids(layer.across, layer.down, CELLS)
    free: list[Char] = []
    cells: list[defaultdict[int, list[Char]]] = [defaultdict(list) for _ in ruled]
    for char in layer.chars:
        for grid, inside in zip(ruled, cells, strict=True):
            place = grid.place((char.left + char.right) / 2, char.middle)
            if place is not None:
                inside[grid.cell(place)].append(char)
                break
        else:
            free.append(char)
    parts: list[Row | Table] = [*_rows(free)]
    for grid, inside in zip(ruled, cells, strict=True):
        if not inside:
            continue
        words = {cell: _cell(_rows(chars)) for cell, chars in inside.items()}
        rows = [
            [
                Merged(words.get(cell, ""), cell)
                for column in range(grid.columns)
                for cell in [grid.cell(row * grid.columns + column)]
            ]
            for row in range(grid.rows)
        ]
        kept = [row for row in rows if any(cell.words for cell in row)]
        parts.append(Table(kept, tuple(round(x / 4) for x in grid.xs), grid.ys[0]))
    return sorted(parts, key=lambda part: -part.at)


def _rows(chars: list[Char]) -> list[Row]:
    """Characters as lines, from top to bottom."""
    lines: list[list[Char]] = []
    middle = size = 0.0
    for char in sorted(chars, key=lambda char: -char.middle):
        if lines and middle - char.middle <= 0.4 * min(size, max(char.size, 1)):
            lines[-1].append(char)
        else:
            lines.append([char])
            middle, size = char.middle, char.size
    return [row for line in lines if (row := _row(line))]


def _row(line: list[Char]) -> Row | None:
    """A line from left to right; the gaps decide what is one cell and what is one word."""
    line = sorted(line, key=lambda char: char.left)
    spaces = {id(char) for space, char in pairwise(line) if space.word == " "}
    line = [char for char in line if char.word != " "]
    if not line:
        return None
    size = max(median(char.size for char in line), 1.0)
    cells: list[tuple[float, float, str]] = []
    words, start, end = line[0].word, line[0].left, line[0].right
    for before, char in pairwise(line):
        if char.word == before.word and abs(char.left - before.left) < 0.2 * size:
            continue  # printed twice, to look bold
        gap = char.left - end
        if gap > GAP * size:
            cells.append((start, end, words))
            words, start = char.word, char.left
        else:
            latin = _LATIN.match(char.word) or _LATIN.match(before.word)
            apart = gap > 0.7 * size or (gap > 0.18 * size and latin) or (gap > 0 and id(char) in spaces)
            words += f" {char.word}" if apart else char.word
        end = max(end, char.right)
    cells.append((start, end, words))
    return Row(tuple(cells), sum(char.middle for char in line) / len(line), size)


def _cell(rows: list[Row]) -> str:
    """The lines of a cell as one: a line that fills it goes on in the next."""
    if not rows:
        return ""
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    words = rows[0].words
    for above, row in pairwise(rows):
        full = above.right - above.left >= right - left - SHORT * above.size and len(above.words) > 2
        words = _joined(words, row.words) if full else f"{words} {row.words}"
    return words


def _joined(words: str, more: str) -> str:
    return f"{words} {more}" if _LATIN.match(words[-1:]) and _LATIN.match(more) else words + more


def _bare(pages: Sequence[list[Row | Table]]) -> list[list[Row | Table]]:
    """The pages without their numbers, and without what heads or feet of at least half of them say."""
    edges = [list(_edges(page)) for page in pages]
    said: Counter[tuple[str, int]] = Counter()
    offsets: Counter[int] = Counter()
    for number, lines in enumerate(edges):
        said.update({_key(row) for row in lines})
        offsets.update({int(match[2]) - number for row in lines if (match := _NUMBER.fullmatch(row.words))})
    offset, often = offsets.most_common(1)[0] if offsets else (0, 0)
    gone: set[int] = set()
    for number, lines in enumerate(edges):
        for row in lines:
            match = _NUMBER.fullmatch(row.words)
            numbered = match is not None and (
                (often > 1 and int(match[2]) - number == offset) or bool(match[1].strip()) or "页" in row.words
            )
            if numbered or (said[_key(row)] > 1 and 2 * said[_key(row)] >= len(pages)):
                gone.add(id(row))
    return [[part for part in page if id(part) not in gone] for page in pages]


def _edges(page: list[Row | Table]) -> Iterator[Row]:
    """The first and the last lines of a page, as far as no table comes first."""
    head = page[:EDGE]
    for part in [*head, *page[max(len(head), len(page) - EDGE) :]]:
        if isinstance(part, Row):
            yield part


def _key(row: Row) -> tuple[str, int]:
    """What a line says but for its figures, and where."""
    return re.sub(r"\d+", "#", row.words), round(row.at / 6)


def _margins(pages: Sequence[list[Row | Table]]) -> tuple[float, float]:
    """Where the lines of running text begin and end."""
    rows = [part for page in pages for part in page if isinstance(part, Row) and len(part.cells) == 1]
    if not rows:
        return 0.0, float("inf")
    widest = max(row.right - row.left for row in rows)
    wide = [row for row in rows if row.right - row.left >= 0.9 * widest]
    return min(row.left for row in wide), max(row.right for row in wide)


def _lines(rows: list[Row], left: float, right: float, rendered: Rendered) -> None:
    """Lines between two tables: columns without ruling lines as rows, full lines with what they go on in."""
    at = 0
    paragraph = ""
    while at < len(rows):
        end = at
        while end < len(rows) and len(rows[end].cells) > 1:
            end += 1
        if end - at >= ROWS:
            if paragraph:
                rendered.line(paragraph)
                paragraph = ""
            rendered.table(_aligned(rows[at:end]))
            at = end
            continue
        row = rows[at]
        above = rows[at - 1] if at else None
        goes_on = (
            paragraph
            and above is not None
            and above.right >= right - SHORT * above.size
            and row.left <= left + INDENT * row.size
            and abs(row.size - above.size) <= 0.2 * above.size
            and not _HEADING.match(row.words)
        )
        if goes_on:
            paragraph = _joined(paragraph, row.words)
        else:
            if paragraph:
                rendered.line(paragraph)
            paragraph = row.words
        at += 1
    if paragraph:
        rendered.line(paragraph)


def _aligned(rows: Sequence[Row]) -> list[list[Merged]]:
    """Lines with columns as rows: the fullest lines say where the columns are; a wider cell stands in each it covers."""
    most = max(len(row.cells) for row in rows)
    bounds = [[start, end] for start, end, _ in next(row.cells for row in rows if len(row.cells) == most)]
    for row in rows:
        if len(row.cells) == most:
            for bound, (start, end, _) in zip(bounds, row.cells, strict=True):
                bound[0], bound[1] = min(bound[0], start), max(bound[1], end)
    found: list[list[Merged]] = []
    for row in rows:
        cells = [Merged("", -1)] * most
        for place, (start, end, words) in enumerate(row.cells):
            over = [index for index, (low, high) in enumerate(bounds) if min(end, high) - max(start, low) > 0]
            nearest = min(range(most), key=lambda index: abs(sum(bounds[index]) - start - end))
            for index in over or [nearest]:
                taken = cells[index].words
                cells[index] = Merged(f"{taken} {words}" if taken else words, place)
        found.append(cells)
    return found
