"""More clients than can be served in, what others feel of them out: ``python -m tests.hardness.overload``.

Ten times as many clients as may wait, for a minute; slow readers; connections whose head never ends; clients that go away
in the middle of an export. Answers stay right, who is too many is refused with 503 and Retry-After, what waits for no
thread is answered all the time, and when it is over the server is as it was. ``--seconds 60`` is the default.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import re
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from api.settings import Settings
from tests.bench import memory, publication, servers
from tests.hardness import flood, load, made
from tests.hardness.load import Client, Failed, Held, Times, megabytes

SIZE = 60_000  # observations: an export of all has 55 MB
MEMORY = 400 * memory.MB  # that both processes may hold more while more is asked of them than they can do
KEPT_MEMORY = 150 * memory.MB  # and afterwards
BACK = 10.0  # seconds after which all is as before
SLOWEST = 2.0  # seconds that what waits for no thread may take beside a load: a machine may be slow, a queue is slower
PATIENCE = 5  # seconds that a piece of an export may take here
FIRST_PAGE = f"/v1/regions/{made.REGIONS[0]}/observations"
CHANGED = "/v1/regions"
LIGHT = ["/health/live", CHANGED, FIRST_PAGE, "/health/ready"]
EXPORT = "/v1/exports/observations.ndjson?role=actual&role=target"
SORTED = "/v1/exports/observations.csv?sort=value"
PAGE = "/v1/observations?selection=all&limit=1000"


class Part(msgspec.Struct, kw_only=True):
    """One kind of harm: what is told of it, and what was wrong."""

    name: str
    told: list[str] = []
    wrong: list[str] = []

    def hold(self, good: object, wrong: str) -> None:
        if not good:
            self.wrong.append(wrong)


def clients(workers: int = load.WORKERS) -> int:
    """Ten times as many as are served or may wait."""
    return 10 * workers * (Settings().threads + Settings().waiting)


async def flooded(server: servers.Server, number: int, seconds: float) -> Part:
    """Questions of very many clients."""
    part, before = Part(name=f"{number} clients for {seconds:.0f} s"), load.held(server.pid)
    tags = {CHANGED: ""}
    calm = await load.alone(server, LIGHT, 2, 0.01, tags)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hardness.flood", str(server.port), str(number), str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    reading, beside, most = asyncio.create_task(process.stdout.read()), Times([]), before
    while not reading.done():
        beside.taken += (await load.alone(server, LIGHT, 0.5, 0.02, tags)).taken
        most = max(most, load.held(server.pid), key=lambda held: held.memory)
    back = await recovered(server, calm)
    found = msgspec.json.decode(await reading, type=flood.Flood)
    part.told += [
        *found.told(),
        f"beside them, what waits for no thread: {beside.told()}; alone: {calm.told()}",
        f"memory {megabytes(before.memory)}, at the most {megabytes(most.memory)}; as before {back:.1f} s after",
    ]
    part.wrong += found.wrong
    with Client(server.port) as client:
        counted = (await client.ask("/metrics")).body
    part.hold(re.search(rb'refused_total\{reason="busy"\} [1-9]', counted), "refusals are not counted")
    part.hold(found.refused.taken, "nobody was refused")
    part.hold(beside.of(99) < SLOWEST, f"what waits for no thread took {beside.of(99):.1f} s")
    part.hold(most.memory < before.memory + MEMORY, f"memory went from {before.memory} to {most.memory}")
    part.hold(back < BACK, f"not as before after {back:.0f} s")
    return part


async def recovered(server: servers.Server, calm: Times) -> float:
    """Seconds until answers take at most twice what they took before, and nobody is refused."""
    began, enough = time.monotonic(), max(2 * calm.of(99), 0.05)
    while (passed := time.monotonic() - began) < 3 * BACK:
        with contextlib.suppress(Failed):
            if (await load.alone(server, [*LIGHT, *flood.questions()[:4]], 0.5)).of(99) < max(enough, 0.2):
                break
    return passed


def opened(port: int, text: bytes) -> socket.socket:
    """A connection that was told something and takes little at a time."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect(("127.0.0.1", port))
    one.sendall(text)
    one.setblocking(False)
    return one


def request(target: str, key: str = "") -> bytes:
    told = f"X-API-Key: {key}\r\n" if key else ""
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{told}\r\n".encode()


@contextlib.contextmanager
def many(port: int, number: int, texts: Sequence[bytes]) -> Iterator[list[socket.socket]]:
    """So many connections, told one text or the other."""
    found = [opened(port, text) for _, text in zip(range(number), itertools.cycle(texts), strict=False)]
    try:
        yield found
    finally:
        for one in found:
            one.close()


def nibble(connections: list[socket.socket]) -> int:
    """Takes a byte of each; how many the server has closed."""
    closed = 0
    for one in connections:
        try:
            closed += not one.recv(1)
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return closed


async def beside(server: servers.Server, part: Part, connections: list[socket.socket], seconds: float) -> None:
    """What an ordinary client feels while others hold their connections."""
    end, times = time.monotonic() + seconds, Times([])
    while time.monotonic() < end:
        times.taken += (await load.alone(server, [*LIGHT, *flood.questions()[:2]], 1, 0.01)).taken
        nibble(connections)
    part.told.append(f"beside them {times.told()}")
    part.hold(times.of(99) < SLOWEST, f"others waited {times.of(99):.1f} s")


async def slow(server: servers.Server, key: str, exports: int, pages: int, seconds: float) -> Part:
    """Readers that take a byte a second: of exports, more than may run at once, and of large pages."""
    part, before = Part(name=f"{exports} slow readers of exports, {pages} of pages"), load.held(server.pid)
    with many(server.port, exports, [request(EXPORT, key)]) as some, many(server.port, pages, [request(PAGE)]) as more:
        await beside(server, part, [*some, *more], seconds)
        most = load.held(server.pid)
        began = time.monotonic()
        part.hold(await exported(server, key, 3 * PATIENCE), "nobody else gets an export")
        part.told.append(
            f"memory {megabytes(before.memory)}, at the most {megabytes(most.memory)}; an export of another began "
            f"{time.monotonic() - began:.1f} s later"
        )
        part.hold(most.memory < before.memory + MEMORY, f"memory went from {before.memory} to {most.memory}")
    await freed(server, part, before)
    return part


async def exported(server: servers.Server, key: str, seconds: float) -> bool:
    """Whether a whole export comes before the time is over."""
    end = time.monotonic() + seconds
    with Client(server.port) as client:
        while time.monotonic() < end:
            answer = await client.ask(EXPORT, {"X-API-Key": key})
            if answer.status == 200:
                return answer.body.endswith(b"}\n")
            await asyncio.sleep(0.2)
    return False


async def half_open(server: servers.Server, number: int, seconds: float) -> Part:
    """Connections that say nothing, or never come to the end of what they say."""
    part, before = Part(name=f"{number} connections whose head never ends"), load.held(server.pid)
    with many(server.port, number, [b"", b"GET /v1 HT", b"GET /v1 HTTP/1.1\r\nHost: x\r\nX-More: "]) as connections:
        await asyncio.sleep(0.5)
        most = load.held(server.pid)
        await beside(server, part, connections, seconds)
        closed = nibble(connections)
        part.told.append(
            f"memory {megabytes(before.memory)}, at the most {megabytes(most.memory)}; {closed} closed after {seconds:.0f} s"
        )
        part.hold(most.memory < before.memory + MEMORY, f"memory went from {before.memory} to {most.memory}")
        if seconds > 12:
            part.hold(closed == number, f"{number - closed} are still open")
    await freed(server, part, before)
    return part


async def away(server: servers.Server, key: str, number: int, target: str = EXPORT) -> Part:
    """Clients that go away in the middle of an export."""
    part, before = Part(name=f"{number} clients that go away in the middle of {target}"), load.held(server.pid)
    got = 0
    for _ in range(number):
        with many(server.port, 1, [request(target, key)]) as (one,):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.get_running_loop().sock_recv(one, 4096), 60)
                got += 1
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    part.hold(got == number, f"{number - got} had no answer")
    await freed(server, part, before)
    whole = [await exported(server, key, 10) for _ in range(3)]
    part.hold(all(whole), "afterwards nobody gets an export")
    return part


async def freed(server: servers.Server, part: Part, before: Held) -> None:
    """Whether a server comes to hold what it held before."""
    after, seconds = await load.settled(
        server, lambda now: now.handles <= before.handles and now.memory < before.memory + KEPT_MEMORY
    )
    part.told.append(
        f"{seconds:.1f} s after: memory {megabytes(after.memory)}, handles {after.handles} (before {before.handles})"
    )
    part.hold(after.handles <= before.handles, f"handles went from {before.handles} to {after.handles}")
    part.hold(after.memory < before.memory + KEPT_MEMORY, f"memory went from {before.memory} to {after.memory}")


async def attack(server: servers.Server, data: Path, seconds: float) -> list[Part]:
    """All of it, one after the other."""
    key, files = servers.key(data), names(data)
    await load.alone(server, [*LIGHT, *flood.questions()[::9], PAGE], 2)
    assert await exported(server, key, 30)
    await asyncio.sleep(1.5)  # what a key has used is written a second later, by a connection that stays
    await load.look(server)
    parts = [
        await flooded(server, clients(), seconds),
        await slow(server, key, 40, 400, seconds / 4),
        await half_open(server, 3000, 15),
        await away(server, key, 100),
        await away(server, key, 10, SORTED),
    ]
    parts[-1].hold(names(data) == files, f"files are left: {names(data) ^ files}")
    return parts


def names(data: Path) -> set[str]:
    """All files in a folder."""
    return {str(path.relative_to(data)) for path in data.rglob("*") if "limits" not in path.name}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.overload")
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        publication.publish(data, SIZE, made.SEED)
        with load.served(data, Path(folder) / "log", cache_mb=4, patience=PATIENCE) as server:
            parts = asyncio.run(attack(server, data, given.seconds))
        said = (Path(folder) / "log").read_text("utf-8").splitlines()[1:]
    for part in parts:
        sys.stdout.write(f"{part.name}:\n" + "".join(f"  {line}\n" for line in part.told))
        sys.stdout.write("".join(f"  WRONG: {line}\n" for line in part.wrong))
    sys.stdout.write("".join(f"the server says: {line}\n" for line in said[:5]))
    return int(any(part.wrong for part in parts))


if __name__ == "__main__":
    sys.exit(main())
