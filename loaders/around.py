"""What stands around a figure: the noun behind it, what is said of that, the name in the clause before."""

from __future__ import annotations

import re
from functools import cache

from loaders import indicator, subject
from loaders.sentence import Sentence

_SAID = re.compile(
    r"被?((?:获评|入选|入围|列入|获得|获|通过|参与|参加|建有|纳入|完成|赴|争取|开展)[^,;。、:()\d]{2,20}|(?:与|离|距|在)[^,;。、:()\d]{4,24}"
    r"|(?:顺利|全面|正式)?(?:开工|动工|竣工|投产|落地|签约|投用)(?:建设|达效|投产)?(?=[,;。、]|$))"
)
_PASSED = re.compile(
    r"(?:首次|一举|历史性|成功)*(?:突破|超过|[迈跨](?:过|上|入|进)|跨越|站上|跃上|首破)[^,;。]{0,10}[十百千万亿]"
)
_CHOSEN = re.compile(r"(?:入选|列入|入围|获评|获批|通过|纳入)")


def named_before(sentence: Sentence, at: int) -> str:
    """The indicator that the clause before begins with, where it has no figure: 生产总值迈上千亿台阶,达1012亿元."""
    clause = wordy_before(sentence, at)[:40]
    clause = clause[subject.of_lead(clause).start :]
    ends = range(len(clause), 2, -1)
    known = next((clause[:end] for end in ends if indicator.catalogue().find(clause[:end]) is not None), "")
    passed = _PASSED.search(clause)
    return known or (subject.of_lead(clause[: passed.start()]).name if passed else "")


def scheme(sentence: Sentence, at: int) -> str:
    """The scheme in quotation marks that a sentence has named last: 推进“暖居行动”,…,安置50户."""
    named = re.findall(r"“([^“”\d]{2,16}(?:工程|行动|计划|项目|改造))”", sentence.chars[:at])
    return named[-1] if named else ""


def event(sentence: Sentence, at: int) -> str:
    """The games, fair or contest that the sentence has named last: 备战第九届市运会,获得金牌12枚."""
    named = re.findall(r"第[\d一二三四五六七八九十]+届[一-龥]{0,10}?(?:会|赛|节)", sentence.chars[:at])
    return named[-1] if named else ""


def topic(sentence: Sentence, at: int) -> str:
    """What the clause before speaks of, where it has no figure: 完善社区的婴幼儿照护服务,覆盖率实现83%."""
    _, has, what = wordy_before(sentence, at).rpartition("的")
    return what if has else ""


def wordy_before(sentence: Sentence, at: int) -> str:
    """The clause before the one at a place; empty where there is none or it has a figure."""
    bound = sentence.bound(at)
    if not bound:
        return ""
    start = sentence.bound(bound - 1)
    told = any(start <= figure.start < bound for figure in sentence.figures)
    return "" if told else sentence.chars[start : bound - 1]


@cache
def _ending() -> re.Pattern[str]:
    """What ends the noun behind its number."""
    return re.compile("[,、;:。()《》]|" + "|".join(map(re.escape, subject.words("behind"))))


def noun(chars: str, at: int) -> str:
    """What is counted where the number stands first: 17名专业技术人才; 2家入选市级科技孵化器."""
    rest = re.sub(r"^\d[\d.]*(?:个|项|家|所|处|条)", "", chars[at : at + 30])  # 47项4741个民生实事项目
    chosen = _CHOSEN.match(rest)
    head = chosen.end() if chosen else 0
    if not re.match(r"[一-龥“A-Z]", rest[head:]):
        return ""
    graded = re.match(r"\d*[百千]?[万亿]元以上", rest[head:])
    masked = re.sub(r"\([^()\d]{1,8}\)", lambda found: "〇" * len(found[0]), rest)
    passive = re.match(r"被[一-龥]{2,3}(?:户|人|企业)", rest)  # 413户被征收户
    stop = _ending().search(masked, head + (graded.end() if graded else passive.end() if passive else 0))
    found = re.sub(r"“[^”]*$", "", rest[: stop.start()] if stop else rest)
    found = re.split(r"(?<=[一-龥]{2})(?=\d+(?:\.\d+)?[万亿]?(?:个|项|家|亩|元|套|人|户))", found)[0]  # 11个领域96项…
    found = re.split(r"\d[\d.]*%", found)[0]  # 678宗房屋20100%签约
    return found if head + 1 < len(found) <= 24 and not re.match("以|左右|及|和(?!美|谐|平)", found) else ""


def further(chars: str, at: int) -> str:
    """What a noun belongs to where another figure with its noun follows at once: 11个领域96项服务项目."""
    follows = re.match(r"\d[\d.]*[万亿]?(?:个|项|家|所|处|条|亩|套|户|人|公里)(?=[一-龥]{3})", chars[at:])
    return noun(chars, at + follows.end()) if follows else ""


def predicate(chars: str, at: int) -> str:
    """What a plain noun is counted for: 3家企业获评省首批服务业领军企业."""
    said = _SAID.match(chars, at)
    return said[1] if said else ""
