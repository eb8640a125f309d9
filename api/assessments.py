"""Targets beside actuals, with whether the plan was met; the rules are those of ``seeds/assessments.sql``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from api import formats, observations, pages
from api.cursors import Start
from api.pages import Lines
from api.shapes import (
    CategoryId,
    Count,
    DocumentId,
    IndicatorId,
    Measure,
    NameEn,
    NameZh,
    Observation,
    Outcome,
    Page,
    RegionCode,
    Shape,
    Year,
)
from api.snapshot import Snapshot
from api.values import resolve


class Derived(Shape, frozen=True, kw_only=True):
    """What an assessment rests on beside the two observations."""

    value: Annotated[
        Decimal | None,
        Meta(
            description="The actual in the target's measure and unit, where only others are stated; "
            "of a target that names a direction, the change on the year before in percent"
        ),
    ]
    observations: Annotated[
        list[str], Meta(description="Ids of the observations that it was derived from or compared with")
    ]


class Assessment(Shape, frozen=True, kw_only=True):
    """A target, what was reached, and whether that meets it."""

    id: Annotated[str, Meta(description="a- and the target's id", examples=["a-50f82b92f525-2410-1"])]
    region: RegionCode
    region_name: NameZh
    region_name_en: NameEn
    indicator: IndicatorId
    indicator_name: Annotated[str, Meta(examples=["地区生产总值"])]
    indicator_name_en: Annotated[str | None, Meta(examples=["Gross regional product"])]
    category: CategoryId | None
    year: Year
    period: Annotated[str, Meta(description="SDMX time period", examples=["2022"])]
    measure: Annotated[Measure, Meta(examples=["growth"])]
    scope: Annotated[str | None, Meta(description="The narrowing that the document states")]
    target: Observation
    actual: Annotated[Observation | None, Meta(description="Null where nothing is reported yet")]
    outcome: Annotated[Outcome, Meta(description="open: no actual yet", examples=["missed"])]
    reason: Annotated[str, Meta(description="A code of the list assessment_reasons of /v1/codes", examples=["number"])]
    gap: Annotated[
        Decimal | None,
        Meta(
            description="Actual less target in the target's unit; of a relative target less what it names",
            examples=[-8.5],
        ),
    ]
    unit: Annotated[str | None, Meta(description="The target's", examples=["percent"])]
    unit_multiplier: Annotated[int | None, Meta(examples=[0])]
    unit_label: Annotated[str | None, Meta(examples=["%"])]
    derived: Annotated[Derived | None, Meta(description="Null where the two observations say it all")]


class AssessmentPage(Shape, frozen=True, kw_only=True):
    """Assessments by region, year, category, indicator and id."""

    data: list[Assessment]
    page: Page


class AssessedCategory(Shape, frozen=True, kw_only=True):
    """How the targets of one category stand."""

    category: Annotated[str | None, Meta(examples=["economy"])]
    targets: Count
    met: Count
    missed: Count
    open: Count
    not_comparable: Count


class Claim(Shape, frozen=True, kw_only=True):
    """How the targets of a region and year stand in a document's own words; null is what it does not say."""

    document: DocumentId
    targets: Annotated[Count | None, Meta(description="How many targets it speaks of", examples=[30])]
    met: Annotated[Count | None, Meta(examples=[26])]
    missed: Annotated[Count | None, Meta(description="Behind the plan", examples=[3])]
    unavailable: Annotated[Count | None, Meta(description="Without data", examples=[1])]
    quote: Annotated[str, Meta(description="Verbatim, where the claim begins")]
    quote_start: Annotated[int, Meta(ge=0, description="Offset in code points of the document's text", examples=[1364])]
    quote_end: Annotated[int, Meta(ge=0, description="text[quote_start:quote_end] is the quote", examples=[1453])]


class AssessmentSummary(Shape, frozen=True, kw_only=True):
    """How the targets of a region and year stand."""

    region: RegionCode
    region_name: NameZh
    region_name_en: NameEn
    year: Year
    targets: Count
    met: Count
    missed: Count
    open: Count
    not_comparable: Count
    categories: list[AssessedCategory]
    claims: Annotated[list[Claim], Meta(description="What documents of the region say of it, the latest first")]


class AssessmentSummaryPage(Shape, frozen=True, kw_only=True):
    """Summaries by region and year."""

    data: list[AssessmentSummary]
    page: Page


class _Target(Struct, frozen=True, kw_only=True):
    """What an assessment tells of its target, as it stands in the target's line."""

    id: str
    region: Raw
    region_name: Raw
    region_name_en: Raw
    indicator: Raw
    indicator_name: Raw
    indicator_name_en: Raw
    category: Raw
    year: Raw
    period: Raw
    measure: Raw
    unit: Raw
    unit_multiplier: Raw
    unit_label: Raw


_target = msgspec.json.Decoder(_Target).decode


def page(snapshot: Snapshot, given: Mapping[str, Any], start: Start) -> Lines:
    """``given["limit"]`` of the assessments that the filters select, after those that come before."""
    values = resolve(snapshot, "assessments", given)
    asked = pages.told if values.get("as_of") else pages.turn
    found, end = asked(snapshot, "assessments", values, start)
    known = observations.by_number(
        snapshot, {row[name] for row in found for name in ("target_row", "actual_row")} - {None}
    )
    return Lines([formats.json(_told(row, known)) for row in found], end)


def _told(row: Mapping[str, Any], known: Mapping[int, Raw]) -> dict[str, Any]:
    target, inputs = known[row["target_row"]], row["derived_from"]
    own = msgspec.structs.asdict(_target(target))
    told = {
        **row,
        **own,
        "id": f"a-{own['id']}",
        "target": target,
        "actual": known.get(row["actual_row"]),
        "derived": {"value": row["derived_value"], "observations": inputs} if inputs else None,
    }
    return {name: told[name] for name in Assessment.__struct_fields__}
