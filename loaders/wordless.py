"""What a sentence states without a figure: stances, directions, full coverage, and places in an order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders import indicator, lexicon, subject
from loaders.sentence import Sentence

_TIED = ("in_line_with_growth", "above_growth", "as_assigned", "flat", "moderate_growth", "above_overall")
_LOOSE = ("moderate_growth", "above_overall")  # in the middle of a clause these are a way of speaking
_TAIL = re.compile(r"(?:增速|增长|增幅|均能?|全面|能|都|普遍)+$")
_COVERED = re.compile(r"(?P<name>[^,;。:]{4,40}?)(?:基本)?(?:实现|达到)?(?P<way>全覆盖|基本覆盖)$")
_RUN = re.compile(
    r"(?P<name>[^,;。:]{3,24}?)(?:实现|连续|保持|[两三四五六七八九十]年)*"
    r"(?P<way>“?(?:双|[三四五六七八九]?连)(?:下降|降|增|升|提升)”?)$"
)
_AFTER = re.compile(
    r"(?P<name>[^,;。:]{2,30}?)(?:实现|保持|同比)*"
    r"(?P<way>(?:稳步|逐步|逐年|持续|继续|连续|不断|双|稳中有|进一步|明显|显著)*(?:提升|提高|上升|攀升|下降|降低|缩小|收窄|稳中有[降升]))$"
)
_BEFORE = re.compile(r"(?:^|[,、])[一-龥]{0,6}?(?P<way>提高|提升|增加|扩大|降低)(?P<name>[^,;。:、]{3,24})(?=、|$)")
_RANKED = re.compile(
    r"(?P<first>全国|全省|全市|全县)?(?:(?P<verb>位居|位列|升至|上升至|跃升至|前移至|居|列|排名|排|名列|跃居|跃至|保持|稳居|继续保持|跻身|获)(?P<wide>[一-龥]{2,6}(?:\d+县)?)?|)"
    r"(?P<area>全国|全省|全市|全县|山区\d+县|历史)?"
    r"(?P<place>第[\d一二三四五六七八九十]{1,3}|首位|榜首)(?:位|名|高位|高)?(?=[,、;。)(]|$)"
)
_GRADED = re.compile(
    r"(?P<name>[^,;。:]{0,16}(?:空气质量|水质|水体))(?:全年|常年|持续|稳定|总体|年均值?|均|全部)*"
    r"(?P<way>(?:达到?|保持|优于|为)[^,;。\d%]{0,8}(?:级标准|类标准|类水体?|类|级))(?:以上|及以上)?$"
)
_FOR_LONG = re.compile(r"连续[\d一二两三四五六七八九十]+个?(?:年|月|季度)|(?:继续|一直|始终)")
_UNTOLD = re.compile(
    r"(?P<name>[^,;。:]{2,24}?)(?:由于|因|受)?[^,;。:]{0,16}?(?P<way>无数据|暂无数据|暂未公布|尚未公布)"
)
_ASSIGNED = re.compile(
    r"(?:完成|达到|实现|落实)(?:年度|全年|上级|国家|省|市|区|县|政府|下达|分解|规定|确定|的)*(?P<name>[^,;。]{3,20}?)(?:任务|目标|指标|要求|计划)"
)
_STEADY = re.compile(r"(?P<name>[^,;。:]{2,24}?)(?P<way>(?:保持|总体|基本|大体)+(?:稳定|平稳)|运行在合理区间)")
_PER_HEAD = re.compile(r"(?:每[百千万]人|人均)[^,;。]{2,}$")
_WAYS = {"降": "下降", "增": "增加", "升": "上升"}


def read(sentence: Sentence, last: Sequence[str]) -> None:
    """Add what the sentence states without a figure; ``last`` are the subjects of its last figures."""
    for start, clause in sentence.clauses():
        end = start + len(clause)
        if len(clause) < 4 or any(start <= figure.start < end for figure in sentence.figures):
            continue
        if re.match(r"[^,;。]{0,3}(?:降幅|增幅|分别|同比)", sentence.chars[end + 1 :]) and "双" in clause:
            continue  # the figures behind it say more
        if not any(way(sentence, start, clause) for way in (_untold, _steady, _coverage)) and not _stance(
            sentence, start, clause, last
        ):
            _direction(sentence, start, clause, last)
    _ranks(sentence)


def _stance(sentence: Sentence, start: int, clause: str, last: Sequence[str]) -> bool:
    """一般公共预算收入与经济增长同步: whether the clause takes a stance that is tied to something else."""
    for rule in lexicon.rules("stances"):
        match = re.search(rule.pattern, clause) if rule.result in _TIED else None
        if rule.result in _LOOSE and sentence.role == "actual":
            continue  # a comparison, not a plan
        if match is None or re.search(r"\d", clause[match.start() : match.end() + 6]):
            continue
        if rule.result not in _LOOSE or match.end() >= len(clause) - 2:
            break
    else:
        return False
    lead = subject.of_lead(clause[: match.start()])
    inside = _ASSIGNED.match(clause, match.start()) if rule.result == "as_assigned" and not lead.name else None
    if inside:  # 完成年度单位GDP能耗下降任务
        lead = subject.Lead(name=inside["name"], start=inside.start("name"), verb="", end=inside.end("name"))
    names = subject.split(lead.name, None, each=True) or []
    if len(names) == 1 and "和" in lead.name:
        names = lead.name.split("和")
    if any("和" in name for name in names):  # 能耗和化学需氧量、氨氮排放量
        parts = subject.split(re.sub("[和及]", "、", lead.name), None) or []
        names = parts if parts and all(map(indicator.catalogue().find, parts)) else names
    names = [_TAIL.sub("", name) for name in names]
    if last and all(re.fullmatch(r"[一-龥]{2,8}类", name) for name in names):
        names = [name + last[-1].rpartition("类")[2] for name in names]  # 居住类持平
    if subject.is_pointing(lead.name) and last:
        names = list(last)
    for name in names:
        assigned = rule.result in ("as_assigned", "above_overall") and name.endswith(subject.words("assigned"))
        if indicator.catalogue().find(name) is None and not assigned:
            continue
        own, scope = subject.scoped(name)
        core = start + match.start()
        words = clause[match.start() :]
        if (
            rule.result == "flat"
            and not words.startswith("增")
            and re.search(r"增[速幅长]", lead.verb + clause[: match.start()][-4:])
        ):
            words = "增速" + words
        sentence.add(
            name=own, value=words, span=(start + lead.start, start + len(clause)), core=core, at=core, rule="stance", scope=scope
        )  # fmt: skip
    return True


def _steady(sentence: Sentence, start: int, clause: str) -> bool:
    """保持物价总水平基本稳定: a wish that is no figure and no direction."""
    match = _STEADY.fullmatch(clause) if sentence.role == "target" else None
    name = subject.of_lead(match["name"]).name if match else ""
    if match is None or indicator.catalogue().find(name) is None:
        return False
    begin = start + match["name"].index(name)
    sentence.add(
        name=name, value=match["way"], span=(begin, start + len(clause)), core=begin, at=start + match.start("way"), rule="steady"
    )  # fmt: skip
    return True


def _untold(sentence: Sentence, start: int, clause: str) -> bool:
    """跨境电商出口因口径调整无数据: a figure that the text says there is none of."""
    match = _UNTOLD.fullmatch(clause)
    name = subject.of_lead(match["name"]).name if match else ""
    if match is None or indicator.catalogue().find(name) is None:
        return False
    begin = start + match["name"].index(name)
    sentence.add(
        name=name, value=match["way"], span=(begin, start + len(clause)), core=begin, at=start + match.start("way"), rule="untold"
    )  # fmt: skip
    return True


def _coverage(sentence: Sentence, start: int, clause: str) -> bool:
    """行政村实现全覆盖, 空气质量达到国家二级标准: a share of all or a grade, without a figure."""
    match = _COVERED.search(clause) or _GRADED.search(clause)
    if match is None:
        return False
    name = subject.of_lead(match["name"]).name
    if (
        3 < len(name) <= subject.LONGEST
        and not subject.of_others(name)
        and not name.endswith(subject.words("uncovered"))
    ):
        begin = start + match.start("name") + match["name"].index(name)
        sentence.add(
            name=name, value=match["way"], span=(begin, start + match.end()), core=begin, at=start + match.start("way"),
            rule="coverage",
        )  # fmt: skip
    return True


def _direction(sentence: Sentence, start: int, clause: str, last: Sequence[str]) -> None:
    """提升协议项目转化率, 诉讼量逐年下降: the way of a thing that is measured."""
    run = _RUN.search(clause)
    match = run or _AFTER.search(clause) or _BEFORE.search(clause)
    if match is None:
        return
    names = subject.split(subject.of_lead(match["name"]).name, None) or []
    names = [part for name in names for part in name.split("和") if part]
    if run and len(names) > 1 and len(names[1]) < 4:  # 面积和强度: the first name lends its front
        names = [names[0], *(names[0][: -len(name)] + name for name in names[1:])]
    known = indicator.catalogue().find
    told = [name.endswith(subject.words("measured")) or known(name) or _PER_HEAD.search(name) for name in names]
    if not (any(told) if run else all(told)):
        return
    way = re.sub("[“”三四五六七八九连双]", "", match["way"])
    begin, end = start + match.start("name"), start + match.end()
    for name in names:
        if 2 < len(name) <= 20 and not subject.of_others(name) and not name.endswith(subject.words("unmeasured")):
            own, scope = subject.scoped(last[-1] + name if last and name.startswith("占") else name)
            sentence.add(
                name=own, value=_WAYS.get(way, way), span=(min(begin, start + match.start("way")), end), core=begin,
                at=start + match.start("way"), rule="direction", scope=scope,
            )  # fmt: skip


def _ranks(sentence: Sentence) -> None:
    """增速居全市首位: the place of the subject before it, or of a name of its own."""
    for match in _RANKED.finditer(sentence.chars):
        around = match["area"] or match["wide"] or match["first"]
        if not (match["verb"] or around):
            continue
        bound = sentence.bound(match.start())
        inside = [figure.end for figure in sentence.figures if bound <= figure.start < match.start()]
        lead = sentence.chars[inside[-1] if inside else bound : match.start()].lstrip("、,")
        name = re.sub(r"等?(?:多|[两三四五六七八九十\d]+)项指标$", "", subject.of_lead(_FOR_LONG.sub("", lead)).name)
        parts = subject.split(name, None) or []
        if len(parts) > 1 and all(part.endswith(subject.words("rankable")) for part in parts):
            for part in parts:  # 办案率、不诉率等多项指标全市第一
                _rank(sentence, match, part, bound, around)
            continue
        if subject.is_pointing(name):
            here = sentence.text.starts[match.start()]
            prior = [one for one in sentence.result.statements if sentence.text.start <= one.at < here]
            if not prior:
                continue
            if name in ("总量", "总额", "规模", "总数"):  # a rate has no amount
                prior = [one for one in prior if not one.value.endswith("%")] or prior
            last = max(prior, key=lambda one: one.at)
            together = [
                one for one in prior if (one.start, one.end) == (last.start, last.end) and one.rule == last.rule
            ]
            grouped = "均" in lead and last.rule in ("distributed", "listed")
            for one in together if grouped else [last]:
                grown = name in ("增速", "增幅") and not one.name.endswith("增速")
                _rank(sentence, match, one.name + "增速" * grown, bound, around)
            continue
        if indicator.catalogue().find(name) is None and not (around and name.endswith(subject.words("rankable"))):
            continue
        _rank(sentence, match, name, bound, around)


def _rank(sentence: Sentence, match: re.Match[str], name: str, bound: int, around: str | None) -> None:
    sentence.add(
        name=name, value=match["place"], span=(max(bound, match.start() - 12), match.end()), core=match.start(),
        at=match.start("place"), rule="rank", scope=around,
    )  # fmt: skip
