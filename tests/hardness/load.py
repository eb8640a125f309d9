"""A server with several processes in, what clients get and what it holds out: what the scripts of load have in common."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from msgspec import Struct

from api.settings import PREFIX
from tests.bench import memory, servers
from tests.bench.load import percentile

WORKERS = 2
IDLE = 5.0  # seconds after which a server may close a connection that nobody uses
Headers = Mapping[str, str]
_FILE = re.compile(r"/\S*/snapshots/[^/\n]*")


class Failed(Exception):
    """No answer, or one that is no HTTP."""


class Answer(Struct, frozen=True, kw_only=True):
    """An answer as it came."""

    status: int
    headers: Headers
    body: bytes
    seconds: float


class Client:
    """One connection, opened when it is needed and kept while the server keeps it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = 0.0
        self.reopened = 0

    async def ask(self, target: str, headers: Headers | None = None, method: str = "GET") -> Answer:
        """The answer to a question; ``Failed`` where there is none."""
        began = time.perf_counter()
        if began - self._used > IDLE:
            self.close()
        again = self._streams is not None
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
            reader, writer = self._streams
            told = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
            writer.write(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{told}\r\n".encode())
            status, found = head(await reader.readuntil(b"\r\n\r\n"))
            body = b"" if method == "HEAD" or status in (204, 304) else await _body(reader, found)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            # a server may close a connection just when it is used again, without a byte: then, as every client does, anew
            if again and isinstance(error, asyncio.IncompleteReadError) and not error.partial:
                self.reopened += 1
                return await self.ask(target, headers, method)
            raise Failed(f"{method} {target}: {error!r}") from error
        except BaseException:  # cancelled in the middle of an answer
            self.close()
            raise
        self._used = time.perf_counter()
        if found.get("connection") == "close":
            self.close()
        return Answer(status=status, headers=found, body=body, seconds=self._used - began)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def head(text: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers, names in lower case."""
    first, *lines = text.decode("latin-1").rstrip("\r\n").split("\r\n")
    return int(first.split(" ", 2)[1]), {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }


async def _body(reader: asyncio.StreamReader, headers: Headers) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    pieces = []
    while size := int(await reader.readline(), 16):
        pieces.append((await reader.readexactly(size + 2))[:-2])
    await reader.readline()
    return b"".join(pieces)


class Held(Struct, frozen=True, kw_only=True):
    """What a server's processes hold."""

    memory: int  # bytes
    handles: int  # but for the files of snapshots
    connections: int  # those of the handles that are sockets
    snapshots: int  # of which files are open or mapped
    deleted: int  # of these files those that have no name any more


def held(pid: int) -> Held:
    """What a server holds now."""
    links, files = [], list[str]()
    for each in memory.tree(pid):
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{each}/fd").iterdir():
                with contextlib.suppress(OSError):
                    links.append(str(entry.readlink()))
            files += set(_FILE.findall(Path(f"/proc/{each}/maps").read_text()))
    files += [link for link in links if _FILE.fullmatch(link)]
    return Held(
        memory=memory.now(pid),
        handles=sum(not _FILE.fullmatch(link) for link in links),
        connections=sum(link.startswith("socket:") for link in links),
        snapshots=len({Path(file).name.partition(".")[0] for file in files}),
        deleted=sum(file.endswith(" (deleted)") for file in files),
    )


@contextlib.contextmanager
def served(data: Path, log: Path, workers: int = WORKERS, **settings: object) -> Iterator[servers.Server]:
    """The project's server as it is started by an operator, without limits on how often somebody asks."""
    port = servers.free()
    told = {f"{PREFIX}{rate}_RATE": "1000000/second" for rate in servers.RATES} | {f"{PREFIX}LOG": "errors"}
    told |= {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
    command = servers.command("serve", "--data", data, "--port", str(port), "--workers", str(workers))
    with servers.running("this server", command, "/health/ready", port, log, **told) as server:
        yield server


async def look(server: servers.Server, times: int = 40) -> None:
    """Questions over many connections, so that each process looks for a new snapshot."""
    for _ in range(times):
        with Client(server.port) as client:
            await client.ask("/v1")
        await asyncio.sleep(0.05)


async def settled(server: servers.Server, fits: Callable[[Held], bool], seconds: float = 20) -> tuple[Held, float]:
    """What a server holds when that fits, and after how long; what it holds in the end where it never does."""
    began = time.monotonic()
    while True:
        now, passed = held(server.pid), time.monotonic() - began
        if fits(now) or passed > seconds:
            return now, passed
        await look(server, 10)
        await asyncio.sleep(0.3)  # the last connection of it is closed by then on both sides


class Times(Struct):
    """Seconds that answers took, in the order in which they came."""

    taken: list[float]

    def told(self) -> str:
        if not self.taken:
            return "0 answers"
        return f"{len(self.taken)} answers, p50 {self.of(50) * 1000:.1f} ms, p99 {self.of(99) * 1000:.1f} ms"

    def of(self, percent: float) -> float:
        return percentile(self.taken, percent)


async def alone(
    server: servers.Server,
    targets: Sequence[str],
    seconds: float,
    pause: float = 0.0,
    tags: dict[str, str] | None = None,
) -> Times:
    """How long a client that asks one question after the other waits for good answers.

    Of what ``tags`` names it keeps the entity tag there, and asks whether there is something new.
    """
    times, end, tags = Times([]), time.monotonic() + seconds, {} if tags is None else tags
    with Client(server.port) as client:
        while time.monotonic() < end:
            for target in targets:
                answer = await client.ask(target, {"If-None-Match": tags[target]} if tags.get(target) else {})
                if answer.status not in (200, 304):
                    raise Failed(f"{target}: {answer.status}")
                if target in tags:
                    tags[target] = answer.headers["etag"]
                times.taken.append(answer.seconds)
                await asyncio.sleep(pause)
    return times


async def at_once(number: int, one: Callable[[int], Awaitable[None]]) -> None:
    """So many clients at once, each with its number, until all are done."""
    async with asyncio.TaskGroup() as group:
        for each in range(number):
            group.create_task(one(each))  # type: ignore[arg-type]


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows with their columns one under the other."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def megabytes(size: int) -> str:
    return f"{size / memory.MB:.0f} MB"
