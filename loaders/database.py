"""Documents as statements become a DuckDB snapshot, published whole. The only writer of snapshots.

A snapshot is built aside under a name of its own, checked, and then named by the file ``current``, which is
replaced in one step: a load that dies leaves the one before in place.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from loaders import indicator, observation, spelling
from loaders.claim import Claim
from loaders.document import Card
from loaders.observation import Observation, Unreviewed
from loaders.seeds import FOLDER
from loaders.statement import Statement, Unread

SCHEMA_VERSION = 3
KEPT = 5  # snapshots that stay when a new one is published
KEPT_SECONDS = 3600  # and all that were current within the last hour
_ID = re.compile(r"\d{8}T\d{9}Z-[0-9a-f]{8}")


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


class NotPublished(Exception):
    """Nothing was published, or what is published cannot be read; the message says why."""


@contextlib.contextmanager
def _told(path: Path, what: str = "written") -> Iterator[None]:
    """What the system refuses is said in one line."""
    try:
        yield
    except OSError as error:
        raise NotPublished(f"{path}: cannot be {what}: {error.strerror}") from error


def current(data: Path) -> Path | None:
    """The snapshot file that is published now; None where nothing was ever published."""
    with _told(data / "current", "read"):
        try:
            name = (data / "current").read_bytes().decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None
    path = data / "snapshots" / f"{name}.duckdb"
    with _told(path.parent, "read"):
        if not _ID.fullmatch(name) or not path.is_file():
            raise NotPublished(
                f"{data / 'current'}: names no snapshot that is kept; `plan-indicators snapshots use` publishes one again"
            )
    return path


def snapshots(data: Path) -> list[tuple[str, int, bool]]:
    """Identifier, size in bytes and whether it is the current one, of each snapshot, oldest first."""
    now = current(data)
    with _told(data / "snapshots", "read"):
        return [(path.stem, path.stat().st_size, path == now) for path in _kept(data)]


def _kept(data: Path) -> list[Path]:
    with _told(data / "snapshots", "read"):
        try:
            inside = sorted((data / "snapshots").iterdir())
        except FileNotFoundError:
            return []
    return [path for path in inside if path.suffix == ".duckdb" and _ID.fullmatch(path.stem)]


def use(data: Path, name: str) -> None:
    """Publish a kept snapshot again, whatever is the matter with the current one."""
    if name not in [path.stem for path in _kept(data)]:
        raise NotPublished(f"no snapshot {name}; `plan-indicators snapshots list` shows those that are kept")
    with _connect(data / "snapshots" / f"{name}.duckdb", read_only=True), _lock(data), _told(data):
        _point(data, name)


def prune(data: Path, keep: int = KEPT, seconds: int = KEPT_SECONDS) -> list[str]:
    """Delete the oldest snapshots beyond ``keep``, but never the current one or one younger than ``seconds``."""
    gone = []
    for name, _, is_current in snapshots(data)[: -keep or None]:
        path = data / "snapshots" / f"{name}.duckdb"
        with _told(path, "deleted"):
            if not is_current and time.time() - path.stat().st_mtime > seconds:
                for file in (path, *path.parent.glob(f"{name}.*")):
                    file.unlink(missing_ok=True)
                gone.append(name)
    return gone


def outdated(data: Path) -> bool:
    """Whether nothing is published, or a snapshot of an earlier schema, which a load turns into one of this."""
    now = current(data)
    if now is None:
        return True
    with _connect(now, read_only=True) as base, _reading(now):
        ((version,),) = base.execute("SELECT schema_version FROM snapshot").fetchall()
        return bool(version < SCHEMA_VERSION)


def digests(data: Path) -> set[str]:
    """SHA-256 of each document in the current snapshot."""
    now = current(data)
    if now is None:
        return set()
    with _connect(now, read_only=True) as base, _reading(now):
        return {digest for (digest,) in base.execute("SELECT sha256 FROM documents").fetchall()}


def publish(
    data: Path,
    documents: Sequence[Loaded],
    *,
    replace: bool = False,
    prepare: Callable[[Path], None] = lambda snapshot: None,
) -> str | None:
    """Add documents to what is published and publish the whole as a new snapshot; its identifier.

    None where there is nothing new: each document's digest is published already, in this schema. With ``replace`` the new snapshot
    holds these documents alone. ``prepare`` is given the snapshot's file before it becomes the current one, and may
    write files of the same name beside it. Raises ``NotPublished`` where a check fails; what was published stays.
    """
    folder = data / "snapshots"
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # the database's own words for a folder that cannot be written are many
    with _lock(data):
        known = set() if replace else digests(data)
        fresh = {one.card.sha256: one for one in documents if one.card.sha256 not in known}
        if not fresh and (known or not replace) and not (known and outdated(data)):
            return None
        return _build(data, list(fresh.values()), prepare, keep_old=not replace)


@contextlib.contextmanager
def _lock(data: Path) -> Iterator[None]:
    """One load at a time; the second waits a little and then says so."""
    with _told(data):
        handle = (data / "load.lock").open("w")
    with handle:
        for _ in range(600):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.1)
        else:
            raise NotPublished(f"{data}: another load is under way")
        yield


@contextlib.contextmanager
def _connect(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with _reading(path) if read_only else contextlib.nullcontext():
        connection = duckdb.connect(str(path), read_only=read_only, config=settings)
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """A snapshot that is damaged, locked away or of another version is said to be, by its name."""
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise NotPublished(f"snapshot {path.stem} cannot be read: {reason}") from error


def _point(data: Path, name: str) -> None:
    with contextlib.suppress(OSError, NotPublished):
        if (before := current(data)) is not None:
            before.touch()  # its hour begins when it is no longer the current one
    aside = data / f".current.{os.getpid()}"
    with aside.open("w", encoding="utf-8") as handle:
        handle.write(name + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(data / "current")


def _build(data: Path, fresh: list[Loaded], prepare: Callable[[Path], None], *, keep_old: bool) -> str:
    folder = data / "snapshots"
    with _told(folder):
        for left in folder.glob(".building-*"):
            left.unlink()  # of a load that died: the lock is ours
    now = datetime.now(UTC)
    aside = folder / f".building-{os.getpid()}.duckdb"
    old = current(data) if keep_old else None
    try:
        with _connect(aside) as base, tempfile.TemporaryDirectory() as scratch:
            for name in ("schema", "preferred"):
                base.execute((FOLDER / f"{name}.sql").read_text("utf-8"))
            _fill_lists(base)
            _fill(base, fresh, old, Path(scratch))
            digest = _finish(base, now)
    except duckdb.IOException as error:
        raise NotPublished(f"{folder}: cannot be written: {str(error).splitlines()[0]}") from error
    except OSError as error:
        raise NotPublished(f"{error.filename}: cannot be used: {error.strerror}") from error
    except duckdb.Error as error:
        raise NotPublished(f"the database refused a record: {str(error).splitlines()[0]}") from error
    name = _name(now, digest)
    with _told(folder):
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        aside.replace(folder / f"{name}.duckdb")
    try:
        prepare(folder / f"{name}.duckdb")
        with _told(data):
            _point(data, name)
    except NotPublished:
        for file in folder.glob(f"{name}.*"):
            file.unlink(missing_ok=True)
        raise
    with contextlib.suppress(NotPublished):  # it is published: an old one that cannot be deleted changes nothing
        prune(data)
    return name


def _name(now: datetime, digest: str) -> str:
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{digest[:8]}"


def _fill_lists(base: duckdb.DuckDBPyConnection) -> None:
    for table in ("regions", "categories", "units", "codes", "wholes"):
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
    dated = card.published_on or card.issued_on or card.delivered_on
    name = f"{card.region}-{dated[:4] if dated else card.report_year + 1}-{card.kind}"
    if taken.get(name, card.sha256) != card.sha256:
        name = f"{name}-{card.sha256[:6]}"
    taken[name] = card.sha256
    return name


def _fill(base: duckdb.DuckDBPyConnection, fresh: list[Loaded], old: Path | None, scratch: Path) -> None:
    taken: dict[str, str] = {}
    if old is not None:
        with _reading(old):
            base.execute(f"ATTACH '{str(old).replace(chr(39), chr(39) * 2)}' AS old (READ_ONLY)")
            for table in ("documents", "observations", "unread"):
                base.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")
            base.execute(
                "CREATE TEMP TABLE earlier AS SELECT id, name, category FROM old.indicators WHERE NOT reviewed"
            )
            taken = dict(base.execute("SELECT id, sha256 FROM documents").fetchall())
            base.execute("DETACH old")
    documents: list[dict[str, Any]] = []
    observations: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    own: dict[str, Unreviewed] = {}
    for one in fresh:
        card = one.card
        name = document_id(card, taken)
        made, unreviewed = one.made or observation.observe(card, one.statements)
        for each in unreviewed:
            own.setdefault(each.id, each)
        known_on = card.published_on or card.issued_on or card.delivered_on or f"{card.report_year + 1}-01-01"
        fields = msgspec.structs.asdict(card)
        documents.append(
            {key: fields[key] for key in ("title", "kind", "region", "issuer", "number", "issued_on", "published_on")}
            | {key: fields[key] for key in ("url", "sha256", "complete", "missing")}
            | {"id": name, "known_on": known_on}
            | {"quality": [{"name": damage, "count": count} for damage, count in card.quality.items() if count]}
            | {"figures": one.figures, "observed": one.observed, "not_values": one.not_values}
            | {"unread": len(one.unread)}
        )
        observations += [
            msgspec.structs.asdict(each) | {"ordinal": 0, "preferred": False, "document": name, "known_on": known_on}
            for each in made
        ]
        unread += [
            {
                "document": name,
                "quote": each.quote,
                "quote_start": each.start,
                "quote_end": each.end,
                "reason": each.reason,
            }
            for each in one.unread
        ]
    _insert(base, scratch, "documents", documents)
    _insert(base, scratch, "observations", observations)
    _insert(base, scratch, "unread", unread)
    indicators: list[dict[str, Any]] = [
        {
            "id": each.id,
            "name": each.name,
            "name_en": each.name_en,
            "category": each.category,
            "unit": each.unit,
            "unit_multiplier": each.unit_multiplier,
            "unit_label": each.unit_label,
            "direction": each.direction,
            "definition": each.definition,
            "aliases": each.aliases,
            "reviewed": True,
        }
        for each in indicator.catalogue().indicators.values()
    ]
    blank = {"name_en": None, "unit": None, "unit_multiplier": None, "unit_label": None, "definition": None}
    if old is not None:
        rows = base.execute("SELECT id, name, category FROM earlier").fetchall()
        for identifier, label, category in rows:
            own.setdefault(identifier, Unreviewed(id=identifier, name=label, category=category))
    indicators += [
        blank
        | {
            "id": each.id,
            "name": each.name,
            "category": each.category,
            "direction": "neutral",
            "aliases": [],
            "reviewed": False,
        }
        for each in own.values()
    ]
    _insert(base, scratch, "indicators", indicators)


def judge(base: duckdb.DuckDBPyConnection) -> None:
    """Say of each target whether it was met, and what contradicts what; observations are numbered before."""
    base.execute((FOLDER / "discrepancies.sql").read_text("utf-8"))
    base.execute((FOLDER / "assessments.sql").read_text("utf-8"))
    base.execute(
        "INSERT INTO assessments SELECT row_number() OVER (ORDER BY region, year, category, indicator, id), * "
        "FROM assessed(NULL::DATE) ORDER BY 1"
    )


_CHECKS = {
    "an observation twice": "SELECT id FROM observations GROUP BY id HAVING count(*) > 1",
    "an observation of an unknown region": "SELECT id FROM observations ANTI JOIN regions ON region = regions.code",
    "an observation of an unknown indicator": (
        "SELECT id FROM observations o ANTI JOIN indicators i ON o.indicator = i.id"
    ),
    "an observation of an unknown document": "SELECT id FROM observations o ANTI JOIN documents d ON o.document = d.id",
    "a document of an unknown region": "SELECT id FROM documents ANTI JOIN regions ON region = regions.code",
    "a document twice": "SELECT id FROM documents GROUP BY id HAVING count(*) > 1",
    "an indicator of an unknown category": (
        "SELECT i.id FROM indicators i ANTI JOIN categories c ON i.category = c.id WHERE i.category IS NOT NULL"
    ),
    "a whole of an unknown indicator": (
        "SELECT indicator FROM wholes ANTI JOIN indicators i ON wholes.indicator = i.id "
        "UNION ALL SELECT whole FROM wholes ANTI JOIN indicators i ON wholes.whole = i.id"
    ),
    "a unit without a definition": (
        "SELECT id FROM (SELECT id, unnest(string_split(unit, '_per_')) AS part FROM observations WHERE unit IS NOT NULL) "
        "ANTI JOIN units ON part = units.id"
    ),
}


def _finish(base: duckdb.DuckDBPyConnection, now: datetime) -> str:
    """Check references, sort, number, choose the preferred; the digest of the contents."""
    for what, query in _CHECKS.items():
        bad = base.execute(query).fetchone()
        if bad is not None:
            raise NotPublished(f"{what}: {bad[0]}")
    base.execute(
        """
        CREATE TEMP TABLE ranked AS
        SELECT id, row_number() OVER (ORDER BY region, year, category, indicator, id) AS ordinal, preferred
        FROM known(NULL::DATE)
        """
    )
    columns = [
        name
        for (name,) in base.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'observations' ORDER BY column_index"
        ).fetchall()
    ]
    listed = ", ".join(
        {"ordinal": "ranked.ordinal", "preferred": "ranked.preferred"}.get(name, f'o."{name}"') for name in columns
    )
    base.execute(
        f"CREATE TEMP TABLE sorted AS SELECT {listed} FROM observations o JOIN ranked USING (id) ORDER BY ranked.ordinal"
    )
    base.execute("DELETE FROM observations")
    base.execute("INSERT INTO observations SELECT * FROM sorted ORDER BY ordinal")
    judge(base)
    spelling.write(base)
    digest = hashlib.sha256()
    for table in ("documents", "observations", "indicators"):
        (found,) = base.execute(f"SELECT string_agg(hash(t)::VARCHAR, ',' ORDER BY id) FROM {table} t").fetchone() or (
            "",
        )
        digest.update((found or "").encode())
    counted = base.execute("SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM documents)").fetchone()
    base.execute(
        "INSERT INTO snapshot VALUES ($1, $2, $3, $4, $5)",
        [
            _name(now, digest.hexdigest()),
            SCHEMA_VERSION,
            now,
            *(counted or (0, 0)),
        ],
    )
    base.execute("CHECKPOINT")
    return digest.hexdigest()
