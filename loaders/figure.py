"""Words become the numbers in them, each with the comparator and the unit right beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from loaders import lexicon, numeral, unit
from loaders.unit import Unit

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_RANGE = r"\s?[-—–~至到﹣]+\s?"
_POWER = r"(?:万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百(?!分))"
_CN = rf"[{numeral.CHARACTERS}]+(?:点[零一二三四五六七八九]+)?"
PERCENT = Unit(id="percent", multiplier=0, label="%")


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number in words with what stands right beside it; ``start`` and ``end`` include comparator and unit."""

    start: int
    end: int
    number_start: int
    value: Decimal
    high: Decimal | None
    unit: Unit | None
    power: int | None  # a power of ten without a unit: 总投资678.1亿
    before: str | None  # name of the comparator rule that matched in front
    after: str | None
    words: bool = False  # a number in Chinese characters

    @property
    def kind(self) -> str:
        """The id of its unit; empty for a figure without one."""
        return self.unit.id if self.unit is not None else ""

    @property
    def is_counted(self) -> bool:
        """Whether it counts things or people."""
        return self.kind in ("item", "person", "household", "person_time", "copy", "head")

    @property
    def is_money(self) -> bool:
        """Whether it is an amount of money, its unit said or left out: 5亿元, 20亿."""
        return self.kind in ("CNY", "USD") or (self.unit is None and self.power is not None)


@cache
def _alternation(place: str) -> str:
    words = [word for rule in lexicon.rules("comparators") if rule.place == place for word in rule.words]
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _comparators(place: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        word: (rule.name, tuple(rule.result))
        for rule in lexicon.rules("comparators")
        if rule.place == place
        for word in rule.words
    }


@cache
def _figure() -> re.Pattern[str]:
    units = unit.pattern()
    return re.compile(
        rf"(?P<before>(?:{_alternation('before')}))?"
        rf"(?:(?P<sign>(?<![\d.%元])[-−﹣](?=\d))?(?P<value>{_NUM})"
        rf"(?P<first>(?:{_POWER})?(?:{units})?(?={_RANGE}\d))?(?:{_RANGE}(?P<high>{_NUM}))?"
        rf"(?P<mid>余|多(?=[万亿个家项名人元场次]))?(?P<power>{_POWER})?(?P<mid2>余|多(?=[个家项名人元场次]))?(?P<unit>{units})?"
        rf"|百分之(?P<hundredth>{_NUM}|{_CN})"
        rf"|(?P<below>[二三四五六七八九十百]+)分之(?P<above>{_CN})"
        rf"|(?P<tenths>[一二两三四五六七八九])成(?P<half>[一二三四五六七八九半])?(?![功为立员果本都就绩效熟长型分])"
        rf"|翻了?(?P<double>[一两二三]?)番(?P<doubled>多)?"
        rf"|(?P<half_of>(?<=[近超过占])一半|半数(?=以上))"
        rf"|(?P<digits>两位数)(?=增长(?![,、](?:增[幅速]|分别))|增幅|增速|以上)"
        rf"|(?P<cn>(?:{_CN}))(?P<cnunit>{units})"
        rf"|(?<=突破|超过|首破)(?P<round>[十百千])(?P<roundpower>[万亿])(?![元吨斤件人户亩大关台阶级]))"
        rf"(?P<after>(?:{_alternation('after')}))?"
    )


def figures(words: str) -> Iterator[Figure]:
    """Every number of a text with the comparator and unit beside it, from left to right."""
    for match in _figure().finditer(words):
        found = _read(match)
        if found is not None:
            yield found


def _read(match: re.Match[str]) -> Figure | None:
    part = match.groupdict()
    if any(part[name] and _too_long(part[name]) for name in ("value", "high", "hundredth")):
        return None
    after = _comparators("after")[part["after"]][0] if part["after"] else None
    before = _comparators("before")[part["before"]][0] if part["before"] else None
    high: Decimal | None = None
    power: int | None = None
    known: Unit | None = None
    in_words = part["value"] is None
    number_start = match.start() + len(part["before"] or "")
    if part["value"] is not None:
        value = numeral.digits(part["value"])
        high = numeral.digits(part["high"]) if part["high"] else None
        if high is not None and high <= value:
            return None
        value = -value if part["sign"] else value
        label = (part["power"] or "") + (part["unit"] or "")
        known = unit.parse(label) if part["unit"] else None
        if part["unit"] and known is None:  # a power in front of a unit with its own: 1.5万亿元
            known = unit.parse(part["unit"])
            if known and part["power"]:
                raised = known.multiplier + unit.POWERS[part["power"]]
                known = Unit(id=known.id, multiplier=raised, label=part["power"] + known.label)
        elif part["power"] and not part["unit"]:
            power = unit.POWERS[part["power"]]
        if part["mid"] or part["mid2"]:
            after = after or "more_than_after"
        first = unit.parse(part["first"]) if part["first"] else None
        if first is not None and known is None:
            known = first
    elif part["hundredth"]:
        of = numeral.chinese if part["hundredth"][0] in numeral.CHARACTERS else numeral.digits
        read = of(part["hundredth"])
        if read is None:  # 百分之五三十
            return None
        value, known = read, PERCENT
    elif part["below"]:
        below, above = numeral.chinese(part["below"]), numeral.chinese(part["above"])
        if not below or above is None or above >= below:
            return None
        value, known = (100 * above / below).quantize(Decimal("0.01")), PERCENT
    elif part["tenths"]:
        half = (
            numeral.chinese(part["half"])
            if part["half"] and part["half"] != "半"
            else Decimal(5 if part["half"] else 0)
        )
        value, known = 10 * (numeral.chinese(part["tenths"]) or Decimal(0)) + (half or Decimal(0)), PERCENT
    elif part["double"] is not None:
        times = numeral.chinese(part["double"] or "一") or Decimal(1)
        value, known = (2**times - 1) * 100, PERCENT
        after = after or ("more_than_after" if part["doubled"] else None)
    elif part["half_of"]:
        value, known = Decimal(50), PERCENT
    elif part["digits"]:  # 两位数增长
        value, known = Decimal(10), PERCENT
    elif part["round"]:  # 突破百亿
        value, power = numeral.chinese(part["round"]) or Decimal(0), unit.POWERS[part["roundpower"]]
    else:
        read = numeral.chinese(part["cn"])
        if read is None:
            return None
        value, known = read, unit.parse(part["cnunit"])
    return Figure(
        start=match.start(),
        end=match.end(),
        number_start=number_start,
        value=numeral.plain(value),
        high=numeral.plain(high) if high is not None else None,
        unit=known,
        power=power,
        before=before,
        after=after,
        words=in_words,
    )


def _too_long(digits: str) -> bool:
    """More digits than the database holds: no figure of a plan."""
    whole, _, decimals = digits.replace(",", "").partition(".")
    return len(whole) > 15 or len(decimals) > 6
