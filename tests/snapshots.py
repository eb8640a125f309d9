"""A small snapshot with tricky rows, built through seeds/schema.sql: what the API is tested against."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from litestar.testing import TestClient

from api.app import create_app
from api.limits import Rate
from api.settings import Settings
from api.shapes import EXAMPLE
from loaders import finished, spelling
from loaders.snapshot import SCHEMA_VERSION

FIRST, SECOND, LOST = (f"2026013{day}T080000000Z-0000000{day}" for day in (0, 1, 2))  # ids as the loaders make them
SCHEMA = Path(__file__).parents[1] / "seeds" / "schema.sql"
REGIONS = (
    ("330000", "浙江省", "Zhejiang", "province", None),
    ("330700", "金华市", "Jinhua", "prefecture", "330000"),
    ("330702", "婺城区", "Wucheng District", "county", "330700"),
    ("330784", "永康市", "Yongkang", "county", "330700"),
    ("331100", "丽水市", "Lishui", "prefecture", "330000"),
    ("331102", "莲都区", "Liandu District", "county", "331100"),
    ("110000", "北京市", "Beijing", "province", None),
)
CATEGORIES = ("economy", "innovation", "livelihood", "environment", "safety")
INDICATORS = (
    ("gross_regional_product", "地区生产总值", "Gross regional product", "economy", "CNY", 8, "亿元", True),
    ("retail_sales", "社会消费品零售总额", "Retail sales of consumer goods", "economy", "CNY", 8, "亿元", True),
    ("r_and_d_intensity", "研发经费占比", "R&D intensity", "innovation", "percent", 0, "%", True),
    ("pm25", "细颗粒物浓度", "PM2.5", "environment", "microgram_per_cubic_metre", 0, "微克/立方米", True),
    ("safety_accidents", "安全生产事故", "Work safety accidents", "safety", "item", 0, "起", True),
    ("u_0123456789", "未收录的指标", None, None, None, None, None, False),
)
DOCUMENTS = (
    ("330702-2022-work-report", "work-report", "330702", "2022-02-15"),
    ("330702-2023-plan-report", "plan-report", "330702", "2023-03-31"),
    ("330784-2024-plan-report", "plan-report", "330784", "2024-08-23"),
    ("331102-2023-work-programme", "work-programme", "331102", "2023-07-25"),
    ("330700-2024-work-report-a1b2c3", "work-report", "330700", "2024-01-30"),
)
DAYS = {document: day for document, _, _, day in DOCUMENTS}


def observation(
    indicator: str,
    year: int,
    value: str | None = None,
    document: str = "330702-2023-plan-report",
    **more: Any,
) -> dict[str, Any]:
    """A row of observations with what is usual filled in."""
    known = {item[0]: item for item in INDICATORS}[indicator]
    row: dict[str, Any] = {
        "region": document[:6],
        "indicator": indicator,
        "category": known[3],
        "year": year,
        "period": str(year),
        "role": "actual",
        "status": "final",
        "measure": "level",
        "comparator": "eq",
        "value": None if value is None else Decimal(value),
        "unit": known[4],
        "unit_multiplier": known[5],
        "unit_label": known[6],
        "responsible": [],
        "document": document,
        "quote_start": 100,
        "source_name": known[1],
        "known_on": DAYS[document],
        "rule": "test",
    }
    if value is None:
        row |= {"comparator": None, "unit": None, "unit_multiplier": None, "unit_label": None}
    row |= more
    if row["role"] == "target":
        row["status"] = None
    row["quote"] = row.get("quote", f"{row['source_name']}{'' if value is None else value}")
    row["quote_end"] = row["quote_start"] + len(row["quote"])
    return row


GDP, SALES, RND, PM25, SAFETY, NEW = (item[0] for item in INDICATORS)
OLD = "330702-2022-work-report"
YONGKANG, LIANDU, JINHUA = "330784-2024-plan-report", "331102-2023-work-programme", "330700-2024-work-report-a1b2c3"
SAME = ("region", "indicator", "period", "role", "measure", "base_period", "scope")  # one of these is preferred
PERCENT: dict[str, Any] = {"unit": "percent", "unit_multiplier": 0, "unit_label": "%"}

ROWS: tuple[dict[str, Any], ...] = (
    observation(GDP, 2022, "353.73", id=EXAMPLE, scope="区属", section="一、2022年计划执行情况"),
    observation(GDP, 2022, "353.730000", scope="区属", table="t1", row="1", quote_start=900),
    observation(GDP, 2022, "0", measure="growth", quality=["pinyin"], **PERCENT),
    observation(GDP, 2022, "8.5", measure="growth", role="target", document=OLD, **PERCENT),
    observation(GDP, 2022, "6.5", measure="growth", role="target", designation="预期性", quote_start=2000, **PERCENT),
    observation(GDP, 2021, "340", status="estimated", document=OLD),
    observation(GDP, 2021, "341.000001", quote_start=3000),
    observation(GDP, 2023, "100.000000", role="target", comparator="ge"),
    observation(GDP, 2023, "123456789012345678.123456", measure="rank", role="target"),
    observation(GDP, 2023, period="2023-S1", role="target", stance="in_line_with_growth", measure="growth"),
    observation(SALES, 2022, "-1.1", measure="growth", **PERCENT),
    observation(SALES, 2022, "0.000001", measure="change", comparator="approx"),
    observation(SALES, 2023, "60", value_high=Decimal("70.5"), comparator="range", role="target"),
    observation(RND, 2023, "3.2", document=LIANDU, role="target", comparator="ge", responsible=["科技局", "统计局"]),
    observation(PM25, 2023, "25", document=LIANDU, role="target", comparator="le", table="a2", row="7"),
    observation(PM25, 2022, document=LIANDU, stance="unavailable", designation="约束性"),
    observation(SAFETY, 2022, "-9", measure="change", document=LIANDU, base_period="2020"),
    observation(SAFETY, 2023, document=LIANDU, role="target", stance="fall", quote="安全生产事故,\n“稳步\t下降”"),
    observation(NEW, 2023, "7.2", document=LIANDU, source_category="=富裕"),
    observation(GDP, 2023, "725.8", document=YONGKANG),
    observation(GDP, 2024, "6", measure="growth", document=YONGKANG, role="target", comparator="approx", **PERCENT),
    observation(SALES, 2023, "12.50", period="2021/2023", measure="average_growth", document=YONGKANG, **PERCENT),
    observation(GDP, 2023, "6011.3", document=JINHUA, status="estimated"),
    observation(GDP, 2023, "350", document=JINHUA, region="330702", status="estimated"),
    *(
        observation(NEW, 2000 + number, f"{number}.{number:03d}", document=YONGKANG, source_name=f"杂项{number}")
        for number in range(24)
    ),
)
CODES = {
    "roles": {"target": ("目标", "Target"), "actual": ("实绩", "Actual")},
    "statuses": {"final": ("最终", "Final"), "estimated": ("预计", "Estimated")},
    "kinds": {"plan-report": ("计划报告", "Plan report"), "other": ("其他", "Other")},
}
UNITS = (
    ("CNY", "元", "yuan", "money"),
    ("percent", "百分之一", "percent", "share"),
    ("item", "个", "item", "count"),
    ("microgram", "微克", "microgram", "mass"),
    ("cubic_metre", "立方米", "cubic metre", "volume"),
)


def publish(data: Path, identity: str, rows: Iterable[Mapping[str, Any]] = ROWS, *, judge: bool = True) -> Path:
    """Builds a snapshot in the data folder and points ``current`` to it, as the loaders do.

    Without ``judge`` nothing is said of targets and contradictions.
    """
    folder = data / "snapshots"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{identity}.duckdb"
    if rows is ROWS:
        shutil.copyfile(_built(identity, judge), path)
    else:
        _build(path, identity, rows, judge)
    pointer = data / "current.new"
    pointer.write_text(identity, encoding="utf-8")
    pointer.replace(data / "current")
    return path


@lru_cache(maxsize=8)
def _built(identity: str, judge: bool) -> Path:
    """The snapshot that most tests ask for, made once."""
    path = _empty().with_name(f"{identity}-{judge}.duckdb")
    _build(path, identity, ROWS, judge)
    return path


def _build(path: Path, identity: str, rows: Iterable[Mapping[str, Any]], judge: bool) -> None:
    shutil.copyfile(_empty(), path)
    with duckdb.connect(str(path)) as connection:
        _fill(connection, identity, rows, judge=judge)


@lru_cache(maxsize=1)
def _empty() -> Path:
    """A database with all lists and no observation, made once."""
    folder = TemporaryDirectory(prefix="plan-indicators-tests-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name in ("schema", "preferred"):
            connection.execute(SCHEMA.with_name(f"{name}.sql").read_text(encoding="utf-8"))
        _list(connection)
    return path


def _list(connection: duckdb.DuckDBPyConnection) -> None:
    for code, *names, level, parent in REGIONS:
        region = {"code": code, "name": names[0], "name_en": names[1], "level": level, "parent": parent}
        _insert(connection, "regions", region)
    for category in CATEGORIES:
        _insert(connection, "categories", {"id": category, "name": category, "name_en": category, "description": ""})
    for identity_, name, name_en, category_, unit, multiplier, label, reviewed in INDICATORS:
        indicator = {
            "id": identity_,
            "name": name,
            "name_en": name_en,
            "category": category_,
            "unit": unit,
            "unit_multiplier": multiplier,
            "unit_label": label,
            "direction": "higher",
            "aliases": ["GDP", "国内生产总值"] if identity_ == GDP else [],
            "reviewed": reviewed,
        }
        _insert(connection, "indicators", indicator)
    for document, kind, region_, day in DOCUMENTS:
        card = {
            "id": document,
            "title": f"{document} 的报告",
            "kind": kind,
            "region": region_,
            "published_on": day,
            "known_on": day,
            "sha256": "0" * 64,
            "quality": [{"name": "pinyin", "count": 2500}] if region_ == "330702" else [],
            "complete": region_ != "330784",
            "missing": [] if region_ != "330784" else ["目标表"],
            "figures": 10,
            "observed": 7,
            "not_values": 2,
            "unread": 1,
        }
        _insert(connection, "documents", card)
    for codes_, values in CODES.items():
        for code, (zh, en) in values.items():
            _insert(connection, "codes", {"list": codes_, "code": code, "name": zh, "name_en": en})
    for unit_, zh, en, dimension in UNITS:
        _insert(
            connection,
            "units",
            {"id": unit_, "name": zh, "name_en": en, "dimension": dimension, "factor": Decimal(1)},
        )


def _fill(
    connection: duckdb.DuckDBPyConnection, identity: str, rows: Iterable[Mapping[str, Any]], *, judge: bool
) -> None:
    ordered = sorted(
        ({"id": f"o{place:04d}"} | dict(row) for place, row in enumerate(rows)),
        key=lambda row: (row["region"], row["year"], row["category"] or "~", row["indicator"], row["id"]),
    )
    taken = set()
    for row in sorted(ordered, key=_worth):
        key = tuple(row.get(name) for name in SAME)
        row["preferred"] = key not in taken
        taken.add(key)
    for _, alike in groupby(enumerate(ordered), lambda found: tuple(found[1])):
        _insert(connection, "observations", *(row | {"ordinal": ordinal} for ordinal, row in alike))
    if judge:
        finished.judge(connection)
    else:
        connection.execute(SCHEMA.with_name("assessments.sql").read_text(encoding="utf-8"))
    spelling.write(connection)
    counted = [len(ordered), len(DOCUMENTS)]
    connection.execute(
        "INSERT INTO snapshot VALUES (?, ?, '2026-01-31T08:00:00Z', ?, ?)", [identity, SCHEMA_VERSION, *counted]
    )


def _worth(row: Mapping[str, Any]) -> tuple[bool, int, bool, int]:
    """Final before estimated, then the later document, then a table before running text, then the smaller offset."""
    later = -int(row["known_on"].replace("-", ""))
    return row["status"] == "estimated", later, row.get("table") is None, row["quote_start"]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: Mapping[str, Any]) -> None:
    """Rows with the same names, in the same order, into a table."""
    names = ", ".join(f'"{name}"' for name in rows[0])
    marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
    connection.execute(
        f"INSERT INTO {table} ({names}) VALUES {marks}", [value for row in rows for value in row.values()]
    )


ENDLESS = Rate(1_000_000, 1)


@contextmanager
def client(data: Path, address: str = "192.0.2.1", **settings: Any) -> Iterator[TestClient[Any]]:
    """A client of an application on the data folder, without limits unless told otherwise.

    A crash inside comes out as the answer that clients see.
    """
    given: dict[str, Any] = {"public_rate": ENDLESS, "metadata_rate": ENDLESS, "log": "errors"} | settings
    edge = create_app(Settings(data=data, **given))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await edge({**scope, "client": (address, 50_000)} if scope["type"] == "http" else scope, receive, send)

    with TestClient(app, raise_server_exceptions=False) as found:
        yield found
