"""Exports have the rows, the fields and the exact decimals of the API, and explain themselves."""

from __future__ import annotations

import csv
import errno
import gc
import hashlib
import io
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import described, export, files, formats
from api.settings import Settings
from api.shapes import Observation
from api.snapshot import Snapshot
from tests import snapshots

FIELDS = list(Observation.__struct_fields__)
FORMS: tuple[export.Format, ...] = get_args(export.Format)
NASTY = "".join(map(chr, range(0x2FF))) + "\u2028\u2029\ufeff\uffff\U0001f600\U0010ffff" + '";,\\u001F\\\\u001F\r\n'


def opened(data: Path, identity: str = "s1") -> Snapshot:
    return Snapshot(identity, data / "snapshots" / f"{identity}.duckdb", Settings(data=data))


def whole(snapshot: Snapshot, form: export.Format, **values: Any) -> bytes:
    return b"".join(export.chunks(snapshot, form, values))


def as_table(form: str, content: bytes) -> Any:
    return pq.read_table(io.BytesIO(content)) if form == "parquet" else pa.ipc.open_stream(content).read_all()


def handles(path: Path) -> int:
    """How often the process has a file open."""
    links = Path("/proc/self/fd").iterdir()
    return sum(os.path.realpath(link) == str(path.resolve()) for link in links)


def test_ndjson_is_what_the_api_answers(data: Path, tmp_path: Path) -> None:
    assert files.write(data, "ndjson", tmp_path / "all.ndjson") == len(snapshots.ROWS)
    with snapshots.client(data) as client:
        answered = client.get("/v1/observations?selection=all&limit=1000").text
    lines = (tmp_path / "all.ndjson").read_text(encoding="utf-8").splitlines()
    assert '{"data":[' + ",".join(lines) + "]" in answered


def test_csv_has_the_fields_of_the_contract(data: Path, tmp_path: Path) -> None:
    files.write(data, "csv", tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_bytes().decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(table[0]) == FIELDS
    assert len(table) == len(snapshots.ROWS)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_parquet_and_arrow_hold_decimals(data: Path, tmp_path: Path, form: export.Format) -> None:
    path = tmp_path / "all"
    files.write(data, form, path)
    table = pq.read_table(path) if form == "parquet" else pa.ipc.open_stream(path.read_bytes()).read_all()
    assert table.column_names == FIELDS
    assert table.schema.field("value").type == pa.decimal128(24, 6)
    assert table.schema.field("responsible").type.value_type == pa.string()
    values = table.column("value").to_pylist()
    assert {Decimal("123456789012345678.123456"), Decimal("0.000001"), None} <= set(values)


def test_filters_sort_and_fields_are_those_of_the_api(data: Path, tmp_path: Path) -> None:
    filters = {"region": ["330702"], "selection": "preferred", "sort": "-year", "fields": "value,year"}
    rows = files.write(data, "ndjson", tmp_path / "some", filters)
    found = [json.loads(line) for line in (tmp_path / "some").read_text(encoding="utf-8").splitlines()]
    assert len(found) == rows > 3
    assert list(found[0]) == ["year", "value"]
    assert [row["year"] for row in found] == sorted((row["year"] for row in found), reverse=True)


def test_nothing_selected_is_an_empty_file(data: Path, tmp_path: Path) -> None:
    for form in ("ndjson", "csv", "parquet", "arrow"):
        assert files.write(data, form, tmp_path / form, {"region": "999999"}) == 0
    assert pq.read_table(tmp_path / "parquet").num_rows == 0


@pytest.mark.parametrize("values", [{}, {"as_of": "2023-12-31"}, {"sort": ["year"]}])
def test_an_empty_snapshot_is_exported(tmp_path: Path, values: dict[str, Any]) -> None:
    snapshots.publish(tmp_path, "s1", [])
    snapshot = opened(tmp_path)
    assert whole(snapshot, "ndjson", **values) == b""
    assert whole(snapshot, "csv", **values) == formats.as_csv(FIELDS, [])
    for form in ("parquet", "arrow"):
        table = as_table(form, whole(snapshot, form, **values))
        assert (table.num_rows, table.column_names) == (0, FIELDS)


def test_standard_output_is_the_default(data: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    files.write(data, "csv", None, {"region": "330700", "fields": "region"})
    assert capfdbinary.readouterr().out == b"region\r\n330700\r\n"


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"rol": "target"}, "there is no filter rol"),
        ({"role": "targets"}, r"role: .* target, actual\. Perhaps target is meant"),
        ({"indicator": "GDP"}, "Perhaps gross_regional_product is meant"),
        ({"period": "2023/2021"}, "ends before it begins"),
        ({"limit": "1"}, "there is no filter limit"),
        ({"role": ""}, "role: The value is empty"),
        ({"year_from": "2023", "year_to": "2022"}, "2023 is after"),
        ({"sort": ["year", "region"]}, "once only"),
    ],
)
def test_a_wrong_filter_is_refused_in_one_line(data: Path, filters: dict[str, str], words: str) -> None:
    with pytest.raises(files.WrongFilter, match=words):
        files.write(data, "csv", None, filters)


def test_no_snapshot_and_no_folder_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(export.Refused, match="nothing is published") as refused:
        files.write(tmp_path, "csv")
    assert not isinstance(refused.value, files.WrongFilter)
    with pytest.raises(export.Refused, match="cannot be written"):
        files.write(data, "csv", tmp_path / "absent" / "file.csv")
    assert list(tmp_path.iterdir()) == []


TEXTS = st.text(st.one_of(st.sampled_from(NASTY), st.characters(exclude_categories=["Cs"])), max_size=12)
NUMBERS = st.one_of(
    st.decimals(-(10**17), 10**17, places=6),
    st.decimals(-1000, 1000, places=2),
    st.sampled_from(
        ["0", "-0.000001", "0.000001", "999999999999.999999", "-999999999999999999.999999", "1000000000000"]
    ),
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """An observation with whatever texts and numbers the schema lets in."""
    row = snapshots.observation(snapshots.GDP, 2022, str(draw(NUMBERS)), quote=draw(TEXTS) + "。")
    names = ("section", "scope", "designation", "row", "source_category", "unit_label", "base_period")
    more = {name: draw(st.none() | TEXTS) for name in names if name != "unit_label"}
    more |= {"source_name": draw(TEXTS), "unit_label": draw(TEXTS)}
    return row | more | {"responsible": draw(st.lists(TEXTS, max_size=3)), "quality": draw(st.none() | st.lists(TEXTS))}


def lines_are_those_of_the_api(snapshot: Snapshot, names: list[str]) -> None:
    asked = snapshot.ask("observations", {"selection": "all"})
    table = [{name: row[name] for name in names} for row in asked]
    fields = {} if names == FIELDS else {"fields": names}
    assert whole(snapshot, "ndjson", **fields) == b"".join(formats.json(row) + b"\n" for row in table)
    assert whole(snapshot, "csv", **fields) == formats.as_csv(names, table)


@settings(max_examples=15, deadline=None)
@given(found=st.lists(rows(), min_size=1, max_size=15))
def test_lines_are_byte_for_byte_what_the_api_writes(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]]
) -> None:
    data = tmp_path_factory.mktemp("nasty")
    snapshots.publish(data, "s1", found)
    lines_are_those_of_the_api(opened(data), FIELDS)


def test_no_character_is_written_otherwise(tmp_path: Path) -> None:
    mean = [
        snapshots.observation(
            snapshots.GDP, 2022, "1", quote=NASTY, responsible=[NASTY, ";", "", '"'], quality=[NASTY]
        ),
        *(snapshots.observation(snapshots.GDP, 2023, "1", section=character, row="") for character in NASTY),
    ]
    snapshots.publish(tmp_path, "s1", mean)
    lines_are_those_of_the_api(opened(tmp_path), FIELDS)


@pytest.mark.parametrize("names", [["section"], ["value"], ["responsible"], ["preferred"], ["year", "value_high"]])
def test_few_fields_are_written_as_the_api_writes_them(data: Path, names: list[str]) -> None:
    lines_are_those_of_the_api(opened(data), names)


def test_a_field_of_the_schema_is_exported_as_what_it_is() -> None:
    kinds = {kind: [name for name, (each, _) in export.KINDS.items() if each == kind] for kind in get_args(export.Kind)}
    assert list(export.KINDS) == FIELDS
    assert kinds["decimal"] == ["value", "value_high"]
    assert kinds["list"] == ["responsible", "quality"]
    assert kinds["integer"] == ["year", "unit_multiplier", "quote_start", "quote_end"]
    assert kinds["boolean"] == ["preferred"]
    assert not export.KINDS["role"][1]
    assert export.KINDS["stance"][1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"region": ["331102"]},
        {"year": [2023], "selection": "preferred"},
        {"document": ["none"]},
        {"sort": ["-value"]},
        {"as_of": "2023-12-31"},
        {"as_of": "2023-12-31", "selection": "preferred"},
        {"as_of": "2001-01-01"},
    ],
)
def test_rows_are_the_same_however_few_are_asked_for_at_a_time(
    data: Path, monkeypatch: pytest.MonkeyPatch, form: export.Format, values: dict[str, Any]
) -> None:
    snapshot = opened(data)
    at_once = whole(snapshot, form, **values)
    for name, number in {"_FIRST": 2, "_ROWS": 4, "_SPARSE": 9, "_LINES": 3}.items():
        monkeypatch.setattr(export, name, number)
    in_parts = whole(snapshot, form, **values)
    if form in ("parquet", "arrow"):
        assert as_table(form, in_parts) == as_table(form, at_once)
    else:
        assert in_parts == at_once
        ids = [row["id"] for row in snapshot.ask("observations", {"selection": "all"} | values)]
        if form == "ndjson":
            assert [json.loads(line)["id"] for line in at_once.splitlines()] == ids


@pytest.mark.parametrize("form", FORMS)
def test_chunks_are_bounded(data: Path, monkeypatch: pytest.MonkeyPatch, form: export.Format) -> None:
    snapshot = opened(data)
    at_once = whole(snapshot, form)
    monkeypatch.setattr(export, "PIECE", 1000)
    pieces = list(export.chunks(snapshot, form, {}))
    assert all(0 < len(piece) <= 1000 for piece in pieces)
    assert b"".join(pieces) == at_once


@pytest.mark.parametrize("form", FORMS)
def test_a_reader_that_goes_away_lets_the_database_go(
    data: Path, monkeypatch: pytest.MonkeyPatch, form: export.Format
) -> None:
    monkeypatch.setattr(export, "PIECE", 1000)
    monkeypatch.setattr(export, "_LINES", 3)
    snapshot = opened(data)
    path, before = snapshot.path, handles(snapshot.path)
    reading = export.chunks(snapshot, form, {})
    next(reading)
    next(reading)
    del snapshot
    assert handles(path) == before > 0
    reading.close()
    del reading
    gc.collect()
    assert handles(path) == 0


def test_an_export_is_whole_while_others_ask(data: Path) -> None:
    snapshot = opened(data)
    expected = whole(snapshot, "ndjson")
    one, other = export.chunks(snapshot, "ndjson", {}), export.chunks(snapshot, "csv", {})
    found: list[bytes] = []
    for piece in one:
        found.append(piece)
        next(other, None)
        snapshot.ask("service", {})
    assert b"".join(found) == expected
    other.close()


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_file_explains_itself(data: Path, form: export.Format) -> None:
    snapshot = opened(data)
    metadata = {
        key.decode(): text.decode() for key, text in as_table(form, whole(snapshot, form)).schema.metadata.items()
    }
    assert metadata["snapshot"] == "s1"
    assert "s1" in metadata["citation"]
    assert "2026-01-31" in metadata["citation"]
    assert {"title", "licence", "contract", "published_at"} <= set(metadata)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A snapshot file that is not published yet."""
    path = snapshots.publish(tmp_path, "s1")
    (tmp_path / "current").unlink()
    yield path
    gc.collect()


def test_prepared_files_are_the_exports(fresh: Path) -> None:
    snapshot = opened(fresh.parent.parent)
    assert all(files.prepared(snapshot, form) is None for form in FORMS)
    files.prepare(fresh)
    for form in FORMS:
        path = files.prepared(snapshot, form)
        assert path == fresh.with_name(f"s1.{form}")
        assert path is not None
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert files.digest(snapshot, form) == files.Prepared(bytes=len(content), sha256=digest)
        assert content == whole(snapshot, form)
    assert sorted(path.name for path in fresh.parent.iterdir()) == sorted(
        ["s1.duckdb", "s1.exports.json", "s1.rows", *(f"s1.{form}" for form in FORMS)]
    )


def test_a_prepared_file_that_is_not_whole_is_not_used(fresh: Path) -> None:
    files.prepare(fresh)
    snapshot = opened(fresh.parent.parent)
    with fresh.with_name("s1.csv").open("r+b") as file:
        file.truncate(10)
    fresh.with_name("s1.arrow").unlink()
    assert files.prepared(snapshot, "csv") is None
    assert files.prepared(snapshot, "arrow") is None
    assert files.prepared(snapshot, "parquet") is not None
    fresh.with_name("s1.exports.json").write_bytes(b'{"csv": \xff')
    assert files.prepared(snapshot, "parquet") is None


@pytest.mark.parametrize("values", [{"selection": "preferred"}, {"sort": ["-value"]}])
def test_where_a_prepared_line_is_damaged_the_database_tells_it(fresh: Path, values: dict[str, Any]) -> None:
    right = whole(opened(fresh.parent.parent), "ndjson", **values)
    files.prepare(fresh)
    lines = fresh.with_suffix(".ndjson")
    content = bytearray(lines.read_bytes())
    for place in range(100, len(content), 700):
        content[place] ^= 1
    lines.unlink()
    lines.write_bytes(content)
    assert whole(opened(fresh.parent.parent), "ndjson", **values) == right


def test_a_sort_beyond_the_memory_is_refused_in_plain_words(tmp_path: Path) -> None:
    path = snapshots.publish(tmp_path, "s1", [])
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO observations BY NAME SELECT i AS ordinal, 'o' || i AS id, '330702' AS region, "
            "'pm25' AS indicator, 2022 AS year, '2022' AS period, 'target' AS role, 'level' AS measure, "
            "'eq' AS comparator, i AS value, [repeat('x', 3000) || i] AS responsible, true AS preferred, "
            "'none' AS document, 'x' AS quote, 0 AS quote_start, 1 AS quote_end, 'x' AS source_name, "
            "DATE '2023-01-01' AS known_on, 'test' AS rule FROM range(30000) t(i)"
        )
    snapshot = Snapshot("s1", path, Settings(data=tmp_path, memory_mb=64))
    for form in FORMS:
        with pytest.raises(export.Refused, match="leave out sort"):
            next(export.chunks(snapshot, form, {"sort": ["-value"]}))  # before anything is sent
    assert whole(snapshot, "ndjson", fields=["id"]).count(b"\n") == 30_000


def test_a_file_that_cannot_be_prepared_leaves_none(fresh: Path) -> None:
    (fresh.with_name("s1.parquet") / "in the way").mkdir(parents=True)
    with pytest.raises(export.Refused, match=r"s1\.parquet: cannot be written"):
        files.prepare(fresh)
    assert sorted(path.name for path in fresh.parent.iterdir()) == ["s1.duckdb", "s1.parquet"]


def test_a_full_disk_leaves_no_half_file(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = iter([None] * 5)

    def full(handle: int) -> None:
        if next(synced, handle) is not None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(export.Refused, match=r"s1\.\w+: cannot be written: No space left"):
        files.prepare(fresh)
    assert [path.name for path in fresh.parent.iterdir()] == ["s1.duckdb"]


def test_what_is_no_snapshot_is_not_prepared(tmp_path: Path) -> None:
    path = tmp_path / "s1.duckdb"
    path.write_bytes(b"nothing of the kind" * 1000)
    with pytest.raises(export.Refused, match="s1 cannot be opened"):
        files.prepare(path)
    assert [each.name for each in tmp_path.iterdir()] == ["s1.duckdb"]


@pytest.mark.parametrize("form", FORMS)
def test_the_metadata_document_tells_what_an_export_holds(fresh: Path, form: export.Format) -> None:
    snapshot = opened(fresh.parent.parent)
    bare = described.describe(snapshot, form)
    assert (bare.bytes, bare.sha256) == (None, None)
    files.prepare(fresh)
    told = described.describe(snapshot, form)
    content = fresh.with_name(f"s1.{form}").read_bytes()
    assert (told.bytes, told.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert told.rows == len(snapshots.ROWS)
    assert told.media_type == export.MEDIA[form]
    assert told.snapshot == described.ExportSnapshot(id="s1", published_at="2026-01-31T08:00:00Z")
    assert "s1" in told.citation
    used = {row["indicator"] for row in snapshots.ROWS}
    assert [each.id for each in told.indicators] == sorted(used)
    assert told.indicators_total == len(used)
    assert "issuers'" in told.licence.data
    assert told.links["data"].endswith(form)
    assert msgspec.json.decode(formats.json(told), type=described.ExportMetadata) == told


def test_the_metadata_document_names_fields_units_and_sources(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = described.describe(opened(data), "csv")
    assert [field.name for field in told.fields] == FIELDS
    role, value = told.fields[FIELDS.index("role")], told.fields[FIELDS.index("value")]
    assert (value.type, value.nullable, value.description) == ("decimal", True, "Exact decimal in the unit")
    assert (role.type, role.nullable, sorted(role.values or [])) == ("text", False, ["actual", "target"])
    assert [unit.id for unit in told.units] == ["CNY", "percent", "item", "microgram_per_cubic_metre"]
    assert told.units[-1].name_en == "microgram per cubic metre"
    assert [source.id for source in told.documents] == sorted(document for document, *_ in snapshots.DOCUMENTS)
    assert told.documents_total == len(snapshots.DOCUMENTS)
    monkeypatch.setattr(described, "LISTED", 2)
    told = described.describe(opened(data), "csv")
    assert (len(told.documents), told.documents_total) == (2, len(snapshots.DOCUMENTS))


def test_the_metadata_document_has_a_schema() -> None:
    _, schemas = msgspec.json.schema_components([described.ExportMetadata])
    assert schemas["ExportMetadata"]["required"] == list(described.ExportMetadata.__struct_fields__)
