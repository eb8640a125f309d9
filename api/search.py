"""A text in, what it may name out, the likeliest first: by Chinese, English, pinyin, initials and near spellings.

A name that is the text comes first, then those that begin with it, then those that hold it; names that are read like it
follow, then those whose syllables begin with its letters. Only where there is none of these do near spellings count.
At each step names come before aliases, then what has more observations.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import Any
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from api.snapshot import Snapshot

KINDS = {"indicators": "indicator", "regions": "region", "documents": "document"}  # by the question that lists them
_EXACT, _PREFIX, _CONTAINED = 1, 2, 3  # how far from its beginning a name may hold the text
_NAMED = 2_000  # names of observations, at most
_VARIANTS = 64  # ways to read a text, at most
_SLIPPED = 2000  # names that are compared letter by letter, at most
_TYPED = 60  # letters of pinyin that are compared so, at most
_CODES = 0xE000  # a syllable is one character from here on
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SPOKEN = re.compile("[a-z]+|[0-9]+|[\u4e00-\u9fff]")
_WHOLE = "(?<![a-z0-9])%s(?![a-z0-9])"
_NUMERALS = re.compile("[0-9零一二三四五六七八九十百千万亿两]")


class _Lines:
    """Many short texts in one: asked as fast as a single one, and no object for each."""

    def __init__(self, lines: Iterable[str]) -> None:
        kept = list(lines)
        self.text = "\n".join(["", *kept, ""])
        self._starts = array("I", accumulate((len(line) + 1 for line in kept), initial=1))

    def __getitem__(self, row: int) -> str:
        return self.text[self._starts[row] : self._starts[row + 1] - 1]

    def find(self, wanted: Sequence[str], depth: int = _CONTAINED) -> list[int]:
        """The rows that are one of the texts, then those that begin with one, then those that hold one."""
        text, starts = self.text, self._starts
        grades: tuple[list[int], ...] = ([], [], [])
        for each in filter(None, wanted):
            at, size = text.find(each), len(each)
            while at >= 0:
                row = bisect_right(starts, at)
                end = starts[row] - 1
                grades[2 if text[at - 1] != "\n" else at + size < end].append(row - 1)
                at = text.find(each, end)
        if len(wanted) > 1:
            grades = tuple(sorted(grade) for grade in grades)
        return list(dict.fromkeys(chain.from_iterable(grades[:depth])))


class _Alphabet:
    """Syllables, each as one character, so that texts of them compare like any other; ``near`` ones as the same."""

    def __init__(self, characters: Mapping[str, str], *, near: bool) -> None:
        self._near = near
        spelt = {syllable: self._fold(syllable) for syllable in characters}
        self._code = {each: chr(_CODES + place) for place, each in enumerate(sorted(set(spelt.values())))}
        self._codes = {syllable: self._code[each] for syllable, each in spelt.items()}
        self._characters = characters
        self._longest = max(map(len, self._code), default=0)

    def _fold(self, letters: str) -> str:
        """What sounds alike, spelt alike: zh like z, ng like n."""
        return re.sub("ng(?![aeiouv])", "n", re.sub("([zcs])h", r"\1", letters)) if self._near else letters

    def code(self, pinyin: str) -> str:
        """A reading as the snapshot has it, syllables with spaces between, in this alphabet."""
        return "".join([self._codes.get(word, word) for word in pinyin.split()])

    def readings(self, text: str, lines: _Lines) -> list[str]:
        """The ways to read a text that occur in the lines."""
        found = [""]
        for word in _SPOKEN.findall(text):
            if not found:
                break
            ways = self._heard(word) if _CHINESE.match(word) else self._split(self._fold(word)) or [word]
            found = [new for old in found for way in ways if (new := old + way) in lines.text][:_VARIANTS]
        return [one for one in found if syllables(one)]

    def _heard(self, character: str) -> list[str]:
        return list({self._codes[one]: None for one, read in self._characters.items() if character in read})

    def begun(self, letters: str) -> str:
        """The syllables that begin with the letters."""
        return "".join(code for spelt, code in self._code.items() if spelt.startswith(letters))

    def _split(self, letters: str) -> list[str]:
        """The ways to part letters into syllables, where that leaves nothing; of many some."""
        ways: list[list[str]] = [[""]] + [[] for _ in letters]
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - self._longest), end):
                if ways[start] and (code := self._code.get(letters[start:end])):
                    ways[end] += [way + code for way in ways[start]]
            del ways[end][8:]
        return ways[-1]


def syllables(text: str) -> int:
    """How many characters of a text are syllables."""
    return sum(ord(character) >= _CODES for character in text)


class _Index:
    """The names of the things of one kind, each as it is written, read and begun."""

    def __init__(self, rows: Sequence[tuple[str, str, str]], characters: Mapping[str, str]) -> None:
        self._ids = [identity for identity, _, _ in rows]
        self._pinyin = [pinyin for _, _, pinyin in rows]
        self._characters = characters
        self._names = _Lines(plain(name) for _, name, _ in rows)
        self._strict, self._near = _Alphabet(characters, near=False), _Alphabet(characters, near=True)
        self.ranked = lru_cache(maxsize=64)(self._ranked)
        self.safe = lru_cache(maxsize=64)(self._safe)

    @cached_property
    def _said(self) -> _Lines:
        return _Lines(map(self._strict.code, self._pinyin))

    @cached_property
    def _alike(self) -> _Lines:
        return _Lines(map(self._near.code, self._pinyin))

    @cached_property
    def _letters(self) -> list[str]:
        return [pinyin.replace(" ", "") for pinyin in self._pinyin]

    @cached_property
    def _initials(self) -> _Lines:
        return _Lines(
            "".join([word[0] if word in self._characters else word for word in pinyin.split()])
            for pinyin in self._pinyin
        )

    @cached_property
    def _words(self) -> list[str]:
        return sorted(set(re.findall("[a-z]{4,}", self._names.text)))

    def _ranked(self, text: str) -> tuple[str, ...]:
        """All that a text may name."""
        return self._named([*self._written(text), *self._read(text), *self._begun(text)]) or self.near(text)

    def _safe(self, text: str) -> tuple[str, ...]:
        """What it names for certain: as it is written, else as it is read, else as it begins."""
        return self._named(self._written(text) or self._read(text) or self._begun(text))

    def near(self, text: str) -> tuple[str, ...]:
        """What sounds like the text, or else is spelt nearly like it."""
        for found in (self._sounding, self._unfinished, self._misspelt, self._slipped):
            if rows := found(text):
                return self._named(rows)
        return ()

    def _named(self, rows: Iterable[int]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._ids[row] for row in rows))

    def _written(self, text: str) -> list[int]:
        parts = sorted(text.split(" "), key=len, reverse=True)
        held = self._names.find([text])
        # in whatever order; Latin ones as whole words, as syllables are parts of many an English word
        if len(parts) > 1:
            whole = [re.compile(_WHOLE % re.escape(part) if part.isascii() else re.escape(part)) for part in parts]
            held += [row for row in self._names.find(parts[:1]) if all(part.search(self._names[row]) for part in whole)]
        return held

    def _read(self, text: str) -> list[int]:
        """Of what is typed in pinyin."""
        spoken = _spoken(text)
        if not spoken or _CHINESE.search(spoken):
            return []
        ways = self._strict.readings(spoken, self._said)
        return self._said.find(ways, _CONTAINED if all(syllables(way) > 1 for way in ways) else _PREFIX)

    def _begun(self, text: str) -> list[int]:
        """Of initials: few of them must be all that a name has."""
        initials = _spoken(text).replace(" ", "")
        if not initials.isascii() or len(initials) < 2:
            return []
        return self._initials.find([initials], max(_EXACT, min(_CONTAINED, len(initials) - 2)))

    def _sounding(self, text: str) -> list[int]:
        """Of what sounds the same, then of what sounds alike."""
        spoken = _spoken(text)
        found: list[int] = []
        for alphabet, lines in ((self._strict, self._said), (self._near, self._alike)):
            ways = alphabet.readings(spoken, lines)
            size = min(map(syllables, ways), default=0)
            found += lines.find(ways, min(size, _CONTAINED)) if size > 1 else []
        return found

    def _unfinished(self, text: str) -> list[int]:
        """Of pinyin whose last syllable is not typed to its end."""
        spoken = _spoken(text)
        for end in range(len(spoken) - 1, max(1, len(spoken) - 6), -1):
            rest = spoken[end:]
            if not re.fullmatch("[a-z]+", rest):
                return []
            if ways := self._strict.readings(spoken[:end], self._said):
                following = self._strict.begun(rest)
                if not following:
                    return []
                whole = re.compile(f"(?:{'|'.join(map(re.escape, ways))})[{following}]")
                depth = _CONTAINED if all(syllables(way) > 1 for way in ways) else _PREFIX
                return [row for row in self._said.find(ways, depth) if whole.search(self._said[row])]
        return []

    def _slipped(self, text: str) -> list[int]:
        """Of a wrong, lost or surplus character or two in a part of a name, or one letter in the whole pinyin of one."""
        typed = _spoken(text).replace(" ", "")
        if typed.isascii():
            if not 7 <= len(typed) <= _TYPED:
                return []
            close = process.extract(typed, self._letters, scorer=OSA.distance, score_cutoff=1, limit=None)
            return [row for _, _, row in sorted(close, key=lambda each: each[1:])]
        size = len(text)
        if size < 4:
            return []
        allowed = 1 if size < 8 else 2
        pieces = [text[size * at // (allowed + 1) : size * (at + 1) // (allowed + 1)] for at in range(allowed + 1)]
        numerals = set(_NUMERALS.findall(text))
        held = {
            row: line
            for row in self._names.find(pieces)[:_SLIPPED]
            if len(line := self._names[row]) >= size - allowed and numerals.issubset(line)
        }
        cutoff = 100 * (1 - (allowed + 0.25) / size)
        near = process.extract(text, held, scorer=fuzz.partial_ratio, score_cutoff=cutoff, limit=None)
        return sorted((row for _, _, row in near), key=lambda row: (OSA.distance(text, held[row]), row))

    def _misspelt(self, text: str) -> list[int]:
        """Of English words, some of them with a wrong, lost or surplus letter or two; short ones do not count."""
        held = [set(self._names.find(self._like(word))) for word in text.split(" ") if len(word) > 3]
        return sorted(set.intersection(*held)) if held else []

    def _like(self, word: str) -> list[str]:
        if not re.fullmatch("[a-z]{4,40}", word):
            return []
        allowed = 1 if len(word) < 8 else 2
        near = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        return [found for found, distance, _ in near if found[0] == word[0] and distance == near[0][1]]


def plain(text: str) -> str:
    """A text as it is compared: whatever the case, the width of its characters and the white space in it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _spoken(text: str) -> str:
    """A text that may be read aloud, as pinyin has it; empty for others."""
    said = re.sub("[\\s'’-]+", " ", text).replace("ü", "v").strip()
    said = re.sub("(?<=[ln])ue", "ve", said)
    return said if re.fullmatch("[a-z0-9\u4e00-\u9fff ]+", said) else ""


_indexes: WeakKeyDictionary[Snapshot, dict[str, _Index]] = WeakKeyDictionary()
_making = threading.Lock()


def _index(snapshot: Snapshot, kind: str) -> _Index:
    with _making:
        known = _indexes.setdefault(snapshot, {})
        if kind not in known:
            characters = {row["syllable"]: row["characters"] for row in snapshot.ask("syllables", {})}
            rows = [(row["id"], row["name"], row["pinyin"]) for row in snapshot.ask("spellings", {"kind": kind})]
            known[kind] = _Index(rows, characters)
        return known[kind]


def found(snapshot: Snapshot, question: str, text: str) -> dict[str, Any]:
    """What a text finds: of what is listed by rank the ids as ``found``, else those of indicators.

    A filter of observations takes no near spelling where an observation's own name holds the text; these names are
    ``named``, None where they are so many that they are looked for in the observations themselves.
    """
    asked = plain(text)
    if question in KINDS:
        return {"found": list(_index(snapshot, KINDS[question]).ranked(asked))}
    index = _index(snapshot, "indicator")
    names = [row["name"] for row in snapshot.ask("source_names", {"q": text, "limit": _NAMED + 1})]
    ids = index.safe(asked)
    if not ids and not names:
        ids = index.near(asked)
    return {"found": list(ids), "named": names if len(names) <= _NAMED else None}
