"""Publications under full load in, what clients and processes feel of them out: ``python -m tests.hardness.going_over``.

Clients ask questions of all kinds without a pause while one edition after the other is published. No request may fail,
no answer may mix two editions, an entity tag stands for one answer, and when all is over and earlier snapshots are
deleted the processes hold what they held before. ``--times 50 --clients 32`` are the defaults.
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
from tests.hardness import load, made
from tests.hardness.asked import Asker, Watch
from tests.hardness.load import Held, megabytes
from tests.hardness.made import Edition

MEMORY = 200 * memory.MB  # that both processes may hold more afterwards: what caches and the allocator keep
CACHE = 16  # MB of answers that a process keeps: what is there before and after is to be about the same
WARM = 20.0  # seconds of load before what a server holds is first looked at: every kind has been asked for often


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """How it went."""

    watch: Watch
    late: float
    seconds: float
    editions: list[Edition]
    before: Held
    most: Held
    after: Held


async def editions(data: Path, first: int, times: int, pause: float, keep: int) -> list[tuple[float, Edition]]:
    """Publishes in a process of its own; each edition with when it was there."""
    told = [str(each) for each in (data, first, times, pause, keep)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hardness.made", *told, stdout=asyncio.subprocess.PIPE
    )
    found = []
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            found.append((time.time(), msgspec.json.decode(line, type=Edition)))
        assert await process.wait() == 0, "a publication failed"
    finally:
        if process.returncode is None:
            process.kill()
    return found


async def asking(server: servers.Server, key: str, watch: Watch, clients: int, pause: float = 0.0) -> None:
    """Clients that ask without end, until cancelled."""

    async def one(number: int) -> None:
        asker = Asker(server.port, key, watch, number)
        try:
            while True:
                await asker.one()
                await asyncio.sleep(pause)
        finally:
            asker.client.close()

    await load.at_once(clients, one)


async def warmed(server: servers.Server, data: Path, rounds: int = 12) -> None:
    """Asks until the server holds no more after a round than before it: a young one grows into its work."""
    key, watch, before = servers.key(data), Watch(), load.held(server.pid)
    for _ in range(rounds):
        load_ = asyncio.create_task(asking(server, key, watch, 4))
        await asyncio.sleep(1.5)
        assert not load_.done(), load_.exception()
        load_.cancel()
        await asyncio.wait([load_])
        await load.look(server, 10)
        now = load.held(server.pid)
        if now.handles <= before.handles and now.memory < before.memory + 10 * memory.MB:
            break
        before = now
    assert watch.wrong == []


async def going(
    server: servers.Server, data: Path, first: Edition, times: int, clients: int, keep: int, warm: float
) -> Gone:
    """Publications while clients ask."""
    key, watch, began = servers.key(data), Watch(), time.time()
    load_ = asyncio.create_task(asking(server, key, watch, clients))
    await asyncio.sleep(warm)
    load_.cancel()
    await asyncio.wait([load_])
    await load.look(server)
    before = most = load.held(server.pid)
    load_ = asyncio.create_task(asking(server, key, watch, clients))
    publishing = asyncio.create_task(editions(data, first.number + 1, times, 0.0, keep))
    while not publishing.done():
        await asyncio.wait([load_, publishing], timeout=1, return_when=asyncio.FIRST_COMPLETED)
        assert not load_.done(), load_.exception()
        now = load.held(server.pid)
        most = max(most, now, key=lambda one: one.memory)
    await asyncio.sleep(2)  # the last edition is taken up under load too
    load_.cancel()
    await asyncio.wait([load_])
    late = watch.verify([(began, first), *publishing.result()])
    seconds = time.time() - began
    kept.prune(data, keep=1, seconds=0)
    await asyncio.sleep(2)
    after, _ = await load.settled(server, lambda now: not faults(before, now))
    return Gone(
        watch=watch,
        late=late,
        seconds=seconds,
        editions=[edition for _, edition in publishing.result()],
        before=before,
        most=most,
        after=after,
    )


def faults(before: Held, after: Held) -> list[str]:
    """What did not come back."""
    found = []
    if after.memory > before.memory + MEMORY:
        found.append(f"memory went from {megabytes(before.memory)} to {megabytes(after.memory)}")
    if after.handles > before.handles:
        found.append(f"handles went from {before.handles} to {after.handles}")
    if after.snapshots > 1:
        found.append(f"files of {after.snapshots} snapshots are held, {after.deleted} are deleted")
    return found


def attack(folder: Path, times: int, clients: int, keep: int = 3) -> Gone:
    """A server on made-up data, and what it went through."""
    data = folder / "data"
    first = made.publish(data, 1)
    with load.served(data, folder / "log", cache_mb=CACHE, exports=clients) as server:
        return asyncio.run(going(server, data, first, times, clients, keep, WARM))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.going_over")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--clients", type=int, default=32)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        gone = attack(Path(folder), given.times, given.clients)
        said = (Path(folder) / "log").read_text("utf-8").splitlines()[1:]
    rows: list[tuple[str, ...]] = [("", "before", "at the most", "after")]
    for name in ("memory", "handles", "connections", "snapshots", "deleted"):
        values = [getattr(held, name) for held in (gone.before, gone.most, gone.after)]
        rows.append((name, *(megabytes(value) if name == "memory" else str(value) for value in values)))
    sys.stdout.write(load.table(rows))
    kinds = ", ".join(f"{kind} {count}" for kind, count in gone.watch.kinds.most_common())
    slowest = max(edition.seconds for edition in gone.editions)
    wrong = [*gone.watch.wrong, *faults(gone.before, gone.after), *(f"the server says: {line}" for line in said)]
    sys.stdout.write(
        f"{len(gone.editions)} publications (the slowest {slowest:.1f} s), {sum(gone.watch.statuses.values())} answers in "
        f"{gone.seconds:.0f} s: {kinds}\n"
        f"{', '.join(f'{status}: {count}' for status, count in sorted(gone.watch.statuses.items()))}; "
        f"{gone.watch.reopened} connections opened anew; an old edition answered {gone.late:.1f} s after the next was there at the most\n"
        + "".join(f"WRONG: {fault}\n" for fault in wrong)
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
