"""Questions in SQL, put with bound values: rows out, as dicts that are ready to be encoded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

import duckdb
from msgspec import Struct


class Question(Struct, frozen=True, kw_only=True):
    """A file of ``api/sql`` and the names of the values it is put with."""

    text: str
    names: tuple[str, ...]


def _questions() -> dict[str, Question]:
    found = {}
    for entry in files("api.sql").iterdir():
        if entry.name.endswith(".sql"):
            text = entry.read_text(encoding="utf-8")
            names = tuple(dict.fromkeys(re.findall(r"\$([a-z_0-9]+)", re.sub("--.*", "", text))))
            found[entry.name.removesuffix(".sql")] = Question(text=text, names=names)
    return found


QUESTIONS = _questions()


def bound(question: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a question takes, null for those not given."""
    return {name: values.get(name) for name in QUESTIONS[question].names}


def ask(cursor: duckdb.DuckDBPyConnection, question: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that answer a question."""
    cursor.execute(QUESTIONS[question].text, bound(question, values))
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
