"""Extraction is scored against labels, and the scores only rise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.command import main
from loaders import document, evaluate
from tests import floors

LABELS = "doc\ttable\trow\tsub\tsource_name\tyear\trole\tmeasure\tcomparator\tvalue\tvalue_high\tunit\tstance\tresponsible\tdesignation\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_text(
        "关于浦江县2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告\n\n各位代表:\n\n"
        "一、2022年国民经济和社会发展计划执行情况\n\n全年固定资产投资增长6.5%。\n",
        "utf-8",
    )
    return tmp_path


def narrative(folder: Path, value: str) -> Path:
    text = (folder / "one.txt").read_text("utf-8")
    start = text.index("增长6.5%")
    path = folder / "labels.tsv"
    path.write_text(
        "doc\tn\ttier\tname\tyear\trole\tmeasure\tcomparator\tvalue\tvalue_high\tunit\tstance\tanchor\tstart\tend\n"
        f"one\t1\tA\t固定资产投资\t2022\tactual\tgrowth\teq\t{value}\t\t%\t\t增长6.5%\t{start}\t{start + 6}\n",
        "utf-8",
    )
    return path


def test_a_right_observation_counts_for_recall_and_precision(folder: Path) -> None:
    (score,) = evaluate.evaluate([narrative(folder, "6.5")], folder)
    assert (score.recall("A"), score.precision()) == (1.0, 1.0)


def test_a_wrong_value_counts_against_both_and_is_told(folder: Path) -> None:
    (score,) = evaluate.evaluate([narrative(folder, "6.6")], folder)
    assert (score.recall("A"), score.precision()) == (0.0, 0.0)
    assert "value" in score.misses[0]


def test_a_change_tells_what_it_won_and_lost(folder: Path, tmp_path: Path) -> None:
    saved = tmp_path / "before.json"
    run = CliRunner().invoke
    assert (
        run(
            main, ["evaluate", str(narrative(folder, "6.5")), "--documents", str(folder), "--save", str(saved)]
        ).exit_code
        == 0
    )
    text = (folder / "one.txt").read_text("utf-8")
    (folder / "one.txt").write_text(text.replace("固定资产投资增长6.5%", "固定资产投资增长6.4%"), "utf-8")
    output = run(
        main, ["evaluate", str(folder / "labels.tsv"), "--documents", str(folder), "--against", str(saved)]
    ).output
    assert "lost one text: 固定资产投资 growth eq 6.5 % 2022 actual: right -> wrong" in output


def test_labels_of_an_unknown_document_are_refused(folder: Path) -> None:
    path = folder / "labels.tsv"
    path.write_text(LABELS + "nowhere\tt1\t1\t0\tx\t2022\tactual\tlevel\teq\t1\t\t\t\t\t\n", "utf-8")
    result = CliRunner().invoke(main, ["evaluate", str(path), "--documents", str(folder)])
    assert result.exit_code == 1
    assert "no document nowhere" in result.stderr


def test_a_file_without_the_columns_of_labels_is_refused(folder: Path) -> None:
    path = folder / "other.tsv"
    path.write_text("a\tb\n1\t2\n", "utf-8")
    result = CliRunner().invoke(main, ["evaluate", str(path), "--documents", str(folder)])
    assert result.exit_code == 1
    assert "the columns" in result.stderr


@pytest.mark.parametrize("name", sorted(json.loads(floors.FILE.read_text("utf-8"))))
def test_scores_do_not_fall(name: str) -> None:
    """A crash counts as a full miss: it fails here. Labels that changed ask for a new look at their floors."""
    if name not in floors.label_files():
        pytest.skip("PLAN_INDICATORS_CORPUS names no folder with documents/ and gold/")
    labels, documents = floors.label_files()[name]
    pinned = json.loads(floors.FILE.read_text("utf-8"))[name]
    assert floors.digest(labels) == pinned["labels"]
    now = floors.reached(labels, documents)
    fallen = {
        (doc, what): (now.get(doc, {}).get(what, 0.0), floor)
        for doc, shares in pinned["documents"].items()
        for what, floor in shares.items()
        if now.get(doc, {}).get(what, 0.0) < floor
    }
    assert fallen == {}


@pytest.mark.parametrize("path", sorted(floors.HERE.glob("*/none-*")), ids=lambda path: path.name)
def test_what_is_no_plan_document_yields_nothing(path: Path) -> None:
    with pytest.raises(document.Refused, match="no plan document"):
        document.read(path.read_bytes(), path.name)
