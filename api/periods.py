"""SDMX time periods in, when they begin and end out."""

from __future__ import annotations


def ends(period: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """When a period ends and begins, in years and months.

    >>> sorted(("2023", "2023-Q4", "2021/2023", "2023-S1", "2022", "2023-01/2023-09"), key=ends)
    ['2022', '2023-S1', '2023-01/2023-09', '2021/2023', '2023', '2023-Q4']
    """
    first, _, last = period.partition("/")
    return _months(last or first)[1], _months(first)[0]


def _months(period: str) -> tuple[tuple[int, int], tuple[int, int]]:
    year, part = int(period[:4]), period[5:]
    if not part:
        return (year, 1), (year, 12)
    if part[0] in "SQ":
        long = 6 if part[0] == "S" else 3
        return (year, (int(part[1]) - 1) * long + 1), (year, int(part[1]) * long)
    return (year, int(part)), (year, int(part))
