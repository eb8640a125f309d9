"""Characters that lost a byte in, the characters that once stood there out.

A tool wrote pinyin behind traditional characters byte by byte, in text encoded as GBK: where the last byte of one
character and the first of the next happen to look like a traditional character, its pinyin went in between the two.
Decoded, the first half became ``?`` and the bytes that follow were paired wrongly, until an ASCII character. The
same befell a full-width mark that two neighbours happen to look like. Undone byte by byte the text is exact again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache

from loaders import lexicon

LONGEST = 80  # characters of one shifted run that are tried
TRIED = 64  # readings of one run that are compared

_LETTERS = "a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜńňǹü"
_TAIL = re.compile(rf"\?([{_LETTERS}]{{1,6}})[)）]")  # what is left of a bracket: ?dāng)
_WHOLE = re.compile(rf"[(（][{_LETTERS}]{{1,6}}[)）]")
_MARK = re.compile(r"\?(?=[!-~！-～][一-鿿?\ue000-\uf8ff])")
_ASIDE = re.compile(r"(?<=[一-鿿”])\?(?=[!\d一-鿿“”])")

Found = tuple[int, int, str, str]  # start, end, what is read, by which rule: shifted or lost
_Reading = tuple[int, int, str, int]  # weight, end, what is read, how many characters are lost


class _Context:
    """What the rest of the document says: which character has which pinyin, and how often each occurs."""

    def __init__(self, raw: str, pairs: list[tuple[str, str]]) -> None:
        self.seen = Counter(raw)
        self.readings: defaultdict[str, set[bytes]] = defaultdict(set)
        for char, pinyin in (*_known(), *set(pairs)):
            code = _bytes(char)
            if code is not None:
                self.readings[pinyin].add(code)
        self.annotated = {char for char, _ in (*_known(), *pairs)}

    def weight(self, char: str) -> int:
        """How much a character speaks for a reading: one that the document uses, or a common one, or a rare one."""
        if self.seen[char] > 2 or char in "。、“”《》":
            return 2
        return 1 if _common(char) or char in self.annotated else -3


def found(raw: str, pairs: list[tuple[str, str]]) -> list[Found]:
    """Every shifted run of a document, read again, and every lost character, left as it stands.

    ``pairs`` are the document's intact characters with their pinyin.
    """
    if "?" not in raw:
        return []
    context = _Context(raw, pairs)
    results: list[Found] = []
    at = 0
    while (at := raw.find("?", at)) >= 0:
        run = _after_tail(raw, at, context) or _after_mark(raw, at, context)
        if run is not None:
            end, chars, lost = run
            if lost and chars.startswith("?"):
                results.append((at, at + 1, "?", "lost"))
                results.append((at + 1, end, chars[1:], "shifted"))
            else:
                results.append((at, end, chars, "shifted"))
            at = end
            if lost == 2 or (lost == 1 and not chars.startswith("?")):
                results.append((at, at + 1, "?", "lost"))
                at += 1
            continue
        if _TAIL.match(raw, at) or _ASIDE.match(raw, at):
            results.append((at, at + 1, "?", "lost"))
        at += 1
    return results


def _after_tail(raw: str, at: int, context: _Context) -> tuple[int, str, int] | None:
    """A run that begins with the rest of a bracket: its character is known by pinyin and by its first byte."""
    tail = _TAIL.match(raw, at)
    if tail is None:
        return None
    last = _bytes(_before(raw, at))
    if last is None:
        return None
    readings = [
        reading
        for code in context.readings[tail[1]]
        if code[0] == last[1]
        for reading in _read(raw, tail.end(), code[1], context)
    ]
    return _best(readings)


def _before(raw: str, at: int) -> str:
    """The character before a place, without its bracket of pinyin; nothing where there is none."""
    if at and raw[at - 1] in ")）":
        bracket = max(raw.rfind(mark, max(0, at - 9), at) for mark in "(（")
        at = bracket if bracket >= 0 and _WHOLE.fullmatch(raw, bracket, at) else 0
    return raw[at - 1 : at]


def _after_mark(raw: str, at: int, context: _Context) -> tuple[int, str, int] | None:
    """A run that begins with a mark or letter which was full-width: its first byte ended the lost character."""
    if not _MARK.match(raw, at):
        return None
    mark = ord(raw[at + 1])
    best = _best(_read(raw, at + 2, (mark if mark < 0x80 else mark - 0xFEE0) + 0x80, context))
    if best is None:
        return None
    end, chars, lost = best
    if len(chars) < 2:
        return None
    first = "。" if chars[0] == "“" else _lost_words().get(_before(raw, at), "?")
    return end, first + chars, lost + (first == "?")


@cache
def _known() -> tuple[tuple[str, str], ...]:
    """Traditional characters of GBK with their pinyin: facts of Unicode's Unihan, as pypinyin 0.55 has them."""
    lines = (lexicon.SEEDS.parent / "readings.csv").read_text("utf-8").splitlines()[1:]
    return tuple((char, pinyin) for pinyin, chars in (line.split(",") for line in lines) for char in chars)


@cache
def _lost_words() -> dict[str, str]:
    """The second character of a word that ends in the byte A3, by its first: 规模, 参保."""
    words = [word for rule in lexicon.rules("repairs") if rule.result == "lost" for word in rule.words]
    return {word[0]: word[1] for word in words}


def _best(readings: list[_Reading]) -> tuple[int, str, int] | None:
    """The reading with the greatest weight; None where none is better than what stands there."""
    if not readings:
        return None
    weight, end, chars, lost = max(readings)
    return (end, chars, lost) if weight > 0 or not chars else None


def _read(raw: str, at: int, pending: int, context: _Context) -> list[_Reading]:
    """All ways to read on from a byte that waits for its second: weight, end, characters, whether one is lost.

    What a way gains is the weight of the characters it reads over those that stand there.
    """
    ends: list[_Reading] = []
    open_ways = [(at, pending, "", 0)]
    while open_ways and len(ends) < TRIED:
        at, pending, chars, weight = open_ways.pop()
        if pending < 0x80:  # a second byte in the range of ASCII stands for itself
            ends.append((weight, at, chars + chr(pending), 0))
            continue
        if at >= len(raw) or len(chars) > LONGEST:
            continue
        bracket = _WHOLE.match(raw, at)
        if bracket:
            open_ways.append((bracket.end(), pending, chars, weight - 2))
            continue
        tail = _TAIL.match(raw, at)
        if tail:
            codes = [code for code in context.readings[tail[1]] if code[0] == pending]
            ends += [(weight + 4, tail.end(), chars + code.decode("gb18030"), 0) for code in codes]
            continue
        char = raw[at]
        if char == "?":  # a first byte and the ASCII digit behind it became one mark: what they were is gone
            ends.append((weight, at, chars, 1))
            continue
        code = _bytes(char)
        if code is not None:
            first = _char(pending, code[0])
            if first:
                gain = context.weight(first) - context.weight(char)
                open_ways.append((at + 1, code[1], chars + first, weight + gain))
            continue
        if "@" <= char <= "~" and (first := _char(pending, ord(char))):
            bracket = _WHOLE.match(raw, at + 1)
            known = bracket and _bytes(first) in context.readings[bracket[0][1:-1]]
            gain = context.weight(first) + (4 if known else -2 if bracket else 0)
            ends.append((weight + gain, bracket.end() if bracket else at + 1, chars + first, 0))
        ends += [(weight + 4, *rest) for rest in _across(raw, at, pending, chars, context)]
        if "!" <= char <= "~" and (first := _char(pending, 0xA3)):  # it was full-width before it was made half-width
            open_ways.append((at + 1, ord(char) + 0x80, chars + first, weight + context.weight(first) - 1))
    return ends


def _across(raw: str, at: int, pending: int, chars: str, context: _Context) -> list[tuple[int, str, int]]:
    """On over a character that is gone: one for private use, made by the shift, that a scraper left out.

    The character behind it is known by its pinyin, and so is one byte of the lost one. The other has few values: the
    character that the document has most often is taken, and only one that it has.
    """
    bracket = _WHOLE.match(raw, at + 1)
    if bracket is None:
        return []
    found: list[tuple[int, int, str, int]] = []
    for code in context.readings[bracket[0][1:-1]]:
        if code[1] != ord(raw[at]):
            continue
        leads = range(0xA1, 0xA8) if code[0] <= 0xA0 else (*range(0xAA, 0xB0), *range(0xF8, 0xFF))
        for first in (_char(pending, lead) for lead in leads):
            if first and context.seen[first] > 1:
                found.append((context.seen[first], bracket.end(), chars + first + code.decode("gb18030"), 0))
    return [max(found)[1:]] if found else []


def _bytes(char: str) -> bytes | None:
    """The two bytes of a character in GBK, or None."""
    try:
        code = char.encode("gb18030")
    except UnicodeEncodeError:
        return None
    return code if len(code) == 2 else None


def _char(first: int, second: int) -> str | None:
    """The character of two bytes, or None."""
    try:
        char = bytes((first, second)).decode("gb18030")
    except UnicodeDecodeError:
        return None
    return char if len(char) == 1 and not "\ue000" <= char <= "\uf8ff" else None


def _common(char: str) -> bool:
    """Whether a character is in the first level of GB 2312: the 3,755 common ones."""
    code = _bytes(char)
    return code is not None and 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1
