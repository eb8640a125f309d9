"""Documents as statements become a DuckDB snapshot, published whole. The only writer of snapshots.

A snapshot is built in a folder of its own, with all that belongs to it, checked, moved to its place and then named by
the file ``current``, which is replaced in one step: a load that dies leaves the one before in place, and what it left
behind is deleted by the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import re
import shutil
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
_TABLES = ("snapshot", "documents", "observations", "unread", "claims", "indicators")  # what the next snapshot needs
_DAMAGE = (
    duckdb.IOException,
    duckdb.CatalogException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)
_log = logging.getLogger("plan_indicators")


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


class Damaged(NotPublished):
    """What is published is no snapshot that this program reads; an earlier one may be."""


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
            raise Damaged(
                f"{data / 'current'}: names no snapshot that is kept; `plan-indicators snapshots use` publishes one again"
            )
    return path


def snapshots(data: Path) -> list[tuple[str, int, bool]]:
    """Identifier, size in bytes and whether it is the current one, of each snapshot, oldest first."""
    try:
        now = current(data)
    except Damaged:  # the list is what shows which one may be used again
        now = None
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
    current(data)  # where nobody knows which one it is, none is deleted
    for name, _, is_current in snapshots(data)[: -keep or None]:
        path = data / "snapshots" / f"{name}.duckdb"
        with _told(path, "deleted"):
            if not is_current and time.time() - path.stat().st_mtime > seconds:
                for file in (path, *path.parent.glob(f"{name}.*")):
                    file.unlink(missing_ok=True)
                gone.append(name)
    return gone


def _sweep(data: Path) -> None:
    """Delete what loads that died have left; called by who holds the lock."""
    folder = data / "snapshots"
    with _told(folder):
        for left in [*folder.glob(".building-*"), *data.glob(".current.*")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        whole = {path.stem for path in _kept(data)}
        for file in folder.iterdir():
            name = file.name.partition(".")[0]
            if _ID.fullmatch(name) and name not in whole and file.is_file():
                file.unlink()  # its snapshot was to come after it, or is deleted already


def _sound(data: Path, *, whole: bool = False) -> Path | None:
    """The snapshot to go on from; None where nothing was ever published.

    It is the current one, or where that is damaged the one of the others that was current last and can be read.
    With ``whole`` all that a new snapshot takes over is read: each block of the file has a checksum.
    """
    try:
        now = current(data)
        if now is not None:
            _try(now, whole)
        return now
    except Damaged as error:
        for path in sorted(_kept(data), key=lambda path: path.stat().st_mtime, reverse=True):
            with contextlib.suppress(Damaged):
                _try(path, whole)
                _log.warning("%s; this goes on from snapshot %s: load again what was loaded since", error, path.stem)
                return path
        raise


def _try(path: Path, whole: bool) -> None:
    """``Damaged``, where a snapshot cannot be read by this program."""
    with _connect(path, read_only=True) as base, _reading(path):
        found = base.execute("SELECT schema_version FROM snapshot").fetchall()
        if len(found) != 1 or found[0][0] > SCHEMA_VERSION:
            raise Damaged(
                f"snapshot {path.stem} cannot be read: its schema is not one of up to {SCHEMA_VERSION}, which this "
                "program reads"
            )
        there = {name for (name,) in base.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in _TABLES if whole else ():
            if table in there:  # an earlier schema has not all
                base.execute(f"SELECT sum(hash(one)) FROM {table} AS one").fetchall()


def outdated(data: Path) -> bool:
    """Whether nothing is published, or a snapshot of an earlier schema, which a load turns into one of this."""
    now = _sound(data)
    return now is None or _outdated(now)


def _outdated(path: Path) -> bool:
    with _connect(path, read_only=True) as base, _reading(path):
        ((version,),) = base.execute("SELECT schema_version FROM snapshot").fetchall()
        return bool(version < SCHEMA_VERSION)


def digests(path: Path) -> set[str]:
    """SHA-256 of each document in a snapshot."""
    with _connect(path, read_only=True) as base, _reading(path):
        return {digest for (digest,) in base.execute("SELECT sha256 FROM documents").fetchall()}


def publish(
    data: Path,
    documents: Sequence[Loaded],
    *,
    replace: bool = False,
    prepare: Callable[[Path], None] = lambda snapshot: None,
) -> str | None:
    """Add documents to what is published and publish the whole as a new snapshot; its identifier.

    None where there is nothing new: each document's digest is published already, in this schema. With ``replace`` the
    new snapshot holds these documents alone. ``prepare`` is given the snapshot's file, which is not yet in its place, and
    may write files of the same name beside it. Raises ``NotPublished`` where a check fails; what was published stays.
    Where the current snapshot is damaged the new one goes on from the one before, which a warning says.
    """
    folder = data / "snapshots"
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # the database's own words for a folder that cannot be written are many
    with _lock(data):
        _sweep(data)
        old = None if replace else _sound(data, whole=True)
        known = set() if old is None else digests(old)
        fresh = {one.card.sha256: one for one in documents if one.card.sha256 not in known}
        mended = old is not None and (_outdated(old) or not _is_current(data, old))
        if not fresh and not mended and (known or not replace):
            return None
        return _build(data, list(fresh.values()), prepare, old=old)


def _is_current(data: Path, path: Path) -> bool:
    try:
        return current(data) == path
    except Damaged:
        return False


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
        kind = Damaged if _corrupt(path, error) else NotPublished
        raise kind(f"snapshot {path.stem} cannot be read: {reason}") from error


def _corrupt(path: Path, error: duckdb.Error) -> bool:
    """Whether it is the file itself: one that is locked, forbidden or open otherwise is whole, and nothing replaces it."""
    try:
        path.open("rb").close()
    except OSError:
        return False
    said = str(error)
    return "Corrupt database file" in said or (isinstance(error, _DAMAGE) and "Could not set lock" not in said)


def _point(data: Path, name: str) -> None:
    with contextlib.suppress(OSError, NotPublished):
        if (before := current(data)) is not None:
            before.touch()  # its hour begins when it is no longer the current one
    aside = data / ".current.new"  # one name is enough under the lock
    with aside.open("w", encoding="utf-8") as handle:
        handle.write(name + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(data / "current")
    _keep_names(data)
    with contextlib.suppress(OSError):
        (data / "snapshots" / f"{name}.duckdb").touch()  # the newest is the one that was current last


def _keep_names(folder: Path) -> None:
    """The names in a folder outlast a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _build(data: Path, fresh: list[Loaded], prepare: Callable[[Path], None], *, old: Path | None) -> str:
    folder = data / "snapshots"
    now = datetime.now(UTC)
    aside = folder / f".building-{os.getpid()}"
    try:
        aside.mkdir()
        with _connect(aside / "new.duckdb") as base, tempfile.TemporaryDirectory(dir=aside) as scratch:
            for part in ("schema", "preferred"):
                base.execute((FOLDER / f"{part}.sql").read_text("utf-8"))
            _fill_lists(base)
            _fill(base, fresh, old, Path(scratch))
            digest = _finish(base, now)
        name = _name(now, digest)
        file = (aside / "new.duckdb").rename(aside / f"{name}.duckdb")
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        prepare(file)
        _place(data, file)
    except (duckdb.IOException, duckdb.FatalException) as error:
        raise NotPublished(f"{folder}: cannot be written: {str(error).splitlines()[0]}") from error
    except OSError as error:
        raise NotPublished(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    except duckdb.Error as error:
        raise NotPublished(f"the database refused a record: {str(error).splitlines()[0]}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    with contextlib.suppress(NotPublished):  # it is published: an old one that cannot be deleted changes nothing
        prune(data)
    return name


def _place(data: Path, file: Path) -> None:
    """Moves a snapshot and what belongs to it to where it is published, and publishes it."""
    folder = data / "snapshots"
    try:
        for one in sorted(file.parent.glob(f"{file.stem}.*"), key=lambda path: path == file):
            one.rename(folder / one.name)  # the snapshot last: where it is, all that belongs to it is
        with _told(data):
            _keep_names(folder)
            _point(data, file.stem)
    except BaseException:
        if not _is_current(data, folder / file.name):
            for one in folder.glob(f"{file.stem}.*"):
                one.unlink(missing_ok=True)
        raise


def _name(now: datetime, digest: str) -> str:
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{digest[:8]}"


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
    dated = card.published_on or card.issued_on or card.delivered_on
    name = f"{card.region}-{dated[:4] if dated else card.report_year + 1}-{card.kind}"
    if taken.get(name, card.sha256) != card.sha256:
        name = f"{name}-{card.sha256[:6]}"
    taken[name] = card.sha256
    return name


def _fill(base: duckdb.DuckDBPyConnection, fresh: list[Loaded], old: Path | None, scratch: Path) -> None:
    taken: dict[str, str] = {}
    if old is not None:
        base.execute(f"ATTACH '{str(old).replace(chr(39), chr(39) * 2)}' AS old (READ_ONLY)")
        for table in ("documents", "observations", "unread"):
            base.execute(f"INSERT INTO {table} SELECT * FROM old.{table}")
        if base.execute("FROM duckdb_tables() WHERE database_name = 'old' AND table_name = 'claims'").fetchall():
            base.execute("INSERT INTO claims SELECT * FROM old.claims")  # an earlier schema has none
        base.execute("CREATE TEMP TABLE earlier AS SELECT id, name, category FROM old.indicators WHERE NOT reviewed")
        taken = dict(base.execute("SELECT id, sha256 FROM documents").fetchall())
        base.execute("DETACH old")
    documents: list[dict[str, Any]] = []
    observations: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
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
        claims += [
            msgspec.structs.asdict(each) | {"document": name, "quote_start": each.start, "quote_end": each.end}
            for each in one.claims
        ]
    _insert(base, scratch, "documents", documents)
    _insert(base, scratch, "observations", observations)
    _insert(base, scratch, "unread", unread)
    _insert(base, scratch, "claims", claims)
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
