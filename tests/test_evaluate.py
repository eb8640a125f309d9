"""Extraction is scored against labels, and the scores only rise."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.command import main
from loaders import evaluate

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


# Floors for each document: digest of the labels, recall by tier, precision. They only rise; a change of the labels
# changes their digest and asks for a new look at the floors.
FLOORS: dict[str, tuple[str, dict[str, dict[str, float]]]] = {}


@pytest.mark.parametrize("name", ["tables.tsv", "narrative.tsv"])
def test_scores_do_not_fall(name: str, corpus: Path) -> None:
    path = corpus / "gold" / name
    digest, floors = FLOORS[name]
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:16] == digest
    scores = {score.doc: score for score in evaluate.evaluate([path], corpus / "documents")}
    assert set(scores) == set(floors)
    for doc, floor in floors.items():
        reached = {tier: scores[doc].recall(tier) for tier in scores[doc].labels} | {"precision": scores[doc].precision()}
        assert {what: value for what, value in reached.items() if value < floor[what]} == {}, doc
