"""Publications under load, more clients than can be served, hours of use: short forms of what ``tests/hardness`` does."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api import app, problems, serve
from api.app import Export, Threads
from api.metrics import Metrics
from api.problems import Problem
from tests.bench import servers
from tests.bench.servers import Server
from tests.hardness import asked, going_over, load, made, overload, soak
from tests.hardness.made import Edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Edition]:
    """A data folder with the first edition."""
    data = tmp_path_factory.mktemp("data")
    return data, made.publish(data, 1)


@pytest.fixture(scope="module")
def current(edition: tuple[Path, Edition]) -> list[Edition]:
    """The editions of the folder so far; the last is the current one."""
    return [edition[1]]


@pytest.fixture(scope="module")
def wide(edition: tuple[Path, Edition], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it is usually started, which has done all that it does."""
    with load.served(edition[0], tmp_path_factory.mktemp("log") / "log", cache_mb=going_over.CACHE) as server:
        asyncio.run(going_over.warmed(server, edition[0]))
        yield server


@pytest.fixture(scope="module")
def narrow(edition: tuple[Path, Edition], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server that serves few at once, and a key."""
    settings = {"cache_mb": 1, "waiting": 4, "exports": 2, "patience": 1}
    with load.served(edition[0], tmp_path_factory.mktemp("log") / "log", 1, **settings) as server:
        key = servers.key(edition[0])
        asyncio.run(warmed(server, key))
        yield server, key


async def warmed(server: Server, key: str) -> None:
    await load.alone(server, [*overload.LIGHT, overload.PAGE], 0.5)
    assert await overload.exported(server, key, 20)
    await asyncio.sleep(1.5)  # what a key has used is written a second later, by a connection that stays
    await load.look(server, 10)


def test_who_is_too_many_is_refused_and_others_get_what_is_right(narrow: tuple[Server, str]) -> None:
    assert asyncio.run(overload.flooded(narrow[0], 60, 2)).wrong == []


def test_slow_readers_block_nobody_and_are_cut_off(narrow: tuple[Server, str]) -> None:
    assert asyncio.run(overload.slow(*narrow, exports=4, pages=30, seconds=1)).wrong == []


def test_connections_whose_head_never_ends_block_nobody(narrow: tuple[Server, str]) -> None:
    assert asyncio.run(overload.half_open(narrow[0], 600, 1)).wrong == []


def test_clients_that_go_away_in_the_middle_of_an_export_leave_nothing(
    narrow: tuple[Server, str], edition: tuple[Path, Edition]
) -> None:
    files = overload.names(edition[0])
    assert asyncio.run(overload.away(*narrow, number=12)).wrong == []
    assert overload.names(edition[0]) == files


def test_publications_under_load_fail_no_request_and_mix_nothing(
    wide: Server, edition: tuple[Path, Edition], current: list[Edition]
) -> None:
    gone = asyncio.run(going_over.going(wide, edition[0], current[-1], 1, 4, keep=1, warm=3))
    current += gone.editions
    assert gone.watch.wrong == []
    assert going_over.faults(gone.before, gone.after) == []
    assert set(gone.watch.statuses) <= {200, 304, 410}


def test_an_answer_that_mixes_editions_would_be_noticed() -> None:
    watch = asked.Watch()
    answer = load.Answer(status=200, headers={"etag": '"a"'}, body=b'edition-1- "snapshot":"s1"', seconds=0)
    watch.see("/x", {}, answer, b"edition-1- edition-2-", 0)
    watch.see("/x", {}, answer, answer.body, 0)
    other = load.Answer(status=200, headers={"etag": '"a"'}, body=b"edition-2-", seconds=0)
    watch.see("/x", {}, other, other.body, 0)
    watch.see(
        "/x", {"If-None-Match": '"b"'}, load.Answer(status=304, headers={"etag": '"a"'}, body=b"", seconds=0), b"", 0
    )
    watch.total("s1", 3)
    late = watch.verify([(0, Edition(number=2, snapshot="s1", observations=4, seconds=0))])
    assert late == 0
    assert len(watch.wrong) == 5


def test_a_soak_ends_as_it_began(wide: Server, edition: tuple[Path, Edition], current: list[Edition]) -> None:
    found = asyncio.run(soak.soaking(wide, edition[0], current[-1], 5, 3, 1.6))
    assert found.wrong() == []
    assert found.publications == 1


def test_so_many_wait_for_a_thread_and_no_more() -> None:
    async def asking() -> None:
        loop, go = asyncio.get_running_loop(), asyncio.Event()
        threads = Threads("test", 1, 2, Metrics())
        some = [
            asyncio.ensure_future(threads.work(lambda: asyncio.run_coroutine_threadsafe(go.wait(), loop).result()))
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await threads.work(int)
        assert refused.value.kind is problems.BUSY
        assert dict(refused.value.headers)["retry-after"]
        go.set()
        assert await asyncio.gather(*some) == [True] * 3
        assert await threads.work(int) == 0

    asyncio.run(asking())


def test_an_export_that_is_over_holds_no_piece() -> None:
    class Piece:  # bytes cannot be watched
        pass

    made: list[weakref.ref[Piece]] = []

    def pieces() -> Iterator[Any]:
        while True:
            piece = Piece()
            made.append(weakref.ref(piece))
            yield piece
            del piece

    async def left() -> Export:
        with ThreadPoolExecutor(1) as threads:
            export = Export(pieces(), threads, set())
            sending = export.sent(await export.first(), None, 60)
            await anext(sending)
            await sending.aclose()
            export.close()
        return export

    over = asyncio.run(left())
    assert len(made) == 2
    assert [piece() for piece in made] == [None, None]
    del over


def test_what_fails_in_a_thread_fails_where_it_is_awaited_and_who_left_is_told_nothing() -> None:
    async def asking() -> None:
        threads, go = Threads("test", 1, 2, Metrics()), threading.Event()
        with pytest.raises(ZeroDivisionError):
            await threads.work(lambda: 1 / 0)
        left = asyncio.ensure_future(threads.work(go.wait))
        await asyncio.sleep(0)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        go.set()
        assert await threads.work(int) == 0

    asyncio.run(asking())


def test_an_export_that_fails_on_its_way_does_not_end_as_if_it_were_whole() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a"
        raise ZeroDivisionError

    async def sent(client: socket.socket) -> None:
        under_way: set[Export] = set()
        with ThreadPoolExecutor(1) as threads:
            export = Export(pieces(), threads, under_way)
            sending = export.sent(await export.first(), client.getsockname(), 60)
            assert await anext(sending) == b"a"
            with pytest.raises(ZeroDivisionError):
                await anext(sending)
            assert under_way == {export}
            export.close()
        assert not under_way

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        accepted, _ = listening.accept()
        with accepted:
            asyncio.run(sent(client))
            client.settimeout(5)
            assert client.recv(1) == b"", "cut off"


def test_who_is_no_client_is_not_cut_off() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        accepted, _ = listening.accept()
        with accepted:
            for other in (None, ("127.0.0.1", 1), ("192.0.2.1", client.getsockname()[1])):
                app._cut(other)
            accepted.sendall(b"a")
            assert client.recv(1) == b"a"


def test_a_process_holds_fewer_connections_than_it_may_open_files() -> None:
    assert 64 <= serve.connections() < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
