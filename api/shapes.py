"""What a client sees: each answer as a struct, from which the OpenAPI document's schemas follow.

Field names and their order are those of the contract, of the SQL, of CSV and of the exports.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Level = Literal["province", "prefecture", "county"]
Kind = Literal["plan-report", "work-report", "work-programme", "other"]
Direction = Literal["higher", "lower", "neutral"]
Role = Literal["target", "actual"]
Status = Literal["final", "estimated"]
Measure = Literal["level", "growth", "average_growth", "change", "rank"]
Comparator = Literal["eq", "ge", "gt", "le", "lt", "approx", "range"]
Stance = Literal[
    "in_line_with_growth",
    "above_growth",
    "above_overall",
    "as_assigned",
    "rise",
    "fall",
    "narrow",
    "moderate_growth",
    "flat",
    "discontinued",
    "unavailable",
    "other",
]
Outcome = Literal["met", "missed", "open", "not_comparable"]
DiscrepancyKind = Literal["within_document", "between_documents", "arithmetic", "implausible"]
Severity = Literal["high", "medium", "low"]

_UNIT = "an id of the list units of /v1/codes; a quotient is put together as in CNY_per_person"
EXAMPLE = "50f82b92f525-1625-1"  # id of the observation that examples show

RegionCode = Annotated[str, Meta(description="GB/T 2260 code, six digits", pattern="^[0-9]{6}$", examples=["330702"])]
IndicatorId = Annotated[str, Meta(description="Id in the indicator catalogue", examples=["gross_regional_product"])]
CategoryId = Annotated[str, Meta(description="Id of a category", examples=["economy"])]
DocumentId = Annotated[str, Meta(description="Region, year of publication, kind", examples=["330702-2023-plan-report"])]
Year = Annotated[int, Meta(ge=1949, le=2100, description="The year that the value is about", examples=[2022])]
Years = Annotated[list[int], Meta(description="The years with observations, in order", examples=[[2022, 2023]])]
Count = Annotated[int, Meta(ge=0)]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"}, examples=["2023-03-31"])]
NameZh = Annotated[str, Meta(description="Name in Chinese", examples=["婺城区"])]
NameEn = Annotated[str, Meta(description="Name in English, or in pinyin", examples=["Wucheng District"])]
Observations = Annotated[int, Meta(ge=0, description="How many observations there are of it", examples=[412])]


class Shape(Struct, frozen=True, kw_only=True):
    """A part of an answer."""


class SnapshotCard(Shape, frozen=True, kw_only=True):
    """The published state of the data that answers come from."""

    id: Annotated[str, Meta(description="Changes with every publication")]
    published_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"}, examples=["2026-01-31T08:00:00Z"])]
    observations: Count
    documents: Count


class Service(Shape, frozen=True, kw_only=True):
    """The service: its version, what it holds, and where to go on."""

    version: Annotated[str, Meta(examples=["0.1.0"])]
    snapshot: SnapshotCard
    years: Years
    regions: Annotated[int, Meta(ge=0, description="How many regions have data")]
    links: Annotated[dict[str, str], Meta(description="Paths of this server by name")]


class Region(Shape, frozen=True, kw_only=True):
    """A region of GB/T 2260."""

    code: RegionCode
    name: NameZh
    name_en: NameEn
    level: Level
    parent: Annotated[str | None, Meta(description="Code of the region above; null for a province")]
    years: Years
    observations: Observations


class Category(Shape, frozen=True, kw_only=True):
    """A category of indicators, the same in every document."""

    id: CategoryId
    name: NameZh
    name_en: NameEn
    description: str
    indicators: Annotated[int, Meta(ge=0, description="How many indicators belong to it")]
    observations: Observations


class YearCard(Shape, frozen=True, kw_only=True):
    """A year and what is known about it."""

    year: Year
    targets: Annotated[int, Meta(ge=0, description="How many observations are targets")]
    actuals: Annotated[int, Meta(ge=0, description="How many observations are actuals")]
    regions: Annotated[int, Meta(ge=0, description="How many regions have observations")]


class Indicator(Shape, frozen=True, kw_only=True):
    """An indicator of the catalogue."""

    id: IndicatorId
    name: NameZh
    name_en: Annotated[str | None, Meta(description="Name in English; null where not reviewed")]
    category: Annotated[str | None, Meta(description="Id of its category; null where nothing tells it")]
    unit: Annotated[str | None, Meta(description=f"Default unit: {_UNIT}", examples=["CNY"])]
    unit_multiplier: Annotated[int | None, Meta(description="Power of ten: 亿元 is CNY and 8", examples=[8])]
    unit_label: Annotated[str | None, Meta(description="The unit as people write it", examples=["亿元"])]
    direction: Annotated[Direction, Meta(description="Which way is better")]
    definition: str | None
    aliases: Annotated[list[str], Meta(description="Names under which documents state it")]
    reviewed: Annotated[bool, Meta(description="False for a name that the catalogue does not have")]
    years: Years
    regions: Annotated[int, Meta(ge=0, description="How many regions have observations of it")]
    observations: Observations


class Audit(Shape, frozen=True, kw_only=True):
    """Where each figure of the document went: figures = observed + not_values + unread."""

    figures: Count
    observed: Annotated[int, Meta(ge=0, description="Figures in the quote of an observation")]
    not_values: Annotated[int, Meta(ge=0, description="Figures that are no values: dates, numbers in names")]
    unread: Annotated[int, Meta(ge=0, description="Figures that no rule could read")]


class Document(Shape, frozen=True, kw_only=True):
    """A document that observations come from."""

    id: DocumentId
    title: str
    kind: Kind
    region: RegionCode
    issuer: str | None
    number: Annotated[str | None, Meta(description="The document's number", examples=["婺区政发〔2023〕4号"])]
    issued_on: Day | None
    published_on: Day | None
    url: str | None
    sha256: Annotated[str, Meta(description="Digest of the document's bytes")]
    quality: Annotated[
        dict[str, int], Meta(description="What was damaged, and in how many places", examples=[{"pinyin": 2500}])
    ]
    complete: Annotated[bool, Meta(description="False where the text breaks off")]
    missing: Annotated[list[str], Meta(description="What is known to be missing")]
    observations: Observations
    audit: Audit


class Observation(Shape, frozen=True, kw_only=True):
    """What one document states of one indicator for one region and year."""

    id: Annotated[str, Meta(description="The same in every snapshot", examples=[EXAMPLE])]
    region: RegionCode
    region_name: NameZh
    region_name_en: NameEn
    indicator: IndicatorId
    indicator_name: Annotated[str, Meta(description="The indicator's name in Chinese", examples=["地区生产总值"])]
    indicator_name_en: Annotated[
        str | None, Meta(description="The indicator's name in English", examples=["Gross regional product"])
    ]
    category: Annotated[str | None, Meta(description="The indicator's category", examples=["economy"])]
    year: Year
    period: Annotated[str, Meta(description="SDMX time period that the value covers", examples=["2022"])]
    role: Annotated[Role, Meta(description="Planned or reported", examples=["actual"])]
    status: Annotated[Status | None, Meta(description="Of an actual; null for a target", examples=["final"])]
    measure: Annotated[Measure, Meta(description="How the number relates to the indicator", examples=["level"])]
    base_period: Annotated[
        str | None, Meta(description="What a growth or change is measured against, where not the year before")
    ]
    comparator: Annotated[Comparator | None, Meta(description="Null where there is no number", examples=["eq"])]
    value: Annotated[Decimal | None, Meta(description="Exact decimal in the unit", examples=[353.73])]
    value_high: Annotated[Decimal | None, Meta(description="Upper end of a range")]
    unit: Annotated[str | None, Meta(description=_UNIT[0].upper() + _UNIT[1:], examples=["CNY"])]
    unit_multiplier: Annotated[int | None, Meta(description="Power of ten: 亿元 is CNY and 8", examples=[8])]
    unit_label: Annotated[str | None, Meta(description="The unit as people write it", examples=["亿元"])]
    stance: Annotated[Stance | None, Meta(description="What is said where there is no number")]
    scope: Annotated[str | None, Meta(description="The narrowing that the document states", examples=["区属"])]
    responsible: Annotated[list[str], Meta(description="The bodies named as responsible, in order")]
    designation: Annotated[str | None, Meta(description="As the document designates it: 预期性, 约束性, 评价指标 …")]
    preferred: Annotated[bool, Meta(description="The one to take of all that say the same thing")]
    quality: Annotated[list[str] | None, Meta(description="The repairs that touched the clause")]
    document: DocumentId
    section: Annotated[str | None, Meta(description="The heading that it stands under")]
    table: Annotated[str | None, Meta(description="t1 for 表1, a2 for 附表2; null in running text")]
    row: Annotated[str | None, Meta(description="The printed number of the row or item")]
    quote: Annotated[
        str,
        Meta(
            description="A verbatim piece of the document that states the value",
            examples=["區(qū)屬地區(qū)生產(chǎn)總值353.73億元"],
        ),
    ]
    quote_start: Annotated[int, Meta(ge=0, description="Offset in code points of the document's text", examples=[1603])]
    quote_end: Annotated[int, Meta(ge=0, description="text[quote_start:quote_end] is the quote", examples=[1633])]
    source_name: Annotated[
        str, Meta(description="The indicator's name as the document writes it", examples=["地区生产总值"])
    ]
    source_category: Annotated[str | None, Meta(description="The document's own heading")]


class Page(Shape, frozen=True, kw_only=True):
    """Where in the collection the answer stands."""

    limit: Annotated[int, Meta(ge=1, le=1000)]
    next: Annotated[str | None, Meta(description="Cursor of the next page; null on the last one")]
    total: Annotated[int, Meta(ge=0, description="How many items the query selects")]
    snapshot: Annotated[str, Meta(description="The snapshot that all pages of this query come from")]


class RegionPage(Shape, frozen=True, kw_only=True):
    """Regions with data, by code."""

    data: list[Region]
    page: Page


class CategoryPage(Shape, frozen=True, kw_only=True):
    """Categories."""

    data: list[Category]
    page: Page


class YearPage(Shape, frozen=True, kw_only=True):
    """Years with observations, in order."""

    data: list[YearCard]
    page: Page


class IndicatorPage(Shape, frozen=True, kw_only=True):
    """Indicators, by id."""

    data: list[Indicator]
    page: Page


class DocumentPage(Shape, frozen=True, kw_only=True):
    """Documents, by id."""

    data: list[Document]
    page: Page


class ObservationPage(Shape, frozen=True, kw_only=True):
    """Observations."""

    data: list[Observation]
    page: Page


class Code(Shape, frozen=True, kw_only=True):
    """A value of a closed list."""

    code: Annotated[str, Meta(examples=["target"])]
    name: Annotated[str, Meta(description="Name in Chinese", examples=["目标"])]
    name_en: Annotated[str, Meta(description="Name in English", examples=["Target"])]


class Codes(Shape, frozen=True, kw_only=True):
    """Every closed list, by name."""

    data: Annotated[
        dict[str, list[Code]],
        Meta(
            description="roles, statuses, measures, comparators, stances, designations, kinds, units …; "
            "units holds the quotients in use too: CNY_per_person, 元/人, yuan per person"
        ),
    ]
    snapshot: str


class Limit(Shape, frozen=True, kw_only=True):
    """How often a caller may ask."""

    budget: Annotated[str, Meta(description="What is counted together", examples=["data"])]
    caller: Annotated[Literal["address", "key"], Meta(description="Whose requests are counted together")]
    requests: Annotated[int, Meta(ge=1, description="So many at once, and again in every span", examples=[600])]
    seconds: Annotated[int, Meta(ge=1, description="The span", examples=[60])]
    about: Annotated[str, Meta(description="What the budget is for")]


class Bound(Shape, frozen=True, kw_only=True):
    """A size that is limited."""

    name: Annotated[str, Meta(examples=["page"])]
    most: Annotated[int, Meta(examples=[1000])]
    unit: Annotated[str, Meta(examples=["items"])]
    about: str


class Limits(Shape, frozen=True, kw_only=True):
    """All limits. A key's own rate, if it has one, is told by /v1/usage."""

    data: list[Limit]
    bounds: list[Bound]


class KeyCard(Shape, frozen=True, kw_only=True):
    """The calling key, without what is secret of it."""

    prefix: Annotated[str, Meta(description="The beginning of the key", examples=["pik_3fT9xQ2a"])]
    name: Annotated[str, Meta(examples=["nightly pull"])]
    scopes: Annotated[list[Literal["read", "export"]], Meta(examples=[["export", "read"]])]
    created: Annotated[str | None, Meta(extra_json_schema={"format": "date-time"})]
    expires: Annotated[str | None, Meta(extra_json_schema={"format": "date-time"})]


class Left(Shape, frozen=True, kw_only=True):
    """A limit of the calling key and what is left of it."""

    budget: Annotated[str, Meta(examples=["data"])]
    requests: Annotated[int, Meta(ge=1, examples=[6000])]
    seconds: Annotated[int, Meta(ge=1, examples=[60])]
    remaining: Annotated[int, Meta(ge=0, examples=[5990])]


class UsageDay(Shape, frozen=True, kw_only=True):
    """What a key used on a day (UTC) of one budget."""

    day: Day
    budget: Annotated[str, Meta(examples=["data"])]
    requests: Count
    bytes: Count


class Usage(Shape, frozen=True, kw_only=True):
    """What the calling key has used."""

    key: KeyCard
    limits: list[Left]
    data: list[UsageDay]


class Live(Shape, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"]


class Ready(Shape, frozen=True, kw_only=True):
    """The process can answer from a snapshot."""

    status: Literal["ready"]
    snapshot: str
    stale: Annotated[
        bool, Meta(description="True where what was published last cannot be read, so an earlier state answers")
    ]


class Fault(Shape, frozen=True, kw_only=True):
    """What is wrong with one parameter."""

    parameter: Annotated[str, Meta(examples=["role"])]
    message: Annotated[str, Meta(examples=["“targets”不在允许的值之中。"])]
    allowed: Annotated[list[str], Meta(description="The allowed values, or what a value must look like")]
    suggestion: Annotated[str | None, Meta(description="The nearest right spelling", examples=["target"])]


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """An error, as RFC 9457 has it; in Chinese, or in English by Accept-Language."""

    type: Annotated[
        str, Meta(description="Names the kind of problem", examples=["urn:problem-type:plan-indicators:parameters"])
    ]
    title: Annotated[str, Meta(examples=["参数有误"])]
    status: Annotated[int, Meta(ge=400, le=599, examples=[400])]
    detail: str
    instance: Annotated[str, Meta(description="The path that was asked for", examples=["/v1/observations"])]
    request_id: Annotated[str, Meta(description="Also in the header X-Request-Id")]
    errors: Annotated[list[Fault], Meta(description="Only where parameters are at fault")] | UnsetType = UNSET
