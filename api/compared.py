"""What a comparison looks like: lists of numbers aligned with the periods, and notes on what stands behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from api.shapes import (
    EXAMPLE,
    Comparator,
    Direction,
    IndicatorId,
    Measure,
    NameEn,
    NameZh,
    RegionCode,
    Shape,
    Stance,
    Status,
)

Gap = Literal["not_stated", "no_number", "other_base", "several_scopes", "not_convertible"]


class Notes(Shape, frozen=True, kw_only=True):
    """What stands behind numbers; each list is aligned with the periods."""

    ids: Annotated[
        list[str | None],
        Meta(description="Id of the observation, also of one that gives no number here", examples=[[None, EXAMPLE]]),
    ]
    comparators: Annotated[
        list[Comparator | None],
        Meta(description="Null where there is no number; range: the number is the lower end", examples=[[None, "eq"]]),
    ]
    highs: Annotated[
        list[Decimal | None], Meta(description="Upper end of a range, in the same unit", examples=[[None, None]])
    ]
    statuses: Annotated[
        list[Status | None], Meta(description="Of an actual; null for a target", examples=[[None, None]])
    ]
    scopes: Annotated[
        list[str | None],
        Meta(
            description="The narrowing of the one that was taken; without one where there is", examples=[[None, "区属"]]
        ),
    ]
    gaps: Annotated[
        list[Gap | None],
        Meta(
            description="Why there is no number: not_stated: no document says anything; no_number: it is said without "
            "a number, see stances; other_base: a growth or change against another base than the year before; "
            "several_scopes: numbers of several parts of the region, none of the whole; "
            "not_convertible: in a unit of another dimension, or too small in this one",
            examples=[["not_stated", None]],
        ),
    ]
    stances: Annotated[
        list[Stance | None], Meta(description="What is said where there is no number", examples=[[None, None]])
    ]


class ComparedRegion(Shape, frozen=True, kw_only=True):
    """A region's targets and actuals; each list is aligned with the periods."""

    region: RegionCode
    region_name: NameZh
    region_name_en: NameEn
    parent: Annotated[str | None, Meta(description="Code of the region above, see parents", examples=["330700"])]
    targets: Annotated[list[Decimal | None], Meta(description="Null for a gap", examples=[[None, 353.73]])]
    actuals: Annotated[list[Decimal | None], Meta(description="Null for a gap", examples=[[340, 353.73]])]
    ranks: Annotated[
        list[int | None],
        Meta(
            description="Of the actual among the regions of the same level in the answer: 1 is best by the direction, "
            "the highest where it is neutral; equals share a rank; null for a gap, a bound, a part of the region, and "
            "in parents",
            examples=[[1, 1]],
        ),
    ]
    target_notes: Notes
    actual_notes: Notes


class Comparison(Shape, frozen=True, kw_only=True):
    """One indicator over regions and periods, in one unit."""

    indicator: IndicatorId
    indicator_name: Annotated[str, Meta(examples=["地区生产总值"])]
    indicator_name_en: Annotated[str | None, Meta(examples=["Gross regional product"])]
    category: Annotated[str | None, Meta(description="Id of its category", examples=["economy"])]
    direction: Annotated[Direction, Meta(description="Which way is better")]
    measure: Annotated[Measure, Meta(description="How the numbers relate to the indicator", examples=["level"])]
    unit: Annotated[str | None, Meta(description="Of all numbers", examples=["CNY"])]
    unit_multiplier: Annotated[int | None, Meta(description="Power of ten: 亿元 is CNY and 8", examples=[8])]
    unit_label: Annotated[str | None, Meta(description="The unit as people write it", examples=["亿元"])]
    periods: Annotated[
        list[str],
        Meta(description="SDMX time periods, by their end, then their beginning", examples=[["2021", "2022"]]),
    ]
    regions: Annotated[list[ComparedRegion], Meta(description="By code: those asked for, or all that have values")]
    parents: Annotated[
        list[ComparedRegion], Meta(description="The regions above these, by code, as far as they have values")
    ]
    snapshot: str
    published_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T08:00:00Z"])]


class ComparisonTable(Shape, frozen=True, kw_only=True):
    """Several indicators in the order asked for, all over the same regions and periods."""

    data: list[Comparison]
    snapshot: str
    published_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T08:00:00Z"])]
