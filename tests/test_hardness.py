"""What goes wrong around the data: killed loads, a full disk, damaged files, keys that cannot be read. Long: tests/hardness."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from litestar.testing import TestClient

from api import files, key_ring
from api.export import Refused
from api.key_file import FILE
from loaders import kept
from loaders.snapshot import digests
from tests import snapshots
from tests.hardness import damage, keys, publication
from tests.test_keys import locked

Client = TestClient[Any]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two snapshots in ``data``, and documents that are not loaded yet."""
    folder = tmp_path_factory.mktemp("twice")
    damage.two(folder)
    return folder


@pytest.fixture
def folder(twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(twice, tmp_path / "copy"))


def fresh(folder: Path) -> Path:
    return publication.report(folder, 2)


def earlier(data: Path) -> str:
    (name,) = (name for name, _, is_current in kept.snapshots(data) if not is_current)
    return name


def test_loads_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    assert publication.attack(tmp_path, 3, seed=2).total() == 3


def test_what_died_while_it_built_stops_nobody_and_is_deleted(folder: Path) -> None:
    data = folder / "data"
    name = f"{earlier(data)[:-1]}x"[:-8] + "00000000"
    for left in (".building-1.duckdb.tmp/spilled", ".building-2/new.duckdb", f"{name}.rows", ".building-3.csv"):
        path = data / "snapshots" / left
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (data / ".current.77").write_text("x")
    assert publication.load(data, fresh(folder)) == (0, "")
    assert publication.debris(data) == []


def test_two_loads_at_once_both_count(folder: Path) -> None:
    data = folder / "data"
    with (
        publication.start(data, publication.report(folder, 2)) as one,
        publication.start(data, publication.report(folder, 3)) as two,
    ):
        assert [load.communicate(timeout=60)[1] for load in (one, two)] == ["", ""]
    now = kept.current(data)
    assert now is not None
    assert len(digests(now)) == 4
    assert publication.debris(data) == []


@pytest.fixture
def small(twice: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder on a disk of its own, of 64 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("there is no mount")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64m", "tmpfs", place], check=False, capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield Path(shutil.copytree(twice / "data", place / "data"))
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_leaves_what_was_published_and_nothing_else(small: Path, tmp_path: Path) -> None:
    document, filler = publication.report(tmp_path, 2), small.parent / "filler"
    with publication.served(small) as client:
        known, before = publication.ids(client), publication.state(client)
    files = sorted((small / "snapshots").iterdir())
    filler.write_bytes(bytes(shutil.disk_usage(small).free - 9_000_000))
    for rest in (6_350_000, 3_000_000, 0):  # enough for less and less of it
        with filler.open("ab") as file:
            file.write(bytes(shutil.disk_usage(small).free - rest))
        status, said = publication.load(small, document)
        assert (status, len(said.splitlines())) == (1, 1), said
        assert "cannot be written" in said
        assert sorted((small / "snapshots").iterdir()) == files
        with publication.served(small) as client:
            assert (publication.ids(client), publication.state(client)) == (known, before)
    filler.unlink()
    assert publication.load(small, document) == (0, "")
    assert publication.debris(small) == []
    with publication.served(small) as client:
        assert set(publication.ids(client)) > set(known)


def test_a_read_only_folder_goes_on_being_served(small: Path, tmp_path: Path) -> None:
    document, view = publication.report(tmp_path, 2), tmp_path / "view"
    with publication.served(small) as client:
        known = publication.ids(client)
    view.mkdir()
    subprocess.run(["mount", "--bind", small.parent, view], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", view], check=True)
        status, said = publication.load(view / "data", document)
        assert (status, "Read-only file system" in said, len(said.splitlines())) == (1, True, 1)
        with publication.served(view / "data") as client:
            assert publication.ids(client) == known
            assert publication.state(client)[1] is False
    finally:
        subprocess.run(["umount", "-l", view], check=True)
    assert publication.load(small, document) == (0, "")


def cut(data: Path) -> None:
    path = damage.file(data, "duckdb")
    replaced(path, path.read_bytes()[: path.stat().st_size // 2])


def cut_a_little(data: Path) -> None:
    path = damage.file(data, "duckdb")
    replaced(path, path.read_bytes()[:-1])


def junk(data: Path) -> None:
    replaced(damage.file(data, "duckdb"), b"junk " * 100_000)


def emptied(data: Path) -> None:
    replaced(damage.file(data, "duckdb"), b"")


def gone(data: Path) -> None:
    damage.file(data, "duckdb").unlink()


def later_schema(data: Path) -> None:
    with duckdb.connect(str(damage.file(data, "duckdb"))) as base:
        base.execute("UPDATE snapshot SET schema_version = 99")


def nowhere(data: Path) -> None:
    (data / "current").write_text("20200101T000000000Z-00000000\n")


def garbage(data: Path) -> None:
    (data / "current").write_bytes(b"\xff\0../../etc/passwd")


def replaced(path: Path, content: bytes) -> None:
    """Another file in its place, as a copy makes it: one that is open goes on being read."""
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [cut, cut_a_little, junk, emptied, gone, later_schema, nowhere, garbage])
def test_the_last_good_snapshot_answers_where_the_current_one_cannot_and_the_next_load_succeeds(
    harm: Callable[[Path], None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = folder / "data"
    now, before = damage.current(data), earlier(data)
    (data / "current").write_text(before)
    with publication.served(data) as client:
        known = publication.ids(client)
        (data / "current").write_text(now)
        harm(data)
        good = now if harm in (nowhere, garbage) else before  # of a pointer to nothing: what was current last
        assert publication.state(client) == (before, True)
        assert publication.ids(client) == known
        with publication.served(data) as another:  # one that starts now
            assert publication.state(another) == (good, True)
    status, said = publication.load(data, fresh(folder))
    assert status == 0, said
    if harm is not cut_a_little:  # which takes nothing away that the next one needs
        assert f"goes on from snapshot {good}" in caplog.text
    assert publication.load(data, publication.report(folder, 1))[0] == 0  # where it was in the damaged one alone
    with publication.served(data) as client:
        assert publication.state(client)[1] is False
        assert set(publication.ids(client)) > set(known)
        assert len(publication.ids(client)) == len(known) * 3


def test_a_snapshot_that_another_program_holds_is_not_taken_for_damaged(folder: Path) -> None:
    data = folder / "data"
    path, now = damage.file(data, "duckdb"), damage.current(data)
    hold = "import duckdb, sys, time; base = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        status, said = publication.load(data, fresh(folder))
        assert (status, "Could not set lock" in said, damage.current(data)) == (1, True, now)
        process.communicate("")
    assert publication.load(data, fresh(folder)) == (0, "")


def readable(path: Path, question: str) -> bool:
    try:
        with duckdb.connect(str(path), read_only=True) as base:
            base.execute(question).fetchall()
    except duckdb.Error:
        return False
    return True


def test_a_block_that_turns_out_damaged_sends_the_server_back_within_a_look(folder: Path) -> None:
    data = folder / "data"
    before, path = earlier(data), damage.file(data, "duckdb")
    whole = path.read_bytes()
    for start in range(3 * 4096, len(whole), 262_144):
        content = bytearray(whole)
        content[start + 300] ^= 1
        replaced(path, bytes(content))
        if readable(path, "SELECT id FROM snapshot") and not readable(path, "SELECT max(quote) FROM observations"):
            break
    else:
        pytest.fail("no block is read by that question alone")
    for form in ("rows", "ndjson"):
        damage.file(data, form).unlink()
    with pytest.raises(Refused, match="cannot be read: Corrupt database file"):
        files.write(data, "csv", folder / "all.csv", {"as_of": "2100-01-01"})
    with publication.served(data) as client:
        first = client.get("/v1/observations?role=target", headers={"accept-language": "en"})
        assert (first.status_code, first.headers["retry-after"]) == (503, "5")
        assert "just found to be damaged" in first.json()["detail"]
        assert publication.state(client) == (before, True)
        assert client.get("/v1/observations?role=target").status_code == 200


@pytest.mark.parametrize("kind", ["rows", "ndjson", "exports.json"])
@pytest.mark.parametrize("harm", ["cut", "swapped", "junk", "empty"])
def test_damaged_files_beside_a_snapshot_change_no_answer(kind: str, harm: str, folder: Path) -> None:
    data = folder / "data"
    with publication.served(data) as client:
        right = damage.answers(client)
    path = damage.file(data, kind)
    other = path.with_name(f"{earlier(data)}.{kind}")
    good = path.read_bytes()
    replaced(
        path,
        {"cut": good[: len(good) // 2], "swapped": other.read_bytes(), "junk": b"x" * len(good), "empty": b""}[harm],
    )
    with publication.served(data) as client:
        assert damage.answers(client) == right


def test_no_flipped_bit_makes_a_wrong_answer(tmp_path: Path) -> None:
    found = damage.attack(tmp_path, 12, seed=3)
    assert found.total() == 12
    assert not [kind for kind, outcome in found if outcome == "WRONG"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    snapshots.publish(tmp_path, "s1")
    return tmp_path


def refused(client: Client, text: str) -> dict[str, Any]:
    """The answer to a key once what was read before no longer holds."""
    end = time.monotonic() + 3
    while (answer := client.get("/v1", headers={"X-API-Key": text, "Accept-Language": "en"})).status_code != 503:
        assert time.monotonic() < end, answer.text
        time.sleep(0.05)
    told: dict[str, Any] = answer.json()
    assert answer.headers["retry-after"]
    return told


@pytest.mark.parametrize(
    ("harm", "why"), [("locked", "locked by another program"), ("missing", "gone"), ("corrupted", "damaged")]
)
def test_where_the_file_of_keys_cannot_be_used_reading_goes_on_and_keys_get_503(
    harm: str, why: str, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text, _ = key_ring.create(data, "one", ("read",), None, None)
    path = data / FILE
    # who holds the file first keeps others out: a server that has it open is not locked out by anybody
    with locked(data) if harm == "locked" else nullcontext(), snapshots.client(data) as client:
        if harm != "locked":
            assert client.get("/v1", headers={"X-API-Key": text}).status_code == 200
            for each in data.glob(f"{FILE}*"):
                each.unlink()
        if harm == "corrupted":
            path.write_bytes(b"junk " * 5000)
        told = refused(client, text)
        assert told["type"].endswith("keys-unavailable")
        assert client.get("/v1/observations").status_code == 200
        assert text[12:] not in str(told)
    assert why in caplog.text
    assert text[12:] not in caplog.text


def test_a_thousand_wrong_keys_a_second_do_not_slow_the_others(data: Path) -> None:
    key_ring.create(data, "some", ("read",), None, None)
    felt = asyncio.run(keys.beside(data, 1.5, seed=4))
    assert felt.refused > 500
    assert statistics.median(felt.wrong) < 4 * statistics.median(felt.alone)


def test_time_tells_nothing_of_the_secret_part_of_a_key(data: Path) -> None:
    taken = keys.refusals(data, seed=5)
    first, last = (
        taken[f"known prefix, {name} of the secret right"] for name in ("first letter", "all but one letter")
    )
    assert 0.5 < first / last < 2
