"""A name that leans on what was said before becomes the whole name: 其中民间投资占44%, 利润9亿元, 入驻率75%."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from loaders import around, indicator, subject
from loaders.figure import Figure
from loaders.told import Told

PART = re.compile(
    r"[一-龥]{1,8}(?:街道|镇|(?<![下返离回家])乡)|[一-龥]{0,8}(?:开发区|新区|园区|高新区|经开区|保税区|功能区|片区|试验区|区本级|市本级|县本级)"
)
_NARROWED = re.compile(r"(?:扣除|剔除|不含|不包括|同口径)[^,;。]{1,16}")
_GRADED = re.compile(r"(\d.*(?:以上|以下|以内|[万亿]元))(?:的)?(项目|企业|基金|村)?")
_KIND = re.compile(r"([一-龥]{2,8}[类型])(?:项目)?(?:共?筹集|建成|完成|开工)?")
_SHARE = re.compile(
    r"用于(?P<use>[^占的]{2,8})的?(?:支出)?占?|(?P<part>[^占]{2,12}?)(?:在其中)?(?:所占(?:比重|比例)?|占(?:比重|比例)?)"
)
_SPENT = re.compile(r"(.{2,8}?)(?:支出)?(?:中?用于)(.{2,6}?)的?支出占(?:比)?")
_PURPOSE = re.compile(r"用于(.{2,6}?)的?(?:支出|资金)?")
_PROPERTY = re.compile(r"(?<=..)(?:总面积|种植面积|挂果面积|总产量?|产量|产值)$")
_POINTING = re.compile(r"(?:\d{1,2}月底前)?全部?|“?十[一二三四]?五”?(?:时期|期间|以来)?|[两三五]年(?:累计)?")
_LOAN = re.compile(r"“[^“”\d]{2,10}[贷券卡险保]”(?=,)")

Whole = tuple[str, str | None]  # the name and the scope; the name empty where there is nothing to lean on


class Leaning(msgspec.Struct, frozen=True):
    """A name as it stands, what stands before it, and its figure."""

    name: str
    before: str
    figure: Figure
    told: Told

    @property
    def thing(self) -> str:
        """What stands before without its verb: 高标准农田 of 新建高标准农田."""
        return self.before.removeprefix(act(self.before))

    @property
    def is_known(self) -> bool:
        """Whether the catalogue has the name."""
        return indicator.catalogue().find(self.name) is not None


def whole(name: str, figure: Figure, told: Told) -> Whole | None:
    """The whole name and the scope; None for a name that says all by itself."""
    before = around.named_before(told.sentence, figure.start) if not name else ""
    if before in subject.words("leaning"):  # 主营业务收入迈过千亿门槛,达1036亿元
        name, before = before, ""
    if (bare := re.sub("^(?:实现|完成)", "", name)) in subject.words("leaning"):
        name = bare
    leaning = Leaning(name, before or told.subject or "", figure, told)
    return next((found for rule in _RULES if (found := rule(leaning)) is not None), None)


def act(name: str, *, alone: bool = False) -> str:
    """The verb at the head of a name whose object is counted: 新增 of 新增企业."""
    words = subject.words("acts")
    return next((word for word in words if name.startswith(word) and (alone or len(name) > len(word))), "")


def _of_topic(one: Leaning) -> Whole | None:
    """城市更新加快推进。完成投资11亿元."""
    full = "" if one.before or not one.name else subject.with_front(one.told.topic, one.name, known=True)
    return (full, None) if full else None


def _named(name: str) -> bool:
    return indicator.catalogue().find(name) is not None and name != "社会总产值"


def _narrowed(one: Leaning) -> Whole | None:
    """开发区2800亿元, 不含某项增长5%: the same thing in a narrower scope."""
    part = PART.fullmatch(one.name) and one.figure.unit is not None and not one.figure.is_counted
    narrow = _NARROWED.fullmatch(one.name) or part or one.name in subject.words("scopes")
    return (one.before, one.name) if one.before and narrow else None


def _kind_of_whole(one: Leaning) -> Whole | None:
    """筹集2902套,…现有转化类775套: a part with the unit of the total before it."""
    total, unit = one.told.whole, one.figure.unit
    kind = _KIND.fullmatch(one.before if one.name in subject.words("acts") else one.name)
    alike = total is not None and unit is not None and unit.label == total[1] and unit.id != "percent"
    return (total[0], kind[1]) if total and kind and alike else None


def _scoped(one: Leaning) -> Whole | None:
    """一般公共预算收入…,其中区本级收入…."""
    scopes = (word for word in subject.words("scopes") if one.name.startswith(word) and len(word) < len(one.name))
    scope = next(scopes, "")
    if scope and one.before.endswith(one.name[len(scope) :]) and one.figure.unit and not one.figure.is_counted:
        return one.before, scope
    return None


def _graded(one: Leaning) -> Whole | None:
    """引进项目40个,10亿元以上2个."""
    graded = _GRADED.fullmatch(one.name)
    return (one.before, graded[1]) if one.before and graded and (not graded[2] or graded[2] in one.before) else None


def _graded_share(one: Leaning) -> Whole | None:
    """收入全部20万元以上,50万元以上比例81%: the threshold of the subject is another."""
    share = re.fullmatch(r"(\d[\d.]*[万亿]?元以上)的?(?:比例|占比|比重)", one.name)
    before = re.fullmatch(r"(.{4,}?)\d[\d.]*[万亿]?元以上", one.before) if share else None
    return (before[1] + one.name, None) if before else None


def _act_alone(one: Leaning) -> Whole | None:
    """涉及4401户, 开工58个, 累计发放10亿元: a verb without its object."""
    if one.name not in subject.words("acts"):
        return None
    before, told = one.before, one.told
    if before and one.name in subject.words("empty"):
        return before, None
    if one.figure.kind in ("person", "household") and len(one.name) > 1:
        scheme = around.scheme(told.sentence, one.figure.start) or (
            before if len(before) < 16 and before != one.name else ""
        )
        return scheme + one.name + ("人数" if one.figure.kind == "person" else "户数"), None
    works = next((name for name in [before, *told.earlier[::-1]] if name.endswith(("项目", "工程"))), "")
    if one.name in subject.words("works") and works:  # 储备项目286个…;开工58个
        return one.name + works.removeprefix(act(works)), None
    if not before and (loan := _LOAN.search(told.chars[: one.figure.start])):  # 首创“福林贷”,累计发放10.6亿元
        return loan[0] + one.name, None
    before = before or subject.with_front(told.topic, one.name, known=True).removesuffix(one.name)
    return before and before + one.name, None


def _of_people(one: Leaning) -> Whole | None:
    """居民人均可支配收入…,其中城镇居民…; 城镇…,乡村增长10.6%."""
    if re.fullmatch(r"(?:城镇|农村|城乡)(?:常住)?居民|农民", one.name):
        of_all = next((name for name in [one.before, *one.told.earlier[::-1]] if "居民" in name), "")
        return (re.sub(r"^.*?居民", one.name, of_all), None) if of_all else None
    sides = subject.words("sides")
    if one.name in sides and one.before and one.figure.unit is not None and not one.figure.is_counted:
        return one.name + re.sub(rf"^(?:{'|'.join(sides)})", "", one.before), None
    return (one.name + one.before, None) if one.name in ("人均", "户均", "亩均") and one.before else None


def _share(one: Leaning) -> Whole | None:
    """占34%, 用于民生的占86%, 财政用于民生的支出占81%, 建成面积占耕地的43%."""
    if one.name.startswith("占") and one.before and len(one.name) < 14:
        return one.before + one.name, None
    if spent := _SPENT.fullmatch(one.name):
        return f"{spent[2]}支出占{spent[1]}支出比重", None
    if (purpose := _PURPOSE.fullmatch(one.name)) and one.figure.is_money:  # 其中用于民生的54亿元
        return f"{purpose[1]}支出", None
    if one.before and re.match(r"(?:累计)?(?:建成|种植|播种)?(?:总?面积|产值|产量|产能)占", one.name):
        return one.thing + one.name, None
    share = _SHARE.fullmatch(one.name) if one.figure.kind == "percent" else None
    if share and one.before and one.before not in one.name:
        return f"{share['part'] or share['use'] + '支出'}占{one.before}比重", None
    return None


def _related(one: Leaning) -> Whole | None:
    """出口增长9%,对全省增长贡献率达30%: what it contributes is the subject's."""
    related = one.before and re.match(r"对[^,;。]{2,}(?:贡献率?|拉动率?)$", one.name)
    return (one.before + one.name, None) if related else None


def _wished(one: Leaning) -> Whole | None:
    """确保达到4亿元,争取完成5亿元: the same again, in the same scope."""
    return (one.before, one.told.scope) if one.before and one.name in ("争取", "力争", "确保") else None


def _part_of_new(one: Leaning) -> Whole | None:
    """新增贷款90亿元,其中制造业贷款30亿元: of what is new only."""
    before, figure = one.before, one.figure
    alike = figure.unit is not None and one.told.unit == figure.unit.label
    kin = before[2:] and one.name.endswith(before[-2:]) and before.startswith("新增") and alike
    inside = one.told.chars.startswith("其中", one.told.sentence.bound(figure.start))
    return ("新增" + one.name, None) if kin and inside and not one.name.startswith("新增") else None


def _pointing(one: Leaning) -> Whole | None:
    """增长5%, 增速15%, 总量3亿元."""
    if not subject.is_pointing(one.name) and not _POINTING.fullmatch(one.name):
        return None
    if one.before.endswith("户数") and one.figure.kind == "person":
        return one.before[:-2] + "人数", None
    return one.before and one.before + (one.name if one.name in subject.words("partial") else ""), None


def _of_front(one: Leaning) -> Whole | None:
    """粮食播种面积…,总产量…."""
    full = subject.with_front(one.before, one.name) if one.before else ""
    return (full, None) if full else None


def _of_sector(one: Leaning) -> Whole | None:
    """规模以上工业增加值…,利润…; 人民币存款余额…、贷款余额…."""
    if one.name not in subject.words("leaning"):
        return None
    held = [one.before, *one.told.recent[::-1], *one.told.earlier[::-1]]
    full = next(filter(None, (subject.with_front(name, one.name, known=True) for name in held)), "")
    sector = next(filter(None, map(subject.sector, held)), "")
    told = around.wordy_before(one.told.sentence, one.figure.start)  # 推动建筑业高质量发展,总产值增长5%
    starts = range(len(told) if not (full or sector) and one.name.endswith("总产值") else 0)
    sector = next(
        (told[at:end] for at in starts for end in range(at + 2, at + 7) if _named(told[at:end] + one.name)), sector
    )
    return (full or sector + one.name, None) if full or sector else None


def _rate(one: Leaning) -> Whole | None:
    """标准厂房建成80万平方米、入驻率达75%; 居民消费价格…,其中食品类…."""
    if one.before and 2 < len(one.name) < 6 and one.name.endswith("率") and not one.is_known:
        return one.thing + one.name, None
    of_class = re.fullmatch(r"[一-龥]{2,8}类", one.name) and one.before and one.figure.kind == "percent"
    return (one.name + one.before, None) if of_class else None


def _partial(one: Leaning) -> Whole | None:
    """总投资30亿元: a property of what stands before."""
    if one.name not in subject.words("partial"):
        return ("", None) if one.name.endswith("等") else None
    if one.before:
        thing = one.thing if one.name.endswith("率") else one.before
        return _PROPERTY.sub("", thing) + one.name, None
    topic = around.topic(one.told.sentence, one.figure.start)
    if topic and one.name.endswith("率"):
        return topic + one.name, None
    return None if one.name.endswith(("面积", "产值", "率", "到位资金")) or one.is_known else ("", None)


_RULES: tuple[Callable[[Leaning], Whole | None], ...] = (
    _of_topic, _related, _wished, _part_of_new, _graded_share, _narrowed, _kind_of_whole, _scoped, _graded, _act_alone, _of_people, _share, _pointing, _of_front, _of_sector,
    _rate, _partial,
)  # fmt: skip
