"""Every path of the API: what it is, what it takes, and how its answer comes about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from msgspec import Struct

from api import __version__, cursors, formats, shapes
from api.parameters import FIELDS, FILTERS, NAMES, PAGING, SORT, Parameter, Value, named
from api.problems import Headers, Problem, not_found
from api.snapshot import Snapshot, Snapshots


class Asked(Struct, frozen=True, kw_only=True):
    """A request, checked: path as sent, path values, query values, and the type that the client takes."""

    path: str
    query: str
    names: Mapping[str, str]
    values: Mapping[str, Value]
    media: str


class Answered(Struct, frozen=True, kw_only=True):
    """A good answer."""

    body: bytes
    media: str
    headers: Headers = msgspec.field(default_factory=list)


class Backend(Struct, frozen=True, kw_only=True):
    """What answers are made from."""

    snapshots: Snapshots
    key: bytes
    document: bytes
    page: bytes


class Route(Struct, frozen=True, kw_only=True):
    """A path with the one operation that it has."""

    path: str
    id: str
    tag: str
    summary: str
    about: str
    answer: Callable[[Backend, Asked], Answered]
    shape: type[Struct] | None = None
    parameters: tuple[Parameter, ...] = ()
    media: tuple[str, ...] = (formats.JSON,)
    data: bool = True  # comes from a snapshot

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def suggested(backend: Backend, problem: Problem) -> Problem:
    """A problem with parameters, with codes in place of the names that were given; as it is without a snapshot."""
    if all(wrong.given is None for wrong in problem.wrongs):
        return problem
    try:
        return named(problem, backend.snapshots.current().ask)
    except Problem:
        return problem


def _json(answer: Any) -> Answered:
    return Answered(body=formats.json(answer), media=formats.JSON)


def _service(backend: Backend, asked: Asked) -> Answered:
    snapshot = backend.snapshots.current()
    row = snapshot.ask("service", {})[0]
    years, regions = row.pop("years"), row.pop("regions")
    links = {
        route.path.removeprefix("/v1/"): route.path for route in ROUTES if route.tag != "service" and not route.names
    }
    links |= {"openapi": "/openapi.json", "docs": "/docs"}
    return _json({"version": __version__, "snapshot": row, "years": years, "regions": regions, "links": links})


def _item(question: str, what: tuple[str, str]) -> Callable[[Backend, Asked], Answered]:
    def answer(backend: Backend, asked: Asked) -> Answered:
        _year(asked.names)
        rows = backend.snapshots.current().ask(question, {**asked.names, "selection": "all"})
        if not rows:
            raise not_found(what)
        del rows[0]["total"]
        return _json(rows[0])

    return answer


def _year(names: Mapping[str, str]) -> None:
    year = names.get("year", "2000")
    if not re.fullmatch("[0-9]{4}", year) or not 1949 <= int(year) <= 2100:
        raise not_found(("年份; 年份为 1949 至 2100", "year; years are 1949 to 2100"))


def _selected(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    """The values for a question, those of the path among them; a problem where the path names what there is not."""
    _year(asked.names)
    region, category = asked.names.get("region"), asked.names.get("category")
    if region is not None or category is not None:
        known = snapshot.ask("paths", {"path_region": region, "path_category": category})[0]
        if not known["region"]:
            raise not_found(("行政区划, 代码见 GB/T 2260", "region; GB/T 2260 has the codes"))
        if not known["category"]:
            raise not_found(("类别", "category"))
    return dict(asked.values) | {name: [int(value) if name == "year" else value] for name, value in asked.names.items()}


def _collection(question: str, shape: type[Struct]) -> Callable[[Backend, Asked], Answered]:
    every = shape.__struct_fields__

    def answer(backend: Backend, asked: Asked) -> Answered:
        query, cursor, start = cursors.digest(asked.path, asked.values), asked.values.get("cursor"), 0
        if isinstance(cursor, str):
            place = cursors.read(backend.key, cursor, query)
            snapshot, start = backend.snapshots.kept(place.snapshot), place.offset
        else:
            snapshot = backend.snapshots.current()
        values = _selected(snapshot, asked)
        if "selection" in values and values["selection"] is None:
            values["selection"] = "all" if values.get("document") else "preferred"
        limit: int = values["limit"]
        rows = snapshot.ask(question, values | {"offset": start})
        total = rows[0]["total"] if rows else start
        end = start + len(rows)
        following = cursors.write(backend.key, cursors.Place(snapshot.id, query, end)) if end < total else None
        wanted = values.get("fields")
        names = every if wanted is None else tuple(name for name in every if name in wanted)
        headers = [] if following is None else [(b"link", _link(asked, following))]
        if asked.media == formats.CSV:
            body = formats.as_csv(names, rows, excel=values["excel"])
            return Answered(body=body, media="text/csv; header=present", headers=headers)
        page = {"limit": limit, "next": following, "total": total, "snapshot": snapshot.id}
        body = formats.json({"data": [{name: row[name] for name in names} for row in rows], "page": page})
        return Answered(body=body, media=formats.JSON, headers=headers)

    return answer


def _link(asked: Asked, cursor: str) -> bytes:
    kept = [piece for piece in asked.query.split("&") if piece and unquote(piece.partition("=")[0]) != "cursor"]
    # latin-1 gives back the bytes that were sent
    query = quote("&".join([*kept, f"cursor={cursor}"]).encode("latin-1"), safe="%&=+-._~:/,")
    return f'<{quote(asked.path)}?{query}>; rel="next"'.encode()


def _codes(backend: Backend, asked: Asked) -> Answered:
    snapshot = backend.snapshots.current()
    lists = {row["name"]: row["codes"] for row in snapshot.ask("codes", {})}
    return _json({"data": lists, "snapshot": snapshot.id})


def _live(backend: Backend, asked: Asked) -> Answered:
    return _json({"status": "live"})


def _ready(backend: Backend, asked: Asked) -> Answered:
    snapshot = backend.snapshots.current()
    snapshot.ask("service", {})
    return _json({"status": "ready", "snapshot": snapshot.id})


def _document(backend: Backend, asked: Asked) -> Answered:
    return Answered(body=backend.document, media=formats.JSON)


def _page(backend: Backend, asked: Asked) -> Answered:
    return Answered(body=backend.page, media="text/html")


class _Noun(Struct, frozen=True, kw_only=True):
    """A thing that has a list and an item."""

    plural: str
    singular: str
    chinese: str
    item: type[Struct]
    page: type[Struct]
    about: str
    filters: tuple[Parameter, ...] = ()


_NOUNS = (
    _Noun(
        plural="regions",
        singular="region",
        chinese="行政区划, 代码见 GB/T 2260",
        item=shapes.Region,
        page=shapes.RegionPage,
        about="The list holds regions with data; the item knows every code of GB/T 2260.",
    ),
    _Noun(
        plural="categories",
        singular="category",
        chinese="类别",
        item=shapes.Category,
        page=shapes.CategoryPage,
        about="An indicator belongs to one category, the same in every document.",
    ),
    _Noun(
        plural="years",
        singular="year",
        chinese="年份",
        item=shapes.YearCard,
        page=shapes.YearPage,
        about="The list holds years with observations; the item knows every year from 1949 to 2100.",
    ),
    _Noun(
        plural="indicators",
        singular="indicator",
        chinese="指标",
        item=shapes.Indicator,
        page=shapes.IndicatorPage,
        about="The indicator catalogue, with names that it does not have yet as u_….",
        filters=(NAMES,),
    ),
    _Noun(
        plural="documents",
        singular="document",
        chinese="文件",
        item=shapes.Document,
        page=shapes.DocumentPage,
        about="The documents that observations come from, with what was damaged and where each figure went.",
    ),
)


def _pair(noun: _Noun) -> tuple[Route, Route]:
    title = noun.plural.capitalize()
    collection = Route(
        path=f"/v1/{noun.plural}",
        id=f"list{title}",
        tag=noun.plural,
        summary=f"List {noun.plural}",
        about=noun.about,
        answer=_collection(noun.plural, noun.item),
        shape=noun.page,
        parameters=(*noun.filters, *PAGING),
        media=(formats.JSON, formats.CSV),
    )
    item = Route(
        path=f"/v1/{noun.plural}/{{{noun.singular}}}",
        id=f"get{noun.singular.capitalize()}",
        tag=noun.plural,
        summary=f"Get one {noun.singular}",
        about=noun.about,
        answer=_item(noun.plural, (noun.chinese, noun.singular)),
        shape=noun.item,
    )
    return collection, item


def _observations(path: str, name: str, summary: str) -> Route:
    taken = set(re.findall(r"\{(\w+)\}", path))
    if "year" in taken:
        taken |= {"year_from", "year_to"}
    return Route(
        path=path,
        id=name,
        tag="observations",
        summary=summary,
        about="Observations in pages, by region, year, category, indicator and id unless sorted otherwise. "
        "What the path names is no query parameter.",
        answer=_collection("observations", shapes.Observation),
        shape=shapes.ObservationPage,
        parameters=(*(filter_ for filter_ in FILTERS if filter_.name not in taken), SORT, FIELDS, *PAGING),
        media=(formats.JSON, formats.CSV),
    )


def _plain(path: str, name: str, summary: str, answer: Callable[[Backend, Asked], Answered], **more: Any) -> Route:
    return Route(path=path, id=name, tag="service", summary=summary, about=f"{summary}.", answer=answer, **more)


ROUTES: tuple[Route, ...] = (
    _plain("/v1", "getService", "What the service is and holds", _service, shape=shapes.Service),
    *(route for noun in _NOUNS for route in _pair(noun)),
    _observations("/v1/observations", "listObservations", "List observations"),
    Route(
        path="/v1/observations/{observation}",
        id="getObservation",
        tag="observations",
        summary="Get one observation",
        about="An id is the same in every snapshot.",
        answer=_item("observations", ("观测", "observation")),
        shape=shapes.Observation,
    ),
    _observations("/v1/regions/{region}/observations", "listObservationsOfRegion", "List observations of a region"),
    _observations(
        "/v1/categories/{category}/observations", "listObservationsOfCategory", "List observations of a category"
    ),
    _observations("/v1/years/{year}/observations", "listObservationsOfYear", "List observations of a year"),
    _observations(
        "/v1/regions/{region}/categories/{category}/years/{year}/observations",
        "listObservationsOfRegionCategoryYear",
        "List observations of a region, category and year",
    ),
    Route(
        path="/v1/codes",
        id="getCodes",
        tag="codes",
        summary="Get every closed list",
        about="Roles, statuses, measures, comparators, stances, designations, kinds and units, quotients of units too, with names.",
        answer=_codes,
        shape=shapes.Codes,
    ),
    _plain("/health/live", "getLive", "Whether the process answers", _live, shape=shapes.Live, data=False),
    _plain("/health/ready", "getReady", "Whether a snapshot can be read", _ready, shape=shapes.Ready),
    _plain("/openapi.json", "getOpenapi", "This document", _document, data=False),
    _plain("/docs", "getDocs", "A page to try the API on", _page, media=("text/html",), data=False),
)
