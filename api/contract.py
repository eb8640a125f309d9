"""Routes, parameters and shapes in, the OpenAPI 3.1 document out: ``python -m api.contract [FILE]`` writes it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from api import __version__, formats, problems
from api.parameters import CURSOR, FILTERS, Parameter
from api.routes import ROUTES, Route
from api.shapes import EXAMPLE, ProblemDetails

Json = dict[str, Any]

_ABOUT = """\
China's plan indicators, read from the documents that state them: targets beside actuals, with comparator, unit and
the place in the document. Reading needs no key.

- A list comes in pages: `page.next` is the cursor of the next one, also in the header `Link`. All pages of a query
  come from one snapshot; when that is no longer kept, the answer is 410.
- Parameters are strict: what is unknown, repeated, empty, malformed or contradictory is answered with 400 and says
  what is allowed.
- Errors are problem details (RFC 9457) in Chinese, or in English by `Accept-Language`.
- Answers may gain fields. `GET` also stands for `HEAD` and `OPTIONS`.
"""
_TAGS = {
    "service": "The service itself",
    "regions": "Regions of GB/T 2260",
    "categories": "Categories of indicators",
    "years": "Years that observations are about",
    "indicators": "The indicator catalogue",
    "documents": "The documents that observations come from",
    "observations": "What documents state",
    "codes": "Closed lists",
}
_FIRST = "$response.body#/data/0/"
_PATHS: dict[str, tuple[Json, Any]] = {
    "observation": ({"type": "string", "pattern": "^[A-Za-z0-9._-]+$", "maxLength": 100}, EXAMPLE),
    "year": ({"type": "integer", "minimum": 1949, "maximum": 2100}, 2022),
}
_ERRORS = {
    400: problems.PARAMETERS,
    404: problems.NOT_FOUND,
    405: problems.METHOD,
    406: problems.NOT_ACCEPTABLE,
    410: problems.GONE,
    414: problems.TOO_LONG,
    500: problems.CRASH,
    503: problems.UNAVAILABLE,
}


def document() -> Json:
    """The whole document."""
    shapes = [route.shape for route in ROUTES if route.shape is not None]
    _, schemas = msgspec.json.schema_components([*shapes, ProblemDetails], ref_template="#/components/schemas/{name}")
    _mend(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plan indicators",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": {route.path: {"get": _operation(route, schemas)} for route in ROUTES},
        "components": {
            "schemas": schemas,
            "parameters": {
                **{parameter.name: _query(parameter) for route in ROUTES for parameter in route.parameters},
                **{f"path_{name}": _path(name) for route in ROUTES for name in route.names},
            },
            "responses": {f"problem{status}": _problem(kind) for status, kind in _ERRORS.items()},
            "headers": {
                "X-Request-Id": {"description": "Names this answer in the server's log", "schema": {"type": "string"}},
                "Link": {"description": 'The next page, rel="next"', "schema": {"type": "string"}},
                "Retry-After": {"description": "Seconds to wait", "schema": {"type": "string"}},
                "Allow": {"description": "The methods that the path has", "schema": {"type": "string"}},
            },
        },
    }


def _mend(schemas: Json) -> None:
    """Numbers for decimals, which msgspec takes for texts; and a row that ``fields`` may have made shorter."""

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("format") == "decimal":
                node |= {"type": "number"}
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(schemas)
    whole = schemas["Observation"]
    schemas["ObservationRow"] = {
        **{key: value for key, value in whole.items() if key != "required"},
        "title": "ObservationRow",
        "description": "An observation, with the fields that `fields` names; all of them without it.",
    }
    schemas["ObservationPage"]["properties"]["data"]["items"] = _ref("schemas", "ObservationRow")


def _operation(route: Route, schemas: Json) -> Json:
    parameters = [_ref("parameters", f"path_{name}") for name in route.names]
    parameters += [_ref("parameters", parameter.name) for parameter in route.parameters]
    statuses = [400, 404, 405, 406, *([410] if CURSOR in route.parameters else []), 414, 500]
    if route.data:
        statuses.append(503)
    return {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "description": route.about,
        "parameters": parameters,
        "responses": {
            "200": _good(route, schemas),
            **{str(status): _ref("responses", f"problem{status}") for status in statuses},
        },
    }


def _good(route: Route, schemas: Json) -> Json:
    content: Json = {}
    for media in route.media:
        if route.shape is None or media != formats.JSON:
            content[media] = {"schema": {"type": "object" if media == formats.JSON else "string"}}
        else:
            schema = _ref("schemas", route.shape.__name__)
            content[media] = {"schema": schema, "example": _example(schema, schemas)}
    headers = {"X-Request-Id": _ref("headers", "X-Request-Id")}
    if CURSOR in route.parameters:
        headers["Link"] = _ref("headers", "Link")
    answer: Json = {"description": route.summary, "headers": headers, "content": content}
    links = _links(route)
    return answer | {"links": links} if links else answer


def _links(route: Route) -> Json:
    """Where to go on from an answer: to an item, into its observations, to the next page."""
    found: Json = {}
    if CURSOR in route.parameters:
        same: Json = {f"path.{name}": f"$request.path.{name}" for name in route.names}
        found["next"] = {"operationId": route.id, "parameters": {**same, "query.cursor": "$response.body#/page/next"}}
    field = {"regions": "code", "years": "year"}.get(route.tag, "id")
    for other in ROUTES:
        if route.id == f"list{other.tag.capitalize()}" and len(other.names) == 1 and other.path.startswith(route.path):
            found["item"] = {"operationId": other.id, "parameters": {f"path.{other.names[0]}": _FIRST + field}}
        inside = route.path + "/observations"
        if other.path == inside:
            same = {f"path.{name}": f"$request.path.{name}" for name in route.names}
            found["observations"] = {"operationId": other.id, "parameters": same}
    if route.id == "listObservations":
        for name in ("region", "indicator", "document"):
            target = f"get{name.capitalize()}"
            found[name] = {"operationId": target, "parameters": {f"path.{name}": _FIRST + name}}
        found["place"] = {
            "operationId": "listObservationsOfRegionCategoryYear",
            "parameters": {f"path.{name}": _FIRST + name for name in ("region", "category", "year")},
        }
    if route.id == "getDocument":
        found["observations"] = {
            "operationId": "listObservations",
            "parameters": {"query.document": "$response.body#/id"},
        }
    return found


def _query(parameter: Parameter) -> Json:
    schema = parameter.schema()
    found: Json = {"name": parameter.name, "in": "query", "description": parameter.about, "schema": schema}
    if parameter.many != "no":
        found |= {"style": "form", "explode": parameter.many == "repeated"}
    if parameter.example is not None:
        found["example"] = parameter.example if parameter.many == "no" else [parameter.example]
    return found


def _path(name: str) -> Json:
    same = {parameter.name: parameter for parameter in FILTERS}
    if name in _PATHS:
        schema, example = _PATHS[name]
    else:
        schema, example = same[name].schema()["items"], same[name].example
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": f"The {name}'s id" if name not in ("region", "year") else same[name].about,
        "schema": schema,
        "example": example,
    }


def _problem(kind: problems.Kind) -> Json:
    example = {
        "type": f"urn:problem-type:plan-indicators:{kind.name}",
        "title": kind.title[0],
        "status": kind.status,
        "detail": kind.detail[0],
        "instance": "/v1/observations",
        "request_id": "5a59b223afba3a090cd55388c09fac14",
    }
    headers = {"X-Request-Id": _ref("headers", "X-Request-Id")}
    for name in {405: ["Allow"], 503: ["Retry-After"]}.get(kind.status, []):
        headers[name] = _ref("headers", name)
    return {
        "description": kind.title[1],
        "headers": headers,
        "content": {
            "application/problem+json": {"schema": _ref("schemas", "ProblemDetails"), "example": example},
        },
    }


def _ref(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _example(schema: Json, schemas: Json) -> Any:
    """An example made of the examples of the fields."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return None
    if schema.get("type") == "object" and "properties" in schema:
        return {name: _example(child, schemas) for name, child in schema["properties"].items()}
    made: dict[str, Callable[[], Any]] = {
        "array": lambda: [_example(schema["items"], schemas)] if "$ref" in schema["items"] else [],
        "object": dict,
        "boolean": lambda: True,
        "integer": lambda: schema.get("minimum", 0),
    }
    return schema["enum"][0] if "enum" in schema else made.get(schema.get("type", ""), str)()


def text() -> str:
    """The document as it is committed and served."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=2).decode() + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "openapi" / "openapi.json"
    target.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{target} written\n")
