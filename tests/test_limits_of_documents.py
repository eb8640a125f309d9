"""Documents that ask for too much are refused with one clear line, quickly and within bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.command import main
from loaders import bounds
from tests import attachments as made
from tests.fuzz.words import REPORT

MEMORY = 1_000_000_000  # bytes of addresses that a reader gets, libraries and all
SECONDS = 10.0  # that a refusal may take
CHILD = """
import json, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
from loaders import batch
said = {}
for path in sorted(Path(sys.argv[2]).iterdir()):
    begun = time.perf_counter()
    read = batch.read(path)
    said[path.name] = (read if isinstance(read, str) else "read", time.perf_counter() - begun)
json.dump(said, sys.stdout)
"""


def text(unit: str, size: int) -> bytes:
    """A report that goes on with a piece, again and again, up to so many bytes."""
    return (REPORT + unit * (size // len(unit.encode()))).encode()


def html(inside: str) -> bytes:
    return f"<html><body><p>{REPORT}</p>{inside}".encode()


def columns(mark: str) -> bytes:
    rows = (mark.join([name, *[cell] * 100_000]) for name, cell in (("指标", "目标"), ("税收", "9"), ("床位", "8")))
    return (REPORT + "\n".join(rows)).encode()


def drawn(content: bytes) -> bytes:
    """A PDF file of one page whose drawing instructions, packed, are these."""
    whole = made.pdf_file([""])
    empty, packed = zlib.compress(b""), zlib.compress(content, 9)
    return whole.replace(
        b"/Length %d>>stream\n%s\n" % (len(empty), empty), b"/Length %d>>stream\n%s\n" % (len(packed), packed)
    )


def objects() -> bytes:
    """A PDF file with a stream that claims to hold two million objects."""
    numbers = b"".join(b"%d 0 " % number for number in range(9, 500_009))
    packed = zlib.compress(numbers + b"null", 9)
    stream = b"<</Type/ObjStm/N 2000000/First %d/Length %d/Filter/FlateDecode>>stream\n" % (len(numbers), len(packed))
    return (
        b"%%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        b"3 0 obj\n%s%s\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%%%EOF\n" % (stream, packed)
    )


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "50-mb.txt": (lambda: text("增长5%。\n", 50_000_000), "larger than 20,000,000 bytes"),
    "50-mb.html": (lambda: html("<p>增长</p>\n" * 4_000_000), "larger than 20,000,000 bytes"),
    "50-mb.pdf": (lambda: made.pdf_file([]) + b" " * 50_000_000, "larger than 20,000,000 bytes"),
    "19-mb.txt": (lambda: text("投资增长5%。\n", 19_000_000), "at most 2,000,000 are read"),
    "line-10-mb.txt": (lambda: text("(国(guó)增长   5%,", 10_000_000), "at most 2,000,000 are read"),
    "line.txt": (lambda: text("投资增长5%。", 4_000_000), "a line of 1,647,"),
    "line.html": (lambda: html(f"<p>{'增长,' * 300_000}"), "a line of "),
    "line.docx": (lambda: made.word(made.paragraph("增长" * 260_000)), "a line of 520,000 characters"),
    "columns-tab.txt": (lambda: columns("\t"), "a line of more than 100,000 cells"),
    "columns-bar.txt": (lambda: columns("|"), "a line of more than 100,000 cells"),
    "columns-blank.txt": (lambda: columns("   "), "a line of 500,002 characters"),
    "columns.html": (lambda: html(f"<table><tr>{'<td>9</td>' * 100_000}</tr></table>"), "more than 5,000 columns"),
    "columns.docx": (
        lambda: made.word(f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * 100_000}</w:tr></w:tbl>"),
        "more than 200 columns",
    ),
    "columns.xlsx": (
        lambda: made.workbook({"表": f"<sheetData><row>{'<c><v>1</v></c>' * 100_000}</row></sheetData>"}),
        "more than 16,384 cells",
    ),
    "nested-blocks.html": (lambda: html("<div>" * 100_000), "nested too deep"),
    "nested-words.html": (lambda: html("<b>" * 100_000), "nested too deep"),
    "nested-tables.html": (lambda: html("<table><tr><td>" * 100_000), "nested too deep"),
    "nested.docx": (lambda: made.word("<w:sdt>" * 100_000 + "</w:sdt>" * 100_000), "nested too deep"),
    "tags.html": (lambda: html("<p>" * 2_000_000), "more than 1,000,000 tags"),
    "bomb.docx": (lambda: made.word("<w:p/>" * 9_000_000), "unpacks to more than 50,000,000 bytes"),
    "bomb.xlsx": (
        lambda: made.workbook({"表": "<row><c><v>9</v></c></row>" * 2_000_000}),
        "unpacks to more than 50,000,000 bytes",
    ),
    "box.pdf": (lambda: made.pdf_file(["BT /F 12 Tf 9 9 Td <6307> Tj ET\n"] * 30, "0 0 2000000000 1e30"), ""),
    "words.pdf": (
        lambda: drawn(b"BT /F 12 Tf 9 9 Td %s ET" % (b"<%s> Tj " % (b"6307" * 1_000) * 101)),
        "at most 100,000 on a page",
    ),
    "objects.pdf": (objects, "damaged"),
    "bomb.pdf": (lambda: drawn(b" " * 60_000_000), ""),
    "nested.pdf": (lambda: b"%PDF-1.7\n1 0 obj\n" + b"[" * 1_000_000, "damaged"),
}


def read(folder: Path, memory: int = MEMORY, **variables: str) -> dict[str, tuple[str, float]]:
    """What is said of each file of a folder, and after how many seconds, by a process with so much memory."""
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(memory), str(folder)],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **{bounds.PREFIX + name: value for name, value in variables.items()}},
    )
    said: dict[str, tuple[str, float]] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float]]:
    folder = tmp_path_factory.mktemp("large")
    for name, (make, _) in CASES.items():
        (folder / name).write_bytes(make())
    found = read(folder)
    for path in folder.iterdir():
        path.unlink()
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_asks_for_too_much_is_refused_quickly_with_one_line(name: str, said: dict[str, tuple[str, float]]) -> None:
    line, seconds = said[name]
    assert CASES[name][1] in line
    assert line != "read"
    assert line.isprintable()
    assert "Error" not in line
    assert seconds < SECONDS


def test_a_limit_is_what_its_variable_says(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_bytes(text("投资增长5%。\n", 30_000))
    (tmp_path / "line.txt").write_bytes(text("投资增长5%。", 15_000))
    (tmp_path / "deep.html").write_bytes(html("<div>" * 30))
    (tmp_path / "large.txt").write_bytes(text("增长\n", 1_100_000))
    (tmp_path / "many.pdf").write_bytes(made.pdf_file(["BT /F 12 Tf 9 9 Td <6307> Tj ET\n" * 30] * 3))
    (tmp_path / "table.html").write_bytes(html(f"<table>{'<tr><td>1</td><td>2</td></tr>' * 60}</table>"))
    (tmp_path / "unpacked.docx").write_bytes(made.word(made.paragraph("增长" * 30_000)))
    said = read(tmp_path, FILE="1", TEXT="10000", LINE="5000", DEPTH="20", PAGES="2", CELLS="100", UNPACKED="1")
    assert {name: line.split(": ", 1)[1] for name, (line, _) in said.items()} == {
        "deep.html": "elements nested more than 20 deep",
        "large.txt": "larger than 1,000,000 bytes",
        "line.txt": "a line of 6,174 characters; at most 5,000 are read",
        "long.txt": "13,495 characters of text; at most 10,000 are read",
        "many.pdf": "3 pages; at most 2 are read",
        "table.html": "tables of more than 100 cells",
        "unpacked.docx": "word/document.xml unpacks to more than 500,000 bytes; that is not read",
    }


def test_a_larger_limit_lets_more_through(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_bytes(text("稳步推进。", 3_000_000))
    said = read(tmp_path, 4_000_000_000, LINE="5000000", TEXT="5000000", SECONDS="2")
    assert said["line.txt"][0].endswith("takes longer than 2 s; it is left out")


@pytest.mark.parametrize("bound", bounds.BOUNDS, ids=lambda bound: bound.name)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(bound: bounds.Bound) -> None:
    assert bound.least <= bound.default <= bound.most
    for value in (bound.least, bound.most):
        assert bounds.read({bound.variable: str(value)})[bound.name] == value
    for wrong in ("", "x", "-1", "1.5", "²", str(bound.least - 1), str(bound.most + 1), "9" * 5_000):
        with pytest.raises(bounds.Invalid) as refused:
            bounds.read({bound.variable: wrong})
        assert f"from {bound.least} to {bound.most} is allowed" in str(refused.value)
        assert len(str(refused.value)) < 300


def test_the_command_line_says_what_is_wrong_with_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_INDICATORS_READ_FILES", "1")
    result = CliRunner().invoke(main, ["load", "x.txt"])
    assert result.exit_code == 1
    assert "'PLAN_INDICATORS_READ_FILES' is no limit of reading; allowed are" in result.stderr


def test_the_server_is_not_disturbed_by_limits_of_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLAN_INDICATORS_READ_FILE", "30")
    monkeypatch.setenv("PLAN_INDICATORS_THREADS", "0")
    result = CliRunner().invoke(main, ["serve", "--data", str(tmp_path)])
    assert "PLAN_INDICATORS_THREADS is '0'" in result.stderr


def test_help_and_table_tell_every_limit() -> None:
    shown = "\n".join(bounds.described())
    for bound in bounds.BOUNDS:
        assert bound.variable in shown
        assert f"| `{bound.variable}` | `{bound.default}` |" in bounds.table()


def test_a_file_whose_time_is_over_says_so_wherever_it_was(tmp_path: Path) -> None:
    (tmp_path / "slow.txt").write_bytes(text("(增长高达到翻一番加到", 1_400_000))
    begun = time.perf_counter()
    line, _ = read(tmp_path, SECONDS="1")["slow.txt"]
    assert line.endswith("slow.txt: takes longer than 1 s; it is left out")
    assert time.perf_counter() - begun < 2 * SECONDS
