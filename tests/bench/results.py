"""Measured numbers in, tables with goals out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

On = Literal["ratio", "ours"]


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be reached: by the ratio to what stands beside, or by the number itself."""

    bound: float
    least: bool  # else the most
    on: On = "ratio"

    def holds(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:.3g}{'' if self.on == 'ours' else ' ×'}"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One number of this server, and the one of a peer that it stands beside."""

    what: str
    size: int
    measure: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None

    @property
    def holds(self) -> bool | None:
        value = self.ours if self.goal is not None and self.goal.on == "ours" else self.ratio
        return None if self.goal is None or value is None else self.goal.holds(value)


def _least(bound: float, on: On = "ratio") -> Goal:
    return Goal(bound=bound, least=True, on=on)


def _most(bound: float, on: On = "ratio") -> Goal:
    return Goal(bound=bound, least=False, on=on)


CEILING = "Litestar, bytes ready"
SQLITE = "Litestar, indexed SQLite"
ORM = "FastAPI, SQLAlchemy, pydantic"
DATASETTE = "Datasette"
ROAPI = "roapi"
RAW = "Granian alone, bytes ready"
SMALLER = "itself at 300,000"
FIRST = "page 1"
RATE, P99, P50, WORKED = "requests/s", "p99 ms", "p50 ms", "ms of a core"
GOALS: dict[tuple[str, str, str], Goal] = {
    ("hot", RATE, CEILING): _least(0.9),
    ("304", RATE, CEILING): _least(1.5),
    ("cold", RATE, SQLITE): _least(1),
    ("cold", RATE, ORM): _least(10),
    ("cold", RATE, DATASETTE): _least(5),
    ("cold", P99, ORM): _most(1 / 3),
    ("cold", P99, DATASETTE): _most(1 / 3),
    ("cold", RATE, SMALLER): _least(0.8),
    ("page 10,000", P50, FIRST): _most(1.25),
    ("search of observations", P99, ""): _most(50, "ours"),
    ("search of indicators", P99, ""): _most(50, "ours"),
    ("comparisons", P99, ""): _most(50, "ours"),
    ("assessments", P99, ""): _most(50, "ours"),
    ("discrepancies", P99, ""): _most(50, "ours"),
    ("export, filtered NDJSON", "rows/s", DATASETTE): _least(5),
    ("export, filtered NDJSON", "rows/s", ORM): _least(20),
    ("export, filtered NDJSON", "first byte ms", ""): _most(100, "ours"),
    ("export, filtered NDJSON", "MB over idle", ""): _most(300, "ours"),
    ("publication", "µs of a core an observation", SMALLER): _most(1.5),
}
REPORTED = {  # without a goal, but of interest to whoever runs it
    ("memory at rest", "MB"),
    ("memory under load, answers kept", "MB"),
    ("memory under load, nothing kept", "MB"),
    ("memory under load, nothing kept", "MB without mapped files"),
    ("publication", "s of a core"),
    ("publication", "peak MB"),
    *((f"export, prepared {form}", "rows/s") for form in ("parquet", "arrow", "csv", "ndjson")),
}
STARTS = {300_000: _most(1, "ours"), 10_000_000: _most(3, "ours")}


def row(what: str, size: int, measure: str, ours: float, peer: str = "", theirs: float | None = None) -> Row:
    """A row with the goal that is set for it."""
    goal = GOALS.get((what, measure, peer))
    if what == "start to ready":
        goal = STARTS.get(size)
    return Row(what=what, size=size, measure=measure, ours=ours, peer=peer, theirs=theirs, goal=goal)


def shown(value: float) -> str:
    """A number with three digits that tell something.

    >>> [shown(each) for each in (0.0123, 1.5, 12.34, 1234.5, 4_300_000.0, 0)]
    ['0.0123', '1.50', '12.3', '1,230', '4,300,000', '0']
    """
    if not value:
        return "0"
    if abs(value) >= 100:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value / 10**digits) * 10**digits:,}"
    return f"{value:#.3g}"


def _told(row: Row) -> str:
    if row.holds is None:
        return ""
    return "holds" if row.holds else "missed"


def lines(rows: Iterable[Row]) -> list[str]:
    """All that was measured, one number on a line, aligned."""
    cells = [("what", "observations", "measure", "this server", "beside", "", "ratio", "goal", "")]
    for each in rows:
        ratio = each.ratio
        cells.append(
            (
                each.what,
                f"{each.size:,}",
                each.measure,
                shown(each.ours),
                each.peer,
                "" if each.theirs is None else shown(each.theirs),
                "" if ratio is None else shown(ratio),
                "" if each.goal is None else str(each.goal),
                _told(each),
            )
        )
    widths = [max(len(line[place]) for line in cells) for place in range(len(cells[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def markdown(rows: Sequence[Row], sizes: Sequence[int]) -> str:
    """What has a goal or is reported, a column for each size: the ratio where something stands beside, else the number."""
    rows = [each for each in rows if each.goal or (each.what, each.measure) in REPORTED]
    found = {(each.what, each.measure, each.peer, each.size): each for each in rows}
    kinds = dict.fromkeys((each.what, each.measure, each.peer) for each in rows)
    head = ["what", "measure", "beside", "goal", *(f"{size:,}" for size in sizes)]
    table = [head, ["---"] * len(head)]
    for kind in kinds:
        each_size = [found.get((*kind, size)) for size in sizes]
        goals = dict.fromkeys(str(each.goal) for each in each_size if each and each.goal)
        table.append([*kind, ", ".join(goals), *map(_cell, each_size)])
    return "".join(f"| {' | '.join(line)} |\n" for line in table)


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    number = shown(row.ours) if row.ratio is None else f"**{shown(row.ratio)}** ({shown(row.ours)})"
    return f"{number}{' ✗' if row.holds is False else ''}"
