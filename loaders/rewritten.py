"""Words that a rewriter put in place of the genre's become the genre's words again.

A page that copies a document may exchange its words for synonyms by a dictionary of its own. Three such dictionaries
are known; for the others there is a thesaurus of the genre, which is asked where many terms stand in other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from operator import add

import msgspec

from loaders import lexicon

REWRITTEN = 4.0  # telltale words in 1,000 characters that make a document a rewritten one
DISTINCT = 3  # different ones among them, at the least
TERMS = 8  # the same of terms that the thesaurus has in other words
SHOWN = 3_000  # characters from the middle of a document that tell whether the thesaurus has to be asked
THESAURUS = "repairs_thesaurus"  # the lexicon of what rewriters in general put in place of the genre's words
REWRITERS = ("repairs", "repairs_synonyms", "repairs_near")  # lexicons, one for each kind of rewriting
_WORD = re.compile("[\u4e00-\u9fff]+")
_FIGURE = re.compile(r"[了约近超逾至到达]{0,2}\d")
UNITS = "%分点元人户个项亩吨斤头只家所套张名次里米度年天倍成位件万亿千百十辆座条处期村0123456789"  # end a figure

Edit = tuple[int, int, str]  # start, end, and what is read there


def known(chars: str) -> list[Edit]:
    """What the known dictionary turns back of which most words are there; nothing where there is none."""
    kind, most = "", 0
    for rewriter in REWRITERS:
        telltale = lexicon.pattern(rewriter, "telltale").findall(chars)
        if len(set(telltale)) > most and _is_rewritten(telltale, DISTINCT, chars):
            kind, most = rewriter, len(set(telltale))
    if not kind:
        return []
    words, either = _synonyms(kind)
    edits = [(match.start(), match.end(), words[match[0]]) for match in either.finditer(chars)]
    return [edit for edit in edits if edit[2] != chars[edit[0] : edit[1]]]


def found(chars: str, *, sure: bool = False) -> list[Edit]:
    """What the thesaurus turns back, in a document of which a piece from the middle has many terms in other words.

    ``sure`` says that it is a rewritten one.
    """
    at = max(0, len(chars) - SHOWN) // 2
    shown = chars[at : at + SHOWN]
    terms = [shown[start:end] for start, end, way in _reworded(shown) if way.is_term]
    if not sure and not _is_rewritten(terms, TERMS, shown):
        return []
    return [(start, end, way.result) for start, end, way in _reworded(chars)]


def _is_rewritten(telltale: list[str], distinct: int, chars: str) -> bool:
    return len(set(telltale)) >= distinct and len(telltale) * 1000 >= REWRITTEN * len(chars)


@cache
def _synonyms(rewriter: str) -> tuple[dict[str, str], re.Pattern[str]]:
    words = {
        word: str(rule.result or word)
        for rule in lexicon.rules(rewriter)
        if rule.result not in ("telltale", "lost")
        for word in rule.words
    }
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    return words, re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items()))


class _Way(msgspec.Struct):
    """A way through the thesaurus: what the words so far stand for, and those that may follow, by their beginning."""

    result: str = ""
    is_term: bool = False
    place: str = ""
    words: dict[str, list[tuple[str, _Way]]] = msgspec.field(default_factory=dict)
    unknown: list[tuple[int, _Way]] = msgspec.field(default_factory=list)

    def add(self, word: str, way: _Way) -> None:
        self.words.setdefault(word[:2], []).append((word, way))

    def ends(self, chars: str, at: int) -> Iterator[tuple[int, _Way]]:
        """Where each term ends whose rest begins at a place."""
        if self.result:
            yield at, self
        for size in (1, 2):
            for word, way in self.words.get(chars[at : at + size], ()):
                if chars.startswith(word, at):
                    yield from way.ends(chars, at + len(word))
        for size, way in self.unknown:
            if _WORD.fullmatch(chars, at, at + size):
                yield from way.ends(chars, at + size)


@cache
def _thesaurus() -> _Way:
    """Where all terms and words begin."""
    begin = _Way()
    meant: dict[str, list[str]] = {}
    ways: dict[tuple[str, ...], _Way] = {(): begin}
    for rule in lexicon.rules(THESAURUS):
        for line in rule.words:
            first, *others = parts = line.split()
            if rule.result == "synonyms":
                meant[first] = [*meant.get(first, [first]), *others]
            elif rule.result == "kept":
                begin.add(line, _Way(result=line))
            elif rule.result == "word":
                for word in others:
                    begin.add(word, _Way(result=first, place=rule.place))
            else:
                for count, part in enumerate(parts):
                    before, now = tuple(parts[:count]), tuple(parts[: count + 1])
                    if now in ways:
                        continue
                    ways[now] = _Way(is_term=True)
                    if part.endswith("*"):
                        ways[before].unknown.append((len(part) - 1, ways[now]))
                    for word in meant.get(part.removesuffix("*"), [part.removesuffix("*")]):
                        ways[before].add(word, ways[now])
                ways[tuple(parts)].result = line.replace(" ", "").replace("*", "")
    return begin


def _reworded(chars: str) -> Iterator[tuple[int, int, _Way]]:
    """What the thesaurus has for other words of a text, each with its place; at each place the longest."""
    begin, done = _thesaurus(), 0
    for at, pair in enumerate(map(add, chars, chars[1:])):
        if at < done or pair not in begin.words:
            continue
        ends = [(end, way) for end, way in begin.ends(chars, at) if _is_placed(chars, at, end, way.place)]
        done, way = max(ends, key=lambda one: (one[0], chars[at : one[0]] == one[1].result), default=(at, begin))
        if way.result and chars[at:done] != way.result:
            yield at, done, way


def _is_placed(chars: str, start: int, end: int, place: str) -> bool:
    if place == "after":
        return start > 0 and chars[start - 1] in UNITS
    if place == "clause":
        return start == 0 or chars[start - 1] in ",;:、。( \n"
    return place != "before" or _FIGURE.match(chars, end) is not None
