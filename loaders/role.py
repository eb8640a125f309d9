"""The words of a clause say whether its figure is planned or reached, and of which year."""

from __future__ import annotations

import re
from collections.abc import Iterable

_REACHED = re.compile(r"(?<![与和同比较])(?:去年|上年(?!度))|截至目前|目前已|已建成|现有")
_BEFORE = re.compile(r"(?<![与和同比较])(?:去年|上年)")
_AHEAD = re.compile(
    r"力争|确保|争取|计划|目标|今年|全年|新[增建]|推进|继续|持续|提[升高]|加快|以上|打造|实施|开展|力度"
)
_PLANNED = re.compile(r"力争|年度计划|计划投资|拟")
_PAST_YEAR = re.compile(r"(?:荣获|获评|获得|荣膺)[^,;。]{0,6}(?:19|20)\d\d(?:学年|年度)")


def reached(clauses: Iterable[str]) -> list[bool]:
    """For each clause of a plan whether it tells what there is already, or goes on with that.

    >>> reached(["现有7个乡镇建有驿站", "覆盖率70%", "力争达到80%"])
    [True, True, False]
    """
    found, now = [], False
    for clause in clauses:
        now = bool(_REACHED.search(clause)) or (now and not _AHEAD.search(clause))
        found.append(now)
    return found


def of(clause: str, role: str, year: int, *, report_year: int, reached: bool) -> tuple[str, int]:
    """Role and year of what a clause states, where the text around it has this role and year."""
    if role == "actual":
        return ("target" if _PLANNED.search(clause) else role), year
    if _PAST_YEAR.match(clause):
        return "actual", report_year
    if _REACHED.search(clause) or reached:
        return "actual", report_year if _BEFORE.search(clause) else year
    return role, year
