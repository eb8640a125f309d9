"""Paragraphs and rows of cells in, the text of an attachment out: the same lines as those of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from loaders.page import CELLS, LONGEST


class Merged(NamedTuple):
    """A cell as a row holds it: its words, and which cell of its row it is, so that a merged one is known for one."""

    words: str
    id: int


class Rendered:
    """The text as it grows; more of it than a page may have is a ValueError."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size = self.cells = 0

    def line(self, words: str) -> None:
        """A paragraph, as one line; tabs are kept where they set several words apart, as in a table by hand."""
        mark = "\t" if words.strip().count("\t") > 1 else " "
        parts = (" ".join(part.split()) for part in words.split("\t"))
        self._add(mark.join(parts).strip(" "))

    def row(self, cells: Sequence[str]) -> None:
        """A row of a table, as one line."""
        self.cells += len(cells)
        if self.cells > CELLS:
            raise ValueError(f"tables of more than {CELLS:,} cells")
        self._add("\t".join(" ".join(cell.split()) for cell in cells))

    def table(self, rows: Sequence[Sequence[Merged]]) -> None:
        """A table; what is merged over its whole width above the header is a caption, and so a line."""
        self._add("")
        heading = True
        for row in rows:
            words = {cell.id: cell.words for cell in row if cell.words.strip()}
            heading = heading and len(words) <= 1 and len(row) > 1
            if heading:
                self.line("".join(words.values()))
            else:
                self.row([cell.words for cell in row])
        self._add("")

    def _add(self, line: str) -> None:
        self.size += len(line) + 1
        if self.size > LONGEST:
            raise ValueError(f"more than {LONGEST:,} characters of text")
        self.pieces.append(line)

    def __str__(self) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.pieces)).strip("\n") + "\n"
