"""Files of requirements in, known advisories on them out: ``python -m tests.advisories PIP_AUDIT FILE ...``.

PIP_AUDIT is the program of that name. Its first index of advisories that answers is asked; where none does, that is said.
An advisory, or a program that breaks, is exit status 1.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

INDEXES = ("pypi", "osv")
SECONDS = 120  # that an index may take for one file


class Advisory(Struct, frozen=True):
    """A weakness that is known of a version."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Package(Struct, frozen=True):
    """A pinned package, and what is known of it; ``skip_reason`` where the index does not know it."""

    name: str
    version: str = ""
    vulns: tuple[Advisory, ...] = ()
    skip_reason: str = ""


class Report(Struct, frozen=True):
    """What an index knows of a file of requirements."""

    dependencies: tuple[Package, ...]


def asked(program: str, index: str, path: str) -> Report | str:
    """What an index knows of the packages in a file, or why it says nothing of any."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "report.json")
        options = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "--timeout=10")
        command = [program, *options, f"--vulnerability-service={index}", f"--requirement={path}", f"--output={told}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
            report = msgspec.json.decode(told.read_bytes(), type=Report)
        except subprocess.TimeoutExpired:
            return f"no answer within {SECONDS} s"
        except FileNotFoundError:
            return next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no report")[:200]
    known = [package for package in report.dependencies if not package.skip_reason]
    reasons = [package.skip_reason for package in report.dependencies]
    return report if known or not reasons else reasons[0]


def lines(path: str, report: Report) -> tuple[list[str], int]:
    """What to tell of a file, and how many advisories there are."""
    told = [
        f"{path}: {package.name} {package.version}: {advisory.id}, mended in {', '.join(advisory.fix_versions) or 'none'}"
        for package in report.dependencies
        for advisory in package.vulns
    ]
    unknown = [package.name for package in report.dependencies if package.skip_reason]
    summed = f"{path}: {len(report.dependencies) - len(unknown)} packages looked up, {len(told)} advisories"
    return [*told, summed + (f"; unknown: {', '.join(unknown)}" if unknown else "")], len(told)


def main(arguments: Sequence[str]) -> int:
    """Tells what is known of each file's packages."""
    program, *paths = arguments
    found = 0
    for path in paths:
        reasons = []
        for index in INDEXES:
            answer = asked(program, index, path)
            if isinstance(answer, Report):
                told, number = lines(path, answer)
                found += number
                print("\n".join(told))  # noqa: T201
                break
            reasons.append(f"{index}: {answer}")
        else:
            print(f"{path}: skipped, no index of advisories answers ({'; '.join(reasons)})")  # noqa: T201
    return int(found > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
