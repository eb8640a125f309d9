"""The OpenAPI document holds: it is what the code says, and the application keeps it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import duckdb
import msgspec
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

from api import __version__, app, contract, files, key_ring, routes, shapes
from api.app import create_app
from api.limits import Rate
from api.route import Deprecated
from api.routes import ROUTES
from api.settings import Settings
from tests import snapshots
from tests.snapshots import ENDLESS

HERE = Path(__file__).parent
DOCUMENT: dict[str, Any] = json.loads((resources.files("openapi") / "openapi.json").read_bytes())
OPERATIONS = [path["get"] for path in DOCUMENT["paths"].values()]


DATA = TemporaryDirectory()
snapshots.publish(Path(DATA.name), snapshots.FIRST)
SCHEMA = schemathesis.openapi.from_asgi(
    "/openapi.json",
    create_app(Settings(data=Path(DATA.name), public_rate=ENDLESS, metadata_rate=ENDLESS, key_rate=ENDLESS)),
    config=SchemathesisConfig.from_path(HERE / "schemathesis.toml"),
)
TestLinks = SCHEMA.as_state_machine().TestCase


@SCHEMA.parametrize()
def test_answers_keep_the_contract(case: Any) -> None:
    case.call_and_validate()


def test_the_committed_document_is_what_the_code_says() -> None:
    committed = (resources.files("openapi") / "openapi.json").read_text(encoding="utf-8")
    assert committed == contract.text(), "stale: run python -m api.contract"


def test_the_version_is_that_of_the_package() -> None:
    project = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{__version__}"\n' in project
    assert DOCUMENT["info"]["version"] == __version__


def test_every_operation_has_an_id_a_tag_a_description_and_its_errors() -> None:
    assert len({operation["operationId"] for operation in OPERATIONS}) == len(OPERATIONS) == len(ROUTES)
    for operation in OPERATIONS:
        assert operation["description"]
        assert operation["summary"]
        assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
        assert {"200", "304", "400", "401", "405", "406", "414", "500", "503"} <= set(operation["responses"])


@pytest.mark.parametrize("route", [route for route in ROUTES if route.shape], ids=lambda route: route.id)
def test_examples_are_valid_answers(route: Any) -> None:
    answer = DOCUMENT["paths"][route.path]["get"]["responses"]["200"]["content"]["application/json"]
    msgspec.convert(answer["example"], route.shape, strict=True)


def test_every_reference_and_link_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    for reference in re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', text):
        assert reference[1] in DOCUMENT["components"][reference[0]]
    known = {operation["operationId"] for operation in OPERATIONS}
    links = [link for operation in OPERATIONS for link in operation["responses"]["200"].get("links", {}).values()]
    assert len(links) > 20
    assert {link["operationId"] for link in links} <= known


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("region_level", shapes.Level),
        ("document_kind", shapes.Kind),
        ("direction", shapes.Direction),
        ("role", shapes.Role),
        ("status", shapes.Status),
        ("measure", shapes.Measure),
        ("comparator", shapes.Comparator),
        ("stance", shapes.Stance),
        ("outcome", shapes.Outcome),
        ("discrepancy_kind", shapes.DiscrepancyKind),
        ("severity", shapes.Severity),
    ],
)
def test_closed_lists_are_those_of_the_database(name: str, shape: Any) -> None:
    with duckdb.connect() as connection:
        connection.execute(snapshots.SCHEMA.read_text(encoding="utf-8"))
        (values,) = connection.execute(f"SELECT enum_range(NULL::{name})").fetchall()[0]
    assert tuple(values) == get_args(shape)


def test_closed_lists_of_parameters_are_those_of_the_seeds() -> None:
    with (snapshots.SCHEMA.parent / "codes.csv").open(encoding="utf-8", newline="") as lines:
        seeds = [(row["list"], row["code"]) for row in csv.DictReader(lines)]
    lists = {"role": "roles", "status": "statuses", "measure": "measures", "designation": "designations"}
    for name, list_ in lists.items():
        promised = DOCUMENT["components"]["parameters"][name]["schema"]["items"]["enum"]
        assert set(promised) == {code for of, code in seeds if of == list_}


_SOMETIMES = {"content-encoding", "link", "accept-ranges", "access-control-allow-origin"}
_OF_HTTP = {"content-type", "content-length"}


def test_the_headers_of_answers_are_those_of_the_contract(tmp_path: Path) -> None:
    files.prepare(snapshots.publish(tmp_path, snapshots.FIRST))
    text, _ = key_ring.create(tmp_path, "test", ("read", "export"), None, None)
    key = {"X-API-Key": text}
    reader, _ = key_ring.create(tmp_path, "test", ("read",), None, None)
    examples = {
        name: parameter["example"]
        for name, parameter in DOCUMENT["components"]["parameters"].items()
        if "example" in parameter
    }
    seen: dict[int, int] = {}

    def check(path: str, answer: Any) -> None:
        told = DOCUMENT["paths"][path]["get"]["responses"][str(answer.status_code)]
        if "$ref" in told:
            told = DOCUMENT["components"]["responses"][told["$ref"].rsplit("/", 1)[-1]]
        names = set(answer.headers) - _OF_HTTP
        promised = {name.lower() for name in told["headers"]}
        assert names <= promised, (path, answer.status_code, names - promised)
        assert promised - names <= _SOMETIMES, (path, answer.status_code, promised - names)
        if answer.status_code != 304:
            assert answer.headers["content-type"].split(";")[0] in {media.split(";")[0] for media in told["content"]}
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1

    with snapshots.client(tmp_path) as client:
        for route in ROUTES:
            url = re.sub(r"\{(\w+)\}", lambda found: str(examples[f"path_{found[1]}"]), route.path)
            query = {"listChanges": f"?since={snapshots.FIRST}", "compareIndicators": "?indicator=pm25"}.get(
                route.id, ""
            )
            good = client.get(url + query, headers=key)
            assert good.status_code in (200, 404)
            check(route.path, good)
            check(route.path, client.get(url + query, headers={"X-API-Key": "x"}))
            check(route.path, client.get(url + "?x=1", headers=key))
            check(route.path, client.get(url + query, headers=key | {"Accept": "image/png"}))
            check(route.path, client.post(url))
            if good.status_code == 200:
                check(route.path, client.get(url + query, headers=key | {"If-None-Match": good.headers["etag"]}))
            if route.need:
                check(route.path, client.get(url))
            if route.need == "export":
                check(route.path, client.get(url, headers={"X-API-Key": reader}))
                check(route.path, client.get(url, headers=key | {"Range": "bytes=0-9"}))
                check(route.path, client.get(url, headers=key | {"Range": "bytes=99999999-"}))
        check("/v1/regions/{region}", client.get("/v1/regions/990000"))
        check("/v1/changes", client.get(f"/v1/changes?since={snapshots.LOST}"))
        check("/v1/observations", client.get("/v1/observations?q=" + "a" * 50_000))
    with snapshots.client(tmp_path, public_rate=Rate(1, 3600), metadata_rate=Rate(1, 3600), origins=()) as client:
        for path in ("/v1", "/v1/observations"):
            for _ in range(2):
                check(path, client.get(path))
    assert set(seen) == {200, 206, 304, 400, 401, 403, 404, 405, 406, 410, 414, 416, 429}


def test_what_is_deprecated_says_so_in_the_contract_and_in_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = routes.find("/v1/codes")
    assert kept is not None
    going = Deprecated(since=datetime(2027, 1, 1, tzinfo=UTC), sunset=datetime(2027, 7, 1, tzinfo=UTC))
    goes = msgspec.structs.replace(kept, deprecated=going)
    monkeypatch.setitem(routes._EXACT, "/v1/codes", goes)
    for module in (app, contract):
        monkeypatch.setattr(module, "ROUTES", tuple(goes if route is kept else route for route in ROUTES))
    operation = contract.document()["paths"]["/v1/codes"]["get"]
    assert operation["deprecated"] is True
    assert {"Deprecation", "Sunset"} <= set(operation["responses"]["200"]["headers"])
    with snapshots.client(Path(DATA.name)) as client:
        for _ in range(2):  # made, and kept
            answer = client.get("/v1/codes")
            assert answer.headers["deprecation"] == "@1798761600"
            assert answer.headers["sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
            assert 'rel="deprecation"' in answer.headers["link"]
            assert "Sunset" in answer.headers["access-control-expose-headers"]
        assert "deprecation" not in client.get("/v1/regions").headers
