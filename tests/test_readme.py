"""The README says what is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from api.command import main
from tests import readme, snapshots

TEXT = readme.README.read_text("utf-8")
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


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("curl ")])
def test_the_questions_of_the_readme_are_answered(command: str, published: Path) -> None:
    words = shlex.split(command)
    url = urlsplit(words[-1])
    headers = dict(words[index + 1].split(": ", 1) for index, word in enumerate(words) if word == "-H")
    with snapshots.client(published) as client:
        answer = client.get(f"{url.path}?{url.query}", headers=headers)
    assert answer.status_code == 200, answer.text
    assert len(answer.text) > 200


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
