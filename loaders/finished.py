"""Tables filled in any order become the contents of a snapshot: references checked, lines numbered, all judged."""

from __future__ import annotations

import hashlib
from datetime import datetime

import duckdb

from loaders import snapshot, spelling
from loaders.seeds import FOLDER

CHECKS = {
    "an observation twice": "SELECT id FROM observations GROUP BY id HAVING count(*) > 1",
    "an observation of an unknown region": "SELECT id FROM observations ANTI JOIN regions ON region = regions.code",
    "an observation of an unknown indicator": (
        "SELECT id FROM observations o ANTI JOIN indicators i ON o.indicator = i.id"
    ),
    "an observation of an unknown document": "SELECT id FROM observations o ANTI JOIN documents d ON o.document = d.id",
    "a claim of an unknown document": "SELECT document FROM claims c ANTI JOIN documents d ON c.document = d.id",
    "a document of an unknown region": "SELECT id FROM documents ANTI JOIN regions ON region = regions.code",
    "a document twice": "SELECT id FROM documents GROUP BY id HAVING count(*) > 1",
    "an indicator of an unknown category": (
        "SELECT i.id FROM indicators i ANTI JOIN categories c ON i.category = c.id WHERE i.category IS NOT NULL"
    ),
    "a whole of an unknown indicator": (
        "SELECT indicator FROM wholes ANTI JOIN indicators i ON wholes.indicator = i.id "
        "UNION ALL SELECT whole FROM wholes ANTI JOIN indicators i ON wholes.whole = i.id"
    ),
    "an addend that is no part": "SELECT indicator FROM addends ANTI JOIN wholes USING (indicator, whole)",
    "a part of two wholes": "SELECT indicator FROM wholes GROUP BY indicator HAVING count(*) > 1",
    "a ratio or a part of an unknown indicator": (
        "SELECT id FROM (SELECT unnest([indicator, numerator, denominator]) AS id FROM ratios "
        "UNION ALL SELECT unnest([indicator, part]) FROM parts) AS named ANTI JOIN indicators i ON named.id = i.id "
        "WHERE id IS NOT NULL"
    ),
    "an indicator that is two ratios": "SELECT indicator FROM ratios GROUP BY indicator HAVING count(*) > 1",
    "a unit without a definition": (
        "SELECT id FROM (SELECT id, unnest(string_split(unit, '_per_')) AS part FROM observations WHERE unit IS NOT NULL) "
        "ANTI JOIN units ON part = units.id"
    ),
}


def finish(base: duckdb.DuckDBPyConnection, now: datetime) -> str:
    """Check references, sort, number, choose the preferred, judge; the snapshot's identifier."""
    for what, query in CHECKS.items():
        bad = base.execute(query).fetchone()
        if bad is not None:
            raise snapshot.NotPublished(f"{what}: {bad[0]}")
    base.execute(
        """
        CREATE TEMP TABLE ranked AS
        SELECT id, row_number() OVER (ORDER BY region, year, category, indicator, id) AS ordinal, preferred
        FROM known(NULL::DATE)
        """
    )
    base.execute(
        """
        CREATE TEMP TABLE sorted AS
        SELECT o.* REPLACE (ranked.ordinal AS ordinal, ranked.preferred AS preferred)
        FROM observations o JOIN ranked ON ranked.id = o.id
        """
    )
    base.execute("DELETE FROM observations")
    base.execute("INSERT INTO observations SELECT * FROM sorted ORDER BY ordinal")
    judge(base)
    spelling.write(base)
    digest = hashlib.sha256()
    for table in ("documents", "observations", "indicators"):
        # whatever the order: to put ten million rows in one takes minutes
        found = base.execute(f"SELECT count(*), sum(hash(t)::HUGEINT)::VARCHAR FROM {table} t").fetchall()
        digest.update(str(found).encode())
    counted = base.execute("SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM documents)").fetchone()
    name = snapshot.name(now, digest.hexdigest())
    base.execute(
        "INSERT INTO snapshot VALUES ($1, $2, $3, $4, $5)", [name, snapshot.SCHEMA_VERSION, now, *(counted or (0, 0))]
    )
    base.execute("CHECKPOINT")
    return name


def judge(base: duckdb.DuckDBPyConnection) -> None:
    """Say of each target whether it was met, and what contradicts what; observations are numbered before."""
    base.execute((FOLDER / "discrepancies.sql").read_text("utf-8"))
    base.execute((FOLDER / "assessments.sql").read_text("utf-8"))
    base.execute(
        "INSERT INTO assessments SELECT row_number() OVER (ORDER BY region, year, category, indicator, id), * "
        "FROM assessed(NULL::DATE) ORDER BY 1"
    )
    base.execute("INSERT INTO assessment_summaries FROM summarised() ORDER BY region, year")
