"""A unit as people write it (亿元, 万人, 个/千人) becomes a unit of measure and a power of ten."""

from __future__ import annotations

import csv
import re
from functools import cache

import msgspec

from loaders.seeds import FOLDER

POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10}
POWERS |= {"千亿": 11, "万亿": 12}
_POWER = re.compile("|".join(sorted(POWERS, key=len, reverse=True)))
_CANONICAL = {"ug": "微克", "μg": "微克", "µg": "微克", "m3": "立方米", "m³": "立方米", "㎡": "平方米", "m2": "平方米"}
_CANONICAL |= {
    "m²": "平方米",
    "k㎡": "平方公里",
    "km2": "平方公里",
    "km²": "平方公里",
    "元人民币": "元",
    "平方千米": "平方公里",
}
_CANONICAL |= {"%": "%", "％": "%", "个百分点": "百分点", "kg": "公斤", "km": "公里"}


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of measure, the power of ten it is counted in, and its label with that power: CNY, 8, 亿元."""

    id: str
    multiplier: int
    label: str


@cache
def labels() -> dict[str, tuple[str, int]]:
    """Labels without a power (元, 千瓦, ㎡) with their unit and inherent power, from ``unit_labels.csv``."""
    with (FOLDER / "unit_labels.csv").open(encoding="utf-8") as lines:
        return {row["label"]: (row["unit"], int(row["multiplier"])) for row in csv.DictReader(lines)}


@cache
def pattern() -> str:
    """A regular expression for one label with its power and denominators, longest first."""
    atoms = "|".join(re.escape(label) for label in sorted(labels(), key=len, reverse=True))
    atoms = atoms.replace("片", "片(?!区)")  # 2片区 are areas
    powers = _POWER.pattern
    one = f"(?:{atoms}|(?:{powers})(?:{atoms}))"
    return f"{one}(?:/(?:{one}|(?:{powers})))*"


def _side(label: str) -> Unit | None:
    known = labels()
    if label in known:
        return Unit(id=known[label][0], multiplier=known[label][1], label=_CANONICAL.get(label, label))
    power = _POWER.match(label)
    if power and label[power.end() :] in known:
        unit, inherent = known[label[power.end() :]]
        rest = label[power.end() :]
        return Unit(id=unit, multiplier=POWERS[power[0]] + inherent, label=power[0] + _CANONICAL.get(rest, rest))
    return None


@cache
def parse(label: str) -> Unit | None:
    """The unit of a label, or None where it is none.

    >>> parse("亿元")
    Unit(id='CNY', multiplier=8, label='亿元')
    >>> parse("个/千人")
    Unit(id='item_per_person', multiplier=-3, label='个/千人')
    >>> parse("常住人口") is None
    True
    """
    sides = [_side(side) for side in label.split("/")]
    if len(sides) > 3 or any(side is None for side in sides):
        return None
    whole, *parts = [side for side in sides if side is not None]
    return Unit(
        id="_per_".join([whole.id, *(part.id for part in parts)]),
        multiplier=whole.multiplier - sum(part.multiplier for part in parts),
        label="/".join([whole.label, *(part.label for part in parts)]),
    )


def of_name(name: str) -> tuple[str, Unit | None, int | None]:
    """A printed name without the brackets that hold a unit, that unit, and a bare power of ten (万) in brackets.

    >>> of_name("人均生产总值(万元)")
    ('人均生产总值', Unit(id='CNY', multiplier=4, label='万元'), None)
    >>> of_name("城镇新增就业人数(万)")
    ('城镇新增就业人数', None, 4)
    >>> of_name("地区生产总值(GDP)")
    ('地区生产总值(GDP)', None, None)
    """
    found: Unit | None = None
    power: int | None = None

    def take(match: re.Match[str]) -> str:
        nonlocal found, power
        unit = parse(match[1])
        if unit is not None and match.start() > 0:
            found = unit
            return ""
        if match[1] in POWERS and match.start() > 0:
            power = POWERS[match[1]]
            return ""
        return match[0]

    stripped = re.sub(r"[((]([^()()]{1,12})[))]", take, name)
    return stripped, found, power
