"""Names that the catalogue lacks are listed with the nearest indicators; nothing is merged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.command import main
from loaders import indicator, kept, suggest

REPORT = """关于浦江县2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告

2023年2月6日在浦江县第十七届人民代表大会第二次会议上

各位代表:

一、2022年国民经济和社会发展计划执行情况

全年实现地区生产总值262.8亿元,增长3.1%。水晶产业销售产值完成81.5亿元,增长6.3%。挂锁产业园投产率达到88%。

二、2023年国民经济和社会发展主要预期目标

水晶产业销售产值增长7%左右。
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["catalogue", "suggest", *(str(argument) for argument in arguments)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    report, folder = tmp_path / "report.txt", tmp_path / "data"
    report.write_text(REPORT, "utf-8")
    loaded = CliRunner().invoke(main, ["load", str(report), "--data", str(folder)])
    assert loaded.exit_code == 0, loaded.output
    return folder


def table(result: Result) -> list[dict[str, str]]:
    head, *lines = result.stdout.splitlines()
    columns = head.split("\t")
    assert tuple(columns) == suggest.COLUMNS
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


def test_unmapped_names_are_listed_most_used_first(data: Path) -> None:
    result = run("--data", data)
    assert result.exit_code == 0, result.output
    names = list(dict.fromkeys(line["name"] for line in table(result)))
    assert names[0] == "水晶产业销售产值"
    assert "地区生产总值" not in names
    first = table(result)[0]
    assert (first["observations"], first["documents"]) == ("3", "1")
    assert first["id"] == indicator.unmapped_id("水晶产业销售产值")
    assert "81.5亿元" in first["quote"]
    assert first["wording"] == "水晶产业销售产值"


def test_each_candidate_is_an_indicator_and_the_nearest_comes_first(data: Path) -> None:
    lines = [line for line in table(run("--data", data)) if line["candidate"]]
    assert lines
    known = indicator.catalogue().indicators
    assert {line["candidate"] for line in lines} <= set(known)
    for name in {line["name"] for line in lines}:
        near = [int(line["similarity"]) for line in lines if line["name"] == name]
        assert near == sorted(near, reverse=True)
        assert len(near) <= suggest.NEAREST


def test_the_limit_is_of_names(data: Path) -> None:
    assert len({line["name"] for line in table(run("--data", data, "--limit", 1))}) == 1
    assert run("--data", data, "--limit", 0).exit_code == 2


def test_proposing_changes_nothing(data: Path) -> None:
    now = kept.current(data)
    assert now is not None
    before = hashlib.sha256(now.read_bytes()).digest()
    run("--data", data)
    assert kept.current(data) == now
    assert hashlib.sha256(now.read_bytes()).digest() == before


def test_without_a_snapshot_the_message_says_what_to_do(tmp_path: Path) -> None:
    result = run("--data", tmp_path / "none")
    assert result.exit_code == 1
    assert "no snapshot is published" in result.stderr
    assert "plan-indicators load" in result.stderr


def test_a_broken_snapshot_is_one_clear_line(data: Path) -> None:
    now = kept.current(data)
    assert now is not None
    now.write_bytes(b"no database")
    result = run("--data", data)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "cannot be read" in result.stderr


def test_fields_hold_neither_tabs_nor_line_ends() -> None:
    one = suggest.Unmapped(
        id="u_0000000001",
        name="甲\t乙",
        observations=1,
        documents=1,
        wordings=("甲\n乙", "丙"),
        units=(),
        quote="甲\r\n乙1个",
        candidates=(),
    )
    (line,) = suggest.lines(one)
    assert "\n" not in line
    assert line.split("\t") == ["1", "1", "u_0000000001", "甲 乙", "", "", "", "", "甲 乙 | 丙", "甲 乙1个"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("规上工业增加值现价总量", "value_added_of_industry_above_designated_size"),
        ("农村居民人均可支配收入水平", "per_capita_disposable_income_of_rural_households"),
        ("全社会研发经费投入强度指标", "rd_expenditure_as_percentage_of_gdp"),
    ],
)
def test_the_nearest_indicator_is_found(name: str, wanted: str) -> None:
    assert suggest.nearest(name, indicator.catalogue())[0].id == wanted


def test_a_name_like_no_other_has_no_candidate() -> None:
    assert suggest.nearest("魑魅魍魉", indicator.catalogue()) == ()
