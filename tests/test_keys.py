"""API keys: what is stored of them, what opens something and how fast that ends, what they used, the command line."""

from __future__ import annotations

import contextlib
import logging
import random
import re
import shutil
import sqlite3
import stat
import string
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from api import key_file, key_ring, keys, usage
from api.command import keys as key_commands
from api.command.options import Commands
from api.key_file import Key, Refused, Unavailable, well_formed
from api.keys import Keys, Wrong
from api.limits import Rate
from api.usage import Usage
from tests import test_command

DIGITS = string.digits + string.ascii_letters
folder = test_command.folder  # a folder in which modes hold for root too


def made(data: Path, name: str = "partner", expires: datetime | None = None, rate: Rate | None = None) -> str:
    return key_ring.create(data, name, ["read"], rate, expires)[0]


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def reason(live: Keys, text: str) -> str:
    """Why a text opens nothing, or "open"."""
    try:
        live.find(text)
    except Wrong as error:
        return error.reason
    except Unavailable:
        return "unavailable"
    return "open"


def becomes(live: Keys, text: str, expected: str, within: float = 2.0) -> None:
    end = time.monotonic() + within
    while (now := reason(live, text)) != expected:
        assert time.monotonic() < end, now
        time.sleep(0.01)


def elsewhere(code: str, *arguments: object) -> str:
    """What another process prints."""
    command = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{code}", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def asked(data: Path, question: str, *values: object) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(data / key_file.FILE, isolation_level=None)) as connection:
        return connection.execute(question, values).fetchall()


def other(text: str) -> str:
    """A well-formed key that nobody made, with the prefix of another."""
    body = text[:12] + ("A" if text[12] != "A" else "B") + text[13:-6]
    return body + checksum(body)


def unmade() -> str:
    """A well-formed key that nobody made."""
    body = "pik_" + "".join(random.choices(DIGITS, k=40))  # noqa: S311
    return body + checksum(body)


def checksum(body: str) -> str:
    digits, rest = string.digits + string.ascii_uppercase + string.ascii_lowercase, zlib.crc32(body.encode())
    return "".join(digits[rest // 62**place % 62] for place in range(5, -1, -1))


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """The file, held by another program that lets nobody else read."""
    with contextlib.closing(sqlite3.connect(data / key_file.FILE, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("UPDATE state SET version = version + 1")
        yield
        connection.execute("ROLLBACK")


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Keys]:
    found = Keys(tmp_path)
    yield found
    found.close()


@pytest.fixture
def used(tmp_path: Path) -> Iterator[Usage]:
    found = Usage(tmp_path)
    yield found
    found.close()


# --- the text


def test_a_key_has_the_documented_form(tmp_path: Path) -> None:
    text, key = key_ring.create(tmp_path, "partner", ["read"], None, None)
    (pattern,) = re.findall(r"^    (pik_.*)$", key_file.__doc__ or "", re.MULTILINE)
    assert re.fullmatch(pattern, text, re.ASCII)
    assert text.startswith(key.prefix)
    assert len(key.prefix) == 12
    assert 62 ** len(text[12:-6]) > 2**190
    assert text[-6:] == checksum(text[:-6])
    assert well_formed(text)


def test_keys_are_all_different(tmp_path: Path) -> None:
    texts = [made(tmp_path) for _ in range(50)]
    assert len({text[:12] for text in texts}) == len({text[12:-6] for text in texts}) == 50


def test_the_checksum_catches_each_single_changed_character(tmp_path: Path) -> None:
    text = made(tmp_path)
    changed = [text[:at] + one + text[at + 1 :] for at in range(len(text)) for one in DIGITS if one != text[at]]
    assert len(changed) > 3000
    assert not any(well_formed(each) for each in changed)


@pytest.mark.parametrize("wrap", ["{}\n", " {}", "{}A", "{}\0", "٣{}", "{}" * 2])
def test_what_is_more_than_a_key_is_malformed(wrap: str, tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    for each in (
        wrap.replace("{}", text),
        "",
        "pik_",
        "é" * 50,
        "pik_" + "٣" * 46,
        text[:-1],
        text.lower(),
        "x" * 10**6,
    ):
        assert not well_formed(each)
        assert reason(live, each) == "malformed"


def test_a_malformed_key_needs_no_look_up(tmp_path: Path, live: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(_: Keys) -> None:
        raise AssertionError

    monkeypatch.setattr(Keys, "_look", no)
    assert reason(live, "pik_" + "0" * 46) == "malformed"


# --- the file


def test_the_files_never_hold_the_text_of_a_key(tmp_path: Path, live: Keys) -> None:
    first = made(tmp_path)
    texts = [first, key_ring.rotate(tmp_path, first, timedelta(1))[0]]
    becomes(live, texts[1], "open")
    key_ring.revoke(tmp_path, texts[1])
    seen = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    live.close()
    seen |= {f"{path.name} after": path.read_bytes() for path in tmp_path.iterdir()}
    assert f"{key_file.FILE}-wal" in seen
    held = b"".join(seen.values())
    for text in texts:
        assert text[:12].encode() in held
        assert text.encode() not in held
        assert text[12:].encode() not in held
        assert text[12:-6].encode() not in held


def test_the_files_are_for_their_owner_alone(tmp_path: Path, live: Keys) -> None:
    becomes(live, made(tmp_path), "open")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {f"{key_file.FILE}{end}": 0o600 for end in ("", "-shm", "-wal")}


def test_the_file_is_in_wal_mode_and_tells_its_schema(tmp_path: Path) -> None:
    key_file.make(tmp_path)
    assert asked(tmp_path, "PRAGMA journal_mode") == [("wal",)]
    assert asked(tmp_path, "PRAGMA user_version") == [(key_file.SCHEMA_VERSION,)]


def test_making_the_file_again_keeps_what_is_in_it(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    key_file.make(tmp_path)
    becomes(live, text, "open")


def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    text = made(tmp_path)
    asked(tmp_path, "PRAGMA user_version = 2")
    assert reason(Keys(tmp_path), text) == "unavailable"
    with pytest.raises(Refused, match="another version"):
        made(tmp_path)


def test_a_log_without_its_file_is_never_taken_for_a_new_files(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    key_ring.revoke(tmp_path, text)
    (tmp_path / key_file.FILE).unlink()
    assert reason(Keys(tmp_path), text) == "unavailable"
    for call in (made, key_file.make, key_ring.listed, lambda data: key_ring.revoke(data, text)):
        with pytest.raises(Refused):
            call(tmp_path)


# --- what opens something


def test_a_key_is_found_with_all_that_is_known_of_it(tmp_path: Path, live: Keys) -> None:
    end = soon(60)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    text, key = key_ring.create(tmp_path, "合作伙伴 1", ["export", "read"], Rate.parse("600/minute"), end)
    becomes(live, text, "open")
    assert live.find(text) == key
    assert (key.name, key.scopes, str(key.rate)) == ("合作伙伴 1", frozenset({"read", "export"}), "600/minute")
    assert before <= key.created <= datetime.now(UTC)
    assert key.expires == end.replace(microsecond=end.microsecond // 1000 * 1000)
    assert (key.last_used, key.revoked, key.rotated_to) == (None, None, None)


def test_without_a_rate_or_an_end_a_key_has_none(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    assert (live.find(text).rate, live.find(text).expires) == (None, None)


def test_a_key_that_nobody_made_is_unknown_with_a_prefix_that_is_known_or_not(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    for wrong in (other(text), unmade()):
        assert well_formed(wrong)
        assert reason(live, wrong) == "unknown"


def test_every_comparison_takes_the_same_steps(tmp_path: Path, live: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    lengths = []

    def compare(first: bytes, second: bytes) -> bool:
        lengths.append((len(first), len(second)))
        return first == second

    monkeypatch.setattr(keys, "compare_digest", compare)
    for each, expected in ((text, "open"), (other(text), "unknown"), (unmade(), "unknown")):
        assert reason(live, each) == expected
    assert lengths == [(32, 32)] * 3


def test_an_expired_key_is_refused_and_only_its_holder_learns_why(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path, expires=soon(1.2))
    becomes(live, text, "open")
    becomes(live, text, "expired")
    assert reason(live, other(text)) == "unknown"


def test_a_revoked_key_is_refused_and_only_its_holder_learns_why(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path, expires=soon(0.1))
    key_ring.revoke(tmp_path, text[:12])
    becomes(live, text, "revoked", within=1)
    assert reason(live, other(text)) == "unknown"


def test_revoking_in_another_process_holds_within_a_second_in_every_process(tmp_path: Path) -> None:
    text = made(tmp_path)
    asking = (
        "import time\nfrom api import keys\nlive = keys.Keys(Path(sys.argv[1]))\nlive.find(sys.argv[2])\n"
        "print('open', flush=True)\n"
        "try:\n    while True:\n        live.find(sys.argv[2])\n        time.sleep(0.002)\n"
        "except keys.Wrong as error:\n    print(error.reason, time.time())\nlive.close()"
    )
    command = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{asking}", str(tmp_path), text]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "open\n"
        key_ring.revoke(tmp_path, text)
        revoked = time.time()
        for worker in workers:
            said, _ = worker.communicate(timeout=10)
            why, at = said.split()
            assert why == "revoked"
            assert float(at) - revoked < 1
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_keys_made_and_changed_by_hand_are_seen_too(tmp_path: Path, live: Keys) -> None:
    text = elsewhere(
        "from api import key_ring\nprint(key_ring.create(Path(sys.argv[1]), 'n', ['read'], None, None)[0])", tmp_path
    )
    text = text.strip()
    becomes(live, text, "open")
    asked(tmp_path, "DELETE FROM keys")
    becomes(live, text, "unknown")


def test_the_file_is_looked_at_no_more_than_four_times_a_second(
    tmp_path: Path, live: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    looks = []
    read = Keys._read

    def counted(self: Keys) -> None:
        looks.append(1)
        read(self)

    monkeypatch.setattr(Keys, "_read", counted)
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        live.find(text)
    assert 1 <= len(looks) <= 3


def test_keys_are_read_again_only_when_they_changed(tmp_path: Path, live: Keys, used: Usage) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    used.count(text[:12], "read", 1)
    used.flush()
    live._looked = float("-inf")
    live.find(text)
    rows = live._rows
    for _ in range(3):
        used.count(text[:12], "read", 1)
        used.flush()
        live._looked = float("-inf")
        live.find(text)
    assert live._rows is rows
    key_ring.revoke(tmp_path, text)
    becomes(live, text, "revoked")
    assert live._rows is not rows


def test_ten_thousand_keys_are_no_slower_to_find(tmp_path: Path, live: Keys) -> None:
    def duration() -> float:
        start = time.perf_counter()
        for _ in range(1000):
            live.find(text)
        return time.perf_counter() - start

    text = made(tmp_path)
    becomes(live, text, "open")
    alone = min(duration() for _ in range(5))
    with key_ring._changing(tmp_path) as connection:
        for _ in range(10_000):
            last, _ = key_ring._add(connection, "n", ["read"], None, None)
    becomes(live, last, "open", within=3)
    assert min(duration() for _ in range(5)) < 3 * alone


def test_many_threads_may_ask_at_once(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    found: list[str] = []

    def ask() -> None:
        for _ in range(300):
            live._looked = float("-inf")
            found.append(reason(live, text))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {"open"}


# --- a file that cannot be used


def test_before_the_first_key_all_are_unknown_and_the_first_is_seen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "absent"
    live = Keys(data)
    text = made(tmp_path / "aside")
    assert reason(live, text) == "unknown"
    assert not data.exists()
    text = made(data)
    becomes(live, text, "open")
    live.close()
    assert not caplog.records


def test_a_file_that_goes_makes_keys_unavailable_until_it_is_back(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    live.close()
    (tmp_path / key_file.FILE).rename(tmp_path / "aside")
    becomes(live, text, "unavailable")
    with pytest.raises(Unavailable, match="gone"):
        live.find(text)
    assert reason(live, "pik_") == "malformed"
    (tmp_path / "aside").rename(tmp_path / key_file.FILE)
    becomes(live, text, "open")


def test_another_file_in_its_place_is_taken_up(tmp_path: Path, live: Keys) -> None:
    first, second = made(tmp_path / "a"), made(tmp_path / "b")
    shutil.copy(tmp_path / "a" / key_file.FILE, tmp_path / key_file.FILE)
    becomes(live, first, "open")
    (tmp_path / "b" / key_file.FILE).rename(tmp_path / key_file.FILE)
    becomes(live, second, "open")
    assert reason(live, first) == "unknown"


@pytest.mark.parametrize("content", [b"", b"junk " * 4000, bytes(8192), b"SQLite format 3\0" + b"\xff" * 9000])
@pytest.mark.parametrize("running", [True, False])
def test_a_damaged_file_makes_keys_unavailable(content: bytes, running: bool, tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    if not running:
        live.close()
    (tmp_path / key_file.FILE).write_bytes(content)
    becomes(live if running else Keys(tmp_path), text, "unavailable")
    for call in (
        made,
        key_ring.listed,
        lambda data: key_ring.revoke(data, text),
        lambda data: key_ring.rotate(data, text, timedelta(1)),
    ):
        with pytest.raises(Refused) as refused:
            call(tmp_path)
        assert "\n" not in str(refused.value)
    assert (tmp_path / key_file.FILE).read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE keys SET rate_count = 'x', rate_seconds = 7",
        "UPDATE keys SET created = 9e18",
        "UPDATE keys SET expires = 'x'",
        "UPDATE keys SET name = CAST(x'ff' AS TEXT)",
        "DELETE FROM state",
    ],
)
def test_rows_that_were_not_written_here_make_keys_unavailable(change: str, tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    asked(tmp_path, change)
    becomes(live, text, "unavailable")
    if "state" not in change:
        with pytest.raises(Refused):
            key_ring.listed(tmp_path)


def test_a_locked_file_makes_keys_unavailable_and_waits_for_nothing(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    with locked(tmp_path):
        start = time.monotonic()
        assert reason(Keys(tmp_path), text) == "unavailable"
        with pytest.raises(Unavailable, match="locked"):
            Keys(tmp_path).find(text)
        assert time.monotonic() - start < 0.5
    becomes(live, text, "open")


def test_a_writer_at_work_stops_nobody_from_reading(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    with key_ring._changing(tmp_path):
        end = time.monotonic() + 1.2
        while time.monotonic() < end:
            live.find(text)
            time.sleep(0.01)


def test_what_was_read_holds_through_a_short_trouble_only(tmp_path: Path, live: Keys) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    live.close()
    live.find(text)
    live.close()
    with locked(tmp_path):
        assert reason(live, text) == "open"
        becomes(live, text, "unavailable")
    becomes(live, text, "open")


def test_trouble_is_logged_once_and_tells_nothing_secret(
    tmp_path: Path, live: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    text = made(tmp_path)
    becomes(live, text, "open")
    live.close()
    (tmp_path / key_file.FILE).unlink()
    becomes(live, text, "unavailable")
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        assert reason(live, text) == "unavailable"
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("plan_indicators", logging.WARNING)
    assert "gone" in record.getMessage()
    assert text[12:] not in caplog.text


def test_a_read_only_folder_stops_neither_the_server_nor_its_keys(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(Refused, match="Permission denied"):
        key_file.make(folder)
    live, text = Keys(folder), unmade()
    assert reason(live, text) == "unknown"
    folder.chmod(0o700)
    text = made(folder)
    for mode in (0o500, 0o700, 0o500):
        folder.chmod(mode)
        for each in (live, Keys(folder)):
            becomes(each, text, "open")
            each.close()
    with pytest.raises(Refused, match="cannot be written"):
        key_ring.revoke(folder, text)
    assert key_ring.listed(folder)
    folder.chmod(0o700)
    key_ring.revoke(folder, text)
    folder.chmod(0o500)
    becomes(live, text, "revoked")
    live.close()


def test_a_log_that_cannot_be_read_is_never_passed_over(folder: Path, live: Keys) -> None:
    text = made(folder)
    becomes(live, text, "open")
    key_ring.revoke(folder, text)
    left = folder / "left"
    left.mkdir()
    for end in ("", "-wal"):
        shutil.copy(folder / f"{key_file.FILE}{end}", left)
    (left / f"{key_file.FILE}-wal").chmod(0)
    left.chmod(0o500)
    assert reason(Keys(left), text) == "unavailable"


def test_a_file_that_may_not_be_read_makes_keys_unavailable(folder: Path) -> None:
    text = made(folder)
    (folder / key_file.FILE).chmod(0)
    assert reason(Keys(folder), text) == "unavailable"
    with pytest.raises(Refused, match="cannot be opened"):
        key_ring.listed(folder)


def test_a_folder_that_may_not_be_read_makes_keys_unavailable(folder: Path) -> None:
    text = made(folder / "data")
    (folder / "data").chmod(0)
    assert reason(Keys(folder / "data"), text) == "unavailable"
    with pytest.raises(Refused, match="Permission denied"):
        key_ring.listed(folder / "data")


# --- made, listed, rotated, revoked


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\tb", "a\n", "a\0b", "\u202eabc", "\ud800"])
def test_a_name_is_1_to_100_printable_characters(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="1 to 100 printable"):
        key_ring.create(tmp_path, name, ["read"], None, None)
    assert list(tmp_path.iterdir()) == []


def test_scopes_and_ends_that_cannot_be_are_refused(tmp_path: Path) -> None:
    for scopes in ([], ["write"], ["read", "Export"]):
        with pytest.raises(Refused, match="read and export"):
            key_ring.create(tmp_path, "n", scopes, None, None)
    with pytest.raises(Refused, match="past"):
        key_ring.create(tmp_path, "n", ["read"], None, soon(-1))
    assert list(tmp_path.iterdir()) == []


def test_keys_are_listed_oldest_first_and_none_before_the_first(tmp_path: Path) -> None:
    assert key_ring.listed(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    texts = []
    for name in ("b", "a", "c"):
        texts.append(made(tmp_path, name))
        time.sleep(0.002)
    assert [(key.prefix, key.name) for key in key_ring.listed(tmp_path)] == [
        (text[:12], name) for text, name in zip(texts, "bac", strict=True)
    ]


def test_a_rotated_key_works_on_until_its_grace_is_over(tmp_path: Path, live: Keys) -> None:
    end = soon(3600)
    old, first = key_ring.create(tmp_path, "partner", ["read", "export"], Rate.parse("7/day"), end)
    new, second = key_ring.rotate(tmp_path, first.prefix, timedelta(seconds=1.5))
    for each in (old, new):
        becomes(live, each, "open", within=1)
    for field in ("name", "scopes", "rate", "expires"):
        assert getattr(first, field) == getattr(second, field)
    found = live.find(old)
    assert (found.rotated_to, found.state(datetime.now(UTC))) == (second.prefix, "rotated")
    becomes(live, old, "expired")
    assert reason(live, new) == "open"


def test_rotating_without_grace_ends_the_old_key_at_once(tmp_path: Path, live: Keys) -> None:
    old = made(tmp_path)
    becomes(live, old, "open")
    new, _ = key_ring.rotate(tmp_path, old, timedelta(0))
    becomes(live, old, "expired", within=1)
    becomes(live, new, "open")


def test_grace_never_makes_a_key_live_longer(tmp_path: Path) -> None:
    _, key = key_ring.create(tmp_path, "n", ["read"], None, soon(60))
    key_ring.rotate(tmp_path, key.prefix, timedelta(days=7))
    assert {each.expires for each in key_ring.listed(tmp_path)} == {key.expires}


def test_a_key_that_is_no_longer_active_is_not_rotated(tmp_path: Path) -> None:
    revoked, expired, rotated = made(tmp_path), made(tmp_path, expires=soon(0.05)), made(tmp_path)
    key_ring.revoke(tmp_path, revoked)
    _, successor = key_ring.rotate(tmp_path, rotated, timedelta(1))
    time.sleep(0.06)
    for text, why in ((revoked, "revoked"), (expired, "expired"), (rotated, f"rotated to {successor.prefix}")):
        with pytest.raises(Refused, match=f"^{text[:12]} is {why}: not rotated$"):
            key_ring.rotate(tmp_path, text, timedelta(1))
    assert len(key_ring.listed(tmp_path)) == 4


@pytest.mark.parametrize("grace", [timedelta(-1), timedelta(days=3651), timedelta.max])
def test_a_grace_that_cannot_be_is_refused(grace: timedelta, tmp_path: Path) -> None:
    text = made(tmp_path)
    with pytest.raises(Refused, match="grace"):
        key_ring.rotate(tmp_path, text, grace)


def test_revoking_again_changes_nothing(tmp_path: Path) -> None:
    text = made(tmp_path)
    first = key_ring.revoke(tmp_path, text)
    assert first.revoked is not None
    time.sleep(0.005)
    assert key_ring.revoke(tmp_path, text[:12]) == first


def test_revoking_the_old_key_leaves_its_successor(tmp_path: Path, live: Keys) -> None:
    old = made(tmp_path)
    new, _ = key_ring.rotate(tmp_path, old, timedelta(1))
    key_ring.revoke(tmp_path, old)
    becomes(live, old, "revoked")
    assert reason(live, new) == "open"


@pytest.mark.parametrize("call", [key_ring.revoke, lambda data, prefix: key_ring.rotate(data, prefix, timedelta(1))])
def test_an_unknown_prefix_is_a_clear_failure(call: Callable[[Path, str], object], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no key was made there yet"):
        call(tmp_path, "pik_00000000")
    assert list(tmp_path.iterdir()) == []
    text = made(tmp_path)
    with pytest.raises(Refused, match=r"^no key has the prefix pik_00000000$"):
        call(tmp_path, "pik_00000000")
    for damaged in (text[:-1], text + "0", text[:11], "pik_%", "", "pik_0000000'"):
        with pytest.raises(Refused, match="neither a prefix") as refused:
            call(tmp_path, damaged)
        assert text[12:20] not in str(refused.value)


def test_a_change_that_fails_in_the_middle_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = made(tmp_path)
    before = key_ring.listed(tmp_path)
    monkeypatch.setattr(key_ring, "milliseconds", lambda moment: None if moment is None else 1 << 70)
    with pytest.raises(OverflowError):
        key_ring.rotate(tmp_path, text, timedelta(1))
    assert key_ring.listed(tmp_path) == before


def test_keys_made_by_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    code = "from api import key_ring\nfor _ in range(20): key_ring.create(Path(sys.argv[1]), 'n', ['read'], None, None)"
    command = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{code}", str(tmp_path)]
    for worker in [subprocess.Popen(command) for _ in range(3)]:
        assert worker.wait(60) == 0
    assert len(key_ring.listed(tmp_path)) == 60
    assert {path.name for path in tmp_path.iterdir()} <= {f"{key_file.FILE}{end}" for end in ("", "-shm", "-wal")}


def test_nothing_shown_of_a_key_is_secret(tmp_path: Path, live: Keys) -> None:
    text, key = key_ring.create(tmp_path, "n", ["read"], None, None)
    becomes(live, text, "open")
    digest = key_file.digest(text)
    with pytest.raises(Wrong) as wrong:
        live.find(other(text))
    for shown in (
        repr(key),
        str(key),
        repr(live),
        repr(key_ring.listed(tmp_path)),
        repr(wrong.value),
        str(wrong.value),
    ):
        assert text[12:] not in shown
        assert other(text)[12:] not in shown
        assert digest.hex() not in shown
        assert repr(digest) not in shown
    assert "digest" not in Key.__struct_fields__


# --- what keys used


def totals(data: Path) -> list[tuple[object, ...]]:
    return asked(data, "SELECT prefix, budget, sum(requests), sum(bytes) FROM usage GROUP BY 1, 2 ORDER BY 1, 2")


def test_counts_are_read_by_day_and_budget(tmp_path: Path, used: Usage) -> None:
    prefix, stranger = made(tmp_path)[:12], made(tmp_path)[:12]
    for _ in range(3):
        used.count(prefix, "read", 100)
    used.count(prefix, "export", 10**12)
    used.count(stranger, "read", 1)
    today = datetime.now(UTC).date()
    assert [(each.day, each.budget, each.requests, each.bytes) for each in used.read(prefix)] == [
        (today, "export", 1, 10**12),
        (today, "read", 3, 300),
    ]
    assert used.read("pik_00000000") == []


def test_usage_is_read_newest_first_for_so_many_days(tmp_path: Path, used: Usage) -> None:
    prefix = made(tmp_path)[:12]
    today = datetime.now(UTC).date()
    for ago in (1, 0, 30, 31):
        day = (today - timedelta(ago)).isoformat()
        asked(tmp_path, "INSERT INTO usage VALUES (?, ?, 'read', 1, 1)", prefix, day)
    assert [(today - each.day).days for each in used.read(prefix)] == [0, 1, 30]
    assert [(today - each.day).days for each in used.read(prefix, days=1)] == [0]


def test_counting_touches_no_file_and_a_thread_writes_within_about_a_second(tmp_path: Path, used: Usage) -> None:
    prefix = made(tmp_path)[:12]
    used.count(prefix, "read", 5)
    assert totals(tmp_path) == []
    end = time.monotonic() + 3
    while totals(tmp_path) != [(prefix, "read", 1, 5)]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_thread_ends_with_the_process_and_with_close(tmp_path: Path) -> None:
    prefix = made(tmp_path)[:12]
    found = Usage(tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name == "usage"]
    found.count(prefix, "read", 1)
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "usage")
    assert thread.daemon
    found.close()
    assert not thread.is_alive()
    assert totals(tmp_path) == [(prefix, "read", 1, 1)]
    found.close()
    assert totals(tmp_path) == [(prefix, "read", 1, 1)]


def test_use_is_told_of_the_key_and_never_goes_back(tmp_path: Path, used: Usage) -> None:
    prefix = made(tmp_path)[:12]
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    used.count(prefix, "read", 1)
    used.flush()
    (key,) = key_ring.listed(tmp_path)
    assert key.last_used is not None
    assert before <= key.last_used <= datetime.now(UTC)
    late = 4_000_000_000_000
    asked(tmp_path, "UPDATE keys SET last_used = ?", late)
    used.count(prefix, "read", 1)
    used.flush()
    assert asked(tmp_path, "SELECT last_used FROM keys") == [(late,)]


def test_counts_of_several_processes_add_up(tmp_path: Path) -> None:
    prefix = made(tmp_path)[:12]
    code = (
        "from api.usage import Usage\nused = Usage(Path(sys.argv[1]))\n"
        "for turn in range(40):\n    for _ in range(25): used.count(sys.argv[2], 'read', 7)\n    used.flush()\nused.close()"
    )
    command = [sys.executable, "-c", f"import sys\nfrom pathlib import Path\n{code}", str(tmp_path), prefix]
    for worker in [subprocess.Popen(command) for _ in range(2)]:
        assert worker.wait(60) == 0
    assert totals(tmp_path) == [(prefix, "read", 2000, 14000)]


def test_counts_of_several_threads_add_up_while_they_are_written(tmp_path: Path, used: Usage) -> None:
    prefix = made(tmp_path)[:12]

    def work() -> None:
        for turn in range(500):
            used.count(prefix, "read", 2)
            if turn % 50 == 0:
                used.flush()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used.flush()
    assert totals(tmp_path) == [(prefix, "read", 2000, 4000)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_WAIT", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_locked_file_loses_no_count_and_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = made(tmp_path)
    used = Usage(tmp_path)
    with locked(tmp_path):
        for _ in range(3):
            used.count(text[:12], "read", 1)
            used.flush()
        with pytest.raises(Unavailable, match="locked"):
            used.read(text[:12])
    used.count(text[:12], "read", 1)
    used.close()
    assert totals(tmp_path) == [(text[:12], "read", 4, 4)]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("plan_indicators", logging.WARNING)
    assert "locked" in record.getMessage()
    assert text[12:] not in caplog.text


@pytest.mark.usefixtures("impatient")
def test_a_damaged_or_missing_file_loses_no_count(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    prefix = made(tmp_path)[:12]
    path = tmp_path / key_file.FILE
    whole = path.read_bytes()
    used = Usage(tmp_path)
    path.write_bytes(b"junk " * 4000)
    used.count(prefix, "read", 1)
    used.flush()
    path.unlink()
    used.count(prefix, "read", 1)
    used.flush()
    assert not path.exists()
    path.write_bytes(whole)
    used.close()
    assert totals(tmp_path) == [(prefix, "read", 2, 2)]
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


def test_a_writing_that_breaks_off_counts_nothing_twice(
    tmp_path: Path, used: Usage, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = made(tmp_path)[:12]
    used.count(prefix, "read", 1)
    with monkeypatch.context() as broken:
        broken.setattr(usage, "_day", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            used.flush()
    asked(tmp_path, "CREATE TRIGGER broken BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'no'); END")
    used.flush()  # after the counts, before the end
    asked(tmp_path, "DROP TRIGGER broken")
    used.flush()
    assert totals(tmp_path) == [(prefix, "read", 1, 1)]


def test_what_waits_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(usage, "_MOST", 3)
    used = Usage(tmp_path)
    prefixes = [made(tmp_path)[:12] for _ in range(5)]
    for prefix in prefixes * 2:
        used.count(prefix, "read", 1)
    used.close()
    assert len(caplog.records) == 1
    assert totals(tmp_path) == [(prefix, "read", 2, 2) for prefix in sorted(prefixes[:3])]


def test_usage_of_more_than_400_days_is_deleted(tmp_path: Path, used: Usage) -> None:
    prefix = made(tmp_path)[:12]
    today = datetime.now(UTC).date()
    for ago in (400, 401, 1000):
        day = (today - timedelta(ago)).isoformat()
        asked(tmp_path, "INSERT INTO usage VALUES (?, ?, 'read', 1, 1)", prefix, day)
    used.count(prefix, "read", 1)
    used.flush()
    days = [date.fromisoformat(str(day)) for (day,) in asked(tmp_path, "SELECT day FROM usage ORDER BY day")]
    assert days == [today - timedelta(400), today]


# --- the command line


@click.group(cls=Commands)
def main() -> None:
    """The command that the keys belong to."""


main.add_command(key_commands.keys)


def run(data: Path, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["keys", *arguments, "--data", str(data)])
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def table(data: Path) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in run(data, "list").stdout.splitlines()]
    assert header == ["prefix", "name", "scopes", "rate", "created", "expires", "last_used", "state"]
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_create_prints_the_key_alone_and_a_hint_beside(tmp_path: Path, live: Keys) -> None:
    result = run(tmp_path, "create", "--name", "合作伙伴")
    text = result.stdout.removesuffix("\n")
    assert well_formed(text)
    assert text[:12] in result.stderr
    assert text[12:] not in result.stderr
    becomes(live, text, "open")
    assert live.find(text).scopes == {"read"}


def test_create_takes_scopes_rate_and_end(tmp_path: Path) -> None:
    options = ["--scope", "export", "--scope", "read", "--rate", "600/minute", "--expires", "90d"]
    run(tmp_path, "create", "--name", "all of them", *options)
    run(tmp_path, "create", "--name", "bulk", "--scope", "export", "--expires", "2999-12-31")
    first, second = key_ring.listed(tmp_path)
    assert (first.scopes, first.rate) == (frozenset({"read", "export"}), Rate(600, 60))
    assert first.expires is not None
    assert timedelta(0) <= datetime.now(UTC) + timedelta(days=90) - first.expires < timedelta(minutes=1)
    assert (second.scopes, second.rate) == (frozenset({"export"}), None)
    assert second.expires == datetime(2999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(("text", "span"), [("12h", timedelta(hours=12)), ("30m", timedelta(minutes=30))])
def test_an_end_may_be_hours_or_minutes_away(text: str, span: timedelta, tmp_path: Path) -> None:
    run(tmp_path, "create", "--name", "n", "--expires", text)
    (key,) = key_ring.listed(tmp_path)
    assert key.expires is not None
    assert timedelta(0) <= datetime.now(UTC) + span - key.expires < timedelta(seconds=30)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--name", ""],
        ["--name", "a\tb"],
        ["--name", "x" * 101],
        *(["--name", "n", "--rate", bad] for bad in ("600", "600/fortnight", "0/minute", "-1/day", "600/minute\n", "")),
        *(["--name", "n", "--scope", bad] for bad in ("write", "", "read,export")),
        *(["--name", "n", "--expires", bad] for bad in ("", "90", "0d", "-1d", "3651d", "999999d", "90d\n")),
        *(
            ["--name", "n", "--expires", bad]
            for bad in ("2020-01-31", "2999-02-30", "20990131", "2999-1-1", "٩d", "soon")
        ),
    ],
)
def test_wrong_usage_of_create_makes_nothing(options: list[str], tmp_path: Path) -> None:
    result = run(tmp_path, "create", *options, status=2)
    assert result.stdout == ""
    assert result.stderr.startswith("plan-indicators: ")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_rate_says_what_is_allowed(tmp_path: Path) -> None:
    assert "600/minute" in run(tmp_path, "create", "--name", "n", "--rate", "fast", status=2).stderr
    assert "90d" in run(tmp_path, "create", "--name", "n", "--expires", "never", status=2).stderr
    assert "7d" in run(tmp_path, "rotate", "--help").output


def test_list_shows_each_key_and_nothing_secret(tmp_path: Path, used: Usage) -> None:
    assert table(tmp_path) == []
    texts = [
        run(tmp_path, "create", "--name", name, *more).stdout.strip()
        for name, *more in (["a"], ["b b", "--rate", "5/second", "--scope", "read", "--scope", "export"], ["c"])
    ]
    used.count(texts[0][:12], "read", 1)
    used.flush()
    run(tmp_path, "revoke", texts[1][:12])
    texts.append(run(tmp_path, "rotate", texts[2][:12]).stdout.strip())
    rows = {row["prefix"]: row for row in table(tmp_path)}
    assert [rows[text[:12]]["state"] for text in texts] == ["active", "revoked", "rotated", "active"]
    assert [rows[text[:12]]["name"] for text in texts] == ["a", "b b", "c", "c"]
    assert (rows[texts[1][:12]]["scopes"], rows[texts[1][:12]]["rate"]) == ("read,export", "5/second")
    assert (rows[texts[0][:12]]["scopes"], rows[texts[0][:12]]["rate"]) == ("read", "")
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    assert all(moment.fullmatch(row["created"]) for row in rows.values())
    assert moment.fullmatch(rows[texts[0][:12]]["last_used"])
    assert moment.fullmatch(rows[texts[2][:12]]["expires"])
    assert rows[texts[0][:12]]["expires"] == rows[texts[1][:12]]["last_used"] == ""
    shown = run(tmp_path, "list").output
    for text in texts:
        assert text[12:] not in shown
        assert key_file.digest(text).hex() not in shown


def test_rotate_prints_the_new_key_alone_and_gives_a_week(tmp_path: Path) -> None:
    old = made(tmp_path)
    result = run(tmp_path, "rotate", old)
    new = result.stdout.removesuffix("\n")
    assert well_formed(new)
    assert new != old
    assert old[12:] not in result.stderr
    first = next(key for key in key_ring.listed(tmp_path) if key.prefix == old[:12])
    assert first.expires is not None
    assert timedelta(0) <= datetime.now(UTC) + timedelta(days=7) - first.expires < timedelta(seconds=30)
    run(tmp_path, "rotate", new[:12], "--grace", "0m")
    assert [row["state"] for row in table(tmp_path)].count("expired") == 1


@pytest.mark.parametrize("grace", ["", "7", "-7d", "1w", "3651d", "2999-01-01"])
def test_a_bad_grace_is_wrong_usage(grace: str, tmp_path: Path) -> None:
    text = made(tmp_path)
    run(tmp_path, "rotate", text, "--grace", grace, status=2)
    assert len(key_ring.listed(tmp_path)) == 1


def test_revoke_takes_a_prefix_or_a_whole_key_and_may_be_repeated(tmp_path: Path) -> None:
    for text in (made(tmp_path)[:12], made(tmp_path)):
        for _ in range(2):
            assert run(tmp_path, "revoke", text).stdout == f"revoked {text[:12]} (partner)\n"
    assert [row["state"] for row in table(tmp_path)] == ["revoked"] * 2


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_what_names_no_key_is_one_line_without_a_secret(command: str, tmp_path: Path) -> None:
    text = made(tmp_path)
    for given in ("pik_00000000", text[:-1], other(text)[:-1]):
        result = run(tmp_path, command, given, status=1)
        (line,) = result.stderr.splitlines()
        assert line.startswith("plan-indicators: ")
        assert text[13:30] not in line
        assert result.stdout == ""
    run(tmp_path, command, status=2)


@pytest.mark.parametrize(
    "call", [["create", "--name", "n"], ["list"], ["rotate", "pik_00000000"], ["revoke", "pik_00000000"]]
)
def test_a_file_that_cannot_be_used_is_one_line(call: list[str], tmp_path: Path) -> None:
    (tmp_path / key_file.FILE).write_bytes(b"junk " * 4000)
    (line,) = run(tmp_path, *call, status=1).stderr.splitlines()
    assert line == f"plan-indicators: {tmp_path / key_file.FILE}: damaged"
