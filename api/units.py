"""A number in one unit in, the same in another of its dimension out."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from fractions import Fraction

from api.queries import plain
from api.snapshot import Snapshot

Unit = tuple[str | None, int | None]  # a unit and its power of ten: 亿元 is CNY and 8
_LEAST = Decimal("0.000001")  # the smallest number that is told


class Factors:
    """What converts a unit into another of its dimension; the list of units is read once it is needed."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._units: dict[str, tuple[str, Fraction]] | None = None
        self._known: dict[tuple[Unit, Unit], Fraction | None] = {}

    def convert(self, number: Decimal, unit: Unit, target: Unit) -> Decimal | None:
        """The number in the target unit; None where there is none, or it would be too small to be told."""
        if unit == target:
            return number
        ratio = self.ratio(unit, target)
        if ratio is None:
            return None
        exact = Fraction(number) * ratio
        context = Context(prec=28, traps=[])
        found = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        if context.flags[Inexact]:
            found = Context(prec=15).plus(found)
        if found == found.to_integral_value():
            return Decimal(int(found))
        return plain(found) if abs(found) >= _LEAST else None

    def ratio(self, unit: Unit, target: Unit) -> Fraction | None:
        """What a number is multiplied by, None for units of different dimensions."""
        if unit == target:
            return Fraction(1)
        if (unit, target) not in self._known:
            self._known[unit, target] = self._ratio(unit, target)
        return self._known[unit, target]

    def _ratio(self, unit: Unit, target: Unit) -> Fraction | None:
        if self._units is None:
            rows = self._snapshot.ask("units", {})
            self._units = {row["id"]: (row["dimension"], _whole(row["factor"])) for row in rows}
        # a plain number is a ratio: 倍, or nothing
        names = [(name or "ratio").split("_per_") for name, _ in (unit, target)]
        if len(names[0]) != len(names[1]):
            return None
        power = (unit[1] or 0) - (target[1] or 0)
        ratio = Fraction(10) ** power
        for place, (name, other) in enumerate(zip(*names, strict=True)):
            if name == other:
                continue
            one, two = self._units.get(name), self._units.get(other)
            if one is None or two is None or one[0] != two[0]:
                return None
            ratio *= one[1] / two[1] if place == 0 else two[1] / one[1]
        return ratio


def _whole(factor: Decimal) -> Fraction:
    """A factor as it is meant: six decimals cannot hold 2000/3 square metres, which a 亩 has.

    >>> _whole(Decimal("666.666667")), _whole(Decimal("0.016667")), _whole(Decimal("0.5")), _whole(Decimal("0.000001"))
    (Fraction(2000, 3), Fraction(1, 60), Fraction(1, 2), Fraction(1, 1000000))
    """
    exact = Fraction(factor)
    near = exact.limit_denominator(100)
    return near if round(near, 6) == exact else exact
