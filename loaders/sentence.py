"""Running text cut into sentences: their clauses, the figures that count, and those that are no values."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from loaders import lexicon
from loaders import period as periods
from loaders import role as roles
from loaders.area import Area
from loaders.figure import Figure, figures
from loaders.section import Context
from loaders.statement import Statement, Unread
from loaders.text import Text, joined

LONGEST = 1500  # characters of a sentence
QUOTE = 60  # characters of a quote, without white space
ORIGINAL = 99  # and of the same as it stands in the original, with pinyin
_END = re.compile(r"[。!?;\n]|(?<=[^\d\s])[ \t]+(?=[^\d\s])")
_COMMA = re.compile(r"[,:;。!?](?!\d{3}(?!\d))|(?<!\d),|--|——")
_BRACKET = re.compile(r"[((][^()()]*\d[^()()]*[))]")
_GRADED = re.compile(
    r"(?:级|的)?(?:产业|集群|园区|平台|规模|[一-龥]{0,4}企业|[一-龥]{0,6}项目(?!投资|完成|资金)|行政村|集体经济|村(?!级|集体))"
)
_YEAR = re.compile(r"(?:到|至|截至|截止)?((?:19|20)\d\d)年(?!行动|计划|度重点|工作|实施)")
_BY_YEAR = re.compile(r"(?<=[,:])到((?:19|20)\d\d)年(?:末|底)?(?=[,全我本])")
_SO_FAR = re.compile(
    r"(?:今年)?(?:(?:19|20)\d\d年)?(?:以来|1[-—~至]\d{1,2}月)|今年(?:上半年|一季度|前三季度)|(?:上半年|一季度|前三季度)[^,;。]{0,24}(?:同比|增长|下降|为)"
)
_MAKES = ("创成", "建成", "新建", "新增", "打造", "创建", "举办", "开展", "报送", "引进", "培育", "落地", "开工")
_WISHED = re.compile(r"力争|确保|争取|预期|目标|计划|要")
_SKIPPED = ("other_area", "duration")  # reasons for which a figure is no value of the area, not a riddle


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a piece of running text stands and what holds for all of it."""

    context: Context
    area: Area
    report_year: int
    row: str | None = None
    responsible: tuple[str, ...] = ()
    scope: str | None = None  # the part of the area that all of the text is about
    part: str = ""  # of the year, that a report on half a year is about


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a text: statements, unread figures, and [start, end) with the rule of each not-a-value."""

    statements: list[Statement]
    unread: list[Unread]
    not_values: list[tuple[int, int, str]]


def sentences(text: Text) -> Iterator[tuple[str, Text]]:
    """The sentences of a text, without white space, each with the mark before it."""
    at, mark = 0, "\n"
    for end, following in [*(match.span() for match in _END.finditer(text.chars)), (len(text), len(text))]:
        while end - at > LONGEST:  # no sentence: cut at a comma, so that time stays linear
            cut = text.chars.rfind(",", at, at + LONGEST) + 1
            cut = cut if cut > at else at + LONGEST
            yield mark, _squeezed(text[at:cut])
            at, mark = cut, ","
        if end > at:
            yield mark, _squeezed(text[at:end])
        at, mark = following, text.chars[end:following]


def _squeezed(text: Text) -> Text:
    if not re.search(r"\s", text.chars):
        return text
    return joined(text[match.start() : match.end()] for match in re.finditer(r"\S+", text.chars))


@cache
def _not_values() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((rule.name, re.compile(rule.source)) for rule in lexicon.rules("not_values"))


class Sentence:
    """One sentence: ``figures`` that count something, ``bounds`` of its clauses, and what it adds to the result.

    ``joined`` holds the places of percentages in which two figures have run together.
    """

    def __init__(
        self, text: Text, place: Place, result: Read, before: Sentence | None = None, *, five: bool = False
    ) -> None:
        self.text, self.chars, self.place, self.result = text, text.chars, place, result
        self.role, self.year, self.five = place.context.role, place.context.year, five
        self.dated: bool = before is not None and before.dated
        if before is not None and before.dated:  # 到2015年,…;…: the year holds as far as the full stop
            self.role, self.year = before.role, before.year
        masked, listed = self._masked()
        brackets = [at for match in _BRACKET.finditer(self.chars) for at in (match.start() + 1, match.end())]
        commas = [match.end() for match in _COMMA.finditer(self.chars)]
        self.bounds = sorted({0, *listed, *commas, *brackets})
        clauses = [clause for _, clause in self.clauses()]
        self.opened: list[str] = periods.opened(clauses, before.opened[-1] if before else "")
        self.reached = roles.reached(clauses)
        found = [
            figure
            for figure in figures(self.chars)
            if "\0" not in masked[figure.number_start : figure.end] and self._counts(figure)
        ]
        self.figures = [figure for figure in found if not self._is_threshold(figure, found)]
        self.joined = [
            figure.start
            for figure in self.figures
            if figure.unit is not None and figure.unit.id == "percent" and figure.value >= 2000
        ]
        self._date()

    def bound(self, at: int) -> int:
        """Where the clause around a place begins."""
        return self.bounds[bisect_right(self.bounds, at) - 1]

    def _clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause around a piece, without the mark at its end."""
        index = bisect_right(self.bounds, end - 1)
        last = self.bounds[index] - 1 if index < len(self.bounds) else len(self.chars)
        return self.bound(start), max(last, end)

    def clauses(self) -> Iterator[tuple[int, str]]:
        """Each clause with its start."""
        for index, start in enumerate(self.bounds):
            end = self.bounds[index + 1] - 1 if index + 1 < len(self.bounds) else len(self.chars)
            yield start, self.chars[start:end].rstrip(",:")

    def skip(self, start: int, end: int, rule: str) -> None:
        """Say that a piece holds no value, by a rule."""
        self.result.not_values.append((self.text.starts[start], self.text.ends[end - 1], rule))

    def leave(self, figure: Figure, reason: str) -> None:
        """Say that a figure is unread, with the reason."""
        if reason in _SKIPPED:
            self.skip(figure.start, figure.end, reason)
            return
        start, end = self.text.starts[figure.start], self.text.ends[figure.end - 1]
        self.result.unread.append(Unread(start=start, end=end, quote="", reason=reason))

    def add(
        self,
        *,
        name: str,
        value: str,
        span: tuple[int, int],
        core: int,
        at: int,
        rule: str,
        scope: str | None = None,
        region: str | None = None,
        repairs: tuple[str, ...] = (),
        year: int | None = None,
        period: str | None = None,
        role: str | None = None,
    ) -> None:
        """Add a statement. ``span`` is the clause that states it, ``core`` where the value's own words begin in it."""
        start, end = span
        clause = self.chars[self.bound(start) : end]
        whole = self._clause(start, end)
        fitting = [
            (first, last)
            for first, last in (whole, span, (core, end))
            if last - first <= QUOTE and self.text.ends[last - 1] - self.text.starts[first] <= ORIGINAL
        ]
        first, last = fitting[0] if fitting else (core, core + QUOTE)
        piece = self.text[first:last]
        found_role, found_year, found_period = self._time(clause, self.chars[start:end], start)
        role = role or found_role
        if year is not None and period is None:
            period = str(year)
        year, period = year or found_year, period or found_period
        base = re.search(r"(?:较|比|是|为|相当于)((?:19|20)\d\d年|前三年平均数?|前[一二三两]年)", clause)
        self.result.statements.append(
            Statement(
                name=name,
                value=value,
                role=role,
                status=None
                if role == "target"
                else "estimated"
                if re.search(r"预计|初步核算", self.chars[:end])
                else "final",
                year=year,
                period=period,
                base_period=base[1] if base else None,
                scope=scope or self.place.scope,
                region=region,
                start=piece.start,
                end=piece.end,
                at=self.text.starts[at],
                quote="",
                rule=rule,
                repairs=repairs,
                section=self.place.context.heading,
                row=self.place.row,
                responsible=self.place.responsible,
            )
        )

    # -- what counts

    def _masked(self) -> tuple[str, list[int]]:
        masked, listed = list(self.chars), []
        for name, pattern in _not_values():
            for match in pattern.finditer(self.chars):
                start, end = match.span()
                if end > start:
                    self.skip(start, end, name)
                    masked[start:end] = "\0" * (end - start)
                    if name == "list_number":
                        listed.append(end)
        return "".join(masked), listed

    def _counts(self, figure: Figure) -> bool:
        """Whether a number counts something; numbers in Chinese characters do so only where that is certain."""
        before = self.chars[figure.number_start - 1 : figure.number_start]
        if figure.words:
            digits = self.chars[figure.number_start : figure.end]
            large = re.match(r"[一二两三四五六七八九十百千][一二三四五六七八九十百千万亿]*[十百千万亿]", digits)
            certain = figure.power is not None or (
                figure.unit is not None and (figure.unit.id == "percent" or (figure.unit.id != "item" and large))
            )
            certain = certain or (figure.before is not None and figure.value >= 100)  # 近千家
            pair = digits.startswith("两") and digits[-1] in "个家项所名座条处场"
            front = self.chars[max(figure.number_start - 4, 0) : figure.number_start]
            behind = self.chars[figure.end : figure.end + 1]
            named = front.endswith("”") and behind in tuple("、,;")  # 新建“书房”一个、“驿站”两个
            one = digits.startswith("一") and digits[-1] in "个场家座处条所"
            pair = pair or (one and (named or front.endswith(_MAKES)))  # 创成一个样板区
            return (
                bool(certain or pair)
                and self.chars[figure.end : figure.end + 1] != "口"
                and before not in tuple("第这那每首")
            )
        if re.match(r"[A-Za-z]", before) or before == "第":
            self.skip(figure.number_start, figure.end, "word_with_digits")
            return False
        return True

    def _is_threshold(self, figure: Figure, found: Sequence[Figure]) -> bool:
        """Whether a figure is a bound inside a name: 10亿元以上 in front of 制造业项目."""
        money = figure.unit is not None and figure.unit.id in ("CNY", "USD")
        bounded = figure.before == "more_than_before" and re.match(r"[一-龥]{2,8}\d", self.chars[figure.end :])
        bounded = bounded or (figure.after is not None and re.match(r"的\d", self.chars[figure.end :]))
        if (money and (bounded or _GRADED.match(self.chars, figure.end))) or self.chars.startswith("且", figure.end):
            self.skip(figure.number_start, figure.end, "threshold")
            return True
        if figure.after not in ("at_least", "at_most", "about_after"):
            return False
        if figure.unit is not None and figure.unit.id == "item":
            return False
        behind = self.chars[figure.end : figure.end + 1]
        if behind.isdigit():
            inside = any(other.start == figure.end for other in found)
        else:
            inside = bool(re.match(r"[一-龥“A-Za-z(]", behind)) and behind not in "和及或与并且确力同其以为的亦均仍也都"
        if inside:
            self.skip(figure.number_start, figure.end, "threshold")
        return inside

    # -- time

    def _date(self) -> None:
        """A year at the head of a sentence holds for all of it."""
        named = _YEAR.match(self.chars) or _BY_YEAR.search(self.chars)
        if self.role == "target" and _SO_FAR.match(self.chars) and not _WISHED.search(self.chars):
            self.role = "actual"  # 今年1—5月,生产总值同比增长…: of the plan's year, but reached
        if named is None:
            return
        year = int(named[1])
        self.dated = named[0].startswith("到")
        if year <= self.place.report_year and self.role == "target":
            self.role, self.year = "actual", year
        elif year <= self.place.report_year or self.role == "target":
            self.year = year

    def _time(self, clause: str, piece: str, at: int) -> tuple[str, int, str]:
        """Role, year and period of what a clause states."""
        index = bisect_right(self.bounds, at) - 1
        reached = self.role == "target" and self.reached[index]
        role, year = roles.of(clause, self.role, self.year, report_year=self.place.report_year, reached=reached)
        opened = self.opened[index] or self.place.part
        year, period = periods.of(clause, piece, year, role=role, opened=opened, five=self._is_of_five(role))
        return role, year, period

    def _is_of_five(self, role: str) -> bool:
        """Whether the text is of the five years up to its year: a review of them, or the aims for the next."""
        context = self.place.context
        ahead = role == "target" and context.year - self.place.report_year == 5
        return ahead or (role == "actual" and context.span == 5 and (not context.mixed or self.five))
