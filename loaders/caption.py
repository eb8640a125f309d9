"""The lines above and below a table become its caption and its notes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from loaders import header
from loaders.grid import RULE, Piece

_ABOVE = 6  # lines between a caption and its header
_CAPTION = re.compile(
    r"[#*\s]*(附表|附件|专栏|表)\s*([0-9]{1,3}|[一二三四五六七八九十]{1,2})(?!\d)\s*[:：.、]?\s*(.{0,60}?)\**$"
)
_UNITS = re.compile(r"\(?(?:计量)?单位:(.{1,30}?)\)?$")
_NUMERALS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)}


class Caption(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above a header."""

    id: str
    title: str
    units: tuple[str, ...]
    start: int  # its first line

    @classmethod
    def above(cls, chars: str, lines: Sequence[Piece], header_line: int, behind: int) -> Caption:
        """The caption of a header; ``behind`` is the first line that no earlier table holds."""
        units: tuple[str, ...] = ()
        titles: list[str] = []
        start = header_line
        for at in range(header_line - 1, max(header_line - 1 - _ABOVE, behind - 1), -1):
            words = lines[at].words
            found = _CAPTION.match(chars[lines[at].start : lines[at].end].strip()) if len(words) <= 80 else None
            if found and "。" not in words:
                number = int(found[2]) if found[2].isdecimal() else _numeral(found[2])
                letter = "t" if found[1] in ("表", "专栏") else "a"
                title = "".join([found[3].strip(), *reversed(titles)])
                return cls(id=f"{letter}{number}", title=title, units=units, start=at)
            if unit_line := _UNITS.search(words):
                units = units or tuple(part for part in re.split("[、,;/]", unit_line[1]) if part)
                start = at
                continue
            if RULE.fullmatch(words):
                continue
            if len(words) > 60 or "。" in words:
                break
            titles.append(words)
        title = titles[0] if titles and re.search("[表目标计划指]", titles[0][-6:]) else ""
        if title:
            start = next(at for at in range(header_line - 1, -1, -1) if lines[at].words == title)
        return cls(id="", title=title, units=units, start=start)


def _numeral(words: str) -> int:
    if words[0] == "十":
        return 10 + (_NUMERALS.get(words[1:], 0))
    return _NUMERALS[words[0]] * 10 if words[1:] == "十" else _NUMERALS[words[0]]


def notes(lines: Sequence[Piece], end: int) -> tuple[list[str], int]:
    """The notes under a table, and the line behind them."""
    openers = "|".join(header.words().cell.note_openers)
    opener = re.compile(rf"[*※★]*(?:{openers})\d?[:、.]|[*※★]+\D")
    found: list[str] = []
    while end < len(lines) and len(found) < 20:
        words = lines[end].words
        if not opener.match(words) and not (found and re.match(r"\d{1,2}[.、]", words) and len(words) < 100):
            break
        found += re.split("[;。]", opener.sub("", words, count=1))
        end += 1
    return found, end


def scope(name: str, notes: Sequence[str]) -> str | None:
    """What a note says a row holds: X为包含Y数据 → 包含Y数据."""
    openers = header.words().cell.scope_openers
    for note in notes:
        found = re.sub(r"^\d{1,2}[.、]", "", note)
        for known in (name, re.sub(r"\([^()]*\)", "", name)):
            if found.startswith(known):
                rest = re.sub("^(数据|指标)?[为是均:,系]{0,2}", "", found[len(known) :])
                if rest.startswith(openers):
                    return rest
    return None
