"""Value words and a unit hint become a comparator, values, a unit and a measure, or a stance.

Knows nothing of documents: it can be tried with bare strings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from loaders import lexicon, numeral, unit
from loaders.unit import Unit

LONGEST = 400  # characters of value words; longer ones are running text
_TURNED = {"ge": "le", "le": "ge", "gt": "lt", "lt": "gt"}
_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_RANGE = r"\s?[-—–~至到﹣]+\s?"
_POWER = r"(?:万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百(?!分))"
_CN = rf"[{numeral.CHARACTERS}]+(?:点[零一二三四五六七八九]+)?"
_FILLER = re.compile(
    r"力争|确保|争取|努力|达到|达|为|保持在|保持|稳定在|稳定|维持在|控制在|控制|在|至|到|实现|完成|全年|累计|同比|比上年|比去年"
    r"|较上年|较去年|每年|年均|年度|预计|预期|新建|新增|总量|总数|共|左右|的|[、,;:。.()（）*\"“”\s]"
)


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


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """How a figure relates to its indicator. Either ``value`` or ``stance`` is set."""

    measure: str
    comparator: str | None = None
    value: Decimal | None = None
    value_high: Decimal | None = None
    unit: Unit | None = None
    stance: str | None = None
    exact: bool = True  # every word of the input was understood


PERCENT = Unit(id="percent", multiplier=0, label="%")
POINT = Unit(id="percentage_point", multiplier=0, label="百分点")
POSITION = Unit(id="position", multiplier=0, label="位")


def plain(words: str) -> str:
    """Words without white space, in half-width characters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words)).replace("﹣", "-")


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
        rf"|翻(?P<double>[一两二三]?)番"
        rf"|(?P<cn>(?:{_CN}))(?P<cnunit>{units}))"
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
            high = None if part["high"] else high
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
        read = numeral.chinese(part["hundredth"]) if part["hundredth"][0] in numeral.CHARACTERS else None
        value = read if read is not None else numeral.digits(part["hundredth"])
        known = PERCENT
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


@cache
def _verbs() -> tuple[re.Pattern[str], dict[str, tuple[str, int]]]:
    table = {word: (rule.name, int(rule.result)) for rule in lexicon.rules("measures") for word in rule.words}
    either = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
    return re.compile(rf"(?<![新倍递剧激猛])(?<!自然)({either})(了|率)?(?P<to>到|至|为|达到|达|在)?"), table


@cache
def _stances() -> tuple[tuple[re.Pattern[str], bool, str], ...]:
    return tuple((re.compile(rule.pattern), rule.whole, rule.result) for rule in lexicon.rules("stances"))


def stance(words: str) -> str | None:
    """The stance that words without a number take, or None.

    >>> stance("与经济增长同步"), stance("完成上级下达目标"), stance("稳步提升"), stance("争取创成")
    ('in_line_with_growth', 'as_assigned', 'rise', None)
    """
    words = plain(words)[:LONGEST]
    for pattern, whole, result in _stances():
        if pattern.fullmatch(words) if whole else pattern.search(words):
            return result
    return None


def rank(words: str) -> Decimal | None:
    """A place in an order: 居全省第3 → 3, 全市首位 → 1; None where the words name no place."""
    found = _RANK.search(words)
    if not found:
        return None
    if found["first"]:
        return Decimal(1)
    if found["top"]:
        return Decimal(found["top"])
    return numeral.chinese(found["place"]) if found["place"][0] in numeral.CHARACTERS else Decimal(found["place"])


_RANK = re.compile(
    r"(?:排名|位列|位居|进入|全国|全省|全市|全县|居|列)(?:[一-龥]{0,4})前(?P<top>\d{1,4})(?![\d%个])|(?P<first>首位|榜首|第一位|第一名|首列|居首)|第(?P<place>\d{1,3}|[一二两三四五六七八九十]{1,3})(?!届|次|批|产业|季度|轮|期|个|条|款|章|号|年|代|方|人民|中学|医院|三|第)(?:位|名)?"
)


def direction(words: str) -> tuple[str, int] | None:
    """What the last verb in front of a number does: up or down, a rate or not; None for 提高到 and for no verb."""
    pattern, table = _verbs()
    found = list(pattern.finditer(words))
    if not found:
        return None
    last = found[-1]
    kind, sign = table[last[1]]
    if last["to"] and not kind.startswith("rate"):
        return None
    return kind, sign


def compare(figure: Figure, role: str, negative: bool) -> str:
    """The comparator of a figure: words after it win over words before it; a negative sign turns it."""
    if figure.high is not None:
        return "range"
    name = figure.after or figure.before
    result = "eq"
    if name is not None:
        rule = next(rule for rule in lexicon.rules("comparators") if rule.name == name)
        result = rule.result[0 if role == "target" else 1]
    return _TURNED.get(result, result) if negative else result


def read(
    words: str, *, hint: Unit | None = None, power: int | None = None, role: str = "target", growth: bool = False
) -> Quantity | None:
    """Value words as a quantity; None where they hold no or more than one figure and no known stance.

    ``hint`` is the unit of the column or the catalogue, ``power`` a bare power of ten of the column (万),
    ``growth`` says that the indicator is itself a rate of growth (制造业投资增速).

    >>> q = read("增长8.5%", hint=unit.parse("亿元"))
    >>> q.measure, q.comparator, str(q.value), q.unit.label
    ('growth', 'eq', '8.5', '%')
    >>> q = read("力争1万人以上", hint=unit.parse("万人"))
    >>> q.comparator, str(q.value), q.unit.label
    ('ge', '1', '万人')
    >>> q = read("降幅控制在5%以内")
    >>> q.measure, q.comparator, str(q.value)
    ('growth', 'ge', '-5')
    """
    words = plain(words)
    if not words or len(words) > LONGEST:
        return None
    found = [figure for figure in figures(words) if not _named(words, figure)]
    place = rank(words)
    if place is not None and (not found or (len(found) == 1 and _RANK.search(words[: found[0].end + 1]))):
        top = re.search(r"前\d", words) is not None
        return Quantity(measure="rank", comparator="le" if top else "eq", value=place, unit=POSITION)
    if not found:
        known = stance(words)
        return None if known is None else of_stance(known, words, growth=growth)
    if len(found) > 1:
        return None
    return of_figure(found[0], words, hint=hint, power=power, role=role, growth=growth)


def of_stance(known: str, words: str = "", *, growth: bool = False) -> Quantity:
    """A stance with the measure that goes with it."""
    grows = known in ("in_line_with_growth", "above_growth", "above_overall", "moderate_growth")
    return Quantity(
        measure="growth" if grows or (known == "flat" and (growth or "增" in words)) else "level", stance=known
    )


def of_figure(
    figure: Figure,
    words: str,
    *,
    hint: Unit | None = None,
    power: int | None = None,
    role: str = "target",
    growth: bool = False,
) -> Quantity:
    """A figure and the words in front of it as a quantity."""
    lead = words[: figure.start]
    moved = direction(lead)
    sign = -1 if moved and moved[1] < 0 and figure.value >= 0 else 1
    known = figure.unit
    if known is None and figure.power is not None:
        base = hint.id if hint and hint.id not in ("percent", "percentage_point") else None
        label = next((text for text, exponent in unit.POWERS.items() if exponent == figure.power), "")
        atom = hint.label.lstrip("十百千万亿") if hint else ""
        known = Unit(id=base, multiplier=figure.power, label=label + atom) if base else None
    elif known is None and power is not None and hint is not None:
        label = next((text for text, exponent in unit.POWERS.items() if exponent == power), "")
        known = Unit(id=hint.id, multiplier=power, label=label + hint.label.lstrip("十百千万亿"))
    elif known is None:
        known = hint
    measure = "level"
    share = hint is not None and hint.id in ("percent", "permille")
    if known is not None and known.id == "percentage_point":
        measure = "change"
    elif growth and (figure.unit is None or figure.unit.id == "percent"):
        measure, known = "growth", PERCENT
    elif known is not None and known.id == "percent":
        if (
            moved
            or "番" in words
            or (figure.unit is not None and hint is not None and not share and hint.id != "ratio")
        ):
            measure = "growth"
    elif moved:
        measure = "change"
    if measure in ("growth", "change") and re.search("年均|年平均", words):
        measure = "average_growth" if measure == "growth" else measure
    value = figure.value * sign
    high = figure.high * sign if figure.high is not None else None
    if high is not None and high < value:
        value, high = high, value
    rest = _FILLER.sub("", _verbs()[0].sub("", lead))
    if (
        rest or known is None or known.id not in ("item", "person", "household")
    ):  # 实现3个…项目落地 says what is counted
        rest += _FILLER.sub("", words[figure.end :])
    return Quantity(
        measure=measure,
        comparator=compare(figure, role, sign < 0),
        value=numeral.plain(value),
        value_high=numeral.plain(high) if high is not None else None,
        unit=known,
        exact=not rest,
    )


def _named(words: str, figure: Figure) -> bool:
    """Whether a number is part of a word: PM2.5, 2022年, 5A级."""
    before = words[figure.number_start - 1 : figure.number_start]
    behind = words[figure.end : figure.end + 1]
    if figure.words:
        return False
    if re.match(r"[A-Za-z]", before) and figure.before is None:
        return True
    if figure.unit is not None and figure.unit.label == "年" and 1900 <= figure.value <= 2100:
        return True
    return figure.unit is None and bool(re.match(r"[A-Za-z]", behind))
