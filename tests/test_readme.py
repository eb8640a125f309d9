"""The README says what is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from api.command import main
from tests import readme, snapshots
from tests.test_api_server import free_port

TEXT = readme.README.read_text("utf-8")
COMMAND = [sys.executable, "-m", "api.command"]
COMMANDS = [
    line.split("  #")[0].strip()
    for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.S | re.M)
    for line in block.splitlines()
]


def test_the_table_of_accuracy_is_up_to_date(corpus: Path) -> None:
    assert readme.written(TEXT, corpus) == TEXT


def test_the_first_two_shell_blocks_hold_one_command_each() -> None:
    blocks = re.findall(r"^```(?:bash|sh|shell|console)\s*\n(.*?)^```", TEXT, re.S | re.M)
    assert [len(block.strip().splitlines()) for block in blocks[:2]] == [1, 1]


def test_the_table_of_settings_is_up_to_date() -> None:
    assert readme.configured(TEXT) == TEXT


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A port on which the bundled seeds are served, and the data folder."""
    data = tmp_path_factory.mktemp("served")
    port = free_port()
    variables = os.environ | {"PLAN_INDICATORS_LOG": "errors", "PLAN_INDICATORS_DATA": str(data)}
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)], env=variables, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(600):
            try:
                with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield port, data
        process.terminate()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("user", ["From a frontend app", "As a data partner", "In contract tests", "As an operator"])
def test_what_each_user_is_told_to_do_works(user: str, served: tuple[int, Path], tmp_path: Path) -> None:
    port, data = served
    section = TEXT.partition(f"### {user}\n")[2].partition("\n##")[0]
    (block,) = re.findall(r"^```console\n(.*?)^```", section, re.S | re.M)
    # what fails, fails the test; each curl must give more than a few bytes
    script = (
        'set -euo pipefail\ncurl() { command curl --fail --silent --show-error "$@"; }\n'
        + f'plan-indicators() {{ {shlex.join(COMMAND)} "$@"; }}\n'
        + f'schemathesis() {{ {shlex.quote(sys.executable)} -m schemathesis.cli "$@"; }}\n'
        + block.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("python3 ", f"{shlex.quote(sys.executable)} ")
    )
    variables = os.environ | {"PLAN_INDICATORS_DATA": str(data)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert len(done.stdout) > 500
    assert all(path.stat().st_size > 500 for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("plan-indicators explain")])
def test_the_clause_of_the_readme_is_explained(command: str) -> None:
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0
    assert "fixed_asset_investment" in result.output


def test_the_sentence_of_the_readme_gives_its_json(published: Path) -> None:
    with snapshots.client(published) as client:
        answer = client.get(
            "/v1/regions/330702/observations?indicator=gross_regional_product&role=actual&measure=level&year=2022"
        )
    (found,) = answer.json()["data"]
    shown = re.search(r"^```json\n(.*?)^```", TEXT, re.S | re.M)
    assert shown is not None
    pairs = re.findall(r'"(\w+)": ("[^"]*"|[\d.]+)', shown[1])
    assert len(pairs) > 15
    for name, value in pairs:
        assert str(found[name]) == value.strip('"'), name
