"""A workbook (.xlsx) in, its text out: each sheet a table under its name, numbers as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from loaders import shown
from loaders.package import Package, attribute, local
from loaders.page import CELLS
from loaders.rendered import Merged, Rendered

SHEETS = 200
ROWS = 50_000  # rows of a sheet that hold something
STRINGS = 1_000_000  # different words that cells share
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", re.ASCII)
_PLAIN = re.compile(r"(?:sheet|工作表)\s*\d+", re.IGNORECASE)

_Grid = dict[int, dict[int, Merged]]  # row: column: cell


def text(package: Package, part: str) -> str:
    """The text of a workbook; one with too many sheets, rows or cells is a ValueError."""
    book = package.tree(part)
    related = package.related(part)
    parts = dict(related.values())
    dates = any((attribute(node, "date1904") or "") in ("1", "true") for node in book.iterchildren("{*}workbookPr"))
    formats = _formats(package, parts.get("styles", ""), since_1904=dates)
    words = _strings(package, parts.get("sharedStrings", ""))
    sheets = [node for node in book.iterfind("{*}sheets/{*}sheet") if attribute(node, "state") in (None, "visible")]
    if len(sheets) > SHEETS:
        raise ValueError(f"{len(sheets):,} sheets; at most {SHEETS} are read")
    rendered = Rendered()
    for node in sheets:
        kind, path = related.get(attribute(node, "id") or "", ("", ""))
        if kind == "worksheet":
            _sheet(package, path, (attribute(node, "name") or "").strip(), formats, words, rendered)
    return str(rendered)


def _formats(package: Package, part: str, *, since_1904: bool) -> list[shown.Format]:
    """The number formats that cells refer to, in order."""
    if part not in package:
        return [shown.Format("General", since_1904=since_1904)]
    root = package.tree(part)
    own = {
        attribute(node, "numFmtId"): attribute(node, "formatCode") or ""
        for node in root.iterfind("{*}numFmts/{*}numFmt")
    }
    known: dict[str, shown.Format] = {}
    found: list[shown.Format] = []
    for node in root.iterfind("{*}cellXfs/{*}xf"):
        number = attribute(node, "numFmtId") or "0"
        code = own.get(number) or shown.BUILT_IN.get(number, "General")
        if code not in known:
            known[code] = shown.Format(code, since_1904=since_1904)
        found.append(known[code])
    return found or [shown.Format("General", since_1904=since_1904)]


def _strings(package: Package, part: str) -> list[str]:
    """The words that cells share."""
    if part not in package:
        return []
    found: list[str] = []
    for node in package.elements(part, "si"):
        found.append(_words(node))
        if len(found) > STRINGS:
            raise ValueError(f"more than {STRINGS:,} different words in the cells")
    return found


def _words(node: Any) -> str:
    """Words in one or several letterings; how they are pronounced is left out."""
    return "".join(
        each.text or ""
        for each in node.iter("{*}t")
        if not any(local(above) == "rPh" for above in each.iterancestors())
    )


def _sheet(
    package: Package, part: str, name: str, formats: list[shown.Format], words: list[str], rendered: Rendered
) -> None:
    """One sheet: its name as a caption line, then its blocks of rows."""
    rows: _Grid = {}
    hidden_rows: set[int] = set()
    hidden: list[tuple[int, int]] = []
    merges: list[tuple[int, int, int, int]] = []
    at = cells = 0
    for node in package.elements(part, "row", "mergeCell", "col"):
        kind = local(node)
        if kind == "row":
            stated = attribute(node, "r") or ""
            at = int(stated) if re.fullmatch(r"\d{1,7}", stated, re.ASCII) else at + 1
            row = dict(_cells(node, at, formats, words))
            if row and at <= LAST_ROW:
                rows[at] = row
                cells += len(row)
            if attribute(node, "hidden") in ("1", "true"):
                hidden_rows.add(at)
            if len(rows) > ROWS or cells > CELLS:
                raise ValueError(
                    f"sheet {name[:31]}: more than {ROWS:,} rows or {CELLS:,} cells; that is no plan's table"
                )
        elif kind == "mergeCell":
            ends = _PLACE.findall((attribute(node, "ref") or "").upper())
            if len(ends) == 2 and len(merges) < CELLS:
                (left, top), (right, bottom) = ends
                merges.append((int(top), int(bottom), _column(left), _column(right)))
        elif attribute(node, "hidden") in ("1", "true"):
            hidden.append((_int(attribute(node, "min")), _int(attribute(node, "max"))))
    _merge(rows, merges)
    for gone in hidden_rows:
        rows.pop(gone, None)
    used = sorted({column for row in rows.values() for column in row})
    used = [column for column in used if not any(low <= column <= high for low, high in hidden)]
    if not rows or not used:
        return
    if not _PLAIN.fullmatch(name):
        rendered.line(name)
    numbered = enumerate(sorted(rows))
    for _, block in groupby(numbered, lambda pair: pair[1] - pair[0]):  # rows without a gap between them
        rendered.table([_row(rows[number], number, used) for _, number in block])


def _row(row: dict[int, Merged], number: int, used: list[int]) -> list[Merged]:
    return [row.get(column) or Merged("", number * LAST_COLUMN + column) for column in used]


def _merge(rows: _Grid, merges: list[tuple[int, int, int, int]]) -> None:
    """Merged cells repeated into each place that they cover, as far as the sheet is filled."""
    if not rows:
        return
    last = max(rows)
    right_most = max(column for row in rows.values() for column in row)
    filled = 0
    for top, bottom, left, right in merges:
        anchor = rows.get(top, {}).get(left)
        if anchor is None or left > right:
            continue
        for number in range(top, min(bottom, last) + 1):
            for column in range(left, min(right, right_most) + 1):
                rows.setdefault(number, {})[column] = anchor
                filled += 1
                if filled > CELLS:
                    raise ValueError(f"tables of more than {CELLS:,} cells")


def _cells(row: Any, number: int, formats: list[shown.Format], words: list[str]) -> Iterator[tuple[int, Merged]]:
    """The cells of a row that hold something, as (column, words)."""
    column = 0
    for node in row.iterchildren("{*}c"):
        place = _PLACE.fullmatch((attribute(node, "r") or "").upper())
        column = _column(place[1]) if place else column + 1
        value = _value(node, formats, words)
        if column > LAST_COLUMN:
            raise ValueError(f"a row of more than {LAST_COLUMN:,} cells")
        if value.strip():
            yield column, Merged(value, number * LAST_COLUMN + column)


def _value(node: Any, formats: list[shown.Format], words: list[str]) -> str:
    """What a cell shows."""
    kind = attribute(node, "t") or "n"
    if kind == "inlineStr":
        return _words(node)
    stated = next((each.text or "" for each in node.iterchildren("{*}v")), "")
    if kind == "s":
        index = _int(stated) if stated.strip() else len(words)
        return words[index] if index < len(words) else ""
    if kind == "b":
        return "TRUE" if stated.strip() == "1" else "FALSE"
    if kind in ("str", "e", "d"):
        return stated
    style = _int(attribute(node, "s"))
    return formats[style if style < len(formats) else 0].show(stated.strip())


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _int(words: str | None) -> int:
    return int(words) if words and re.fullmatch(r"\s*\d{1,9}\s*", words, re.ASCII) else 0
