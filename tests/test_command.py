"""The command line under bad conditions: one clear line on standard error, and nothing lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from api import parameters
from api.command import main
from loaders import kept
from loaders.snapshot import digests
from tests.test_load import REPORT

COMMANDS = [
    *([name] for name in ("load", "serve", "export", "evaluate", "audit", "explain", "text")),
    *(["snapshots", name] for name in ("list", "use", "prune")),
    ["catalogue", "suggest"],
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def said(result: Result, status: int = 1) -> str:
    """The one line that a failure says."""
    assert result.exit_code == status, result.output
    assert isinstance(result.exception, SystemExit | None), result.exception
    (line,) = result.stderr.splitlines()
    assert "Errno" not in line
    assert not any(word in line for word in ("Traceback", "codec"))
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which a mode holds for root too: it gives up, for a while, the right to read and write everything."""
    header, rights = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if root := os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        assert libc.capget(header, rights) == 0
        effective = rights[0]
        rights[0] &= ~0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
        assert libc.capset(header, rights) == 0
    yield tmp_path
    if root:
        rights[0] = effective
        assert libc.capset(header, rights) == 0
    subprocess.run(["chmod", "-R", "u+rwX", tmp_path], check=True)


@pytest.fixture
def data(published: Path, folder: Path) -> Path:
    """A data folder in which the bundled seeds are published, for a test alone."""
    return Path(shutil.copytree(published, folder / "data"))


@pytest.fixture
def report(folder: Path) -> Path:
    path = folder / "report.txt"
    path.write_text(REPORT, "utf-8")
    return path


def snapshot(data: Path) -> Path:
    (path,) = (data / "snapshots").glob("*.duckdb")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("locked", ["current", "snapshots", "."])
@pytest.mark.parametrize(
    "command", [["snapshots", "list"], ["snapshots", "prune"], ["load"], ["serve"], ["export", "--format", "csv"]]
)
def test_what_may_not_be_read_is_one_line(command: list[str], locked: str, data: Path) -> None:
    port = ["--port", free_port()] if command == ["serve"] else []
    snapshot_name = snapshot(data).stem
    (data / locked).chmod(0)
    line = said(run(*command, *port, "--data", data))
    assert "cannot be read" in line or "cannot be written" in line
    assert str(data) in line or snapshot_name in line


@pytest.mark.parametrize("command", [["load", "REPORT"], ["serve"], ["export", "--format", "csv"]])
@pytest.mark.parametrize("locked", [True, False])
def test_a_snapshot_that_cannot_be_read_is_one_line(command: list[str], locked: bool, data: Path, report: Path) -> None:
    now = snapshot(data)
    if locked:
        now.chmod(0)
    else:
        now.write_bytes(b"junk " * 5000)
    port = ["--port", free_port()] if command == ["serve"] else []
    result = run(*[report if word == "REPORT" else word for word in command], *port, "--data", data)
    line = said(result)
    assert now.stem in line
    assert "cannot be" in line
    assert [path.name for path in (data / "snapshots").iterdir()] == [now.name]


def test_a_load_over_a_damaged_snapshot_publishes_nothing_unless_it_replaces(data: Path, report: Path) -> None:
    now = snapshot(data)
    whole = now.read_bytes()
    now.write_bytes(whole[:12288] + bytes(len(whole) - 12288))
    assert "nothing is published" in said(run("load", report, "--data", data))
    assert (data / "current").read_text().strip() == now.stem
    assert run("load", report, "--replace", "--data", data).exit_code == 0
    fresh = kept.current(data)
    assert fresh is not None
    with duckdb.connect(str(fresh), read_only=True) as base:
        assert base.execute("SELECT region FROM documents").fetchall() == [("330726",)]


@pytest.mark.parametrize("text", ["", "20200101T000000000Z-00000000", "../../etc/passwd", "\xff"])
def test_a_pointer_to_no_snapshot_loses_no_documents(text: str, data: Path, report: Path) -> None:
    name = snapshot(data).stem
    (data / "current").write_text(text, "latin-1")
    assert run("snapshots", "list", "--data", data).stdout.split("\t")[0] == name
    assert "names no snapshot" in said(run("snapshots", "prune", "--data", data))
    assert run("snapshots", "use", name, "--data", data).exit_code == 0
    assert kept.current(data) == snapshot(data)
    before = digests(snapshot(data))
    (data / "current").write_text(text, "latin-1")
    assert run("load", report, "--data", data).exit_code == 0
    now = kept.current(data)
    assert now is not None
    assert digests(now) > before


def test_a_damaged_snapshot_is_not_used_again(data: Path) -> None:
    now = snapshot(data)
    now.write_bytes(b"junk " * 5000)
    assert "cannot be read" in said(run("snapshots", "use", now.stem, "--data", data))


def test_a_folder_that_may_not_be_written_is_said_to_be(data: Path, report: Path) -> None:
    for locked in (data / "snapshots", data):
        locked.chmod(0o500)
        line = said(run("load", report, "--data", data))
        assert f"{locked}: cannot be written: Permission denied" in line
        locked.chmod(0o700)


def test_files_and_folders_that_may_not_be_read_are_left_out(folder: Path, report: Path) -> None:
    inner = folder / "documents" / "inner"
    inner.mkdir(parents=True)
    locked = folder / "documents" / "locked.txt"
    for path in (locked, inner / "hidden.txt", folder / "documents" / "open.txt"):
        path.write_text(REPORT.replace("262.8", f"{len(path.name)}.8"), "utf-8")
    locked.chmod(0)
    inner.chmod(0)
    data = folder / "data"
    result = run("load", folder / "documents", locked, inner, inner / "hidden.txt", "--data", data)
    assert result.exit_code == 1, result.output
    lines = result.stderr.splitlines()
    assert all(line.endswith("cannot be read: Permission denied") for line in lines)
    assert [sum(str(path) + ":" in line for line in lines) for path in (locked, inner, inner / "hidden.txt")] == [
        2,
        2,
        1,
    ]
    now = kept.current(data)
    assert now is not None
    with duckdb.connect(str(now), read_only=True) as base:
        assert base.execute("SELECT count(*) FROM documents").fetchall() == [(1,)]


@pytest.mark.parametrize("command", [["text"], ["audit"], ["evaluate", "--documents", "."]])
def test_a_named_file_that_may_not_be_read_is_a_failure_and_no_misuse(command: list[str], report: Path) -> None:
    report.chmod(0)
    assert said(run(*command, report)).endswith("cannot be read: Permission denied")


def test_what_is_neither_file_nor_folder_is_passed_over(folder: Path, report: Path) -> None:
    (folder / "documents").mkdir()
    os.mkfifo(folder / "documents" / "pipe.txt")
    report.rename(folder / "documents" / "report.txt")
    assert run("load", folder / "documents", "--data", folder / "data").exit_code == 0


def test_nothing_published_is_told(tmp_path: Path) -> None:
    for data in (tmp_path, tmp_path / "absent"):
        result = run("snapshots", "list", "--data", data)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing is published yet\n")
        assert "nothing is published there yet" in said(run("export", "--format", "csv", "--data", data))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_start_says_so_and_nothing_else(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        line = said(run("serve", "--port", number, "--data", tmp_path))
        assert line == f"plan-indicators: 127.0.0.1:{number} is in use by another program"
    for host in ("no.such.host.invalid", "a..b", "x" * 100):
        assert said(run("serve", "--host", host, "--data", tmp_path)) == f"plan-indicators: host {host} is not known"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a\tb\n", "the columns"),
        (b"", "the columns"),
        (b"doc\t" + b"x" * 200_000, "too long"),
    ],
)
def test_labels_that_are_none_are_said_in_own_words(content: bytes | None, words: str, tmp_path: Path) -> None:
    gold = tmp_path / "gold.tsv"
    if content is not None:
        gold.write_bytes(content)
    line = said(run("evaluate", gold, "--documents", tmp_path))
    assert str(gold) in line
    assert words in line


def test_labels_without_their_document_are_said(tmp_path: Path) -> None:
    gold, empty = tmp_path / "gold.tsv", tmp_path / "empty"
    empty.mkdir()
    columns = ["doc", "year", "role", "measure", "comparator", "value", "unit", "stance", "anchor", "start", "end"]
    gold.write_text("\t".join(columns) + "\n" + "\t".join(["here", *columns[1:]]) + "\n", "utf-8")
    assert said(run("evaluate", gold, "--documents", empty)).endswith("no document here; the folder is empty")
    (empty / "there.txt").write_text("", "utf-8")
    assert said(run("evaluate", gold, "--documents", empty)).endswith("no document here; there are there")
    assert said(run("evaluate", gold, "--documents", tmp_path / "absent")).endswith("no such folder")
    for content in (None, b"[1]", b"{", b"\xff"):
        before = tmp_path / "before.json"
        if content is not None:
            before.write_bytes(content)
        assert str(before) in said(run("evaluate", gold, "--documents", empty, "--against", before))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_data(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "--data" in result.output


def test_a_command_without_need_of_data_takes_it_all_the_same(tmp_path: Path) -> None:
    plain = run("explain", "固定资产投资增长17.9%")
    assert run("explain", "固定资产投资增长17.9%", "--data", tmp_path / "absent").output == plain.output != ""


def test_export_says_what_each_option_allows_and_how_often() -> None:
    text = " ".join(run("export", "--help").output.split())
    for parameter in parameters.EXPORTED:
        start = text.index(f"--{parameter.name.replace('_', '-')} ")
        told = text[start : text.find(" --", start + 3)]
        assert "Allowed: " in told, parameter.name
        assert ("May be repeated" in told) == (parameter.many == "repeated")
        assert ("commas between" in told) == (parameter.many == "comma")
        assert ("nce only" in told) == (parameter.many != "repeated")
        for value in parameter.values:
            assert value.removeprefix("-") in told
        assert "^" not in told


def test_serve_says_which_variables_it_reads() -> None:
    text = run("serve", "--help").output
    for name in ("PLAN_INDICATORS_ORIGINS", "PLAN_INDICATORS_THREADS", "PLAN_INDICATORS_MEMORY_MB"):
        assert name in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "--format", "xml"], "'xml' is not one of"),
        (["nope"], "No such command"),
        (["keys", "create", "--name", "x", "--rate", "fast"], "is no rate"),
        (["export", "--format", "csv", "--role", "targets"], "Perhaps target is meant"),
        (["serve", "--port", "0"], "1<=x<=65535"),
    ],
)
def test_wrong_usage_is_said_in_one_line(arguments: list[str], words: str, published: Path) -> None:
    data = ["--data", str(published)] if arguments != ["nope"] else []
    result = CliRunner().invoke(main, [*arguments, *data])
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_output_that_cannot_be_written_is_said_in_one_line(published: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "api.command", "snapshots", "list", "--data", str(published)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "plan-indicators: standard output: No space left on device\n")
