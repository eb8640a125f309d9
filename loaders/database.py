"""Documents as statements become the tables of a database, filled in any order: what a snapshot is made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from loaders import indicator, observation
from loaders.claim import Claim
from loaders.document import Card
from loaders.observation import Observation, Unreviewed
from loaders.seeds import FOLDER
from loaders.statement import Statement, Unread


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """All that one document states, as read."""

    card: Card
    statements: tuple[Statement, ...]
    unread: tuple[Unread, ...]
    figures: int
    not_values: int
    observed: int
    claims: tuple[Claim, ...] = ()  # of how its targets were met
    made: tuple[list[Observation], list[Unreviewed]] | None = None  # of the statements, where the reader has made them


def fill(base: duckdb.DuckDBPyConnection, fresh: Sequence[Loaded], old: Path | None, scratch: Path) -> None:
    """An empty database is given the schema, the lists of the seeds, what an old snapshot holds, and what is fresh."""
    for part in ("schema", "preferred"):
        base.execute((FOLDER / f"{part}.sql").read_text("utf-8"))
    _fill_lists(base)
    earlier = [] if old is None else _take_over(base, old)
    taken = dict(base.execute("SELECT id, sha256 FROM documents").fetchall())
    own: dict[str, Unreviewed] = {}
    rows: dict[str, list[dict[str, Any]]] = {"documents": [], "observations": [], "unread": [], "claims": []}
    for one in fresh:
        name = document_id(one.card, taken)
        made, unreviewed = one.made or observation.observe(one.card, one.statements)
        for each in unreviewed:
            own.setdefault(each.id, each)
        known_on = _dated(one.card) or f"{one.card.report_year + 1}-01-01"
        rows["documents"].append(
            msgspec.structs.asdict(one.card)
            | {"id": name, "known_on": known_on, "unread": len(one.unread)}
            | {"quality": [{"name": damage, "count": count} for damage, count in one.card.quality.items() if count]}
            | {"figures": one.figures, "observed": one.observed, "not_values": one.not_values}
        )
        rows["observations"] += [
            msgspec.structs.asdict(each) | {"ordinal": 0, "preferred": False, "document": name, "known_on": known_on}
            for each in made
        ]
        for table, stated in (("unread", one.unread), ("claims", one.claims)):
            rows[table] += [
                msgspec.structs.asdict(clause)
                | {"document": name, "quote_start": clause.start, "quote_end": clause.end}
                for clause in stated
            ]
    for each in earlier:
        own.setdefault(each.id, each)
    blank = dict.fromkeys(("name_en", "unit", "unit_multiplier", "unit_label", "definition"))
    rows["indicators"] = [
        *(msgspec.structs.asdict(each) | {"reviewed": True} for each in indicator.catalogue().indicators.values()),
        *(
            blank | msgspec.structs.asdict(each) | {"direction": "neutral", "aliases": [], "reviewed": False}
            for each in own.values()
        ),
    ]
    for table, lines in rows.items():
        _insert(base, scratch, table, lines)


def _take_over(base: duckdb.DuckDBPyConnection, old: Path) -> list[Unreviewed]:
    """Take what an old snapshot holds of documents; its indicators that the catalogue did not have."""
    base.execute(f"ATTACH '{str(old).replace(chr(39), chr(39) * 2)}' AS old (READ_ONLY)")
    for table in ("documents", "observations", "unread"):
        base.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")
    if base.execute("FROM duckdb_tables() WHERE database_name = 'old' AND table_name = 'claims'").fetchall():
        base.execute("INSERT INTO claims SELECT * FROM old.claims")  # an earlier schema has none
    found = base.execute("SELECT id, name, category FROM old.indicators WHERE NOT reviewed").fetchall()
    base.execute("DETACH old")
    return [Unreviewed(id=identity, name=name, category=category) for identity, name, category in found]


def _fill_lists(base: duckdb.DuckDBPyConnection) -> None:
    for table in ("regions", "categories", "units", "codes", "wholes", "addends", "ratios", "parts"):
        path = FOLDER / f"{table}.csv"
        names = ", ".join(f'"{column}"' for column in path.read_text("utf-8").partition("\n")[0].split(","))
        base.execute(
            f"INSERT INTO {table} ({names}) SELECT * FROM read_csv(?, header=true, all_varchar=true, delim=',', quote='\"')",
            [str(path)],
        )


def _insert(base: duckdb.DuckDBPyConnection, scratch: Path, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows into a table by way of a file of JSON lines: fast at any number, and typed by the table."""
    if not rows:
        return
    path = scratch / f"{table}.ndjson"
    encoder = msgspec.json.Encoder(decimal_format="string")
    path.write_bytes(encoder.encode_lines(rows))
    described = base.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?", [table])
    types = {name: kind for name, kind in described.fetchall() if name in rows[0]}
    names = ", ".join(f'"{name}"' for name in types)
    read = {name: "VARCHAR" if kind.startswith("ENUM") else kind for name, kind in types.items()}
    shape = ", ".join(f"'{name}': '{kind}'" for name, kind in read.items())
    base.execute(  # the names and types are those of the schema
        f"INSERT INTO {table} ({names}) SELECT {names} FROM read_json(?, format='newline_delimited', columns={{{shape}}})",
        [str(path)],
    )


def document_id(card: Card, taken: dict[str, str]) -> str:
    """Region, year and kind of a document; with a digest where another one, that is ``taken``, has this name."""
    dated = _dated(card)
    name = f"{card.region}-{dated[:4] if dated else card.report_year + 1}-{card.kind}"
    if taken.get(name, card.sha256) != card.sha256:
        name = f"{name}-{card.sha256[:6]}"
    taken[name] = card.sha256
    return name


def _dated(card: Card) -> str | None:
    """From when a document was known, where it says so."""
    return card.published_on or card.issued_on or card.delivered_on
