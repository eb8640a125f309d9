"""Running text becomes claims: how many of a year's targets a document says were met, missed, or have no data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from loaders import lexicon, numeral
from loaders.document import Document
from loaders.sentence import ORIGINAL, QUOTE, Place, sentences
from loaders.text import Text

MOST = 100  # claims of a document
_PART = re.compile("半年|季度|中期|规划")  # of a title: no report on one year
_COUNT = re.compile(
    r"(?<!\d,)(?<![\d.第前近约超逾零一二两三四五六七八九十百])(\d{1,3}|[零一二两三四五六七八九十百]{1,5})(?:大项|项|个|大)(?!目(?!标))"
)
_HOW = "(?:指标|增[速幅]|已经?|可以?|能够?|可望|有望|预计|均|都|全部|全面|全|顺利|圆满|较好|超额|提前|如期|也|则|还|尚|仍)*?"
_WHY = r"(?:,?(?:主要)?(?:因为?|受|由于)[^;。,]{1,40}?,?)?"
_END = re.compile(r"(?=[,;。:、()且并但而占]|$)")
_ALL = re.compile("全部|全面|均|都")
_AFTER = re.compile("里|之?中|当中")  # 30项指标中
_LISTED = re.compile(r"等$|其[余他它]$|[、和及与][^,;。]{0,20}$")  # A、B等26项: some of them
_CLAUSE = re.compile("[,:;。!?()]")
_YEAR = re.compile(r"(?<![与比较])((?:19|20)\d\d)年")
_ONE = re.compile(rf"(?:^|[,:;])[^,:;。、和及与等\d]{{3,24}}?{_WHY}$")  # one name, and why


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """How the targets of a year stand in a document's own words; null is what it does not say."""

    year: int
    targets: int | None
    met: int | None
    missed: int | None
    unavailable: int | None
    quote: str  # where the claim begins
    start: int
    end: int


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    """What ``seeds/lexicon/claims.toml`` says, as expressions."""

    noun: re.Pattern[str]
    headed: re.Pattern[str]  # the noun in front of a count: 主要指标共30项
    verdict: re.Pattern[str]  # behind a count: 26项完成
    before: re.Pattern[str]  # in front of one: 完成26项
    unavailable: re.Pattern[str]
    refused: re.Pattern[str]
    time: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    def of(name: str) -> str:
        return lexicon.pattern("claims", name).pattern

    kinds = f"(?:{of('kind')})"
    results = "|".join(f"(?P<{name}>{of(name)})" for name in ("missed", "unavailable", "nearly", "met"))
    return _Patterns(
        noun=re.compile(rf"{kinds}*指标(?!体系)(?:任务)?|{kinds}+(?<=目标)(?!任务|责任|值)"),
        headed=re.compile(rf"(?:^|[,:的年县市区省州旗]){kinds}*指标(?:共有|共|有|为|计|合计)?$"),
        verdict=re.compile(rf"(?:\([^()]{{1,60}}\))?{_HOW}{_WHY}{_HOW}(?:{results}){_END.pattern}"),
        before=re.compile(rf"(?:{results})的?(?:指标|目标)?(?:共有|共|有|为|达|计|仅)?$"),
        unavailable=re.compile(of("unavailable")),
        refused=re.compile(of("refused")),
        time=re.compile(of("time")),
    )


class _Told:
    """A claim while it is read: its counts, and the piece of text where it begins."""

    def __init__(self, text: Text, start: int, year: int) -> None:
        self.text, self.year = text, year
        self.starts, self.ends = (_bound(text.chars, start), start), list[int]()
        self.listed = _LISTED.search(text.chars[self.starts[0] : start]) is not None
        self.counts: dict[str, int | None] = {}

    def take(self, what: str, number: int, text: Text, end: int, *, again: bool = False) -> None:
        """Take a count; of two in one sentence for the same, neither is the whole."""
        if what != "nearly":
            self.counts[what] = None if again and what in self.counts else self.counts.get(what, number)
        if text is self.text:
            self.ends.append(end)

    def claim(self, raw: str) -> Claim | None:
        """The claim, if it says enough and its parts do not exceed the whole."""
        targets, met, missed, unavailable = map(self.counts.get, ("targets", "met", "missed", "unavailable"))
        said = [part for part in (met, missed, unavailable) if part is not None]
        enough = missed is not None or (met is not None and not self.listed)
        if not said or (sum(said) > targets if targets is not None else not enough):
            return None
        pieces = (self.text[first:last] for last in sorted(self.ends, reverse=True) for first in self.starts)
        piece = next((one for one in pieces if len(one) <= QUOTE and one.end - one.start <= ORIGINAL), None)
        if piece is None:
            return None
        start, end, counts = piece.start, piece.end, {"met": met, "missed": missed, "unavailable": unavailable}
        return Claim(year=self.year, targets=targets, **counts, quote=raw[start:end], start=start, end=end)


def read(running: Iterable[tuple[Text, Place]], document: Document) -> tuple[Claim, ...]:
    """The claims that a document's running text makes, each once, in the order of their places."""
    found: dict[tuple[int | None, ...], Claim] = {}
    if _PART.search(document.card.title):
        return ()
    for text, place in running:
        for told in _told(text, place) if re.search("指标|目标", text.chars) else ():
            made = told.claim(document.raw)
            if made is not None and len(found) < MOST:
                found.setdefault((made.year, made.targets, made.met, made.missed, made.unavailable), made)
    return tuple(sorted(found.values(), key=lambda one: one.start))


def _told(text: Text, place: Place) -> Iterator[_Told]:
    """A claim goes on to the end of its paragraph; counts without a noun do so to the end of their sentence."""
    told: _Told | None = None
    bare = False
    for mark, piece in sentences(text):
        bare = bare and mark in ";,"
        if mark == "\n" and told is not None:
            yield told
            told = None
        for each in _sentence(piece, place, told, bare=bare):
            if told is not None and each is not told:
                yield told
            told, bare = each, True
    if told is not None:
        yield told


def _sentence(text: Text, place: Place, told: _Told | None, *, bare: bool) -> Iterator[_Told]:
    """For each count of a sentence the claim that it belongs to: the one told so far, or a new one."""
    chars, words, before = text.chars, _patterns(), 0
    here = told if bare else None  # whose counts need no noun
    other = words.time.search(chars)
    for count in _COUNT.finditer(chars):
        start, end, since, before = count.start(), count.end(), before, count.end()
        value = numeral.digits(count[1]) if count[1].isdigit() else numeral.chinese(count[1])
        noun = words.noun.match(chars, end)
        end = noun.end() if noun else end
        verdict = words.verdict.match(chars, end)
        what, stop = (verdict.lastgroup, verdict.end()) if verdict else (None, end)
        year = _year(chars, start, stop, place)
        if value is None or year is None or (other is not None and other.end() <= stop):
            continue
        number, fresh = int(value), _Told(text, start, year)
        whole = not fresh.listed and (noun or words.headed.search(chars[max(start - 40, 0) : start]))
        inside = _AFTER.match(chars, end) if noun and whole else None
        if inside is None and what is None and here is not None and _END.match(chars, end):
            led = words.before.search(chars[max(since, start - 50) : start])
            what = led.lastgroup if led else None
        if inside is not None or (what is None and whole):
            if here is not None and here.text is text:  # of a part: 30项指标中,…,10项经济指标中8项完成
                return
            here = fresh  # 33项指标完成28项: whether it is a claim is seen from what follows
            here.take("targets", number, text, inside.end() if inside else end)
            _unnumbered(here, end)
            yield here
        elif what is not None and (noun or here is not None):
            known = here or (told if told is not None and "targets" in told.counts else None)
            if known is None and whole and noun and _ALL.search(chars[end:stop]):
                fresh.take("targets", number, text, stop)  # 36项指标全部完成
            again = known is here is not None and not chars.startswith("其中", fresh.starts[0])
            here = known or fresh
            here.take(what, number, text, stop, again=again)
            yield here


def _unnumbered(told: _Told, start: int) -> None:
    """30项指标中,某指标因口径调整无数据: one indicator, named alone."""
    chars = told.text.chars
    for match in _patterns().unavailable.finditer(chars, start):
        at, end = match.span()
        if _END.match(chars, end) and _ONE.search(chars[max(start, at - 90) : at]):
            told.take("unavailable", 1, told.text, end, again=True)


def _year(chars: str, start: int, end: int, place: Place) -> int | None:
    """The year whose targets are counted; None for another place's, another list's, and those only wished for."""
    front, context = chars[_bound(chars, start) : start], place.context
    own = "" if front.endswith("等") else front[-24:]  # what stands in front of 等 are names
    elsewhere = place.area.is_elsewhere(front) or place.area.place(front)[1] is not None
    if _patterns().refused.search(own + chars[start:end]) or elsewhere or place.row is not None:
        return None
    named = _YEAR.findall(front) or ([chars[:4]] if _YEAR.match(chars) else [])
    year = int(named[-1]) if named else context.year
    one = context.role == "actual" and (context.span == 1 or context.mixed)
    return year if (one or named) and year <= place.report_year else None


def _bound(chars: str, at: int) -> int:
    """Where the clause around a place begins."""
    first = max(at - 200, 0)
    return max((match.end() for match in _CLAUSE.finditer(chars, first, at)), default=first)
