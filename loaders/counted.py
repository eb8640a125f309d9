"""A figure with what it counts behind it becomes a statement: 派17名专业技术人才, 获7亿元补助资金, 5户9人脱贫."""

from __future__ import annotations

import re

from loaders import around, leaning, subject
from loaders.told import One, Told

_PEOPLE = re.compile(
    r"(?:现行标准下|农村|城镇|城乡|农业|贫困|建档立卡|困难|移民|饮水不安全)*(?:人口|群众|居民|农民|学生|职工)|(?:[一-龥]{2,3})?(?:各族)?人民"
)
_GIVEN = re.compile(
    r"(?:规模)?的?(?P<what>[一-龥]{0,14}(?:资金|基金|债券|贷款|补助|补贴|专项债|授信))(?=[,;。、]|$|支持|用于)"
)
_LIFTED = re.compile(
    r"(?:、?\d[\d.,]*[万千]?[人名])?(?:农村)?(?:贫困人口|贫困户|贫困群众|建档立卡[^,;。]{0,6}|群众|农户)?(?:实现|顺利|全部|稳定|整户|如期)*"
    r"(?P<what>脱贫|摘帽|减贫|搬迁入住|入住|上岗就业)"
)
_COVERED = re.compile(
    r"(?P<who>(?:乡镇|镇街|街道|村|社区|县区|行政村|村社)(?:\(街道\))?)(?P<what>[^,;。()]{4,40}?)(?:基本|实现)?全覆盖"
)
_MET = re.compile(r"达标(?=[,;。、]|$)")


def _given(told: Told, one: One) -> bool:
    """获得7亿元上级补助资金: money, and what for behind it."""
    given = _GIVEN.match(told.chars, one.figure.end)
    getting = not one.name or one.name in subject.words("acts") or one.name in subject.words("gets")
    if not given or not one.figure.is_money or not getting:
        return False
    words = one.words if one.figure.unit is not None else one.words + "元"
    told.state(one.name.removeprefix("再") + given["what"], words, one.figure, one.start, "counted_noun")
    return True


def _people(told: Told, one: One) -> bool:
    """解决25万农村人口饮水安全问题; 47万某县人民: people counted without a unit."""
    bare = one.figure.unit is None and one.figure.power is not None
    people = _PEOPLE.match(told.chars, one.figure.end) if bare else None
    if people is None:
        return False
    name = leaning.act(one.name, alone=True) + (around.noun(told.chars, one.figure.end) or people[0])
    name = "总人口" if people[0].endswith("人民") else name
    told.state(name, f"{one.words}人", one.figure, one.start, "counted_noun")
    return True


def _lifted(told: Told, one: One) -> bool:
    """5户9人实现脱贫."""
    people = one.figure.kind in ("person", "household") and not one.name
    lifted = _LIFTED.match(told.chars, one.figure.end) if people else None
    if lifted is None:
        return False
    name = lifted["what"] + ("人数" if one.figure.kind == "person" else "户数")
    told.state(name, one.words, one.figure, one.start, "counted_noun")
    return True


def _met(told: Told, one: One) -> bool:
    """断面和水源地水质100%达标."""
    if one.figure.kind != "percent" or len(one.name) < 3 or not _MET.match(told.chars, one.figure.end):
        return False
    first, *rest = one.name.split("和")
    for name in [first, *rest] if len(rest) == 1 and first[-2:] == one.name[-2:] else [one.name]:
        told.state(f"{name}达标率", one.words, one.figure, one.start, "subject_before")
    return True


def _counted(told: Told, one: One) -> bool:
    """派17名专业技术人才: the noun of a figure stands behind it."""
    figure, chars = one.figure, told.chars
    opens = not one.lead and figure.unit is not None and told.sentence.bound(figure.start) == figure.start
    beside = not one.lead and figure.unit is not None and told.used == figure.start > 0  # 29个批次1850亩用地报批
    noun = around.noun(chars, figure.end) if (figure.is_counted or opens or beside) and not one.verb else ""
    if not noun:
        return False
    if re.fullmatch(r"(?:国家|省|市|区|县|乡镇)级", noun) and told.subject:
        told.state(told.subject, one.words, figure, one.start, "inherited", scope=noun)
        return True
    if covered := _COVERED.match(chars, figure.end):  # 12个乡镇快递网点、便民中心全覆盖
        for what in covered["what"].split("、"):
            told.state(f"{what}覆盖{covered['who']}", one.words, figure, one.start, "counted_noun")
        told.used = covered.end()
        return True
    listed = chars.startswith("、", one.start - 1) or chars.startswith("、", figure.start - 1)
    kind = one.name if one.name.endswith(("类", "型")) else ""  # 新建类5个项目
    told.act = kind or leaning.act(one.name, alone=True) or (told.act if not one.name and listed else "")
    told.used = figure.end + len(noun)
    if noun in subject.words("slogans") and (one.name in subject.words("empty") or one.name.startswith("落实")):
        told.sentence.skip(figure.number_start, figure.end, "slogan")
        return True
    full = around.further(chars, told.used) + noun
    full = full if told.act in subject.words("empty") else told.act + full
    # 打造5个成果: opens the list of its heading
    ahead = told.sentence.place.context.heading if chars[told.used :] == ":" else None
    if noun in subject.words("generic") or len(noun) < 4:
        said = around.predicate(chars, told.used)
        full = said if said.endswith(full) else said + full  # 3家企业获评领军企业
    told.state(full, one.words, figure, one.start, "counted_noun", scope=ahead)
    return True


WAYS = (_given, _people, _lifted, _met, _counted)
