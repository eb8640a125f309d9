"""Files of a snapshot with a flipped bit in, what the API answers out: ``python -m tests.hardness.damage``.

The current of two snapshots is damaged in one place of one of its files; a server that starts on it may go back to the
snapshot before, refuse a request (5xx), or answer as if nothing were the matter. A wrong answer is what must not be.
``--times 200 --seed 1`` are the defaults.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from litestar.testing import TestClient

from tests.hardness import publication

FILES = ("duckdb", "rows", "ndjson", "exports.json")
QUESTIONS = (
    "/v1/observations?selection=all&limit=1000",
    "/v1/observations?limit=7",
    "/v1/observations?region=330726&selection=all",
    "/v1/observations?region=330726&year=2023&category=economy",
    "/v1/observations?role=target",
    "/v1/indicators?limit=1000",
    "/v1/documents",
    "/v1/assessments",
    "/v1/discrepancies",
)


def current(data: Path) -> str:
    return (data / "current").read_text("ascii").strip()


def file(data: Path, kind: str) -> Path:
    """A file of the current snapshot."""
    return data / "snapshots" / f"{current(data)}.{kind}"


def two(folder: Path) -> Path:
    """A data folder with two snapshots; the first has one document, the second two."""
    data = folder / "data"
    for number in range(2):
        assert publication.load(data, publication.report(folder, number))[0] == 0
    return data


def answers(client: TestClient[Any]) -> list[tuple[int, bytes]]:
    """Status and body of each question; of one that failed no body, as it has an id of its own."""
    found = [client.get(question) for question in QUESTIONS]
    return [(one.status_code, one.content if one.status_code == 200 else b"") for one in found]


def judge(data: Path, right: list[tuple[int, bytes]], before: list[tuple[int, bytes]]) -> str:
    """What a fresh server makes of the folder."""
    with publication.served(data) as client:
        seen = answers(client)
    if seen == right:
        return "answers as if nothing were the matter"
    if seen == before:
        return "the snapshot before"
    odd = [one for place, one in enumerate(seen) if one not in (right[place], before[place])]
    if all(status >= 500 for status, _ in odd):
        return "some requests refused, the others right"
    return "WRONG"


def attack(folder: Path, times: int, seed: int) -> Counter[tuple[str, str]]:
    """Flip bits, one at a time; what came of it, by file."""
    chance, data = random.Random(seed), two(folder)  # noqa: S311
    with publication.served(data) as client:
        right = answers(client)
    now = current(data)
    (first,) = (path.stem for path in (data / "snapshots").glob("*.duckdb") if path.stem != now)
    (data / "current").write_text(first)
    with publication.served(data) as client:
        before = answers(client)
    (data / "current").write_text(now)
    found = Counter[tuple[str, str]]()
    for number in range(times):
        kind = FILES[number % len(FILES)]
        path, kept = file(data, kind), folder / "kept"
        shutil.copy2(path, kept)
        content = bytearray(path.read_bytes())
        used = [place for place in range(0, len(content), 4096) if any(content[place : place + 4096])]
        place = min(chance.choice(used) + chance.randrange(4096), len(content) - 1)
        content[place] ^= 1 << chance.randrange(8)
        path.unlink()
        path.write_bytes(content)
        found[kind, judge(data, right, before)] += 1
        kept.replace(path)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.damage")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        found = attack(Path(folder), given.times, given.seed)
    for (kind, outcome), count in sorted(found.items()):
        sys.stdout.write(f"{count:4} .{kind}: {outcome}\n")
    wrong = sum(count for (_, outcome), count in found.items() if outcome == "WRONG")
    sys.stdout.write(f"seed {given.seed}: {wrong} wrong answers\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
