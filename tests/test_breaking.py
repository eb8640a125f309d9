"""A change that breaks clients is found, one that extends the contract passes, and the version may say so."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import breaking
from tests.breaking import Change, Finding, Report, Unusable, Verdict

Json = dict[str, Any]
Mend = Callable[[Json], object]

needs_redocly = pytest.mark.skipif(not breaking.REDOCLY.exists(), reason="run npm ci in tests/client first")


def _parameter(name: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema}


OPERATION: Json = {
    "operationId": "ask",
    "parameters": [
        _parameter("word", type="string", enum=["one", "two"]),
        _parameter("limit", type="integer", minimum=1, maximum=100, default=10),
        _parameter("code", type="string", pattern="^[0-9]+$", minLength=1, maxLength=6),
        _parameter("many", type="array", items={"type": "string", "enum": ["one", "two"]}, maxItems=9),
    ],
    "responses": {
        "200": {
            "description": "Good",
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string"},
                            "level": {"type": "string", "enum": ["one", "two"]},
                            "sum": {"type": "integer"},
                            "deep": {"type": "array", "items": {"$ref": "#/components/schemas/Shared"}},
                        },
                        "required": ["id", "level", "sum"],
                    }
                },
                "text/csv": {"schema": {"type": "string"}},
            },
        },
        "404": {"description": "Not found", "content": {"application/problem+json": {"schema": {"type": "object"}}}},
    },
}
SHARED: Json = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "below": {"$ref": "#/components/schemas/Shared"}},
    "required": ["name"],
}


def _input(operation: Json, place: int) -> Json:
    schema: Json = operation["parameters"][place]["schema"]
    return schema


def _content(operation: Json) -> Json:
    content: Json = operation["responses"]["200"]["content"]
    return content


def _output(operation: Json) -> Json:
    schema: Json = _content(operation)["application/json"]["schema"]
    return schema


def _fields(operation: Json) -> Json:
    fields: Json = _output(operation)["properties"]
    return fields


def _created(operation: Json) -> None:
    operation["responses"]["201"] = operation["responses"].pop("200")


BREAKING: dict[str, Mend] = {
    "success-status-removed": _created,
    "media-type-removed": lambda it: _content(it).pop("text/csv"),
    "header-removed": lambda it: it["responses"]["200"].pop("headers"),
    "field-removed": lambda it: (_fields(it).pop("sum"), _output(it)["required"].remove("sum")),
    "field-made-optional": lambda it: _output(it)["required"].remove("sum"),
    "field-of-another-type": lambda it: _fields(it)["sum"].update(type="string"),
    "field-made-nullable": lambda it: _fields(it)["sum"].update(type=["integer", "null"]),
    "field-made-nullable-by-choice": lambda it: _fields(it).update(
        sum={"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "reference-to-another-shape": lambda it: _fields(it)["deep"].update(items={"type": "string"}),
    "parameter-removed": lambda it: it["parameters"].pop(0),
    "parameter-moved": lambda it: it["parameters"][0].update({"in": "header"}),
    "parameter-new-and-required": lambda it: it["parameters"].append(
        _parameter("more", type="string") | {"required": True}
    ),
    "parameter-made-required": lambda it: it["parameters"][0].update(required=True),
    "parameter-of-another-type": lambda it: _input(it, 2).update(type="integer"),
    "parameter-loses-a-word": lambda it: _input(it, 0)["enum"].remove("two"),
    "parameter-loses-a-word-in-a-list": lambda it: _input(it, 3)["items"]["enum"].remove("two"),
    "parameter-bound-to-words": lambda it: _input(it, 2).update(enum=["1"]),
    "parameter-with-a-higher-minimum": lambda it: _input(it, 1).update(minimum=2),
    "parameter-with-a-lower-maximum": lambda it: _input(it, 1).update(maximum=99),
    "parameter-longer": lambda it: _input(it, 2).update(minLength=2),
    "parameter-shorter": lambda it: _input(it, 2).update(maxLength=5),
    "parameter-with-fewer-items": lambda it: _input(it, 3).update(maxItems=8),
    "parameter-with-another-pattern": lambda it: _input(it, 2).update(pattern="^[1-9]+$"),
    "parameter-with-a-new-pattern": lambda it: _input(it, 0).update(pattern="^o"),
    "parameter-with-another-default": lambda it: _input(it, 1).update(default=20),
    "parameter-written-with-commas": lambda it: it["parameters"][3].update(explode=False),
    "security-stricter": lambda it: it.update(security=[{"key": []}]),
}
NOTED: dict[str, Mend] = {
    "field-gains-a-word": lambda it: _fields(it)["level"]["enum"].append("three"),
    "error-no-more": lambda it: it["responses"].pop("404"),
    "error-no-more-and-a-new-status": lambda it: it["responses"].update(
        {"304": {"description": it["responses"].pop("404")["description"]}}
    ),
}
EXTENDING: dict[str, Mend] = {
    "nothing": lambda it: None,
    "field-new": lambda it: (_fields(it).update(more={"type": "string"}), _output(it)["required"].append("more")),
    "media-type-new": lambda it: _content(it).update({"application/xml": {"schema": {"type": "string"}}}),
    "status-new": lambda it: it["responses"].update({"429": {"description": "Too many"}}),
    "parameter-new": lambda it: it["parameters"].append(_parameter("more", type="string")),
    "parameters-in-another-order": lambda it: it["parameters"].reverse(),
    "parameter-wider": lambda it: _input(it, 1).update(minimum=0, maximum=1000),
    "parameter-gains-a-word": lambda it: _input(it, 0)["enum"].append("three"),
    "parameter-of-any-form": lambda it: _input(it, 2).pop("pattern"),
    "reference-written-out": lambda it: _fields(it)["deep"].update(items=copy.deepcopy(SHARED)),
    "security-as-one-likes": lambda it: it.update(security=[{}, {"key": []}]),
    "deprecated": lambda it: it.update(deprecated=True),
    "told-otherwise": lambda it: it.update(summary="Ask", description="Ask."),
}
CASES = BREAKING | NOTED | EXTENDING


def _document(paths: Json, version: str = "0.1.0") -> Json:
    scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": version},
        "security": [],
        "paths": paths,
        "components": {"schemas": {"Shared": copy.deepcopy(SHARED)}, "securitySchemes": {"key": scheme}},
    }


def _ask(name: str) -> Json:
    return {"get": copy.deepcopy(OPERATION) | {"operationId": name}}


def _written(folder: Path, before: Json, after: Json) -> tuple[Path, Path]:
    released, current = folder / "released.json", folder / "current.json"
    released.write_text(json.dumps(before), encoding="utf-8")
    current.write_text(json.dumps(after), encoding="utf-8")
    return released, current


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """The findings of all cases, each at a path of its own, so that redocly starts once."""
    paths = {f"/{name}": _ask(name) for name in (*CASES, "gone", "other-method")}
    before, after = _document(paths), _document(copy.deepcopy(paths) | {"/new": _ask("new")})
    for name, mend in CASES.items():
        mend(after["paths"][f"/{name}"]["get"])
    del after["paths"]["/gone"]
    after["paths"]["/other-method"]["post"] = after["paths"]["/other-method"].pop("get")
    return breaking.compare(*_written(tmp_path_factory.mktemp("documents"), before, after))


def _at(findings: list[Finding], name: str) -> list[Finding]:
    return [finding for finding in findings if re.match(rf"paths /{name}( |$)", finding.path)]


@needs_redocly
@pytest.mark.parametrize("name", [*BREAKING, "gone", "other-method"])
def test_what_breaks_clients_is_found(found: list[Finding], name: str) -> None:
    assert [finding.message for finding in _at(found, name) if not finding.note]


@needs_redocly
@pytest.mark.parametrize("name", NOTED)
def test_what_clients_must_bear_with_is_a_note(found: list[Finding], name: str) -> None:
    assert [finding.note for finding in _at(found, name)] == [True]


@needs_redocly
@pytest.mark.parametrize("name", [*EXTENDING, "new"])
def test_an_extension_passes(found: list[Finding], name: str) -> None:
    assert _at(found, name) == []


@needs_redocly
def test_references_are_followed_and_may_lead_back_to_themselves(tmp_path: Path) -> None:
    before, after = _document({"/ask": _ask("ask")}), _document({"/ask": _ask("ask")})
    after["components"]["schemas"]["Shared"]["properties"]["name"]["type"] = "integer"
    findings = breaking.compare(*_written(tmp_path, before, after))
    assert [finding.path for finding in findings if finding.path.startswith("paths /ask get responses 200")]


@needs_redocly
def test_security_of_the_whole_document_counts(tmp_path: Path) -> None:
    before, after = _document({"/ask": _ask("ask")}), _document({"/ask": _ask("ask")})
    after["security"] = [{"key": []}]
    assert [finding.note for finding in breaking.compare(*_written(tmp_path, before, after))] == [False]


@needs_redocly
@pytest.mark.parametrize(("version", "status"), [("0.1.0", 1), ("0.1.1", 1), ("0.2.0", 0), ("1.0.0", 0)])
def test_a_break_passes_only_if_the_version_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, status: int
) -> None:
    paths = {"/ask": _ask("ask"), "/gone": _ask("gone")}
    released, current = _written(tmp_path, _document(paths), _document({"/ask": paths["/ask"]}, version))
    assert breaking.main([str(released), str(current)]) == status
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["BREAKS" if status else "breaks as the version says"]
    assert "paths /gone" in lines[0]


@needs_redocly
def test_a_document_that_redocly_cannot_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = _written(tmp_path, {"info": {"version": "0.1.0"}}, {"info": {"version": "0.1.0"}})
    assert breaking.main([str(file) for file in files]) == 2
    assert "redocly could not compare" in capsys.readouterr().err


@needs_redocly
def test_the_committed_document_breaks_nothing_unsaid() -> None:
    assert breaking.main([str(breaking.RELEASED), str(breaking.CURRENT)]) == 0


@needs_redocly
def test_a_version_that_went_back_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = {"/ask": _ask("ask")}
    files = _written(tmp_path, _document(paths, "0.2.0"), _document(paths, "0.1.9"))
    assert breaking.main([str(file) for file in files]) == 2
    assert "went back from 0.2.0 to 0.1.9" in capsys.readouterr().err


@needs_redocly
def test_a_release_copies_the_document_once_its_version_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {"/ask": _ask("ask")}
    released, current = _written(tmp_path, _document(paths), _document(paths))
    changes = tmp_path / "CHANGES.md"
    changes.write_text("## Unreleased (0.1.1)\n", encoding="utf-8")
    for name, file in {"RELEASED": released, "CURRENT": current, "CHANGES": changes}.items():
        monkeypatch.setattr(breaking, name, file)
    assert breaking.main(["--release"]) == 2
    assert "0.1.0 is released already" in capsys.readouterr().err
    _written(tmp_path, _document(paths), _document(paths, "0.1.1"))
    assert breaking.main(["--release"]) == 2
    assert "has no section 0.1.1" in capsys.readouterr().err
    changes.write_text("## 0.1.1\n", encoding="utf-8")
    assert breaking.main(["--release"]) == 0
    assert released.read_bytes() == current.read_bytes()


@pytest.mark.parametrize(
    ("released", "current", "expected"),
    [
        ((0, 1, 0), (0, 1, 9), False),
        ((0, 1, 9), (0, 2, 0), True),
        ((0, 9, 0), (1, 0, 0), True),
        ((0, 0, 1), (0, 0, 2), True),
        ((1, 2, 3), (1, 9, 0), False),
        ((1, 2, 3), (2, 0, 0), True),
        ((2, 0, 0), (1, 9, 9), False),
        ((0, 0, 0), (0, 0, 1), True),
    ],
)
def test_the_first_number_that_is_not_zero_says_so(
    released: breaking.Version, current: breaking.Version, expected: bool
) -> None:
    assert breaking.said(released, current) is expected


def test_a_change_of_great_impact_counts_even_if_no_reason_is_given() -> None:
    change = Change(path="#/paths/~1v1~1a~0b/get", kind="removed", impact="major", verdicts=[])
    expected = Finding(path="paths /v1/a~b get", message="This was removed.", note=False)
    assert breaking.judge(Report(report_version="1", changes=[change])) == {expected}


def test_a_word_that_a_parameter_must_now_know_is_no_note() -> None:
    reason = Verdict(rule_id="enum-values-added", impact="major", message="More.")
    change = Change(path="#/paths/~1a/get/parameters/0/schema", kind="modified", impact="major", verdicts=[reason])
    assert [finding.note for finding in breaking.judge(Report(report_version="1", changes=[change]))] == [False]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"info": {"version": 1}}', '{"info": {"version": "1.0"}}', "\0"])
def test_a_document_without_a_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    file = tmp_path / "document.json"
    file.write_text(text, encoding="utf-8")
    assert breaking.main([str(file), str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_wrong_usage_and_a_missing_file_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert breaking.main([]) == 2
    assert "usage:" in capsys.readouterr().err
    assert breaking.main([str(tmp_path / "no.json"), str(tmp_path / "no.json")]) == 2
    assert "no.json" in capsys.readouterr().err


def test_without_redocly_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaking, "REDOCLY", Path("nowhere"))
    with pytest.raises(Unusable, match="npm ci"):
        breaking.compare(breaking.RELEASED, breaking.CURRENT)


def test_the_released_document_is_not_later_than_the_current_one() -> None:
    assert breaking.version(breaking.RELEASED) <= breaking.version(breaking.CURRENT)


def test_clients_are_told_of_the_current_version() -> None:
    version = ".".join(map(str, breaking.version(breaking.CURRENT)))
    told = breaking.CHANGES.read_text(encoding="utf-8")
    assert re.search(rf"^## ({re.escape(version)}|Unreleased \({re.escape(version)}\))$", told, re.MULTILINE)
