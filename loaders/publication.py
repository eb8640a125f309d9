"""Documents as statements become a published snapshot. The only writer of snapshots.

A snapshot is built in a folder of its own, with all that belongs to it, checked, moved to its place and then named as the
current one: a load that dies leaves the one before in place, and what it left behind is deleted by the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders import database, finished, kept, snapshot
from loaders.database import Loaded
from loaders.snapshot import NotPublished


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
    with kept.told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass  # the database's own words for a folder that cannot be written are many
    with kept.lock(data):
        kept.sweep(data)
        old = None if replace else kept.sound(data, whole=True)
        known = set() if old is None else snapshot.digests(old)
        fresh = {one.card.sha256: one for one in documents if one.card.sha256 not in known}
        mended = old is not None and (snapshot.outdated(old) or not kept.is_current(data, old))
        if not fresh and not mended and (known or not replace):
            return None
        return build(data, list(fresh.values()), prepare, old=old)


def build(data: Path, fresh: list[Loaded], prepare: Callable[[Path], None], *, old: Path | None) -> str:
    """The snapshot of what is fresh and of an old one, built aside and published; its identifier."""
    folder = data / "snapshots"
    now = datetime.now(UTC)
    aside = folder / f".building-{os.getpid()}"
    try:
        aside.mkdir()
        with snapshot.connect(aside / "new.duckdb") as base, tempfile.TemporaryDirectory(dir=aside) as scratch:
            database.fill(base, fresh, old, Path(scratch))
            name = finished.finish(base, now)
        file = (aside / "new.duckdb").rename(aside / f"{name}.duckdb")
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        prepare(file)
        kept.place(data, file)
    except (duckdb.IOException, duckdb.FatalException) as error:
        raise NotPublished(f"{folder}: cannot be written: {str(error).splitlines()[0]}") from error
    except OSError as error:
        raise NotPublished(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    except duckdb.Error as error:
        raise NotPublished(f"the database refused a record: {str(error).splitlines()[0]}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    with contextlib.suppress(NotPublished):  # it is published: an old one that cannot be deleted changes nothing
        kept.prune(data)
    return name
