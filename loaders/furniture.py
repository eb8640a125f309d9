"""A mended page in, its parts out: the title, the body, and the furniture around them.

A body begins at its title and ends where a site's own words, or a glossary, begin. Where it is not clear that a line
is furniture it stays: a harmless line too many is better than a lost figure.
"""

from __future__ import annotations

import re

import msgspec

from loaders import lexicon
from loaders.text import Text

PROSE = 60  # characters from which a line with a full stop is running text
TITLE = 120  # characters of the longest title
LEAD = 50  # lines of the longest news lead

_END = re.compile(r"[。!?;]")
_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}、\S")
_ANNEX = re.compile(r"附[表件]\s*\d{0,2}\s*[:.、]?\s*\S{0,60}$|表\s*\d{1,2}\s*[:.、\s]\s*\S{2,60}$")
_FIGURE = re.compile(r"\d(?:\.\d+)?\s*(?:%|[万亿]|个百分点|家|项|个|亩|人|元|公里)")
_MEASURED = re.compile(r"\d\s*(?:%|[万亿])")
_NOISE = re.compile(
    r"(?:[(\[【]\s*\d{6,8}\s*[)\]】]|[(【](?:全文|图文|摘录|定稿|终稿|最终稿)[)】]|VIP免费|VIP|免费)$|(?<=\S)(?:[_|]| - ).{2,20}$"
)
_ANNEX = re.compile(r"附(?:表|件)\s*[\d一二三四五六七八九十]{1,2}\s*[:]?")
_NUMBERED = re.compile(
    r"第[一二三四五六七八九十]{1,3}[篇章节编]|[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]|\d"
)
_VERSION = re.compile(
    r"[(（](?:草案|征求意见稿|送审稿|讨论稿|审议稿|节选|摘要|试行|书面|修订|20\d\d)[^()（）]{0,12}[)）]$"
)
_NAMED = re.compile(r"《([^《》]{6,120})》")
_NOTICE = re.compile(r"关于(?:分解)?(?:印发|下达|转发|批转|公布)(.{6,120}?)的?通知$")
_YEAR = re.compile(r"(?:19|20)\d\d年?|二[〇○零O0][一二三四五六七八九〇○零]{2}年?|十[二三四五六]五")
_PLACE = re.compile(r"[省市县区州盟旗]")
_ADDRESS = re.compile(r"各位代表\s*[:,!]")
_GOES_ON = re.compile(r"[与和及暨、]|[(（]草案")
_ADDRESSED = re.compile(r"各[^。;]{2,60}[:,]$")


class Line(msgspec.Struct, frozen=True):
    """A line of the page without the white space around it: [start, end) in the mended characters."""

    start: int
    end: int
    words: str


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What is where on a page, in the mended characters."""

    title: str | None
    titled: bool  # the title stands on lines of its own
    body: tuple[tuple[int, int], ...]
    furniture: tuple[tuple[int, int, str], ...]
    head: str  # everything before the first sentence of the body, for the card
    lead: str  # what a site tells of the document before it prints it
    fields: dict[str, str]  # the page's own card of the document
    after: str  # what stands behind the body


def lines(chars: str) -> list[Line]:
    """The lines that are not empty."""
    found: list[Line] = []
    at = 0
    for line in chars.split("\n"):
        words = line.strip()
        if words:
            start = at + len(line) - len(line.lstrip())
            found.append(Line(start, start + len(words), words))
        at += len(line) + 1
    return found


def layout(text: Text) -> Layout:
    """The parts of a page."""
    page = lines(text.chars)
    first = _first_content(page)
    title, at, own = _title(page, first)
    begin = _begin(page, at, text.chars)
    begin -= begin > 0 and _ANNEX.fullmatch(page[begin - 1].words) is not None  # 附表1 stands above its title
    parts: list[tuple[int, int, str]] = []
    above, bare = "", re.compile(rf"[•· ]*(?:{lexicon.pattern('furniture', 'label').pattern})\s*:?")
    for line in page[:begin]:
        kind = _kind(line)
        if kind == "menu" and bare.fullmatch(above):
            kind = "card"  # the value of a label on the line above
        parts.append((line.start, line.end, kind))
        above = line.words
    parts += _between(page, begin, at + own if title else begin, first, text.chars)
    parts += _ends(page, max(begin, first))
    parts = _merged(parts, text.chars)
    body = _rest(page, begin, parts)
    start = page[first].start if first < len(page) else len(text.chars)
    head = text.chars[:start]
    finish = body[-1][1] if body else 0
    return Layout(
        title=title,
        titled=bool(title and own),
        body=tuple(body),
        furniture=tuple(parts),
        head=head,
        lead="\n".join(line.words for line in page[:begin] if len(line.words) >= PROSE),
        fields=fields(head),
        after=text.chars[finish:],
    )


def _first_content(page: list[Line]) -> int:
    """The line with which the document speaks: its address, or its first chapter that is followed by running text."""
    for at, line in enumerate(page):
        if _ADDRESS.match(line.words):
            return at
        if _CHAPTER.match(line.words) and _speaks(page[at : at + 5]):
            return at
        if lexicon.pattern("genres", "table").match(line.words):
            return at
    prose = [at for at, line in enumerate(page) if _prose(line) and not _ADDRESSED.match(line.words)]
    return prose[0] if prose else len(page)


def _speaks(near: list[Line]) -> bool:
    """Whether a sentence follows a heading, before the title or the address: else it is a table of contents."""
    for line in near:
        if _ADDRESS.match(line.words) or _is_title(_bare_title(line.words)):
            return False
        if len(line.words) >= 12 and "。" in line.words:
            return True
    return False


def _prose(line: Line) -> bool:
    return len(line.words) >= PROSE and bool(_END.search(line.words))


def genre(title: str) -> str | None:
    """The kind of document that a title names, or None."""
    bare = re.sub(r"\s+|^#+|\*\*", "", title)
    bare = _VERSION.sub("", bare).strip("《》")
    for rule in lexicon.rules("genres"):
        if rule.result == rule.name and re.search(rule.pattern, bare):
            return rule.name
    return None


def _bare_title(words: str) -> str:
    """The words of a title line without what a site hangs on it."""
    before = "" if len(words) <= 2 * TITLE else words
    while before != words:
        before, words = words, _NOISE.sub("", words).strip()
    return words


def _is_title(words: str) -> bool:
    caption = re.match(r"(?:专栏|附?表|图)\s*[\d一二三四五六七八九十]", words)
    return 6 <= len(words) <= TITLE and not caption and not _END.search(words) and genre(words) is not None


def _title(page: list[Line], first: int) -> tuple[str | None, int, int]:
    """The title, the line where it stands last before the content, and on how many lines; else a name in 《》."""
    named = [name for line in page[: first + 1] for name in _named(line.words)]
    upwards = range(first - 1, -1, -1) if first < len(page) else range(len(page))
    for at in upwards:
        words = _bare_title(page[at].words)
        if brought := _NOTICE.search(words):  # 关于下达2023年国民经济和社会发展计划的通知
            words = brought[1].strip("《》")
        if not _is_title(words) or (_NUMBERED.match(words) and not _YEAR.match(words)):
            continue
        whole, begin = words, at
        if not (_YEAR.search(words) and _PLACE.search(words)) and words not in named:
            for more in (1, 2):
                if at < more or not (_headline(page[at - more].words) or _GOES_ON.match(page[at - more + 1].words)):
                    break
                longer = "".join(line.words for line in page[at - more : at]) + words
                if longer in named or (_YEAR.search(longer) and not _YEAR.search(whole)) or longer.startswith("关于"):
                    whole, begin = longer, at - more
        return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", whole).strip("《》"), begin, at - begin + 1
    if named:
        return named[0], min(first, len(page)), 0
    return None, min(first, len(page)), 0


def _named(words: str) -> list[str]:
    """The documents that a line names: what a notice brings, else what stands in 《》."""
    brought = _NOTICE.search(words) if len(words) <= 2 * TITLE else None
    if brought and "《" in brought[1][1:] and genre(brought[1]):
        return [brought[1]]  # 2021年《政府工作报告》责任分解方案 is no report
    return [name for name in _NAMED.findall(words) if genre(name)]


def _headline(words: str) -> bool:
    """Whether a line can be the upper part of a title."""
    return 4 <= len(words) <= 60 and not re.search(r"[。;!?:,]", words) and genre(words) is None


def _begin(page: list[Line], title: int, chars: str) -> int:
    """The first line of the body: the title, or earlier running text with figures that is told nowhere else."""
    lead, spam = lexicon.pattern("furniture", "lead"), lexicon.pattern("furniture", "spam")
    led = max((at for at, line in enumerate(page[:title]) if lead.search(line.words)), default=0)
    told = [at for at in range(led, title) if _prose(page[at]) and _FIGURE.search(page[at].words)]
    if not told or title >= len(page):
        return title
    later = re.sub(r"\s+", "", chars[page[title].end :])
    for at in told:
        if spam.search(page[at].words) or (at < told[0] + LEAD and _told(page[at], later)):
            continue
        return at
    return title


def _told(line: Line, later: str) -> bool:
    """Whether most of a line is said again further on."""
    pieces = [piece for piece in re.split(r"[,。;:!?]", re.sub(r"\s+", "", line.words)) if len(piece) >= 6]
    return bool(pieces) and sum(piece in later for piece in pieces) >= 0.6 * len(pieces)


def _kind(line: Line) -> str:
    """What a line before the body is."""
    words = line.words
    if lexicon.pattern("furniture", "spam").search(words):
        return "spam"
    if re.match(rf"(?:{lexicon.pattern('furniture', 'label').pattern})\s*(?::|\s|$)", words.lstrip("•· ")):
        return "card"
    if re.search(r"印发给你们|认真贯彻|审议通过|各[^。]{2,60}:$|的通知$", words):
        return "notice"
    if _CHAPTER.match(words) or re.match(r"[(（][一二三四五六七八九十]+[)）]|\d{1,2}[.、]|提纲|目\s*录", words):
        return "contents"
    return "lead" if _prose(line) else "menu"


def _between(page: list[Line], begin: int, after: int, first: int, chars: str) -> list[tuple[int, int, str]]:
    """Furniture between the title and the content: the page's card, an abstract that repeats the text, buttons."""
    label = lexicon.pattern("furniture", "label").pattern
    parts: list[tuple[int, int, str]] = []
    for line in page[max(begin, after) : first]:
        if re.match(rf"(?:{label})\s*:", line.words) and len(line.words) < 120:
            parts.append((line.start, line.end, "card"))
        elif lexicon.pattern("furniture", "spam").search(line.words):
            parts.append((line.start, line.end, "spam"))
        elif lexicon.pattern("furniture", "line").fullmatch(line.words):
            parts.append((line.start, line.end, "menu"))
        elif len(line.words) >= PROSE and _repeated(line, chars):
            parts.append((line.start, line.end, "lead"))
    return parts


def _repeated(line: Line, chars: str) -> bool:
    """Whether a line is the beginning of the text that follows, cut off: an abstract."""
    squashed = re.sub(r"\s+", "", line.words)[:200]
    return squashed in re.sub(r"\s+", "", chars[line.end : line.end + 4000])


def _ends(page: list[Line], first: int) -> list[tuple[int, int, str]]:
    """Furniture behind the body and, rarely, within it: from where a site speaks to where the document goes on."""
    end, glossary = lexicon.pattern("furniture", "end"), lexicon.pattern("furniture", "glossary")
    spam, number = lexicon.pattern("furniture", "spam"), lexicon.pattern("furniture", "page")
    parts: list[tuple[int, int, str]] = []
    inside: str | None = None
    for line in page[first:]:
        words = line.words
        mark = _opening(end, words) or _opening(glossary, words)
        if mark is not None:
            inside = "glossary" if mark.re is glossary else "site"
            parts.append((line.start + (0 if mark.start() <= 1 else mark.start()), line.end, inside))
        elif inside is not None and not _resumes(line, inside):
            parts.append((line.start, line.end, inside))
        elif spam.search(words) and len(words) < 200:
            parts.append((line.start, line.end, "spam"))
        elif number.fullmatch(words):
            parts.append((line.start, line.end, "page"))
        else:
            inside = None
    return parts


def _opening(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    """A match at the beginning of a line or of a sentence in it."""
    for match in pattern.finditer(words):
        if match.start() == 0 or words[match.start() - 1] in "。!\t (【":
            return match
    return None


def _resumes(line: Line, inside: str) -> bool:
    if _CHAPTER.match(line.words) or _ANNEX.match(line.words):
        return "名词" not in line.words
    return inside == "site" and len(line.words) > 40 and "。" in line.words and bool(_MEASURED.search(line.words))


def _merged(parts: list[tuple[int, int, str]], chars: str) -> list[tuple[int, int, str]]:
    """Neighbours of one kind as one piece."""
    merged: list[tuple[int, int, str]] = []
    for start, end, name in sorted(parts):
        if merged and merged[-1][2] == name and not chars[merged[-1][1] : start].strip(" \n\t•·"):
            merged[-1] = (merged[-1][0], end, name)
        else:
            merged.append((start, end, name))
    return merged


def _rest(page: list[Line], begin: int, parts: list[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """What is left for the body: the pieces between the furniture."""
    if begin >= len(page):
        return []
    body: list[tuple[int, int]] = []
    at, finish = page[begin].start, page[-1].end
    for start, end, _ in parts:
        if start > at:
            body.append((at, start))
        at = max(at, end)
    if at < finish:
        body.append((at, finish))
    return body


def fields(head: str) -> dict[str, str]:
    """The page's own card: each label with what stands behind it, on its line or on the next."""
    label = lexicon.pattern("furniture", "label").pattern
    found: dict[str, str] = {}
    places = list(re.finditer(rf"(?<![\w])({label})\s*(?=[:\s]|$)", head))
    limits = [*(place.start() for place in places[1:]), len(head)]
    for place, limit in zip(places, limits, strict=False):
        value = head[place.end() : limit].lstrip(" :\t")
        value = value.strip(" \n\t•").split("\n")[0].strip(" :\t•")
        if value and len(value) <= TITLE:
            found.setdefault(re.sub(r"\s", "", place[1]), value)
    return found
