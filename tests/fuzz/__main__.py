"""`python -m tests.fuzz TARGET --seconds 900`: fuzzes a reader and tells executions, coverage and findings.

It needs atheris (`pip install atheris`, on Linux). What it finds worth going on from stays in `--corpus`; `--keep 30`
puts the 30 smallest inputs that together reach most of the code into the corpus of the repository.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.fuzz import targets

SMALL = 400  # bytes of an input that is kept


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--corpus", type=Path, help="folder of inputs to begin with and to add to")
    parser.add_argument("--findings", type=Path, help="folder for inputs that broke something")
    parser.add_argument("--keep", type=int, default=0, help="inputs to put into the repository's corpus")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus, findings = asked.corpus or Path(folder, "corpus"), asked.findings or Path(folder, "findings")
        for each in (corpus, findings):
            each.mkdir(parents=True, exist_ok=True)
        told = _fuzzed(asked.target, asked.seconds, corpus, findings) if asked.seconds else "not run"
        reports = sorted(findings.glob("*.txt"))
        print(f"{asked.target}: {asked.seconds} s, {told}, findings {len(reports)}")  # noqa: T201
        for report in reports:
            words = report.read_text(encoding="utf-8")
            print(f"--- {report.stem} {report.with_suffix('.bin').read_bytes()!r}\n{words}")  # noqa: T201
        if asked.keep:
            print(f"kept {_keep(asked.target, corpus, asked.keep)} inputs")  # noqa: T201
        return bool(reports)


def _fuzzed(target: str, seconds: int, corpus: Path, findings: Path) -> str:
    """What libFuzzer tells at the end."""
    limits = (f"-max_total_time={seconds}", f"-max_len={targets.LONGEST}", "-timeout=120", "-print_final_stats=1")
    folders = (str(corpus), str(targets.CORPUS / target))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz.run",
            target,
            str(findings),
            *folders,
            *limits,
            f"-artifact_prefix={findings}/",
        ],
        capture_output=True,
        check=False,
    )
    words = done.stderr.decode("utf-8", "replace")
    counts = re.findall(r"#(\d+)\s.*?cov: (\d+) ft: (\d+) corp: (\d+)", words)
    if done.returncode or not counts:
        (findings / "ended.bin").write_bytes(b"")
        (findings / "ended.txt").write_text(f"the fuzzer ended with {done.returncode}:\n{words[-3000:]}", "utf-8")
    number, covered, features, inputs = counts[-1] if counts else ("?",) * 4
    executed = re.search(r"number_of_executed_units: (\d+)", words)
    return f"{executed[1] if executed else number} executions, {covered} branches, {features} features, {inputs} inputs"


def _keep(target: str, corpus: Path, most: int) -> int:
    """The inputs that reach most, written beside those that are there; each adds lines that no other kept one has."""
    reached: set[tuple[CodeType, int]] = set()
    for path in targets.kept(target):
        reached |= _lines(target, path.read_bytes())
    small = [path.read_bytes() for path in corpus.iterdir() if path.is_file() and path.stat().st_size <= SMALL]
    lines = {data: _lines(target, data) for data in small}
    count = 0
    while lines and count < most:
        best = max(lines, key=lambda data: (len(lines[data] - reached), -len(data)))
        if len(lines[best] - reached) == 0:
            break
        reached |= lines.pop(best)
        (targets.CORPUS / target / f"{hashlib.sha256(best).hexdigest()[:12]}.txt").write_bytes(best)
        count += 1
    return count


def _lines(target: str, data: bytes) -> set[tuple[CodeType, int]]:
    """The lines of the readers that an input reaches; none where it breaks something."""
    found: set[tuple[CodeType, int]] = set()

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        if "loaders" not in frame.f_code.co_filename:
            return None
        found.add((frame.f_code, frame.f_lineno))
        return inside

    sys.settrace(inside)
    try:
        targets.TARGETS[target](data)
    except Exception:  # a finding is told, not kept
        return set()
    finally:
        sys.settrace(None)
    return found


if __name__ == "__main__":
    sys.exit(main())
