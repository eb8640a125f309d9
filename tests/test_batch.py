"""Many documents are read on all cores, and a poisoned one stops nothing."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.command import main, publication
from loaders import batch, extract
from tests import speed
from tests.test_load import REPORT


def poisoned(path: Path) -> batch.Result:
    """A reader that one file kills."""
    if path.name == "poison.txt":
        os._exit(9)
    return batch.read(path)


def slow(path: Path) -> object:
    """A reader for which a file takes for ever."""
    time.sleep(60)
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> list[Path]:
    paths = []
    for index in range(10):
        path = tmp_path / f"{index:02}.txt"
        path.write_text(REPORT.replace("262.8", f"{200 + index}.8"), "utf-8")
        paths.append(path)
    return paths


def test_results_come_in_order_and_equal_those_of_one_process(folder: list[Path]) -> None:
    assert list(batch.read_all(folder, batch.read)) == [(path, batch.read(path)) for path in folder]


def test_a_file_that_kills_its_process_is_reported_and_the_others_are_read(folder: list[Path]) -> None:
    poison = folder[0].with_name("poison.txt")
    poison.write_text(REPORT, "utf-8")
    results = dict(batch.read_all([*folder[:4], poison, *folder[4:]], poisoned))
    assert results[poison] == f"{poison}: the process that read it died; it is left out"
    assert [isinstance(result, str) for path, result in results.items() if path != poison] == [False] * 10


def test_a_file_that_breaks_its_reader_is_a_line(folder: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "extract", lambda _: 1 / 0)
    assert batch.read(folder[0]) == f"{folder[0]}: cannot be read: ZeroDivisionError"


def test_a_file_that_takes_too_long_is_a_line(folder: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SECONDS", 1)
    monkeypatch.setattr(extract, "extract", slow)
    assert batch.read(folder[0]) == f"{folder[0]}: takes longer than 1 s; it is left out"


def test_of_a_folder_all_are_loaded_but_the_poisoned_and_progress_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "EVERY", 0)
    folder = tmp_path / "folder"
    folder.mkdir()
    codes, poisoned_names = speed.copies(folder, 20), speed.poison(folder)
    run = speed.load(folder)
    assert run.regions == codes
    assert run.cores > 1 or batch.cores() == 1
    told = [line for line in run.said if "documents read" in line]
    assert told == [f"plan-indicators: {done} of 22 documents read" for done in range(1, 22)]
    refused = [line for line in run.said if line not in told]
    assert [line.split(": ")[1] for line in refused] == poisoned_names


def test_one_document_is_no_folder_that_needs_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "EVERY", 0)
    path = tmp_path / "report.txt"
    path.write_text(REPORT, "utf-8")
    result = CliRunner().invoke(main, ["load", str(path), "--data", str(tmp_path / "data")])
    assert result.exit_code == 0
    assert result.stderr == ""


@pytest.mark.parametrize("both", [True, False])
def test_on_a_terminal_a_bar_is_drawn_and_lines_stay_whole(folder: list[Path], both: bool) -> None:
    mine, theirs = pty.openpty()
    drawn: list[bytes] = []

    def look() -> None:
        with contextlib.suppress(OSError):  # the other side is closed
            while piece := os.read(mine, 4096):
                drawn.append(piece)

    looking = threading.Thread(target=look)
    looking.start()
    load = [sys.executable, "-m", "api.command", "load", str(folder[0].parent), "--data", f"{folder[0].parent}/data"]
    out = theirs if both else subprocess.PIPE
    done = subprocess.run(load, stdout=out, stderr=theirs, env={**os.environ, "TERM": "xterm"}, check=True)
    os.close(theirs)
    looking.join()
    os.close(mine)
    shown = b"".join(drawn)
    assert b"reading" in shown
    lines = re.findall(rb"(?:^|[\r\n]|\x1b\[2K)(\d\d\.txt): region", shown if both else done.stdout)
    assert [line.decode() for line in lines] == [path.name for path in folder]
