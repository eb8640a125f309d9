"""Every query parameter as data; which route takes which stands in ``routes``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

from api import shapes
from api.parameter import Parameter
from api.queries import SORTABLE

DESIGNATIONS = ("预期性", "约束性", "评价指标", "特色指标", "观察指标")


def _repeated(
    name: str, about: str, pattern: str, spoken: tuple[str, str], most: int, example: str | None = None
) -> Parameter:
    return Parameter(
        name=name, about=about, pattern=pattern, spoken=spoken, most=most, many="repeated", example=example
    )


def _listed(name: str, about: str, values: Sequence[str], example: str | None = None) -> Parameter:
    return Parameter(name=name, about=about, values=tuple(values), many="repeated", example=example)


def _year(name: str, about: str, many: Literal["no", "repeated"] = "no") -> Parameter:
    return Parameter(name=name, about=about, type="integer", least=1949, most=2100, many=many, example=2022)


LIMIT = Parameter(name="limit", about="Items on a page", type="integer", most=1000, default=100, example=20)
CURSOR = Parameter(
    name="cursor",
    about="page.next of the page before, with otherwise the same query; only limit may change",
    pattern="^[A-Za-z0-9_-]+$",
    spoken=("page.next 的原文", "page.next as it was given"),
    most=300,
)
EXCEL = Parameter(name="excel", about="CSV begins with a byte order mark, for Excel", type="boolean", default=False)
NAMES = Parameter(
    name="q",
    about="A name or a part of one in Chinese, English, pinyin (shengchan zongzhi) or initials (gdzctz), whatever the case and "
    "width of its letters. What is named so comes first, then names that begin with it, names that hold it or all its words, "
    "pinyin, initials; near spellings (a slip, or what sounds alike) only where there is nothing else. In each of these names "
    "come before aliases, then what has more observations",
    pattern=r"\S",
    spoken=("1 至 100 个字符, 不能全是空白", "1 to 100 characters, not all of them white space"),
    example="生产总值",
)
INDICATOR_NAMES = msgspec.structs.replace(
    NAMES,
    about="A name of an indicator or a part of one: those whose name or alias holds the text or all its words; where there are "
    "none, those that are so in pinyin (shengchan zongzhi), else by initials (gdzctz), else in a near spelling (a slip, or what "
    "sounds alike). Observations whose source_name holds the text are found too. The order stays",
    variant="_filter",
)
PAGING = (LIMIT, CURSOR, EXCEL)
SINCE = Parameter(
    name="since",
    about="Id of the snapshot that the client has",
    pattern="^[0-9]{8}T[0-9]{9}Z-[0-9a-f]{8}$",
    spoken=("快照的 id, 见 /v1", "the id of a snapshot, as /v1 and every page tell it"),
    most=28,
    required=True,
)
FILTERS = (
    _repeated("region", "GB/T 2260 code", "^[0-9]{6}$", ("六位数字", "six digits"), 6, "330702"),
    _repeated(
        "category",
        "Id of a category",
        "^[a-z][a-z_]*$",
        ("类别的 id, 见 /v1/categories", "the id of a category, lower-case letters and _, see /v1/categories"),
        32,
        "economy",
    ),
    _repeated(
        "indicator",
        "Id of an indicator",
        "^[a-z][a-z0-9_]*$",
        (
            "指标的 id, 见 /v1/indicators",
            "the id of an indicator, lower-case letters, digits and _, see /v1/indicators",
        ),
        100,
        "gross_regional_product",
    ),
    _year("year", "The year that the value is about; with year_from and year_to both must hold", "repeated"),
    _repeated(
        "period",
        "SDMX time period that the value covers",
        "^[0-9]{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?(/[0-9]{4}(-(0[1-9]|1[0-2]))?)?$",
        (
            "年、半年、季、月或起止, 如 2022、2022-S1、2022-Q3、2022-06、2021/2025",
            "a year, half, quarter, month or span, like 2022, 2022-S1, 2022-Q3, 2022-06 or 2021/2025",
        ),
        15,
        "2022",
    ),
    _listed("role", "Planned or reported", get_args(shapes.Role), "actual"),
    _listed("measure", "How the number relates to the indicator", get_args(shapes.Measure), "level"),
    _listed(
        "status",
        "Of an actual; a target has none, so that status and role=target together select nothing",
        get_args(shapes.Status),
        "final",
    ),
    _listed("designation", "As the document designates it", DESIGNATIONS, "预期性"),
    _repeated(
        "document",
        "Id of a document; implies selection=all",
        f"^[0-9]{{6}}-[0-9]{{4}}-({'|'.join(get_args(shapes.Kind))})(-[0-9a-f]{{6}})?$",
        (
            "文件的 id, 如 330702-2023-plan-report, 见 /v1/documents",
            "the id of a document like 330702-2023-plan-report, see /v1/documents",
        ),
        50,
        "330702-2023-plan-report",
    ),
    _year("year_from", "The first year; not after year_to"),
    _year("year_to", "The last year"),
    INDICATOR_NAMES,
    Parameter(
        name="selection",
        about="preferred: one of all that say the same; all: everything that is said. "
        "The default is preferred, with the filter document it is all",
        values=("preferred", "all"),
        example="preferred",
    ),
    Parameter(
        name="as_of",
        about="Only what documents published by then say; preferred is decided among these",
        type="date",
        example="2023-12-31",
    ),
    Parameter(
        name="descendants",
        about="A region stands for itself and all below it",
        type="boolean",
        default=False,
    ),
)
_KNOWN = {parameter.name: parameter for parameter in FILTERS}
COMPARED = (
    *(_KNOWN[name] for name in ("region", "year", "year_from", "year_to", "as_of", "descendants")),
    Parameter(
        name="measure",
        about="How the numbers relate to the indicator; one, as others cannot stand beside it",
        values=get_args(shapes.Measure),
        default="level",
        variant="_compared",
    ),
)
INDICATORS = msgspec.structs.replace(
    _KNOWN["indicator"],
    about="Ids of indicators, in the order wanted",
    most_items=20,
    required=True,
    variant="_compared",
)
ASSESSED = (
    *(filter_ for filter_ in FILTERS if filter_.name not in ("role", "status", "selection")),
    _listed("outcome", "Whether the plan was met; open: no actual yet", get_args(shapes.Outcome), "missed"),
)
DISPUTED = (
    *(filter_ for filter_ in FILTERS if filter_.name not in ("status", "designation", "selection", "as_of")),
    _listed(
        "kind",
        "What contradicts what",
        get_args(shapes.DiscrepancyKind),
        "arithmetic",
    ),
    _listed("severity", "How sure it is that something is wrong", get_args(shapes.Severity), "high"),
)
SUMMED = tuple(
    filter_ for filter_ in ASSESSED if filter_.name not in ("indicator", "period", "measure", "q", "outcome")
)
SORT = Parameter(
    name="sort",
    about="Fields to sort by, a - before one that falls; then by region, year, category, indicator, id. "
    "Null comes last",
    values=(*SORTABLE, *(f"-{name}" for name in SORTABLE)),
    many="comma",
    most_items=4,
    example="-year",
)
FIELDS = Parameter(
    name="fields",
    about="The fields to give, in the order of the contract",
    values=shapes.Observation.__struct_fields__,
    many="comma",
    most_items=len(shapes.Observation.__struct_fields__),
    example="value",
)
EXPORTED = (*FILTERS, SORT, FIELDS)
