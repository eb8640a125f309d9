"""Questions in SQL, put with bound values: rows out, as dicts that are ready to be encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

import duckdb
from msgspec import Struct


class Question(Struct, frozen=True, kw_only=True):
    """A text of SQL and the names of the values it is put with."""

    text: str
    names: tuple[str, ...]


_TEXTS = {
    entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
    for entry in files("api.sql").iterdir()
    if entry.name.endswith(".sql")
}


def _whole(text: str) -> str:
    """A text with others in place of the lines that name them: ``--> name``."""
    return re.sub("^--> (.+)$", lambda arrow: _whole(_TEXTS[arrow[1]]).rstrip("\n"), text, flags=re.M)


FILES = {name: _whole(text) for name, text in _TEXTS.items()}
_MARKED = {
    name: frozenset(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r" --\? ([a-z_0-9! ]+)$", text, re.M))))
    for name, text in FILES.items()
}

SORTABLE = (
    *("region", "indicator", "category", "year", "period", "role", "status", "measure"),
    *("value", "unit", "document", "id"),
)
_NUMBERS = frozenset({"year", "value"})  # all else that can be sorted by is text
_ORDERS = {
    f"{sign}{name}": f"{name}{'' if name in _NUMBERS else '::VARCHAR'} {way} NULLS LAST"
    for name in SORTABLE
    for sign, way in (("", "ASC"), ("-", "DESC"))
}
_PARSED: dict[str, duckdb.Statement] = {}
_MOST = 1000  # texts that are kept


@lru_cache(maxsize=_MOST)
def _composed(question: str, given: frozenset[str], sort: tuple[str, ...]) -> Question:
    lines = []
    for line in FILES[question].splitlines():
        if line.strip() == "--* sort":
            lines += [f"  {_ORDERS[field]}," for field in sort]
            continue
        kept, _, marks = line.partition(" --? ")
        if kept.startswith("--"):
            continue  # a comment
        if all((mark.removeprefix("!") in given) != mark.startswith("!") for mark in marks.split()):
            lines.append(kept)
    text = "\n".join(lines)
    return Question(text=text, names=tuple(dict.fromkeys(re.findall(r"\$([a-z_0-9]+)", re.sub("--.*", "", text)))))


def put(question: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text of a question of ``api/sql`` and the values it takes, null for those not given.

    A line that ends in ``--? name !other`` stands only where a value is given for the one and none for the other. What
    ``sort`` names, of ``SORTABLE`` and with a - where it falls, stands for the line ``--* sort``.
    The least and the greatest region are at hand as ``region_first`` and ``region_last``: they let what lies outside be
    passed over.
    """
    given = frozenset(name for name in _MARKED[question] if values.get(name) not in (None, False))
    composed = _composed(question, given, tuple(values.get("sort") or ()))
    bound = {name: values.get(name) for name in composed.names}
    if "region_first" in bound:
        bound |= {"region_first": min(values["region"], default=""), "region_last": max(values["region"], default="")}
    return composed.text, bound


def parsed(cursor: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    """A text of SQL as a statement, which is made once for all connections; of more than ``_MOST`` all begin anew."""
    if (statement := _PARSED.get(text)) is None:
        (statement,) = cursor.extract_statements(text)
        if len(_PARSED) >= _MOST:
            _PARSED.clear()
        _PARSED[text] = statement
    return statement


def ask(cursor: duckdb.DuckDBPyConnection, question: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that answer a question."""
    text, bound = put(question, values)
    cursor.execute(parsed(cursor, text), bound)
    names = [column[0] for column in cursor.description or ()]
    return [row(names, values) for values in cursor.fetchall()]


def row(names: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    """A row by column name, decimals in their shortest form."""
    return {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in zip(names, values, strict=True)
    }


def plain(number: Decimal) -> Decimal:
    """The same number in the form that prints shortest without an exponent.

    >>> [str(plain(Decimal(text))) for text in ("353.730000", "100.000000", "-0.000000", "0.000001")]
    ['353.73', '100', '0', '0.000001']
    """
    if not number:
        return Decimal(0)
    whole = number.to_integral_value()
    return whole if whole == number else number.normalize()
