"""A page of a PDF file in, its characters and ruling lines out, upright, each with its place."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from loaders import bounds, stand_in
from loaders.ruling import NEAR, SHORTEST, Line

PAGES = bounds.read()["pages"]
CHARACTERS = 100_000  # of one page
OBJECTS = 200_000  # of one page, and corners of the lines drawn on it
DEEPEST = 8  # drawings within each other
THICKEST = 3.0  # points of a line that is drawn as an area
FEW = 20  # characters of a whole file that are no text layer
UNMAPPED = 0.1  # share of characters without a meaning from which a text layer is none

_FAULTS = {4: "encrypted with a password; a copy without one is needed", 5: "protected in a way that is not read"}
_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Char(NamedTuple):
    """A character and its place on the page, the origin at the lower left."""

    word: str
    left: float
    right: float
    low: float
    high: float

    @property
    def size(self) -> float:
        return self.high - self.low

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class Layer(NamedTuple):
    """What is printed on a page."""

    chars: list[Char]
    across: list[Line]
    down: list[Line]


def layers(data: bytes) -> Iterator[Layer]:
    """The pages of a file. One that is damaged, protected, without a text layer or too large is a ValueError."""
    pdfium.FPDF_InitLibrary()
    stand_in.use()
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise ValueError(_FAULTS.get(pdfium.FPDF_GetLastError(), "a PDF file that is damaged"))
    count = pdfium.FPDF_GetPageCount(document)
    if count > PAGES:
        raise ValueError(f"{count:,} pages; at most {PAGES:,} are read")
    seen = lost = 0
    for number in range(1, count + 1):
        page = pdfium.FPDF_LoadPage(document, number - 1)
        if not page:
            raise ValueError(f"page {number} is damaged")
        try:
            chars, unmapped = _chars(page)
            lines = list(_lines(page))
        except ValueError as fault:
            raise ValueError(f"page {number}: {fault}") from fault
        finally:
            pdfium.FPDF_ClosePage(page)
        seen, lost = seen + len(chars) + unmapped, lost + unmapped
        yield _upright(chars, lines)
    if seen < FEW:
        raise ValueError("no text layer: its pages are pictures, perhaps a scan; text recognition has to come first")
    if lost > UNMAPPED * seen:
        raise ValueError("a text layer whose characters have no meaning (fonts without a Unicode table)")


def _chars(page: Any) -> tuple[list[tuple[int, Char]], int]:
    """The characters of a page with their quarter turns, and how many have no meaning. Slanting ones are a watermark's."""
    layer = pdfium.FPDFText_LoadPage(page)
    if not layer:
        return [], 0
    try:
        count = pdfium.FPDFText_CountChars(layer)
        if count > CHARACTERS:
            raise ValueError(f"{count:,} characters; at most {CHARACTERS:,} on a page are read")
        box = pdfium.FS_RECTF()
        found: list[tuple[int, Char]] = []
        lost = 0
        for index in range(count):
            code = pdfium.FPDFText_GetUnicode(layer, index)
            if code in (0x0A, 0x0D) or pdfium.FPDFText_IsGenerated(layer, index) == 1:
                continue
            if code in (0, 0xFFFD) or 0xE000 <= code < 0xF900 or pdfium.FPDFText_HasUnicodeMapError(layer, index) == 1:
                lost += 1
                continue
            turn = pdfium.FPDFText_GetCharAngle(layer, index) / (math.pi / 2)
            if abs(turn - round(turn)) > 0.02 or not pdfium.FPDFText_GetLooseCharBox(layer, index, ctypes.byref(box)):
                continue
            places = (box.left, box.right, box.bottom, box.top)
            word = _word(code)
            if word and all(math.isfinite(place) for place in places):
                found.append((round(turn) % 4, Char(word, *places)))
        return found, lost
    finally:
        pdfium.FPDFText_ClosePage(layer)


def _word(code: int) -> str:
    if code == 2:  # what PDFium makes of a hyphen at the end of a line
        return "-"
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF or code & 0xFFFE == 0xFFFE:
        return ""
    return " " if chr(code).isspace() else chr(code)


def _lines(page: Any) -> Iterator[tuple[float, float, float, float]]:
    """The straight lines on a page, as two points; a thin area is one too."""
    count = pdfium.FPDFPage_CountObjects(page)
    stack = [(pdfium.FPDFPage_GetObject(page, index), _SAME, 0) for index in range(min(count, OBJECTS + 1))]
    seen = 0
    while stack:
        item, outer, depth = stack.pop()
        seen += 1
        if seen > OBJECTS:
            raise ValueError(f"more than {OBJECTS:,} things are drawn on it")
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_FORM and depth < DEEPEST:
            matrix = _within(_matrix(item), outer)
            inside = range(min(pdfium.FPDFFormObj_CountObjects(item), OBJECTS))
            stack += [(pdfium.FPDFFormObj_GetObject(item, index), matrix, depth + 1) for index in inside]
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            corners = pdfium.FPDFPath_CountSegments(item)
            seen += max(corners, 0)
            if seen <= OBJECTS:
                yield from _path(item, corners, _within(_matrix(item), outer))


def _path(item: Any, corners: int, matrix: _Matrix) -> Iterator[tuple[float, float, float, float]]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    x, y = ctypes.c_float(), ctypes.c_float()
    pieces: list[list[tuple[float, float]]] = []
    for index in range(corners):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = _moved(x.value, y.value, matrix)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not pieces:
            pieces.append([])
        elif kind != pdfium.FPDF_SEGMENT_LINETO:
            return  # something round
        pieces[-1].append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            pieces[-1].append(pieces[-1][0])
    for piece in pieces:
        left, right = min(x for x, _ in piece), max(x for x, _ in piece)
        low, high = min(y for _, y in piece), max(y for _, y in piece)
        if fill.value and min(right - left, high - low) <= THICKEST:
            middle_x, middle_y = (left + right) / 2, (low + high) / 2
            if right - left > high - low:
                yield left, middle_y, right, middle_y
            else:
                yield middle_x, low, middle_x, high
        elif stroke.value:
            for (x1, y1), (x2, y2) in pairwise(piece):
                yield x1, y1, x2, y2


def _matrix(item: Any) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix)):
        return _SAME
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _within(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    return (*_moved(a, b, (*outer[:4], 0, 0)), *_moved(c, d, (*outer[:4], 0, 0)), *_moved(e, f, outer))


def _moved(x: float, y: float, matrix: _Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _upright(chars: list[tuple[int, Char]], lines: list[tuple[float, float, float, float]]) -> Layer:
    """A page turned so that most of its characters run from left to right; the others are left out."""
    turns = Counter(turn for turn, _ in chars)
    most = turns.most_common(1)[0][0] if turns else 0
    kept: list[Char] = []
    for turn, char in chars:
        if turn == most:
            x1, y1 = _turned(char.left, char.low, turn)
            x2, y2 = _turned(char.right, char.high, turn)
            kept.append(Char(char.word, min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)))
    across: list[Line] = []
    down: list[Line] = []
    for start_x, start_y, end_x, end_y in lines:
        if not all(math.isfinite(place) for place in (start_x, start_y, end_x, end_y)):
            continue
        x1, y1 = _turned(start_x, start_y, most)
        x2, y2 = _turned(end_x, end_y, most)
        if abs(y1 - y2) <= NEAR / 2 and abs(x1 - x2) > SHORTEST / 3:
            across.append(Line((y1 + y2) / 2, min(x1, x2), max(x1, x2)))
        elif abs(x1 - x2) <= NEAR / 2 and abs(y1 - y2) > SHORTEST / 3:
            down.append(Line((x1 + x2) / 2, min(y1, y2), max(y1, y2)))
    return Layer(kept, across, down)


def _turned(x: float, y: float, turn: int) -> tuple[float, float]:
    """A point behind ``turn`` quarter turns to the left: PDFium counts those of a character to the right."""
    return ((x, y), (-y, x), (-x, -y), (y, -x))[turn]
