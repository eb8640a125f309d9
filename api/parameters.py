"""A raw query string in, checked values out: strict, with everything that is wrong said at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from api import shapes
from api.problems import PARAMETERS, Problem, Wrong

Value = str | int | bool | date | list[str] | list[int] | None

DESIGNATIONS = ("预期性", "约束性", "评价指标", "特色指标", "观察指标")
SORTABLE = (
    *("region", "indicator", "category", "year", "period", "role", "status", "measure"),
    *("value", "unit", "document", "id"),
)
_MOST_FAULTS = 20
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Parameter(Struct, frozen=True, kw_only=True):
    """A query parameter: what it means and what it may hold."""

    name: str
    about: str
    type: Literal["string", "integer", "boolean", "date"] = "string"
    pattern: str | None = None
    values: tuple[str, ...] = ()
    least: int = 1
    most: int = 100  # largest number; for text its length
    many: Literal["no", "repeated", "comma"] = "no"
    most_items: int = 100
    default: str | int | bool | None = None
    example: str | int | bool | None = None

    @property
    def allowed(self) -> tuple[str, ...]:
        """What a value must be, for people."""
        if self.values:
            return self.values
        if self.type == "integer":
            return (f"{self.least}…{self.most}",)
        if self.type == "boolean":
            return ("true", "false")
        return ("YYYY-MM-DD",) if self.type == "date" else (self.pattern or f"1…{self.most} characters",)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the parameter."""
        item: dict[str, Any] = {"type": self.type}
        if self.values:
            item["enum"] = list(self.values)
        elif self.type == "integer":
            item |= {"minimum": self.least, "maximum": self.most}
        elif self.type == "date":
            item = {"type": "string", "format": "date"}
        elif self.type == "string":
            item |= {"minLength": self.least, "maxLength": self.most}
            if self.pattern:
                item["pattern"] = self.pattern
        if self.many == "no":
            return item if self.default is None else item | {"default": self.default}
        unique = {"uniqueItems": True} if self.many == "comma" else {}
        return {"type": "array", "items": item, "minItems": 1, "maxItems": self.most_items, **unique}

    def read(self, text: str) -> str | int | bool | date | None:
        """The value that the text is, or None where it is none."""
        if self.type == "integer":
            number = int(text) if re.fullmatch("[1-9][0-9]{0,8}", text) else 0
            return number if self.least <= number <= self.most else None
        if self.type == "boolean":
            return {"true": True, "false": False}.get(text)
        if self.type == "date":
            return _day(text)
        if self.values:
            return text if text in self.values else None
        fits = self.least <= len(text) <= self.most
        return text if fits and (self.pattern is None or re.search(_strict(self.pattern), text)) else None


def _strict(pattern: str) -> str:
    # Python's $ lets a newline follow; JSON Schema's does not
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern


def _day(text: str) -> date | None:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _repeated(name: str, about: str, pattern: str, most: int, example: str | None = None) -> Parameter:
    return Parameter(name=name, about=about, pattern=pattern, most=most, many="repeated", example=example)


def _listed(name: str, about: str, values: Sequence[str], example: str | None = None) -> Parameter:
    return Parameter(name=name, about=about, values=tuple(values), many="repeated", example=example)


def _year(name: str, about: str, many: Literal["no", "repeated"] = "no") -> Parameter:
    return Parameter(name=name, about=about, type="integer", least=1949, most=2100, many=many, example=2022)


LIMIT = Parameter(name="limit", about="Items on a page", type="integer", most=1000, default=100, example=20)
CURSOR = Parameter(
    name="cursor",
    about="page.next of the page before, with otherwise the same query; only limit may change",
    pattern="^[A-Za-z0-9_-]+$",
    most=300,
)
EXCEL = Parameter(name="excel", about="CSV begins with a byte order mark, for Excel", type="boolean", default=False)
NAMES = Parameter(
    name="q",
    about="A part of a name, in Chinese or English",
    pattern=r"\S",
    example="生产总值",
)
PAGING = (LIMIT, CURSOR, EXCEL)
FILTERS = (
    _repeated("region", "GB/T 2260 code", "^[0-9]{6}$", 6, "330702"),
    _repeated("category", "Id of a category", "^[a-z][a-z_]*$", 32, "economy"),
    _repeated("indicator", "Id of an indicator", "^[a-z][a-z0-9_]*$", 100, "gross_regional_product"),
    _year("year", "The year that the value is about", "repeated"),
    _repeated(
        "period",
        "SDMX time period that the value covers",
        "^[0-9]{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?(/[0-9]{4}(-(0[1-9]|1[0-2]))?)?$",
        15,
        "2022",
    ),
    _listed("role", "Planned or reported", get_args(shapes.Role), "actual"),
    _listed("measure", "How the number relates to the indicator", get_args(shapes.Measure), "level"),
    _listed("status", "Of an actual", get_args(shapes.Status), "final"),
    _listed("designation", "As the document designates it", DESIGNATIONS, "预期性"),
    _repeated(
        "document",
        "Id of a document; implies selection=all",
        f"^[0-9]{{6}}-[0-9]{{4}}-({'|'.join(get_args(shapes.Kind))})(-[0-9a-f]{{6}})?$",
        50,
        "330702-2023-plan-report",
    ),
    _year("year_from", "The first year; not after year_to"),
    _year("year_to", "The last year"),
    NAMES,
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


def parse(parameters: Iterable[Parameter], query: bytes) -> dict[str, Value]:
    """The values of the parameters in a query string, defaults filled in; raises a Problem that says all faults."""
    known = {parameter.name: parameter for parameter in parameters}
    given: dict[str, list[str]] = {}
    wrongs: list[Wrong] = []
    for piece in query.split(b"&"):
        if not piece:
            continue
        name, _, text = piece.partition(b"=")
        key, value = _decode(name), _decode(text)
        if key is None or key not in known:
            wrongs.append(_unknown(key, tuple(known)))
        elif value is None:
            message = ("值不是有效的 UTF-8 百分号编码。", "The value is not percent-encoded UTF-8.")
            wrongs.append(Wrong(parameter=key, message=message, allowed=known[key].allowed))
        else:
            given.setdefault(key, []).append(value)
        if len(wrongs) >= _MOST_FAULTS:
            break
    return read(known, given, wrongs)


def read(known: Mapping[str, Parameter], given: Mapping[str, list[str]], wrongs: list[Wrong]) -> dict[str, Value]:
    """The values of decoded texts by parameter name; ``wrongs`` are the faults found before."""
    values: dict[str, Value] = {}
    for name, parameter in known.items():
        texts = given.get(name)
        values[name] = _value(parameter, texts, wrongs) if texts else parameter.default
    first, last = values.get("year_from"), values.get("year_to")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        message = (f"year_from {first} 晚于 year_to {last}。", f"year_from {first} is after year_to {last}.")
        wrongs.append(Wrong(parameter="year_from", message=message, allowed=(f"1949…{last}",)))
    if wrongs:
        raise Problem(PARAMETERS, tuple(wrongs[:_MOST_FAULTS]))
    return values


def _decode(text: bytes) -> str | None:
    try:
        plain = text.decode("utf-8").replace("+", " ")
        return None if _BROKEN_ESCAPE.search(plain) else unquote_to_bytes(plain).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _value(parameter: Parameter, texts: list[str], wrongs: list[Wrong]) -> Value:
    def wrong(zh: str, en: str, suggestion: str | None = None, allowed: tuple[str, ...] | None = None) -> None:
        allowed = parameter.allowed if allowed is None else allowed
        wrongs.append(Wrong(parameter=parameter.name, message=(zh, en), allowed=allowed, suggestion=suggestion))

    if parameter.many != "repeated" and len(texts) > 1:
        wrong("这个参数只能出现一次。", "This parameter may be given once only.")
        return None
    if parameter.many == "comma":
        texts = texts[0].split(",")
        if len(set(texts)) < len(texts):
            wrong("有重复的值。", "A value is repeated.")
            return None
    if parameter.many != "no" and len(texts) > parameter.most_items:
        most = parameter.most_items
        wrong(f"最多 {most} 个值。", f"At most {most} values are allowed.", allowed=(f"1…{most} values",))
        return None
    found: list[Any] = []
    for text in texts:
        value = parameter.read(text)
        if value is None and not text:
            wrong("值不能为空。", "The value is empty.")
        elif value is None:
            shown = text[:40]
            near = difflib.get_close_matches(shown, parameter.values, 1) if parameter.values else []
            if parameter.values:
                zh, en = f"“{shown}”不在允许的值之中。", f"“{shown}” is not among the allowed values."
            else:
                zh, en = f"“{shown}”不合格式或范围。", f"“{shown}” has not the form or range that is allowed."
            wrong(zh, en, near[0] if near else None)
        found.append(value)
    return found[0] if parameter.many == "no" else found


def _unknown(name: str | None, known: tuple[str, ...]) -> Wrong:
    shown = "" if name is None else name[:40]
    near = difflib.get_close_matches(shown, known, 1)
    return Wrong(
        parameter=shown,
        message=("没有这个参数。", "There is no such parameter."),
        allowed=known,
        suggestion=near[0] if near else None,
    )
