"""A data folder in, the snapshots that are kept in it out: which one is current, and which one is next.

``current`` is a file that holds the name of the snapshot that is published; it is replaced in one step.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from loaders import snapshot
from loaders.snapshot import Damaged, NotPublished

KEPT = 5  # snapshots that stay when a new one is published
KEPT_SECONDS = 3600  # and all that were current within the last hour
_log = logging.getLogger("plan_indicators")


@contextlib.contextmanager
def told(path: Path, what: str = "written") -> Iterator[None]:
    """What the system refuses is said in one line."""
    try:
        yield
    except OSError as error:
        raise NotPublished(f"{path}: cannot be {what}: {error.strerror}") from error


def current(data: Path) -> Path | None:
    """The snapshot file that is published now; None where nothing was ever published."""
    with told(data / "current", "read"):
        try:
            name = (data / "current").read_bytes().decode("ascii", "replace").strip()
        except FileNotFoundError:
            return None
    path = data / "snapshots" / f"{name}.duckdb"
    with told(path.parent, "read"):
        if not snapshot.NAME.fullmatch(name) or not path.is_file():
            raise Damaged(
                f"{data / 'current'}: names no snapshot that is kept; `plan-indicators snapshots use` publishes one again"
            )
    return path


def is_current(data: Path, path: Path) -> bool:
    try:
        return current(data) == path
    except Damaged:
        return False


def snapshots(data: Path) -> list[tuple[str, int, bool]]:
    """Identifier, size in bytes and whether it is the current one, of each snapshot, oldest first."""
    try:
        now = current(data)
    except Damaged:  # the list is what shows which one may be used again
        now = None
    with told(data / "snapshots", "read"):
        return [(path.stem, path.stat().st_size, path == now) for path in _files(data)]


def _files(data: Path) -> list[Path]:
    with told(data / "snapshots", "read"):
        try:
            inside = sorted((data / "snapshots").iterdir())
        except FileNotFoundError:
            return []
    return [path for path in inside if path.suffix == ".duckdb" and snapshot.NAME.fullmatch(path.stem)]


def use(data: Path, name: str) -> None:
    """Publish a kept snapshot again, whatever is the matter with the current one."""
    if name not in [path.stem for path in _files(data)]:
        raise NotPublished(f"no snapshot {name}; `plan-indicators snapshots list` shows those that are kept")
    with snapshot.connect(data / "snapshots" / f"{name}.duckdb", read_only=True), lock(data), told(data):
        _point(data, name)


def prune(data: Path, keep: int = KEPT, seconds: int = KEPT_SECONDS) -> list[str]:
    """Delete the oldest snapshots beyond ``keep``, but never the current one or one younger than ``seconds``."""
    gone = []
    current(data)  # where nobody knows which one it is, none is deleted
    for name, _, now in snapshots(data)[: -keep or None]:
        path = data / "snapshots" / f"{name}.duckdb"
        with told(path, "deleted"):
            if not now and time.time() - path.stat().st_mtime > seconds:
                for file in (path, *path.parent.glob(f"{name}.*")):
                    file.unlink(missing_ok=True)
                gone.append(name)
    return gone


def sweep(data: Path) -> None:
    """Delete what loads that died have left; called by who holds the lock."""
    folder = data / "snapshots"
    with told(folder):
        for left in [*folder.glob(".building-*"), *data.glob(".current.*")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        whole = {path.stem for path in _files(data)}
        for file in folder.iterdir():
            name = file.name.partition(".")[0]
            if snapshot.NAME.fullmatch(name) and name not in whole and file.is_file():
                file.unlink()  # its snapshot was to come after it, or is deleted already


def sound(data: Path, *, whole: bool = False) -> Path | None:
    """The snapshot to go on from, read as a ``whole`` or not; None where nothing was ever published.

    It is the current one, or where that is damaged the one of the others that was current last and can be read.
    """
    try:
        now = current(data)
        if now is not None:
            snapshot.version(now, whole=whole)
        return now
    except Damaged as error:
        for path in sorted(_files(data), key=lambda path: path.stat().st_mtime, reverse=True):
            with contextlib.suppress(Damaged):
                snapshot.version(path, whole=whole)
                _log.warning("%s; this goes on from snapshot %s: load again what was loaded since", error, path.stem)
                return path
        raise


def outdated(data: Path) -> bool:
    """Whether nothing is published, or a snapshot of an earlier schema."""
    now = sound(data)
    return now is None or snapshot.outdated(now)


@contextlib.contextmanager
def lock(data: Path) -> Iterator[None]:
    """One load at a time; the second waits a little and then says so."""
    with told(data):
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


def place(data: Path, file: Path) -> None:
    """Move a snapshot and what belongs to it to where it is published, and publish it."""
    folder = data / "snapshots"
    try:
        for one in sorted(file.parent.glob(f"{file.stem}.*"), key=lambda path: path == file):
            one.rename(folder / one.name)  # the snapshot last: where it is, all that belongs to it is
        with told(data):
            _keep_names(folder)
            _point(data, file.stem)
    except BaseException:
        if not is_current(data, folder / file.name):
            for one in folder.glob(f"{file.stem}.*"):
                one.unlink(missing_ok=True)
        raise


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
