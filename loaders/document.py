"""Bytes in, a Document out: what it is, whose it is, and its text with places."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import msgspec

from loaders import attachment, bounds, furniture, region, repair
from loaders import card as cards
from loaders.text import Repair, Text, joined

_MOST = bounds.read()
LARGEST = _MOST["file"] * bounds.MB  # bytes of a file
LONGEST, LONGEST_LINE = _MOST["text"], _MOST["line"]  # characters
WIDEST = _MOST["columns"]  # cells of a line

_MAGIC = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
}
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class Furniture(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the page that is no part of the document: [start, end) in the original, and what it is."""

    start: int
    end: int
    name: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a document is, from its own words. Dates are ISO 8601 text."""

    title: str
    kind: str  # plan-report, work-report, work-programme, other
    region: str  # GB/T 2260 code
    report_year: int  # the year whose plan or work it is about: 2022 for 2022年计划执行情况与2023年计划草案
    issuer: str | None
    number: str | None
    issued_on: str | None
    delivered_on: str | None
    published_on: str | None
    url: str | None
    sha256: str
    quality: dict[str, int]  # name of the damage: in how many places
    complete: bool
    missing: tuple[str, ...]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document as read: ``raw`` is what offsets refer to, ``body`` its text without furniture, mended."""

    card: Card
    raw: str
    body: Text
    repairs: tuple[Repair, ...]
    furniture: tuple[Furniture, ...]


class Refused(Exception):
    """A file that is no readable plan document; the message says what, where and why."""


def read(data: bytes, name: str) -> Document:
    """The document in the bytes of a file; ``name`` is the file's, for its suffix and for messages."""
    if attachment.is_attachment(data):
        return _read(data, name, _attached(data, name))
    raw = decoded(data, name)
    if name.lower().endswith((".html", ".htm", ".xhtml")) or _is_page(raw):
        from loaders import page  # noqa: PLC0415  lxml is only needed here

        try:
            raw = page.text(raw)
        except ValueError as fault:
            raise Refused(f"{name}: {fault}") from fault
    return _read(data, name, raw)


def _attached(data: bytes, name: str) -> str:
    """The text of an attachment."""
    if len(data) > LARGEST:
        raise Refused(f"{name}: {len(data):,} bytes; at most {LARGEST:,} are read")
    try:
        raw = attachment.text(data)
    except ValueError as fault:
        raise Refused(f"{name}: {fault}") from fault
    if not raw.strip():
        raise Refused(f"{name}: the file holds no text")
    return raw


def _read(data: bytes, name: str, raw: str) -> Document:
    """The document in the text of a file."""
    if len(raw) > LONGEST:
        raise Refused(f"{name}: {len(raw):,} characters of text; at most {LONGEST:,} are read")
    lines = raw.split("\n")
    if (line := max(map(len, lines))) > LONGEST_LINE:
        raise Refused(f"{name}: a line of {line:,} characters; at most {LONGEST_LINE:,} are read")
    if (cells := max(line.count(mark) for line in lines for mark in "\t|│")) > WIDEST:
        raise Refused(f"{name}: a line of more than {cells:,} cells; at most {WIDEST:,} are read")
    text, repairs = repair.mended(raw)
    layout = furniture.layout(text)
    body = joined(text[start:end] for start, end in layout.body).strip()
    if not cards.is_plan(layout, body.chars):
        raise Refused(
            f"{name}: no plan document: it has neither the title of one (计划执行情况的报告, 政府工作报告, 工作要点 …) "
            "with its chapters nor a table of targets; nothing is read from it"
        )
    pieces = tuple(
        Furniture(start=text.starts[start], end=text.ends[end - 1], name=what) for start, end, what in layout.furniture
    )
    return Document(
        card=_card(data, name, layout, body, repairs), raw=raw, body=body, repairs=tuple(repairs), furniture=pieces
    )


def decoded(data: bytes, name: str) -> str:
    """The text of a file, exactly: every code point of it, a byte order mark too; never a replacement."""
    if not data.strip():
        raise Refused(f"{name}: the file is empty")
    if len(data) > LARGEST:
        raise Refused(f"{name}: {len(data):,} bytes; at most {LARGEST:,} are read")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise Refused(f"{name}: {what}; only text, HTML, .docx, .xlsx and .pdf are read")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        wide = "utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be"
        try:
            return _text(data.decode(wide), name)
        except UnicodeDecodeError as fault:
            raise Refused(f"{name}: no valid UTF-16: {fault.reason} at byte {fault.start}") from fault
    try:
        return _text(data.decode("utf-8"), name)
    except UnicodeDecodeError as fault:
        wrong = fault
    try:
        raw = data.decode("gb18030")
    except UnicodeDecodeError as fault:
        raise Refused(
            f"{name}: neither UTF-8 (fails at byte {wrong.start}) nor GB18030 (at {fault.start}); "
            "UTF-16 is read where it begins with a byte order mark"
        ) from fault
    if not _is_chinese(raw):
        raise Refused(f"{name}: no UTF-8 (byte {wrong.start}), and read as GB18030 it is no Chinese text")
    return _text(raw, name)


def _text(raw: str, name: str) -> str:
    control = _CONTROLS.search(raw)
    if control:
        raise Refused(f"{name}: a binary file: control character {ord(control[0]):#04x} at {control.start()}")
    if not raw.strip("\ufeff \t\r\n\u3000"):
        raise Refused(f"{name}: the file is empty")
    return raw


def _is_chinese(raw: str) -> bool:
    """Whether decoded text reads as Chinese: most of what is not ASCII is common characters and punctuation."""
    wide = [char for char in raw[:200_000] if char > "\x7f"]
    codes = (char.encode("gb18030") for char in wide)
    good = sum(
        len(code) == 2 and ((0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1) or code[0] in (0xA1, 0xA3)) for code in codes
    )
    return good >= 0.5 * len(wide)


def _is_page(raw: str) -> bool:
    return bool(re.match(r"\ufeff?\s*<(?:!doctype html|html|head|body)\b", raw[:200], re.IGNORECASE))


def _card(data: bytes, name: str, layout: furniture.Layout, body: Text, repairs: list[Repair]) -> Card:
    head = f"{layout.head}\n{body.chars[: cards.HEAD]}"
    what = cards.kind(layout.title, body.chars)
    when = cards.dates(layout)
    year = cards.report_year(layout.title, what, body.chars, when)
    if year is None:
        raise Refused(f"{name}: no year: neither its title nor its headings nor a date say which year it is about")
    issuer = cards.issuer(layout, layout.title, body.chars)
    title = layout.title or body.chars.split("\n", 1)[0].strip()[: furniture.TITLE]
    number = cards.number(layout)
    code = cards.county(title, issuer, head, region.of_document(title, issuer, head))
    if code is None and number is not None and not cards.is_of_township(title, issuer):
        code = region.of_document(number, None, head)  # 六盘水府函〔2021〕17号
    if code is None:
        raise Refused(f"{name}: no region: neither title, issuer nor text name a place of GB/T 2260")
    missing = cards.missing(body.chars)
    return Card(
        title=title,
        kind=what,
        region=code,
        report_year=year,
        issuer=issuer,
        number=number,
        issued_on=when.issued_on,
        delivered_on=when.delivered_on,
        published_on=when.published_on,
        url=None,
        sha256=hashlib.sha256(data).hexdigest(),
        quality=_quality(body, repairs),
        complete="rest_of_text" not in missing,
        missing=missing,
    )


def _quality(body: Text, repairs: list[Repair]) -> dict[str, int]:
    """In how many places of the body what was damaged; another width of a character is no damage."""
    if not len(body):
        return {}
    counts = Counter(
        repair.name
        for repair in repairs
        if repair.name not in ("full_width", "flattened") and body.start <= repair.start < body.end
    )
    run_together = len(re.findall(r"\d%(?=\d)", body.chars))
    if run_together:
        counts["separators"] = run_together
    return dict(sorted(counts.items()))
