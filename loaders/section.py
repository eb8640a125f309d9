"""A text's headings say of which year its figures are, and whether planned or reached."""

from __future__ import annotations

import re

import msgspec

from loaders import lexicon

_FIRST = re.compile(
    r"(?:^|(?<=[\n\s。;:!?]))([一二三四五六七八九十]{1,3})、\s?([^。;,\n\s]{2,50})(?=[\n\s。:]|$)", re.M
)
_CHAPTER = re.compile(r"^[ \t]*第([一二三四五六七八九十]{1,3})[篇章部编](?:分)?[ \t]*([^。;,\n]{2,40})$", re.M)
_SECOND = re.compile(
    r"(?:^|(?<=[\n\s。;:!?]))[((]([一二三四五六七八九十]{1,3})[))]\s?([^。;\n\s]{2,60}?)(?=[\n\s。:]|$)", re.M
)
_NEXT_FIVE = re.compile(r"(?:今后|未来|下一个?|后)五年|五年(?:的)?(?:奋斗)?目标")
_PAST_FIVE = re.compile(
    r"过去(?:的)?五年|五年(?:来)?(?:的)?(?:工作)?回顾|“?十[一二三四]?五”?(?:时期)?[^。]{0,8}(?:成就|回顾|成效)|发展(?:基础|成就)"
)
_SO_FAR = re.compile(r"今年以来|今年(?:上半年|一季度|前三季度)")
_PLAN = re.compile(r"十([一二三四五六])五”?(?:时期|期间)")
_YEAR = re.compile(r"((?:19|20)\d\d)年")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What holds from ``start`` on: the heading, and role and year of the figures below it."""

    start: int
    end: int  # of the heading itself
    heading: str | None
    role: str
    year: int
    span: int = 1  # years back from ``year`` to what a change is measured from: five in a review of five years
    mixed: bool = False  # a review of one year first and then of five: only what speaks of five years goes back so far


def contexts(
    chars: str, report_year: int, kind: str, plan_year: int | None = None, told: int | None = None
) -> list[Context]:
    """Contexts in order of their start, the first at 0.

    A heading that names a year and a kind of section decides; one that does not leaves things as they are
    (second level) or goes by the year alone: up to the report year things were reached, later they are planned.
    ``plan_year`` is the year planned for, by default the one after the report year; a report on half a year plans the
    other half. ``told`` is the year in which it was told, of which 今年以来 is a part.
    """
    plan_year = plan_year or report_year + 1
    first_role = "target" if kind == "work-programme" else "actual"
    found = [
        Context(
            start=0,
            end=0,
            heading=None,
            role=first_role,
            year=plan_year if first_role == "target" else report_year,
        )
    ]
    heads = sorted(
        [(match.start(), match.end(), 1, match) for match in _FIRST.finditer(chars)]
        + [(match.start(), match.end(), 1, match) for match in _CHAPTER.finditer(chars)]
        + [(match.start(), match.end(), 2, match) for match in _SECOND.finditer(chars)],
        key=lambda head: head[0],
    )
    for start, end, level, match in heads:
        heading = match[2].strip()
        role = _role(heading)
        named = _YEAR.search(heading)
        before = found[-1]
        if named and int(named[1]) > report_year:
            role, year = role or "target", int(named[1])
            if role == "actual":
                role = "target" if level == 1 else role
        elif named:
            year = int(named[1])
            role = "actual" if role is None or int(named[1]) <= report_year else role
        elif level == 1 and role is not None:
            year = plan_year if role == "target" else report_year
        else:
            role, year = before.role, before.year
        if not named and _SO_FAR.search(heading) and told is not None and told in (report_year, plan_year):
            role, year = "actual", told
        if role == "target" and not named and _NEXT_FIVE.search(heading):
            year = report_year + 5
        plan = _PLAN.search(heading)
        if role == "target" and not named and plan and 2010 + 5 * "一二三四五六".index(plan[1]) > report_year:
            year = 2010 + 5 * "一二三四五六".index(plan[1])  # “十二五”时期的奋斗目标 are of its last year
        past = _PAST_FIVE.search(heading)
        span = 5 if past else before.span if level == 2 else 1
        mixed = named is not None and named.start() < past.start() if past else level == 2 and before.mixed
        found.append(Context(start=start, end=end, heading=f"{heading}", role=role, year=year, span=span, mixed=mixed))
    return found


def _role(heading: str) -> str | None:
    for rule in lexicon.rules("sections"):
        if any(word in heading for word in rule.words):
            return str(rule.result)
    return None
