"""What a printed cell looks like: points for it as a figure, a name, a unit, a body, running text."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from loaders import header, unit

NEVER = -9.0  # points of a cell that can't stand there
_UNIT_BRACKET = re.compile(r"\(([^()]{1,12})\)$")
_LEADING_BRACKET = re.compile(r"\(([^()\d]{1,10})\)")
_COUNT = re.compile(r"\(?\d{1,3}[项个条]\)?$|\(\d{1,3}\)$")
_ITEM = re.compile(r"\d{1,2}[.．、](?!\d)")
_HEADING = re.compile(r"(第?[一二三四五六七八九十]{1,3}[、.章节]|\([一二三四五六七八九十]{1,3}\))")
CAPTION = re.compile(r"(附表|附件|专栏|续表|表)[:\d一二三四五六七八九十]")
_LETTERS = re.compile(r"[A-Za-z]{2}")
_NUMBER = re.compile(r"[-+−﹣]?\d[\d,]*(?:\.\d+)?")


def has_words(words: str) -> bool:
    """Whether there is a word at all: two Chinese characters or two letters."""
    return sum("一" <= char <= "鿿" for char in words) >= 2 or _LETTERS.search(words) is not None


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    known = header.words().cell
    pieces = {*known.value_words, *unit.labels(), *unit.POWERS}
    by_first: dict[str, list[str]] = {}
    for piece in sorted(pieces, key=len, reverse=True):
        by_first.setdefault(piece[0], []).append(piece)
    return {first: tuple(group) for first, group in by_first.items()}


@lru_cache(maxsize=65536)
def coverage(words: str) -> float:
    """Which part of the words are numbers, units and words that state a value, from 0 to 1."""
    vocabulary, marks = _vocabulary(), "".join(header.words().cell.value_marks)
    at = covered = 0
    while at < len(words):
        number = _NUMBER.match(words, at)
        if number:
            step = len(number[0])
        elif words[at] in marks:
            step = 1
        else:
            step = next((len(piece) for piece in vocabulary.get(words[at], ()) if words.startswith(piece, at)), 0)
        covered += step
        at += step or 1
    return covered / len(words)


def is_numeral(words: str) -> bool:
    """Whether the words are the numeral of a heading alone: 一, (二), 三、."""
    return 0 < len(words) <= 4 and all(char in "一二三四五六七八九十()、." for char in words)


def is_unit(words: str) -> bool:
    return len(words) <= 12 and (words in unit.POWERS or unit.parse(words) is not None)


def are_bodies(words: str) -> bool:
    """Whether the words are names of bodies: 县发改局、市生态环境局."""
    tails = header.words().cell.body_tails
    parts = [part for part in re.split(r"[、,;:/]", words) if part]
    return bool(parts) and all(
        2 < len(part) + (len(parts) > 1) <= 24 and part.endswith(tails) and not any(char.isdigit() for char in part)
        for part in parts
    )


def ends_like_a_name(words: str) -> bool:
    bracket = _UNIT_BRACKET.search(words)
    if bracket and is_unit(bracket[1]):
        return True
    return re.sub(r"(\([^()]*\))+$", "", words).endswith(header.words().cell.name_tails)


@lru_cache(maxsize=65536)
def fits(kind: str, words: str) -> float:
    """Points for the words of a cell in a column of that kind."""
    known = header.words().cell
    if kind in ("value", "name", "parent", "item", "category") and words in header.kinds():
        return NEVER
    if kind == "value":
        return _fits_value(words)
    if kind == "unit":
        if is_unit(words):
            return 3
        if words in known.empty or words in known.slash:
            return 0
        unknown = len(words) <= 5 and not any(char.isdigit() for char in words) and coverage(words) < 1
        return -1 if unknown and not ends_like_a_name(words) else NEVER
    if kind == "bodies":
        if words in known.slash or words in known.empty:
            return 2
        return (1 if words.endswith(("、", ",")) else 4) if are_bodies(words) else NEVER
    if kind == "designation":
        return 4 if words in known.designations else 0 if words in known.empty else NEVER
    if kind == "other":
        return 0 if len(words) <= 30 else NEVER
    if kind == "tasks":
        if CAPTION.match(words) or (_HEADING.match(words) and len(words) < 40):
            return NEVER
        if _ITEM.match(words) and len(words) >= 8:
            return 4
        return 2 if len(words) >= 25 else 1 if words.endswith("。") else -2
    if not has_words(words) or is_unit(words) or words in known.designations or words.startswith(known.never_first):
        return NEVER
    return _fits_category(words) if kind == "category" else _fits_name(kind, words)


def _fits_value(words: str) -> float:
    known = header.words().cell
    if words in known.slash:
        return 3
    if words in known.empty:
        return 1
    bracket = _LEADING_BRACKET.match(words)
    if bracket and is_unit(bracket[1]) and not _NUMBER.fullmatch(bracket[1]):
        return NEVER  # the unit of the name above
    if (is_unit(words) and words not in unit.POWERS) or "。" in words or words.startswith(("*", "注:", "备注")):
        return NEVER
    figure = any(char.isdigit() for char in words)
    if not figure and not any(verb in words for verb in known.value_verbs):
        return -4
    if has_words(words) and (_ITEM.match(words) or _HEADING.match(words)):
        return -6
    share = coverage(words)
    if share == 1:
        return -3 if words.startswith(known.never_first) or words.endswith(known.never_last) else 4
    if len(words) > 60:
        return -5
    if ends_like_a_name(words) and (_UNIT_BRACKET.search(words) or not words.startswith(known.value_verbs)):
        return -6
    return 1 if share >= 0.6 else -1 if share >= 0.3 else -3


def _fits_category(words: str) -> float:
    if _COUNT.search(words):
        return 5
    if len(words) > 14 or any(char.isdigit() for char in words) or are_bodies(words) or "。" in words:
        return NEVER
    if _HEADING.match(words):
        return 4 if not _UNIT_BRACKET.search(words) else 1
    return 1 - (3 if ends_like_a_name(words) else 0)


def _fits_name(kind: str, words: str) -> float:
    if len(words) > 60 or "。" in words or _ITEM.match(words) or words.startswith("*"):
        return NEVER
    points = 2.0
    if words.count("(") != words.count(")"):
        points -= 3
    if kind != "item":
        points += 1 if ends_like_a_name(words) else 0
        points -= 1 if kind == "parent" else 0
    if coverage(words) == 1:
        if words.startswith(header.words().cell.value_openers):
            return NEVER
        points -= 5
    if are_bodies(words) and not ends_like_a_name(words):
        if words[0] in "区县市省州镇" and "级" not in words and len(words) <= 16:
            return NEVER
        points -= 2
    return points


def is_told(words: str) -> bool:
    """Whether a cell of values is running text: several clauses with figures, of which each names its own."""
    clauses = [clause for clause in re.split("[,;。]", words) if _NUMBER.search(clause)]
    return len(clauses) > 1 and coverage(words) < 0.75


def says_a_value(words: str) -> bool:
    """Whether words are the beginning or the end of a value: 以上, 基本同步."""
    known = header.words().cell
    return words.startswith((*known.never_first, *known.value_openers))


def goes_on(kind: str, above: str, below: str) -> bool:
    """Whether a line can be the same cell as the one above: figures and units are cells of their own."""
    known = header.words().cell
    alone = (*known.slash, *known.empty, *known.designations)
    if above in alone or below in alone or is_unit(below) or is_unit(above) or below in header.kinds():
        return False
    if kind == "value":
        figures = any(char.isdigit() for char in above) and any(char.isdigit() for char in below)
        return not figures or above[-1] in "、,-—~至到"
    return not any(any(char.isdigit() for char in line) and coverage(line) == 1 for line in (above, below))
