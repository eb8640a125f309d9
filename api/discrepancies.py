"""What contradicts what, with the observations themselves; the rules are those of ``seeds/discrepancies.sql``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from api import formats, observations, pages
from api.cursors import Start
from api.pages import Lines
from api.shapes import (
    CategoryId,
    DiscrepancyKind,
    IndicatorId,
    Measure,
    NameEn,
    NameZh,
    Observation,
    Page,
    RegionCode,
    Role,
    Severity,
    Shape,
    Year,
)
from api.snapshot import Snapshot
from api.values import resolve


class Discrepancy(Shape, frozen=True, kw_only=True):
    """Observations that cannot all be right."""

    id: Annotated[
        str,
        Meta(
            description="d-, the kind and the id of the first observation",
            examples=["d-within_document-50f82b92f525-3768-1"],
        ),
    ]
    region: RegionCode
    region_name: NameZh
    region_name_en: NameEn
    indicator: IndicatorId
    indicator_name: Annotated[str, Meta(examples=["地区生产总值"])]
    indicator_name_en: Annotated[str | None, Meta(examples=["Gross regional product"])]
    category: CategoryId | None
    year: Annotated[Year, Meta(description="The last one, where several are concerned")]
    period: Annotated[str, Meta(description="SDMX time period", examples=["2022"])]
    role: Annotated[Role, Meta(examples=["actual"])]
    measure: Annotated[Measure, Meta(examples=["level"])]
    scope: Annotated[str | None, Meta(description="The narrowing that the document states")]
    kind: Annotated[DiscrepancyKind, Meta(examples=["within_document"])]
    severity: Annotated[Severity, Meta(description="How sure it is that something is wrong", examples=["medium"])]
    reason: Annotated[
        str, Meta(description="A code of the list discrepancy_reasons of /v1/codes", examples=["values_differ"])
    ]
    observations: Annotated[
        list[Observation], Meta(description="Two or more, in the order of the list of observations")
    ]


class DiscrepancyPage(Shape, frozen=True, kw_only=True):
    """Discrepancies by region, year, category, indicator and id."""

    data: list[Discrepancy]
    page: Page


class _Names(Struct, frozen=True, kw_only=True):
    """Names as they stand in the line of an observation."""

    region_name: Raw
    region_name_en: Raw
    indicator_name: Raw
    indicator_name_en: Raw


_names = msgspec.json.Decoder(_Names).decode


def page(snapshot: Snapshot, given: Mapping[str, Any], start: Start) -> Lines:
    """``given["limit"]`` of the discrepancies that the filters select, after those that come before."""
    values = resolve(snapshot, "discrepancies", given)
    found, end = pages.turn(snapshot, "discrepancies", values, start)
    known = observations.by_number(snapshot, {number for row in found for number in row["observations"]})
    return Lines([formats.json(_told(row, known)) for row in found], end)


def _told(row: Mapping[str, Any], known: Mapping[int, Raw]) -> dict[str, Any]:
    """Region and indicator are those of the first observation."""
    lines = [known[number] for number in row["observations"]]
    told = {**row, **msgspec.structs.asdict(_names(lines[0])), "observations": lines}
    return {name: told[name] for name in Discrepancy.__struct_fields__}
