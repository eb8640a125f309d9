"""Many documents are read on all cores, and a poisoned one stops nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from loaders import batch, extract
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
    assert list(batch.read_all(folder)) == [(path, batch.read(path)) for path in folder]


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
