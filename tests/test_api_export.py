"""Exports have the rows, the fields and the exact decimals of the API."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from api import export
from api.shapes import Observation
from tests import snapshots

FIELDS = list(Observation.__struct_fields__)


def test_ndjson_is_what_the_api_answers(data: Path, tmp_path: Path) -> None:
    assert export.write(data, "ndjson", tmp_path / "all.ndjson") == len(snapshots.ROWS)
    with snapshots.client(data) as client:
        answered = client.get("/v1/observations?selection=all&limit=1000").text
    lines = (tmp_path / "all.ndjson").read_text(encoding="utf-8").splitlines()
    assert '{"data":[' + ",".join(lines) + "]" in answered


def test_csv_has_the_fields_of_the_contract(data: Path, tmp_path: Path) -> None:
    export.write(data, "csv", tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_bytes().decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(table[0]) == FIELDS
    assert len(table) == len(snapshots.ROWS)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_parquet_and_arrow_hold_decimals(data: Path, tmp_path: Path, form: export.Format) -> None:
    path = tmp_path / "all"
    export.write(data, form, path)
    table = pq.read_table(path) if form == "parquet" else pa.ipc.open_stream(path.read_bytes()).read_all()
    assert table.column_names == FIELDS
    assert table.schema.field("value").type == pa.decimal128(24, 6)
    assert table.schema.field("responsible").type.value_type == pa.string()
    values = table.column("value").to_pylist()
    assert {Decimal("123456789012345678.123456"), Decimal("0.000001"), None} <= set(values)


def test_filters_sort_and_fields_are_those_of_the_api(data: Path, tmp_path: Path) -> None:
    filters = {"region": ["330702"], "selection": "preferred", "sort": "-year", "fields": "value,year"}
    rows = export.write(data, "ndjson", tmp_path / "some", filters)
    found = [json.loads(line) for line in (tmp_path / "some").read_text(encoding="utf-8").splitlines()]
    assert len(found) == rows > 3
    assert list(found[0]) == ["year", "value"]
    assert [row["year"] for row in found] == sorted((row["year"] for row in found), reverse=True)


def test_nothing_selected_is_an_empty_file(data: Path, tmp_path: Path) -> None:
    for form in ("ndjson", "csv", "parquet", "arrow"):
        assert export.write(data, form, tmp_path / form, {"region": "999999"}) == 0
    assert pq.read_table(tmp_path / "parquet").num_rows == 0


def test_standard_output_is_the_default(data: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    export.write(data, "csv", None, {"region": "330700", "fields": "region"})
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
    with pytest.raises(export.Refused, match=words):
        export.write(data, "csv", None, filters)


def test_no_snapshot_and_no_folder_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(export.Refused, match="nothing is published"):
        export.write(tmp_path, "csv")
    with pytest.raises(export.Refused, match="cannot be written"):
        export.write(data, "csv", tmp_path / "absent" / "file.csv")
    assert list(tmp_path.iterdir()) == []
