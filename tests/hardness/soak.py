"""Hours of use in minutes: ``python -m tests.hardness.soak``.

Questions of all kinds and a publication every minute; what the server holds and how long answers take at the start and at
the end side by side. ``--minutes 20 --clients 8 --every 60`` are the defaults; exits 1 where something fails, where memory
grows by more than 100 MB (idle; 200 MB under load), or where a handle stays.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from loaders import kept
from tests.bench import memory, servers
from tests.hardness import going_over, load, made
from tests.hardness.asked import Watch
from tests.hardness.load import Held, Times, megabytes
from tests.hardness.made import Edition

GROWTH = 100 * memory.MB
PEAK = 200 * memory.MB  # by which the most under load may differ: it depends on which exports met
PAUSE = 0.05  # seconds that a client waits before it asks again
KEEP = 3


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """How it is at the start, or at the end."""

    loaded: Held  # the most while clients ask
    idle: Held  # with nobody asking, and one snapshot
    times: Times


class Soaked(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    watch: Watch
    publications: int
    late: float
    start: Side
    end: Side

    def wrong(self) -> list[str]:
        """What must not be."""
        found, before, after = list(self.watch.wrong), self.start, self.end
        for name, was, is_, most in (
            ("loaded", before.loaded, after.loaded, PEAK),
            ("idle", before.idle, after.idle, GROWTH),
        ):
            if is_.memory > was.memory + most:
                found.append(f"memory, {name}: from {megabytes(was.memory)} to {megabytes(is_.memory)}")
        if after.idle.handles > before.idle.handles or after.idle.snapshots > 1:
            told = f"handles: from {before.idle.handles} to {after.idle.handles}"
            found.append(f"{told}; of {after.idle.snapshots} snapshots, {after.idle.deleted} of files that are deleted")
        return found


async def soaking(
    server: servers.Server, data: Path, first: Edition, seconds: float, clients: int, every: float
) -> Soaked:
    """A share of the time at the start, most of it in the middle, a share at the end; publications all the time."""
    watch, key, known = Watch(), servers.key(data), [(time.time(), first)]
    sides: list[Side] = []
    for share in (0.2, 0.6, 0.2):
        begun, end = len(watch.taken), time.monotonic() + share * seconds
        asking = asyncio.create_task(going_over.asking(server, key, watch, clients, PAUSE))
        most = load.held(server.pid)
        publishing = asyncio.create_task(_published(data, known, end, every))
        while not publishing.done():
            await asyncio.wait([asking], timeout=1)
            assert not asking.done(), asking.exception()
            most = max(most, load.held(server.pid), key=lambda held: held.memory)
        await publishing
        asking.cancel()
        await asyncio.wait([asking])
        if share < 0.5:
            kept.prune(data, keep=1, seconds=0)
            idle = await _idle(server, sides[0].idle if sides else None)
            times = Times([taken for _, taken in watch.taken[begun:]])
            sides.append(Side(loaded=most, idle=idle, times=times))
    late = watch.verify(known)
    return Soaked(watch=watch, publications=len(known) - 1, late=late, start=sides[0], end=sides[1])


async def _idle(server: servers.Server, before: Held | None) -> Held:
    """What the server holds when there is nothing to do, given time to come back to what it held before."""
    await asyncio.sleep(2)
    await load.look(server, 10)
    fits = (
        (lambda now: now.handles <= before.handles and now.snapshots == 1)
        if before
        else (lambda now: now.snapshots == 1)
    )
    return (await load.settled(server, fits))[0]


async def _published(data: Path, known: list[tuple[float, Edition]], end: float, every: float) -> None:
    """Publishes an edition again and again until the time is over."""
    due = time.monotonic() + every
    while due < end:
        await asyncio.sleep(max(due - time.monotonic(), 0))
        known += await going_over.editions(data, known[-1][1].number + 1, 1, 0, KEEP)
        due += every
    await asyncio.sleep(max(end - time.monotonic(), 0))


def soak(folder: Path, seconds: float, clients: int, every: float) -> Soaked:
    """A server on made-up data, and what it went through."""
    data = folder / "data"
    first = made.publish(data, 1)
    with load.served(data, folder / "log", cache_mb=going_over.CACHE) as server:
        return asyncio.run(soaking(server, data, first, seconds, clients, every))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.soak")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--every", type=float, default=60)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        found = soak(Path(folder), given.minutes * 60, given.clients, given.every)
    sides = (found.start, found.end)
    sys.stdout.write(
        load.table(
            [
                ("", "start", "end"),
                ("memory under load", *(megabytes(side.loaded.memory) for side in sides)),
                ("memory idle", *(megabytes(side.idle.memory) for side in sides)),
                ("handles idle", *(str(side.idle.handles) for side in sides)),
                ("answers", *(str(len(side.times.taken)) for side in sides)),
                ("p50", *(f"{side.times.of(50) * 1000:.1f} ms" for side in sides)),
                ("p99", *(f"{side.times.of(99) * 1000:.1f} ms" for side in sides)),
            ]
        )
    )
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.watch.statuses.items()))
    sys.stdout.write(
        f"{given.minutes:g} minutes, {given.clients} clients, {found.publications} publications; {statuses}; an old edition "
        f"answered {found.late:.1f} s after the next was there at the most\n"
    )
    sys.stdout.write("".join(f"WRONG: {line}\n" for line in found.wrong()))
    return int(bool(found.wrong()))


if __name__ == "__main__":
    sys.exit(main())
