"""Servers and questions in, rows of numbers out. Servers that are compared take turns in rounds; medians count."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from tests.bench import checks, load, memory, questions, servers
from tests.bench.load import Load
from tests.bench.publication import GENERATING, Published
from tests.bench.results import (
    CEILING,
    DATASETTE,
    FIRST,
    ORM,
    P50,
    P99,
    RATE,
    RAW,
    ROAPI,
    SMALLER,
    SQLITE,
    WORKED,
    Row,
    row,
)
from tests.bench.servers import Failure, Server
from tests.bench.tabled import tabled

EXPORTS = ("parquet", "arrow", "csv", "ndjson")
FILTER = "role=actual"


class Measure(msgspec.Struct, kw_only=True):
    """How long and how often is measured, where, and what was found so far."""

    python: Path  # of the peers
    scratch: Path
    seconds: float
    rounds: int
    seed: int
    peers: frozenset[str]
    say: Callable[[str], None]
    rows: list[Row] = []
    failures: list[str] = []

    def add(self, each: Row) -> None:
        self.rows.append(each)

    @contextmanager
    def safe(self, what: str) -> Iterator[None]:
        """What does not answer as it should is told at the end; the others are still measured."""
        self.say(what)
        try:
            yield
        except Failure as error:
            self.failures.append(f"{what}: {error}")
            self.say(f"  {error}")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A published snapshot of one size, and what is asked of it."""

    folder: Path
    published: Published
    data: questions.Data

    @property
    def snapshot(self) -> Path:
        return self.folder / "snapshots" / f"{self.published.snapshot}.duckdb"

    @property
    def size(self) -> int:
        return self.published.size


def publication(measure: Measure, place: Place) -> None:
    """What publishing took."""
    for step in place.published.steps:
        if step.name != GENERATING:
            measure.add(row(f"publication: {step.name}", place.size, "s", step.seconds))
            measure.add(row(f"publication: {step.name}", place.size, "s of a core", step.worked))
            measure.add(row(f"publication: {step.name}", place.size, "peak MB", step.peak / memory.MB))
    steps = [step for step in place.published.steps if step.name != GENERATING]
    measure.add(row("publication", place.size, "s", sum(step.seconds for step in steps)))
    measure.add(row("publication", place.size, "s of a core", sum(step.worked for step in steps)))
    measure.add(row("publication", place.size, "peak MB", max(step.peak for step in steps) / memory.MB))
    measure.add(row("publication", place.size, "snapshot MB", place.published.bytes / memory.MB))


def hot(measure: Measure, place: Place) -> None:
    """Answers that were given before, and 304, beside bytes that were ready before; memory of the worker."""
    size, asked = place.size, [questions.nested(each) for each in place.data.places[: questions.HOT]]
    starts = []
    for _ in range(measure.rounds):
        with servers.ours(place.folder, measure.scratch / "ours.log") as ours:
            starts.append(ours.started)
    measure.add(row("start to ready", size, "s", load.percentile(starts, 50)))
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place.folder, measure.scratch / "ours.log"))
        measure.add(row("memory at rest", size, "MB", memory.now(ours.pid) / memory.MB))
        tags, body = [], b""
        for path in asked:
            headers, body = load.got(ours, path)
            tags.append(f"{path}\t{headers['etag']}")
        peer = _peers(measure, place, stack, body)
        ceiling, raw = peer("ceiling"), peer("raw")
        turns = {
            "hot": (ours, asked),
            "304": (ours, tags),
            CEILING: (ceiling, ["/page"]),
            RAW: (raw, ["/page"]),
        }
        with memory.watched(ours.pid) as seen:
            found = _turns(measure, turns)
        measure.add(row("memory under load, answers kept", size, "MB", seen.most() / memory.MB))
        if abs(found["hot"].size - found[CEILING].size) > 0.2 * found["hot"].size:
            raise Failure(f"answers differ in size: {found['hot'].size:.0f} and {found[CEILING].size:.0f} bytes")
        for what in ("hot", "304"):
            measure.add(row(what, size, RATE, found[what].rate, CEILING, found[CEILING].rate))
            measure.add(row(what, size, P99, found[what].p99, CEILING, found[CEILING].p99))
            measure.add(row(what, size, WORKED, found[what].worked, CEILING, found[CEILING].worked))
        # who asks must be able to do more than what is asked
        measure.add(row("the load generator: Granian alone", size, RATE, found[RAW].rate, CEILING, found[CEILING].rate))
        kept = checks.kept(ours)
        if kept.get("kept", 0) < found["hot"].requests or kept.get("not_modified", 0) < found["304"].requests:
            raise Failure(f"what was to be kept was not: {kept}")


def _remember(*places: Place) -> None:
    """What is asked lies in the memory of the machine, ours and the peers', whatever pushed it out before."""
    for place in places:
        files = [place.snapshot.with_suffix(form) for form in (".duckdb", ".rows", ".ndjson")]
        for path in [*files, *place.folder.glob("rows-*.sqlite")]:
            with path.open("rb") as file:
                while file.read(1 << 22):
                    pass


def cold(measure: Measure, place: Place) -> None:
    """Answers that were never given before, by region, category and year."""
    size, asked = place.size, questions.cold(place.data.places)
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place.folder, measure.scratch / "cold.log", kept=False))
        rest = memory.now(ours.pid)
        peer = _peers(measure, place, stack, b"none")
        if measure.peers & {"litestar_sqlite", "fastapi_orm", "datasette"}:
            measure.say("  the peers' table")
        base = f"/rows-{place.published.snapshot}"
        forms: dict[str, tuple[str, Callable[[questions.Place, int], str]]] = {
            SQLITE: ("litestar_sqlite", questions.nested),
            ORM: ("fastapi_orm", questions.nested),
            DATASETTE: ("datasette", lambda each, limit: base + questions.datasette(each, limit)),
            ROAPI: ("roapi", questions.roapi),
        }
        turns = {"cold": (ours, [questions.nested(*each) for each in asked])}
        for name, (which, form) in forms.items():
            if which in measure.peers:
                paths = [form(*each) for each in asked]
                turns[name] = (peer(which), paths)
                more = "&selection=all" if which == "roapi" else ""
                expected = checks.rows(load.got(ours, turns["cold"][1][0] + more)[1])
                checks.same(name, expected, checks.rows(load.got(turns[name][0], paths[0])[1]))
        _remember(place)
        with memory.watched(ours.pid) as seen:
            found = _turns(measure, turns)
            most, own = seen.most() or memory.now(ours.pid), memory.own(ours.pid)
        measure.add(row("memory under load, nothing kept", size, "MB", most / memory.MB))
        measure.add(row("memory under load, nothing kept", size, "MB over rest", (most - rest) / memory.MB))
        measure.add(row("memory under load, nothing kept", size, "MB without mapped files", own / memory.MB))
        for name in turns:
            if name != "cold":
                measure.add(row("cold", size, RATE, found["cold"].rate, name, found[name].rate))
                measure.add(row("cold", size, P99, found["cold"].p99, name, found[name].p99))
                measure.add(row("cold", size, WORKED, found["cold"].worked, name, found[name].worked))
        measure.add(row("cold", size, P50, found["cold"].p50))
        measure.add(row("cold", size, "bytes an answer", found["cold"].size))
        checks.never_kept(ours, found["cold"].requests)


def growing(measure: Measure, small: Place, large: Place) -> None:
    """The same cold questions of many observations and of fewer, and what a publication of them takes for each."""
    _remember(small, large)
    with ExitStack() as stack:
        turns = {}
        for name, place in (("small", small), ("large", large)):
            server = stack.enter_context(servers.ours(place.folder, measure.scratch / f"{name}.log", kept=False))
            turns[name] = (server, [questions.nested(*each) for each in questions.cold(place.data.places)])
        found = _turns(measure, turns)
        for name, (server, _) in turns.items():
            checks.never_kept(server, found[name].requests)
    measure.add(row("cold", large.size, RATE, found["large"].rate, SMALLER, found["small"].rate))
    measure.add(row("cold", large.size, WORKED, found["large"].worked, SMALLER, found["small"].worked))
    each = [
        sum(step.worked for step in place.published.steps if step.name != GENERATING) / place.size * 1e6
        for place in (large, small)
    ]
    measure.add(row("publication", large.size, "µs of a core an observation", each[0], SMALLER, each[1]))


def one_by_one(measure: Measure, place: Place) -> None:
    """Pages far in, searches, comparisons and judgements, with nobody else asking."""
    size = place.size
    _remember(place)
    with servers.ours(place.folder, measure.scratch / "alone.log", kept=False) as ours:
        limit = min(place.data.preferred // questions.DEEP, questions.PAGE)
        if limit:
            with measure.safe(f"{size:,}: page 10,000"):
                path = checks.walked(ours, (questions.DEEP - 1) * limit, limit)
                told = checks.rows(load.got(ours, path)[1])[0]["id"]
                if told != checks.nth(place.snapshot, (questions.DEEP - 1) * limit):
                    raise Failure(f"page {questions.DEEP} begins with {told}")
                pages = {"first": [f"/v1/observations?limit={limit}"], "deep": [path]}
                found: dict[str, list[Load]] = {name: [] for name in pages}
                for _ in range(measure.rounds):
                    for name, paths in pages.items():
                        found[name].append(load.alone(ours, paths, measure.seconds / 2))
                first, deep = load.middle(found["first"]), load.middle(found["deep"])
                measure.add(row("page 10,000", size, P50, deep.p50, FIRST, first.p50))
                measure.add(row("page 10,000", size, P99, deep.p99, FIRST, first.p99))
        for what, paths in (questions.searched(place.data) | questions.judged(place.data)).items():
            with measure.safe(f"{size:,}: {what}"):
                each = load.middle([load.alone(ours, paths, measure.seconds / 2) for _ in range(measure.rounds)])
                measure.add(row(what, size, P99, each.p99))
                measure.add(row(what, size, P50, each.p50))


def exports(measure: Measure, place: Place) -> None:
    """Everything as files that were prepared, and a filtered export beside others'."""
    size = place.size
    headers = {"X-API-Key": servers.key(place.folder), "Accept-Encoding": "identity"}
    with ExitStack() as stack:
        ours = stack.enter_context(servers.ours(place.folder, measure.scratch / "exports.log"))
        load.got(ours, questions.nested(place.data.places[0]))
        idle = memory.now(ours.pid)
        for form in EXPORTS:
            path = f"/v1/exports/observations.{form}"
            length = place.snapshot.with_suffix(f".{form}").stat().st_size
            found = [load.stream(ours, path, measure.seconds, headers) for _ in range(measure.rounds)]
            best = sorted(found, key=lambda each: each.bytes / each.seconds)[len(found) // 2]
            share = best.bytes / length
            measure.add(row(f"export, prepared {form}", size, "rows/s", share * size / best.seconds))
            measure.add(row(f"export, prepared {form}", size, "MB/s", best.bytes / best.seconds / memory.MB))
        peer = _peers(measure, place, stack, b"none")
        mine = f"/v1/exports/observations.ndjson?{FILTER}"
        sources: dict[str, tuple[Server, str]] = {"ours": (ours, mine)}
        if "datasette" in measure.peers:
            path = f"/rows-{place.published.snapshot}/observations.csv?{FILTER}&_stream=on&_nofacet=1&_nosuggest=1"
            sources[DATASETTE] = (peer("datasette"), path)
        if "fastapi_orm" in measure.peers:
            sources[ORM] = (peer("fastapi_orm"), f"/export.ndjson?{FILTER}")
        rates: dict[str, list[float]] = {name: [] for name in sources}
        firsts: list[float] = []
        with memory.watched(ours.pid) as seen:
            for _ in range(measure.rounds):
                for name, (server, path) in sources.items():
                    asked = load.streams(server, path, measure.seconds, headers if name == "ours" else None)
                    rates[name].append(sum(each.lines for each in asked) / sum(each.seconds for each in asked))
                    firsts += [each.first * 1000 for each in asked] if name == "ours" else []
        middle = {name: load.percentile(found, 50) for name, found in rates.items()}
        measure.add(row("export, filtered NDJSON", size, "rows/s", middle["ours"]))
        for name in (DATASETTE, ORM):
            if name in middle:
                measure.add(row("export, filtered NDJSON", size, "rows/s", middle["ours"], name, middle[name]))
        measure.add(row("export, filtered NDJSON", size, "first byte ms", load.percentile(firsts, 50)))
        measure.add(row("export, filtered NDJSON", size, "MB over idle", (seen.most() - idle) / memory.MB))


def _peers(measure: Measure, place: Place, stack: ExitStack, body: bytes) -> Callable[[str], Server]:
    handle, name = tempfile.mkstemp(dir=measure.scratch)
    with open(handle, "wb") as file:  # noqa: PTH123 - a handle, no path
        file.write(body)

    def start(which: str) -> Server:
        base = Path("none") if which in ("ceiling", "raw", "roapi") else tabled(_parquet(place))
        log = measure.scratch / f"{which}.log"
        return stack.enter_context(
            servers.peer(which, measure.python, log, body=Path(name), base=base, parquet=_parquet(place))
        )

    return start


def _turns(measure: Measure, turns: Mapping[str, tuple[Server, Sequence[str]]]) -> dict[str, Load]:
    """Each in its turn, for as many rounds as wanted; each goes on where it was with its addresses."""
    files, places = {}, dict.fromkeys(turns, 0)
    for number, (name, (_, paths)) in enumerate(turns.items()):
        files[name] = measure.scratch / f"addresses-{number}.txt"
        files[name].write_text("".join(f"{path}\n" for path in paths), "utf-8")
    found: dict[str, list[Load]] = {name: [] for name in turns}
    for _ in range(measure.rounds):
        for name, (server, _) in turns.items():
            done = load.many(server, files[name], measure.seconds, places[name])
            places[name] += done.requests + 2 * load.CONNECTIONS
            found[name].append(done)
    return {name: load.middle(loads) for name, loads in found.items()}


def _parquet(place: Place) -> Path:
    return place.snapshot.with_suffix(".parquet")
