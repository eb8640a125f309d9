"""The automatic numbers of a Word file's paragraphs become the words that a reader sees: 一、 (二) 3."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from loaders.package import Package, attribute, local

LEVELS = 9
_DIGITS = "〇一二三四五六七八九"
_CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


class Numbering:
    """The lists of one file, each with its counters."""

    def __init__(self, levels: dict[str, dict[int, tuple[str, str, int]]], styles: dict[str, tuple[str, int]]) -> None:
        self._levels = levels  # list: level: format, text, start
        self._styles = styles  # style: list, level
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)

    @classmethod
    def of(cls, package: Package, part: str) -> Numbering:
        """The lists of a file's numbering and styles."""
        parts = dict(package.related(part).values())
        abstract: dict[str, dict[int, tuple[str, str, int]]] = {}
        lists: dict[str, dict[int, tuple[str, str, int]]] = {}
        if parts.get("numbering", "") in package:
            root = package.tree(parts["numbering"])
            for node in root.iterchildren("{*}abstractNum"):
                abstract[attribute(node, "abstractNumId") or ""] = _levels(node)
            for node in root.iterchildren("{*}num"):
                lists[attribute(node, "numId") or ""] = abstract.get(_value(node, "abstractNumId") or "", {})
        styles: dict[str, tuple[str, int]] = {}
        if lists and parts.get("styles", "") in package:
            for node in package.tree(parts["styles"]).iterchildren("{*}style"):
                stated = _stated(node)
                if stated is not None:
                    styles[attribute(node, "styleId") or ""] = stated
        return cls(lists, styles)

    def next(self, paragraph: Any) -> str:
        """The number of a paragraph, or nothing."""
        stated = _stated(paragraph)
        if stated is None:
            style = next(paragraph.iterfind("{*}pPr/{*}pStyle"), None)
            stated = self._styles.get(attribute(style, "val") or "") if style is not None else None
        if stated is None:
            return ""
        name, level = stated
        levels = self._levels.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts[name]
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]

        def shown(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            form, _, start = levels.get(other, ("decimal", "", 1))
            return _number(counts.get(other, start), form)

        form, words, _ = levels[level]
        return "" if form in ("bullet", "none") else re.sub(r"%([1-9])", shown, words)


def _levels(node: Any) -> dict[int, tuple[str, str, int]]:
    found: dict[int, tuple[str, str, int]] = {}
    for level in node.iterchildren("{*}lvl"):
        place = _int(attribute(level, "ilvl"))
        found[place] = (
            _value(level, "numFmt") or "decimal",
            (_value(level, "lvlText") or "")[:40],
            _int(_value(level, "start"), 1),
        )
    return found


def _stated(node: Any) -> tuple[str, int] | None:
    """The list and the level that a paragraph or a style names."""
    for properties in node.iterfind("{*}pPr/{*}numPr"):
        name = _value(properties, "numId")
        if name is not None:
            return name, min(_int(_value(properties, "ilvl")), LEVELS - 1)
    return None


def _value(node: Any, name: str) -> str | None:
    return next((attribute(child, "val") for child in node if local(child) == name), None)


def _int(words: str | None, default: int = 0) -> int:
    return int(words) if words and re.fullmatch(r"\d{1,4}", words, re.ASCII) else default


def _number(count: int, form: str) -> str:
    """A count as the format shows it.

    >>> _number(12, "chineseCounting"), _number(12, "decimal"), _number(2, "decimalEnclosedCircle")
    ('十二', '12', '②')
    """
    if form in (
        "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
        "ideographDigital",
    ) and 0 < count < 100:  # fmt: skip
        tens, ones = divmod(count, 10)
        return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    if form.startswith("decimalEnclosedCircle") and 0 < count <= len(_CIRCLES):
        return _CIRCLES[count - 1]
    if form in ("lowerLetter", "upperLetter") and 0 < count <= 26:
        return chr((97 if form == "lowerLetter" else 65) + count - 1)
    if form in ("lowerRoman", "upperRoman") and 0 < count < 40:
        words = ""
        for size, sign in _ROMAN:
            words, count = words + sign * (count // size), count % size
        return words if form == "lowerRoman" else words.upper()
    return str(count)
