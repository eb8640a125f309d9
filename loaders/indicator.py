"""The name of a figure becomes an indicator of the catalogue, or an id of its own."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

import msgspec

from loaders import region, unit
from loaders.seeds import FOLDER

# Marks of a place in a table.
_PART = re.compile(r"^(?:#|其中:?|[\d一二三四五六七八九十]{1,2}、|\d{1,2}\.(?!\d))+")
# Whole regions and whole years in front of a name say nothing of the indicator; 全市场, 全区域, 全年龄 are other words.
_LEADING = re.compile(r"^(?:全(?:市(?!场)|县(?!域)|区(?!域)|省|州|旗|年(?!龄)))+(?=..)")
_BRACKETS = re.compile(r"\(([^()]{0,40})\)")
_LAST = re.compile(r"\([^()]{0,40}\)$")
_GROWTH = re.compile(r"(?:同比|比上年)?(?:增速|增幅|增长率|增长速度|增长)$")
_COUNT = re.compile(r"(?:总?个数|总?数量|总数|总量|人数|数)$")
_DATED = re.compile(r"^(?:截至|到)?(?:年末|年底|期末|年度|当年|每年|年均|累计)?")
_PART_YEAR = r"(?:[上下]半年|第?[一二三四]季度|前三季度)"
_YEAR = re.compile(rf"(?<!\d)(?:19|20)\d\d年(?:度|底|末)?{_PART_YEAR}?|^{_PART_YEAR}")
_OWN = re.compile(r"^[区市县省](?:本级|属)")
# Words that say the same in every name of the genre.
_WORDS = (
    (re.compile(r"\((?:GDP|R&D)\)"), ""),  # the short name after the long one
    (re.compile(r"(?:地区|国内)?生产总值|GDP"), "地区生产总值"),
    (re.compile(r"研究与试验发展|研究与开发|研究开发|研发"), "R&D"),
    (re.compile(r"规模以上"), "规上"),
    (re.compile(r"限额以上"), "限上"),
    (
        re.compile(r"(?:地方)?(?:一般公共财政预算|公共财政预算|公共财政|财政一般预算|(?:财政)?一般公共预算|一般预算)"),
        "一般公共预算",
    ),
    (re.compile(r"(?<=[镇村体乡])(?:牧区居民|牧区常住居民|常住居民)"), "居民"),
    (re.compile(r"城市化"), "城镇化"),
    (re.compile(r"医保"), "医疗保险"),
    (re.compile(r"新农合"), "新型农村合作医疗"),
    (re.compile(r"保租房"), "保障性租赁住房"),
    (re.compile(r"能源消耗"), "能耗"),
    (re.compile(r"(?<=单位地区生产总值)能源消费(?!总?量)"), "能耗"),
    (re.compile(r"每([百千万十]+)名?(?:常住)?人口?(?:中)?(?:拥有)?(?!员)"), r"每\1人"),
    (re.compile(r"或优于"), "或好于"),
    (re.compile(r"(?:(?<=达到)或好于)?(?:III|三|3)类(?:及以上|以上|及好于III类)?(?=水)"), "III类"),
    (re.compile(r"(?:降低率|下降率|下降幅度|降低幅度|降幅|下降)$"), "降低"),
    (re.compile(r"的"), ""),
    (re.compile(r"(占.{1,40}?)(?:比重|比例|比率|份额)$"), r"\1比重"),
    (re.compile(r"(?:比重|比例|比率|占比)$"), "比重"),
)
# And what says the same in names that the catalogue does not have.
_SAME = (
    (re.compile(r"^(?:成功)?(?:创建|创成|打造)(?!率)"), "创建"),  # of a title
    (re.compile(r"(国家|[省市区县])级"), r"\1"),
    (re.compile(r"各类|相关(?=..)"), ""),
    (re.compile(r"(?:完成)?(?:形象进度|建设进度)"), "建设进度"),
    (re.compile(r"(?<=....)(?:总?个数|总?数量|总数|家数|场次|宗数)$"), ""),
)
_SHARE = re.compile(r"占[^占]{2,20}(?<!比重)$")
_DONE = re.compile(r"^(?:提升|提高|做到|做好)|(?<=..)实现(?=..)")
_LONGEST = 120  # characters of a name; what is longer is running text
_COUNTED = {"item", "person", "person_time", "household", "head", "copy"}


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that plans measure; ``unit`` is null for plain ratios and where nothing is counted."""

    id: str
    name: str
    name_en: str
    category: str
    unit: str | None
    unit_multiplier: int | None
    unit_label: str | None
    direction: str
    definition: str | None
    aliases: tuple[str, ...]


def _rows(name: str) -> csv.DictReader[str]:
    return csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines())


def _unless_unit(bracket: re.Match[str]) -> str:
    """Nothing for a unit in brackets; (村) and (县) count villages elsewhere, but in a name they are a part of it."""
    inside = bracket[1].removeprefix("单位:")
    is_unit = inside in unit.POWERS or (inside not in "村镇县市区" and unit.parse(inside) is not None)
    return "" if is_unit else bracket[0]


@lru_cache(maxsize=16384)
def normal_name(name: str) -> str:
    """A name as printed becomes what names are compared by.

    >>> normal_name("“规模以上”工业 增加值(亿元)")
    '规上工业增加值'
    >>> normal_name("全市地区生产总值(GDP)")
    '地区生产总值'
    """
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"[\s\"'“”‘’`*《》「」『』]", "", text).replace("—", "-").replace("–", "-")
    text = _BRACKETS.sub(_unless_unit, text).upper()
    for words, instead in _WORDS:
        text = words.sub(instead, text)
    return _LEADING.sub("", _PART.sub("", text))


def own_name(name: str) -> str:
    """What names that the catalogue does not have are compared by: their normal form, without what says no more.

    >>> own_name("打造省级甲乙样板区数量") == own_name("创建省甲乙样板区")
    True
    """
    text = _YEAR.sub("", normal_name(name))
    for words, instead in _SAME:
        text = words.sub(instead, text)
    return text


def unmapped_id(name: str) -> str:
    """The id of an indicator that the catalogue does not have: the same for names that say the same."""
    digest = hashlib.sha256(own_name(name).encode()).digest()
    return f"u_{int.from_bytes(digest[:8], 'big') % 10**10:010d}"


class Catalogue:
    """All indicators by id, found by any of their names."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self.indicators = {indicator.id: indicator for indicator in indicators}
        self._names: dict[str, Indicator] = {}
        self._counts: dict[str, Indicator | None] = {}
        for indicator in self.indicators.values():
            for name in (indicator.name, *indicator.aliases):
                key = _key(name)
                if self._names.setdefault(key, indicator) is not indicator:
                    raise ValueError(f"seeds: {name!r} names {indicator.id} and {self._names[key].id}")
        for key, indicator in self._names.items():
            if indicator.unit in _COUNTED and (stem := _COUNT.sub("", key)):
                # A stem that two counts share (… 个数 of one, … 总量 of another) finds neither.
                shared = self._counts.setdefault(stem, indicator)
                self._counts[stem] = indicator if shared is indicator else None
        self._alike: dict[str, Indicator | None] = {}
        for key, indicator in self._names.items():
            shared = self._alike.setdefault(own_name(key), indicator)
            self._alike[own_name(key)] = indicator if shared is indicator else None

    def find(self, name: str, parent: str | None = None) -> Indicator | None:
        """The indicator that a printed name means, or None; ``parent`` is the heading of a sub-row.

        The nearest reading wins: with its heading, as it stands, without its brackets, without the words that
        name a growth, a count, a date, a region or a deed.
        """
        if ">" in name and parent is None:
            parent, _, name = (part.strip() for part in name.rpartition(">"))
        key = normal_name(name)
        if parent is not None:
            above = normal_name(parent)
            for joined in (f"{heading}>{key}" for heading in (above, _BRACKETS.sub("", above))):
                if found := self._names.get(joined) or self._names.get(_BRACKETS.sub("", joined)):
                    return found
        if len(key) > _LONGEST:
            return None
        if found := next((found for reading in _readings(key) if (found := self._exact(reading))), None):
            return found
        said = (found for other in _other_words(key) for reading in _readings(other) if (found := self._exact(reading)))
        # Areas and counts are made: 提升高标准农田 is not all there is of it. Shares and money are reached.
        return next((found for found in said if found.unit in (None, "percent", "CNY")), None) or self._alike.get(
            own_name(key)
        )

    @property
    def names(self) -> Mapping[str, Indicator]:
        """Every name and alias, normalised, with its indicator."""
        return self._names

    def _exact(self, key: str) -> Indicator | None:
        if (found := self._names.get(key)) or len(key) < 4:
            return found
        found = self._counts.get(_COUNT.sub("", key))
        # Firms are not the people in them: 人数 may fall off where people are counted.
        return None if found and key.endswith("人数") and found.unit != "person" else found


def _key(name: str) -> str:
    return ">".join(normal_name(part) for part in name.split(" > "))


def _readings(key: str) -> Iterator[str]:
    """A normalised name, and what is left of it as words that name no indicator fall off."""
    table = region.table()
    places = (size for size in table.sizes.get(key[:1], ()) if key[:size] in table.full)
    timeless = _LEADING.sub("", _YEAR.sub("", key))
    for name in dict.fromkeys((key, *(key[size:] for size in places), timeless)):
        for bare in dict.fromkeys((name, _LAST.sub("", name), _BRACKETS.sub("", name))):
            for level in dict.fromkeys((bare, _GROWTH.sub("", bare))):
                for dated in dict.fromkeys((level, _DATED.sub("", level))):
                    yield from dict.fromkeys((dated, _OWN.sub("", dated)))


def _other_words(key: str) -> Iterator[str]:
    """A name without its deed (提升, 实现), and a share without the word: 争取债券额度占全省."""
    if (bare := _DONE.sub("", key, count=1)) != key:
        yield bare
    if _SHARE.search(key):
        yield key + "比重"


@cache
def catalogue() -> Catalogue:
    """The catalogue of the seeds."""
    aliases: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows("aliases.csv"):
        aliases[row["indicator"]].append(row["name"])
    indicators = []
    for row in _rows("indicators.csv"):
        fields = {key: value or None for key, value in row.items()} | {"aliases": aliases.pop(row["id"], ())}
        indicators.append(msgspec.convert(fields, Indicator, strict=False))
    if aliases:
        raise ValueError(f"seeds/aliases.csv: there are no indicators {', '.join(sorted(aliases))}")
    return Catalogue(indicators)
