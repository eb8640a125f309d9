"""How fast a folder of 1,000 documents loads beside the real ones, and how time and memory grow with a text.

``python -m tests.speed`` with PLAN_INDICATORS_CORPUS set. The 1,000 are the documents of the development sets, each
about a region of its own, and two poisoned files lie among them. It fails where characters per second and core are
under half of those of the real documents, where a document is lost, a poisoned one is not named or a core waits, and
where time or memory for a character grows with the length of the text. Seconds of a core are seconds that it worked
on the load, and those that the load let it wait: what else the machine does at that time makes little difference.
With ``--losses`` it fails for a document that is lost or not named alone, and only tells the timings.
"""

from __future__ import annotations

import functools
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from unittest import mock

import duckdb
import msgspec
from click.testing import CliRunner

from api.command import main
from loaders import attachment, batch, document, extract, kept, package, page, region
from tests import attachments

T = TypeVar("T")
HERE = Path(__file__).parent
SAMPLE = HERE / "development" / "luoshan-2024.txt"  # read before anything is timed, to have all tables at hand
COPIES = 1000
LEAST = 0.5  # of the characters per second and core of the real documents
GROWTH = 4 / 3  # of time and memory for a character, from the shortest text to the longest
TIMES = (1, 2, 4, 8)
LOST = ("are lost or are another region's", "is not named")  # faults that no other load on the machine explains
TRIES = 2  # of each length; the faster counts, as others may use the machine
LONG = {"tongliao-2021.txt": 60_000, "chuzhou-2016.txt": 30_000}  # rows on lines, cells on lines; characters at once
BUSY = 0.8  # of the time of the processes that read
NOTES = "PLAN_INDICATORS_SPEED_NOTES"  # the folder in which each process notes what it read, and when


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One load, timed: what is the same for any folder, as the start of the processes, is in none of the seconds."""

    chars: int
    started: float  # seconds until the last process was ready
    cores: int  # processes that read
    busy: float  # share of their time with a document
    reading: float  # seconds of cores
    publishing: float  # seconds of one core, while the others wait
    clock: float  # seconds of the whole
    parent: int  # peak memory in bytes
    worker: int  # of the largest process that reads
    said: list[str]  # on standard error
    regions: list[str]  # of the documents published, in order

    @property
    def rate(self) -> float:
        """Characters per second and core, of a load from its first document to the published snapshot."""
        return self.chars / (self.reading + self.publishing * self.cores)

    @property
    def read_rate(self) -> float:
        """The same of reading alone."""
        return self.chars / self.reading

    def told(self, what: str) -> Iterator[str]:
        """What was measured, in lines."""
        yield f"{what}: {self.chars:,} characters, {self.clock:.1f} s by the clock, {self.cores} process(es) reading"
        yield f"  apart: {self.started:.1f} s to start them; they are {self.busy:.0%} busy"
        yield f"  reading {self.reading:.1f} s of cores, publishing {self.publishing:.1f} s of one"
        yield f"  {self.rate:,.0f} characters per second and core; {self.read_rate:,.0f} in reading alone"
        yield f"  peak memory {self.parent / 1e6:.0f} MB, of the largest process that reads {self.worker / 1e6:.0f} MB"


def _levels(code: str) -> dict[str, region.Region]:
    """A region and those above it, by level."""
    known = region.table().regions
    return {known[one].level: known[one] for one in (code, *region.ancestors(code))}


def _plain(one: region.Region) -> bool:
    """Whether a region's name is its own, in full and without the generic, and in force; 西城区 may be any west town."""
    table, stem = region.table(), region._stem(one.name)
    own = one.until is None and table.full[one.name] == table.short.get(stem) == (one.code,)
    return own and region.mentioned(one.name) == [(0, len(one.name), one.code)]


def _others(code: str) -> list[str]:
    """Regions that a region's names can be exchanged for: of its level and kind, mixed over the provinces."""
    table, levels = region.table(), [*_levels(code)]
    kind = (table.regions[code].name[-1], code in table.children)
    like = [
        one.code
        for one in table.regions.values()
        if (one.name[-1], one.code in table.children) == kind and _plain(one) and [*_levels(one.code)] == levels
    ]
    return sorted(like, key=lambda one: one[::-1])


def exchanged(text: str, old: str, new: str) -> str:
    """A text about one region as one about another: its names and those of the regions above it exchanged."""
    names: dict[str, str] = {}
    for level, other in _levels(new).items():
        own = _levels(old)[level]
        names[own.name] = other.name
        if len(stem := region._stem(own.name)) > 1:
            names.setdefault(stem, region._stem(other.name))
    longest = sorted(names, key=len, reverse=True)
    return re.sub("|".join(longest), lambda found: names[found[0]], text)


def copies(folder: Path, count: int) -> list[str]:
    """Write so many documents, each about another region than any other and named by its code; the codes in order."""
    bases: list[tuple[str, str, str, str, Iterator[str]]] = []
    for path in sorted(
        path for name in ("development", "development2", "development3") for path in (HERE / name).iterdir()
    ):
        if path.suffix not in extract.SUFFIXES or isinstance(found := batch.opened(path), str):
            continue  # the sets hold some that are no plan documents
        text = document.decoded(data := path.read_bytes(), path.name)
        if region._stem(region.table().regions[found.card.region].name) not in text:
            continue  # a name in traditional characters, with pinyin between: not to be exchanged
        coding = "utf-8" if text.encode() == data else "gb18030"
        bases.append((text, coding, path.suffix, found.card.region, iter(_others(found.card.region))))
    taken = {old for *_, old, _ in bases}
    written: list[str] = []
    while len(written) < count:
        left = len(written)
        for text, coding, suffix, old, others in bases:
            new = next((code for code in others if code not in taken), None)
            if new is not None and len(written) < count:
                copy = exchanged(text, old, new)
                (folder / f"{new}{suffix}").write_text(copy, coding, newline="")
                taken.add(new)
                written.append(new)
        if len(written) == left:
            raise ValueError(f"only {left} regions have names to exchange for")
    return sorted(written)


def poison(folder: Path) -> list[str]:
    """Write two files that no reader survives: an archive that unpacks to more than memory should hold, and a ruin."""
    main = attachments.relations(officeDocument="word/document.xml")
    bomb = attachments.archive({"_rels/.rels": main, "word/document.xml": b" " * (package.UNPACKED + 1)})
    ruin = b"%PDF-1.7\n" + random.Random(5).randbytes(100_000)  # noqa: S311  the same on each run
    for name, data in {"430000-bomb.docx": bomb, "510000-ruin.pdf": ruin}.items():
        (folder / name).write_bytes(data)
    return ["430000-bomb.docx", "510000-ruin.pdf"]


def peak() -> int:
    """The most memory that this process had at once, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) * 1024 if found else 0


def _forget() -> None:
    """What words were found to mean goes: a copy gains nothing from those before it. What is read from seeds stays."""
    for name in [name for name in sys.modules if name.startswith("loaders.")]:
        for one in vars(sys.modules[name]).values():
            if hasattr(one, "cache_parameters") and one.cache_parameters()["maxsize"] is not None:
                one.cache_clear()


@functools.cache
def _ready() -> None:
    batch.read(SAMPLE)


def noted(reader: Callable[[Path], T], path: Path) -> T:
    """What the reader of the load makes of a file, with a note of when it read."""
    _ready()
    _forget()
    before, begun = _worked(), time.monotonic()
    result = reader(path)
    with (Path(os.environ[NOTES]) / str(os.getpid())).open("a", encoding="ascii") as notes:
        notes.write(f"{begun} {time.monotonic()} {_worked() - before} {peak()}\n")
    return result


def _worked() -> float:
    """Seconds that cores worked for this process, and for those that it started and that have ended."""
    return sum(os.times()[:4])


def _chars(path: Path) -> int:
    """Characters of a document as read; none of an attachment's."""
    data = path.read_bytes()
    if attachment.is_attachment(data):
        return 0
    text = document.decoded(data, path.name)
    return len(page.text(text) if path.suffix == ".html" else text)


def load(folder: Path, fixed: float = 0.0) -> Run:
    """Load a folder by the command into a data folder of its own; ``fixed`` seconds of publishing are apart."""
    marks: list[tuple[float, float]] = []
    read_all = batch.read_all

    def marked(paths: Sequence[Path], reader: Callable[[Path], object]) -> Iterator[tuple[Path, object]]:
        marks.append((time.monotonic(), time.process_time()))
        for one in read_all(paths, functools.partial(noted, reader)):
            marks.append((time.monotonic(), time.process_time()))
            yield one

    with TemporaryDirectory() as data, TemporaryDirectory() as notes:
        with mock.patch.object(batch, "read_all", marked), mock.patch.dict(os.environ, {NOTES: notes}):
            result = CliRunner().invoke(main, ["load", str(folder), "--data", data])
        done, worked = time.monotonic(), time.process_time()
        files = {
            int(each.name): [tuple(map(float, line.split())) for line in each.read_text("ascii").splitlines()]
            for each in Path(notes).iterdir()
        }
        now = kept.current(Path(data))
        if now is None:
            raise ValueError(f"nothing was published: {result.output}")
        with duckdb.connect(str(now), read_only=True) as base:
            regions = base.execute("SELECT region FROM documents ORDER BY ALL").fetchall()
    (began, at_first), *_, (ended, at_last) = marks
    lines = [line for file in files.values() for line in file]
    busy = sum(end - begin for begin, end, _, _ in lines) / sum(ended - file[0][0] for file in files.values())
    gathering = 0.0 if os.getpid() in files else at_last - at_first
    return Run(
        chars=sum(map(_chars, folder.iterdir())),
        started=max(file[0][0] for file in files.values()) - began,
        cores=len(files),
        busy=busy,
        reading=sum(seconds for _, _, seconds, _ in lines) / busy + gathering,
        publishing=worked - at_last - fixed,
        clock=done - began,
        parent=peak(),
        worker=int(max(memory for *_, memory in lines)),
        said=result.stderr.splitlines(),
        regions=[code for (code,) in regions],
    )


def long(text: str, times: int) -> tuple[int, float, int]:
    """Characters of a text that is repeated, the seconds of its reading, and the memory that this took beyond the rest."""
    _ready()
    _forget()
    before = peak()
    data = (text * times).encode()
    begun = time.process_time()
    read = extract.extract(document.read(data, "long.txt"))
    return len(text) * times, time.process_time() - begun, peak() - before if read.figures else 0


def growth(name: str, chars: int) -> Iterator[str]:
    """How time and memory grow with a text: a line for each length, and the faults that were found, as lines too."""
    text = document.decoded(next(HERE.glob(f"development*/{name}")).read_bytes(), name) + "\n"
    text *= chars // len(text)
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        tried = list(pool.map(long, [text] * len(TIMES) * TRIES, TIMES * TRIES))
    measured = [min(tried[index :: len(TIMES)], key=lambda one: one[1]) for index in range(len(TIMES))]
    for size, seconds, memory in measured:
        say(f"{name}, {size:9,} characters: {seconds * 1e6 / size:5.1f} µs and {memory / size:4.0f} bytes for each")
    (shortest, *before), *_, (longest, *after) = measured
    for what, one, other in zip(("time", "memory"), before, after, strict=True):
        if (grown := other / longest / (one / shortest)) > GROWTH:
            yield f"{name}: {what} for a character grows by {grown - 1:.0%}"


def faults(real: Path) -> Iterator[str]:
    """Measure; a line for what does not hold."""
    with TemporaryDirectory() as one, TemporaryDirectory() as many:
        (Path(one) / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
        begun = time.monotonic()
        _ready()
        fixed = load(Path(one)).publishing
        say(
            f"apart: {time.monotonic() - begun:.1f} s for tables of words and a first document, {fixed:.1f} s of it to publish"
        )
        codes, bad = copies(Path(many), COPIES), poison(Path(many))
        before, folder, after = load(real, fixed), load(Path(many), fixed), load(real, fixed)
    say(*before.told("real documents"), *folder.told(f"{COPIES:,} documents"), *after.told("real documents again"))
    for what, ratio in (
        ("", folder.rate * 2 / (before.rate + after.rate)),
        (" in reading alone", folder.read_rate * 2 / (before.read_rate + after.read_rate)),
    ):
        say(f"ratio{what}: {ratio:.2f}")
        if ratio < LEAST:
            yield f"{ratio:.2f} of the characters per second and core of the real documents{what}; {LEAST} are wanted"
    if folder.regions != codes:
        yield f"{len(set(codes) - set(folder.regions))} documents of {COPIES:,} {LOST[0]}"
    for name in bad:
        lines = [line for line in folder.said if name in line]
        say(*lines)
        if not lines:
            yield f"{name} {LOST[1]}"
    say(*[line for line in folder.said if "documents read" in line][:2])
    if folder.cores < batch.cores() or folder.busy < BUSY:
        yield f"{folder.cores} of {batch.cores()} cores read, {folder.busy:.0%} busy"
    for name, chars in LONG.items():
        yield from growth(name, chars)


def say(*lines: str) -> None:
    """Lines on standard output, at once."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if "PLAN_INDICATORS_CORPUS" not in os.environ:
        sys.exit("PLAN_INDICATORS_CORPUS must name a folder with documents/ and gold/")
    found = list(faults(Path(os.environ["PLAN_INDICATORS_CORPUS"]) / "documents"))
    say(*(f"fault: {fault}" for fault in found))
    grave = found if "--losses" not in sys.argv[1:] else [fault for fault in found if fault.endswith(LOST)]
    sys.exit(1 if grave else 0)
