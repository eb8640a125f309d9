"""What a sentence has told so far, and how one more figure with its name becomes a statement of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from loaders import indicator, lexicon, numeral, quantity, subject, unit
from loaders.figure import Figure
from loaders.sentence import Sentence

_TIMES = ("year", "month", "day", "hour", "minute", "year_of_age")
_MONTHLY = re.compile(r"(?:每人每月|月人均|每月)[^,;。]{0,6}$")
_COUNTS = re.compile(
    r"\d(?:\.\d+)?[万亿]?(?:元|套|个|家|人|户|亩|名|项|条)(?!以上|以下|以内|及以上|级|企业|项目|[一-龥]{0,3}村|产业|集群)"
)


class Told:
    """A sentence read from left to right, with what a later figure may lean on.

    ``subject`` is the name of the last figure and ``scope`` its narrowing; ``recent`` are the names so far, ``listed``
    those of a list just told, ``pair`` the two that 前者 and 后者 mean, ``earlier`` those of the sentences up to the full
    stop; ``whole`` is a total with its unit whose parts follow; ``grew`` says that the last was a rate of growth; ``act``
    is the verb of a list (新增5所学校、3家医院); ``unit`` and ``last`` are the label and the end of the last figure, and
    ``used`` is the end of the noun behind it; ``topic`` is the short sentence that opens the paragraph, and ``five``
    whether the paragraph speaks of five years.
    """

    def __init__(self, sentence: Sentence, topic: str = "", earlier: Sequence[str] = (), *, five: bool = False) -> None:
        self.sentence, self.chars, self.topic, self.earlier, self.five = sentence, sentence.chars, topic, earlier, five
        self.subject: str | None = None
        self.scope: str | None = None
        self.recent: list[str] = []
        self.listed: list[str] = []
        self.pair: list[str] = []
        self.whole: tuple[str, str] | None = None
        self.grew = self.monthly = self.elsewhere = False
        self.act = self.unit = ""
        self.used = self.last = 0

    def state(
        self,
        name: str,
        words: str,
        figure: Figure,
        start: int,
        rule: str,
        *,
        scope: str | None = None,
        end: int = 0,
        year: int | None = None,
        period: str | None = None,
        role: str | None = None,
    ) -> None:
        """Add the statement of one figure, unless there is a doubt. ``end`` is that of a group of figures."""
        name = re.sub(r"^[”’》)、,的]+|[“‘《((、,]+$", "", name).replace("仅占", "占")
        if rule != "multiple":
            words = self._multiplied(words, figure)
        name, code = self._placed(name, figure, start, rule)
        words, repairs = self._with_unit(name, words, figure)
        reason = "other_area" if self.elsewhere else self._doubt(name, words, figure, shared=end > 0)
        if reason is not None:
            self.sentence.leave(figure, reason)
            self.subject = name if self.elsewhere else self.subject
            return
        name, own_scope = subject.scoped(name)
        if indicator.catalogue().find(name) is None and (plain := re.sub(r"实现|完成", "", name)) != name:
            name = plain if indicator.catalogue().find(plain) is not None else name
        if rule == "inherited" and name == self.subject and figure.kind == "percent":
            scope = scope or self.scope  # the growth of 区属生产总值 is of 区属 too
        self.sentence.add(
            name=name, value=words, span=(start, max(end, figure.end)), core=figure.start, at=figure.number_start, rule=rule,
            scope=scope or own_scope, region=code, repairs=repairs, year=year, period=period, role=role,
        )  # fmt: skip
        self._keep(name, scope or own_scope, words, figure, rule)

    def grown(self, words: str, figure: Figure) -> str:
        """The words of a percentage that goes on with a rate of growth, without a verb of its own or with 降至."""
        if self.grew and figure.kind == "percent" and quantity.direction(words) is None:
            return "增长" + self.chars[figure.start : figure.end]
        return words

    def times(self, figure: Figure) -> str:
        """是2015年的1.8倍 is a growth of 80 percent on 2015."""
        before = self.chars[figure.start - 8 : figure.number_start]
        about = next((word for word in ("约", "近", "超") if word in before), "")
        return f"增长{about}{numeral.plain((figure.value - 1) * 100)}%"

    def after(self, figure: Figure) -> int:
        """How many characters at the end of a figure are its comparator."""
        words = [word for rule in lexicon.rules("comparators") if rule.name == figure.after for word in rule.words]
        return max((len(word) for word in words if self.chars.endswith(word, 0, figure.end)), default=0)

    def _keep(self, name: str, scope: str | None, words: str, figure: Figure, rule: str) -> None:
        self.subject, self.scope, self.last = name, scope, figure.end
        self.unit = figure.unit.label if figure.unit is not None else ""
        if self.chars.startswith(",其中", figure.end) and figure.unit is not None:
            self.whole = name, figure.unit.label
        if rule not in ("distributed", "listed"):
            self.listed = []
            self.recent = [*self.recent, name][-6:] if name not in self.recent else self.recent
        rate = figure.kind == "percent" and not words[0].isdigit()
        self.grew = rate and (quantity.direction(words) is not None or not re.search(r"[到至]\d", words))

    def _multiplied(self, words: str, figure: Figure) -> str:
        """增长1.4倍 is a growth of 140 percent."""
        moved = quantity.direction(words) if figure.unit is not None and figure.unit.label == "倍" else None
        if moved is None or moved[1] < 0:
            return words
        return f"增长{self.chars[figure.start : figure.number_start]}{numeral.plain(figure.value * 100)}%"

    def _placed(self, name: str, figure: Figure, start: int, rule: str) -> tuple[str, str | None]:
        """A name without the area in front of it, and that area's code; notes whether the figure is of elsewhere."""
        area = self.sentence.place.area
        if rule != "inherited":
            front = self.chars[self.sentence.bound(start) : start]
            listed = figure.is_counted and re.search(r"、全[国省市]$", front)  # 新增互认企业2家、全省“领跑者”企业6家
            self.elsewhere = area.is_elsewhere(front) and not listed
        bare, foreign = area.whole(name)
        if not (foreign and figure.is_counted):  # 全省“领跑者”企业6家 are the county's own
            name, self.elsewhere = bare, self.elsewhere or foreign
        bare, code = area.place(name)
        known = indicator.catalogue().find(bare) is not None
        if code is None or not known or figure.unit is None or figure.is_counted:
            return name, None
        self.elsewhere = self.elsewhere or not area.holds(code)
        return bare, code

    def _with_unit(self, name: str, words: str, figure: Figure) -> tuple[str, tuple[str, ...]]:
        """Value words with the unit that the clause leaves to the reader: 678.1亿, 1050/月, 每月提高60元."""
        cut = len(words) - self.after(figure)
        front = self.chars[max(figure.start - 12, 0) : figure.start]

        def with_(label: str) -> str:
            return f"{words[:cut]}{label}{words[cut:]}"

        if figure.unit is None and figure.power is not None and name.endswith(subject.words("money")):
            return with_("元"), ()
        if figure.kind == "CNY" and re.search(r"月(?:保障)?标准|月(?:人均)?养老金", name):
            return with_("/月"), ()
        per = re.search(r"每(公顷|亩|平方米|吨|人|户)$", front)
        if per and figure.unit is not None and unit.parse(f"{figure.unit.label}/{per[1]}") is not None:
            return with_(f"/{per[1]}"), ()
        lost = re.match(r"/(?:月|年|人|亩|户)", self.chars[figure.end :])
        if figure.unit is None and figure.power is None and lost:
            return f"{words}元{lost[0]}", ("unit_restored",)
        if figure.kind == "CNY" and re.search(r"每人每年$|每年$", front):
            return with_("/年"), ()
        monthly = _MONTHLY.search(front) is not None
        follows = self.monthly and re.search(r"(?:到|至|为)$", front)
        self.monthly = monthly
        return (with_("/月") if figure.kind == "CNY" and (monthly or follows) else words), ()

    def _doubt(self, name: str, words: str, figure: Figure, *, shared: bool) -> str | None:
        """Why a figure with this name is not to be trusted, or None."""
        if subject.of_others(name):
            return "other_area"
        if not 1 < len(name) <= subject.LONGEST:
            return "no_subject" if len(name) < 2 else "name_too_long"
        known = indicator.catalogue().find(name) is not None
        if (re.search(r"\d$", name) and not known) or _COUNTS.search(re.sub("“[^”]*”", "", name)):
            return "no_subject"  # a name that holds another figure is half a sentence
        bare = figure.unit is None and figure.power is None and not re.search(r"增|元", words)
        if bare and not known and not name.endswith(subject.words("unitless")):
            return "no_unit"
        if figure.kind in _TIMES and not known and not name.endswith(subject.words("timely")):
            return "duration"
        digits = self.chars[figure.end : figure.end + 1] + self.chars[figure.number_start - 1 : figure.number_start]
        clause = self.sentence.bound(figure.start)
        loose = figure.kind in ("", "percent") and re.search(r"\d", digits) and not shared
        long = self.chars[figure.number_start : figure.number_start + 4].isdigit()
        joined = long and any(self.sentence.bound(at) == clause for at in self.sentence.joined)
        return "run_together" if loose or joined else None


class One(msgspec.Struct, kw_only=True):
    """A figure by itself: the words in front of it, and what they come to."""

    figure: Figure
    lead: str
    former: re.Match[str] | None  # 由年初的 in front of it
    name: str
    verb: str
    words: str
    start: int  # of the name
    bound: int  # of the lead
    pointing: bool  # the name as printed says nothing
    tail: str  # of the lead, behind the name
    listed: bool  # behind 、
