"""Documents become a published snapshot: the command line, the database's checks, the seeds that stand for documents."""

from __future__ import annotations

import itertools
from pathlib import Path

import duckdb
import msgspec
import pytest
from click.testing import CliRunner, Result

from api.command import main
from loaders import archive, correction, document, extract, kept, observation, publication, seeds, snapshot

REPORT = """关于浦江县2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告

2023年2月6日在浦江县第十七届人民代表大会第二次会议上

各位代表:

一、2022年国民经济和社会发展计划执行情况

全年实现地区生产总值262.8亿元,增长3.1%;一般公共预算收入19.4亿元,增长5.2%。城乡居民人均可支配收入分别增长4.4%、6.9%。

二、2023年国民经济和社会发展主要预期目标

地区生产总值增长6%左右;固定资产投资增长10%以上;居民人均可支配收入与经济增长同步。
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(REPORT, "utf-8")
    return path


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    now = kept.current(data)
    assert now is not None
    with duckdb.connect(str(now), read_only=True) as base:
        return base.execute(query).fetchall()


def test_a_report_is_loaded_and_published(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    result = run("load", report, "--data", data)
    assert result.exit_code == 0, result.output
    assert "region 330726" in result.output
    found = rows(
        data,
        "SELECT indicator, year, role, measure, comparator, value::VARCHAR, unit_label, stance FROM observations "
        "WHERE preferred ORDER BY quote_start, indicator",
    )
    assert ("gross_regional_product", 2022, "actual", "level", "eq", "262.800000", "亿元", None) in found
    assert ("gross_regional_product", 2022, "actual", "growth", "eq", "3.100000", "%", None) in found
    assert ("gross_regional_product", 2023, "target", "growth", "approx", "6.000000", "%", None) in found
    assert ("fixed_asset_investment", 2023, "target", "growth", "ge", "10.000000", "%", None) in found
    assert (
        "per_capita_disposable_income_of_households", 2023, "target", "growth", None, None, None, "in_line_with_growth",
    ) in found  # fmt: skip
    assert len(found) == 9


def test_the_same_digest_again_changes_nothing(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("load", report, "--data", data)
    before = kept.current(data)
    result = run("load", report, "--data", data)
    assert (result.exit_code, kept.current(data)) == (0, before)
    assert "nothing changed" in result.output


def test_a_second_document_is_added_and_replace_starts_empty(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    other = tmp_path / "other.txt"
    other.write_text(REPORT.replace("浦江县", "磐安县"), "utf-8")
    run("load", report, "--data", data)
    first = rows(data, "SELECT id FROM observations ORDER BY id")
    run("load", other, "--data", data)
    assert rows(data, "SELECT count(*) FROM documents") == [(2,)]
    assert set(first) < set(rows(data, "SELECT id FROM observations"))
    run("load", other, "--replace", "--data", data)
    assert rows(data, "SELECT region FROM documents") == [("330727",)]


def test_two_documents_of_one_name_are_told_apart(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    other = tmp_path / "other.txt"
    other.write_text(REPORT.replace("262.8", "262.9"), "utf-8")
    run("load", report, other, "--data", data)
    (first,), (second,) = rows(data, "SELECT id FROM documents ORDER BY id")
    assert first == "330726-2023-plan-report"
    assert str(second).startswith("330726-2023-plan-report-")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty"),
        ("binary.txt", b"\x7fELF\x00\x01" + bytes(range(256)), "binary.txt"),
        ("news.txt", "昨日,某市举行马拉松比赛,12000人参加,奖金总额50万元。".encode(), "no plan document"),
        ("picture.png", b"\x89PNG", "not a kind that is read"),
    ],
)
def test_a_bad_file_is_reported_and_the_rest_is_published(
    name: str, content: bytes, said: str, report: Path, tmp_path: Path
) -> None:
    data, bad = tmp_path / "data", tmp_path / name
    bad.write_bytes(content)
    result = run("load", bad, report, "--data", data)
    assert result.exit_code == 1
    assert said in result.stderr
    assert name in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert rows(data, "SELECT count(*) FROM documents") == [(1,)]


def test_where_nothing_can_be_read_nothing_is_published(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "none"
    folder.mkdir()
    (folder / "notes.md").write_text("x")
    result = run("load", tmp_path / "absent.txt", folder, "--data", data)
    assert result.exit_code == 1
    assert "no such file" in result.stderr
    assert "no documents in this folder" in result.stderr
    assert "1 files of other kinds passed over" in result.output
    assert kept.current(data) is None


def test_gb18030_is_read_like_utf8(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    path = tmp_path / "old.txt"
    path.write_bytes(REPORT.encode("gb18030"))
    assert run("load", path, "--data", data).exit_code == 0
    assert rows(data, "SELECT count(*) FROM observations") == [(9,)]


def test_wrong_usage_ends_with_two() -> None:
    assert run("load", "--nonsense").exit_code == 2
    assert run("snapshots", "use").exit_code == 2


@pytest.mark.parametrize(
    "command",
    [[], *([name] for name in ("load", "serve", "export", "evaluate", "audit", "explain", "text")), ["snapshots"]],
)
def test_every_command_has_help(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4


def test_text_prints_what_offsets_refer_to(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    run("load", report, "--data", data)
    text = run("text", report).output
    found = rows(data, "SELECT quote, quote_start, quote_end FROM observations")
    assert found
    for quote, start, end in found:
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert text[start:end] == quote


def test_audit_counts_every_figure(report: Path) -> None:
    result = run("audit", "--all", report)
    *lines, last = result.output.strip().splitlines()
    assert last.startswith(f"{len(lines)} figures: ")
    assert " 0 unread" in last


def test_explain_tells_figure_rule_and_indicator() -> None:
    output = run("explain", "固定资产投资增长17.9%").output
    assert "fixed_asset_investment" in output
    assert "growth eq 17.9" in output
    assert "subject_before" in output


def test_snapshots_can_be_listed_and_used_again(report: Path, tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other.txt"
    other.write_text(REPORT.replace("浦江县", "磐安县"), "utf-8")
    run("load", report, "--data", data)
    first = kept.current(data)
    run("load", other, "--data", data)
    assert first is not None
    listed = run("snapshots", "list", "--data", data).output.splitlines()
    assert [line.endswith("current") for line in listed] == [False, True]
    assert run("snapshots", "use", first.stem, "--data", data).exit_code == 0
    assert kept.current(data) == first
    assert run("snapshots", "use", "../etc", "--data", data).exit_code == 1


def test_prune_keeps_the_current_snapshot(report: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for index in range(3):
        report.write_text(REPORT + f"\n<!-- {index} -->", "utf-8")
        run("load", report, "--data", data)
    gone = kept.prune(data, keep=1, seconds=0)
    assert len(gone) == 2
    assert len(kept.snapshots(data)) == 1


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"comparator": None}, "CHECK"),
        ({"value_high": "1"}, "CHECK"),
        ({"comparator": "range"}, "CHECK"),
        ({"stance": "rise"}, "CHECK"),
        ({"role": "target"}, "CHECK"),
        ({"role": "wish"}, "wish"),
        ({"year": 1066}, "CHECK"),
        ({"quote_end": 3}, "CHECK"),
        ({"region": "999999"}, "an observation of an unknown region"),
        ({"indicator": "nothing"}, "an observation of an unknown indicator"),
        ({"unit": "furlong"}, "a unit without a definition"),
    ],
)
def test_an_impossible_record_stops_the_load(
    change: dict[str, object], refused: str, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = extract.extract(document.read(report.read_bytes(), report.name))
    observe = observation.observe

    def broken(card: document.Card, statements: object) -> object:
        made, own = observe(card, loaded.statements)
        return [msgspec.structs.replace(made[0], **change), *made[1:]], own

    monkeypatch.setattr(observation, "observe", broken)
    with pytest.raises(snapshot.NotPublished, match=refused):
        publication.publish(tmp_path / "data", [loaded])
    assert kept.current(tmp_path / "data") is None


def test_a_correction_mends_its_statement_and_fails_once_it_no_longer_fits(report: Path) -> None:
    loaded = extract.extract(document.read(report.read_bytes(), report.name))
    first = loaded.statements[0]
    mend = correction.Correction(
        sha256=loaded.card.sha256, at=first.at, field="scope", was="", now="区属", reason="a footnote says so"
    )
    mended = correction.corrected(loaded.card.sha256, list(loaded.statements), [mend])
    assert mended[0].scope == "区属"
    stale = msgspec.structs.replace(mend, was="市属")
    with pytest.raises(ValueError, match="any more"):
        correction.corrected(loaded.card.sha256, list(loaded.statements), [stale])


def test_statements_come_back_as_written(report: Path, tmp_path: Path) -> None:
    loaded = extract.extract(document.read(report.read_bytes(), report.name))
    archive.write(tmp_path / "seeds", [loaded])
    assert archive.read(tmp_path / "seeds") == [loaded]


def test_documents_give_the_same_bytes_as_the_seeds(corpus: Path, tmp_path: Path) -> None:
    assert archive.main([str(corpus / "documents"), str(tmp_path)]) == 0
    bundled = {path.name: path.read_bytes() for path in (seeds.FOLDER / "statements").glob("*.csv")}
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")} == bundled


def test_documents_and_seeds_give_the_same_database(corpus: Path, tmp_path: Path, published: Path) -> None:
    assert run("load", corpus / "documents", "--data", tmp_path).exit_code == 0
    for table in ("documents", "observations", "unread", "indicators"):
        query = f"SELECT * FROM {table} ORDER BY ALL"
        assert rows(tmp_path, query) == rows(published, query)


def test_every_quote_stands_in_its_document(corpus: Path, published: Path) -> None:
    raw = {}
    for path in (corpus / "documents").glob("*.txt"):
        read = document.read(path.read_bytes(), path.name)
        raw[read.card.sha256] = read.raw
    found = rows(
        published,
        "SELECT sha256, quote, quote_start, quote_end FROM observations o JOIN documents d ON o.document = d.id",
    )
    assert len(found) > 1500
    for digest, quote, start, end in found:
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert raw[str(digest)][start:end] == quote


def test_one_observation_of_each_kind_is_preferred(published: Path) -> None:
    kinds = "region, indicator, period, role, measure, base_period, scope"
    counts = rows(published, f"SELECT count(*) FILTER (preferred) FROM observations GROUP BY {kinds}")
    assert set(counts) == {(1,)}


def test_ordinals_are_dense_in_the_order_of_the_table(published: Path) -> None:
    found = rows(
        published,
        "SELECT ordinal, region, year, coalesce(category, '~'), indicator, id FROM observations ORDER BY ordinal",
    )
    assert [row[0] for row in found] == list(range(1, len(found) + 1))
    assert all(one[1:3] <= other[1:3] for one, other in itertools.pairwise(found))


def test_a_snapshot_of_an_earlier_schema_becomes_one_of_this(tmp_path: Path) -> None:
    assert publication.publish(tmp_path, archive.read())
    path = kept.current(tmp_path)
    assert path is not None
    assert not kept.outdated(tmp_path)
    with duckdb.connect(str(path)) as connection:
        for table in ("assessments", "assessment_summaries", "discrepancies"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE snapshot SET schema_version = 1")
    assert kept.outdated(tmp_path)
    assert publication.publish(tmp_path, []) is not None
    assert not kept.outdated(tmp_path)
    after = kept.current(tmp_path)
    assert after is not None
    with duckdb.connect(str(after), read_only=True) as connection, duckdb.connect(str(path), read_only=True) as before:
        count = "SELECT count(*) FROM observations"
        assert connection.execute(count).fetchall() == before.execute(count).fetchall()
        for table in ("assessments", "assessment_summaries", "discrepancies"):
            assert connection.execute(f"SELECT count(*) > 0 FROM {table}").fetchall() == [(True,)]
    assert publication.publish(tmp_path, archive.read()) is None
