"""What contradicts what, with the observations themselves; the rules are those of ``seeds/discrepancies.sql``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta

from api import observations
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


def page(snapshot: Snapshot, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A page of discrepancies, each with ``total``; ``values`` are filters, ``limit`` and ``offset``."""
    found = snapshot.ask("discrepancies", values)
    known = observations.by_number(snapshot, {number for row in found for number in row["observations"]})
    return [row | {"observations": [known[number] for number in row["observations"]]} for row in found]
