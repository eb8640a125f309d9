"""The words in front of a figure become the name of what it counts."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import msgspec

from loaders import indicator, lexicon

_RATE = re.compile(r"(?:增速|增幅|涨幅|降幅|跌幅|减幅)$")
_MEMBERS = re.compile(r"(?:以上|上述)?[两二三四五](?:者|项)(?:指标)?(?:增速|增幅|总量|总额)?")
_REACH = 80  # characters before a figure that words which link or tell how it moved can take, at most
_WORDS = {  # words that link, but for what they begin with as a part of a word
    "为": "(?<![行作人])为",
    "均": "(?<![人户亩])均(?!衡)",
    "和": "和(?!美|谐|平|田)",
    "有": "有(?!机|色|轨|偿|毒|害|礼)",
    "可": "可(?!再生|支配|持续|售|循环|供)",
    "再": "再(?!生|就业|制造|担保)",
    "共": "共(?!享|富|同|建|有产权|青团)",
    "还": "还(?!田|林|湿|贷|款)",
    "并": "并(?!网|购)",
    "约": "约(?!束)",
    "要": "要(?!素)",
}
_MORE = re.compile(
    r"(?:(?:较|比)(?:(?:(?:19|20)\d\d年|上年|去年|年初|\d{1,2}月份?)(?:同期|末|底|初)?|同期)|同比)(?:分别)?"
    r"(?:新增加?|净增加?|多增|多|扩种|增产|增收|增购|新添|净添|(少|减产|缩减))$"
)
LONGEST = 42  # characters of a name; longer ones are half a sentence


@cache
def words(result: str) -> tuple[str, ...]:
    """The words of ``subjects.toml`` with this result, longest first."""
    found = [word for rule in lexicon.rules("subjects") if rule.result == result for word in rule.words]
    return tuple(sorted(found, key=len, reverse=True))


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between a boundary and a figure: the name, where it begins in the lead, and the verb behind it."""

    name: str
    start: int  # of the name in the lead
    verb: str  # 同比增长, 降幅; empty where the figure is the thing itself
    end: int  # of the name in the lead


@cache
def _verb() -> re.Pattern[str]:
    verbs = [word for rule in lexicon.rules("measures") for word in rule.words]
    either = "|".join(re.escape(word) for word in sorted(verbs, key=len, reverse=True))
    return re.compile(rf"(?<![新倍递剧激猛])(?<!自然)(?:{either})(?:率|了)?(?:到|至|为|达到|达|在)?$")


@cache
def _trailing() -> re.Pattern[str]:
    base = (
        r"(?:较|比)(?:(?:19|20)\d\d年|上年|去年|同期|年初|疫情前|上年末|年底|\d{1,2}月|上月|[一二三]季度)(?:同期|末|底|初)?|(?:[两二三四五]年|年)平均"
        r"|(?<=[到至])(?:(?:19|20)\d\d年|\d{1,2}月份?)|在[^,;。]{2,14}(?:之?后|基础上|情况下|前提下)|\d{1,2}[-—~至]\d{1,2}月份?|因[^,;。]{1,6}|连续[\d一二两三四五六七八九十]+个?(?:年|月|季度)|按[^,;。]{2,14}?(?:折算|折合|计算|测算|口径)"
        r"|(?:\([^()]{1,8}\))?(?:(?:19|20)\d\d年)?(?:根据|按照|依据)[^,;。]{2,24}?要求(?:达到?)?(?:每人)?"
    )
    linking = "|".join(_WORDS.get(word, re.escape(word)) for word in words("trailing"))
    return re.compile(f"(?:{base}|{linking})$")


@cache
def _leading() -> re.Pattern[str]:
    return re.compile(
        r"(?:\d{1,2}[.、](?:(?!\d)|(?=(?:19|20)\d\d年))|(?:截至|截止到?|到)?(?:19|20)\d\d年(?:末|底|度)?|(?:截至|截止到?|到)\d{1,2}月(?:份|底|末)|\d{1,2}月[底末]前?|\d{1,2}[-—~至]\d{1,2}月份?|前(?:\d{1,2}|[二三四五六七八九十]|十一)个月"
        rf"|(?:{'|'.join(words('wishes'))})(?:全年|年度)?(?={'|'.join(words('deeds'))})"
        r"|受[^,;。]{1,10}(?:影响|拖累|带动|拉动|推动)|"
        + "|".join(_WORDS.get(word, re.escape(word)) for word in words("leading"))
        + ")"
    )


def of_lead(lead: str) -> Lead:
    """Name and verb of the words in front of a figure.

    >>> of_lead("全年实现固定资产投资同比增长").name, of_lead("全年实现固定资产投资同比增长").verb
    ('固定资产投资', '增长')
    """
    end, verb = len(lead), ""
    more = _MORE.search(lead, max(0, end - _REACH))
    if more is not None:  # 比2015年末多410万亩
        end, verb = more.start(), "较年初少" if more[1] in ("少", "减产", "缩减") else "较年初多"
    while True:
        near = max(0, end - _REACH)
        moved = _verb().search(lead, near, end) if not verb else None
        known = end > 0 and _known(lead[:end])
        if moved is not None and not (known and moved.end() == end and _is_noun(lead[:end])):
            verb, end = lead[moved.start() : end], moved.start()
            continue
        trail = None if lead.endswith(_whole_acts(), 0, end) else _trailing().search(lead, near, end)
        if trail is None or known:
            break
        end = trail.start()
        if verb:
            continue
    rate = _RATE.search(lead, 0, end) if verb.endswith(("到", "至", "为", "在", "达")) else None
    if rate is not None and rate.start() > 0:  # 降幅收窄至2.5%
        verb, end = rate[0], rate.start()
    start = 0
    while start < end:
        front = _leading().match(lead, start, end)
        certain = front is not None and front[0] in ("其中", "同时", "此外", "全年")
        if front is None or (end - front.end() < 2 and front.end() < end) or (_known(lead[start:end]) and not certain):
            break
        start = front.end()
    if lead.startswith("“", start, end) and "”" not in lead[start:end]:
        start += 1
    driven = next((word for word in words("driving") if lead.startswith(word, start, end)), "")
    if driven and start + len(driven) < end and _known(lead[start + len(driven) : end]):
        start += len(driven)
    return Lead(name=lead[start:end], start=start, verb=verb, end=end)


@cache
def _whole_acts() -> tuple[str, ...]:
    """Acts that end like a word that links: 涉及, 惠及."""
    return tuple(word for word in words("acts") if word.endswith(words("trailing")) and word not in words("empty"))


@lru_cache(65536)
def _known(name: str) -> bool:
    return indicator.catalogue().find(name) is not None


def _is_noun(name: str) -> bool:
    return not name.endswith(
        ("增长", "下降", "增速", "增幅", "降低", "减少", "增加", "提高", "上升", "上涨", "回落", "涨幅", "降幅")
    )


def is_pointing(name: str) -> bool:
    """Whether a name only points back: 增速, 总量, or nothing at all."""
    return not name or name in words("pointing") or _MEMBERS.fullmatch(name) is not None


def of_others(name: str) -> bool:
    """Whether a name begins with a larger area whose figures are not the document's own."""
    front = next((word for word in words("others") if name.startswith(word)), "")
    return (
        bool(front)
        and _known(name[len(front) :])
        and not re.match(
            r"(?:国家|全国|国际|世界|中央)[^平]{0,3}?(?:级|高新|科技|专精|标准|企业|质量|知识|文明|卫生|一流|A)", name
        )
    )


def split(names: str, count: int | None, *, each: bool = False) -> list[str] | None:
    """A list of names as the names themselves, with what they share put back; None where the number does not fit.

    >>> split("制造业、高新技术产业、民间项目三项投资", 3)
    ['制造业投资', '高新技术产业投资', '民间项目投资']
    >>> split("城乡居民人均可支配收入", 2)
    ['城镇居民人均可支配收入', '农村居民人均可支配收入']
    """
    both = re.match(r"(.*?)城乡(?:常住)?((?:居民|低保|最低生活保障).*)", names)
    lent = re.match(r"(.*?)存贷款(.*)", names)
    if lent and (count == 2 or each) and "、" not in names and not names.endswith("比"):
        return [f"{lent[1]}存款{lent[2]}", f"{lent[1]}贷款{lent[2]}"]  # 金融存贷款余额
    sectors = re.fullmatch(r"三次产业(增加值.*)", names)
    if sectors and count == 3:
        return [f"第{number}产业{sectors[1]}" for number in "一二三"]
    if both and (count == 2 or each) and "、" not in names and not names.endswith(("比", "倍差", "差距")):
        return [f"{both[1]}城镇{both[2]}", f"{both[1]}农村{both[2]}"]
    parts = [part for part in re.split("、", names) if part]
    if count is not None and len(parts) != count:
        for pattern in (r"、|和|以及", r"、|和|及|以及", r"、|和|及|与|以及", r"、|和|及|与|以及|,"):
            parts = [part for part in re.split(pattern, names) if part]
            if len(parts) == count:
                break
        else:
            return None
    if len(parts) < 2:
        return parts or None
    return _shared(parts)


def _shared(parts: list[str]) -> list[str]:
    last = parts[-1]
    sectors = [re.fullmatch(r"第?([一二三])(?:(?:次?产业|产)(.*))?", part) for part in parts]
    if all(sectors) and len(parts) in (2, 3):  # 第一、二、三产业增加值
        tail = next((found[2] for found in reversed(sectors) if found and found[2]), "") or "增加值"
        return [f"第{found[1]}产业{tail}" for found in sectors if found]
    level = re.fullmatch(r"([国省市县区部])(.+)", last)
    if level and all(part in ("国家", "国", "省", "市", "县", "区", "部") for part in parts[:-1]):
        return [*(part + level[2] for part in parts[:-1]), last]  # 省、市重点项目
    place = re.fullmatch(r"(农村(?:牧区)?|城镇|城市|乡村)(.+)", last)
    if place and all(part in ("农村", "城镇", "城市", "乡村", "农村牧区") for part in parts[:-1]):
        return [*(part + place[2] for part in parts[:-1]), last]
    if parts[0].endswith("存") and last.startswith("贷款") and len(parts) == 2:
        return [f"{parts[0]}款{last[2:]}", parts[0][:-1] + last]
    counted = re.match(r"(.+?)(?:等)?[两二三四五六七八九](?:项|类|大类|个|条|种|大)(.{1,12})$", last)
    if counted:
        tail = "" if counted[2].endswith("指标") else counted[2]
        return [part if part.endswith(tail) else part + tail for part in [*parts[:-1], counted[1]]]
    if all(re.fullmatch(r".{0,6}级", part) for part in parts[:-1]) and "级" in last[:8]:
        tail = last[last.index("级") + 1 :]
        return [part + tail for part in parts[:-1]] + [last]
    share = re.match(r"(.+?)((?:增加值|产值|投资|收入|支出|出口|产量|面积)占.+)$", last)
    if share and not any("占" in part for part in parts[:-1]):
        return [*(part + share[2] for part in parts[:-1]), last]
    heads = words("heads")
    tail = next((head for head in heads if last.endswith(head) and len(last) > len(head)), "")
    if tail and not any(part.endswith(heads) for part in parts[:-1]):
        known = indicator.catalogue().find
        if not any(known(part) for part in parts[:-1]):
            return [part + tail for part in parts[:-1]] + [last]
    if not tail and len(last) >= 4 and all(len(part) == 2 for part in parts[:-1]) and not any(map(_known, parts[:-1])):
        return [*(part + last[2:] for part in parts[:-1]), last]  # 刑事、治安警情
    first_tail = next((head for head in heads if parts[0].endswith(head) and len(parts[0]) > len(head)), "")
    if (
        not first_tail
        and len(parts) == 2
        and _known(parts[0])
        and not _known(last)
        and (full := with_front(parts[0], last, known=True))
    ):
        return [parts[0], full]  # 实际利用外资、内资
    if first_tail:
        stem = parts[0][: -len(first_tail)]
        return [parts[0], *(with_front(stem, part) or (stem + part if part in heads else part) for part in parts[1:])]
    return parts


def with_front(front: str, name: str, *, known: bool = False) -> str:
    """A short name with as much of the name before it as the catalogue knows it by: 粮食播种面积 and 总产量 is 粮食总产量."""
    if not known and (len(name) > 6 or _known(name)):
        return ""
    ends = range(len(front) - 1, 1, -1)
    fronts = (front[:end] for end in ends if front[end - 1] != "“")
    return next((some + name for some in fronts if _known(some + name)), "")


def sector(name: str) -> str:
    """The sector or the people that a name speaks of: 规模以上工业 of 规模以上工业增加值."""
    return next((word for word in words("sectors") if name.startswith(word)), "")


@cache
def _parts() -> re.Pattern[str]:
    return re.compile(
        rf"(?:[两二三四五六七八九十百]+|\d+)(?:大|个|家)?[一-龥]{{0,8}}?(?:{'|'.join(words('parts'))})(?![一-龥]{{0,2}}?(?:工程|体系))"
    )


def parts(name: str) -> str:
    """The counted parts of an area that a name begins with.

    >>> parts("十大制造业平台提能级"), parts("十条产业链")
    ('十大制造业平台', '')
    """
    found = _parts().match(name)
    return found[0] if found else ""


def scoped(name: str) -> tuple[str, str | None]:
    """A name without the scope that narrows it, and that scope: brackets (不含市场采购), and prefixes (区属)."""
    scope: str | None = None
    bracket = re.search(r"\(((?:不含|含|不包括|包括|按|扣除|剔除|常住|户籍|不变价|现价)[^()]{1,24})\)", name)
    if bracket:
        scope = bracket[1]
        name = name[: bracket.start()] + name[bracket.end() :]
    whole = indicator.catalogue().find(name)
    for prefix in (*words("scopes"), *filter(None, [parts(name)])):
        rest = name[len(prefix) :]
        if name.startswith(prefix) and (part := indicator.catalogue().find(rest)) is not None and whole in (None, part):
            return rest, f"{prefix};{scope}" if scope else prefix
    return name, scope
