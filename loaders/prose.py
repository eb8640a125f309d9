"""Running text becomes statements: each figure of a sentence finds the subject that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from loaders import around, counted, indicator, leaning, listing, subject, wordless
from loaders.figure import Figure
from loaders.sentence import Place, Read, Sentence, sentences
from loaders.text import Text
from loaders.told import One, Told

_TOPIC = re.compile(r"[“一-龥][^,;:、\d]{3,15}")
_TELLING = re.compile(
    r"\d|两位数|一半|半数|[十百千万亿](?:余|多)?(?:元|亩|人|户|吨|斤|公里|套|平方米|家|件|公顷|头|千瓦)|分之|成|番|缩小|收窄|扩大|上升|回落"
    r"|任务|稳定|同步|高于|快于|下达|持平|第[一二三四五六七八九十]|首位|提升|提高|下降|降低|连[降增]|全覆盖|适度|平稳|空气质量|水质"
)
_SHARES = re.compile(
    r"三次?产业?(?:增加值)?(?:结构|比例|比重|占比|比)"
    r"(?:[^,;。\d]{0,12}(?:(?:19|20)\d\d年)?[^,;。\d]{0,8}\d[\d.]*:\d[\d.]*:\d[\d.]*)+"
)
_TRIPLE = re.compile(r"(\d[\d.]*):(\d[\d.]*):(\d[\d.]*)")
_FIVE = re.compile(r"五年[来间]|[这过去]五年|十[一二三四]?五”?(?:时期|期间|以来)|五年(?:累计|平均)|规划")
_POLLUTED = re.compile(r"PM|浓度|颗粒物")
_LINK = re.compile(r"^(?:、|以及|(?:和|及|与)(?!美|谐|平|其))+")
_SOME = re.compile(r"[^、]{2,}(?:、[^、]+)*?等(?!级|次|各|类|多)([^等、]{5,})")  # 甲、乙等省级样板社区
_ORDERED = {"前者": -2, "后者": -1}
_GIVES = re.compile(r"(?:累计|共)?(?:发放|兑现|减免|拨付|提供|落实|争取)")
_TO = re.compile(r"(?:累计|共|已|先后)*(?:为|向|给|对)")


def read(text: Text, place: Place) -> Read:
    """All that running text states, what it has that is no value, and what could not be read."""
    result = Read(statements=[], unread=[], not_values=[])
    before: Sentence | None = None
    topic, earlier, five = "", list[str](), False
    parts, ahead = "", ""  # of the area, that the sentence is about, and that the next one is about
    for mark, piece in sentences(text):
        if mark != ";":
            before, earlier = None, []
            parts, ahead = ahead, ""
        if mark == "\n":
            topic, five, parts = "", False, ""
        five = five or _FIVE.search(piece.chars) is not None
        if _TELLING.search(piece.chars):
            within = msgspec.structs.replace(place, scope=parts) if parts and place.scope is None else place
            before = Sentence(piece, within, result, before, five=five)
            told = Told(before, topic, earlier, five=five)
            _read(told)
            earlier = [*earlier, *told.recent][-6:]
        if mark != ";" and _TOPIC.fullmatch(piece.chars):
            topic = re.sub("[“”]", "", piece.chars)
            ahead = subject.parts(topic)
    return result


def _read(told: Told) -> None:
    """Read a sentence from left to right."""
    figures = _without_shares(told)
    done = 0
    while done < len(figures):
        before = figures[done - 1].end if done else 0
        group = listing.group(told, figures, done)
        together = len(group) > 1 or listing.is_shared(told, group[0])
        if not (together and listing.distribute(told, group, before)):
            _single(told, group[0], before)
        done += len(group)
    wordless.read(told.sentence, told.listed or ([told.subject] if told.subject else []))


def _without_shares(told: Told) -> Sequence[Figure]:
    """三次产业结构由4.5:51.2:44.3调整为4.0:51.0:45.0 states three shares of two years; they are read here."""
    match = _SHARES.search(told.chars)
    if match is None:
        return told.sentence.figures
    triples = list(_TRIPLE.finditer(told.chars, match.start(), match.end()))
    for age, triple in enumerate(reversed(triples)):
        named = re.search(r"((?:19|20)\d\d)年[^,;。\d]{0,4}$", told.chars[match.start() : triple.start()])
        year = int(named[1]) if named else told.sentence.year - age if age else None
        for group, part in enumerate(("第一产业", "第二产业", "第三产业"), start=1):
            told.sentence.add(
                name=f"{part}增加值占地区生产总值比重", value=f"{triple[group]}%", span=triple.span(), core=triple.start(group),
                at=triple.start(group), rule="three_shares", year=year,
            )  # fmt: skip
    return [figure for figure in told.sentence.figures if not match.start() <= figure.start < match.end()]


def _single(told: Told, figure: Figure, before: int) -> None:
    chars = told.chars
    bound = max(told.sentence.bound(figure.start), before, told.used)
    lead = _LINK.sub("", chars[bound : figure.start])
    bound = figure.start - len(lead)
    former = listing.FROM.search(lead)
    found = subject.of_lead(lead[: former.start()] if former else lead)
    one = One(
        figure=figure, lead=lead, former=former, name=found.name, verb=found.verb, start=bound + found.start, bound=bound,
        words=found.verb + chars[figure.start : figure.end], pointing=subject.is_pointing(found.name), tail=lead[found.end :],
        listed=bound > 0 and chars[bound - 1] == "、",
    )  # fmt: skip
    if one.name[:2] in _ORDERED and len(told.recent) > 1:  # 前者减少2.4%
        told.pair = told.pair if one.name.startswith("后者") and told.pair else told.recent[-2:]
        one.name = told.pair[_ORDERED[one.name[:2]]] + one.name[2:]
    if any(way(told, one) for way in (_bound_of_all, _former, _repeated, _multiple, _in_part_of_year)):
        return
    _reword(told, one)
    if not any(way(told, one) for way in (_of_each, *counted.WAYS, _leaning)):
        _plain(told, one)


def _bound_of_all(told: Told, one: One) -> bool:
    """行政村收入全部20万元以上: all of them, no value of one."""
    if not one.lead.endswith("全部") or one.figure.after != "at_least":
        return False
    figure = one.figure
    name = subject.of_lead(one.lead[:-2]).name + told.chars[figure.start : figure.end]
    told.sentence.skip(figure.number_start, figure.end, "threshold")
    told.sentence.add(
        name=name, value="全部", span=(one.bound, figure.end), core=one.bound, at=figure.start - 2, rule="coverage"
    )
    told.subject = name
    return True


def _former(told: Told, one: One) -> bool:
    """贫困发生率由年初的1.8%降至0.6%: the value of an earlier time, or the target that stood before."""
    former, sentence = one.former, told.sentence
    if former is None:
        return False
    named, part = re.match(r"\d{4}", former[1] or ""), listing.WHEN.fullmatch(former[1] or "")
    set_anew = sentence.role == "target" and re.match(r"调整|下调|上调", told.chars[one.figure.end :])
    context = sentence.place.context
    span = 1 if context.mixed and not told.five else context.span
    back = 0 if part or former["wish"] or set_anew else 1 if former[1] else span
    year = int(named[0]) if named else sentence.year - back
    words = (former["verb"] or "") + one.words
    told.state(
        told.subject or "" if subject.is_pointing(one.name) else one.name,
        told.grown(words, one.figure) if one.pointing else words,
        one.figure, one.start, "former", year=year, period=listing.period(told, part) if part else None,
        role="target" if former["wish"] else None,
    )  # fmt: skip
    return True


def _repeated(told: Told, one: One) -> bool:
    """…增速(11%): in brackets it repeats what it stands behind."""
    repeated = (
        not one.lead and told.chars.startswith("(", one.figure.start - 1) and told.chars.startswith(")", one.figure.end)
    )
    if repeated:
        told.sentence.leave(one.figure, "in_brackets")
    return repeated


def _multiple(told: Told, one: One) -> bool:
    """是2015年的1.8倍."""
    times = listing.TIMES_OF.search(one.lead)
    if not times or not told.subject or one.figure.kind != "ratio":
        return False
    told.state(told.subject, told.times(one.figure), one.figure, one.bound + times.start(), "multiple")
    return True


def _in_part_of_year(told: Told, one: One) -> bool:
    """一季度增长6.2%,上半年6.7%; 开工率一季度达40%."""
    when = listing.WHEN.search(one.name)
    if when is None:
        return False
    one.words = told.grown(one.words, one.figure)
    if when.end() < len(one.name):
        return False
    period = listing.period(told, when)
    if when.start() > 3:
        told.state(one.name[: when.start()], one.words, one.figure, one.start, "subject_before", period=period)
        return True
    if told.subject:
        told.state(told.subject, one.words, one.figure, one.start, "inherited", period=period)
    return bool(told.subject)


def _reword(told: Told, one: One) -> None:
    """Words that stand in the name and belong to the value, and the other way round."""
    figure, own = one.figure, told.chars[one.figure.start : one.figure.end]
    if listing.AVERAGED.search(one.tail) and "年均" not in one.words:
        one.words = f"年均{one.words}"
    if "拉动" in one.name and one.name.endswith("经济") and one.verb == "增长":  # 拉动经济增长3.5个百分点
        front = told.subject or "" if one.name.startswith("拉动") else ""
        one.name, one.words = f"{front}{one.name}增长", f"拉动{own}"
    if (
        one.lead.endswith(("改善", "改进"))
        and figure.kind == "percent"
        and _POLLUTED.search(f"{told.subject or ''}{one.name}")
    ):
        one.name, one.words = re.sub("改[善进]$", "", one.name), f"下降{own}"  # PM2.5浓度改善15%
    if told.chars.startswith(("两位数增", "两位数以上增"), figure.number_start):
        one.words = "增长10%以上"
    if one.name.startswith("净增") and len(one.name) > 3 and not one.verb:  # 净增规上工业企业25家
        one.name, one.words = one.name[2:], f"净增{one.words}"
    if figure.is_counted and one.name.endswith("新增") and len(one.name) > 4 and not one.verb:  # 省级研发中心新增4家
        one.name = f"新增{one.name[:-2]}"
    if figure.is_counted and (some := _SOME.fullmatch(one.name)) and leaning.act(one.name):
        one.name = leaning.act(one.name) + some[1]
    if one.verb == "提升" and figure.is_counted and one.name:  # 农房风貌提升300户
        one.name, one.words = f"{one.name}提升", own
    if one.name == "投资" and "计划" in one.lead:
        one.name = "年度计划投资"


def _of_each(told: Told, one: One) -> bool:
    """固定资产投资、社会消费品零售总额增长8%; 断面、水源地水质达标率100%: one figure for each of a list."""
    parts = subject.split(one.name, None) or [] if "、" in one.name else []
    if len(parts) < 2:
        return False
    known = indicator.catalogue().find
    headed = one.verb and all(part.endswith(subject.words("heads")) for part in parts)
    rates = not one.verb and not one.figure.is_counted and all(part.endswith("率") and len(part) > 4 for part in parts)
    if not (headed or all(map(known, parts)) or (rates and known(one.name) is None)):
        return False
    for part in parts:
        told.state(part, one.words, one.figure, one.start, "listed")
    return True


def _leaning(told: Told, one: One) -> bool:
    """入驻率达75%: the name leans on what stands before it."""
    made = leaning.whole(one.name, one.figure, told)
    if made is None:
        return False
    whole, scope = made
    bare = not one.name or subject.is_pointing(one.name) or (scope is not None and whole == told.subject)
    if not whole:
        told.sentence.leave(one.figure, "no_subject")
    elif bare and one.figure.kind == "percentage_point" and told.grew:
        told.sentence.skip(one.figure.number_start, one.figure.end, "change_of_a_growth")
    else:
        kept = told.subject
        words = told.grown(one.words, one.figure) if bare else one.words  # 增长15%、力争18%
        told.state(whole, words, one.figure, one.start, "inherited", scope=scope)
        if one.name in subject.words("partial"):
            told.subject = kept
    return True


def _goes_on(told: Told, one: One) -> bool:
    """新增A企业2家,B企业3家: the act goes on over a comma for a thing that is counted alike."""
    alike = one.figure.unit is not None and told.unit == one.figure.unit.label
    return (
        told.last == one.bound - 1 == one.start - 1
        and alike
        and len(one.name) > 2
        and told.act in subject.words("adding")
    )


def _plain(told: Told, one: One) -> None:
    """固定资产投资增长8%: the name says all."""
    name, figure = one.name, one.figure
    verb = leaning.act(name) if figure.is_counted else ""  # whose object is counted
    known = indicator.catalogue().find(name)
    if known is not None and known.unit not in ("percent", "permille") and not name.endswith(subject.words("shares")):
        one.words = told.grown(one.words, figure)  # 固定资产投资增长12%,其中工业投资15%
    listed = one.listed and told.act not in subject.words("empty")
    if figure.is_counted and not verb and (listed or (known is None and _goes_on(told, one))):
        name = told.act + name  # 新增A企业2家、B企业3家
    elif figure.is_counted:
        told.act = verb
    given = told.used == one.start and _GIVES.match(name) and _TO.match(told.chars, told.sentence.bound(one.start))
    if told.subject and given:
        name = told.subject + name  # 为78个薄弱村发放分红318万元
    if name.endswith(subject.words("awards")):
        name = around.event(told.sentence, one.start) + name
    told.state(name, one.words, figure, one.start, "subject_before")
