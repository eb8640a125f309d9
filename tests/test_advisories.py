"""What is known of pinned packages is told, fails where it is an advisory, and is said to be skipped where nobody answers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import advisories

HERE = Path(__file__).parents[1]
GOOD = {"name": "good", "version": "1", "vulns": []}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["3"], "aliases": []}]}
ABSENT = {"name": "absent", "skip_reason": "not found: absent (1)"}


def program(folder: Path, packages: list[dict[str, Any]] | None) -> str:
    """A program in the place of pip-audit: its index knows these packages; none where it cannot be reached."""
    path = folder / "pip-audit"
    told = None if packages is None else json.dumps({"dependencies": packages, "fixes": []})
    path.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "from pathlib import Path\n"
        f"told = {told!r}\n"
        "if told is None:\n    sys.exit('first\\nERROR: cannot connect\\n')\n"
        "Path(next(text for text in sys.argv if text.startswith('--output='))[9:]).write_text(told)\n"
    )
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([GOOD], 0, "run.txt: 1 packages looked up, 0 advisories\n"),
        ([GOOD, BAD], 1, "run.txt: bad 2: PYSEC-2026-1, mended in 3\nrun.txt: 2 packages looked up, 1 advisories\n"),
        ([GOOD, ABSENT], 0, "run.txt: 1 packages looked up, 0 advisories; unknown: absent\n"),
        ([ABSENT], 0, "run.txt: skipped, no index of advisories answers (pypi: not found: absent (1); osv: not found"),
        (None, 0, "run.txt: skipped, no index of advisories answers (pypi: ERROR: cannot connect; osv: ERROR: cannot"),
    ],
)
def test_an_advisory_fails_and_an_index_that_does_not_answer_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], packages: list[dict[str, Any]] | None, status: int, said: str
) -> None:
    assert advisories.main([program(tmp_path, packages), "run.txt"]) == status
    assert capsys.readouterr().out.startswith(said)


def test_ci_asks_for_all_that_is_installed_with_a_program_of_one_version() -> None:
    script = (HERE / ".ci" / "run").read_text("utf-8")
    assert re.search(r"pip-audit==[0-9.]+ ", script)
    assert all(f".requirements/{name}.txt" in script for name in ("run", "test"))
    assert not re.search(r"pip.audit", (HERE / "pyproject.toml").read_text("utf-8"))
