"""Several figures that one list of names shares: each gets its name; one figure for all where 各 or 均 says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders import around, indicator, subject
from loaders import period as periods
from loaders.figure import Figure
from loaders.leaning import PART, act
from loaders.subject import Lead
from loaders.told import Told

FROM = re.compile(
    r"(?:由|从)((?:19|20)\d\d年|上年|去年|年初|上年末|期初|\d{1,2}月份?|[一二三]季度|上半年)?(?:末|底|初)?(?P<wish>预期|确定|计划|定)?的?"
    r"(?:每人每月|月人均|每月|人均)?(?P<verb>增长|下降|负增长|上涨)?$"
)
TIMES_OF = re.compile(r"(?:是|为|达到?|相当于)(?:(?:19|20)\d\d年|上年|去年)(?:末|底)?的$")
AVERAGED = re.compile(
    r"(?<!\d\d\d\d)年均|(?<![前近])[两二三四五]年平均(?!数|水平)|(?<![前近两二三四五])年平均(?!数|水平)"
)
WHEN = re.compile(r"一季度|上半年|前三季度|下半年|[二三四]季度|(\d{1,2})月份?(?:当月)?(?:已|即|便)?(?:转正|回正)?")
_ALL = r"分别|依次|双双|各占?(?:为|达)?$|(?:(?<![年平人亩户月日])|(?<=\d\d\d\d年))均"
_EACH = re.compile(rf"{_ALL}(?:达到|达|为|超过|超|在|增长|下降|保持)?$")
_SHARED = re.compile(rf"{_ALL}(?=[^值衡]{{0,4}}$)")
_APART = re.compile("分别|依次")
_JOINT = re.compile(r"[、,和及与]?(?:同比|分别|比上年|较上年|较去年|每人每月|每人每年|每月|每年)*")
_LISTING = ("、", "和", "及", "与", "以及")


def is_shared(told: Told, figure: Figure) -> bool:
    """Whether the words in front of a figure say that it is one of several, or one for several."""
    front = told.chars[told.sentence.bound(figure.start) : figure.start]
    return bool(_APART.search(front) or re.search("双双", front) or _EACH.search(front))


def group(told: Told, figures: Sequence[Figure], first: int) -> list[Figure]:
    """Figures that one list of names shares: 增长5.8%、7%, 69.6%55.0%43.8%."""
    found = [figures[first]]
    if FROM.search(told.chars[told.sentence.bound(found[0].start) : found[0].start]):
        return found  # 由上年的下降8.4%转为增长10.3%
    shared = is_shared(told, found[0])
    for figure in figures[first + 1 :]:
        between = told.chars[found[-1].end : figure.start]
        lead = subject.of_lead(between.lstrip("、,和及"))
        verb = lead.verb and not lead.name and not lead.verb.endswith(("到", "至", "为", "在"))
        alike = _are_alike(found[0], figure) or (between in _LISTING and shared)
        nested = not between and found[-1].is_counted  # 47项4741个项目
        if _APART.search(between) or nested or not (_JOINT.fullmatch(between) or verb) or not alike:
            break
        found.append(figure)
    if not shared and len(run := _run(told, figures, first)) > len(found):
        return run
    commas = any(told.chars.startswith(",", one.end) for one in found[:-1])
    return found[:1] if commas and not shared else found


def _run(told: Told, figures: Sequence[Figure], first: int) -> list[Figure]:
    """Figures of a list that has as many names: 生猪、肉牛、大鹅出栏41万头、5.8万头、260万只; none where it doesn't fit."""
    run = [figures[first]]
    for figure in figures[first + 1 :]:
        if told.chars[run[-1].end : figure.start] not in _LISTING:
            break
        run.append(figure)
    if len(run) == 1 or any(one.unit is None and one.power is None for one in run):
        return []
    name = subject.of_lead(told.chars[told.sentence.bound(run[0].start) : run[0].start]).name
    return run if name.count("、") == len(run) - 1 else []


def _are_alike(one: Figure, other: Figure) -> bool:
    return one.kind == other.kind or {one.kind, other.kind} == {"CNY", "USD"} or (not one.kind and one.power is None)


def distribute(told: Told, group: list[Figure], before: int) -> bool:
    """Give each figure of a group its name; False where the first is to be read by itself, the others being left."""
    each = len(group) == 1
    offset = max(told.sentence.bound(group[0].start), before)
    lead = told.chars[offset : group[0].start]
    apart, times = bool(_APART.search(lead)), TIMES_OF.search(lead)
    names, named, offset = _names(told, group, lead, offset)
    if names is None or (each and len(names) < 2):
        by_itself = each or (not apart and any(told.chars[one.end : one.end + 1] in "、," for one in group[:-1]))
        for one in group[by_itself:]:
            told.sentence.leave(one, "list_does_not_fit")
        return not by_itself
    start = offset + named.start
    if times and all(one.unit is not None and one.unit.label == "倍" for one in group):
        for name, one in zip(names, group, strict=not each):  # 是2011年的1.7倍和1.9倍
            told.state(name, told.times(one), one, start, "multiple")
        return True
    names, what, thing = _things(told, names, lead, apart=apart)
    if not what and group[0].is_counted and (deed := act(names[0])) not in subject.words("empty"):
        known = indicator.catalogue().find  # 新增A、B各2家
        names = [name if act(name) or known(name) else deed + name for name in names]
    names, periods = _periods(told, names)
    verb = "" if what.startswith("占") else subject.of_lead(lead).verb or named.verb
    for index, (name, figure) in enumerate(zip(names, group * len(names) if each else group, strict=True)):
        words = _words(told, group, index, lead, verb, each=each, apart=apart)
        rule, end = "distributed" if apart else "listed", group[-1].end
        part = next((word for word in subject.words("scopes") if index and name != word and name.startswith(word)), "")
        if part and not what and names[0].endswith(name[len(part) :]):  # 一般公共预算收入、区本级收入均增长8%
            told.state(names[0], words, figure, start, "listed", scope=part, end=end)
        elif thing:
            told.state(thing, words, figure, start, rule, scope=name, end=end, period=periods[index])
        else:
            told.state(name + what, words, figure, start, rule, end=end, period=periods[index])
    told.subject = thing or names[-1]
    told.recent = told.listed = names
    return True


def _names(told: Told, group: list[Figure], lead: str, offset: int) -> tuple[list[str] | None, Lead, int]:
    """The names for a group, what the lead says, and where it begins; it may begin in the clause before."""
    each, times = len(group) == 1, TIMES_OF.search(lead)
    named = subject.of_lead(lead[: times.start()] if times else _SHARED.split(lead)[0])
    pointing = subject.is_pointing(named.name)
    recent = told.recent[-len(group) :] if not each and pointing else []
    wordy = around.wordy_before(told.sentence, group[0].start) if recent else ""
    if wordy.count("、") == len(group) - 1 > 0 and not re.match("其中|同时", wordy):
        recent = subject.split(wordy, len(group)) or recent  # 石油化工、冶金建材由升转降,各下降2.6%、0.8%
    if not named.name and offset and len(recent) < 2 and not (each and len(told.recent) > 1):
        offset, end = told.sentence.bound(offset - 1), offset - 1
        named = subject.of_lead(told.chars[offset:end])
        pointing = subject.is_pointing(named.name)
    names: list[str] | None
    if each and pointing and len(told.recent) > 1 and "均" in lead:
        names = told.recent[-2:]
    elif len(recent) == len(group) > 1:
        names = recent
    else:
        names = subject.split(named.name, None if each else len(group), each=each)
    if names is None and offset and "、" not in named.name:  # the list began in the clause before
        offset, end = told.sentence.bound(offset - 1), offset - 1
        named = subject.of_lead(f"{told.chars[offset:end]}、{named.name}")
        names = subject.split(named.name, len(group))
    of_list = named.name.endswith(("率", "比重", "占比", "面积", "产值"))
    if names is None and not each and len(told.listed) == len(group) and of_list:
        names = [one + named.name for one in told.listed]  # 三次产业…,对增长的贡献率分别为31%、44%、25%
    return names, named, offset


def _things(told: Told, names: list[str], lead: str, *, apart: bool) -> tuple[list[str], str, str]:
    """The names with what they lean on; what is told of each; and the one thing of which the names are scopes."""
    what = subject.of_lead(_APART.split(lead)[-1]).name if apart else ""
    what = re.sub(r"^(?:完成|实现|达到|新增|较去年|较上年)+", "", what)
    if re.search(r"(?:各|分别|均)占$", lead) and told.subject:  # 竹木加工、食品饮料各占14.6%、8.1%
        what = f"占{told.subject}比重"
    places = all(PART.fullmatch(name) for name in names)
    thing = what if len(what) > 2 and (places or indicator.catalogue().find(what) is not None) else ""
    if places and not what:  # 甲镇、乙镇各4个
        thing = told.subject or ""
    rates = all(name in subject.words("partial") or re.fullmatch(r"[一-龥]{2,4}率", name) for name in names)
    if told.subject and rates:  # 省级重点项目19个,开工率、投资完成率均达100%
        front = told.subject.removeprefix(act(told.subject))
        names = [name if indicator.catalogue().find(name) else front + name for name in names]
    if told.subject and all(re.fullmatch(r"(?:城镇|农村)(?:常住)?居民", name) for name in names):
        names = [re.sub(r".*居民(?=人均)", f"{name[:2]}居民", told.subject) for name in names]
    return names, what, thing


def _words(told: Told, group: list[Figure], index: int, lead: str, verb: str, *, each: bool, apart: bool) -> str:
    """The value words of one figure of a group: verb and comparators of the first or the last hold for all."""
    figure = group[0] if each else group[index]
    averaged = "年均" if AVERAGED.search(lead) else ""
    own = subject.of_lead(told.chars[group[index - 1].end : figure.start]).verb if index and not each else ""
    after = told.chars[group[-1].end - told.after(group[-1]) : group[-1].end] if apart and figure.after is None else ""
    front = ""
    if index and figure.before is None and apart and not own:  # 分别突破40亿元和15亿元
        front = told.chars[group[0].start : group[0].number_start]
    return averaged + (own or verb) + front + told.chars[figure.start : figure.end] + after * (not each)


def _periods(told: Told, names: list[str]) -> tuple[list[str], list[str | None]]:
    """一季度、上半年生产总值 is one name in two periods."""
    found = [WHEN.match(name) for name in names]
    cut = any(match and match.end() < len(name) for match, name in list(zip(found, names, strict=True))[:-1])
    if not all(found) or cut:
        return names, [None] * len(names)
    rest = names[-1][found[-1].end() :] if found[-1] else ""
    return [rest or told.subject or ""] * len(names), [match and period(told, match) for match in found]


def period(told: Told, match: re.Match[str]) -> str:
    """The SDMX time period of a part of the sentence's year."""
    return periods.named(told.sentence.year, f"{match[1]}月份" if match[1] else match[0])
