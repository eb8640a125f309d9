"""A figure in the tasks of a row whose name the catalogue does not have finds the row's own name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from loaders import indicator, subject
from loaders.leaning import act
from loaders.statement import Statement

Key = tuple[str | None, str | None]
_SHORTEST = 4  # characters of a name that says enough to be found at the end of a longer one
_FRONT = re.compile(r"^(?:全区|全市|全县|全年|年度|每年|完成)+")
_COUNT = re.compile(r"(?:总?个数|总?数量|总数|人数|家数|场次|宗数|数)$")


def rows(statements: Iterable[Statement]) -> Mapping[Key, Sequence[Statement]]:
    """The statements in the cells of tables, by table and row."""
    found: defaultdict[Key, list[Statement]] = defaultdict(list)
    for one in statements:
        if one.table is not None and one.row is not None:
            found[one.section, one.row].append(one)
    return found


def own(statement: Statement, rows: Mapping[Key, Sequence[Statement]]) -> Statement | None:
    """The statement of its own row that names the same thing: 创建2个样板村 of the row 样板村(个).

    The deed may be left out on one side; two deeds are two things, and so is a name with more in front than the row's.
    """
    if statement.table is not None or statement.row is None:
        return None
    deed, thing = _parted(statement.name)
    for row in rows.get((statement.section, statement.row), ()):
        done, whole = _parted(row.name)
        inside = len(thing) >= _SHORTEST and re.search(f"(?<![或和及与、]){re.escape(thing)}$", whole)
        if thing and (thing == whole or inside) and (not deed or not done or deed == done):
            return row
    return None


def _parted(name: str) -> tuple[str, str]:
    """The deed at the head of a name, and the thing that it is done to."""
    bare = _FRONT.sub("", indicator.own_name(name))
    deeds = ""
    while deed := act(bare):
        bare, deeds = bare[len(deed) :], deed if deed not in subject.words("empty") else deeds
    return deeds, _COUNT.sub("", bare)
