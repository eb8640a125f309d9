"""Rates, token buckets shared by processes, and the headers that tell of them."""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import resource
import stat
import time
import timeit
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits import Buckets, Rate, Taken, headers

NOW = 1_000_000.0  # so small that a float tells nanoseconds
TEN = Rate.parse("10/second")
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def buckets() -> Iterator[Buckets]:
    with closing(Buckets(None)) as found:
        yield found


def left(buckets: Buckets, name: bytes = b"a", rate: Rate = TEN, now: float = NOW) -> int:
    return buckets.take(name, rate, now, cost=0).remaining


# rates


@pytest.mark.parametrize(
    ("text", "count", "seconds"),
    [("600/minute", 600, 60), ("1/second", 1, 1), ("1000000/hour", 1_000_000, 3_600), ("7/day", 7, 86_400)],
)
def test_a_rate_is_read_and_written(text: str, count: int, seconds: int) -> None:
    rate = Rate.parse(text)
    assert (rate.count, rate.seconds) == (count, seconds)
    assert rate == Rate(count=count, seconds=seconds)
    assert str(rate) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "600", "600/", "/minute", "0/minute", "1000001/minute", "9999999/day", "-1/minute", "+1/minute"),
        *("1.5/minute", "1e3/minute", "600/minutes", "600/Minute", "600/week", "600 / minute", " 600/minute"),
        *("600/minute\n", "1_000/minute", "６００/minute", "600/60", "9" * 10_000 + "/minute"),
    ],
)
def test_what_is_no_rate_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"from 1 to 1,000,000 .* second, minute, hour, day, as in 600/minute$"
    ) as raised:
        Rate.parse(text)
    assert str(raised.value).startswith(repr(text[:40])[:-1])
    assert len(str(raised.value)) < 250


@pytest.mark.parametrize(("count", "seconds"), [(0, 60), (-1, 60), (1_000_001, 60), (1, 0), (1, 7)])
def test_no_rate_can_be_made_that_cannot_be_written(count: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="1 to 1,000,000"):
        Rate(count, seconds)


# one bucket


@pytest.mark.parametrize(
    "text", ["10/second", "7/minute", "600/minute", "999/hour", "86401/day", "1/day", "6000/second"]
)
def test_a_full_bucket_gives_exactly_its_count(buckets: Buckets, text: str) -> None:
    rate = Rate.parse(text)
    taken = [buckets.take(b"a", rate, NOW) for _ in range(rate.count)] if rate.count < 10_000 else []
    assert [each.remaining for each in taken if each.allowed] == list(range(len(taken)))[::-1]
    if not taken:
        assert buckets.take(b"a", rate, NOW, cost=rate.count).allowed
    assert not buckets.take(b"a", rate, NOW).allowed


def test_it_tells_what_is_left_and_when(buckets: Buckets) -> None:
    assert buckets.take(b"a", TEN, NOW) == Taken(allowed=True, remaining=9, reset=0.1, retry_after=0.0)
    for _ in range(8):
        buckets.take(b"a", TEN, NOW)
    assert buckets.take(b"a", TEN, NOW) == Taken(allowed=True, remaining=0, reset=1.0, retry_after=0.0)
    assert buckets.take(b"a", TEN, NOW) == Taken(allowed=False, remaining=0, reset=1.0, retry_after=0.1)
    assert buckets.take(b"a", TEN, NOW + 0.0625) == Taken(allowed=False, remaining=0, reset=0.9375, retry_after=0.0375)


def test_a_refused_request_takes_nothing(buckets: Buckets) -> None:
    buckets.take(b"a", TEN, NOW, cost=10)
    for _ in range(100):
        assert not buckets.take(b"a", TEN, NOW).allowed
    assert buckets.take(b"a", TEN, NOW + 0.1).allowed


def test_it_fills_again_evenly_and_never_above_the_count(buckets: Buckets) -> None:
    buckets.take(b"a", TEN, NOW, cost=10)
    assert [left(buckets, now=NOW + tenths / 10) for tenths in (0, 1, 5, 10, 99, 10**9)] == [0, 1, 5, 10, 10, 10]


def test_the_wait_it_tells_is_long_enough(buckets: Buckets) -> None:
    rate = Rate.parse("7/minute")
    buckets.take(b"a", rate, NOW, cost=7)
    wait = buckets.take(b"a", rate, NOW).retry_after
    assert not buckets.take(b"a", rate, NOW + wait - 0.001).allowed
    assert buckets.take(b"a", rate, NOW + wait + 0.001).allowed


def test_a_cost_is_taken_whole_or_not_at_all(buckets: Buckets) -> None:
    assert buckets.take(b"a", TEN, NOW, cost=7).remaining == 3
    assert buckets.take(b"a", TEN, NOW, cost=4) == Taken(allowed=False, remaining=3, reset=0.7, retry_after=0.1)
    assert buckets.take(b"a", TEN, NOW, cost=3).remaining == 0


def test_a_cost_of_nothing_only_looks_and_is_never_refused(buckets: Buckets) -> None:
    assert buckets.take(b"a", TEN, NOW, cost=0) == Taken(allowed=True, remaining=10, reset=0.0, retry_after=0.0)
    buckets.take(b"a", TEN, NOW, cost=10)
    for _ in range(3):
        assert buckets.take(b"a", TEN, NOW, cost=0) == Taken(allowed=True, remaining=0, reset=1.0, retry_after=0.0)
    assert buckets.take(b"a", TEN, NOW + 0.1).allowed


def test_a_cost_above_the_count_takes_a_full_bucket(buckets: Buckets) -> None:
    assert buckets.take(b"a", TEN, NOW, cost=11) == Taken(allowed=True, remaining=0, reset=1.0, retry_after=0.0)
    assert buckets.take(b"a", TEN, NOW + 0.9, cost=11).retry_after == pytest.approx(0.1)


def test_a_negative_cost_is_refused(buckets: Buckets) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        buckets.take(b"a", TEN, NOW, cost=-1)
    assert left(buckets) == 10


def test_buckets_of_different_names_are_apart(buckets: Buckets) -> None:
    buckets.take(b"a", TEN, NOW, cost=10)
    assert left(buckets, b"b") == left(buckets, b"") == left(buckets, b"a\0") == 10


def test_the_clock_is_the_system_s_by_default(buckets: Buckets) -> None:
    buckets.take(b"a", Rate.parse("10/day"), cost=4)
    assert left(buckets, rate=Rate.parse("10/day"), now=time.time()) == 6


def test_an_edited_rate_does_no_harm(buckets: Buckets) -> None:
    day, minute = Rate.parse("100/day"), Rate.parse("600/minute")
    buckets.take(b"a", day, NOW, cost=100)
    looked = buckets.take(b"a", minute, NOW, cost=0)
    assert (looked.remaining, looked.reset) == (0, 60.0)  # not empty for the rest of the day
    assert buckets.take(b"a", minute, NOW + 30).remaining == 299
    assert buckets.take(b"a", day, NOW + 30).remaining == 98  # half a minute is little of a day
    assert buckets.take(b"a", Rate.parse("1/second"), NOW + 30).remaining == 0
    assert buckets.take(b"a", Rate.parse("1/second"), NOW + 31).allowed


def test_a_clock_that_is_set_back_costs_one_window_at_most(buckets: Buckets) -> None:
    buckets.take(b"a", TEN, NOW, cost=5)
    for earlier in (NOW - 3_600, 1.0):
        looked = buckets.take(b"a", TEN, earlier, cost=0)
        assert (looked.remaining, looked.reset) == (0, 1.0)
        assert not buckets.take(b"a", TEN, earlier).allowed
        assert left(buckets, now=earlier + 0.5) == 5
        assert buckets.take(b"a", TEN, earlier + 1, cost=10).allowed


RATES = st.builds(Rate, st.sampled_from([1, 2, 5, 10, 100, 1_000]), st.sampled_from([1, 60, 3_600]))
STEPS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 12)), max_size=60)  # milliseconds later, cost


@given(RATES, STEPS)
def test_a_bucket_is_what_arithmetic_says(rate: Rate, steps: list[tuple[int, int]]) -> None:
    level, moment = Fraction(rate.count), 0
    with closing(Buckets(None, slots=8)) as buckets:
        for later, asked in steps:
            moment, cost = moment + later, min(asked, rate.count)
            level = min(Fraction(rate.count), level + Fraction(later * rate.count, 1_000 * rate.seconds))
            taken = buckets.take(b"a", rate, moment / 1_000, cost)
            assert taken.allowed == (cost <= level)
            level -= cost if taken.allowed else 0
            assert taken.remaining == int(level)
            assert taken.reset == pytest.approx(float((rate.count - level) * rate.seconds / rate.count))
            short = 0 if taken.allowed else cost - level
            assert taken.retry_after == pytest.approx(float(short * rate.seconds / rate.count))


# the table


def test_a_full_table_gives_up_the_bucket_that_is_nearest_to_full() -> None:
    with closing(Buckets(None, slots=8)) as buckets:
        names = [b"%d" % number for number in range(8)]
        for spent, name in enumerate(names, 1):
            buckets.take(name, TEN, NOW, cost=spent)
        assert [left(buckets, name) for name in names] == [9, 8, 7, 6, 5, 4, 3, 2]
        buckets.take(b"new", TEN, NOW, cost=9)
        assert [left(buckets, name) for name in [*names, b"new"]] == [10, 8, 7, 6, 5, 4, 3, 2, 1]


def test_a_bucket_that_is_full_again_leaves_its_slot() -> None:
    with closing(Buckets(None, slots=8)) as buckets:
        for number in range(7):
            buckets.take(b"%d" % number, TEN, NOW, cost=10)
        buckets.take(b"day", Rate.parse("10/day"), NOW, cost=1)
        for number in range(7, 14):
            buckets.take(b"%d" % number, TEN, NOW + 1, cost=9)
        assert [left(buckets, b"%d" % number, now=NOW + 1) for number in range(7, 14)] == [1] * 7
        assert left(buckets, b"day", Rate.parse("10/day"), NOW + 1) == 9


def test_moments_of_another_clock_hold_no_slot() -> None:
    with closing(Buckets(None, slots=8)) as buckets:
        for number in range(8):
            buckets.take(b"%d" % number, TEN, NOW + 10**8, cost=10)
        for name in (b"a", b"b"):
            buckets.take(name, TEN, NOW, cost=10)
        assert left(buckets, b"a") == left(buckets, b"b") == 0


def test_many_names_hardly_disturb_each_other(buckets: Buckets) -> None:
    names = [b"%d" % number for number in range(10_000)]
    for name in names:
        buckets.take(name, TEN, NOW)
    assert sum(left(buckets, name) == 9 for name in names) >= 9_990


@pytest.mark.parametrize("slots", [-1, 0, 7, 2**24 + 1])
def test_a_table_has_a_sensible_size(slots: int) -> None:
    with pytest.raises(ValueError, match="8 to 16777216 are allowed"):
        Buckets(None, slots)


# the file


def test_tables_of_one_path_are_one(tmp_path: Path) -> None:
    with closing(Buckets(tmp_path / "limits")) as one, closing(Buckets(tmp_path / "limits")) as two:
        assert one.take(b"a", TEN, NOW, cost=4).remaining == 6
        assert two.take(b"a", TEN, NOW, cost=4).remaining == 2
        assert not one.take(b"a", TEN, NOW, cost=4).allowed


def test_counts_outlive_the_process(tmp_path: Path) -> None:
    for remaining in (6, 2):
        with closing(Buckets(tmp_path / "limits")) as buckets:
            assert buckets.take(b"a", TEN, NOW, cost=4).remaining == remaining


def test_the_file_is_its_owner_s_alone_and_has_no_holes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "limits"
    with closing(Buckets(path, slots=1_000)):
        found = path.stat()
        assert stat.S_IMODE(found.st_mode) == 0o600
        assert found.st_size == 32 * 1_001
        assert found.st_blocks * 512 >= found.st_size
        assert os.listdir(path.parent) == ["limits"]  # noqa: PTH208


def test_without_a_path_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Buckets(None)) as one, closing(Buckets(None)) as two:
        one.take(b"a", TEN, NOW, cost=10)
        assert left(two) == 10
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("damage", ["empty", "short", "long", "magic", "version", "text", "other slots"])
def test_a_damaged_or_foreign_file_is_made_anew(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "limits"
    with closing(Buckets(path, slots=100)) as buckets:
        buckets.take(b"a", TEN, NOW, cost=10)
    whole = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "short": whole[:-1],
            "long": whole + b"\0",
            "magic": b"X" + whole[1:],
            "version": whole[:8] + b"\2" + whole[9:],
            "text": b"not a table\n" * 500,
            "other slots": whole,
        }[damage]
    )
    with closing(Buckets(path, slots=101 if damage == "other slots" else 100)) as buckets:
        assert left(buckets) == 10
        assert buckets.take(b"a", TEN, NOW, cost=10).allowed
    with closing(Buckets(path, slots=101 if damage == "other slots" else 100)) as buckets:
        assert left(buckets) == 0
    assert not caplog.records


@given(st.binary(min_size=32, max_size=32))
def test_a_slot_that_was_half_written_is_a_full_bucket(rubbish: bytes) -> None:
    with closing(Buckets(None, slots=8)) as buckets:
        buckets.take(b"a", TEN, NOW, cost=10)
        table = buckets._table
        place = next(place for place in range(32, 32 * 9, 32) if any(table[place : place + 32]))
        table[place + 16 : place + 32] = rubbish[:16]  # the name still holds
        for other in range(32, 32 * 9, 32):
            if other != place:
                table[other : other + 32] = rubbish
        assert left(buckets) == 10
        assert buckets.take(b"a", TEN, NOW, cost=10).allowed
        assert left(buckets) == 0


@pytest.mark.parametrize("obstacle", ["folder", "link", "file above"])
def test_where_the_file_cannot_be_had_it_counts_alone_and_warns_once(
    tmp_path: Path, obstacle: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "limits"
    if obstacle == "folder":
        path.mkdir()
    elif obstacle == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.touch()
        path = path / "limits"
    alone_and_warned(path, caplog)
    assert not (tmp_path / "elsewhere").exists()


def alone_and_warned(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), closing(Buckets(path)) as buckets:
        assert [buckets.take(b"a", TEN, NOW, cost=10).allowed for _ in range(3)] == [True, False, False]
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("plan_indicators", "WARNING")
    assert str(path) in record.message


def test_a_full_disk_leaves_nothing_half_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        alone_and_warned(tmp_path / "limits", caplog)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [*tmp_path.iterdir()]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_lived_with(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o500)
    try:
        alone_and_warned(tmp_path / "limits", caplog)
    finally:
        tmp_path.chmod(0o700)


def test_what_a_start_left_behind_that_was_killed_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "limits.new").write_bytes(b"half")
    with closing(Buckets(tmp_path / "limits")) as buckets:
        assert buckets.take(b"a", TEN, NOW).allowed
    assert [found.name for found in tmp_path.iterdir()] == ["limits"]


def test_nothing_stays_open(tmp_path: Path) -> None:
    def handles() -> int:
        return len([*Path("/proc/self/fd").iterdir()])

    before = handles()
    for damage in (False, True, False):
        if damage:
            (tmp_path / "limits").write_bytes(b"x")
        Buckets(tmp_path / "limits").close()
    Buckets(None).close()
    assert handles() == before


# several processes


def hammer(path: Path, rate: Rate, start: Any, told: Any) -> None:
    """What a process was allowed of 10,000 requests at once, and the file that it counted in."""
    start.wait(60)
    with closing(Buckets(path)) as buckets:
        told.put((sum(buckets.take(b"a", rate).allowed for _ in range(10_000)), path.stat().st_ino))


def hammered(path: Path, rate: Rate) -> int:
    start, told = SPAWN.Barrier(4), SPAWN.Queue()
    processes = [SPAWN.Process(target=hammer, args=(path, rate, start, told)) for _ in range(4)]
    for process in processes:
        process.start()
    found = [told.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
        process.close()
    told.close()
    told.join_thread()
    assert len({inode for _, inode in found}) == 1
    return sum(allowed for allowed, _ in found)


def test_four_processes_get_no_more_and_no_less_than_the_count(tmp_path: Path) -> None:
    path = tmp_path / "limits"
    path.write_bytes(b"damaged")  # all four find it so
    assert hammered(path, Rate.parse("10000/day")) == 10_000


def test_four_processes_get_the_count_and_what_was_refilled(tmp_path: Path) -> None:
    path, rate = tmp_path / "limits", Rate.parse("60000/minute")
    with closing(Buckets(path)) as buckets:
        start = time.time()
        assert buckets.take(b"a", rate, start, cost=50_000).allowed  # so that it is never full again meanwhile
        total = 50_000 + hammered(path, rate)
        while buckets.take(b"a", rate, end := time.time()).allowed:
            total += 1
        assert total == 60_000 + int((end - start) * 1_000)


def test_a_call_takes_microseconds(tmp_path: Path) -> None:
    """At most six times its digest and its lock, which are 1.6 microseconds where nothing else runs."""
    rate = Rate.parse("1000000/second")
    with closing(Buckets(tmp_path / "limits")) as buckets, (tmp_path / "other").open("wb") as other:

        def least() -> None:
            blake2b(b"data 192.0.2.7", digest_size=16).digest()
            fcntl.flock(other, fcntl.LOCK_EX)
            fcntl.flock(other, fcntl.LOCK_UN)

        calls = (least, lambda: buckets.take(b"data 192.0.2.7", rate))
        rounds = [[timeit.timeit(call, number=1_000) for call in calls] for _ in range(20)]
    floor, taking = (min(times) for times in zip(*rounds, strict=True))
    assert taking < 6 * floor


# headers


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (Taken(True, 599, 0.1, 0.0), {"ratelimit": '"data";r=599;t=1'}),
        (Taken(True, 600, 0.0, 0.0), {"ratelimit": '"data";r=600;t=0'}),
        (Taken(True, 0, 60.0, 0.0), {"ratelimit": '"data";r=0;t=60'}),
        (Taken(False, 0, 60.0, 0.0001), {"ratelimit": '"data";r=0;t=1', "retry-after": "1"}),
        (Taken(False, 3, 59.5, 7.0), {"ratelimit": '"data";r=3;t=7', "retry-after": "7"}),
        (Taken(False, 0, 86_400.0, 863.1), {"ratelimit": '"data";r=0;t=864', "retry-after": "864"}),
    ],
)
def test_the_headers_tell_the_policy_and_the_state(taken: Taken, expected: dict[str, str]) -> None:
    found = headers("data", Rate.parse("600/minute"), taken)
    assert {name.decode(): value.decode() for name, value in found} == {
        "ratelimit-policy": '"data";q=600;w=60',
        **expected,
    }
    assert len(found) == len(expected) + 1


def test_who_waits_as_told_is_let_in(buckets: Buckets) -> None:
    rate = Rate.parse("7/minute")
    for _ in range(7):
        buckets.take(b"a", rate, NOW)
    wait = int(dict(headers("data", rate, buckets.take(b"a", rate, NOW)))[b"retry-after"])
    assert wait == 9  # 60 / 7 = 8.57
    assert buckets.take(b"a", rate, NOW + wait).allowed


def test_what_is_taken_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Rate(1, 1).count = 2  # type: ignore[misc]
    assert msgspec.json.encode(Rate(5, 60)) == b'{"count":5,"seconds":60}'
