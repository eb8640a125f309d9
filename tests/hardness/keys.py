"""Wrong keys in, what others feel of them out: ``python -m tests.hardness.keys``.

Measured in one process, on the application itself, without a network: how long requests without a key take, alone,
beside 1,000 more of their kind a second, and beside 1,000 with wrong keys a second; and how long it takes to refuse a text, by what is wrong with
it. ``--seconds 5 --seed 1`` are the defaults.

What timing tells: whether form and checksum are right, which anybody can compute; and, where they are, whether the
prefix is known, which is public: an unknown one is looked for in the file once more. Of the secret part it tells nothing:
the SHA-256 of the whole text is compared in constant time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct

from api import key_ring
from api.app import create_app
from api.key_file import DIGITS, checksum
from api.keys import Keys, Wrong
from api.settings import Settings
from tests import snapshots

PATHS = ("/v1/observations?limit=100", "/v1/regions", "/v1/observations?region=330702&year=2022")


def wrong(chance: random.Random, prefix: str = "") -> str:
    """A text of the right form, with the right checksum, that is no key."""
    body = (prefix or "pik_") + "".join(chance.choice(DIGITS) for _ in range(44 - len(prefix or "pik_")))
    return body + checksum(body)


async def asked(app: Any, target: str, address: str, key: str = "") -> tuple[int, float]:
    """Status and seconds of a request."""
    path, _, query = target.partition("?")
    headers = [(b"host", b"localhost"), *([(b"x-api-key", key.encode())] if key else [])]
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"headers": headers, "client": (address, 1), "http_version": "1.1", "scheme": "http", "root_path": ""}
    status, begun = 0, time.perf_counter()

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status, time.perf_counter() - begun


async def flood(app: Any, keys: Iterator[str], rate: int, statuses: list[int]) -> None:
    """Requests with these keys at a rate, each from an address of its own, until cancelled."""
    begun, sent = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - begun) * rate)
        while sent < due:
            address = f"198.51.{sent // 250 % 250}.{sent % 250}"
            statuses.append((await asked(app, PATHS[0], address, next(keys)))[0])
            sent += 1
        await asyncio.sleep(0.001)


async def measure(app: Any, seconds: float, beside: Sequence[int] = (), least: int = 0) -> list[float]:
    """Seconds of each of the requests without a key, a hundred a second, until so many others were answered beside."""
    found, number, end = [], 0, time.perf_counter() + seconds
    while time.perf_counter() < end or (len(beside) < least and time.perf_counter() < end + 10 * seconds):
        status, taken = await asked(app, PATHS[number % len(PATHS)], "192.0.2.1")
        assert status == 200
        found.append(taken)
        number += 1
        await asyncio.sleep(0.01)
    return found


class Felt(Struct, frozen=True):
    """Seconds of requests without a key, by what went on beside, and how many wrong keys were refused."""

    alone: list[float]
    others: list[float]
    wrong: list[float]
    refused: int


async def beside(data: Path, seconds: float, seed: int, rate: int = 1000) -> Felt:
    """Requests without a key alone, beside others of their kind, and beside wrong keys."""
    app = create_app(Settings(data=data, public_rate=snapshots.ENDLESS, metadata_rate=snapshots.ENDLESS, log="errors"))
    chance = random.Random(seed)  # noqa: S311
    await measure(app, 0.3)
    alone = await measure(app, seconds)
    taken: list[list[float]] = []
    statuses: list[int] = []
    for keys in (repeat(""), cycle([wrong(chance) for _ in range(5000)])):
        statuses = []
        task = asyncio.create_task(flood(app, keys, rate, statuses))
        taken.append(await measure(app, seconds, statuses, int(seconds * rate) // 2))
        task.cancel()
    assert set(statuses) <= {401, 429}
    return Felt(alone, taken[0], taken[1], len(statuses))


def refusals(data: Path, seed: int, times: int = 300) -> dict[str, float]:
    """Microseconds that it takes to refuse, by what is wrong; medians."""
    chance, live = random.Random(seed), Keys(data)  # noqa: S311
    text, key = key_ring.create(data, "held", ("read",), None, None)
    assert live.find(text)
    kinds: dict[str, Callable[[], str]] = {
        "no form": lambda: "x" * 50,
        "wrong checksum": lambda: wrong(chance)[:-1] + "!",
        "unknown prefix": lambda: wrong(chance),
        "known prefix, first letter of the secret right": lambda: wrong(chance, text[:13]),
        "known prefix, all but one letter of the secret right": lambda: wrong(chance, text[:43]),
    }
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(times):
        for name, make in kinds.items():
            given = make()
            begun = time.perf_counter()
            try:
                live.find(given)
            except Wrong:
                taken[name].append(time.perf_counter() - begun)
    live.close()
    assert key.prefix == text[:12]
    return {name: statistics.median(found) * 1e6 for name, found in taken.items()}


def p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.keys")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        data = Path(folder)
        snapshots.publish(data, "s1")
        key_ring.create(data, "some", ("read",), None, None)
        felt = asyncio.run(beside(data, given.seconds, given.seed))
        for name, found in (("alone", felt.alone), ("beside 1,000 others", felt.others), ("wrong keys", felt.wrong)):
            median, slowest = statistics.median(found) * 1e3, p99(found) * 1e3
            sys.stdout.write(
                f"{name}: median {median:.2f} ms, p99 {slowest:.2f} ms, {p99(found) / p99(felt.alone):.1f}\n"
            )
        sys.stdout.write(f"{felt.refused / given.seconds:.0f} wrong keys refused a second\n")
        for name, taken in refusals(data, given.seed).items():
            sys.stdout.write(f"{taken:8.1f} µs to refuse: {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
