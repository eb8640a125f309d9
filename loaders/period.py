"""The words of time around a figure become the SDMX time period that its value covers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders import numeral

_PART = (
    r"上半年|下半年|前三季度|(?P<quarter>[一二三四1-4])季度|1[-—~至](?P<to>\d{1,2})月|"
    r"前(?P<first>\d{1,2}|[二两三四五六七八九十]|十一)个月"
)
_NAMED = re.compile(rf"(?<![较比])(?:{_PART})")
_MONTH = re.compile(r"(?<![\d较比])(?P<month>\d{1,2})月(?:(?P<end>[末底])|份|当月)")
_OPENS = re.compile(  # at the head of a clause: what follows is of that part of the year
    r"(?:今年|本年|(?:19|20)\d\d年|全[市县区省州旗盟]|初步核算|据[^,;。\d]{2,8}){0,3}"
    rf"(?:(?P<point>\d{{1,2}}月(?:末|底|份|当月))|{_PART})(?!末?以?前|[、和与及]|相比|对比|的?(?:下滑|负增长))"
)
_CLOSES = re.compile(  # and no longer, where a clause speaks of the whole year or of another
    r"全年|年度(?!计划|任务|目标|预算|投资)|年[末底](?![^,;]{0,3}[增减多少])|^(?:到|至|截至)?(?:19|20)\d\d年(?!上半年|前三季度|[一二三四]季度|1[-—~至])|去年|今后"
)
_BY_MONTH = re.compile(r"(?:其中|力争|确保)?(?P<month>\d{1,2})月(?P<end>[末底])前")
_DOING = re.compile(r"下半年[,要]|下半年(?:工作|重点|重中之重|着力|着重)")
_SO_FAR = re.compile(r"(?:截至|截止|到)\d{1,2}月(?:末|底)[^,;。]{0,8}(?:完成|实现|累计|新增)")
_PLAN = re.compile(r"(十[一二三四]?五)”?(?:时期|期间|以来)?[^,;。]{0,12}(?:年均|累计)")
_PLANS = {"十一五": 2010, "十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030}
_AVERAGED = re.compile(r"(?<![较比]前)([两二三五])年(?:平均|累计)")
_SUMMED = re.compile(r"年均(?!气温|降水|浓度|值)|年平均(?!浓度)|五年|累计")


def of(clause: str, piece: str, year: int, *, role: str, opened: str, five: bool) -> tuple[int, str]:
    """Year and period of what a piece of a clause states.

    ``opened`` is the part of the year that the sentence, or the whole report, speaks of; ``five`` says that it is of
    the five years up to ``year``.
    """
    plan = _PLAN.search(clause)
    if plan is not None and plan[1] in _PLANS:
        return _PLANS[plan[1]], f"{_PLANS[plan[1]] - 4}/{_PLANS[plan[1]]}"
    averaged = _AVERAGED.search(clause)
    if averaged is not None:
        span = {"两": 2, "二": 2, "三": 3, "五": 5}[averaged[1]]
        return year, f"{year - span + 1}/{year}"
    if five and _SUMMED.search(clause):
        return year, f"{year - 4}/{year}"
    if _SO_FAR.search(clause) and role == "actual" and (month := _MONTH.search(clause)):
        return year, named(year, f"1-{month['month']}月")
    month = _MONTH.search(piece) or _BY_MONTH.match(clause)
    if month is not None:
        return year, named(year, month[0])
    several = len(re.findall(r"季度|上半年|下半年", clause)) > 1
    said = _NAMED.search(piece if several else clause)
    if said is not None and not _DOING.search(clause):
        return year, named(year, said[0])
    return year, named(year, opened) if opened and role == "actual" and not _CLOSES.search(clause) else str(year)


def opened(clauses: Iterable[str], before: str) -> list[str]:
    """For each clause the part of the year that it or one before it has opened; ``before`` is that of the sentence before.

    >>> opened(["1—4月", "规模以上工业增加值增长11.5%", "全年有望增长12%"], "")
    ['1—4月', '1—4月', '']
    """
    found = []
    for clause in clauses:
        if opens := _OPENS.match(clause):
            before = opens["point"] or (_NAMED.search(opens[0]) or opens)[0]
        elif _CLOSES.search(clause):
            before = ""
        found.append(before)
    return found


def named(year: int, part: str) -> str:
    """A part of a year as a period.

    >>> named(2023, "上半年"), named(2023, "前三季度"), named(2023, "1-6月"), named(2023, "前5个月"), named(2023, "6月末")
    ('2023-S1', '2023-01/2023-09', '2023-S1', '2023-01/2023-05', '2023-06')
    """
    if part in ("上半年", "下半年"):
        return f"{year}-S{1 if part == '上半年' else 2}"
    if month := _MONTH.search(part):
        last = 11 if month["end"] else 12  # the end of December is the year's
        return f"{year}-{int(month['month']):02}" if 0 < int(month["month"]) <= last else str(year)
    said = _NAMED.fullmatch(part)
    if said is None:
        return str(year)
    if said["quarter"]:
        return f"{year}-Q{numeral.chinese(said['quarter']) or said['quarter']}"
    until = said["to"] or said["first"] or "9"
    months = int(until) if until.isdigit() else int(numeral.chinese(until) or 0)
    if months in (6, 12) or not 0 < months < 12:
        return f"{year}-S1" if months == 6 else str(year)
    return f"{year}-01/{year}-{months:02}" if months > 1 else f"{year}-01"
