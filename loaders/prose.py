"""Running text becomes statements: sentences, clauses, their figures, and the subjects these belong to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from loaders import indicator, lexicon, quantity, subject
from loaders.quantity import Figure
from loaders.section import Context
from loaders.statement import Statement, Unread
from loaders.text import Text, joined

QUOTE = 60  # characters of a quote, without white space
_SENTENCE = re.compile(r"[。!?;\n]|(?<=[^\d\s])[ \t]+(?=[^\d\s])")
_COMMA = re.compile(r"[,:;。!?](?!\d{3}(?!\d))|(?<!\d),|--|——")
_BRACKET = re.compile(r"[((][^()()]*\d[^()()]*[))]")
_JOINT = re.compile(r"[、,和及与]?(?:同比|分别|比上年|较上年|较去年)*")
_COUNTED = ("item", "person", "household", "person_time", "copy", "head")
_GENERIC = (
    "企业",
    "项目",
    "工程",
    "乡镇",
    "村",
    "社区",
    "学校",
    "机构",
    "商家",
    "成果",
    "改革",
    "街道",
    "单位",
    "个人",
    "指标",
    "工作",
)
_EMPTY_ACTS = ("有", "共", "共有", "实现", "完成", "累计完成", "做好", "抓好", "办好", "打好", "做到")
_PARTIAL = (
    "总投资", "面积", "总面积", "年度计划投资", "计划投资", "计划总投资", "参与人数", "金额", "总金额", "榜额", "资金", "完成率", "占比",
    "比例", "占比重", "比重", "总投资额", "协议投资", "投资额", "完成投资", "投资完成率", "覆盖率", "产值", "销售额",
    "投资", "债券需求", "资金需求", "补助金额", "参保率", "办结率", "执行率", "达标率", "合格率", "满意率", "满意度", "利用率", "使用率",
)  # fmt: skip
_MONEY = re.compile(
    r"(?:投资|额|资金|收入|产值|贷款|消费|税收|融资|债券|补助|补贴|支出|成本|营收|基金|增加值|总值|存款|经费|销售|减负|余额)$"
)
_NOUN_STOP = re.compile(
    r"[,、;:。()《》]|盘活|签约|腾空|收购|拆除|竣工|交付|入驻|落户|达标|争取|建设进度|均|全面|初步|赴|参加|参与|完成|实现|列入|入选|入围|获|通过|开工|动工|投产|建成|启动|落地|居|被|向|与|开展|纳入|结对|加快|进入"
    r"|进行|达|全部|投资完成率|离目标|还存|存在|作为|的跟踪|的目标|的建设|的技术|力度|分别|正式|顺利|成功|率先|累计|同比|增长|上线|以上|发放|签约|占|为|在|按|于|得到|掌上"
)
_GRADED = re.compile(r"(?:级|的)?(?:[一-龥]{0,4}企业|[一-龥]{0,6}项目(?!投资|完成|资金)|行政村|集体经济|村(?!级|集体))")
_UNITLESS = ("得分", "指数", "倍差", "之比", "收入比", "系数", "比值", "比例", "指标数")
_TIMES = ("year", "month", "day", "hour", "minute", "year_of_age")
_TIMELY = ("寿命", "年限", "时间", "天数", "年龄", "时长", "期限", "周期")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a piece of running text stands and what holds for all of it."""

    context: Context
    row: str | None = None
    responsible: tuple[str, ...] = ()


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a text: statements, unread figures, and [start, end) with the rule of each not-a-value."""

    statements: list[Statement]
    unread: list[Unread]
    not_values: list[tuple[int, int, str]]


def read(text: Text, place: Place, report_year: int, own_area: frozenset[str]) -> Read:
    """All that running text states. ``own_area`` holds the words by which the text names its own area (全市)."""
    result = Read(statements=[], unread=[], not_values=[])
    for sentence in _sentences(text):
        _Sentence(sentence, place, report_year, own_area, result).read()
    return result


def _sentences(text: Text) -> Iterator[Text]:
    at = 0
    for match in _SENTENCE.finditer(text.chars):
        piece = text[at : match.start()]
        at = match.end()
        if len(piece):
            yield _squeezed(piece)
    if at < len(text):
        yield _squeezed(text[at:])


def _squeezed(text: Text) -> Text:
    if not re.search(r"\s", text.chars):
        return text
    return joined(text[match.start() : match.end()] for match in re.finditer(r"\S+", text.chars))


@cache
def _not_values() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((rule.name, re.compile(rule.source)) for rule in lexicon.rules("not_values"))


class _Sentence:
    """One sentence on its way: figures from left to right, with the subject that the next one may inherit."""

    def __init__(self, text: Text, place: Place, report_year: int, own_area: frozenset[str], result: Read) -> None:
        self.text, self.chars, self.place, self.result = text, text.chars, place, result
        self.report_year, self.own_area = report_year, own_area
        self.subject: str | None = None
        self.scope: str | None = None
        self.listed: list[int] = []
        self.used = 0  # end of the noun behind the last figure: 5所学校、
        self.act = ""  # the verb of a list: 新增5所学校、3家医院
        self.role, self.year = place.context.role, place.context.year

    def read(self) -> None:
        chars = self.chars
        if not re.search(r"\d|分之|成|番|同步|高于|快于|下达|持平|第[一二三四五六七八九十]|首位|提升|提高|下降|降低|连[降增]|全覆盖", chars):
            return
        masked = self._mask()
        self.bounds = sorted({0, *self.listed, *(match.end() for match in _COMMA.finditer(chars)), *self._brackets()})
        self._dated()
        found = [
            figure
            for figure in quantity.figures(chars)
            if not masked[figure.number_start : figure.end].count("\0") and self._counts(figure, chars)
        ]
        found = [figure for figure in found if not self._threshold(figure, found)]
        self.joined = [
            figure.start
            for figure in found
            if figure.unit is not None
            and figure.unit.id == "percent"
            and figure.value >= 2000  # 30 and 100%, run together
        ]
        done = 0
        while done < len(found):
            group = self._group(found, done)
            if len(group) > 1 or self._distributes(group[0]):
                self._distribute(group, found[done - 1].end if done else 0)
            else:
                self._single(
                    group[0], found[done - 1].end if done else 0, found[done + 1] if done + 1 < len(found) else None
                )
            done += len(group)
        self._stances(found)
        self._ranks(found)

    # -- what is no value

    def _mask(self) -> str:
        masked = list(self.chars)
        for name, pattern in _not_values():
            for match in pattern.finditer(self.chars):
                if match.end() > match.start():
                    self._skip(match.start(), match.end(), name)
                    if name == "list_number":
                        self.listed.append(match.end())
                    masked[match.start() : match.end()] = "\0" * (match.end() - match.start())
        return "".join(masked)

    def _skip(self, start: int, end: int, name: str) -> None:
        self.result.not_values.append((self.text.starts[start], self.text.ends[end - 1], name))

    def _counts(self, figure: Figure, chars: str) -> bool:
        """Whether a number counts something; numbers in Chinese characters do so only where that is certain."""
        before = chars[figure.number_start - 1 : figure.number_start]
        if figure.words:
            digits = chars[figure.number_start : figure.end]
            certain = figure.unit is not None and figure.unit.id == "percent"
            return (
                certain or (digits.startswith("两") and digits[-1] in "个家项所名座条处场")
            ) and before not in tuple("第这那每首")
        if re.match(r"[A-Za-z]", before) or before == "第":
            self._skip(figure.number_start, figure.end, "word_with_digits")
            return False
        return True

    def _threshold(self, figure: Figure, found: Sequence[Figure]) -> bool:
        """A bound inside a name: 10亿元以上 in front of 制造业项目."""
        if figure.unit is not None and figure.unit.id in ("CNY", "USD") and _GRADED.match(self.chars, figure.end):
            self._skip(figure.number_start, figure.end, "threshold")
            return True
        if self.chars.startswith("且", figure.end):
            self._skip(figure.number_start, figure.end, "threshold")
            return True
        if figure.after not in ("at_least", "at_most", "about_after"):
            return False
        if figure.unit is not None and figure.unit.id == "item":
            return False
        behind = self.chars[figure.end : figure.end + 2]
        if not behind or behind[0] in ",、;:。)和及或与”并且确力同其以为" or not re.match(r"[一-龥“A-Za-z(]", behind):
            later = [other for other in found if other.start >= figure.end]
            if not (later and later[0].start == figure.end and self.chars[figure.end : figure.end + 1].isdigit()):
                return False
        if behind.startswith("的"):
            return False
        self._skip(figure.number_start, figure.end, "threshold")
        return True

    def _brackets(self) -> Iterator[int]:
        for match in _BRACKET.finditer(self.chars):
            yield match.start() + 1
            yield match.end()

    # -- time

    def _dated(self) -> None:
        named = re.match(r"(?:到|至|截至|截止)?((?:19|20)\d\d)年(?!行动|计划|度重点|工作|实施)", self.chars)
        if named is None:
            return
        year = int(named[1])
        if year <= self.report_year and self.role == "target":
            self.role, self.year = "actual", year
        elif year <= self.report_year or self.role == "target":
            self.year = year

    def _period(self, start: int, end: int) -> tuple[str, int]:
        clause = self.chars[self._bound(start) : end]
        if len(re.findall(r"季度|上半年|下半年", clause)) > 1:
            clause = self.chars[start:end]
        named = re.search(r"上半年|下半年|前三季度|([一二三四1-4])季度|1[-—~至](\d{1,2})月", clause)
        year = self.year
        if named is None:
            return str(year), year
        if named[0] == "上半年":
            return f"{year}-S1", year
        if named[0] == "下半年":
            return f"{year}-S2", year
        if named[0] == "前三季度":
            return f"{year}-01/{year}-09", year
        if named[1]:
            return f"{year}-Q{quantity.numeral.chinese(named[1]) or named[1]}", year
        months = int(named[2])
        if months == 6:
            return f"{year}-S1", year
        return (str(year) if months == 12 else f"{year}-01/{year}-{months:02}"), year

    # -- subjects

    def _bound(self, at: int) -> int:
        return max(bound for bound in self.bounds if bound <= at)

    def _group(self, found: Sequence[Figure], first: int) -> list[Figure]:
        """Figures that one list of names shares: 增长5.8%、7%, 69.6%55.0%43.8%."""
        group = [found[first]]
        for figure in found[first + 1 :]:
            between = self.chars[group[-1].end : figure.start]
            verb = subject.of_lead(between.lstrip("、,和及"))
            if (_JOINT.fullmatch(between) or (verb.verb and not verb.name)) and self._alike(group[0], figure):
                group.append(figure)
            else:
                break
        if (
            len(group) > 1
            and "," in {self.chars[one.end : one.end + 1] for one in group[:-1]}
            and not self._distributes(group[0])
        ):
            return group[:1]
        return group

    @staticmethod
    def _alike(one: Figure, other: Figure) -> bool:
        first, second = one.unit.id if one.unit else None, other.unit.id if other.unit else None
        return first == second or (first is None and one.power is None)

    def _distributes(self, figure: Figure) -> bool:
        lead = self.chars[self._bound(figure.start) : figure.start]
        return bool(re.search(r"分别|各$|均(?:达到|达|为|超过|超|在|增长|下降|保持)?$", lead))

    def _distribute(self, group: list[Figure], before: int) -> None:
        bound = max(self._bound(group[0].start), before)
        lead = self.chars[bound : group[0].start]
        names_text = re.split(r"分别|各$|均(?=[^值衡]{0,4}$)", lead)[0]
        offset = bound
        each = len(group) == 1
        parsed = subject.of_lead(names_text)
        if not parsed.name and bound:
            offset = self._bound(bound - 1)
            names_text = self.chars[offset : bound - 1]
            parsed = subject.of_lead(names_text)
        names = subject.split(parsed.name, None if each else len(group))
        if names is None and bound and "、" not in parsed.name:
            offset = self._bound(bound - 1)
            parsed = subject.of_lead(self.chars[offset : bound - 1] + "、" + parsed.name)
            names = subject.split(parsed.name, len(group))
        if names is None or (each and len(names) < 2):
            if each:
                self._single(group[0], before, None)
            elif "分别" not in lead and {self.chars[one.end : one.end + 1] for one in group[:-1]} & {"、", ","}:
                self._single(group[0], before, group[1])
                for one in group[1:]:
                    self._unread(one, "list_does_not_fit")
            else:
                for one in group:
                    self._unread(one, "list_does_not_fit")
            return
        whole = subject.of_lead(lead)
        verb = whole.verb or parsed.verb
        what = subject.of_lead(re.split(r"分别", lead)[-1]).name if "分别" in lead else ""
        what = re.sub(r"^(?:完成|实现|达到|新增|较去年|较上年)+", "", what)
        after = self.chars[group[-1].end - _after(group[-1], self.chars) : group[-1].end]
        figures = group * len(names) if each else group
        for index, (name, figure) in enumerate(zip(names, figures, strict=True)):
            own = subject.of_lead(self.chars[group[index - 1].end : figure.start]).verb if index and not each else ""
            words = (own or verb) + self.chars[figure.start : figure.end]
            if figure.after is None and not each and "分别" in lead:
                words += after
            rule = "distributed" if "分别" in lead else "listed"
            if len(what) > 2 and indicator.catalogue().find(what) is not None:
                self._state(what, words, figure, offset + parsed.start, rule, end=group[-1].end, scope=name)
            else:
                self._state(name, words, figure, offset + parsed.start, rule, end=group[-1].end)
        self.subject = names[-1]

    def _single(self, figure: Figure, before: int, following: Figure | None) -> None:
        bound = max(self._bound(figure.start), before, self.used)
        lead = self.chars[bound : figure.start].lstrip("、和及与以")
        bound = figure.start - len(lead)
        parsed = subject.of_lead(lead)
        words = parsed.verb + self.chars[figure.start : figure.end]
        name, rule, start = parsed.name, "subject_before", bound + parsed.start
        scope: str | None = None
        if name == "投资" and "计划" in lead:
            name = "年度计划投资"
        if parsed.verb and "、" in name:
            parts = subject.split(name, None) or []
            if len(parts) > 1 and all(part.endswith(subject.words("heads")) for part in parts):
                for part in parts:
                    self._state(part, words, figure, start, "listed")
                return
        counted = figure.unit is not None and figure.unit.id in _COUNTED
        noun = self._noun(figure.end) if counted and not parsed.verb else ""
        if noun:
            act = next((word for word in subject.words("acts") if name.startswith(word)), "")
            if re.fullmatch(r"(?:国家|省|市|区|县|乡镇)级", noun) and self.subject:
                name, rule, scope = self.subject, "inherited", noun
            else:
                self.act = act or (self.act if not name else "")
                self.used = figure.end + len(noun)
                if noun in ("工作", "措施", "举措", "任务", "重点工作", "重点任务") and name in ("做好", "抓好", "落实", "办好", "打好"):
                    self._skip(figure.number_start, figure.end, "slogan")
                    return
                name, rule = (self.act if self.act not in _EMPTY_ACTS else "") + noun, "counted_noun"
                if noun in _GENERIC:
                    name = self._predicate(figure.end + len(noun)) + name
        elif name in subject.words("acts"):
            if self.subject and name in _EMPTY_ACTS:
                name, rule = self.subject, "inherited"
            elif figure.unit is not None and figure.unit.id in ("person", "household") and len(name) > 1:
                name, rule = name + ("人数" if figure.unit.id == "person" else "户数"), "bare_act"
            elif self.subject:
                name, rule = f"{self.subject}{name}", "inherited"
            else:
                self._unread(figure, "no_subject")
                return
        elif name.startswith("占") and self.subject and len(name) < 14:
            name, rule = self.subject + name, "inherited"
        elif subject.is_pointing(name) or re.fullmatch(r"[一二三四]季度|上半年|下半年|(?:\d{1,2}月底前)?全部?", name):
            if self.subject is None:
                self._unread(figure, "no_subject")
                return
            name, rule = self.subject + (name if name in _PARTIAL else ""), "inherited"
        elif name in _PARTIAL and self.subject:
            base = self.subject
            bare = next(
                (
                    base[len(act) :]
                    for act in subject.words("acts")
                    if base.startswith(act) and len(base) > len(act) + 1
                ),
                base,
            )
            self._state((bare if name.endswith("率") else base) + name, words, figure, start, "inherited")
            self.subject = base
            return
        elif name in _PARTIAL and not name.endswith(("面积", "产值", "率")) and len(name) < 5:
            self._unread(figure, "no_subject")
            return
        elif re.fullmatch(r"\d.*(?:以上|以下|以内)", name) and self.subject:
            name, rule, scope = self.subject, "inherited", name
        elif name.endswith("等") and not noun:
            self._unread(figure, "no_subject")
            return
        if rule == "subject_before" and counted:
            act = next((word for word in subject.words("acts") if name.startswith(word) and len(name) > len(word)), "")
            if not act and self.act not in _EMPTY_ACTS and self.chars[bound - 1 : bound] == "、":
                name = self.act + name
            else:
                self.act = act
        self._state(name, words, figure, start, rule, scope=scope)

    def _noun(self, at: int) -> str:
        """What is counted where the number stands first: 17名专业技术人才; 2家入选市级科技孵化器."""
        rest = self.chars[at : at + 30]
        chosen = re.match(r"(?:入选|列入|入围|获评|获批|通过|纳入)", rest)
        at = chosen.end() if chosen else 0
        if not re.match(r"[一-龥“A-Z]", rest[at:]):
            return ""
        graded = re.match(r"\d*[百千]?[万亿]元以上", rest[at:])
        masked = re.sub(r"\([^()\d]{1,8}\)", lambda found: "〇" * len(found[0]), rest)
        stop = _NOUN_STOP.search(masked, at + (graded.end() if graded else 0))
        noun = rest[: stop.start()] if stop else rest
        noun = re.sub(r"“[^”]*$", "", noun)
        return noun if at + 1 < len(noun) <= 24 and not noun.startswith(("以", "左右", "和", "及")) else ""

    def _predicate(self, at: int) -> str:
        """What a plain noun is counted for: 3家企业获评省首批服务业领军企业."""
        said = re.match(
            r"(?:被)?((?:获评|入选|入围|列入|获得|获|通过|参与|建有|纳入)[^,;。、:()]{2,20})", self.chars[at:]
        )
        return said[1] if said else ""

    # -- statements

    def _state(
        self, name: str, words: str, figure: Figure, start: int, rule: str, *, scope: str | None = None, end: int = 0
    ) -> None:
        name = re.sub(r"^[”’》)、,的]+|[“‘《((、,]+$", "", name)
        if figure.unit is None and figure.power is not None and _MONEY.search(name):
            words = (
                words[: len(words) - _after(figure, self.chars)]
                + "元"
                + words[len(words) - _after(figure, self.chars) :]
            )
        lost = re.match(r"/(?:月|年|人|亩|户)", self.chars[figure.end :])
        mended: tuple[str, ...] = ()
        if figure.unit is None and figure.power is None and lost and _MONEY.search(name + "补贴"):
            words, mended = f"{words}元{lost[0]}", ("unit_restored",)
        elif figure.unit is not None and figure.unit.id == "CNY" and re.search(r"每月[^,;。]{0,6}$", self.chars[: figure.start]):
            cut = len(words) - _after(figure, self.chars)
            words = f"{words[:cut]}/月{words[cut:]}"
        reason = self._doubt(name, words, figure, shared=end > 0)
        if reason is not None:
            self._unread(figure, reason)
            return
        name, own_scope = subject.scoped(name)
        self.subject = name
        self._add(
            name, words, start, figure.start, max(end, figure.end), rule, scope or own_scope, figure.number_start, mended
        )

    def _doubt(self, name: str, words: str, figure: Figure, *, shared: bool) -> str | None:
        """Why a figure with this name is not to be trusted, or None."""
        if subject.of_others(name):
            return "other_area"
        if not 1 < len(name) <= subject.LONGEST:
            return "no_subject" if len(name) < 2 else "name_too_long"
        if "\n" in name or re.search(r"\d$", name):
            return "no_subject"
        known = indicator.catalogue().find(name)
        if (
            figure.unit is None
            and figure.power is None
            and "增" not in words
            and not name.endswith(_UNITLESS)
            and known is None
        ):
            return "no_unit"
        if figure.unit is not None and figure.unit.id in _TIMES and not name.endswith(_TIMELY) and known is None:
            return "duration"
        beside = (
            self.chars[figure.end : figure.end + 1].isdigit()
            or self.chars[figure.number_start - 1 : figure.number_start].isdigit()
        )
        if (beside and not shared) or any(self._bound(figure.start) == self._bound(at) for at in self.joined):
            return "run_together"
        return None

    def _add(
        self,
        name: str,
        words: str,
        start: int,
        shortest: int,
        end: int,
        rule: str,
        scope: str | None,
        at: int,
        mended: tuple[str, ...] = (),
    ) -> None:
        if end - start > QUOTE:
            start = max(shortest - 8, start) if end - shortest <= QUOTE - 8 else shortest
        if end - start > QUOTE:
            end = start + QUOTE
        piece = self.text[start:end]
        period, year = self._period(start, end)
        clause = self.chars[self._bound(start) : end]
        role = self.role
        if role == "actual" and re.search(r"力争|年度计划|计划投资|拟", clause):
            role = "target"
        elif role == "target" and re.search(r"去年|上年(?!度)|截至目前|目前已|已建成|现有", clause):
            role = "actual"
            year = self.report_year if re.search(r"去年|上年", clause) else year
            period = str(year)
        base = re.search(r"(?:较|比)((?:19|20)\d\d年|前三年平均数?|前[一二三两]年)", clause)
        self.result.statements.append(
            Statement(
                name=name,
                value=words,
                role=role,
                status=None if role == "target" else "estimated" if re.search(r"预计|初步核算", clause) else "final",
                year=year,
                period=period,
                base_period=base[1] if base else None,
                scope=scope,
                start=piece.start,
                end=piece.end,
                at=self.text.starts[at],
                quote="",
                rule=rule,
                repairs=mended,
                section=self.place.context.heading,
                row=self.place.row,
                responsible=self.place.responsible,
            )
        )

    def _unread(self, figure: Figure, reason: str) -> None:
        start, end = self.text.starts[figure.start], self.text.ends[figure.end - 1]
        if reason in ("other_area", "duration"):
            self.result.not_values.append((start, end, reason))
        else:
            self.result.unread.append(Unread(start=start, end=end, quote="", reason=reason))

    # -- what has no figure

    def _stances(self, found: Sequence[Figure]) -> None:
        for index, bound in enumerate(self.bounds):
            end = self.bounds[index + 1] - 1 if index + 1 < len(self.bounds) else len(self.chars)
            clause = self.chars[bound:end].rstrip(",:")
            if any(bound <= figure.start < end for figure in found) or len(clause) < 4:
                continue
            for rule in lexicon.rules("stances"):
                if rule.result not in ("in_line_with_growth", "above_growth", "as_assigned", "flat"):
                    continue
                match = re.search(rule.pattern, clause)
                if match is None:
                    continue
                self._stance(clause, bound, match, str(rule.result))
                break
            else:
                self._moves(clause, bound)

    def _moves(self, clause: str, bound: int) -> None:
        """提升协议项目转化率, 诉讼量逐年下降: a direction without a figure, of a thing that is measured."""
        covered = _COVERED.search(clause)
        if covered is not None:
            name = subject.of_lead(covered["name"]).name
            uncounted = subject.of_others(name) or name.endswith(("工作", "实事", "服务", "事项", "共同体"))
            if 3 < len(name) <= subject.LONGEST and not uncounted:
                at = covered.start("name") + covered["name"].index(name)
                end = bound + covered.end()
                self._add(name, "全覆盖", bound + at, bound + at, end, "coverage", None, bound + covered.start("way"))
            return
        run = _RUN.search(clause)
        match = run or _MOVED_AFTER.search(clause) or _MOVED_BEFORE.search(clause)
        if match is None:
            return
        names = subject.split(subject.of_lead(match["name"]).name, None) or []
        parts = [
            part for name in names for part in (re.split("和", name) if subject.of_lead(name).name == name else [name])
        ]
        if run and len(parts) > 1 and len(parts[1]) < 4:  # 面积和强度: the first name lends its front
            parts = [parts[0], *(parts[0][: -len(part)] + part for part in parts[1:])]
        if not run and not all(part.endswith(_MEASURED) for part in parts if part):
            return
        at = match.start("name")
        for part in parts:
            if 2 < len(part) <= 20 and not subject.of_others(part) and not part.endswith(("效率", "频率", "速率")):
                own, scope = subject.scoped(part)
                end = bound + match.end()
                way = re.sub("[“”三四五六七八九连双]", "", match["way"])
                way = {"降": "下降", "增": "增加", "升": "上升"}.get(way, way)
                self._add(own, way, bound + at, bound + at, end, "direction", scope, bound + match.start("way"))

    def _stance(self, clause: str, bound: int, match: re.Match[str], result: str) -> None:
        parsed = subject.of_lead(clause[: match.start()])
        names = [
            re.sub(r"(?:增速|增长|增幅|均能?|全面|能|都)+$", "", part)
            for part in subject.split(parsed.name, None) or []
        ]
        if subject.is_pointing(parsed.name) and self.subject:
            names = [self.subject]
        if "和" in parsed.name and "、" not in parsed.name:
            names = [part for part in re.split("和", parsed.name) if part]
            names = [re.sub(r"(?:增速|增长|增幅|均能?|全面|能|都)+$", "", part) for part in names]
        known = indicator.catalogue().find
        for name in names:
            if known(name) is None and not (
                result == "as_assigned" and name.endswith(("指标", "能耗", "减排", "排放", "降低"))
            ):
                continue
            own, scope = subject.scoped(name)
            words = clause[max(match.start() - 2, 0) :] if result == "flat" else clause[match.start() :]
            self._add(
                own,
                words,
                bound + parsed.start,
                bound + match.start(),
                bound + len(clause),
                "stance",
                scope,
                bound + match.start(),
            )

    def _ranks(self, found: Sequence[Figure]) -> None:
        for match in _RANKED.finditer(self.chars):
            bound = self._bound(match.start())
            inside = [figure for figure in found if bound <= figure.start < match.start()]
            lead = self.chars[inside[-1].end if inside else bound : match.start()].lstrip("、,")
            name = subject.of_lead(lead).name
            if subject.is_pointing(name) or name in ("", "均"):
                here = self.text.starts[match.start()]
                prior = [one for one in self.result.statements if self.text.start <= one.at < here]
                if not prior:
                    continue
                base = max(prior, key=lambda one: one.at).name
                name = base + "增速" if name in ("增速", "增幅") and not base.endswith("增速") else base
            elif indicator.catalogue().find(name) is None and not (
                (match["area"] or match["wide"]) and name.endswith(_RANKABLE)
            ):
                continue
            start = max(bound, match.start() - 12)
            self._add(
                name,
                match["place"],
                start,
                match.start(),
                match.end(),
                "rank",
                match["area"] or match["wide"],
                match.start("place"),
            )


_COVERED = re.compile(r"(?P<name>[^,;。:]{4,40}?)(?:基本)?(?:实现|达到)?(?P<way>全覆盖)$")
_RUN = re.compile(r"(?P<name>[^,;。:]{3,24}?)(?:实现|连续|保持|[两三四五六七八九十]年)*(?P<way>“?(?:双|[三四五六七八九]?连)(?:下降|降|增|升|提升)”?)$")
_MEASURED = ("率", "比例", "比重", "占比", "指数", "诉讼量", "警情数", "总量", "起数", "发案数", "死亡人数")
_MOVED_AFTER = re.compile(
    r"(?P<name>[^,;。:]{2,30}?)(?:实现|保持|同比)*(?P<way>(?:稳步|逐步|逐年|持续|不断|双|稳中有|进一步|明显|显著)*(?:提升|提高|上升|下降|降低))$"
)
_MOVED_BEFORE = re.compile(
    r"(?:^|[,、]|努力|进一步|稳步|持续|不断|全面|着力|有效)(?P<way>提高|提升|增加|降低)(?P<name>[^,;。:]{3,24})$"
)
_RANKABLE = (
    "率",
    "评选",
    "指数",
    "速度",
    "质量",
    "能力",
    "数",
    "度",
    "评价",
    "调查",
    "幅度",
    "量",
    "额",
    "增速",
    "降幅",
    "税收",
    "考核",
    "得分",
    "水平",
    "绩效",
)
_RANKED = re.compile(
    r"(?:(?:位居|位列|居|列|排名|排|名列|跃居|跃至|保持|稳居|继续保持|跻身|获)(?P<wide>[一-龥]{2,4}(?:\d+县)?)?|)(?P<area>全国|全省|全市|全县|山区\d+县|历史)?"
    r"(?P<place>第[\d一二三四五六七八九十]{1,3}|首位|榜首)(?:位|名)?(?=[,、;。)(]|$)"
)


def _after(figure: Figure, chars: str) -> int:
    """How many characters at the end of a figure are its comparator."""
    if figure.after is None:
        return 0
    for rule in lexicon.rules("comparators"):
        if rule.name == figure.after:
            for word in sorted(rule.words, key=len, reverse=True):
                if chars[: figure.end].endswith(word):
                    return len(word)
    return 0
