"""A Word file (.docx) in, its text out: paragraphs as lines with their automatic numbers, tables as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.numbering import Numbering
from loaders.package import Package, attribute, local
from loaders.rendered import Merged, Rendered

COLUMNS = 200  # that one cell may cover
DEEPEST = 40  # tables within each other, and what else holds paragraphs
# Deleted words, what an older program would show instead, pinyin above a word, boxes (read behind their paragraph).
_UNREAD = frozenset(["del", "moveFrom", "Fallback", "rt", "txbxContent", "pPr", "rPr", "instrText", "delText"])
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
_SYMBOLS = {"25": "%", "a3": "≤", "b1": "±", "b3": "≥", "b4": "×", "2d": "-", "2b": "+"}  # of the font Symbol


def text(package: Package, part: str) -> str:
    """The text of a Word file; one that is too large or nested too deep is a ValueError."""
    body = next((node for node in package.tree(part) if local(node) == "body"), None)
    if body is None:
        raise ValueError(f"a damaged Word file: {part} has no body")
    rendered = Rendered()
    _blocks(body, rendered, Numbering.of(package, part), 0)
    return str(rendered)


def _blocks(parent: Any, rendered: Rendered, numbering: Numbering, depth: int) -> None:
    """What stands one below the other."""
    if depth > DEEPEST:
        raise ValueError(f"tables and frames nested more than {DEEPEST} deep")
    for node in parent:
        name = local(node)
        if name == "p":
            for line in _paragraph(node, numbering).split("\n"):
                rendered.line(line)
            for box in _boxes(node):
                _blocks(box, rendered, numbering, depth + 1)
        elif name == "tbl":
            if _is_frame(node):
                for cell in _cells_of(node):
                    _blocks(cell, rendered, numbering, depth + 1)
            else:
                rendered.table(_rows(node, numbering))
        elif name not in _UNREAD and not _is_contents(node):
            _blocks(node, rendered, numbering, depth + 1)


def _paragraph(node: Any, numbering: Numbering) -> str:
    words = "".join(_words(node))
    return numbering.next(node) + words if words.strip() else ""


def _words(parent: Any) -> Iterator[str]:
    """The words within an element, in order, without recursion."""
    stack = [iter(parent)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        name = local(node)
        if name == "t":
            yield node.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name == "sym":
            code = (attribute(node, "char") or "").lower()[-2:]
            yield _SYMBOLS.get(code, "") if (attribute(node, "font") or "").lower() == "symbol" else ""
        elif name not in _UNREAD and not (name == "r" and _is_hidden(node)):
            stack.append(iter(node))


def _is_hidden(run: Any) -> bool:
    return any(local(mark) == "vanish" and _on(mark) for mark in run.iterchildren("{*}rPr") for mark in mark)


def _on(mark: Any) -> bool:
    return attribute(mark, "val") not in ("0", "false", "off")


def _boxes(paragraph: Any) -> list[Any]:
    """The text boxes of a paragraph, each once: a box in a box comes with the outer one."""
    found = []
    for box in paragraph.iter("{*}txbxContent"):
        above = {local(node) for node in box.iterancestors() if paragraph in node.iterancestors()}
        if not above & {"Fallback", "txbxContent"}:
            found.append(box)
    return found


def _is_contents(node: Any) -> bool:
    """Whether an element is a table of contents that Word made."""
    return local(node) == "sdt" and any(
        attribute(mark, "val") == "Table of Contents"
        for mark in node.iterfind("{*}sdtPr/{*}docPartObj/{*}docPartGallery")
    )


def _is_frame(table: Any) -> bool:
    """Whether a table only arranges the page: it holds another one, or is a single cell."""
    cells = _cells_of(table)
    return len(cells) == 1 or any(True for cell in cells for _ in cell.iter("{*}tbl"))


def _cells_of(table: Any) -> list[Any]:
    return [cell for row in _inside(table, "tr") for cell in _inside(row, "tc")]


def _inside(parent: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, also where a content control stands around them."""
    stack = list(reversed(parent))
    while stack:
        node = stack.pop()
        if local(node) == name:
            yield node
        elif local(node) in ("sdt", "sdtContent", "customXml", "ins", "smartTag"):
            stack.extend(reversed(node))


def _rows(table: Any, numbering: Numbering) -> list[list[Merged]]:
    """The rows of a table; a merged cell stands in each place that it covers."""
    rows: list[list[Merged]] = []
    above: dict[int, Merged] = {}
    for row in _inside(table, "tr"):
        cells = [Merged("", -1)] * _count(row, "trPr/{*}gridBefore")
        for cell in _inside(row, "tc"):
            down = next(cell.iterfind("{*}tcPr/{*}vMerge"), None)
            goes_on = down is not None and attribute(down, "val") in (None, "continue")
            merged = above.get(len(cells)) if goes_on else None
            if merged is None:
                merged = Merged(_cell(cell, numbering), len(cells))
            for _ in range(_count(cell, "tcPr/{*}gridSpan") or 1):
                above[len(cells)] = merged
                cells.append(merged)
            if len(cells) > COLUMNS:
                raise ValueError(f"a table of more than {COLUMNS} columns")
        rows.append(cells)
    return rows


def _cell(cell: Any, numbering: Numbering) -> str:
    return " ".join(filter(None, (_paragraph(node, numbering).strip() for node in cell.iter("{*}p"))))


def _count(node: Any, path: str) -> int:
    """A number that an element's properties state: how many columns."""
    mark = next(node.iterfind(f"{{*}}{path}"), None)
    stated = (attribute(mark, "val") or "") if mark is not None else ""
    return min(int(stated), COLUMNS) if re.fullmatch(r"\d{1,6}", stated, re.ASCII) else 0
