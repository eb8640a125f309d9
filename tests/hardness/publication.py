"""Loads killed at random moments in, what the API answers afterwards out: ``python -m tests.hardness.publication``.

A folder with a published snapshot is loaded into, and the process is killed with SIGKILL: some at any moment, most at a
moment after it has begun to build. After each kill the API must answer with exactly the observations of the documents
that were published, and after the last a load must succeed and leave nothing behind. Prints a line for each stage in
which loads were killed. ``--times 100 --seed 1`` are the defaults.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from click.testing import CliRunner
from litestar.testing import TestClient

from api import snapshot
from api.command import main as main_command
from tests import snapshots

HERE = Path(__file__).parents[2]
COUNTIES = ("浦江县", "磐安县", "武义县", "松阳县", "云和县", "庆元县", "缙云县", "遂昌县")
_REPORT = """关于{county}2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告

2023年2月6日在{county}第十七届人民代表大会第二次会议上

各位代表:

一、2022年国民经济和社会发展计划执行情况

全年实现地区生产总值{value}亿元,增长3.1%;一般公共预算收入19.4亿元,增长5.2%。

二、2023年国民经济和社会发展主要预期目标

地区生产总值增长6%左右;固定资产投资增长10%以上。
"""
_OURS = {"current", "load.lock", "snapshots", "secret", "limits"}


def report(folder: Path, number: int) -> Path:
    """The document of this number; no two are the same."""
    path = folder / f"{number}.txt"
    text = _REPORT.format(county=COUNTIES[number % len(COUNTIES)], value=f"{200 + number}.8")
    path.write_text(text, "utf-8")
    return path


def start(data: Path, *arguments: object) -> subprocess.Popen[str]:
    """A load in a process of its own, with a folder for temporary files beside the data."""
    scratch = data.with_name(f"{data.name}.tmp")
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "api.command", "load", *map(str, arguments), "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "TMPDIR": str(scratch)},
    )


def load(data: Path, *arguments: object) -> tuple[int, str]:
    """Status of a load in this process, and what it says of failures; no server of this process has the folder open.

    DuckDB opens a file once for a process, and not twice in different ways.
    """
    result = CliRunner().invoke(main_command, ["load", *map(str, arguments), "--data", str(data)])
    return result.exit_code, result.stderr


def ids(client: TestClient[Any]) -> list[str]:
    """The ids of all observations that the API gives."""
    found: list[str] = []
    url = "/v1/observations?selection=all&limit=1000&fields=id"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        found += [row["id"] for row in answer.json()["data"]]
        link = re.match("<([^>]*)>", answer.headers.get("link", ""))
        url = link[1] if link else ""
    return found


@contextmanager
def served(data: Path) -> Iterator[TestClient[Any]]:
    """A client of a server that looks for a new snapshot at each request."""
    with mock.patch.object(snapshot, "_LOOK_AGAIN", 0.0), snapshots.client(data) as client:
        yield client
    gc.collect()  # what is left of requests holds the snapshot, which ``load`` could not open


def state(client: TestClient[Any]) -> tuple[str, bool]:
    """The snapshot that answers, and whether it is not the one that is published; /metrics must say the same."""
    told = client.get("/health/ready").json()
    page = client.get("/metrics").text
    assert f"plan_indicators_snapshot_problem {float(told['stale'])}" in page
    return told["snapshot"], told["stale"]


def debris(data: Path) -> list[str]:
    """Files that no snapshot needs."""
    inside = list((data / "snapshots").iterdir())
    whole = {path.stem for path in inside if path.suffix == ".duckdb"}
    left = [path.name for path in inside if path.name.partition(".")[0] not in whole]
    left += [path.name for path in data.iterdir() if path.name not in _OURS]
    scratch = data.with_name(f"{data.name}.tmp")
    return left + [path.name for path in scratch.glob("*")]


def stage(data: Path, before: str) -> str:
    """How far a load has come."""
    if (data / "current").read_text("ascii").strip() != before:
        return "published"
    building = next((data / "snapshots").glob(".building-*"), None)
    if building is None:
        return "before building"
    names = {path.suffix for path in building.iterdir()} if building.exists() else set()
    return "preparing or moving" if names & {".ndjson", ".csv", ".parquet", ".arrow", ".rows", ".json"} else "database"


def kill(data: Path, document: Path, chance: random.Random, span: float) -> str:
    """Start a load and kill it; the stage in which it was."""
    before = (data / "current").read_text("ascii").strip()
    with start(data, document) as process:
        if chance.random() < 0.2:
            time.sleep(chance.uniform(0, 2 * span))
        else:
            while process.poll() is None and not list((data / "snapshots").glob(".building-*")):
                time.sleep(0.001)
            time.sleep(chance.uniform(0, span))
        process.kill()
        process.communicate()
    return stage(data, before)


def built(data: Path, document: Path) -> float:
    """Seconds that a load takes from when it begins to build."""
    with start(data, document) as process:
        while process.poll() is None and not list((data / "snapshots").glob(".building-*")):
            time.sleep(0.001)
        begun = time.monotonic()
        assert process.wait(120) == 0, process.communicate()
        process.communicate()
    return time.monotonic() - begun


def attack(folder: Path, times: int, seed: int) -> Counter[str]:
    """Kill loads, and check after each; stages and how often they were met."""
    chance, stages, data = random.Random(seed), Counter[str](), folder / "data"  # noqa: S311
    documents = [report(folder, 0)]
    status, said = load(data, documents[0])
    assert status == 0, said
    documents.append(report(folder, 1))
    span = built(data, documents[1])
    with served(data) as client:
        known = ids(client)
        for number in range(times):
            document = report(folder, len(documents))
            found = kill(data, document, chance, span)
            stages[found] += 1
            now = ids(client)
            assert state(client)[1] is False
            assert len(now) == len(set(now)), f"kill {number}: doubled"
            if found == "published":
                documents.append(document)
                assert set(now) > set(known), f"kill {number}: published, but not all of it"
                known = now
            else:
                assert now == known, f"kill {number}, {found}: other observations than before"
    documents.append(report(folder, len(documents)))
    status, said = load(data, documents[-1])
    assert status == 0, said
    assert debris(data) == []
    with served(data) as client:
        last = ids(client)
    fresh = folder / "fresh"
    status, said = load(fresh, *documents)
    assert status == 0, said
    with served(fresh) as client:
        assert sorted(ids(client)) == sorted(last), "killed loads and a whole one do not come to the same"
    return stages


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hardness.publication")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        stages = attack(Path(folder), given.times, given.seed)
    for name, count in stages.most_common():
        sys.stdout.write(f"{count:4} killed: {name}\n")
    sys.stdout.write(f"seed {given.seed}, {time.monotonic() - begun:.0f} s: nothing lost, nothing doubled, no debris\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
