"""What the server did, counted and added up over its worker processes, in the text format of Prometheus.

Series have the route's template, never a path, and names from closed lists: whatever is asked, their number is bounded.
The processes of one server write into files of one folder (see ``shared``); what a process counted stays there when it
dies, but for its last quarter of a second; what it said of its state is left out from then on. Without the folder each
``Metrics`` has its own counts.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE", "OTHER", "Cached", "Metrics", "Refusal", "shared"]

Refusal = Literal["rate_limit", "key", "scope", "keys_unavailable", "busy", "no_snapshot"]
Cached = Literal["not_modified", "kept", "made"]

OTHER = "other"  # in place of a route, a method or a reason that is not in its list
_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10)  # seconds
_MOST_ROUTES = 200  # more than there will be: should paths come in place of templates, they do not fill the memory
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where prometheus_client looks for the folder
_MEMORY = Path("/dev/shm")  # noqa: S108 - a full disk would kill a process that writes into a mapped file
_SNAPSHOT = "plan_indicators_snapshot_info"
_LATE = 0.25  # seconds until what was counted is written where other processes see it
_number = itertools.count()


@contextmanager
def shared() -> Iterator[None]:
    """A fresh folder in which all processes that are started in this context count together; gone at its end.

    It must be entered before the first ``Metrics`` of the server, also that of the process that starts the others.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="plan-indicators-metrics-", dir=place, ignore_cleanup_errors=True) as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


class Tally(Struct):
    """Answers that are counted together: one after the other, they would take five times as long to write."""

    buckets: list[int]  # by seconds, one more than there are bounds
    seconds: float = 0.0
    sent: int = 0


class Metrics:
    """The counts of one application."""

    def __init__(self) -> None:
        self._routes: set[str] = set()
        self._folder = os.environ.get(_FOLDER)
        # the library chooses its kind of values once, when it is imported, which may be before the folder is there;
        # a name of its own keeps two objects of one process, or one of its parent, out of each other's files
        name = f"{os.getpid()}-{next(_number)}"
        self._files = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]
        self._closed = self._waiting = False
        # counted in the event loop; taken from here there, and by a thread that makes a page
        self._answers: deque[tuple[str, str, int, float, int, Cached | None]] = deque()
        self._values = self._files if self._folder else values.MutexValue
        values.ValueClass = self._values
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "plan_indicators_http_requests_total",
            "Requests answered, by route template, method and status (0: gone before an answer began).",
            ["route", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "plan_indicators_http_request_duration_seconds",
            "Seconds from a request to the end of its answer.",
            ["route"],
            registry=registry,
            buckets=_BUCKETS,
        )
        self._bytes = Counter(
            "plan_indicators_http_response_bytes_total",
            "Bytes of answers, without headers.",
            ["route"],
            registry=registry,
        )
        refused = Counter(
            "plan_indicators_refused_total", "Requests refused, by reason.", ["reason"], registry=registry
        )
        cached = Counter(
            "plan_indicators_answers_total",
            "Answers of routes that are kept: not modified (304), kept in the process, or made anew.",
            ["outcome"],
            registry=registry,
        )
        self._snapshot = Gauge(
            _SNAPSHOT,
            "The snapshot that is served; 1 while a process answers from it.",
            ["snapshot"],
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._observations = Gauge(
            "plan_indicators_snapshot_observations",
            "Observations in the snapshot.",
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._published = Gauge(
            "plan_indicators_snapshot_published_timestamp_seconds",
            "When the snapshot was published, in seconds since 1970.",
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._problem = Gauge(
            "plan_indicators_snapshot_problem",
            "1 while a process cannot take up what is published and goes on with what it had.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._refused = {reason: refused.labels(reason) for reason in (*get_args(Refusal), OTHER)}
        self._cached = {outcome: cached.labels(outcome) for outcome in get_args(Cached)}
        self._told: tuple[str, int, float, bool] | None = None

    def count(
        self, route: str, method: str, status: int, seconds: float, sent: int, outcome: Cached | None = None
    ) -> None:
        """A request was answered; ``route`` is a template, or empty where the path is none of ours.

        ``outcome`` tells where the answer came from, where it is one that may be kept.
        """
        self._answers.append((route, method, status, seconds, sent, outcome))
        self._grew()

    def _grew(self) -> None:
        if self._waiting:
            return
        try:
            asyncio.get_running_loop().call_later(_LATE, self._write)
            self._waiting = True
        except RuntimeError:  # no loop: nothing comes later
            self._write()

    def _write(self) -> None:
        self._waiting = False
        if self._closed:
            return
        tallies: dict[tuple[str, str, int], Tally] = {}
        steps: defaultdict[Counter, int] = defaultdict(int)
        with suppress(IndexError):  # what others add meanwhile is taken too
            while True:
                route, method, status, seconds, sent, outcome = self._answers.popleft()
                known = route in self._routes or self._room(route)
                key = (route if known else OTHER, method if method in _METHODS else OTHER, status)
                if (tally := tallies.get(key)) is None:
                    tally = tallies[key] = Tally([0] * (len(_BUCKETS) + 1))
                tally.seconds += seconds
                tally.sent += sent
                tally.buckets[bisect_left(_BUCKETS, seconds)] += 1
                if outcome is not None:
                    steps[self._cached[outcome]] += 1
        values.ValueClass = self._values  # the library's is that of the last object made
        for key, tally in tallies.items():
            self._requests.labels(*key).inc(sum(tally.buckets))
            self._bytes.labels(key[0]).inc(tally.sent)
            times = self._seconds.labels(key[0])
            times._sum.inc(tally.seconds)  # the library takes only one time after the other
            for bucket, number in zip(times._buckets, tally.buckets, strict=True):
                if number:
                    bucket.inc(number)
        for counter, number in steps.items():
            counter.inc(number)

    def _room(self, route: str) -> bool:
        """Whether a route not seen before is counted by its name."""
        if not route or len(self._routes) >= _MOST_ROUTES:
            return False
        self._routes.add(route)
        return True

    def refused(self, reason: Refusal) -> None:
        """A request was refused."""
        if not self._closed:
            self._refused.get(reason, self._refused[OTHER]).inc()

    def snapshot(self, identity: str, observations: int, published_at: float, problem: bool) -> None:
        """The process answers from this snapshot; ``problem``: there is another that it cannot take up."""
        told = (identity, observations, published_at, problem)
        if self._closed or told == self._told:
            return
        values.ValueClass = self._values
        if self._told is not None:
            self._snapshot.labels(self._told[0]).set(0)
        self._snapshot.labels(identity).set(1)
        self._observations.set(observations)
        self._published.set(published_at)
        self._problem.set(problem)
        self._told = told

    def page(self) -> bytes:
        """What all processes counted, as CONTENT_TYPE says."""
        self._write()
        if self._folder is None:
            return generate_latest(_Shown(self._registry))
        _forget_dead(Path(self._folder))
        source = MultiProcessCollector(None, self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(_Shown(source))

    def close(self) -> None:
        """Gives the process's files back; what they hold stays counted, what comes later is not."""
        self._write()
        self._closed = True
        self._files.close_all_files()


class _Shown:
    """Of another collector what is worth showing: no moments of creation, no snapshots of the past."""

    def __init__(self, source: Collector) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        for metric in self._source.collect():
            metric.samples = [
                sample
                for sample in metric.samples
                if not sample.name.endswith("_created") and (sample.name != _SNAPSHOT or sample.value)
            ]
            yield metric


def _forget_dead(folder: Path) -> None:
    """Removes what processes that are no more said of their state."""
    for path in folder.glob("gauge_live*.db"):
        try:
            os.kill(int(path.stem.rpartition("_")[2].partition("-")[0]), 0)
        except ProcessLookupError:
            path.unlink(missing_ok=True)
        except PermissionError:  # another user's: the process lives
            pass
