"""Value words and a unit hint become a comparator, values, a unit and a measure, or a stance.

Knows nothing of documents: it can be tried with bare strings.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache

import msgspec

from loaders import lexicon, numeral, unit
from loaders.figure import PERCENT, Figure, figures
from loaders.unit import Unit

LONGEST = 400  # characters of value words; longer ones are running text
_TURNED = {"ge": "le", "le": "ge", "gt": "lt", "lt": "gt"}
_FILLER = re.compile(
    r"力争|确保|争取|努力|达到|达|为|保持在|保持|稳定在|稳定|维持在|控制在|控制|在|至|到|实现|完成|全年|累计|同比|比上年|比去年"
    r"|较上年|较去年|每年|年均|年度|预计|预期|新建|新增|总量|总数|共|左右|的|[、,;:。.()（）*\"“”\s]"
)


class Quantity(msgspec.Struct, frozen=True, kw_only=True):
    """How a figure relates to its indicator. Either ``value`` or ``stance`` is set."""

    measure: str
    comparator: str | None = None
    value: Decimal | None = None
    value_high: Decimal | None = None
    unit: Unit | None = None
    stance: str | None = None
    exact: bool = True  # every word of the input was understood


POSITION = Unit(id="position", multiplier=0, label="位")


def plain(words: str) -> str:
    """Words without white space, in half-width characters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words)).replace("﹣", "-")


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
    r"(?:^|(?:排名|位列|位居|进入|全国|全省|全市|全县|居|列)(?:[一-龥]{0,4}))前(?P<top>\d{1,4})(?![\d%个家])|(?P<first>首位|榜首|第一位|第一名|首列|居首)|第(?P<place>\d{1,3}|[一二两三四五六七八九十]{1,3})(?!届|次|批|产业|季度|轮|期|个|条|款|章|号|年|代|方|人民|中学|医院|三|第)(?:位|名)?"
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
        measure = "level" if "拉动" in words else "change"
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
    rest = _FILLER.sub("", _verbs()[0].sub("", _FILLER.sub("", lead)))  # 同比增长 is 增长, not 同比增 and 长
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
