"""Two snapshot files in, what was added, revised and withdrawn between them out, a page at a time.

An observation is the same in both where it has the same id. It is revised where a served field differs: ``preferred``
counts too, row numbers, rules and the date from which it is known don't, and names of regions and indicators, which
the catalogues give, are not the observation's own. It works in both directions: an operator may go back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
from msgspec import Meta

from api import queries
from api.shapes import EXAMPLE, Count, Observation, Page, Shape

NAMES = frozenset({"region_name", "region_name_en", "indicator_name", "indicator_name_en"})
COMPARED = tuple(name for name in Observation.__struct_fields__ if name not in NAMES)


class Change(Shape, frozen=True, kw_only=True):
    """What happened to one observation between two snapshots."""

    change: Annotated[Literal["added", "revised", "withdrawn"], Meta(description="What happened", examples=["added"])]
    id: Annotated[str, Meta(description="Id of the observation", examples=[EXAMPLE])]
    changed: Annotated[
        list[str],
        Meta(
            description="Of a revised one the fields that differ, in the order of the contract. Names of regions and "
            "indicators do not count: the catalogues give them"
        ),
    ]
    observation: Annotated[Observation | None, Meta(description="As it is in the current snapshot; null if withdrawn")]
    former: Annotated[Observation | None, Meta(description="As it was in the snapshot since; null if added")]


class Changes(Shape, frozen=True, kw_only=True):
    """How many observations differ, over all pages."""

    added: Count
    revised: Count
    withdrawn: Count


class ChangePage(Shape, frozen=True, kw_only=True):
    """Changes by region, year, category, indicator and id."""

    data: list[Change]
    page: Page
    since: Annotated[str, Meta(description="The snapshot that page.snapshot is compared with")]
    counts: Changes


class Diff:
    """The differences between two snapshots: row numbers alone are held, rows are read when a page asks for them."""

    def __init__(self, since: Path, now: Path, memory_mb: int) -> None:
        self._connection = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": "",  # writes nothing
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            for name, path in (("former", since), ("current", now)):
                self._connection.execute(f"ATTACH {_literal(path)} AS {name} (READ_ONLY)")
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")
            self._connection.execute(*queries.put("changes", {}))
            self.counts: dict[str, int] = queries.ask(self._connection, "changes_counted", {})[0]
        except BaseException:
            self._connection.close()
            raise
        self.total = sum(self.counts.values())
        self._files = since, now

    @property
    def there(self) -> bool:
        """Whether both files have still their names."""
        return all(path.exists() for path in self._files)

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """The changes from an offset on, as ``Change`` has them. May be called from several threads."""
        with self._connection.cursor() as cursor:
            places = queries.ask(cursor, "changes_page", {"offset": offset, "limit": limit})
            values: dict[str, Any] = {}
            for side in ("former", "now"):
                found = [place[side] for place in places if place[side] is not None] or [-1]
                values |= {side: found, f"{side}_first": min(found), f"{side}_last": max(found)}
            rows = queries.ask(cursor, "changes_rows", values)
        known = {(row.pop("current"), row.pop("ordinal")): row for row in rows}
        return [_change(known.get((False, place["former"])), known.get((True, place["now"]))) for place in places]

    def close(self) -> None:
        """Lets both files go."""
        self._connection.close()


Row = dict[str, Any]


def _literal(path: Path) -> str:
    # ATTACH takes no bound value
    return "'" + str(path).replace("'", "''") + "'"


def _change(former: Row | None, now: Row | None) -> Row:
    change, changed = ("added" if former is None else "withdrawn"), []
    if former is not None and now is not None:
        change, changed = "revised", [name for name in COMPARED if former[name] != now[name]]
    identity = (now or former or {})["id"]
    return {"change": change, "id": identity, "changed": changed, "observation": now, "former": former}
