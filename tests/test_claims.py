"""What a document says itself of how many targets it met: read where it is said, and nowhere else."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from loaders import archive, area, claim, document, evaluate, extract, kept, lexicon, publication, snapshot
from loaders.claim import Claim
from loaders.section import Context
from loaders.sentence import Place
from loaders.text import Text
from tests import snapshots
from tests.test_load import REPORT

PLACE = "全年实现地区生产总值262.8亿元"
Counts = tuple[int | None, int | None, int | None, int | None]


def claims(words: str, report: str = REPORT) -> list[Claim]:
    """What is read from a paragraph of its own in the first chapter of a report on 2022."""
    read = document.read(report.replace(PLACE, f"{words}\n\n{PLACE}").encode(), "report.txt")
    found = extract.extract(read).claims
    assert all(read.raw[one.start : one.end] == one.quote for one in found)
    assert all(len(re.sub(r"\s|\([a-zāáǎàēéěèīíǐìōóǒòūúǔùü]+\)", "", one.quote)) <= 60 for one in found)
    return list(found)


def counts(found: list[Claim]) -> list[Counts]:
    return [(one.targets, one.met, one.missed, one.unavailable) for one in found]


SAID: list[tuple[str, Counts]] = [
    ("年初人代会确定的30项主要指标中,26项完成或好于预期,3项未完成,1项无数据。", (30, 26, 3, 1)),
    ("列入计划的33项指标完成28项。", (33, 28, None, None)),
    ("33项主要经济社会发展指标预计完成28项、未完成5项。", (33, 28, 5, None)),
    ("对照目标,有5项指标未达预期。", (None, None, 5, None)),
    ("全县二十五项主要指标中,二十二项达到或超过年初预期目标,两项低于预期目标。", (25, 22, 2, None)),
    ("主要指标共24项,其中完成20项,3项有差距,1项因口径调整暂无数据。", (24, 20, 3, 1)),
    ("28项计划指标中,达到或超过预期目标的有23项,未达到预期目标的有5项。", (28, 23, 5, None)),
    ("36项主要指标全部完成年度目标。", (36, 36, None, None)),
    ("在纳入计划的18个主要指标中,16个完成年度目标;2个受市场影响未能完成。", (18, 16, 2, None)),
    ("30项主要指标中,某产业产值因口径调整无数据。增加值、税收等26项指标完成情况较好;进口、用电等3项指标离目标还有差距。", (30, 26, 3, 1)),
    ("工业、投资等6项指标与县人大会议确定的目标尚有较大差距。", (None, None, 6, None)),
    ("22项主要预期目标中,18项顺利完成,4项滞后。", (22, 18, 4, None)),
    ("26项主要指标中,除进口外,其余25项均完成目标。", (26, 25, None, None)),
    ("20项指标中,15项完成,3项基本完成,2项未完成。", (20, 15, 2, None)),
    ("20项指标中,10项超额完成,8项完成,2项未完成。", (20, None, 2, None)),
    ("40项指标中,35项完成目标,其中12项超额完成。", (40, 35, None, None)),
    ("2022年，３０项主要指标中，２６项好于预期，４项不及预期。", (30, 26, 4, None)),
    ("全年有26项指标完成或超额完成年度计划。", (None, 26, None, None)),
    ("八大类58项指标,47项完成年度目标,11项指标(含投资、用电)增速低于年度目标。", (58, 47, 11, None)),
    ("计划确定的27个主要预期目标,24个可以完成或超额完成,3个完不成。", (27, 24, 3, None)),
    ("16项主要指标中,12项完成,4项指标数据尚未公布。", (16, 12, None, 4)),
]  # fmt: skip
UNSAID = [
    "26项重点项目完成投资40亿元。",
    "30项改革任务完成28项,2项未完成。",
    "十方面民生实事全部完成。",
    "十件民生实事30项指标全部完成。",
    "30项指标中,28项完成,5项未完成。",
    "市定的18项考核指标中,6项未完成。",
    "11项约束性指标全部完成。",
    "上半年30项主要指标中,20项完成。",
    "1—9月,30项主要指标中,20项完成目标。",
    "“十三五”规划确定的30项主要指标全部完成。",
    "五年来,30项主要指标中28项完成。",
    "30项主要指标中,12项增速高于全省平均,5项居全市首位。",
    "确保30项主要指标全部完成。",
    "28项指标好于序时进度,2项指标未达时序进度。",
    "全省30项主要指标中,28项完成。",
    "金华市30项主要指标中,28项完成。",
    "争取用地指标1709亩,完成30项主要指标的分解。",
    "工业、投资等5项指标完成较好。",
    "除投资外,其余23项指标均完成年度目标。",
    "国家卫生城市40项指标全部达标。",
    "各项主要指标圆满完成,位居全市前三名。",
    "2023年,30项主要指标完成28项。",
    "推动72个指标按照年度目标抓好落实,完成投资20项。",
    "完成年度目标的50%,新增试点26项。",
]


@pytest.mark.parametrize(("words", "wanted"), SAID, ids=[words[:24] for words, _ in SAID])
def test_a_claim_is_read_in_many_wordings(words: str, wanted: Counts) -> None:
    found = claims(words)
    assert counts(found) == [wanted]
    assert found[0].year == 2022


@pytest.mark.parametrize("words", UNSAID, ids=[words[:24] for words in UNSAID])
def test_what_is_no_claim_about_the_year_s_targets_is_not_read(words: str) -> None:
    assert counts(claims(words)) == []


def test_a_report_on_a_part_of_a_year_claims_nothing_of_the_year() -> None:
    words, _ = SAID[0]
    halved = REPORT.replace("2022年国民经济和社会发展计划执行情况与", "2022年上半年国民经济和社会发展计划执行情况与", 1)
    assert claims(words, halved) == []


def test_what_is_planned_is_no_claim() -> None:
    planned = REPORT.replace("地区生产总值增长6%左右", "30项主要指标完成28项,地区生产总值增长6%左右")
    assert claims("总体平稳。", planned) == []


def test_a_year_that_is_named_is_the_claim_s() -> None:
    ((found),) = claims("2021年,30项主要指标完成28项。")
    assert found.year == 2021


def test_a_claim_that_is_said_twice_is_one() -> None:
    assert counts(claims("33项指标完成28项。\n\n会议认为,33项指标完成28项。")) == [(33, 28, None, None)]


def test_a_claim_moves_no_figure_of_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    words, _ = SAID[0]
    read = document.read(REPORT.replace(PLACE, f"{words}\n\n{PLACE}").encode(), "report.txt")
    with_claims = extract.extract(read)
    monkeypatch.setattr(claim, "read", lambda running, document: ())
    assert extract.extract(read) == msgspec.structs.replace(with_claims, claims=())


@pytest.mark.parametrize("words", ["30项主要指标中,", "30项", "30项指标,因受", "主要经济社会发展", "30项指标与目标"])
def test_hostile_text_takes_linear_time(words: str) -> None:
    report = document.read(REPORT.encode(), "report.txt")
    context = Context(start=0, end=0, heading=None, role="actual", year=2022)
    place = Place(context=context, area=area.of("330726"), report_year=2022)
    started = time.monotonic()
    claim.read([(Text.of("主要指标" + words * (100_000 // len(words))), place)], report)
    assert time.monotonic() - started < 20


def test_every_rule_matches_its_examples_and_not_its_counter_examples() -> None:
    rules = lexicon.rules("claims")
    assert [(rule.name, one) for rule in rules for one in rule.examples if not re.search(rule.source, one)] == []
    assert [(rule.name, one) for rule in rules for one in rule.counter_examples if re.match(rule.source, one)] == []
    assert [rule.name for rule in rules if not rule.counter_examples] == []


def test_the_rules_read_what_a_reader_found(corpus: Path) -> None:
    """Its labels: 永康 26 of 30 good, 3 behind, 1 without data; 武义 5 behind; the others claim no count."""
    found = {}
    for name, path in evaluate.files_by_name(corpus / "documents").items():
        if name.isalpha() and name.islower():  # not README, nor a file by its own name
            read = document.read(path.read_bytes(), path.name)
            found[name] = [(one.year, *counts([one])[0], one.start) for one in extract.extract(read).claims]
    assert found == {"yongkang": [(2023, 30, 26, 3, 1, 1364)], "wuyi": [(2022, None, None, 5, None, 5865)]} | {
        name: [] for name in found if name not in ("yongkang", "wuyi")
    }


def asked(data: Path, query: str = "") -> dict[tuple[str, int], dict[str, Any]]:
    with snapshots.client(data) as client:
        answer = client.get(f"/v1/assessments/summary?limit=1000&{query}")
        assert answer.status_code == 200, answer.text
        return {(row["region"], row["year"]): row for row in answer.json()["data"]}


def test_a_summary_has_the_document_s_own_claim_beside_it(published: Path) -> None:
    (told,) = asked(published, "region=330784&year=2023")[("330784", 2023)]["claims"]
    quote = told.pop("quote")
    assert len(quote) == told.pop("quote_end") - told.pop("quote_start")
    assert told == {"document": "330784-2024-plan-report", "targets": 30, "met": 26, "missed": 3, "unavailable": 1}
    (other,) = asked(published, "region=330723&year=2022")[("330723", 2022)]["claims"]
    assert (other["targets"], other["met"], other["missed"], other["unavailable"]) == (None, None, 5, None)


def test_a_claim_stands_alone_where_no_target_is_known(tmp_path: Path) -> None:
    """永康's targets of 2023 are in a report that is not at hand: the counts are 0, and the claim is told all the same."""
    publication.publish(tmp_path, archive.read())
    told = asked(tmp_path, "region=330700&descendants=true")[("330784", 2023)]
    assert (told["targets"], told["met"], told["categories"], len(told["claims"])) == (0, 0, [], 1)
    for query in ("region=330723", "year=2022", "year_from=2024", "category=economy", "designation=约束性"):
        assert ("330784", 2023) not in asked(tmp_path, query)


def test_a_filter_by_category_leaves_the_claim(published: Path) -> None:
    whole, part = asked(published), asked(published, "category=economy")
    assert part
    assert all(row["claims"] == whole[key]["claims"] for key, row in part.items())
    assert any(row["claims"] == [] for row in whole.values())


def test_a_claim_is_known_from_the_day_of_its_document(published: Path) -> None:
    day = "2024-08-23"
    with snapshots.client(published) as client:
        known = client.get("/v1/documents/330784-2024-plan-report").json()["published_on"] or day
    assert asked(published, f"as_of={known}")[("330784", 2023)]["claims"]
    before = asked(published, "as_of=2023-12-31")
    assert all(row["claims"] == [] for key, row in before.items() if key == ("330784", 2023))
    assert before[("330723", 2022)]["claims"]


def test_claims_are_carried_over_and_an_older_snapshot_has_none(tmp_path: Path) -> None:
    first, *rest = sorted(archive.read(), key=lambda one: not one.claims)
    publication.publish(tmp_path, [first])
    publication.publish(tmp_path, rest)
    assert _kept(tmp_path) == sum(len(one.claims) for one in (first, *rest)) > len(first.claims)
    publication.publish(tmp_path, [first], replace=True)
    with duckdb.connect(str(kept.current(tmp_path))) as connection:
        connection.execute("DROP TABLE claims; UPDATE snapshot SET schema_version = 2")
    publication.publish(tmp_path, rest)
    assert _kept(tmp_path) == sum(len(one.claims) for one in rest) > 0


def _kept(data: Path) -> int:
    with duckdb.connect(str(kept.current(data)), read_only=True) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM claims").fetchall()
    return int(count)


def test_a_claim_whose_parts_exceed_the_whole_is_not_published(tmp_path: Path) -> None:
    claimed = next(one for one in archive.read() if one.claims)
    wrong = msgspec.structs.replace(claimed.claims[0], targets=2, missed=3)
    with pytest.raises(snapshot.NotPublished, match="CHECK"):
        publication.publish(tmp_path, [msgspec.structs.replace(claimed, claims=(wrong,))])


def test_the_archive_keeps_claims(tmp_path: Path) -> None:
    loaded = archive.read()
    archive.write(tmp_path, loaded)
    assert {one.card.sha256: one.claims for one in archive.read(tmp_path)} == {
        one.card.sha256: one.claims for one in loaded
    }
