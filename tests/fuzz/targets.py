"""An input becomes what a reader makes of it, and what must hold of that is checked: what fails is a finding."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders import attachment, audit, document, extract, observation, page, repair, table
from loaders.document import Document, Refused
from loaders.text import Repair, Text
from tests.fuzz.words import REPORT

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4_096  # bytes of an input
LEAST, EACH = 1.0, 0.000_5  # seconds that any input may take, and each byte of it
SHORT, LONG = 2_000, 8_000  # characters to which a repeated piece is drawn out
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class Slow(AssertionError):
    """An input that takes more time than its size allows."""


def of_document(data: bytes) -> None:
    """Bytes as a file: its text, mended, and what the file is."""
    if attachment.is_attachment(data):
        return  # read by a process of its own
    with _timed(len(data)):
        try:
            raw = document.decoded(data, "some.txt")
        except Refused as refusal:
            _told(refusal)
            return
        text, repairs = repair.mended(raw)
        _check_places(raw, text, repairs)
        _read(data, "some.txt")


def of_table(data: bytes) -> None:
    """Bytes as the body of a document: its tables."""
    body = Text.of(_words(data))
    with _timed(len(data)):
        found = table.find(body, 2023)
    last = 0
    for one in found:
        assert last <= one.start < one.end <= len(body), "tables in order"
        last = one.end
        for row in one.rows:
            for piece in (row.name, *(cell.text for cell in row.cells)):
                _check_verbatim(body.chars, piece)
    assert len({one.id for one in found}) == len(found), "each table has an id of its own"


def of_page(data: bytes) -> None:
    """Bytes as a web page: its text, and the document in it."""
    with _timed(len(data)):
        try:
            text = page.text(_words(data))
        except ValueError:
            return
        assert text.endswith("\n")
        assert not _CONTROLS.search(text), "no control characters"
        _read(data, "some.html")


def of_extract(data: bytes) -> None:
    """Bytes as the words of a report: all that it states."""
    with _timed(len(data)):
        _extracted(REPORT + _words(data))


def of_repeated(data: bytes) -> None:
    """A short piece again and again: four times the text takes about four times the time."""
    words = _words(data[:64])
    if not words.strip():
        return
    short = _seconds(words, SHORT)
    long = _seconds(words, LONG)
    if long > 0.4 and long > 10 * short:
        long = min(long, _seconds(words, LONG))  # once more: the machine has other work
        if long > 10 * short:
            raise Slow(f"{LONG // SHORT} times the text takes {long / short:.0f} times the time ({long:.1f} s)")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "document": of_document,
    "table": of_table,
    "page": of_page,
    "extract": of_extract,
    "repeated": of_repeated,
}


def kept(target: str) -> list[Path]:
    """The files of a target's corpus."""
    return sorted(path for path in (CORPUS / target).iterdir() if path.is_file())


def _words(data: bytes) -> str:
    return _CONTROLS.sub("", data.decode("utf-8", "ignore"))


@contextmanager
def _timed(size: int) -> Iterator[None]:
    begun = time.process_time()
    yield
    taken = time.process_time() - begun
    if taken > LEAST + EACH * size:
        raise Slow(f"{size:,} bytes take {taken:.1f} s")


def _seconds(words: str, size: int) -> float:
    begun = time.process_time()
    _extracted(REPORT + words * (size // len(words) + 1))
    return time.process_time() - begun


def _read(data: bytes, name: str) -> Document | None:
    try:
        found = document.read(data, name)
    except Refused as refusal:
        _told(refusal)
        return None
    _check_places(found.raw, found.body, list(found.repairs))
    return found


def _extracted(words: str) -> None:
    read = _read(words.encode(), "some.txt")
    if read is None:
        return
    loaded = extract.extract(read)
    for one in loaded.statements:
        assert 0 <= one.start < one.end <= len(read.raw), "a quote has a place"
        assert read.raw[one.start : one.end] == one.quote, "a quote is verbatim"
        assert one.start <= one.at < one.end, "a statement begins within its quote"
    assert loaded.figures == len(audit.FIGURE.findall(read.raw)), "every figure is counted"
    assert loaded.figures == loaded.observed + loaded.not_values + len(loaded.unread), "each figure has one fate"
    observation.observe(loaded.card, loaded.statements)


def _told(refusal: Refused) -> None:
    words = str(refusal)
    assert words.startswith("some."), "a refusal names the file"
    assert words.isprintable(), "a refusal is one clear line"


def _check_places(raw: str, text: Text, repairs: list[Repair]) -> None:
    changed = {place for one in repairs for place in range(one.start, one.end)}
    last = 0
    for char, start, end in zip(text.chars, text.starts, text.ends, strict=True):
        assert last <= start < end <= len(raw), "places in order"
        assert start in changed or raw[start:end] == char, "what was not mended stands as it is"
        last = start
    assert all(raw[one.start : one.end] == one.original for one in repairs), "a repair tells what stood there"


def _check_verbatim(chars: str, piece: Text) -> None:
    if len(piece):
        assert 0 <= piece.start < piece.end <= len(chars), "a cell has a place"
        places = zip(piece.chars, piece.starts, piece.ends, strict=True)
        assert all(char == chars[start:end] for char, start, end in places), "a cell is verbatim"
