"""Every path of the API: what it is and what it takes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, get_args

from msgspec import Struct

from api import (
    assessments,
    changes,
    compared,
    comparisons,
    described,
    discrepancies,
    downloads,
    export,
    formats,
    handlers,
    jsonstat,
    metrics,
    provenance,
    service,
    shapes,
)
from api.parameter import Parameter
from api.parameters import (
    ASSESSED,
    COMPARED,
    CURSOR,
    DISPUTED,
    EXPORTED,
    FIELDS,
    FILTERS,
    INDICATORS,
    LIMIT,
    NAMES,
    PAGING,
    SINCE,
    SORT,
    SUMMED,
)
from api.route import Answer, Route


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
        filters=(NAMES,),
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
        filters=(NAMES,),
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
        answer=handlers.collection(noun.plural, noun.item),
        shape=noun.page,
        parameters=(*noun.filters, *PAGING),
        media=(formats.JSON, formats.CSV),
        budget="metadata",
    )
    item = Route(
        path=f"/v1/{noun.plural}/{{{noun.singular}}}",
        id=f"get{noun.singular.capitalize()}",
        tag=noun.plural,
        summary=f"Get one {noun.singular}",
        about=noun.about,
        answer=handlers.item(noun.plural, (noun.chinese, noun.singular)),
        shape=noun.item,
        budget="metadata",
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
        answer=handlers.observed,
        at_once=handlers.observed_at_once,
        shape=shapes.ObservationPage,
        parameters=(*(filter_ for filter_ in FILTERS if filter_.name not in taken), SORT, FIELDS, *PAGING),
        media=(formats.JSON, formats.CSV),
    )


def _plain(path: str, name: str, summary: str, answer: Answer, **more: Any) -> Route:
    given: dict[str, Any] = {"about": f"{summary}.", "budget": "metadata"} | more
    return Route(path=path, id=name, tag="service", summary=summary, answer=answer, **given)


def _export(form: export.Format) -> tuple[Route, Route]:
    path, title = f"/v1/exports/observations.{form}", form.capitalize()
    whole = Route(
        path=path,
        id=f"exportObservations{title}",
        tag="exports",
        summary=f"Export observations as {form}",
        about="Everything, or all that the filters select; selection is all unless told otherwise. Without a filter "
        "it is a file made at publication, in which Range asks for a part. Needs a key with the scope export.",
        answer=downloads.export_as(form),
        parameters=EXPORTED,
        media=(export.MEDIA[form].partition(";")[0],),
        budget="exports",
        need="export",
    )
    about = Route(
        path=f"{path}-metadata.json",
        id=f"getExportMetadata{title}",
        tag="exports",
        summary=f"Get what the {form} export holds",
        about="Fields, units, source documents, licence, citation and snapshot, so that the file explains itself.",
        answer=downloads.described_as(form),
        shape=described.ExportMetadata,
        budget="metadata",
    )
    return whole, about


def _compared(path: str, name: str, summary: str, **more: Any) -> Route:
    return Route(
        path=path,
        id=name,
        tag="comparisons",
        summary=summary,
        about="Targets and actuals of regions as arrays aligned with the periods, in one unit, with ranks, and the "
        "regions above beside them. A gap is null and has its reason in the notes. At most "
        f"{comparisons.MOST_REGIONS} regions, {comparisons.MOST_PERIODS} periods and {comparisons.MOST_INDICATORS} "
        "indicators. Also as JSON-stat 2.0.",
        answer=handlers.compared,
        media=(formats.JSON, jsonstat.MEDIA),
        **more,
    )


ROUTES: tuple[Route, ...] = (
    _plain("/v1", "getService", "What the service is and holds", service.service(lambda: LINKS), shape=shapes.Service),
    *(route for noun in _NOUNS for route in _pair(noun)),
    _observations("/v1/observations", "listObservations", "List observations"),
    Route(
        path="/v1/observations/{observation}",
        id="getObservation",
        tag="observations",
        summary="Get one observation",
        about="An id is the same in every snapshot.",
        answer=handlers.observation,
        shape=shapes.Observation,
    ),
    Route(
        path="/v1/observations/{observation}/provenance",
        id="getProvenance",
        tag="observations",
        summary="Get where an observation comes from",
        about="Its words, what was mended in them, the rule that read them, the catalogue entry that named it, the document, "
        "and what else is said of the same thing: earlier targets, estimates, final figures.",
        answer=handlers.traced,
        shape=provenance.Provenance,
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
        answer=handlers.codes,
        shape=shapes.Codes,
        budget="metadata",
    ),
    Route(
        path="/v1/assessments",
        id="listAssessments",
        tag="assessments",
        summary="List whether targets were met",
        about="Each preferred target with the actual of the same region, indicator, period, measure and scope, and whether "
        "that meets it. A plain target is a lower bound where higher is better and an upper one where lower is; 左右 has a "
        "tolerance of half a point for percentages, else of 5 percent, to the worse side; 与经济增长同步 looks at the growth of "
        "gross regional product, 快于面上 at that of the whole; 完成上级下达目标 is as reported. Where only levels are known a growth "
        "is derived, and the other way round. With as_of, as it was known on that day.",
        answer=handlers.judged(assessments.page),
        shape=assessments.AssessmentPage,
        parameters=(*ASSESSED, LIMIT, CURSOR),
    ),
    Route(
        path="/v1/assessments/summary",
        id="summariseAssessments",
        tag="assessments",
        summary="Count met and missed targets",
        about="How many targets were met, missed, open and not comparable, by region and year, and of these by category; "
        "beside them, as claims, what documents of the region count themselves (26 of 30 met). A claim is about the whole of "
        "a year's plan: filters by category, designation and document leave it as it is. Where there is a claim and no "
        "target is known the counts are 0; such items stand only where none of these filters is given.",
        answer=handlers.collection("assessed", assessments.AssessmentSummary),
        shape=assessments.AssessmentSummaryPage,
        parameters=(*SUMMED, LIMIT, CURSOR),
    ),
    Route(
        path="/v1/discrepancies",
        id="listDiscrepancies",
        tag="discrepancies",
        summary="List what contradicts what",
        about="Observations that cannot all be right: different numbers for the same thing in one document or in several, a "
        "growth that the levels do not give, a target far out of line or below what is reached. Compared in base units; "
        "rounding, bounds that are kept and other scopes are no contradiction.",
        answer=handlers.judged(discrepancies.page),
        shape=discrepancies.DiscrepancyPage,
        parameters=(*DISPUTED, LIMIT, CURSOR),
    ),
    _compared(
        "/v1/comparisons",
        "compareIndicators",
        "Compare several indicators",
        shape=compared.ComparisonTable,
        parameters=(INDICATORS, *COMPARED),
    ),
    _compared(
        "/v1/comparisons/{indicator}",
        "compareIndicator",
        "Compare regions and periods",
        shape=compared.Comparison,
        parameters=COMPARED,
    ),
    Route(
        path="/v1/changes",
        id="listChanges",
        tag="changes",
        summary="List what changed since a snapshot",
        about="Observations that were added, revised (with the former values) or withdrawn since an earlier snapshot, "
        "for as long as that is kept; then 410. Names of regions and indicators do not count.",
        answer=handlers.changed,
        shape=changes.ChangePage,
        parameters=(SINCE, LIMIT, CURSOR),
    ),
    *(route for form in get_args(export.Format) for route in _export(form)),
    _plain(
        "/v1/limits",
        "getLimits",
        "All limits as data",
        service.limits,
        shape=shapes.Limits,
        source="release",
        budget=None,
    ),
    _plain(
        "/v1/usage",
        "getUsage",
        "What the calling key has used",
        service.usage,
        about="Requests and bytes by day, newest first, and what is left of the limits. Counts of other server "
        "processes come within two seconds. Needs a key.",
        shape=shapes.Usage,
        source="moment",
        need="key",
    ),
    _plain(
        "/health/live",
        "getLive",
        "Whether the process answers",
        service.live,
        at_once=service.live,
        shape=shapes.Live,
        source="moment",
        budget=None,
    ),
    _plain(
        "/health/ready",
        "getReady",
        "Whether a snapshot can be read",
        service.ready,
        shape=shapes.Ready,
        source="moment",
        budget=None,
    ),
    _plain(
        "/metrics",
        "getMetrics",
        "Counts for Prometheus",
        service.measured,
        media=(metrics.CONTENT_TYPE,),
        source="moment",
        budget=None,
    ),
    _plain("/openapi.json", "getOpenapi", "This document", service.document, source="release"),
    _plain("/docs", "getDocs", "A page to try the API on", service.page, media=("text/html",), source="release"),
)
LINKS: dict[str, str] = {
    **{
        route.path.removeprefix("/v1/"): route.path
        for route in ROUTES
        if re.fullmatch("/v1/[a-z]+", route.path)
        and not (route.need or any(parameter.required for parameter in route.parameters))
    },
    "openapi": "/openapi.json",
    "docs": "/docs",
}
_EXACT = {route.path: route for route in ROUTES if not route.names}
_PATTERNS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path)), route) for route in ROUTES if route.names]


@lru_cache(maxsize=4096)
def find(path: str) -> Route | None:
    """The route of a path, whether or not what it names exists."""
    found = _EXACT.get(path)
    if found is None and path.startswith("/v1/"):
        found = next((route for pattern, route in _PATTERNS if pattern.fullmatch(path)), None)
    return found
