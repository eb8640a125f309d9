"""Addresses in, what it took to get them out: many connections at once by wrk, one after the other, or one long answer."""

from __future__ import annotations

import json
import math
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

from tests.bench import memory
from tests.bench.servers import Failure, Server

CONNECTIONS = 32
TIMEOUT = 120
PATIENCE = 5  # times the seconds that were wanted
SCRIPT = Path(__file__).with_name("load.lua")
NO_WRK = "wrk is not installed: apt-get install wrk, or https://github.com/wg/wrk"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How requests went."""

    requests: int
    rate: float  # a second
    p50: float  # milliseconds
    p99: float
    size: float  # bytes of an answer with its headers
    worked: float = 0.0  # milliseconds of a core for a request: the same whatever else the machine does


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """How a long answer came, or as much of it as there was time for."""

    first: float  # seconds to the first byte of the body
    seconds: float
    bytes: int
    lines: int


def tool() -> str:
    """Where wrk is."""
    found = shutil.which("wrk")
    if found is None:
        raise Failure(NO_WRK)
    return found


def many(server: Server, lines: Path, seconds: float, start: int = 0, connections: int = CONNECTIONS) -> Load:
    """The addresses of a file from a place on, over many connections, for some seconds."""
    command = [tool(), "-t", "1", "-c", str(connections), "-d", f"{max(round(seconds), 1)}s"]
    command += ["--timeout", f"{TIMEOUT}s", "-s", str(SCRIPT), f"http://127.0.0.1:{server.port}"]
    before = memory.worked(server.pid)
    done = subprocess.run([*command, str(lines), str(start)], capture_output=True, check=False)
    worked = memory.worked(server.pid) - before
    told = done.stdout.decode().strip().rpartition("\n")[2]
    if done.returncode or not told.startswith("{"):
        raise Failure(f"wrk fails: {done.stderr.decode()[-300:]}")
    found = json.loads(told)
    if found["refused"] or found["broken"]:
        raise Failure(f"{server.name}: {found['refused']} of {found['requests']} refused, {found['broken']} broken")
    if not found["requests"]:
        raise Failure(f"{server.name}: no answer within {seconds} s")
    return Load(
        requests=found["requests"],
        rate=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        size=found["bytes"] / found["requests"],
        worked=worked / found["requests"] * 1000,
    )


def alone(server: Server, paths: Sequence[str], seconds: float, least: int = 10) -> Load:
    """One address after the other over one connection, for some seconds; slow ones longer, to have a few of them."""
    taken: list[float] = []
    size, began = 0, time.monotonic()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    try:
        while len(taken) < least or time.monotonic() - began < seconds:
            if taken and time.monotonic() - began > PATIENCE * seconds:
                break
            path, asked = paths[len(taken) % len(paths)], time.monotonic()
            status, body = _got(connection, path)
            taken.append(time.monotonic() - asked)
            size += len(body)
            if status != 200:
                raise Failure(f"{server.name}: {path} gives {status}: {body[:300]!r}")
    except (OSError, HTTPException) as error:
        raise Failure(f"{server.name}: {path}: {error!r}") from error
    finally:
        connection.close()
    return Load(
        requests=len(taken),
        rate=len(taken) / sum(taken),
        p50=percentile(taken, 50) * 1000,
        p99=percentile(taken, 99) * 1000,
        size=size / len(taken),
    )


def _got(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


def got(server: Server, path: str, headers: Mapping[str, str] | None = None) -> tuple[Mapping[str, str], bytes]:
    """One answer, with its headers; anything but 200 fails."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException) as error:
        raise Failure(f"{server.name}: {path}: {error!r}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise Failure(f"{server.name}: {path} gives {response.status}: {body[:300]!r}")
    return {name.lower(): value for name, value in response.getheaders()}, body


def stream(server: Server, path: str, seconds: float, headers: Mapping[str, str] | None = None) -> Stream:
    """A long answer, read until it ends or the time is over."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    piece = bytearray(1 << 20)
    first, size, lines, began = 0.0, 0, 0, time.monotonic()
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        if response.status != 200:
            raise Failure(f"{server.name}: {path} gives {response.status}: {response.read(300)!r}")
        while count := response.readinto(piece):
            first = first or time.monotonic() - began
            size += count
            lines += piece.count(b"\n", 0, count)
            if time.monotonic() - began > seconds:
                break
    except (OSError, HTTPException) as error:
        raise Failure(f"{server.name}: {path}: {error!r}") from error
    finally:
        connection.close()
    return Stream(first=first, seconds=time.monotonic() - began, bytes=size, lines=lines)


def streams(server: Server, path: str, seconds: float, headers: Mapping[str, str] | None = None) -> list[Stream]:
    """Answers as one that is long, begun one after the other until the time is over: many where they are short."""
    found: list[Stream] = []
    while sum(each.seconds for each in found) < seconds:
        found.append(stream(server, path, seconds, headers))
        if not found[-1].lines:
            raise Failure(f"{server.name}: {path} gives nothing")
    return found


def percentile(values: Sequence[float], of: float) -> float:
    """The least value that so many of a hundred are not above.

    >>> percentile([4, 1, 3, 2], 50), percentile([1, 2, 3, 4], 99), percentile([7], 50)
    (2, 4, 7)
    """
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * of / 100), 1) - 1]


def middle(loads: Sequence[Load]) -> Load:
    """The median of rounds, each number by itself."""
    return Load(
        requests=sum(load.requests for load in loads),
        rate=statistics.median(load.rate for load in loads),
        p50=statistics.median(load.p50 for load in loads),
        p99=statistics.median(load.p99 for load in loads),
        size=statistics.median(load.size for load in loads),
        worked=statistics.median(load.worked for load in loads),
    )
