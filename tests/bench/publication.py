"""A folder in, a published snapshot of made-up observations out, with what each step of the publication took.

Run as a process of its own, so that its memory is that of the publication: ``python -m tests.bench.publication FOLDER
SIZE SEED``. All but the filling is what the loaders do with documents that were read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import msgspec

from api import export, files, rows, sections
from loaders import database, finished, publication, snapshot
from loaders.seeds import FOLDER
from tests.bench import memory, synthetic

GENERATING = "generating, which no publication does"
MEMORY = "8GB"  # that the database may take while it publishes
STEPS = (  # the first whose words stand in a statement
    ("discrepancies", "INTO discrepancies"),
    ("assessments", "assessed("),
    ("assessments", "summarised("),
    ("digest", "hash(t)"),
    ("writing", "CHECKPOINT"),
    ("writing", "INTO snapshot"),
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the publication."""

    name: str
    seconds: float
    worked: float = 0.0  # seconds of cores: what else the machine does makes little difference
    peak: int  # bytes of memory at the most


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with a snapshot."""

    made: str  # by which generator
    size: int
    snapshot: str
    bytes: int  # of the snapshot's file
    steps: tuple[Step, ...]
    assessments: int
    discrepancies: int


class Steps:
    """The steps that were taken; each lasts until the next one begins."""

    def __init__(self, seen: memory.Watched) -> None:
        self._seen = seen
        self._name = ""
        self._began = self._worked = 0.0
        self._found: dict[str, Step] = {}

    def begin(self, name: str) -> None:
        if name == self._name:
            return
        now, worked = time.monotonic(), time.process_time()
        if self._name:
            self._seen.see(memory.now(os.getpid()))
            before = self._found.get(self._name, Step(name=self._name, seconds=0, peak=0))
            self._found[self._name] = Step(
                name=self._name,
                seconds=before.seconds + now - self._began,
                worked=before.worked + worked - self._worked,
                peak=max(before.peak, self._seen.most()),
            )
        self._name, self._began, self._worked = name, now, worked

    def end(self) -> tuple[Step, ...]:
        self.begin("")
        return tuple(self._found.values())


class Connection:
    """A connection that tells which step each statement belongs to."""

    def __init__(self, base: duckdb.DuckDBPyConnection, steps: Steps) -> None:
        self.base = base
        self.begun = False  # what comes before the checks is no step of its own
        self._steps = steps

    def execute(self, text: str, *values: Any) -> duckdb.DuckDBPyConnection:
        if text in finished.CHECKS.values():
            self.begun = True
            self._steps.begin("checking references")
        elif self.begun:
            self._steps.begin(next((name for name, words in STEPS if words in text), "numbering"))
        return self.base.execute(text, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.base, name)


def generator(seed: int) -> str:
    """What tells the data of one generator from another's."""
    made = (database, finished, publication, export, files, rows, sections)
    sources = [synthetic.SQL, *(Path(str(module.__file__)) for module in made), *sorted(FOLDER.glob("*.sql"))]
    told = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    return f"{told.hexdigest()[:12]}-{seed}"


def publish(data: Path, size: int, seed: int) -> Published:
    """Publish as a load does, but with made-up observations in place of what documents say."""
    connect, fill, put = snapshot.connect, database.fill, files._put
    with memory.watched(os.getpid()) as seen:
        steps = Steps(seen)

        @contextmanager
        def connected(path: Path, *, read_only: bool = False) -> Iterator[Any]:
            with connect(path, read_only=read_only) as base:
                base.execute(f"SET memory_limit = '{MEMORY}'")
                yield Connection(base, steps)
                steps.begin("writing")

        def filled(base: Any, fresh: list[database.Loaded], old: Path | None, scratch: Path) -> None:
            steps.begin(GENERATING)
            fill(base, fresh, old, scratch)
            synthetic.fill(base.base, size, seed)

        def timed(path: Path, pieces: Iterator[bytes]) -> files.Prepared:
            steps.begin("writing" if path.suffix == ".json" else f"export {path.suffix[1:]}")
            return put(path, pieces)

        with (
            mock.patch.object(snapshot, "connect", connected),
            mock.patch.object(database, "fill", filled),
            mock.patch.object(files, "_put", timed),
        ):
            (data / "snapshots").mkdir(parents=True, exist_ok=True)
            name = publication.build(data, [], files.prepare, old=None)
        taken = steps.end()
    path = data / "snapshots" / f"{name}.duckdb"
    with connect(path, read_only=True) as base:
        counted = base.execute("SELECT (SELECT count(*) FROM assessments), (SELECT count(*) FROM discrepancies)")
        ((assessments, discrepancies),) = counted.fetchall()
    return Published(
        made=generator(seed),
        size=size,
        snapshot=name,
        bytes=path.stat().st_size,
        steps=taken,
        assessments=assessments,
        discrepancies=discrepancies,
    )


def published(data: Path, size: int, seed: int) -> Published:
    """What lies in the folder, where this generator made it; else it is made, in a process of its own."""
    card = data / "bench.json"
    try:
        found = msgspec.json.decode(card.read_bytes(), type=Published)
    except (OSError, msgspec.DecodeError):
        found = None
    if found is not None and (found.made, found.size) == (generator(seed), size):
        return found
    card.unlink(missing_ok=True)
    for left in [*(data / "snapshots").glob("*"), *(data / "snapshots").glob(".*")]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    subprocess.run([sys.executable, "-m", "tests.bench.publication", data, str(size), str(seed)], check=True)
    return msgspec.json.decode(card.read_bytes(), type=Published)


if __name__ == "__main__":
    where, count, start = sys.argv[1:]
    Path(where, "bench.json").write_bytes(msgspec.json.encode(publish(Path(where), int(count), int(start))))
