"""One clause on its way through the stages, told line by line."""

from __future__ import annotations

from collections.abc import Iterator

from loaders import area, indicator, observation, prose, quantity, repair
from loaders.figure import figures
from loaders.section import Context
from loaders.sentence import Place

LONGEST = 2000


def lines(clause: str, role: str, year: int) -> Iterator[str]:
    """What each stage makes of a clause, and by which rule."""
    text, repairs = repair.mended(clause)
    yield f"text        {text.chars}"
    for one in repairs:
        if one.original != one.mended:
            yield f"  repaired  {one.original} → {one.mended} ({one.name})"
    context = Context(start=0, end=0, heading=None, role=role, year=year)
    read = prose.read(text, Place(context=context, area=area.of(None), report_year=year))
    for start, end, name in read.not_values:
        yield f"  no value  {clause[start:end]} ({name})"
    for figure in figures(quantity.plain(text.chars)):
        beside = ", ".join(name for name in (figure.before, figure.after) if name)
        label = figure.unit.label if figure.unit else "no unit"
        yield f"  figure    {figure.value}{f'–{figure.high}' if figure.high is not None else ''} {label} {beside}".rstrip()
    for each in read.unread:
        yield f"  unread    {clause[each.start : each.end]} ({each.reason})"
    for statement in read.statements:
        known = indicator.catalogue().find(statement.name, statement.parent)
        value = observation.quantify(statement, known) or quantity.of_stance("other")
        yield f"statement   {statement.name} | {statement.value} | {statement.role} {statement.period} (rule {statement.rule})"
        yield f"  indicator {known.id if known else indicator.unmapped_id(statement.name)}" + (
            f" {known.name_en}" if known else " (not in the catalogue)"
        )
        if value.value is None:
            yield f"  quantity  {value.measure}, stance {value.stance}"
        else:
            high = f"–{value.value_high}" if value.value_high is not None else ""
            label = f" {value.unit.label} ({value.unit.id} × 10^{value.unit.multiplier})" if value.unit else ""
            yield f"  quantity  {value.measure} {value.comparator} {value.value}{high}{label}"
    if not read.statements:
        yield "statement   none"
