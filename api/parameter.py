"""What a query parameter may hold; a raw query string in, checked values out: strict, all that is wrong said at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Struct

from api.problems import PARAMETERS, Problem, Wrong

Value = str | int | bool | date | list[str] | list[int] | None

NAMED = frozenset({"region", "category", "indicator"})  # whose names are known beside their codes
_MOST_FAULTS = 20
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Parameter(Struct, frozen=True, kw_only=True):
    """A query parameter: what it means and what it may hold."""

    name: str
    about: str
    type: Literal["string", "integer", "boolean", "date"] = "string"
    pattern: str | None = None
    spoken: tuple[str, str] | None = None  # the pattern for people, in Chinese and English
    values: tuple[str, ...] = ()
    least: int = 1
    most: int = 100  # largest number; for text its length
    many: Literal["no", "repeated", "comma"] = "no"
    most_items: int = 100
    default: str | int | bool | None = None
    required: bool = False
    variant: str = ""  # tells it from another of the same name in the contract
    example: str | int | bool | None = None

    @property
    def component(self) -> str:
        """Its name among the components of the contract."""
        return self.name + self.variant

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

    @property
    def form(self) -> tuple[str, str]:
        """What a value must be, in a sentence in Chinese and English."""
        if self.type == "integer":
            return f"{self.least} 至 {self.most} 的整数", f"a whole number from {self.least} to {self.most}"
        if self.type == "boolean":
            return "true 或 false", "true or false"
        if self.type == "date":
            return "日期, 如 2023-12-31", "a date like 2023-12-31"
        return self.spoken or (f"1 至 {self.most} 个字符", f"1 to {self.most} characters")

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
        return text.strip() if fits and (self.pattern is None or re.search(_strict(self.pattern), text)) else None


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
        if parameter.required and not texts:
            message = (f"缺少参数: {parameter.form[0]}。", f"The parameter is missing: {parameter.form[1]}.")
            wrongs.append(Wrong(parameter=name, message=message, allowed=parameter.allowed))
    first, last = values.get("year_from"), values.get("year_to")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        message = (f"year_from {first} 晚于 year_to {last}。", f"year_from {first} is after year_to {last}.")
        wrongs.append(Wrong(parameter="year_from", message=message, allowed=(f"1949…{last}",)))
    periods = values.get("period")
    for period in periods if isinstance(periods, list) else []:
        if _backwards(str(period)):
            message = (f"{period} 的起点晚于终点。", f"{period} ends before it begins.")
            wrongs.append(Wrong(parameter="period", message=message, allowed=known["period"].allowed))
    if wrongs:
        raise Problem(PARAMETERS, tuple(wrongs[:_MOST_FAULTS]))
    return values


def _backwards(period: str) -> bool:
    """Whether a span begins after its end.

    >>> [_backwards(period) for period in ("2023/2021", "2021/2023", "2023-06/2023", "2023-S2/2023-03", "2023")]
    [True, False, False, True, False]
    """
    first, _, last = period.partition("/")
    if not last:
        return False
    year, _, part = first.partition("-")
    begins = {"": 1, "S1": 1, "S2": 7, "Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}.get(part) or int(part)
    return (int(year), begins) > (int(last[:4]), int(last[5:] or 12))


def named(problem: Problem, ask: Callable[[str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]) -> Problem:
    """The problem with the code suggested wherever the name of just one thing stands for it."""
    wrongs = []
    for wrong in problem.wrongs:
        found = [] if wrong.given is None else ask("named", {"parameter": wrong.parameter, "name": wrong.given})
        suggestion = found[0]["code"] if len(found) == 1 else wrong.suggestion
        wrongs.append(msgspec.structs.replace(wrong, suggestion=suggestion))
    return Problem(problem.kind, tuple(wrongs), problem.detail)


def _decode(text: bytes) -> str | None:
    try:
        plain = text.decode("utf-8").replace("+", " ")
        return None if _BROKEN_ESCAPE.search(plain) else unquote_to_bytes(plain).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _value(parameter: Parameter, texts: list[str], wrongs: list[Wrong]) -> Value:
    def wrong(
        zh: str,
        en: str,
        suggestion: str | None = None,
        allowed: tuple[str, ...] = parameter.allowed,
        given: str | None = None,
    ) -> None:
        wrongs.append(
            Wrong(parameter=parameter.name, message=(zh, en), allowed=allowed, suggestion=suggestion, given=given)
        )

    if parameter.many != "repeated" and len(texts) > 1:
        wrong("这个参数只能出现一次。", "This parameter may be given once only.")
        return None
    if parameter.many == "comma":
        texts = texts[0].split(",")
        if len({text.removeprefix("-") for text in texts}) < len(texts):
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
            suggestion = near[0] if near else None
            parts = text.split(",")
            many = parameter.many == "repeated" and 1 < len(parts) <= parameter.most_items
            if many and all(parameter.read(part) for part in parts):
                zh, en = "多个值要重复这个参数, 不用逗号。", "For several values repeat the parameter; no commas."
                suggestion = "&".join(f"{parameter.name}={part}" for part in parts)
            elif parameter.values:
                zh, en = f"“{shown}”不在允许的值之中。", f"“{shown}” is not among the allowed values."
            else:
                zh = f"“{shown}”不合要求: 应为{parameter.form[0]}。"
                en = f"“{shown}” is not allowed: it must be {parameter.form[1]}."
            named = shown if parameter.name in NAMED and shown == text else None
            wrong(zh, en, suggestion, given=named)
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
