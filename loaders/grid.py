"""The body of a document becomes lines, and lines become cells, each with its place in the characters of the body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

MOST_CELLS = 64  # of one line: a table has fewer columns
_GAP = re.compile(r"[ \u3000\u00a0]{2,}")
BARS = "|│┃║"
RULE = re.compile(r"[|:\-—=+\s\u2500-\u257f]+")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


class Piece(NamedTuple):
    """A line or a cell without white space around it: its words without any, where it stands, and in which line.

    ``parts`` are the lines of a cell that is broken within a drawn grid; its place is then that of the first.
    """

    words: str
    start: int
    end: int
    line: int
    parts: tuple[Piece, ...] = ()


def squeezed(words: str) -> str:
    """Words without white space and in the brackets and marks that a lexicon uses.

    >>> squeezed(" 2023年 目标（值）")
    '2023年目标(值)'
    """
    return "".join(words.split()).translate(_HALF)


_HALF = str.maketrans("（）：，％［］／＜＞＋－﹪", "():,%[]/<>+-%")


def _piece(chars: str, start: int, end: int, line: int) -> Piece:
    while start < end and chars[start].isspace():
        start += 1
    while end > start and chars[end - 1].isspace():
        end -= 1
    return Piece(squeezed(chars[start:end]), start, end, line)


def lines(chars: str) -> list[Piece]:
    """The lines that hold something. White space inside a line is kept in its place, not in its words."""
    found: list[Piece] = []
    at = 0
    for number, line in enumerate(chars.split("\n")):
        if line and not line.isspace():
            # A tab or a bar at the edge of a line is an empty cell, so only its words lose it.
            found.append(Piece(squeezed(line), at, at + len(line), number))
        at += len(line) + 1
    return found


def ruled(chars: str, piece: Piece) -> list[Piece] | None:
    """The cells of a line whose cells are set apart by tabs or bars, empty ones too; None for any other line.

    An empty list is the rule under the header of a Markdown table.
    """
    text = chars[piece.start : piece.end]
    mark = "\t" if "\t" in text else next((bar for bar in BARS if bar in text), "─")
    if mark not in text or (mark != "─" and text.count(mark) > MOST_CELLS):
        return None
    start, end = piece.start, piece.end
    if mark != "\t":
        stripped = _piece(chars, start, end, piece.line)
        start, end = stripped.start, stripped.end
        text = chars[start:end]
        if RULE.fullmatch(text):
            return []
        if mark == "─":
            return None
        start += text.startswith(mark)
        end -= text.endswith(mark) and end - 1 > start
        text = chars[start:end]
    cells: list[Piece] = []
    for cell in text.split(mark):
        bold = 2 if _BOLD.fullmatch(cell.strip()) else 0
        whole = _piece(chars, start, start + len(cell), piece.line)
        cells.append(_piece(chars, whole.start + bold, whole.end - bold, piece.line))
        start += len(cell) + 1
    return cells


def drawn(chars: str, lines: Sequence[Piece], most: int) -> tuple[list[list[Piece]], int] | None:
    """The rows of a grid drawn with rules between them, cells of several lines joined, and how many lines it has.

    None for lines that are no such grid: where no row has several lines, each line is a row.
    """
    rows: list[list[Piece]] = []
    below: list[list[Piece]] = []  # the lines of one row
    taken, broken = 0, False
    for line in [*lines[:most], None]:
        cells = None if line is None else ruled(chars, line)
        if cells and (not below or len(cells) == len(below[0])):
            below.append(cells)
        else:
            if below:
                rows.append([_whole(column) for column in zip(*below, strict=True)])
            broken = broken or len(below) > 1
            below = []
            if cells is None or cells:
                break
        taken += 1
    return (rows, taken) if broken and len(rows) > 2 else None


def _whole(lines: Sequence[Piece]) -> Piece:
    """The lines of a cell as one cell."""
    parts = tuple(line for line in lines if line.words)
    return (
        parts[0]._replace(words="".join(part.words for part in parts), parts=parts)
        if len(parts) > 1
        else (*parts, lines[0])[0]
    )


def spaced(chars: str, piece: Piece) -> list[Piece]:
    """The cells of a line whose cells are set apart by two spaces or more; a line without such is one cell."""
    whole = _piece(chars, piece.start, piece.end, piece.line)
    cells: list[Piece] = []
    at = whole.start
    for gap in _GAP.finditer(chars, whole.start, whole.end):
        if len(cells) >= MOST_CELLS:
            break
        cells.append(_piece(chars, at, gap.start(), piece.line))
        at = gap.end()
    return [*cells, _piece(chars, at, whole.end, piece.line)]
