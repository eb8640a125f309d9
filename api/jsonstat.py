"""Comparisons in, a JSON-stat 2.0 dataset out: a cube of indicator × region × period × role.

``indicator`` is the metric, as units belong to it. Labels are in Chinese, the English ones in each dimension's
``extension``. ``status`` has, by the number of the cell, why a cell is empty, or the comparator where it is not ``eq``.
The dataset's ``extension`` has by the number of the cell what else the notes of a comparison have: ids, scopes,
stances, upper ends of ranges, ranks; and the numbers of the cells that are estimated. Parents have no place in the
cube: ask for them as regions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.compared import ComparedRegion, Comparison, ComparisonTable

MEDIA = "application/json-stat+json"
ROLES = {"target": ("目标", "Target"), "actual": ("实绩", "Actual")}
STATUSES = {
    "not_stated": ("文件未提及", "Not stated in any document"),
    "no_number": ("没有数值, 只有表述", "Stated without a number"),
    "other_base": ("基期不同", "Against another base"),
    "not_convertible": ("单位不能换算", "In a unit that does not convert"),
    "ge": ("不低于", "At least"),
    "gt": ("高于", "More than"),
    "le": ("不高于", "At most"),
    "lt": ("低于", "Less than"),
    "approx": ("约", "About"),
    "range": ("区间的下限", "Lower end of a range"),
}
_SOURCE = "各地国民经济和社会发展计划报告、政府工作报告等文件 / Plan reports, work reports and other plan documents"
_NOTES = (
    "每格取首选观测; 同一指标的数值已换算为同一单位。extension.ids 给出每个数值的观测。",
    "Each cell is the preferred observation; the numbers of an indicator are in one unit. extension.ids traces each.",
)
_MEASURES = {
    "level": ("", ""),
    "growth": ("增长", ", growth"),
    "average_growth": ("年均增长", ", average growth"),
    "change": ("增减", ", change"),
    "rank": ("位次", ", rank"),
}
Labels = Mapping[str, tuple[str, str | None]]


def dataset(answer: Comparison | ComparisonTable) -> dict[str, Any]:
    """The dataset, ready to be encoded by ``api.formats.json``; values in row-major order, null for a gap."""
    data = [answer] if isinstance(answer, Comparison) else answer.data
    regions = data[0].regions if data else []
    periods = data[0].periods if data else []
    indicators: Labels = {one.indicator: (one.indicator_name, one.indicator_name_en) for one in data}
    dimensions: dict[str, tuple[tuple[str, str], Labels]] = {
        "indicator": (("指标", "Indicator"), indicators),
        "region": (("行政区划", "Region"), {one.region: (one.region_name, one.region_name_en) for one in regions}),
        "period": (("时期", "Period"), {period: (spoken(period), period) for period in periods}),
        "role": (("目标或实绩", "Target or actual"), ROLES),
    }
    dimension = {name: _dimension(label, labels) for name, (label, labels) in dimensions.items()}
    dimension["indicator"]["category"]["unit"] = {
        one.indicator: {"decimals": _decimals(one.regions)} | ({"label": one.unit_label} if one.unit_label else {})
        for one in data
    }
    dimension["indicator"]["extension"]["unit"] = {
        one.indicator: {"unit": one.unit, "unit_multiplier": one.unit_multiplier} for one in data
    }
    measure = _MEASURES[data[0].measure if data else "level"]
    names = "、".join(name for name, _ in indicators.values())
    english = ", ".join(second or first for first, second in indicators.values())
    return {
        "version": "2.0",
        "class": "dataset",
        "label": f"{names}{measure[0]}",
        "source": _SOURCE,
        "updated": answer.published_at,
        "note": list(_NOTES),
        "id": list(dimensions),
        "size": [len(labels) for _, labels in dimensions.values()],
        "role": {"time": ["period"], "geo": ["region"], "metric": ["indicator"]},
        "dimension": dimension,
        **_cells(data, {"snapshot": answer.snapshot, "label_en": f"{english}{measure[1]}"}),
    }


def _dimension(label: tuple[str, str], labels: Labels) -> dict[str, Any]:
    return {
        "label": label[0],
        "category": {"index": list(labels), "label": {code: names[0] for code, names in labels.items()}},
        "extension": {
            "label_en": label[1],
            "category_label_en": {code: names[1] or names[0] for code, names in labels.items()},
        },
    }


def _cells(data: Sequence[Comparison], about: dict[str, Any]) -> dict[str, Any]:
    """The numbers of the cube, in order, and by number of the cell what else there is to say."""
    value: list[Any] = []
    status: dict[str, str] = {}
    more: dict[str, dict[str, Any]] = {name: {} for name in ("ids", "scopes", "stances", "highs", "ranks")}
    estimated: list[int] = []
    for line in (line for one in data for line in one.regions):
        for place in range(len(line.targets)):
            for numbers, notes in ((line.targets, line.target_notes), (line.actuals, line.actual_notes)):
                cell = str(len(value))
                mark = notes.gaps[place] or notes.comparators[place]
                if mark not in (None, "eq"):
                    status[cell] = str(mark)
                said = {
                    "ids": notes.ids[place],
                    "scopes": notes.scopes[place],
                    "stances": notes.stances[place],
                    "highs": notes.highs[place],
                    "ranks": line.ranks[place] if numbers is line.actuals else None,
                }
                for name, what in said.items():
                    if what is not None:
                        more[name][cell] = what
                if notes.statuses[place] == "estimated":
                    estimated.append(len(value))
                value.append(numbers[place])
    used = set(status.values())
    labels = {code: names for code, names in STATUSES.items() if code in used}
    meaning = {
        "label": {code: names[0] for code, names in labels.items()},
        "label_en": {code: names[1] for code, names in labels.items()},
    }
    return {"value": value, "status": status, "extension": about | {"status": meaning, **more, "estimated": estimated}}


def _decimals(lines: Sequence[ComparedRegion]) -> int:
    """How many decimals the numbers have at the most."""
    numbers = (number for line in lines for number in (*line.targets, *line.actuals) if number is not None)
    return max((len(f"{number:f}".partition(".")[2]) for number in numbers), default=0)


def spoken(period: str) -> str:
    """A period as people say it.

    >>> [spoken(text) for text in ("2022", "2022-S1", "2022-Q3", "2022-06", "2021/2025", "2023-01/2023-09")]
    ['2022年', '2022年上半年', '2022年第3季度', '2022年6月', '2021年至2025年', '2023年1月至2023年9月']
    """
    first, _, last = period.partition("/")
    if last:
        return f"{spoken(first)}至{spoken(last)}"
    year, _, part = period.partition("-")
    if not part:
        return f"{year}年"
    if part[0] == "S":
        return f"{year}年{'上' if part == 'S1' else '下'}半年"
    return f"{year}年第{part[1]}季度" if part[0] == "Q" else f"{year}年{int(part)}月"
