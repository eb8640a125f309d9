"""Words in, a region out: the table of GB/T 2260, and which of its codes a text names.

A name counts by its place, not by its characters alone: 南山区 in 云南山区 is none, 城区 is one only behind its city,
and a name that several regions share needs a second name that tells them apart.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from types import MappingProxyType

import msgspec

from loaders.seeds import FOLDER


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """One code: ``until`` is the year in which it was abolished, null while it is in force."""

    code: str
    name: str
    name_en: str
    level: str  # province, prefecture, county
    parent: str | None
    until: int | None = None


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """A name found at [start, end), with the codes it may stand for; ``full`` where its generic (市, 县) is there."""

    start: int
    end: int
    codes: tuple[str, ...]
    full: bool


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All regions by code, and the codes by name: as documents write it in full, and without the generic."""

    regions: MappingProxyType[str, Region]
    children: MappingProxyType[str, tuple[str, ...]]
    full: MappingProxyType[str, tuple[str, ...]]
    short: MappingProxyType[str, tuple[str, ...]]
    sizes: MappingProxyType[str, tuple[int, ...]]  # first character of a name: lengths, longest first


_COLUMNS = ["code", "name", "name_en", "level", "parent"]
_UNTIL = re.compile(r"\(until (\d{4})\)$")
_PEOPLES = (
    "各族|蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|"
    "傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|"
    "仡佬族|锡伯|普米族|塔吉克|怒族|鄂温克族|保安族|裕固族|独龙族"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:{_PEOPLES})*自治([州县旗])")
_GENERIC = re.compile(
    r"特别行政区|(?:维吾尔|壮族|回族)?自治区|地区|新区|矿区|林区|特区|(?<=.)(?:回族|达斡尔族)区|[省市县区旗盟]"
)
# Such names are also common words (老城区, 港口区): they count behind their city, or where the text speaks of it.
_COMMON = re.compile(r"[城郊矿新老旧东南西北中市港口]+区")
# What makes another word of the generic before it: 市场, 形成都市圈, 区域, 旗下.
_OTHER_WORD = re.compile(r"(?<=市)场|(?<=都市)[区圈带]|(?<=区)[域块间]|(?<=旗)[下舰帜]")
# What makes another word of the first character of a name: 新增城市, 完成都市更新, 沿海城市.
_INSIDE = re.compile(r"[新净]增|[沿滨]海|适宜|[专各事]项|[完形建变造构]成")
_OTHER_PLACE = re.compile(r"[县区旗州盟镇乡村街路山河江湖港]|市(?!场)")  # 永康街道
_OTHER_BODY = re.compile(r"生产建设兵团|大学")  # behind a province
_OPENING = re.compile(r"(?:^|[^\u4e00-\u9fff]|年|关于|印发|批转|中共|转发)$")
_SUBJECT = re.compile(
    r"[\s《“\"]*(?:(?:19|20)\d\d|第?[一二三四五六七八九十]+个?五|(?:人民)?政府工作|国民经济|经济社会|计划)"
)
_OFFICE = re.compile(r"(?:第[一二三四五六七八九十\d]{1,4}届)?人民(?:代表大会|政府)|代?[市县区州]?长[\s\u4e00-\u9fff]")
_TITLE_SIZE, _HEAD_SIZE = 400, 4000


def _stem(name: str) -> str:
    """The name without its generic, and without the peoples of an autonomous one: 恩施 of 恩施土家族苗族自治州."""
    autonomous = _AUTONOMOUS.fullmatch(name)
    if autonomous:
        return autonomous[1]
    for at in range(1, len(name)):
        if _GENERIC.fullmatch(name, at):
            return name[:at]
    return name


@cache
def table() -> Table:
    """The whole of seeds/regions.csv."""
    rows = list(csv.reader((FOLDER / "regions.csv").read_text(encoding="utf-8").splitlines()))
    if not rows or rows[0] != _COLUMNS:
        raise ValueError(f"seeds/regions.csv: the first line must be {','.join(_COLUMNS)}")
    regions: dict[str, Region] = {}
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(_COLUMNS) or not re.fullmatch(r"[0-9]{6}", row[0]) or row[0] in regions:
            raise ValueError(f"seeds/regions.csv, line {line}: five fields wanted, the first a new code of six digits")
        code, name, name_en, level, parent = row
        until = _UNTIL.search(name_en)
        regions[code] = Region(
            code=code,
            name=name,
            name_en=name_en,
            level=level,
            parent=parent or None,
            until=int(until[1]) if until else None,
        )
    children: defaultdict[str, list[str]] = defaultdict(list)
    full: defaultdict[str, list[str]] = defaultdict(list)
    short: defaultdict[str, list[str]] = defaultdict(list)
    for region in regions.values():
        if region.parent is not None:
            if region.parent not in regions:
                raise ValueError(f"seeds/regions.csv: {region.code} has the parent {region.parent}, which is no code")
            children[region.parent].append(region.code)
        full[region.name].append(region.code)
        if region.until is None and len(stem := _stem(region.name)) > 1:
            short[stem].append(region.code)
    for region in regions.values():  # 恩施州, 景宁县: the usual form, where no other region has that name
        autonomous = _AUTONOMOUS.fullmatch(region.name)
        if autonomous and (usual := autonomous[1] + autonomous[2]) not in full:
            full[usual].append(region.code)
    sizes: defaultdict[str, set[int]] = defaultdict(set)
    for name in (*full, *short):
        sizes[name[0]].add(len(name))
    return Table(
        regions=MappingProxyType(regions),
        children=MappingProxyType({code: tuple(below) for code, below in children.items()}),
        full=MappingProxyType({name: tuple(codes) for name, codes in full.items()}),
        short=MappingProxyType({name: _highest(codes, regions) for name, codes in short.items()}),
        sizes=MappingProxyType({first: tuple(sorted(some, reverse=True)) for first, some in sizes.items()}),
    )


def _highest(codes: list[str], regions: dict[str, Region]) -> tuple[str, ...]:
    """长沙 is the city, not its 长沙县; 海南 is the province."""
    provinces = [code for code in codes if regions[code].level == "province"]
    return tuple(provinces or [code for code in codes if regions[code].parent not in codes])


def get(code: str) -> Region | None:
    """The region of a code.

    >>> get("330702").name
    '婺城区'
    """
    return table().regions.get(code)


def ancestors(code: str) -> tuple[str, ...]:
    """The codes above, nearest first; none for an unknown code.

    >>> ancestors("330702")
    ('330700', '330000')
    """
    regions, above = table().regions, []
    while (region := regions.get(code)) is not None and region.parent is not None:
        above.append(code := region.parent)
    return tuple(above)


def descendants(code: str) -> tuple[str, ...]:
    """All codes below, in order."""
    below = table().children.get(code, ())
    return tuple(sorted(child for one in below for child in (one, *descendants(one))))


def _names(text: str) -> Iterator[Name]:
    """Names in a text, longest first at each place, without overlap. At most 16 look-ups a character."""
    known = table()
    at = 0
    before: Name | None = None
    while at < len(text):
        inside = at > 0 and _INSIDE.match(text, at - 1) is not None
        for size in () if inside else known.sizes.get(text[at], ()):
            word, end = text[at : at + size], at + size
            codes = known.full.get(word) if not _OTHER_WORD.match(text, end) else None
            full = codes is not None
            if codes is None:
                codes = known.short.get(word)
                if codes is None:
                    continue
                other = _OTHER_BODY if known.regions[codes[0]].level == "province" else _OTHER_PLACE
                if other.match(text, end):
                    continue
            above = before.codes if before is not None and before.end == at else ()
            nested = tuple(code for code in codes if any(up in above for up in ancestors(code)))
            if not nested and not full:
                # a province is plain enough inside a sentence, and keeps 南山区 out of 云南山区
                if not _opens(text, at) and known.regions[codes[0]].level != "province":
                    continue
            elif not nested and len(word) == 2 and not _opens(text, at):
                continue  # 和县 in 城区和县城
            before = Name(start=at, end=end, codes=nested or codes, full=full)
            yield before
            at = end
            break
        else:
            at += 1


def _opens(text: str, at: int) -> bool:
    """Whether a name may begin here: at the beginning, after a year, a mark or the word that brings a title in."""
    return _OPENING.search(text[max(0, at - 2) : at]) is not None


def _chains(names: Iterator[Name]) -> list[list[Name]]:
    """Names that stand directly behind the region they lie in, together: 金华市 + 婺城区."""
    chains: list[list[Name]] = []
    for name in names:
        last = chains[-1][-1] if chains else None
        if (
            last is not None
            and last.end == name.start
            and any(up in last.codes for code in name.codes for up in ancestors(code))
        ):
            chains[-1].append(name)
        else:
            chains.append([name])
    return chains


def mentioned(text: str) -> list[tuple[int, int, str]]:
    """Regions that a text names in full, as (start, end, code); names in a chain are one, its lowest region.

    A name that several regions share, or that is a common word too, counts only behind a region that it lies in.

    >>> mentioned("高于浙江省平均,居金华市婺城区之后")
    [(2, 5, '330000'), (9, 15, '330702')]
    """
    found = []
    for chain in _chains(_names(text)):
        last = chain[-1]
        plain = len(chain) > 1 or not _COMMON.fullmatch(text, last.start, last.end)
        if last.full and plain and len(last.codes) == 1:
            found.append((chain[0].start, last.end, last.codes[0]))
    return found


def of_document(title: str, issuer: str | None, head: str) -> str | None:
    """The code of the region that a document is about, from its title, else its issuer, else its first lines.

    >>> of_document("金华市婺城区2022年国民经济和社会发展计划执行情况", None, "")
    '330702'
    """
    title, issuer, head = title[:_TITLE_SIZE].strip(), (issuer or "")[:_TITLE_SIZE].strip(), head[:_HEAD_SIZE]
    context = "\n".join((title, issuer, head))
    for words in (title, issuer):
        for chain in _by_weight(_chains(_names(words)), words):
            last = chain[-1]
            common = len(chain) == 1 and _COMMON.fullmatch(words, last.start, last.end) is not None
            code = _told_apart(last, context, doubtful=common or (len(chain) == 1 and _is_loose(last)))
            if code is not None:
                return code
            if last.full and not common:
                return None  # it is named, but not told apart: another name would be a guess
    return _of_office(head, context)


def _by_weight(chains: list[list[Name]], words: str) -> list[list[Name]]:
    """First the one that the plan belongs to (甲市关于批转乙县2023年计划的通知), then one that lies in the first."""
    first = chains[0][-1].codes if chains else ()

    def weight(chain: list[Name]) -> tuple[bool, bool]:
        inside = chain[-1].full and all(set(ancestors(code)) & set(first) for code in chain[-1].codes)
        return not _SUBJECT.match(words, chain[-1].end), not inside

    return sorted(chains, key=weight)


def _is_loose(name: Name) -> bool:
    """A county without its generic may be a plain word: 同心, 富民, 公安."""
    return not name.full and table().regions[name.codes[0]].level == "county"


def _told_apart(name: Name, context: str, *, doubtful: bool) -> str | None:
    """The one code that the context speaks for; null where several are left, or a doubtful name has no support."""
    if len(name.codes) == 1 and not doubtful:
        return name.codes[0]
    (code, most), *others = Counter({code: _support(code, name, context) for code in name.codes}).most_common()
    return code if most and all(score < most for _, score in others) else None


def _support(code: str, name: Name, context: str) -> int:
    """How far a context speaks for a code: by the regions above it, those beside it, its own full name."""
    regions = table().regions
    score = 4 * (not name.full and re.search(regions[code].name + "(?!场)", context) is not None)
    for weight, above in zip((2, 1), ancestors(code), strict=False):
        called = regions[above].name
        score += weight * (2 if called in context else _stem(called) in context)
    beside = table().children.get(regions[code].parent or "", ())
    known = (regions[other].name for other in beside if other != code)
    return score + min(3, sum(len(other) > 2 and len(table().full[other]) == 1 and other in context for other in known))


def _of_office(head: str, context: str) -> str | None:
    """The region whose congress, government or head of government the first lines name most."""
    votes: Counter[str] = Counter()
    for chain in _chains(_names(head)):
        last = chain[-1]
        if last.full and _OFFICE.match(head, last.end):
            code = _told_apart(last, context, doubtful=_COMMON.fullmatch(head, last.start, last.end) is not None)
            if code is not None:
                votes[code] += 1
    return votes.most_common(1)[0][0] if votes else None
