"""HTML in, its text out: one block on a line, one row of a table on a line with tabs between the cells.

A cell that covers several rows or columns is repeated in each. What a browser does not show, and menus, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from loaders import bounds

_MOST = bounds.read()
DEEPEST = _MOST["depth"]  # elements within each other
TAGS = _MOST["tags"]
WIDEST = _MOST["columns"]
SPAN = 100  # columns or rows that one cell may cover
CELLS = _MOST["cells"]  # cells of a page, repeated ones too
FEW = 3  # cells of a table that can be the frame of a page
ARTICLE = 500  # characters of a cell that is a frame
LONGEST = _MOST["text"]  # characters of the rendered text


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_HIDDEN = _names(
    "script style nav noscript template head iframe object svg math select option button input textarea footer audio "
    "video canvas"
)
_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure form "
    "h1 h2 h3 h4 h5 h6 header hr html li main menu ol p pre section summary table tbody td tfoot th thead title tr ul br"
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]+")  # written as &#1; nothing is shown of them
_STYLED_AWAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def text(page: str) -> str:
    """The text of a page; a page that is nested too deep or spread too wide is a ValueError."""
    if page.count("<") > TAGS:
        raise ValueError(f"HTML of more than {TAGS:,} tags")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(re.sub(r"^\ufeff?\s*(?:<\?xml[^>]*>)?", "", page).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as fault:
        raise ValueError(f"no readable HTML: {fault}") from fault
    if any("depth" in error.message for error in parser.error_log):
        raise ValueError("HTML nested too deep to be read")
    if root is None:
        raise ValueError("no readable HTML: it holds no element")
    rendered = _Rendered()
    rendered.element(root)
    shown = _CONTROLS.sub("", "".join(rendered.pieces))
    lines = (re.sub(r"[ \r\f\v\u00a0]+", " ", line).strip(" ") for line in shown.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


class _Rendered:
    """The text as it grows."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size = self.cells = 0

    def add(self, piece: str) -> None:
        self.size += len(piece)
        if self.size > LONGEST:
            raise ValueError(f"more than {LONGEST:,} characters of text")
        self.pieces.append(piece)

    def element(self, root: Any) -> None:
        """An element with all in it, but for tables without recursion."""
        stack: list[tuple[str, Any, int]] = [("open", root, 0)]
        while stack:
            step, node, depth = stack.pop()
            if step == "text":
                self.add(re.sub(r"\s+", " ", node))
                continue
            if step == "line":
                self.add("\n")
                continue
            if depth > DEEPEST:
                raise ValueError(f"elements nested more than {DEEPEST} deep")
            tag = node.tag if isinstance(node.tag, str) else ""
            if tag in _HIDDEN or _unseen(node):
                continue
            if tag == "table" and not _is_frame(node):
                self.table(node)
                continue
            later: list[tuple[str, Any, int]] = []
            if tag in _BLOCKS:
                later.append(("line", None, 0))
            if node.text:
                later.append(("text", node.text, 0))
            for child in node:
                later.append(("open", child, depth + 1))
                if child.tail:
                    later.append(("text", child.tail, 0))
            if tag in _BLOCKS and tag != "br":
                later.append(("line", None, 0))
            stack.extend(reversed(later))

    def table(self, table: Any) -> None:
        """A table, row by row; a cell of it is one line, whatever stands in it."""
        waiting: dict[int, tuple[int, str]] = {}  # column: rows still to come, words
        self.add("\n")
        for caption in table.iterchildren("caption"):
            self.add(_words(caption) + "\n")
        for row in _rows(table):
            if len(row) > WIDEST:
                raise ValueError(f"a table of more than {WIDEST:,} columns")
            cells: list[str] = []
            printed = [(cell, _words(cell)) for cell in row.iterchildren("td", "th")]
            figures = any(_FIGURE.fullmatch(words) for _, words in printed)
            for cell, words in printed:
                _fill(cells, waiting)
                down = _span(cell, "rowspan")
                for place in range(_span(cell, "colspan")):
                    again = (
                        words if not place or not figures else ""
                    )  # a heading stands over all its columns, a value once
                    if down > 1:
                        waiting[len(cells)] = (down - 1, again)
                    cells.append(again)
                self._count(len(cells))
            _fill(cells, waiting)
            self.cells += len(cells)
            self._count(0)
            self.add("\t".join(cells) + "\n")
        self.add("\n")

    def _count(self, more: int) -> None:
        if self.cells + more > CELLS:
            raise ValueError(f"tables of more than {CELLS:,} cells")


_FIGURE = re.compile(r"[-−+≥≤<>]?\d[\d,.]*\s*[%％]?")


def _fill(cells: list[str], waiting: dict[int, tuple[int, str]]) -> None:
    """Cells that reach down from the rows above, as far as they come next."""
    while (column := len(cells)) in waiting:
        rows, words = waiting.pop(column)
        if rows > 1:
            waiting[column] = (rows - 1, words)
        cells.append(words)


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def _span(cell: Any, name: str) -> int:
    """How many columns or rows a cell covers: at least one, at most ``SPAN``."""
    stated = cell.get(name, "1").strip()
    return min(int(stated), SPAN) or 1 if re.fullmatch(r"\d{1,9}", stated) else 1


def _words(cell: Any) -> str:
    """The words of a cell on one line, a table within it too."""
    words = (piece for node in cell.iter() for piece in _own(node, cell))
    return re.sub(r"\s+", " ", "".join(words)).strip()


def _own(node: Any, cell: Any) -> Iterator[str]:
    tag = node.tag if isinstance(node.tag, str) else ""
    if not any(above.tag in _HIDDEN for above in (node, node.getparent()) if above is not None) and node.text:
        yield " " if tag in _BLOCKS and node is not cell else ""
        yield node.text
    if node is not cell and node.tail:
        yield " " if tag in _BLOCKS else ""
        yield node.tail


def _is_frame(table: Any) -> bool:
    """Whether a table only arranges the page: it holds another one, or is a cell or two around an article."""
    if table.find(".//table") is not None:
        return True
    cells = list(islice(table.iter("td", "th"), FEW + 1))
    return len(cells) <= FEW and any(len("".join(cell.itertext())) > ARTICLE for cell in cells)


def _unseen(node: Any) -> bool:
    return "hidden" in node.attrib or bool(_STYLED_AWAY.search(node.get("style", "")))
