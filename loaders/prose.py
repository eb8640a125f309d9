"""Running text becomes statements: each figure of a sentence finds the subject that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loaders import around, indicator, lexicon, numeral, quantity, subject, unit, wordless
from loaders.figure import Figure
from loaders.sentence import Place, Read, Sentence, sentences
from loaders.text import Text

_TOPIC = re.compile(r"[“一-龥][^,;:、\d]{3,15}")
_ORDERED = {"前者": -2, "后者": -1}
_TELLING = re.compile(
    r"\d|两位数|一半|半数|[十百千万亿](?:余|多)?(?:元|亩|人|户|吨|斤|公里|套|平方米|家|件|公顷|头|千瓦)|分之|成|番|缩小|收窄|扩大|上升|回落|任务|稳定|同步|高于|快于|下达|持平|第[一二三四五六七八九十]|首位|提升|提高|下降|降低|连[降增]|全覆盖|适度|平稳|稳定增长|空气质量|水质"
)
_JOINT = re.compile(r"[、,和及与]?(?:同比|分别|比上年|较上年|较去年|每人每月|每人每年|每月|每年)*")
_EACH = re.compile(
    r"分别|依次|双双|各占?(?:为|达)?$|(?:(?<![年平人亩户月日])|(?<=\d\d\d\d年))均(?:达到|达|为|超过|超|在|增长|下降|保持)?$"
)
_SHARED = re.compile(r"分别|依次|双双|各占?(?:为|达)?$|(?:(?<![年平人亩户月日])|(?<=\d\d\d\d年))均(?=[^值衡]{0,4}$)")
_MONEY = re.compile(
    r"(?:投资|额|资金|收入|产值|贷款|消费|税收|融资|债券|补助|补贴|支出|成本|营收|基金|增加值|总值|存款|经费|销售|减负|余额)$"
)
_COUNTED = ("item", "person", "household", "person_time", "copy", "head")
_TIMES = ("year", "month", "day", "hour", "minute", "year_of_age")
_SHARES = re.compile(
    r"三次?产业?(?:增加值)?(?:结构|比例|比重|占比|比)"
    r"(?:[^,;。\d]{0,12}(?:(?:19|20)\d\d年)?[^,;。\d]{0,8}\d[\d.]*:\d[\d.]*:\d[\d.]*)+"
)
_TRIPLE = re.compile(r"(\d[\d.]*):(\d[\d.]*):(\d[\d.]*)")
_FROM = re.compile(
    r"(?:由|从)((?:19|20)\d\d年|上年|去年|年初|上年末|期初|\d{1,2}月份?)?(?:末|底|初)?(?P<wish>预期|确定|计划|定)?的?(?:每人每月|月人均|每月|人均)?(?P<verb>增长|下降|负增长|上涨)?$"
)
_AVERAGED = re.compile(
    r"(?<!\d\d\d\d)年均|(?<![前近])[两二三四五]年平均(?!数|水平)|(?<![前近两二三四五])年平均(?!数|水平)"
)
_MONTHLY = re.compile(r"(?:每人每月|月人均|每月)[^,;。]{0,6}$")
_GRADED = re.compile(r"(\d.*(?:以上|以下|以内|[万亿]元))(?:的)?(项目|企业|基金|村)?")
_COUNTS = re.compile(
    r"\d(?:\.\d+)?[万亿]?(?:元|套|个|家|人|户|亩|名|项|条)(?!以上|以下|以内|及以上|级|企业|项目|[一-龥]{0,3}村|产业|集群)"
)
_LINK = re.compile(r"^(?:、|以及|(?:和|及|与)(?!美|谐|平|其))+")
_SHARE_OF = re.compile(
    r"(?P<part>[^占]{2,12}?)(?:在其中)?(?:所占(?:比重|比例)?|占(?:比重|比例)?)|用于(?P<use>[^占的]{2,8})的?(?:支出)?占?"
)
_PEOPLE = re.compile(
    r"(?:现行标准下|农村|城镇|城乡|农业|贫困|建档立卡|困难|移民|饮水不安全)*(?:人口|群众|居民|农民|学生|职工)|(?:[一-龥]{2,3})?(?:各族)?人民"
)
_GETS = ("再获", "获", "获得", "争取到", "获批", "下达", "拨付", "到位", "发行", "投放", "落实", "整合", "统筹")
_GIVEN = re.compile(
    r"(?:规模)?的?(?P<what>[一-龥]{0,14}(?:资金|基金|债券|贷款|补助|补贴|专项债|授信))(?=[,;。、]|$|支持|用于)"
)
_KIND = re.compile(r"([一-龥]{2,8}[类型])(?:项目)?(?:共?筹集|建成|完成|开工)?")
_GIVES = re.compile(r"(?:累计|共)?(?:发放|兑现|减免|拨付|提供|落实|争取)")
_TO = re.compile(r"(?:累计|共|已|先后)*(?:为|向|给|对)")
_WORKS = ("开工", "新开工", "投产", "竣工", "续建", "在建", "完工", "建成", "竣工投产", "签约", "落地", "储备")
_LIFTED = re.compile(
    r"(?:、?\d[\d.,]*[万千]?[人名])?(?:农村)?(?:贫困人口|贫困户|贫困群众|建档立卡[^,;。]{0,6}|群众|农户)?(?:实现|顺利|全部|稳定|整户|如期)*"
    r"(?P<what>脱贫|摘帽|减贫|搬迁入住|入住|上岗就业)"
)
_SIDES = ("城镇", "农村", "乡村", "城市")
_LISTING = ("、", "和", "及", "与", "以及")
_TIMES_OF = re.compile(r"(?:是|为|达到?|相当于)(?:(?:19|20)\d\d年|上年|去年)(?:末|底)?的$")
_WHEN = re.compile(r"一季度|上半年|前三季度|下半年|[二三四]季度|(\d{1,2})月份?(?:当月)?(?:已|即|便)?(?:转正|回正)?")
_NARROWED = re.compile(r"(?:扣除|剔除|不含|不包括|同口径)[^,;。]{1,16}")
_PART = re.compile(
    r"[一-龥]{1,8}(?:街道|镇|(?<![下返离回家])乡)|[一-龥]{0,8}(?:开发区|新区|园区|高新区|经开区|保税区|功能区|片区|试验区|区本级|市本级|县本级)"
)


def read(text: Text, place: Place) -> Read:
    """All that running text states, what it has that is no value, and what could not be read."""
    result = Read(statements=[], unread=[], not_values=[])
    before: Sentence | None = None
    topic, earlier = "", list[str]()
    for mark, piece in sentences(text):
        if mark != ";":
            before, earlier = None, []
        if mark == "\n":
            topic = ""
        if _TELLING.search(piece.chars):
            before = Sentence(piece, place, result, before)
            reader = _Reader(before, topic, earlier)
            reader.read()
            earlier = [*earlier, *reader.recent][-6:]
        if mark != ";" and _TOPIC.fullmatch(piece.chars):
            topic = re.sub("[“”]", "", piece.chars)
    return result


class _Reader:
    """Reads a sentence from left to right. What a later figure may inherit is kept here:

    ``subject``, the name of the last, and ``recent``, those of the last list or of the last two; ``grew``, whether the
    last was a rate of growth; ``act``, the verb of a list (新增5所学校、3家医院); ``used``, the end of the noun
    behind the last figure; ``elsewhere``, whether the last subject was of another place.
    """

    def __init__(self, sentence: Sentence, topic: str = "", earlier: Sequence[str] = ()) -> None:
        self.sentence, self.chars, self.topic, self.earlier = sentence, sentence.chars, topic, earlier
        self.subject: str | None = None
        self.scope: str | None = None
        self.recent: list[str] = []
        self.listed: list[str] = []
        self.pair: list[str] = []
        self.whole: tuple[str, str] | None = None
        self.grew = self.monthly = False
        self.act = ""
        self.used = 0
        self.elsewhere = False

    def read(self) -> None:
        figures = self._without_shares(self.sentence.figures)
        done = 0
        while done < len(figures):
            before = figures[done - 1].end if done else 0
            group = self._group(figures, done)
            if len(group) > 1 or self._is_shared(group[0]):
                self._distribute(group, before)
            else:
                self._single(group[0], before)
            done += len(group)
        wordless.read(self.sentence, self.listed or ([self.subject] if self.subject else []))

    def _without_shares(self, figures: Sequence[Figure]) -> list[Figure]:
        """三次产业结构由4.5:51.2:44.3调整为4.0:51.0:45.0 states three shares of two years; they are read here."""
        match = _SHARES.search(self.chars)
        if match is None:
            return list(figures)
        triples = list(_TRIPLE.finditer(self.chars, match.start(), match.end()))
        for age, triple in enumerate(reversed(triples)):
            named = re.search(r"((?:19|20)\d\d)年[^,;。\d]{0,4}$", self.chars[match.start() : triple.start()])
            year = int(named[1]) if named else self.sentence.year - age if age else None
            for group, part in enumerate(("第一产业", "第二产业", "第三产业"), start=1):
                self.sentence.add(
                    name=f"{part}增加值占地区生产总值比重", value=f"{triple[group]}%", span=triple.span(), core=triple.start(group),
                    at=triple.start(group), rule="three_shares", year=year,
                )  # fmt: skip
        return [figure for figure in figures if not match.start() <= figure.start < match.end()]

    # -- several figures of one list

    def _group(self, figures: Sequence[Figure], first: int) -> list[Figure]:
        """Figures that one list of names shares: 增长5.8%、7%, 69.6%55.0%43.8%."""
        group = [figures[first]]
        if _FROM.search(self.chars[self.sentence.bound(group[0].start) : group[0].start]):
            return group  # 由上年的下降8.4%转为增长10.3%
        for figure in figures[first + 1 :]:
            between = self.chars[group[-1].end : figure.start]
            lead = subject.of_lead(between.lstrip("、,和及"))
            verb = lead.verb and not lead.name and not lead.verb.endswith(("到", "至", "为", "在"))
            alike = _are_alike(group[0], figure) or (between in _LISTING and self._is_shared(group[0]))
            if re.search("分别|依次", between):
                break
            nested = not between and group[-1].unit is not None and group[-1].unit.id in _COUNTED  # 47项4741个项目
            if nested or not (_JOINT.fullmatch(between) or verb) or not alike:
                break
            group.append(figure)
        if not self._is_shared(group[0]) and len(run := self._run(figures, first)) > len(group):
            return run
        commas = any(self.chars.startswith(",", one.end) for one in group[:-1])
        return group[:1] if commas and not self._is_shared(group[0]) else group

    def _run(self, figures: Sequence[Figure], first: int) -> list[Figure]:
        """Figures of a list that has as many names: 生猪、肉牛、大鹅出栏41万头、5.8万头、260万只; none where it doesn't fit."""
        run = [figures[first]]
        for figure in figures[first + 1 :]:
            if self.chars[run[-1].end : figure.start] not in _LISTING:
                break
            run.append(figure)
        name = subject.of_lead(self.chars[self.sentence.bound(run[0].start) : run[0].start]).name
        known = any(one.unit is None and one.power is None for one in run)
        return run if len(run) > 1 and not known and name.count("、") == len(run) - 1 else []

    def _is_shared(self, figure: Figure) -> bool:
        return bool(_EACH.search(self.chars[self.sentence.bound(figure.start) : figure.start]))

    def _distribute(self, group: list[Figure], before: int) -> None:
        """Give each figure of a group its name; one figure for all where 各 or 均 says so."""
        offset = max(self.sentence.bound(group[0].start), before)
        lead = self.chars[offset : group[0].start]
        each, apart = len(group) == 1, bool(re.search("分别|依次", lead))
        times = _TIMES_OF.search(lead)
        named = subject.of_lead(lead[: times.start()] if times else _SHARED.split(lead)[0])
        recent = self.recent[-len(group) :] if not each and subject.is_pointing(named.name) else []
        wordy = around.wordy_before(self.sentence, group[0].start) if recent else ""
        if wordy.count("、") == len(group) - 1 > 0 and not re.match(
            "其中|同时", wordy
        ):  # 石油化工、冶金建材由升转降,各下降2.6%、0.8%
            recent = subject.split(wordy, len(group)) or recent
        names: list[str] | None
        if not named.name and offset and len(recent) < 2 and not (each and len(self.recent) > 1):
            offset, end = self.sentence.bound(offset - 1), offset - 1
            named = subject.of_lead(self.chars[offset:end])
        if each and subject.is_pointing(named.name) and len(self.recent) > 1 and "均" in lead:
            recent = names = self.recent[-2:]
        elif len(recent) == len(group) > 1:
            names = recent
        else:
            names = subject.split(named.name, None if each else len(group), each=each)
        if names is None and offset and "、" not in named.name:  # the list began in the clause before
            offset, end = self.sentence.bound(offset - 1), offset - 1
            named = subject.of_lead(f"{self.chars[offset:end]}、{named.name}")
            names = subject.split(named.name, len(group))
        if (
            names is None
            and not each
            and len(self.listed) == len(group)
            and named.name.endswith(("率", "比重", "占比", "面积", "产值"))
        ):
            names = [one + named.name for one in self.listed]  # 三次产业…,对增长的贡献率分别为31%、44%、25%
        if names is None or (each and len(names) < 2):
            listed = not apart and any(self.chars[one.end : one.end + 1] in "、," for one in group[:-1])
            if each or listed:
                self._single(group[0], before)
            for one in group[1:] if each or listed else group:
                self.sentence.leave(one, "list_does_not_fit")
            return
        if times and all(one.unit is not None and one.unit.label == "倍" for one in group):
            for name, one in zip(names, group, strict=not each):  # 是2011年的1.7倍和1.9倍
                self._state(name, self._times(one), one, offset + named.start, "multiple")
            return
        verb = subject.of_lead(lead).verb or named.verb
        what = subject.of_lead(re.split("分别|依次", lead)[-1]).name if apart else ""
        what = re.sub(r"^(?:完成|实现|达到|新增|较去年|较上年)+", "", what)
        if re.search(r"(?:各|分别|均)占$", lead) and self.subject:  # 竹木加工、食品饮料各占14.6%、8.1%
            what, verb = f"占{self.subject}比重", ""
        places = all(_PART.fullmatch(name) for name in names)
        one_thing = len(what) > 2 and (
            places or indicator.catalogue().find(what) is not None
        )  # 甲园、乙园分别完成投资…
        if places and not what and self.subject:  # 甲镇、乙镇各4个
            what, one_thing = self.subject, True
        after = self.chars[group[-1].end - self._after(group[-1]) : group[-1].end]
        front = self.chars[group[0].start : group[0].number_start]
        averaged = "年均" if _AVERAGED.search(lead) else ""
        if self.subject and all(
            name in subject.words("partial") or re.fullmatch(r"[一-龥]{2,4}率", name) for name in names
        ):
            whole = self.subject.removeprefix(_act(self.subject))  # 省级重点项目19个,开工率、投资完成率均达100%
            names = [name if indicator.catalogue().find(name) else whole + name for name in names]
        names, periods = self._periods(names)
        if self.subject and all(re.fullmatch(r"(?:城镇|农村)(?:常住)?居民", name) for name in names):
            names = [re.sub(r".*居民(?=人均)", f"{name[:2]}居民", self.subject) for name in names]
        for index, (name, figure) in enumerate(zip(names, group * len(names) if each else group, strict=True)):
            own = subject.of_lead(self.chars[group[index - 1].end : figure.start]).verb if index and not each else ""
            words = averaged + (own or verb) + self.chars[figure.start : figure.end]
            if figure.after is None and not each and apart:
                words += after  # 以上 behind the last of them holds for all
            if index and figure.before is None and apart and not own:  # 分别突破40亿元和15亿元
                words = averaged + verb + front + self.chars[figure.start : figure.end] + after * (figure.after is None)
            part = next(
                (word for word in subject.words("scopes") if index and name != word and name.startswith(word)), ""
            )
            if part and not what and names[0].endswith(name[len(part) :]):  # 一般公共预算收入、区本级收入均增长8%
                self._state(names[0], words, figure, offset + named.start, "listed", scope=part, end=group[-1].end)
                continue
            self._state(
                what if one_thing else name + what, words, figure, offset + named.start, "distributed" if apart else "listed",
                scope=name if one_thing else None, end=group[-1].end, period=periods[index],
            )  # fmt: skip
        self.subject = what if one_thing else names[-1]
        self.recent = self.listed = names

    def _periods(self, names: list[str]) -> tuple[list[str], list[str | None]]:
        """一季度、上半年生产总值 is one name in two periods."""
        found = [_WHEN.match(name) for name in names]
        if not all(found) or any(
            match and match.end() < len(name) for match, name in list(zip(found, names, strict=True))[:-1]
        ):
            return names, [None] * len(names)
        rest = names[-1][found[-1].end() :] if found[-1] else ""
        return [rest or self.subject or ""] * len(names), [match and self._period(match) for match in found]

    def _period(self, match: re.Match[str]) -> str:
        year = self.sentence.year
        if match[1]:
            return f"{year}-{int(match[1]):02}"
        return str(year) + {
            "上半年": "-S1", "下半年": "-S2", "前三季度": f"-01/{year}-09", "一季度": "-Q1", "二季度": "-Q2", "三季度": "-Q3",
        }.get(match[0], "-Q4")  # fmt: skip

    # -- one figure

    def _single(self, figure: Figure, before: int) -> None:
        bound = max(self.sentence.bound(figure.start), before, self.used)
        lead = _LINK.sub("", self.chars[bound : figure.start])
        listed = self.chars.startswith("、", figure.start - len(lead) - 1) and figure.start > len(lead)
        bound = figure.start - len(lead)
        if lead.endswith("全部") and figure.after == "at_least":
            name = subject.of_lead(lead[:-2]).name + self.chars[figure.start : figure.end]
            self.sentence.skip(figure.number_start, figure.end, "threshold")
            self.sentence.add(  # 行政村收入全部20万元以上: all of them, no value of one
                name=name, value="全部", span=(bound, figure.end), core=bound, at=figure.start - 2, rule="coverage"
            )
            self.subject = name
            return
        former = _FROM.search(lead)
        found = subject.of_lead(lead[: former.start()] if former else lead)
        name, start, words = found.name, bound + found.start, found.verb + self.chars[figure.start : figure.end]
        if name[:2] in _ORDERED and len(self.recent) > 1:  # 前者减少2.4%
            self.pair = self.pair if name.startswith("后者") and self.pair else self.recent[-2:]
            name = self.pair[_ORDERED[name[:2]]] + name[2:]
        if former:  # 贫困发生率由年初的1.8%降至0.6%
            if subject.is_pointing(name):
                name = self.subject or ""
            named, month = re.match(r"\d{4}", former[1] or ""), re.match(r"(\d{1,2})月", former[1] or "")
            set_anew = self.sentence.role == "target" and re.match(r"调整|下调|上调", self.chars[figure.end :])
            back = (
                0 if month or former["wish"] or set_anew else self.sentence.place.context.span if not former[1] else 1
            )
            year = int(named[0]) if named else self.sentence.year - back
            period = f"{year}-{int(month[1]):02}" if month else None
            words = (former["verb"] or "") + words
            role = "target" if former["wish"] else None
            if subject.is_pointing(found.name):
                words = self._grown(words, figure)
            self._state(name, words, figure, start, "former", year=year, period=period, role=role)
            return
        if not lead and self.chars.startswith("(", figure.start - 1) and self.chars.startswith(")", figure.end):
            self.sentence.leave(figure, "in_brackets")  # …增速(11%) repeats what it stands behind
            return
        times = _TIMES_OF.search(lead)
        if times and self.subject and figure.unit is not None and figure.unit.id == "ratio":
            self._state(self.subject, self._times(figure), figure, bound + times.start(), "multiple")
            return
        when = _WHEN.search(name)
        if when:  # 一季度增长6.2%,上半年6.7%
            words = self._grown(words, figure)
        if when and self.subject and when.end() == len(name) and when.start() < 4:
            self._state(self.subject, words, figure, start, "inherited", period=self._period(when))
            return
        if when and when.end() == len(name) and when.start() > 3:  # 开工率一季度达40%
            self._state(name[: when.start()], words, figure, start, "subject_before", period=self._period(when))
            return
        if _AVERAGED.search(lead[found.end :]) and "年均" not in words:
            words = f"年均{words}"
        if "拉动" in name and name.endswith("经济") and found.verb == "增长":  # 拉动经济增长3.5个百分点
            words = "拉动" + self.chars[figure.start : figure.end]
            name = (self.subject or "" if name.startswith("拉动") else "") + name + "增长"
        if self.chars.startswith(("两位数增", "两位数以上增"), figure.number_start):
            words = "增长10%以上"
        if name.startswith("净增") and len(name) > 3 and not found.verb:  # 净增规上工业企业25家
            name, words = name[2:], "净增" + words
        if found.verb == "提升" and figure.unit is not None and figure.unit.id in _COUNTED and name:
            name, words = name + "提升", self.chars[figure.start : figure.end]  # 农房风貌提升300户
        if name == "投资" and "计划" in lead:
            name = "年度计划投资"
        if "、" in name:
            parts = subject.split(name, None) or []
            listed_heads = found.verb and all(part.endswith(subject.words("heads")) for part in parts)
            if len(parts) > 1 and (listed_heads or all(indicator.catalogue().find(part) for part in parts)):
                for part in parts:
                    self._state(part, words, figure, start, "listed")
                return
        given = _GIVEN.match(self.chars, figure.end)
        if given and figure.is_money and (not name or name in subject.words("acts") or name in _GETS):
            words = words if figure.unit is not None else words + "元"
            self._state(name.removeprefix("再") + given["what"], words, figure, start, "counted_noun")
            return
        people = _PEOPLE.match(self.chars, figure.end) if figure.unit is None and figure.power is not None else None
        if people:  # 解决25万农村人口饮水安全问题; 47万某县人民
            noun = around.noun(self.chars, figure.end)
            inhabitants = people[0].endswith("人民")
            words = f"{words}人"
            self._state(
                "总人口" if inhabitants else _act(name, whole=True) + (noun or people[0]),
                words,
                figure,
                start,
                "counted_noun",
            )
            return
        lifted = (
            _LIFTED.match(self.chars, figure.end)
            if figure.unit is not None and figure.unit.id in ("person", "household")
            else None
        )
        if lifted and not name:  # 5户9人实现脱贫
            name = lifted["what"] + ("人数" if figure.unit is not None and figure.unit.id == "person" else "户数")
            self._state(name, words, figure, start, "counted_noun")
            return
        counted = figure.unit is not None and figure.unit.id in _COUNTED
        opens = not lead and self.sentence.bound(figure.start) == figure.start and figure.unit is not None
        beside = not lead and self.used == figure.start > 0 and figure.unit is not None  # 29个批次1850亩用地报批
        rates = subject.split(name, None) or [] if "、" in name and name.endswith("率") and not found.verb else []
        if (
            len(rates) > 1
            and not counted
            and indicator.catalogue().find(name) is None
            and all(one.endswith("率") and len(one) > 4 for one in rates)
        ):
            for rate in rates:  # 江河断面、饮用水源地水质达标率100%
                self._state(rate, words, figure, start, "listed")
            return
        met = re.match(r"达标(?=[,;。、]|$)", self.chars[figure.end :])
        if met and figure.unit is not None and figure.unit.id == "percent" and len(name) > 2:  # 水源地水质100%达标
            for one in name.split("和") if name.count("和") == 1 and name.split("和")[0][-2:] == name[-2:] else [name]:
                self._state(one + "达标率", words, figure, start, "subject_before")
            return
        noun = around.noun(self.chars, figure.end) if (counted or opens or beside) and not found.verb else ""
        if noun:
            self._counted(noun, name, words, figure, start)
        elif (made := self._inherited(name, figure)) is not None:
            whole, scope = made
            if not whole:
                self.sentence.leave(figure, "no_subject")
                return
            kept = self.subject
            bare = not name or subject.is_pointing(name) or (scope is not None and whole == self.subject)
            if bare:  # 增长15%、力争18%
                words = self._grown(words, figure)
            if bare and figure.unit is not None and figure.unit.id == "percentage_point" and self.grew:
                self.sentence.skip(figure.number_start, figure.end, "change_of_a_growth")
                return
            self._state(whole, words, figure, start, "inherited", scope=scope)
            if name in subject.words("partial"):
                self.subject = kept
        else:
            known = indicator.catalogue().find(name)
            if (
                known is not None
                and known.unit not in ("percent", "permille")
                and not name.endswith(("率", "比重", "占比", "比例"))
            ):
                words = self._grown(words, figure)  # 固定资产投资增长12%,其中工业投资15%
            act = _act(name) if counted else ""
            if counted and not act and listed and self.act not in subject.words("empty"):
                name = self.act + name  # 新增A企业2家、B企业3家
            elif counted:
                self.act = act
            if (
                self.subject
                and self.used == start
                and _GIVES.match(name)
                and _TO.match(self.chars, self.sentence.bound(start))
            ):
                name = self.subject + name  # 为78个薄弱村发放分红318万元
            if name.endswith(subject.words("awards")):
                name = around.event(self.sentence, start) + name
            self._state(name, words, figure, start, "subject_before")

    def _grown(self, words: str, figure: Figure) -> str:
        """The words of a percentage that goes on with a rate of growth, without a verb of its own or with 降至."""
        if self.grew and figure.unit is not None and figure.unit.id == "percent" and quantity.direction(words) is None:
            return "增长" + self.chars[figure.start : figure.end]
        return words

    def _times(self, figure: Figure) -> str:
        """是2015年的1.8倍 is a growth of 80 percent on 2015."""
        before = self.chars[figure.start - 8 : figure.number_start]
        about = next((word for word in ("约", "近", "超") if word in before), "")
        return f"增长{about}{numeral.plain((figure.value - 1) * 100)}%"

    def _counted(self, noun: str, name: str, words: str, figure: Figure, start: int) -> None:
        """A figure whose noun stands behind it: 派17名专业技术人才."""
        if re.fullmatch(r"(?:国家|省|市|区|县|乡镇)级", noun) and self.subject:
            self._state(self.subject, words, figure, start, "inherited", scope=noun)
            return
        whole = re.match(
            r"(?P<who>(?:乡镇|镇街|街道|村|社区|县区|行政村|村社)(?:\(街道\))?)(?P<what>[^,;。()]{4,40}?)(?:基本|实现)?全覆盖",
            self.chars[figure.end :],
        )
        if whole:  # 18个乡镇居家养老终端、保护工作站全覆盖
            for what in whole["what"].split("、"):
                self._state(f"{what}覆盖{whole['who']}", words, figure, start, "counted_noun")
            self.used = figure.end + whole.end()
            return
        listed = self.chars.startswith("、", start - 1) or self.chars.startswith("、", figure.start - 1)
        kind = name if name.endswith(("类", "型")) else ""  # 新建类5个项目
        self.act = kind or _act(name, whole=True) or (self.act if not name and listed else "")
        self.used = figure.end + len(noun)
        if noun in subject.words("slogans") and (name in subject.words("empty") or name.startswith("落实")):
            self.sentence.skip(figure.number_start, figure.end, "slogan")
            return
        further = around.further(self.chars, self.used)
        full = further + noun if self.act in subject.words("empty") else self.act + further + noun
        if noun in subject.words("generic") or len(noun) < 4:
            full = around.predicate(self.chars, figure.end + len(noun)) + full
        self._state(full, words, figure, start, "counted_noun")

    def _inherited(self, name: str, figure: Figure) -> tuple[str, str | None] | None:
        """The whole name and the scope where a name leans on the subject before it; '' where there is none to lean on."""
        before = around.named_before(self.sentence, figure.start) if not name else ""
        if before in subject.words("leaning"):  # 主营业务收入迈过千亿门槛,达1036亿元
            name, before = before, ""
        before = before or self.subject or ""
        if not before and name and (full := subject.with_front(self.topic, name, known=True)):
            return full, None  # 城市更新协同发力。完成投资1161亿元
        part = _PART.fullmatch(name) and figure.unit is not None and figure.unit.id not in _COUNTED
        if before and (_NARROWED.fullmatch(name) or part or name in subject.words("scopes")):
            return before, name
        kind = _KIND.fullmatch(before if name in subject.words("acts") else name)
        if self.whole and kind and figure.unit is not None and figure.unit.label == self.whole[1]:
            return self.whole[0], kind[1]  # 筹集2902套,…现有转化类775套
        scope = next((word for word in subject.words("scopes") if name.startswith(word) and len(word) < len(name)), "")
        if scope and before.endswith(name[len(scope) :]) and figure.unit is not None and figure.unit.id not in _COUNTED:
            return before, scope  # 一般公共预算收入…,其中区本级收入…
        graded = _GRADED.fullmatch(name)
        if before and graded and (not graded[2] or graded[2] in before):
            return before, graded[1]
        if name in subject.words("acts"):
            if before and name in subject.words("empty"):
                return before, None
            if figure.unit is not None and figure.unit.id in ("person", "household") and len(name) > 1:
                scheme = around.scheme(self.sentence, figure.start) or (
                    before if len(before) < 16 and before != name else ""
                )
                return scheme + name + ("人数" if figure.unit.id == "person" else "户数"), None
            works = next((one for one in [before, *self.earlier[::-1]] if one.endswith(("项目", "工程"))), "")
            if name in _WORKS and works:  # 储备项目286个…;开工58个
                return name + works.removeprefix(_act(works)), None
            if not before and (loan := re.search(r"“[^“”\d]{2,10}[贷券卡险保]”(?=,)", self.chars[: figure.start])):
                return loan[0] + name, None  # 首创“福林贷”,累计发放10.6亿元
            if not before:  # “保租房”提前筹建。已筹集完成2902套
                before = subject.with_front(self.topic, name, known=True).removesuffix(name)
            return before and before + name, None
        if name.startswith("占") and before and len(name) < 14:
            return before + name, None
        spent = re.fullmatch(r"(.{2,8}?)(?:支出)?(?:中?用于)(.{2,6}?)的?支出占(?:比)?", name)
        if spent:  # 财政用于民生的支出占81%
            return f"{spent[2]}支出占{spent[1]}支出比重", None
        people = re.fullmatch(r"(?:城镇|农村|城乡)(?:常住)?居民|农民", name)
        if people and "居民" in before:  # 居民人均可支配收入…,其中城镇居民…
            return re.sub(r"^.*?居民", name, before), None
        if (
            name in _SIDES and before and figure.unit is not None and figure.unit.id not in _COUNTED
        ):  # 城镇…,乡村增长10.6%
            return name + re.sub(rf"^(?:{'|'.join(_SIDES)})", "", before), None
        purpose = re.fullmatch(r"用于(.{2,6}?)的?(?:支出|资金)?", name)
        if purpose and figure.is_money:  # 预算支出62亿元,其中用于民生的54亿元
            return f"{purpose[1]}支出", None
        if name in ("人均", "户均", "亩均") and before:
            return name + before, None
        if before and re.match(r"(?:累计)?(?:建成|种植|播种)?(?:总?面积|产值|产量|产能)占", name):
            return before.removeprefix(_act(before)) + name, None  # 新建高标准农田5万亩,累计建成面积占耕地的43%
        share = _SHARE_OF.fullmatch(name) if figure.unit is not None and figure.unit.id == "percent" else None
        if share and before and before not in name:  # 财政支出62亿元,用于民生的占86%
            return f"{share['part'] or share['use'] + '支出'}占{before}比重", None
        if subject.is_pointing(name) or re.fullmatch(
            r"(?:\d{1,2}月底前)?全部?|“?十[一二三四]?五”?(?:时期|期间|以来)?|[两三五]年(?:累计)?", name
        ):
            if before.endswith("户数") and figure.unit is not None and figure.unit.id == "person":
                return before[:-2] + "人数", None
            return before and before + (name if name in subject.words("partial") else ""), None
        if before and (full := subject.with_front(before, name)):
            return full, None
        if name in subject.words("leaning"):  # 规模以上工业增加值…,利润…; 人民币存款余额…、贷款余额…
            held = [before, *self.recent[::-1], *self.earlier[::-1]]
            full = next(filter(None, (subject.with_front(one, name, known=True) for one in held)), "")
            sector = next(filter(None, map(subject.sector, held)), "")
            if full or sector:
                return full or sector + name, None
        if before and 2 < len(name) < 6 and name.endswith("率") and indicator.catalogue().find(name) is None:
            return before.removeprefix(_act(before)) + name, None  # 标准厂房建成80万平方米、入驻率达75%
        if re.fullmatch(r"[一-龥]{2,8}类", name) and before and figure.unit is not None and figure.unit.id == "percent":
            return name + before, None  # 居民消费价格…,其中食品类…
        if name in subject.words("partial"):
            if before:
                whole = before.removeprefix(_act(before)) if name.endswith("率") else before
                return re.sub(r"(?<=..)(?:总面积|种植面积|挂果面积|总产量?|产量|产值)$", "", whole) + name, None
            topic = around.topic(self.sentence, figure.start)
            if topic and name.endswith("率"):
                return topic + name, None
            own = name.endswith(("面积", "产值", "率", "到位资金")) or indicator.catalogue().find(name) is not None
            return None if own else ("", None)
        return ("", None) if name.endswith("等") else None

    # -- the statement

    def _state(
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
        name = re.sub(r"^[”’》)、,的]+|[“‘《((、,]+$", "", name)
        name = name.replace("仅占", "占")
        if (
            rule != "multiple"
            and figure.unit is not None
            and figure.unit.label == "倍"
            and (moved := quantity.direction(words))
            and moved[1] > 0
        ):
            ahead = self.chars[figure.start : figure.number_start]
            words = f"增长{ahead}{numeral.plain(figure.value * 100)}%"  # 增长1.4倍
        area = self.sentence.place.area
        counted = figure.unit is not None and figure.unit.id in _COUNTED
        if rule != "inherited":
            front = self.chars[self.sentence.bound(start) : start]
            listed = counted and re.search(r"、全[国省市]$", front)  # 新增互认企业2家、全省“领跑者”企业6家
            self.elsewhere = area.is_elsewhere(front) and not listed
        bare, foreign = area.whole(name)
        if not (foreign and counted):  # 全省“领跑者”企业6家 are the county's own
            name, self.elsewhere = bare, self.elsewhere or foreign
        bare, code = area.place(name)
        if (
            code is not None
            and indicator.catalogue().find(bare) is not None
            and figure.unit is not None
            and not counted
        ):
            self.elsewhere = self.elsewhere or not area.holds(code)
            name = bare
        else:
            code = None
        words, repairs = self._with_unit(name, words, figure)
        reason = "other_area" if self.elsewhere else self._doubt(name, words, figure, shared=end > 0)
        if reason is not None:
            self.sentence.leave(figure, reason)
            self.subject = name if self.elsewhere else self.subject
            return
        name, own_scope = subject.scoped(name)
        if indicator.catalogue().find(name) is None and (plain := re.sub(r"实现|完成", "", name)) != name:
            name = plain if indicator.catalogue().find(plain) is not None else name
        if rule == "inherited" and name == self.subject and figure.unit is not None and figure.unit.id == "percent":
            scope = scope or self.scope  # the growth of 区属生产总值 is of 区属 too
        self.subject, self.scope = name, scope or own_scope
        if self.chars.startswith(",其中", figure.end) and figure.unit is not None:
            self.whole = name, figure.unit.label
        self.sentence.add(
            name=name, value=words, span=(start, max(end, figure.end)), core=figure.start, at=figure.number_start, rule=rule,
            scope=scope or own_scope, region=code, repairs=repairs, year=year, period=period, role=role,
        )  # fmt: skip
        if rule not in ("distributed", "listed"):
            self.listed = []
            self.recent = [*self.recent, name][-6:] if name not in self.recent else self.recent
        rate = figure.unit is not None and figure.unit.id == "percent" and not words[0].isdigit()
        self.grew = rate and (quantity.direction(words) is not None or not re.search(r"[到至]\d", words))

    def _with_unit(self, name: str, words: str, figure: Figure) -> tuple[str, tuple[str, ...]]:
        """Value words with the unit that the clause leaves to the reader: 678.1亿, 1050/月, 每月提高60元."""
        cut = len(words) - self._after(figure)
        if figure.unit is None and figure.power is not None and _MONEY.search(name):
            return f"{words[:cut]}元{words[cut:]}", ()
        if (
            figure.unit is not None
            and figure.unit.id == "CNY"
            and re.search(r"月(?:保障)?标准|月(?:人均)?养老金", name)
        ):
            return f"{words[:cut]}/月{words[cut:]}", ()
        per = re.search(r"每(公顷|亩|平方米|吨|人|户)$", self.chars[max(figure.start - 4, 0) : figure.start])
        if per and figure.unit is not None and unit.parse(f"{figure.unit.label}/{per[1]}") is not None:
            return f"{words[:cut]}/{per[1]}{words[cut:]}", ()
        lost = re.match(r"/(?:月|年|人|亩|户)", self.chars[figure.end :])
        if figure.unit is None and figure.power is None and lost:
            return f"{words}元{lost[0]}", ("unit_restored",)
        monthly = _MONTHLY.search(self.chars, max(figure.start - 12, 0), figure.start)
        if (
            figure.unit is not None
            and figure.unit.id == "CNY"
            and re.search(r"每人每年$|每年$", self.chars[: figure.start][-6:])
        ):
            return f"{words[:cut]}/年{words[cut:]}", ()
        follows = self.monthly and re.search(r"(?:到|至|为)$", self.chars[: figure.start])
        self.monthly = bool(monthly)
        if figure.unit is not None and figure.unit.id == "CNY" and (monthly or follows):
            return f"{words[:cut]}/月{words[cut:]}", ()
        return words, ()

    def _doubt(self, name: str, words: str, figure: Figure, *, shared: bool) -> str | None:
        """Why a figure with this name is not to be trusted, or None."""
        if subject.of_others(name):
            return "other_area"
        if not 1 < len(name) <= subject.LONGEST:
            return "no_subject" if len(name) < 2 else "name_too_long"
        if (re.search(r"\d$", name) and not indicator.catalogue().find(name)) or _COUNTS.search(
            re.sub("“[^”]*”", "", name)
        ):
            return "no_subject"  # a name that holds another figure is half a sentence
        known = indicator.catalogue().find(name) is not None
        bare = figure.unit is None and figure.power is None and not re.search(r"增|元", words)
        if bare and not known and not name.endswith(subject.words("unitless")):
            return "no_unit"
        timed = figure.unit is not None and figure.unit.id in _TIMES
        if timed and not known and not name.endswith(subject.words("timely")):
            return "duration"
        digits = self.chars[figure.end : figure.end + 1] + self.chars[figure.number_start - 1 : figure.number_start]
        clause = self.sentence.bound(figure.start)
        loose = figure.unit is None or figure.unit.id == "percent"
        long = self.chars[figure.number_start : figure.number_start + 4].isdigit()
        if (loose and re.search(r"\d", digits) and not shared) or (
            long and any(self.sentence.bound(at) == clause for at in self.sentence.joined)
        ):
            return "run_together"
        return None

    def _after(self, figure: Figure) -> int:
        """How many characters at the end of a figure are its comparator."""
        words = [word for rule in lexicon.rules("comparators") if rule.name == figure.after for word in rule.words]
        return max((len(word) for word in words if self.chars.endswith(word, 0, figure.end)), default=0)


def _are_alike(one: Figure, other: Figure) -> bool:
    first, second = one.unit.id if one.unit else None, other.unit.id if other.unit else None
    return first == second or {first, second} == {"CNY", "USD"} or (first is None and one.power is None)


def _act(name: str, *, whole: bool = False) -> str:
    """The verb at the head of a name whose object is counted: 新增 of 新增企业."""
    return next(
        (word for word in subject.words("acts") if name.startswith(word) and (whole or len(name) > len(word))), ""
    )
