"""Characters with their places in the original."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

import msgspec


class Repair(msgspec.Struct, frozen=True, kw_only=True):
    """One mended piece: where it stands in the original, what stood there, what is read instead, by which rule."""

    start: int
    end: int
    original: str
    mended: str
    name: str


class Text:
    """Cleaned characters, each with the half-open range of the original that it came from.

    ``chars`` is what rules read. ``starts[i]`` and ``ends[i]`` are offsets in the original (code points) of the
    piece that became ``chars[i]``. Slices and sums keep the places. ``repairs`` are those of the whole document.
    """

    __slots__ = ("chars", "ends", "starts")

    def __init__(self, chars: str, starts: array[int], ends: array[int]) -> None:
        if not len(chars) == len(starts) == len(ends):
            raise ValueError("each character needs its place")
        self.chars, self.starts, self.ends = chars, starts, ends

    @classmethod
    def of(cls, raw: str, offset: int = 0) -> Text:
        """An undamaged piece of the original that begins at ``offset``."""
        size = len(raw)
        return cls(raw, array("l", range(offset, offset + size)), array("l", range(offset + 1, offset + size + 1)))

    def __len__(self) -> int:
        return len(self.chars)

    def __str__(self) -> str:
        return self.chars

    def __repr__(self) -> str:
        return f"Text({self.chars!r})"

    def __getitem__(self, key: slice) -> Text:
        return Text(self.chars[key], self.starts[key], self.ends[key])

    def __add__(self, other: Text) -> Text:
        return Text(self.chars + other.chars, self.starts + other.starts, self.ends + other.ends)

    @property
    def start(self) -> int:
        """Offset in the original of the first character; the text must not be empty."""
        return self.starts[0]

    @property
    def end(self) -> int:
        """Offset in the original just behind the last character."""
        return self.ends[-1]

    def strip(self) -> Text:
        """Without white space at both ends."""
        left = len(self.chars) - len(self.chars.lstrip())
        right = len(self.chars.rstrip())
        return self[left:right] if left < right else self[0:0]

    def lines(self) -> Iterator[Text]:
        """Its lines, stripped, without the empty ones."""
        at = 0
        for line in self.chars.split("\n"):
            piece = self[at : at + len(line)].strip()
            at += len(line) + 1
            if len(piece):
                yield piece


def joined(pieces: Iterable[Text]) -> Text:
    """Several texts as one, in order."""
    chars: list[str] = []
    starts, ends = array("l"), array("l")
    for piece in pieces:
        chars.append(piece.chars)
        starts.extend(piece.starts)
        ends.extend(piece.ends)
    return Text("".join(chars), starts, ends)


def edited(text: Text, edits: Iterable[tuple[int, int, str]]) -> Text:
    """The text with the characters [start, end) of each edit replaced; edits are in order and do not overlap.

    What an edit puts in has the whole place of what it takes out.
    """
    chars: list[str] = []
    starts, ends = array("l"), array("l")
    at = 0
    for start, end, new in edits:
        chars += (text.chars[at:start], new)
        starts.extend(text.starts[at:start])
        ends.extend(text.ends[at:start])
        if new:
            starts.extend(text.starts[start : start + 1] * len(new))
            ends.extend(text.ends[end - 1 : end] * len(new))
        at = end
    chars.append(text.chars[at:])
    return Text("".join(chars), starts + text.starts[at:], ends + text.ends[at:])
