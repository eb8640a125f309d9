"""Two OpenAPI documents in, what breaks clients out: ``python -m tests.breaking RELEASED.json CURRENT.json``.

Prints a line for each finding, with its path and what broke. Exit status 0 where nothing breaks or the version says that
something does, 1 where something breaks unsaid, 2 where the documents could not be compared. The version says so by its
first number that is not zero: 0.1.3 may become 0.2.0, and 1.2.3 may become 2.0.0.

``python -m tests.breaking --release`` makes openapi/openapi.json the released document, once it breaks nothing unsaid,
has a version of its own and a section of that version in openapi/CHANGES.md.

Documents are compared by redocly, which ``npm ci`` in tests/client installs; what counts is decided here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgspec
from msgspec import Struct

CLIENT = Path(__file__).parent / "client"
RULES = CLIENT / "rules.yaml"
REDOCLY = CLIENT / "node_modules" / ".bin" / "redocly"
OPENAPI = Path(__file__).parents[1] / "openapi"
RELEASED, CURRENT, CHANGES = OPENAPI / "released.json", OPENAPI / "openapi.json", OPENAPI / "CHANGES.md"
_USAGE = "usage: python -m tests.breaking RELEASED.json CURRENT.json | --release"
_QUIET = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "REDOCLY_SUPPRESS_NOTIFICATIONS": "true",
}
Json = dict[str, Any]
Version = tuple[int, int, int]


class Unusable(Exception):
    """Documents that cannot be compared."""


class Verdict(Struct, frozen=True, kw_only=True, rename="camel"):
    """Why redocly takes a change for what it does."""

    rule_id: str
    impact: str
    message: str


class Change(Struct, frozen=True, kw_only=True):
    """A change as redocly reports it; ``path`` is a JSON pointer with references followed."""

    path: str
    kind: str
    impact: str
    verdicts: list[Verdict]
    property: str = ""


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of redocly's report that counts here."""

    report_version: Literal["1"]
    changes: list[Change]


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """A change that clients notice; only a note where they must bear with it."""

    path: str
    message: str
    note: bool


def compare(released: Path, current: Path) -> list[Finding]:
    """What clients notice between two documents, that which breaks first; raises Unusable."""
    if not REDOCLY.exists():
        raise Unusable("redocly is missing: run npm ci in tests/client")
    before, lost = _less_errors(_read(released), _read(current))
    with TemporaryDirectory() as folder:
        base = Path(folder) / "released.json"
        base.write_bytes(msgspec.json.encode(before))
        documents = [str(base), str(current.resolve())]
        command = [str(REDOCLY), "diff", *documents, f"--config={RULES}", "--format=json", "--fail-on=none"]
        done = subprocess.run(command, env={**os.environ, **_QUIET}, capture_output=True, check=False)
    try:
        report = msgspec.json.decode(done.stdout, type=Report)
    except msgspec.DecodeError as error:
        why = done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"
        raise Unusable(f"redocly could not compare {released} and {current}: {error}\n{why}") from error
    return sorted([*judge(report), *lost], key=lambda finding: (finding.note, finding))


def _less_errors(released: Json, current: Json) -> tuple[Json, list[Finding]]:
    """The released document without the errors that occur no more, and these as notes.

    Redocly would pair them with new statuses of other meaning.
    """
    lost = []
    for path, methods in released.get("paths", {}).items():
        for method, operation in methods.items():
            now = current.get("paths", {}).get(path, {}).get(method, {}).get("responses")
            before = operation.get("responses", {})
            gone = [status for status in before if status[0] in "345" and status not in now] if now else []
            for status in gone:
                del before[status]
                place = f"paths {path} {method} responses {status}"
                lost.append(Finding(path=place, message="The status occurs no more.", note=True))
    return released, lost


def judge(report: Report) -> set[Finding]:
    """The findings in a report."""
    return {finding for change in report.changes for finding in _findings(change)}


def _findings(change: Change) -> list[Finding]:
    path = change.path.removeprefix("#/").replace("/", " ").replace("~1", "/").replace("~0", "~")
    if change.property == "default" and "/parameters/" in change.path:
        # redocly thinks nothing of it, but who leaves the parameter out gets another answer
        return [Finding(path=path, message=f"The default was {change.kind}.", note=False)]
    reasons = [verdict for verdict in change.verdicts if verdict.impact == "major"]
    if change.impact == "major" and not reasons:
        return [Finding(path=path, message=f"{change.property or 'This'} was {change.kind}.", note=False)]
    found = []
    for verdict in reasons:
        # the contract has it that lists of words in answers may grow
        grows = verdict.rule_id == "enum-values-added" and "/responses/" in change.path
        found.append(Finding(path=path, message=verdict.message, note=grows))
    return found


def _read(document: Path) -> Json:
    try:
        found: Json = msgspec.json.decode(document.read_bytes(), type=Json)
    except (OSError, msgspec.DecodeError) as error:
        raise Unusable(f"{document} cannot be read: {error}") from error
    return found


def version(document: Path) -> Version:
    """The version that a document states; raises Unusable."""
    info = _read(document).get("info")
    text = info.get("version") if isinstance(info, dict) else None
    found = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})", str(text))
    if found is None:
        raise Unusable(f"{document}: its version ({text}) is not three numbers with dots between")
    return int(found[1]), int(found[2]), int(found[3])


def said(released: Version, current: Version) -> bool:
    """Whether the version says that something breaks.

    >>> [said((0, 1, 3), later) for later in ((0, 1, 4), (0, 2, 0), (1, 0, 0))]
    [False, True, True]
    >>> [said((1, 2, 3), later) for later in ((1, 3, 0), (2, 0, 0))]
    [False, True]
    """
    first = next((place for place, number in enumerate(released) if number), 2)
    return current[: first + 1] > released[: first + 1]


def check(released: Path, current: Path) -> bool:
    """Whether clients of the released document may go on with the current one; prints the findings."""
    before, now = version(released), version(current)
    findings = compare(released, current)
    allowed = said(before, now)
    for finding in findings:
        word = "note" if finding.note else "breaks as the version says" if allowed else "BREAKS"
        sys.stdout.write(f"{word}: {finding.path}: {finding.message}\n")
    if now < before:
        raise Unusable(f"the version went back from {_text(before)} to {_text(now)}")
    broken = sum(not finding.note for finding in findings)
    sys.stdout.write(f"{_text(before)} to {_text(now)}: {broken} breaking, {len(findings) - broken} to note\n")
    return allowed or not broken


def release() -> bool:
    """Whether the current document became the released one."""
    if not check(RELEASED, CURRENT):
        return False
    now = version(CURRENT)
    if now == version(RELEASED):
        raise Unusable(f"{_text(now)} is released already: raise the version first")
    if not re.search(rf"^## {re.escape(_text(now))}\b", CHANGES.read_text(encoding="utf-8"), re.MULTILINE):
        raise Unusable(f"openapi/CHANGES.md has no section {_text(now)}")
    shutil.copyfile(CURRENT, RELEASED)
    sys.stdout.write(f"openapi/released.json is {_text(now)} now\n")
    return True


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def main(arguments: Sequence[str]) -> int:
    """The exit status for command line arguments."""
    try:
        if list(arguments) == ["--release"]:
            return 0 if release() else 1
        if len(arguments) != 2:
            raise Unusable(_USAGE)
        return 0 if check(Path(arguments[0]), Path(arguments[1])) else 1
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
