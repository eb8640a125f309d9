"""Statements of one document become observations: the normal form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from loaders import indicator, lexicon, quantity, subject, task, unit
from loaders.document import Card
from loaders.figure import figures
from loaders.quantity import Quantity
from loaders.statement import Statement
from loaders.unit import Unit

_AMOUNTS = ("CNY", "USD", "person", "tonne", "kilowatt_hour", "person_time")
_DENOMINATOR = re.compile(r"每[一-龥]{0,3}[百千万亿]|万人|人均|亩均|户均")
_GROWS = re.compile(r"(?:(?<!自然)(?:增速|增长率|增幅|涨幅|增长速度|增长幅度))(?:\([^()]*\))*$")


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table ``observations`` but for what the snapshot adds (ordinal, preferred, document, dates)."""

    id: str
    region: str
    indicator: str
    category: str | None
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
    responsible: tuple[str, ...]
    designation: str | None
    quality: tuple[str, ...] | None
    section: str | None
    table: str | None
    row: str | None
    quote: str
    quote_start: int
    quote_end: int
    source_name: str
    source_category: str | None
    rule: str


class Unreviewed(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of its own for a name that the catalogue does not have."""

    id: str
    name: str
    category: str | None


def heading_category(heading: str | None) -> str | None:
    """Our category for a document's own heading, or None.

    >>> heading_category("社会民生"), heading_category("物质富裕"), heading_category("其他")
    ('livelihood', 'economy', None)
    """
    if heading is None:
        return None
    for rule in lexicon.rules("headings"):
        if any(word in heading for word in rule.words):
            return str(rule.result)
    return None


def named(statement: Statement) -> indicator.Indicator | None:
    """The catalogue's indicator for a statement's name, where the name alone says too little with the item's."""
    catalogue = indicator.catalogue()
    return catalogue.find(statement.name, statement.parent) or (
        catalogue.find(statement.name, statement.item) if statement.item else None
    )


def hint_of(statement: Statement, known: indicator.Indicator | None) -> tuple[Unit | None, int | None]:
    """The unit that a bare number of this statement is in: the column's, the name's brackets', the catalogue's."""
    _, in_name, power = unit.of_name(statement.name)
    column = unit.parse(statement.unit) if statement.unit else None
    if statement.unit in unit.POWERS:
        power = unit.POWERS[statement.unit or ""]
    own: Unit | None = None
    if known is not None and known.unit and known.unit_label:
        own = Unit(id=known.unit, multiplier=known.unit_multiplier or 0, label=known.unit_label)
        if "/" in own.label and _DENOMINATOR.search(statement.name):
            own = unit.parse(own.label.split("/")[0])  # the name has the denominator: 每万人…拥有量 7.2 is 7.2 件
    if statement.name.endswith("指数"):
        own = None  # an index has no unit, whatever its growth has
    if own is None and statement.table is not None:
        own = _by_ending(statement.name)
    return column or in_name or own, power


def _by_ending(name: str) -> Unit | None:
    bare = re.sub(r"\([^()]*\)", "", name)
    for rule in lexicon.rules("endings"):
        if bare.endswith(rule.words):
            return unit.parse(str(rule.result))
    return None


def quantify(statement: Statement, known: indicator.Indicator | None) -> Quantity | None:
    """The quantity of a statement's value words, read with what the column and the catalogue say of the unit."""
    hint, power = hint_of(statement, known)
    grows = bool(_GROWS.search(statement.name))
    column = unit.parse(statement.unit) if statement.unit else None
    if column is not None and column.id == "percent" and known is not None and known.unit in _AMOUNTS:
        grows = True  # an amount in a column of percents is its growth
    found = list(figures(quantity.plain(statement.value)))
    if statement.table is None and any(figure.unit is not None for figure in found):
        hint = None  # running text writes its units out; the catalogue's must not turn a share into a growth
    return quantity.read(statement.value, hint=hint, power=power, role=statement.role, growth=grows)


def _fits(known: indicator.Indicator, read: Quantity) -> bool:
    """Whether a level's unit is of the kind of its indicator's: a share is no amount, and no amount a share."""
    if read.measure != "level" or read.unit is None or known.unit is None:
        return True
    shares = ("percent", "permille")
    return (known.unit in shares) == (read.unit.id in shares)


def _scope(statement: Statement, read: Quantity) -> str | None:
    """The scope in front of a table's name (区本级), and the order that a rank is in (全省)."""
    if read.measure == "rank":
        area = re.search(r"全国|全省|全市|全县|全区", statement.value)
        return area[0] if area else None
    return subject.scoped(statement.name)[1] if statement.table is not None else None


def _row(statement: Statement, read: Quantity | None, rows: Mapping[task.Key, Sequence[Statement]]) -> Statement | None:
    """The statement of a task's own row that is of the same thing, in the same kind of unit."""
    row = task.own(statement, rows)
    other = quantify(row, named(row)) if row is not None else None
    units = [
        one.unit.id for one in (read, other) if one is not None and one.unit is not None and one.measure == "level"
    ]
    return row if len(units) == 2 and units[0] == units[1] else None


def observe(card: Card, statements: Iterable[Statement]) -> tuple[list[Observation], list[Unreviewed]]:
    """All observations of one document, and the indicators of their own that unmapped names get."""
    seen: Counter[int] = Counter()
    made: list[Observation] = []
    unreviewed: dict[str, Unreviewed] = {}
    statements = tuple(statements)
    rows = task.rows(statements)
    for statement in statements:
        known = named(statement)
        read = quantify(statement, known)
        row = _row(statement, read, rows) if known is None else None
        known = known if row is None else named(row)
        if read is None or (statement.rule == "table_cell" and not read.exact and read.stance is None):
            read = quantity.of_stance("other")
        if known is not None and not _fits(known, read):
            known = None  # a share under the name of an amount is another thing
        scope = statement.scope or _scope(statement, read)
        source_name = statement.name if statement.parent is None else f"{statement.parent} > {statement.name}"
        if known is None:
            own_name = row.name if row is not None else source_name
            own = Unreviewed(
                id=indicator.unmapped_id(own_name),
                name=own_name,
                category=heading_category(statement.category) or heading_category(statement.section),
            )
            unreviewed.setdefault(own.id, own)
        seen[statement.at] += 1
        made.append(
            Observation(
                id=f"{card.sha256[:12]}-{statement.at}-{seen[statement.at]}",
                region=statement.region or card.region,
                indicator=known.id if known else own.id,
                category=known.category if known else unreviewed[own.id].category,
                year=statement.year,
                period=statement.period,
                role=statement.role,
                status=statement.status,
                measure=read.measure,
                base_period=statement.base_period,
                comparator=read.comparator,
                value=read.value,
                value_high=read.value_high,
                unit=read.unit.id if read.unit and read.value is not None else None,
                unit_multiplier=read.unit.multiplier if read.unit and read.value is not None else None,
                unit_label=read.unit.label if read.unit and read.value is not None else None,
                stance=read.stance,
                scope=scope,
                responsible=statement.responsible,
                designation=statement.designation,
                quality=statement.repairs or None,
                section=statement.section,
                table=statement.table,
                row=statement.row,
                quote=statement.quote,
                quote_start=statement.start,
                quote_end=statement.end,
                source_name=source_name,
                source_category=statement.category,
                rule=statement.rule,
            )
        )
    return made, list(unreviewed.values())
