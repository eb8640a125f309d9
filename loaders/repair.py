"""The original in, its text mended: half-width, simplified, without pinyin, each repair with its place.

The order matters: shifted bytes can only be read again while the traditional characters and the pinyin brackets
still stand, synonyms only in simplified half-width characters.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Protocol

from loaders import rewritten, shift
from loaders.text import Repair, Text, edited

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TONED = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹ"
VOWELS = "aeiouüv" + TONED
SYLLABLE = rf"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?[{VOWELS}]{{1,4}}(?:ng?|r)?"
BRACKET = re.compile(rf"(?<=[{HAN}])[(（]({SYLLABLE})[)）]")
MANY = 10  # brackets with a tone mark that make a document one with pinyin
SAMPLE = 200_000  # characters that tell whether a document is a traditional one
TRADITIONAL = 0.1  # share of traditional characters that makes a document a traditional one

_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_MARKS = str.maketrans(
    "\u3000\u00a0\u202f\u205f\r\x0b\x0c\x85\u2028\u2029∶﹕︰﹣﹤﹥﹪﹢﹐﹔﹙﹚≧≦﹑｡",
    "    \n\n\n\n\n\n:::-<>%+,;()≥≤、。",
)
_FORMS = {**_WIDE, **dict.fromkeys(range(0x2000, 0x200B), " "), **{wide: chr(half) for wide, half in _MARKS.items()}}
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")  # look like characters, in text copied from a PDF file
_TO_FOLD = re.compile("[" + re.escape("".join(map(chr, _FORMS))) + "]|" + _RADICAL.pattern)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]+")


def mended(raw: str) -> tuple[Text, list[Repair]]:
    """The whole original, mended, and what was mended in the order of its places."""
    text = Text.of(raw)
    repairs: list[Repair] = []
    for stage in (
        _unescaped,
        _pinyin,
        _unseen,
        _unquoted,
        _celled,
        _half_width,
        _simplified,
        _unmarked,
        _wrapped,
        _flattened,
        _unwritten,
    ):
        text = stage(text, raw, repairs)
    repairs.sort(key=lambda repair: (repair.start, repair.end))
    return text, repairs


def _changed(text: Text, edits: list[tuple[int, int, str]], raw: str, name: str, repairs: list[Repair]) -> Text:
    if not edits:
        return text
    for start, end, new in edits:
        first, last = text.starts[start], text.ends[end - 1]
        repairs.append(Repair(start=first, end=last, original=raw[first:last], mended=new, name=name))
    return edited(text, edits)


def _replaced(text: Text, chars: str, raw: str, name: str, repairs: list[Repair]) -> Text:
    """The text with other characters in the same places; each run of changes is one repair."""
    old, at, size = text.chars, 0, len(chars)
    while at < size:
        if old[at] == chars[at]:
            at += 1
            continue
        end = at + 1
        while end < size and old[end] != chars[end]:
            end += 1
        first, last = text.starts[at], text.ends[end - 1]
        repairs.append(Repair(start=first, end=last, original=raw[first:last], mended=chars[at:end], name=name))
        at = end
    return Text(chars, text.starts, text.ends)


def _pinyin(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Pinyin brackets taken out, and the bytes read again that they, or a lost byte, have shifted."""
    brackets = list(BRACKET.finditer(raw))
    toned = [bracket for bracket in brackets if any(letter in TONED for letter in bracket[1])]
    if len(toned) >= MANY:
        toned = brackets
    edits = [(bracket.start(), bracket.end(), "") for bracket in toned]
    names = ["pinyin"] * len(edits)
    if len(toned) >= MANY:
        for start, end, new, name in shift.found(raw, [(raw[b.start() - 1], b[1]) for b in toned]):
            edits.append((start, end, new))
            names.append(name)
    kept: list[tuple[int, int, str]] = []
    for (start, end, new), name in sorted(zip(edits, names, strict=True), key=lambda pair: (pair[0][0], -pair[0][1])):
        if kept and start < kept[-1][1]:
            continue
        kept.append((start, end, new))
        repairs.append(Repair(start=start, end=end, original=raw[start:end], mended=new, name=name))
    return edited(text, kept) if kept else text


def _unescaped(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Remains of a page's markup in plain text (&nbsp; <strong>) turned into what they stand for."""
    edits = [
        (
            match.start(),
            match.end(),
            html.unescape(match[0]) if match[0][0] == "&" else " " * match[0].startswith("<br"),
        )
        for match in _MARKUP.finditer(text.chars)
    ]
    return _changed(text, [edit for edit in edits if edit[2] != text.chars[edit[0] : edit[1]]], raw, "markup", repairs)


def _unseen(text: Text, raw: str, repairs: list[Repair]) -> Text:
    edits = [(match.start(), match.end(), "") for match in _UNSEEN.finditer(text.chars)]
    return _changed(text, edits, raw, "full_width", repairs)


def _unquoted(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Cells of several lines, in quotation marks as a spreadsheet copies them, put on one line."""
    if "\t" not in text.chars:
        return text
    edits = []
    for cell in _QUOTED.finditer(text.chars):
        edits += [(at, at + 1, "") for at in range(cell.start(), cell.end()) if text.chars[at] in '"\n']
    return _changed(text, edits, raw, "wrapped", repairs)


def _celled(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Wide blanks between the cells of a table's rows turned into tabs; a row has at least four cells."""
    rows = [row for row in _ROW.finditer(text.chars) if len(_WIDE_GAP.findall(row[0])) >= 3]
    if len(rows) < 3:
        return text
    edits = [
        (row.start() + gap.start(), row.start() + gap.end(), "\t") for row in rows for gap in _WIDE_GAP.finditer(row[0])
    ]
    return _changed(text, edits, raw, "full_width", repairs)


def _half_width(text: Text, raw: str, repairs: list[Repair]) -> Text:
    if not _TO_FOLD.search(text.chars):
        return text
    plain = {ord(old): unicodedata.normalize("NFKC", old) for old in set(_RADICAL.findall(text.chars))}
    chars = text.chars.translate({**_FORMS, **{code: new for code, new in plain.items() if len(new) == 1}})
    return _replaced(text, chars, raw, "full_width", repairs)


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converter() -> _Converter:
    from opencc import OpenCC  # noqa: PLC0415  few documents need it

    converter: _Converter = OpenCC("t2s")
    return converter


def _simplified(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Traditional characters as simplified ones, where the document is written in them; one for one."""
    chinese = re.findall(f"[{HAN}]", text.chars[:SAMPLE])
    if not chinese or not _some_traditional(chinese):
        return text
    chars = _converter().convert(text.chars)
    if len(chars) != len(text.chars):  # some phrase became longer or shorter: character by character, then
        single = {ord(old): _converter().convert(old) for old in set(text.chars)}
        chars = text.chars.translate({code: new for code, new in single.items() if len(new) == 1})
    changed = sum(old != new for old, new in zip(text.chars[:SAMPLE], chars, strict=False))
    return _replaced(text, chars, raw, "traditional", repairs) if changed >= TRADITIONAL * len(chinese) else text


def _some_traditional(chinese: list[str]) -> bool:
    """Whether a sample has characters outside GB 2312: cheap, and without it OpenCC need not be loaded."""
    sample = "".join(chinese[:: max(1, len(chinese) // 2000)])
    return len(sample.encode("gb2312", "ignore")) < 2 * len(sample) * (1 - TRADITIONAL / 2)


def _unmarked(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Watermarks at line ends taken out: the same few words behind blanks, on several lines."""
    found = [match for match in _MARK.finditer(text.chars) if not _in_columns(text.chars, match.start())]
    often = {mark for mark, count in Counter(match[1] for match in found).items() if count > 1 and len(mark) > 2}
    edits = [(match.start(), match.end(), "") for match in found if match[1] in often or _ADDRESS.search(match[1])]
    return _changed(text, edits, raw, "watermark", repairs)


def _in_columns(chars: str, at: int) -> bool:
    """Whether a line has another gap before a place: a table aligned with spaces, whose last cell is no watermark."""
    return re.search(r"\S {2,}\S", chars[chars.rfind("\n", 0, at) + 1 : at]) is not None


def _wrapped(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Lines cut at a fixed width joined again; only where the whole document is cut so."""
    lines = text.chars.split("\n")
    for width in (_columns, _characters):
        widths = [width(line) for line in lines if line.strip() and not _PAGE.fullmatch(line) and not _GRID.match(line)]
        if len(widths) < 12:
            return text
        full = sorted(widths)[int(len(widths) * 0.9)]
        cut = sum(size >= full - 3 for size in widths)
        if 20 <= full <= 160 and max(widths) <= full + 3 and cut >= 0.6 * len(widths):
            break
    else:
        return text
    edits: list[tuple[int, int, str]] = []
    at, open_from = 0, -1  # the end of a full line, until the line that goes on with it
    for line, after in pairwise(lines):
        if width(line) >= full - 3 and not _GRID.match(line) and not _GRID.match(after):
            open_from = at + len(line.rstrip())
        at += len(line) + 1
        if open_from >= 0 and not _PAGE.fullmatch(after):
            if after.strip() and not _HEADING.match(after):
                edits.append((open_from, at + len(after) - len(after.lstrip()), ""))
            open_from = -1
    return _changed(text, edits, raw, "wrapped", repairs)


def _columns(line: str) -> int:
    line = line.rstrip()
    return len(line) + sum(char > "\u1100" for char in line)


def _characters(line: str) -> int:
    return len(line.rstrip())


def _flattened(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """The lines of a page that a scraper set one behind the other, told apart again: a blank where a line ended."""
    chars = re.sub(r"[^\n]{1000,}", lambda line: _told_apart(line[0]), text.chars)
    return text if chars == text.chars else _replaced(text, chars, raw, "flattened", repairs)


def _told_apart(line: str) -> str:
    return _BLANK.sub("\n", line) if len(re.findall(r"[。:] (?=\S)", line)) >= 5 else line


# A blank that is not between Latin words and not within quotation marks, where it sets apart the halves of a motto.
_BLANK = re.compile(r"(?<![A-Za-z0-9,.]) (?![^“”\n]{0,30}”)|(?<=[A-Za-z0-9,.]) (?=[^\x00-\x7f])(?![^“”\n]{0,30}”)")
_MARKUP = re.compile(
    r"&(?:[a-zA-Z]{2,8}\d{0,2}|#\d{2,5}|#x[0-9a-fA-F]{2,5});|</?(?:strong|b|p|br|span|font|em|u|i|div|a)\b[^<>\n]{0,200}>"
)
_QUOTED = re.compile(r'(?<![^\t\n])"[^"\t\n]{1,60}(?:\n[^"\t\n]{1,60}){1,8}"(?=\t|\n|\Z)')
_GRID = re.compile(r"\s*[|│┃║┌├└┏┣┗]")
_ROW = re.compile(r"[^\n]+")
_WIDE_GAP = re.compile(r"(?<=[^\s])\u3000+(?=[^\s])")
_MARK = re.compile(r"(?<=[^\s]) {2,8}([^\s\d]\S{0,30}(?: \S{1,30}){0,7}) *(?=\n|$)")
_PAGE = re.compile(r"[ \t]*(?:[-—–·]{1,2} ?\d{1,3} ?[-—–·]{1,2}|第\d{1,3}页)[ \t]*")
_ADDRESS = re.compile(r"(?:www\.|https?:|\.(?:com|cn|net|org))")
_HEADING = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])")


def _unwritten(text: Text, raw: str, repairs: list[Repair]) -> Text:
    """Synonyms of a rewriter turned back into the words of the genre; only in a rewritten document."""
    known = rewritten.known(text.chars)
    text = _changed(text, known, raw, "rewritten", repairs)
    return _changed(text, rewritten.found(text.chars, sure=bool(known)), raw, "rewritten", repairs)
