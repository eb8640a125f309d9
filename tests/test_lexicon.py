"""Each rule of a lexicon matches its examples and none of its counter-examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders import furniture, header, lexicon
from loaders.lexicon import Rule

OWN = ("repairs", "furniture", "genres")
ALL = sorted(path.stem for path in lexicon.SEEDS.glob("*.toml") if "[[rule]]" in path.read_text("utf-8"))


def matches(rule: Rule, words: str) -> bool:
    found = re.fullmatch(rule.source, words) if rule.whole else re.search(rule.source, words)
    return found is not None


@pytest.mark.parametrize("name", ALL)
def test_every_lexicon_is_well_formed(name: str) -> None:
    assert all(rule.reason and rule.examples for rule in lexicon.rules(name))


@pytest.mark.parametrize("name", OWN)
def test_every_rule_matches_its_examples_and_not_its_counter_examples(name: str) -> None:
    wrong = [(rule.name, words) for rule in lexicon.rules(name) for words in rule.examples if not matches(rule, words)]
    wrong += [
        (rule.name, words) for rule in lexicon.rules(name) for words in rule.counter_examples if matches(rule, words)
    ]
    assert wrong == []
    assert [rule.name for rule in lexicon.rules(name) if not rule.counter_examples] == []


def test_every_list_of_tables_has_its_examples_and_not_its_counter_examples() -> None:
    rules = lexicon.rules("tables")
    assert [(rule.name, word) for rule in rules for word in rule.examples if word not in rule.words] == []
    assert [(rule.name, word) for rule in rules for word in rule.counter_examples if word in rule.words] == []
    assert [rule.name for rule in rules if not rule.counter_examples] == []


def test_no_header_cell_names_two_kinds_of_column_or_two_periods() -> None:
    for result in ("column", "period"):
        words = [word for rule in lexicon.rules("tables") if rule.result == result for word in rule.words]
        assert sorted(word for word in set(words) if words.count(word) > 1) == []


def test_every_word_of_a_repair_has_an_example() -> None:
    rules = [rule for rule in lexicon.rules("repairs") if rule.result not in ("telltale", "lost")]
    words = [(rule, word) for rule in rules for word in rule.words]
    assert [word for rule, word in words if not any(word in example for example in rule.examples)] == []


def test_no_word_is_repaired_in_two_ways() -> None:
    words = [
        word for rule in lexicon.rules("repairs") if rule.result not in ("telltale", "lost") for word in rule.words
    ]
    assert sorted(word for word in set(words) if words.count(word) > 1) == []


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于某市2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告", "plan-report"),
        ("2024年某县政府工作报告", "work-report"),
        ("2023年某区高质量发展工作要点", "work-programme"),
        ("某省2023年国民经济和社会发展统计公报", "other"),
        ("某市2024年政府工作报告出炉", None),
        ("一图读懂政府工作报告的十个要点", None),
    ],
)
def test_a_title_names_its_genre(title: str, kind: str | None) -> None:
    assert furniture.genre(title) == kind


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, words: str, name: str = "some") -> None:
    (folder / f"{name}.toml").write_text(words, "utf-8")
    monkeypatch.setattr(lexicon, "SEEDS", folder)
    lexicon.rules.cache_clear()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("[[rule]]\nname = 'a'\n", "some.toml: Object missing required field `reason`"),
        (
            "[[rule]]\nname = 'a'\nreason = 'r'\nexamples = []\ncounter_examples = []\n",
            "the rule a needs words or a pattern",
        ),
        ("[[rule]\n", "some.toml"),
        (
            "[[rule]]\nname = 'a'\nreason = 'r'\nexamples = []\ncounter_examples = []\nwords = ['x']\n" * 2,
            "the rule a stands there twice",
        ),
        (
            "[[rule]]\nname = 'a'\nreason = 'r'\nexamples = []\ncounter_examples = []\nwords = ['x']\nresults = 'y'\n",
            "unknown field `results`",
        ),
    ],
)
def test_a_broken_lexicon_stops_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    try:
        write(tmp_path, monkeypatch, words)
        with pytest.raises(ValueError, match=re.escape(message)):
            lexicon.rules("some")
    finally:
        lexicon.rules.cache_clear()


def test_a_lexicon_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"lexicon/nothing\.toml"):
        lexicon.rules("nothing")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (r'\[\[rule\]\]\nname = "tasks".*?\n(?=\[\[)', "", "missing required field `tasks` - at `$.column`"),
        ('result = "period"', 'result = "periods"', "unknown field `periods`"),
        ('name = "slash"', 'name = "slashes"', "unknown field `slashes` - at `$.cell`"),
        (r'(name = "now"\n)words = .*?\n', r"\1pattern = '今年'\n", "length >= 1 - at `$.value_header.now`"),
    ],
    ids=["missing", "result", "name", "pattern"],
)
def test_a_list_of_tables_that_is_missing_or_unknown_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    words = re.sub(old, new, (lexicon.SEEDS / "tables.toml").read_text("utf-8"), flags=re.DOTALL)
    try:
        write(tmp_path, monkeypatch, words, "tables")
        with pytest.raises(ValueError, match=re.escape("lexicon/tables.toml: ") + ".*" + re.escape(message)):
            header.words.__wrapped__()
    finally:
        lexicon.rules.cache_clear()
