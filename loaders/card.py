"""A page's parts in, the card of its document out: what it is, whose, of which year, from when, how damaged."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import pairwise

import msgspec

from loaders import furniture, lexicon, region
from loaders.furniture import Layout

REPOST = 90  # days after its delivery from which a stranger's page only repeats a report
HEAD = 1500  # characters of the body that tell whose it is

_DATE = re.compile(r"(20\d\d|19\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})日?(?!\d)")
_STAMP = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})(?=\s+\d{1,2}:\d\d)")
_COMPACT = re.compile(r"[(【]\s*(20\d\d)(\d\d)(\d\d)\s*[)】]")
_DELIVERED = re.compile(r"(20\d\d|19\d\d)年(\d{1,2})月(\d{1,2})日[^。\n]{0,6}[在于][^。\n]{2,60}(?:会议?|大会|聚会)上")
_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,14})\s*[〔\[(【]\s*((?:19|20)\d\d)\s*[〕\])】]\s*(?:第\s*)?(\d{1,5})\s*号")
_LEAD = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日[^。\n]{0,40}?(?:发布|印发|公布|公开)")
_YEARS = re.compile(r"(?<!\d)(20\d\d|19\d\d)年?")
_CHINESE = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")
_NUMERALS = re.compile(
    r"([一二][〇○零O一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})日)?"
)
_ALONE = re.compile(r"[(（【\[]?\s*((?:20|19)\d\d)年(\d{1,2})月(\d{1,2})日\s*[)）】\]]?")
_MEETING = re.compile(r"在[^。\n]{2,60}(?:会议?|大会)上")
_PLANNED = re.compile(
    r"(?m)^[^\n。]{0,24}?(?<![到至])((?:19|20)\d\d)年[^\n。]{0,24}?(?:安排|目标|任务|打算|计划|部署|建议|思路|重点工作|工作重点|主要工作)"
)
_CHAPTER = re.compile(r"(?m)^\s*[一二三四五六七八九十]{1,3}、")
_TOWNSHIP = re.compile(
    r"([\u4e00-\u9fff]{1,8}?(?:镇|乡|街道))(?:人民)?(?:(?:19|20)\d\d年?)?(?:度)?(?:人民)?(?:政府|办事处|工作|国民|经济)"
)
_BODY = r"[\u4e00-\u9fff]{2,24}(?:人民政府(?:办公室)?|委员会|办公室|局|领导小组|厅|县委|市委|区委)"
_WORK_REPORT = re.compile(r"^(?:\d{4}年)?([\u4e00-\u9fff]{2,16}?[省市县区州旗盟镇乡])(?:人民)?(?:\d{4}年)?政府工作报告")
_HEADING = r"(?:[(（][一二三四五六七八九十]|[一二三四五六七八九十]{1,3}、)"
_NO_TABLE = re.compile(
    rf"(?:目标|指标)(?:如下|为|是)?:[ \t]*(?:\n\s*{_HEADING}|\Z)|(?:如下表|见下表|如下图)[^。\n]{{0,8}}[:。]?[ \t]*\n\s*{_HEADING}"
)
_SPAN = re.compile(r"(20\d\d)年?\s*[-—–~至]+\s*20\d\d")
_FIVE = re.compile(r"第十([一二三四五六七八九])个五年|十([一二三四五六七八九])五[”规]")
_REVIEW = re.compile(
    r"(?m)^[^\n。]{0,24}?((?:19|20)\d\d)年[^\n。]{0,24}?(?:执行情况|完成情况|回顾|工作总结|主要工作|取得)"
)


class Dates(msgspec.Struct, frozen=True, kw_only=True):
    """The dates of a document."""

    issued_on: str | None
    delivered_on: str | None
    published_on: str | None


def is_plan(layout: Layout, body: str) -> bool:
    """Whether a page holds a document of the genre, by the genre's own marks; figures alone are none."""
    rules = [rule for rule in lexicon.rules("genres") if rule.result in ("mark", "table")]
    marks = {rule.name for rule in rules if re.search(rule.pattern, body)}
    if layout.titled:
        return bool(marks)
    chapters = len(re.findall(r"(?m)^[一二三四五六七八九十]{1,3}、", body))
    if layout.title is not None:
        return len(marks) >= 2 or (bool(marks) and chapters >= 2)
    return (
        ("address" in marks and len(marks) >= 3)
        or ("table" in marks and "targets" in marks)
        or ("heading" in marks and len(marks) >= 3 and chapters >= 2)
    )


def kind(title: str | None, body: str) -> str:
    """The kind of document."""
    named = furniture.genre(title) if title else None
    if named is not None:
        return named
    if "各位代表" in body:
        return "plan-report" if "计划执行情况" in body else "work-report"
    return "other"


def number(layout: Layout) -> str | None:
    """The document's number: 婺区政发〔2023〕4号."""
    stated = [layout.fields.get(name, "") for name in ("文号", "文件字号", "发文字号", "文件编号")]
    for words in (*stated, layout.head):
        found = _NUMBER.search(words)
        if found:
            return f"{found[1]}〔{found[2]}〕{found[3]}号"
    return None


def issuer(layout: Layout, title: str | None, body: str) -> str | None:
    """Who issued it: who signed it, who spoke, whose report it is, the page's own card; full names first."""
    page = [line.words for line in furniture.lines(layout.head)]
    for above, below in pairwise(page):
        if re.fullmatch(_BODY, above) and _DATE.fullmatch(below):
            return above
    for at, words in enumerate(page):
        if _DELIVERED.search(words):
            spoke = [near for near in page[at + 1 : at + 3] if re.fullmatch(_BODY, near)]
            if spoke:
                return spoke[0]
    spoken = re.search(r"代表([\u4e00-\u9fff]{2,20}?(?:省|市|县|区|州|旗|盟)人民政府)", body[:HEAD])
    if spoken and len(spoken[1]) > 5:
        return spoken[1]
    named = _WORK_REPORT.search(title or "")
    if named:
        return f"{named[1]}人民政府"
    for name in ("发文机关", "发文机构", "制发机关", "发文单位", "发布机构", "发布单位"):
        if name in layout.fields:
            return layout.fields[name]
    return None


def report_year(title: str | None, what: str, body: str, dates: Dates) -> int | None:
    """The year whose plan or work the document is about: the year reported on, not the year planned for."""
    five = _FIVE.search(title or "")
    if five:  # of a five-year plan its first year: 十四五 is 2021 to 2025
        return 1996 + 5 * "零一二三四五六七八九".index(five[1] or five[2]) + 5
    stated = sorted({int(year) for year in _YEARS.findall((title or "").translate(_CHINESE))})
    if what == "plan-report" and len(stated) > 1:
        return stated[0]
    review = _REVIEW.search(body)
    if what in ("plan-report", "work-report") and review:
        return int(review[1])
    if what == "plan-report" and stated and title and re.search(r"执行情况|完成情况", title):
        return stated[0]
    if what == "other" and stated:
        return stated[0]
    span = _SPAN.search(title or "")
    if span:
        return int(span[1]) - 1
    if stated:
        return stated[-1] - 1
    return _untitled(title or "", body, dates)


def _untitled(title: str, body: str, dates: Dates) -> int | None:
    """The year of a document whose title names none: from its delivery, its chapters, its dates, what it names most."""
    if dates.delivered_on:
        return _reported(dates.delivered_on, title)
    review, planned = _REVIEW.search(body), _PLANNED.search(body)
    if review:
        return int(review[1])
    if planned:
        return int(planned[1]) - 1
    if dates.issued_on:
        return _reported(dates.issued_on, title)
    chapters = [chapter.start() for chapter in _CHAPTER.finditer(body)]
    first = body[chapters[0] : chapters[1]] if len(chapters) > 1 else body
    named = Counter(int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)年", first))
    (year, most), *others = named.most_common(2) or [(0, 0)]
    if most > 1 and (not others or others[0][1] < most):
        return year
    return _reported(dates.published_on, title) if dates.published_on else None


def _reported(day: str, title: str) -> int:
    """The year that a document of this day is about: the one before, but for half-years and the year's last weeks."""
    return int(day[:4]) - (0 if "上半年" in title or int(day[5:7]) >= 11 else 1)


def _township(title: str, issuer: str | None) -> str | None:
    found = _TOWNSHIP.search(title) or _TOWNSHIP.search(issuer or "")
    return found[1] if found else None


def is_of_township(title: str, issuer: str | None) -> bool:
    """Whether a document is a township's, which has no code of its own."""
    return _township(title, issuer) is not None


def county(title: str, issuer: str | None, text: str, found: str | None) -> str | None:
    """The code of a document's region; that of a township is its county, which only its own text can tell."""
    town = _township(title, issuer)
    if town is None:
        return found
    if found is not None and _has_towns(found):
        return found
    named = [(end, code) for _, end, code in region.mentioned(text) if _has_towns(code)]
    before = Counter(code for end, code in named if text.startswith(town, end))
    (code, most), *others = (before or Counter(code for _, code in named)).most_common(2) or [("", 0)]
    return code if most and (not others or others[0][1] < most) else None


def _has_towns(code: str) -> bool:
    """Whether a region is what townships lie in: a county, or a city without counties (东莞市)."""
    return not any(below.until is None for below in map(region.get, region.descendants(code)) if below is not None)


def _arabic(words: str) -> str:
    """Words with their dates in Chinese numerals as figures: 二○二一年一月十日 → 2021年1月10日."""

    def day(match: re.Match[str]) -> str:
        rest = f"{_small(match[3])}日" if match[3] else ""
        return f"{match[1].translate(_CHINESE)}年{_small(match[2])}月{rest}"

    return _NUMERALS.sub(day, words)


def _small(words: str) -> int:
    tens, ten, ones = words.rpartition("十")
    value = int(ones.translate(_CHINESE) or 0) if ones.translate(_CHINESE).isdecimal() or not ones else 0
    return value + (
        10 * (int(tens.translate(_CHINESE)) if tens and tens.translate(_CHINESE).isdecimal() else 1) if ten else 0
    )


def dates(layout: Layout) -> Dates:
    """When it was issued, delivered and published.

    A government's own page says when it was published. A stranger's page may only repeat it: then a news item's
    words count (8月23日,某市人民政府发布), else its stamp, unless it is far later than the day of delivery.
    """
    head, fields = _arabic(layout.head), {name: _arabic(value) for name, value in layout.fields.items()}
    delivered = _first(_DELIVERED, head) or _beside(head)
    issued = _stated(fields, "成文日期", "成文时间", "发文日期", "发文时间", "生成日期", "印发日期")
    if issued is None:
        page = [line.words for line in furniture.lines(head)]
        signed = [_first(_DATE, words) for words in page if _DATE.fullmatch(words)]
        issued = signed[-1] if signed else None
    stamp = _stated(fields, "发布日期", "发布时间", "公开日期", "公开时间", "日期", "时间") or _first(_STAMP, head)
    if stamp is None:
        stamp = _stated(_tail(layout.after), "发布日期", "发布时间")
    official = any(name in fields for name in ("索引号", "信息索引号", "发布机构", "发文机关", "成文日期")) or bool(
        re.search(r"政府|[局委办厅]$", fields.get("来源", ""))
    )
    if official and stamp:
        return Dates(issued_on=issued, delivered_on=delivered, published_on=stamp)
    told = _LEAD.search(layout.lead)
    if told and (told[1] or stamp):
        year = int(told[1] or (stamp or "")[:4])
        published = _iso(year, int(told[2]), int(told[3]))
        if published and not told[1] and stamp and published > stamp:
            published = _iso(year - 1, int(told[2]), int(told[3]))
        return Dates(issued_on=issued, delivered_on=delivered, published_on=published)
    spoken = delivered or issued
    if stamp and spoken and abs((date.fromisoformat(stamp) - date.fromisoformat(spoken)).days) > REPOST:
        stamp = None
    return Dates(issued_on=issued, delivered_on=delivered, published_on=stamp or _first(_COMPACT, head) or delivered)


def _beside(head: str) -> str | None:
    """The day of delivery where it stands on a line of its own, beside the meeting's or alone in brackets."""
    page = [line.words for line in furniture.lines(head)]
    for at, words in enumerate(page):
        alone = _ALONE.fullmatch(words)
        near = any(_MEETING.search(other) for other in (*page[max(at - 1, 0) : at], *page[at + 1 : at + 2]))
        if alone and (near or words[0] in "(（"):
            return _iso(int(alone[1]), int(alone[2]), int(alone[3]))
    return None


def _tail(after: str) -> dict[str, str]:
    return furniture.fields(after)


def _stated(fields: dict[str, str], *names: str) -> str | None:
    for name in names:
        found = _first(_DATE, fields.get(name, ""))
        if found:
            return found
    return None


def _first(pattern: re.Pattern[str], words: str) -> str | None:
    """The first date of a pattern that is one in the calendar."""
    for match in pattern.finditer(words):
        found = _iso(int(match[1]), int(match[2]), int(match[3]))
        if found:
            return found
    return None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def missing(body: str) -> tuple[str, ...]:
    """What the document says is there, and is not."""
    found: list[str] = []
    if broken_off(body):
        found.append("rest_of_text")
    if _NO_TABLE.search(body):
        found.append("table")
    return tuple(found)


def broken_off(body: str) -> bool:
    """Whether the text ends within a sentence: its last line is running text without an end."""
    last = body.rstrip().rsplit("\n", 1)[-1].strip()
    ended = last.endswith(tuple("。!?;…”》)】:")) or bool(_DATE.search(last[-12:]))
    return len(last) > 20 and not ended and bool(re.search(r"[。,;]", last)) and "\t" not in last
