"""Routes, parameters and shapes in, the OpenAPI 3.1 document out: ``python -m api.contract [FILE]`` writes it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from api import __version__, formats, problems, wording
from api.parameter import Parameter
from api.parameters import CURSOR, FILTERS
from api.route import Route
from api.routes import ROUTES
from api.shapes import EXAMPLE, ProblemDetails

Json = dict[str, Any]

_FIRST = "$response.body#/data/0/"
_PATHS: dict[str, tuple[Json, Any]] = {
    "observation": ({"type": "string", "pattern": "^[A-Za-z0-9._-]+$", "maxLength": 100}, EXAMPLE),
    "year": ({"type": "integer", "minimum": 1949, "maximum": 2100}, 2022),
}
_ERRORS = {
    400: problems.PARAMETERS,
    401: problems.UNAUTHORIZED,
    403: problems.FORBIDDEN,
    404: problems.NOT_FOUND,
    405: problems.METHOD,
    406: problems.NOT_ACCEPTABLE,
    410: problems.GONE,
    414: problems.TOO_LONG,
    416: problems.UNSATISFIABLE,
    429: problems.TOO_MANY,
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
            "description": wording.ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [],
        "tags": [{"name": name, "description": about} for name, about in wording.TAGS.items()],
        "paths": {route.path: {"get": _operation(route, schemas)} for route in ROUTES},
        "components": {
            "schemas": schemas,
            "parameters": {
                **{parameter.component: _query(parameter) for route in ROUTES for parameter in route.parameters},
                **{f"path_{name}": _path(name) for route in ROUTES for name in route.names},
                **{f"header_{name}": _header(name, about) for name, about in wording.SENT.items()},
            },
            "responses": {
                **{f"problem{status}": _problem(kind) for status, kind in _ERRORS.items()},
                "notModified": {
                    "description": "The client has this answer already",
                    "headers": _headers(*wording.GOOD),
                },
            },
            "securitySchemes": {
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-API-Key",
                    "description": "A key that the operator gave: `pik_…`. Needed for exports and usage only.",
                }
            },
            "headers": {
                name: {"description": about, "schema": {"type": kind}}
                for name, (about, kind) in wording.HEADERS.items()
                if name not in ("Deprecation", "Sunset") or any(route.deprecated for route in ROUTES)
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
    parameters += [_ref("parameters", parameter.component) for parameter in route.parameters]
    parameters += [_ref("parameters", f"header_{name}") for name in wording.SENT if _takes(route, name)]
    gone = CURSOR in route.parameters
    statuses = [400, 401, 405, 406, 414, 500, 503]
    statuses += [403, 416] * (route.need == "export") + [404] * bool(route.names or route.path == "/metrics")
    statuses += [410] * gone + [429] * (route.budget is not None)
    deprecated = {} if route.deprecated is None else {"deprecated": True}
    return deprecated | {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "description": route.about,
        "parameters": parameters,
        "security": [{"key": []}] if route.need else [{}, {"key": []}],
        "responses": {
            "200": _good(route, schemas),
            **({"206": _part(route)} if route.need == "export" else {}),
            "304": _ref("responses", "notModified"),
            **{str(status): _ref("responses", f"problem{status}") for status in sorted(statuses)},
        },
    }


def _bare(media: str) -> Json:
    """The schema of a body that no struct describes."""
    if media.endswith("json"):
        return {"type": "object"}
    return (
        {"type": "string"} if media.startswith("text/") or "ndjson" in media else {"type": "string", "format": "binary"}
    )


def _takes(route: Route, header: str) -> bool:
    return route.need == "export" if header in ("Range", "If-Range") else True


def _part(route: Route) -> Json:
    return {
        "description": "The part that Range asks for",
        "headers": _headers(*wording.GOOD, "Accept-Ranges", "Content-Range", "Content-Disposition", "Link"),
        "content": {media: {"schema": _bare(media)} for media in route.media},
    }


def _headers(*names: str) -> Json:
    return {name: _ref("headers", name) for name in names}


def _good(route: Route, schemas: Json) -> Json:
    content: Json = {}
    for media in route.media:
        if route.shape is None or media != formats.JSON:
            content[media] = {"schema": _bare(media)}
        else:
            schema = _ref("schemas", route.shape.__name__)
            content[media] = {"schema": schema, "example": _example(schema, schemas)}
    headers = _headers(
        *wording.GOOD,
        "Content-Encoding",
        *(["Link"] if CURSOR in route.parameters or route.need == "export" else []),
        *(["Accept-Ranges", "Content-Disposition"] if route.need == "export" else []),
        *(["Deprecation", "Sunset"] if route.deprecated else []),
    )
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
    if route.id == "getService":
        found["changes"] = {"operationId": "listChanges", "parameters": {"query.since": "$response.body#/snapshot/id"}}
    if route.id == "getObservation":
        path = {"path.observation": "$response.body#/id"}
        found["provenance"] = {"operationId": "getProvenance", "parameters": path}
    if route.id == "getIndicator":
        found["comparison"] = {
            "operationId": "compareIndicator",
            "parameters": {"path.indicator": "$response.body#/id"},
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
    if parameter.required:
        found["required"] = True
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
        "description": {"region": "GB/T 2260 code", "year": "The year that the value is about"}.get(
            name, f"The {name}'s id"
        ),
        "schema": schema,
        "example": example,
    }


def _header(name: str, about: str) -> Json:
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}}


def _problem(kind: problems.Kind) -> Json:
    example = {
        "type": f"urn:problem-type:plan-indicators:{kind.name}",
        "title": kind.title[0],
        "status": kind.status,
        "detail": kind.detail[0],
        "instance": "/v1/observations",
        "request_id": "5a59b223afba3a090cd55388c09fac14",
    }
    own = {
        401: ["WWW-Authenticate"],
        405: ["Allow"],
        416: ["Content-Range"],
        429: ["Retry-After"],
        503: ["Retry-After"],
    }
    return {
        "description": kind.title[1],
        "headers": _headers(*wording.EVERY, "Content-Language", *own.get(kind.status, [])),
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
        return next((_example(child, schemas) for child in schema["anyOf"] if "$ref" in child), None)
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
