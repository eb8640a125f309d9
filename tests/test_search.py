"""What a text finds, and in which order: labelled in ``labels/search.csv``; a place is the last that an id may have."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from litestar.testing import TestClient

from api import export, search
from api.settings import Settings
from api.snapshot import SCHEMA_VERSION, Snapshot, Snapshots
from loaders import spelling
from loaders.seeds import FOLDER
from tests import snapshots

with (Path(__file__).parent / "labels" / "search.csv").open(encoding="utf-8", newline="") as lines:
    LABELS = list(csv.DictReader(lines))
FAST, SLACK = 0.005, 4  # seconds that a search may take; how much slower this machine may be
ASKED = (
    *(
        "GDP",
        "生产总值",
        "固定资产投资",
        "shengchan zongzhi",
        "gdzctz",
        "gudingzichan touzi",
        "固定资产投姿",
        "生产总直",
    ),
    *(
        "retail sales",
        "retial sales",
        "shengcahnzongzhi",
        "地區生產總值",
        "a",
        "投资",
        "zzzz",
        "hello world",
        "天气预报",
    ),
)
HOSTILE = (
    *("😀", "\x00", "a\x00b", "'", '"', "\\", "%", "%%", "_", "[", "(((", "*", ".*", "(a+)+$", "\\d", "$q", "--", ";"),
    *(
        "\ue000",
        "\ue000\ue001",
        "\u200b",
        "\ufeff",
        "\u202e生产",
        "İ",
        "ß",
        "ﷺ" * 100,
        "長" * 100,
        "a" * 100,
        "1" * 100,
    ),
    *("xian" * 25, "shi" * 33, "' OR 1=1 --", "生" * 100, "an " * 33, "''" * 50, "\n.\n", "zhang chang " * 8),
)

Client = TestClient[Any]


@pytest.fixture(scope="module")
def client(published: Path) -> Iterator[Client]:
    """A client of a server that has the seeds."""
    with snapshots.client(published) as found:
        yield found


@pytest.fixture(scope="module")
def seeds(published: Path) -> Snapshot:
    """The snapshot of the seeds."""
    return Snapshots(Settings(data=published)).open()


def asked(client: Client, path: str) -> list[Any]:
    """What a path lists."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    data: list[Any] = answer.json()["data"]
    return data


def ids(client: Client, kind: str, query: str, more: str = "") -> list[str]:
    """The ids that a query finds, in their order."""
    name = "code" if kind == "regions" else "id"
    return [row[name] for row in asked(client, f"/v1/{kind}?q={quote(query, safe='')}&limit=1000{more}")]


def made(folder: Path, indicators: Iterable[tuple[str, str, str | None, list[str], int]]) -> Snapshot:
    """A snapshot of indicators, each with id, name, English name, aliases and a number of observations."""
    path = folder / "made.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute((FOLDER / "schema.sql").read_text("utf-8"))
        columns = [list(column) for column in zip(*indicators, strict=True)]
        base.execute(
            "INSERT INTO indicators (id, name, name_en, aliases, direction, reviewed) "
            "SELECT unnest($1), unnest($2), unnest($3), unnest($4::VARCHAR[][]), 'higher', true",
            columns[:4],
        )
        base.execute(
            "INSERT INTO observations BY NAME SELECT 0 AS ordinal, id || number AS id, '330702' AS region, id AS indicator, "
            "2022 AS year, '2022' AS period, 'target' AS role, 'level' AS measure, 'other' AS stance, [] AS responsible, "
            "true AS preferred, '' AS document, 'q' AS quote, 0 AS quote_start, 1 AS quote_end, 's' AS source_name, "
            "DATE '2022-01-01' AS known_on, 'test' AS rule "
            "FROM (SELECT unnest($1) AS id, unnest(list_transform($2::INTEGER[], lambda used: range(used))) AS numbers), "
            "unnest(numbers) AS n(number)",
            [columns[0], columns[4]],
        )
        spelling.write(base)
        base.execute("INSERT INTO snapshot VALUES ('made', ?, '2026-01-31T08:00:00Z', 0, 0)", [SCHEMA_VERSION])
    return Snapshot("made", path, Settings(data=folder))


def found(snapshot: Snapshot, query: str) -> list[str]:
    """The ids of the indicators that a query finds, in their order."""
    given: list[str] = search.found(snapshot, "indicators", query)["found"]
    return given


@pytest.mark.parametrize("label", LABELS, ids=[f"{row['kind']} {row['query']}" for row in LABELS])
def test_each_labelled_query_finds_its_id_in_the_first_places_and_a_counter_case_nothing(
    client: Client, label: dict[str, str]
) -> None:
    listed = ids(client, label["kind"], label["query"])
    if label["id"]:
        assert label["id"] in listed[: int(label["place"])], listed[:5]
    else:
        assert not listed, listed[:5]


def test_ranks_go_from_the_same_name_to_initials_names_before_aliases_and_what_is_used_more_first(
    tmp_path: Path,
) -> None:
    snapshot = made(
        tmp_path,
        [
            ("contained", "新增水库数量", None, [], 9),
            ("prefix_little", "水库容量", None, [], 1),
            ("prefix_much", "水库个数", None, [], 5),
            ("prefix_alias", "蓄水", None, ["水库蓄水"], 9),
            ("alias", "水利", None, ["水库"], 9),
            ("exact", "水库", None, [], 1),
            ("pinyin", "睡裤销量", None, [], 9),
            ("parts", "库区水位", "Water at the dam", [], 9),
        ],
    )
    literal = ["exact", "alias", "prefix_much", "prefix_little", "prefix_alias", "contained"]
    assert found(snapshot, "水库") == literal
    assert set(found(snapshot, "库 水")) == {*literal, "parts"}
    assert found(snapshot, "shuiku") == [
        *("exact", "alias", "pinyin", "prefix_much", "prefix_little", "prefix_alias", "contained"),
    ]
    assert found(snapshot, "sk") == ["exact", "alias"]
    assert found(snapshot, "dam water") == ["parts"]


def test_what_is_written_so_comes_before_what_is_read_so(tmp_path: Path) -> None:
    snapshot = made(tmp_path, [("read", "滩涂", None, [], 9), ("written", "Tantu project", "A", ["x tantu"], 1)])
    assert found(snapshot, "tantu") == ["written", "read"]


def test_near_spellings_count_only_where_nothing_else_is_found(tmp_path: Path) -> None:
    snapshot = made(tmp_path, [("one", "水库", None, [], 9), ("two", "睡裤", None, [], 9)])
    assert (found(snapshot, "水库"), found(snapshot, "睡库")) == (["one"], ["one", "two"])


def test_all_names_that_hold_a_text_are_found(seeds: Snapshot) -> None:
    contains = (
        "SELECT id FROM indicators WHERE contains(lower(concat_ws(chr(10), name, name_en, array_to_string(aliases, chr(10)))), "
        "lower($1))"
    )
    for text in ("GDP", "总值", "率", "of", "(", "R&D", "PM2.5", "5", "增加值占", "Per Capita"):
        held = {identity for (identity,) in seeds.cursor().execute(contains, [text]).fetchall()}
        assert held, text
        assert held <= set(found(seeds, text)), text


@pytest.mark.parametrize(
    ("kind", "query"), [("indicators", "投资"), ("indicators", "gye"), ("documents", "2023"), ("regions", "W")]
)
def test_pages_follow_the_rank_without_gap_or_repetition(client: Client, kind: str, query: str) -> None:
    whole = ids(client, kind, query)
    paged: list[str] = []
    path: str | None = f"/v1/{kind}?q={quote(query)}&limit={max(1, len(whole) // 3)}"
    while path:
        answer = client.get(path)
        assert answer.json()["page"]["total"] == len(whole)
        paged += [row["code" if kind == "regions" else "id"] for row in answer.json()["data"]]
        path = answer.links["next"]["url"] if "next" in answer.links else None
    assert paged == whole


def test_a_cursor_of_one_text_is_refused_with_another(client: Client) -> None:
    cursor = client.get("/v1/indicators?q=gdp&limit=1").json()["page"]["next"]
    assert client.get(f"/v1/indicators?q=gdzctz&limit=1&cursor={cursor}").status_code == 400


def test_the_list_of_a_kind_holds_no_more_with_a_text_than_without(client: Client) -> None:
    for kind in ("regions", "documents", "indicators"):
        name = "code" if kind == "regions" else "id"
        whole = {row[name] for row in asked(client, f"/v1/{kind}?limit=1000")} if kind != "indicators" else None
        some = set(ids(client, kind, "金华"))
        assert some
        assert whole is None or some < whole


def test_a_list_in_csv_has_the_order_of_the_search(client: Client) -> None:
    answer = client.get("/v1/indicators?q=gdp", headers={"Accept": "text/csv"})
    assert [row["id"] for row in csv.DictReader(answer.text.splitlines())] == ids(client, "indicators", "gdp")[:100]


@pytest.mark.parametrize("query", ["gdzctz", "gudingzichan touzi", "固定资产投姿"])
def test_observations_are_those_of_the_indicators_found_in_their_own_order(client: Client, query: str) -> None:
    rows = asked(client, f"/v1/observations?q={quote(query)}&limit=1000")
    assert {row["indicator"] for row in rows} <= set(ids(client, "indicators", query))
    assert "fixed_asset_investment" in {row["indicator"] for row in rows}
    assert rows == sorted(rows, key=lambda row: (row["region"], row["year"]))
    sorted_rows = asked(client, f"/v1/observations?q={quote(query)}&limit=1000&sort=-year")
    assert [row["year"] for row in sorted_rows] == sorted((row["year"] for row in rows), reverse=True)


def test_observations_are_also_found_by_their_own_name_and_then_by_no_near_spelling(data: Path) -> None:
    with snapshots.client(data) as client:
        assert {row["source_name"] for row in asked(client, "/v1/observations?q=杂项7")} == {"杂项7"}
        # 总直 is near to 总值, which no name of an observation holds
        assert {row["indicator"] for row in asked(client, "/v1/observations?q=生产总直")} == {"gross_regional_product"}
        assert asked(client, "/v1/observations?q=杂项999") == []


def test_a_filter_takes_what_is_written_so_alone_where_there_is_any(tmp_path: Path) -> None:
    snapshot = made(tmp_path, [("read", "滩涂", None, [], 9), ("written", "Tantu", None, [], 1)])
    assert search.found(snapshot, "observations", "tantu")["found"] == ["written"]
    assert search.found(snapshot, "observations", "tan tu")["found"] == ["read"]


@pytest.mark.parametrize("path", ["observations", "assessments", "discrepancies", "regions/330702/observations"])
def test_every_list_of_observations_is_searched_alike(client: Client, path: str) -> None:
    by_name = client.get(f"/v1/{path}?q={quote('地区生产总值')}").json()
    by_pinyin = client.get(f"/v1/{path}?q=diqu+shengchan+zongzhi").json()
    names = {"gross_regional_product"}
    assert {row["indicator"] for row in by_pinyin["data"]} <= set(ids(client, "indicators", "diqu shengchan zongzhi"))
    assert names <= {row["indicator"] for row in by_pinyin["data"]} or by_name["page"]["total"] == 0


def test_an_export_finds_what_the_list_finds(seeds: Snapshot, client: Client) -> None:
    total = client.get("/v1/observations?q=gdzctz&selection=all&limit=1").json()["page"]["total"]
    exported = b"".join(export.chunks(seeds, "ndjson", {"q": "gdzctz"})).splitlines()
    assert len(exported) == total > 0


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_texts_are_texts_like_others(client: Client, query: str) -> None:
    for kind in ("indicators", "regions", "documents", "observations"):
        answer = client.get(f"/v1/{kind}?q={quote(query[:100], safe='')}&limit=1")
        assert answer.status_code == 200, (kind, answer.text)


@pytest.mark.parametrize("query", ["", " ", "\t\n", "\u3000", "\u00a0 ", "a" * 101])
@pytest.mark.parametrize("kind", ["indicators", "regions", "documents", "observations"])
def test_a_text_of_white_space_or_too_long_is_refused(client: Client, kind: str, query: str) -> None:
    assert client.get(f"/v1/{kind}?q={quote(query)}").status_code == 400


def test_a_search_among_five_thousand_indicators_takes_less_than_five_milliseconds(tmp_path: Path) -> None:
    with (FOLDER / "indicators.csv").open(encoding="utf-8", newline="") as lines:
        known = list(csv.DictReader(lines))
    with (FOLDER / "aliases.csv").open(encoding="utf-8", newline="") as lines:
        aliases: dict[str, list[str]] = {}
        for row in csv.DictReader(lines):
            aliases.setdefault(row["indicator"], []).append(row["name"])
    many = [
        (
            f"{row['id']}_{mark}",
            zh + row["name"],
            en + row["name_en"],
            [zh + each for each in aliases.get(row["id"], [])],
            1,
        )
        for mark, zh, en in (("a", "", ""), ("b", "民营", "Private "), ("c", "农村", "Rural "))
        for row in known
    ][:5000]
    snapshot = made(tmp_path, many)
    found(snapshot, "生产总直")  # what is made once is made
    slow = {}
    for text in ASKED:
        times = []
        for _ in range(7):
            index = search._index(snapshot, "indicator")
            index.ranked.cache_clear()
            start = time.process_time()
            found(snapshot, text)
            times.append(time.process_time() - start)
        if statistics.median(times) > FAST * SLACK:
            slow[text] = round(statistics.median(times) * 1000, 1)
    assert len(many) == 5000
    assert not slow, f"milliseconds: {slow}"


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("人口自然增长率", "ren kou zi ran zeng zhang lv"),
        ("超长期国债", "chao chang qi guo zhai"),
        ("重庆市", "chong qing shi"),
        ("重点项目", "zhong dian xiang mu"),
        ("银行业营业收入", "yin hang ye ying ye shou ru"),
        ("会计", "kuai ji"),
        ("社会消费", "she hui xiao fei"),
        ("城镇调查失业率", "cheng zhen diao cha shi ye lv"),
        ("产业结构调整", "chan ye jie gou tiao zheng"),
        ("退耕还林", "tui geng huan lin"),
        ("畜牧业", "xu mu ye"),
        ("PM2.5浓度(μg/m³)", "pm2 5 nong du g m"),
        ("“1+N”体系", "1 n ti xi"),
        ("", ""),
    ],
)
def test_names_are_read_as_people_read_them(name: str, pinyin: str) -> None:
    said = spelling.syllables(name)
    assert " ".join(said) == pinyin


def test_each_phrase_of_the_seeds_is_read_as_it_says_and_would_not_be_without() -> None:
    with (FOLDER / "phrases.csv").open(encoding="utf-8", newline="") as lines:
        phrases = list(csv.DictReader(lines))
    from pypinyin import lazy_pinyin  # noqa: PLC0415  it takes long to start

    for row in phrases:
        assert row["reason"]
        assert " ".join(spelling.syllables(row["phrase"])) == row["pinyin"]
        assert " ".join(lazy_pinyin(row["phrase"])) != row["pinyin"], row["phrase"]


def test_regions_are_read_as_their_english_names_say() -> None:
    with (FOLDER / "regions.csv").open(encoding="utf-8", newline="") as lines:
        regions = list(csv.DictReader(lines))
    read = {row["name"]: spelling.in_english(row["name"], row["name_en"]) for row in regions}
    assert read["莲都区"] == ["lian", "du", "qu"]
    assert read["长治市"] == ["chang", "zhi", "shi"]
    assert read["重庆市"] == ["chong", "qing", "shi"]
    assert read["吕梁市"] == ["lv", "liang", "shi"]
    assert read["西藏自治区"] is None
    assert sum(said is not None for said in read.values()) > 0.9 * len(read)
