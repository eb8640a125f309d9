"""Indicators in, regions beside regions out: targets and actuals as arrays aligned with the periods, in one unit.

The rules, and why:

- One measure at a time; a growth is nothing to set beside a level.
- Of each region, period and role the preferred observation, decided after ``as_of``. Where observations of several
  scopes stand side by side, the one without scope, as it is about the whole; where there is none, the only one, and the
  notes show its scope; of several parts none stands for the region: a gap.
- A growth or change against another base than the year before is a gap: such numbers are not like the others.
- The unit is the indicator's default unit for levels and changes, as long as any number converts to it; else the one
  most numbers are in. Units of one dimension convert by ``units.factor`` and the power of ten, exactly; a quotient
  that does not end has 15 significant digits. A number that would be smaller than 0.000001 is a gap.
- A range stands with its lower end, the upper one is in the notes.
- Ranks are among the actuals of the regions of one level (provinces, prefectures, counties) in the answer, as far as
  they are exact or about so (eq, approx) and without scope: 1 is best by the indicator's direction, for a neutral one the
  highest, for the measure rank the lowest; equals share a rank.
- Parents, the regions above those compared, are beside them with the same periods, without ranks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from api.compared import ComparedRegion, Comparison, ComparisonTable, Gap, Notes
from api.cursors import Start
from api.periods import ends
from api.problems import PARAMETERS, Problem, Wrong, not_found
from api.selection import Listed
from api.snapshot import Snapshot
from api.units import Factors, Unit

MOST_REGIONS, MOST_PERIODS, MOST_INDICATORS, MOST_CELLS = 100, 50, 20, 20_000
_MOST_LINES = 10_000  # with more the database is as fast
Row = dict[str, Any]


def compare(snapshot: Snapshot, values: Mapping[str, Any]) -> Comparison:
    """One indicator compared; a problem where there is no such indicator."""
    found = table(snapshot, values).data
    if not found:
        raise not_found(("指标", "indicator"))
    return found[0]


def table(snapshot: Snapshot, values: Mapping[str, Any]) -> ComparisonTable:
    """Several indicators compared; those that there are not are left out, as filters do.

    ``values``: ``indicator`` (one or a list), and by choice ``region``, ``descendants``, ``year``, ``year_from``,
    ``year_to``, ``measure`` and ``as_of``.
    """
    named = values.get("indicator") or []
    asked = list(dict.fromkeys([named] if isinstance(named, str) else named))
    if not asked:
        raise _wrong("indicator", "至少要给出一个指标。", "At least one indicator is needed.", MOST_INDICATORS)
    if len(asked) > MOST_INDICATORS:
        raise _too_many("indicator", "指标", "indicators", MOST_INDICATORS)
    question = dict(values) | {"indicator": asked, "measure": values.get("measure") or "level"}
    cards = {row["indicator"]: row for row in snapshot.ask("compared_indicators", question)}
    published = next(iter(cards.values()))["published_at"]
    places, codes = _places(snapshot, question)
    cells = _cells(snapshot, question | {"region": list(places)}) if places else {}
    periods = sorted({period for own in cells.values() for code, period, _ in own if code in codes}, key=ends)
    if len(periods) > MOST_PERIODS:
        raise _too_many("year_from", "时期", "periods", MOST_PERIODS)
    if len(cards) * len(codes) * len(periods) > MOST_CELLS:
        raise _too_many("indicator", "格", "cells (indicators × regions × periods)", MOST_CELLS)
    factors = Factors(snapshot)
    data = []
    for card in (cards[name] for name in asked if name in cards):
        own = cells.get(card["indicator"], {})
        (unit, multiplier), label = _unit(card, question["measure"], list(own.values()), factors)
        told = {code for code, period, _ in own if period in periods}
        above = {places[code]["parent"] for code in codes} & told
        lines = {code: _line(places[code], periods, own, (unit, multiplier), factors) for code in codes | above}
        lowest = question["measure"] == "rank" or card["direction"] == "lower"
        data.append(
            Comparison(
                **card | {"unit": unit, "unit_multiplier": multiplier, "unit_label": label},
                measure=question["measure"],
                periods=periods,
                regions=_ranked([lines[code] for code in sorted(codes)], lowest),
                parents=[lines[code] for code in sorted(above)],
                snapshot=snapshot.id,
            )
        )
    return ComparisonTable(data=data, snapshot=snapshot.id, published_at=published)


def _places(snapshot: Snapshot, question: Mapping[str, Any]) -> tuple[dict[str, Row], set[str]]:
    """The regions to compare with those above them, and the codes of those to compare."""
    named = question.get("region")
    codes = set(named or [])
    if not named or question.get("descendants"):
        below = {"region": snapshot.below(named) if named else None, "most_regions": MOST_REGIONS}
        codes |= {row["region"] for row in snapshot.ask("compared_places", {**question, **below})}
    if len(codes) > MOST_REGIONS:
        raise _too_many("region", "行政区划", "regions", MOST_REGIONS)
    every, _ = snapshot.places
    codes &= every.keys()
    above = {every[code]["parent"] for code in codes} - {None}
    return {code: every[code] for code in codes | above}, codes


def _cells(snapshot: Snapshot, question: Mapping[str, Any]) -> dict[str, dict[tuple[str, str, str], Row]]:
    """By indicator the observation that is taken for each region, period and role."""
    rows = _said(snapshot, question)
    years, first, last = question.get("year"), question.get("year_from") or 0, question.get("year_to") or 9999
    cells: dict[str, dict[tuple[str, str, str], Row]] = {}

    def worth(row: Row) -> tuple[bool, bool, str, str]:
        scope, base = row["scope"], row["base_period"]
        return base is not None, scope is not None, scope or "", base or ""

    for row in rows:
        if first <= row["year"] <= last and (not years or row["year"] in years):
            own = cells.setdefault(row["indicator"], {})
            key = (row["region"], row["period"], row["role"])
            other = own.get(key)
            parts = other is not None and None not in (other["scope"], row["scope"]) and other["scope"] != row["scope"]
            if other is not None and parts and other["base_period"] == row["base_period"]:
                own[key] = other | {"several": True}
            elif other is None or worth(row) < worth(other):
                own[key] = row
    return cells


class _Said(Struct, frozen=True, kw_only=True):
    """What a comparison takes from the line of an observation."""

    id: str
    region: str
    indicator: str
    year: int
    period: str
    role: str
    status: str | None
    measure: str
    base_period: str | None
    comparator: str | None
    value: Decimal | None
    value_high: Decimal | None
    unit: str | None
    unit_multiplier: int | None
    unit_label: str | None
    stance: str | None
    scope: str | None


_said_in = msgspec.json.Decoder(_Said).decode


def _said(snapshot: Snapshot, question: Mapping[str, Any]) -> list[Row]:
    """The preferred observations of the indicators in the regions, of one measure and all years."""
    placing = {name: question[name] for name in ("indicator", "region")}
    rows = snapshot.rows
    found = None if rows is None or question.get("as_of") else rows.select(placing, preferred=True)
    if rows is None or not isinstance(found, Listed) or found.total > _MOST_LINES:
        return snapshot.ask("comparisons", question)
    said = map(_said_in, rows.listed(found, Start(), found.total)[0])
    return [msgspec.structs.asdict(each) for each in said if each.measure == question["measure"]]


def _line(
    place: Row, periods: Sequence[str], cells: Mapping[tuple[str, str, str], Row], unit: Unit, factors: Factors
) -> ComparedRegion:
    numbers: dict[str, list[Decimal | None]] = {}
    notes: dict[str, Notes] = {}
    for role in ("target", "actual"):
        told = [cells.get((place["region"], period, role), {}) for period in periods]
        found = [_number(row, unit, factors) for row in told]
        gaps = [gap for _, _, gap in found]
        numbers[role] = [number for number, _, _ in found]
        notes[role] = Notes(
            ids=[row.get("id") for row in told],
            comparators=[None if gap else row["comparator"] for row, gap in zip(told, gaps, strict=True)],
            highs=[high for _, high, _ in found],
            statuses=[row.get("status") for row in told],
            scopes=[row.get("scope") for row in told],
            gaps=gaps,
            stances=[row.get("stance") for row in told],
        )
    return ComparedRegion(
        **place,
        targets=numbers["target"],
        actuals=numbers["actual"],
        ranks=[None] * len(periods),
        target_notes=notes["target"],
        actual_notes=notes["actual"],
    )


def _number(row: Row, unit: Unit, factors: Factors) -> tuple[Decimal | None, Decimal | None, Gap | None]:
    """The number of a cell, its upper end, and why there is none."""
    if not row:
        return None, None, "not_stated"
    if row["value"] is None:
        return None, None, "no_number"
    if row.get("several"):
        return None, None, "several_scopes"
    if row["base_period"] is not None:
        return None, None, "other_base"
    own = (row["unit"], row["unit_multiplier"])
    number = factors.convert(row["value"], own, unit)
    if number is None:
        return None, None, "not_convertible"
    return number, None if row["value_high"] is None else factors.convert(row["value_high"], own, unit), None


def _ranked(lines: list[ComparedRegion], lowest: bool) -> list[ComparedRegion]:
    """The same regions with ranks, the lowest number first or the highest."""
    fields: dict[tuple[str, int], list[Decimal]] = {}
    for line in lines:
        for place, number in enumerate(line.actuals):
            if _exact(line, place):
                fields.setdefault((_level(line.region), place), []).append(number or Decimal(0))
    for field in fields.values():
        field.sort(reverse=not lowest)
    return [
        msgspec.structs.replace(
            line,
            ranks=[
                fields[_level(line.region), place].index(number) + 1
                if number is not None and _exact(line, place)
                else None
                for place, number in enumerate(line.actuals)
            ],
        )
        for line in lines
    ]


def _exact(line: ComparedRegion, place: int) -> bool:
    """Whether the actual is a number of the whole region that can be ranked."""
    return line.actual_notes.comparators[place] in ("eq", "approx") and line.actual_notes.scopes[place] is None


def _level(code: str) -> str:
    return "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"


def _unit(card: Row, measure: str, rows: Sequence[Row], factors: Factors) -> tuple[Unit, str | None]:
    """The unit that all numbers are told in, and how people write it."""
    own: Unit = (card["unit"], card["unit_multiplier"])
    numbers = [row for row in rows if row["value"] is not None and row["base_period"] is None]
    units = Counter((row["unit"], row["unit_multiplier"]) for row in numbers)
    fits = measure in ("level", "change")
    if not units:
        return (own, card["unit_label"]) if fits else ((None, None), None)
    if fits and any(factors.ratio(unit, own) is not None for unit in units):
        return own, card["unit_label"]
    most: Unit = min(units, key=lambda unit: (-units[unit], str(unit)))
    labels = Counter(row["unit_label"] for row in numbers if (row["unit"], row["unit_multiplier"]) == most)
    return most, min(labels, key=lambda label: (-labels[label], str(label)))


def _too_many(parameter: str, zh: str, en: str, most: int) -> Problem:
    return _wrong(
        parameter,
        f"选中的{zh}超过 {most} 个, 一次最多比较 {most} 个。",
        f"More than {most} {en} are selected; {most} are compared at once at the most.",
        most,
    )


def _wrong(parameter: str, zh: str, en: str, most: int) -> Problem:
    what = {"year_from": "periods"}.get(parameter, f"{parameter}s")
    return Problem(PARAMETERS, (Wrong(parameter=parameter, message=(zh, en), allowed=(f"1…{most} {what}",)),))
