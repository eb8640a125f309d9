"""Running text becomes statements: each trap of the normal form, in sentences of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders import area, prose, quantity, section, subject
from loaders.section import Context
from loaders.sentence import QUOTE, Place, Read
from loaders.statement import Statement
from loaders.text import Text

Found = tuple[str, str, str]


def read(words: str, role: str = "actual", year: int = 2022, region: str | None = "330723") -> Read:
    context = Context(start=0, end=0, heading=None, role=role, year=year)
    return prose.read(Text.of(words), Place(context=context, area=area.of(region), report_year=2022))


def said(statement: Statement) -> Found:
    value = quantity.read(statement.value, role=statement.role)
    assert value is not None
    number = value.stance or f"{value.comparator} {value.value}{value.unit.label if value.unit else ''}"
    return statement.name, value.measure, number


CASES: list[tuple[str, list[Found]]] = [
    ("全年完成固定资产投资12.5亿元。", [("固定资产投资", "level", "eq 12.5亿元")]),
    (
        "规上工业总产值88亿元,增长6.1%。",
        [("规上工业总产值", "level", "eq 88亿元"), ("规上工业总产值", "growth", "eq 6.1%")],
    ),
    (
        "城乡居民人均可支配收入分别增长4.2%、6.3%。",
        [("城镇居民人均可支配收入", "growth", "eq 4.2%"), ("农村居民人均可支配收入", "growth", "eq 6.3%")],
    ),
    (
        "其中交通、水利、能源三项投资分别增长11.6%22.0%33.8%。",
        [("交通投资", "growth", "eq 11.6%"), ("水利投资", "growth", "eq 22%"), ("能源投资", "growth", "eq 33.8%")],
    ),
    (
        "制造业投资、民间投资分别增长8%、9%以上。",
        [("制造业投资", "growth", "ge 8%"), ("民间投资", "growth", "ge 9%")],
    ),
    ("进出口总额70亿元,下降3.5%。", [("进出口总额", "level", "eq 70亿元"), ("进出口总额", "growth", "eq -3.5%")]),
    ("社会消费品零售总额突破90亿元。", [("社会消费品零售总额", "level", "gt 90亿元")]),
    ("完成财政总收入33亿元,总量居全市第三。", [("财政总收入", "level", "eq 33亿元"), ("财政总收入", "rank", "eq 3位")]),
    ("签约5亿元以上产业项目12个。", [("签约5亿元以上产业项目", "level", "eq 12个")]),
    ("新增5所学校、3家医院。", [("新增学校", "level", "eq 5所"), ("新增医院", "level", "eq 3家")]),
    ("县域就诊率和基层就诊率分别达到91%以上和53%以上。", [("县域就诊率", "level", "ge 91%"), ("基层就诊率", "level", "ge 53%")]),
    ("我县生产总值占全市比重为7.2%,较去年下降0.2个百分点。", [
        ("生产总值占全市比重", "level", "eq 7.2%"),
        ("生产总值占全市比重", "change", "eq -0.2百分点"),
    ]),
    ("安全事故起数、死亡人数分别下降12%、8%。", [("安全事故起数", "growth", "eq -12%"), ("安全事故死亡人数", "growth", "eq -8%")]),
    ("农林牧渔总产值50亿元,其中用于民生的8亿元。", [("农林牧渔总产值", "level", "eq 50亿元"), ("民生支出", "level", "eq 8亿元")]),
    ("一般公共预算支出60亿元,用于民生的占80%。", [
        ("一般公共预算支出", "level", "eq 60亿元"),
        ("民生支出占一般公共预算支出比重", "level", "eq 80%"),
    ]),
    ("规模以上工业增加值增长6%,利润9亿元,亏损面12%。", [
        ("规模以上工业增加值", "growth", "eq 6%"),
        ("规模以上工业利润", "level", "eq 9亿元"),
        ("规模以上工业亏损面", "level", "eq 12%"),
    ]),
    ("金融机构人民币存款余额80亿元、贷款余额60亿元。", [
        ("金融机构人民币存款余额", "level", "eq 80亿元"),
        ("金融机构人民币贷款余额", "level", "eq 60亿元"),
    ]),
    ("居民消费价格上涨2%,其中食品类上涨5%。", [("居民消费价格", "growth", "eq 2%"), ("食品类居民消费价格", "growth", "eq 5%")]),
    ("合同利用外资、实际利用外资分别为3亿美元和2亿美元,前者下降4%,后者增长7%。", [
        ("合同利用外资", "level", "eq 3亿美元"),
        ("实际利用外资", "level", "eq 2亿美元"),
        ("合同利用外资", "growth", "eq -4%"),
        ("实际利用外资", "growth", "eq 7%"),
    ]),
    ("生猪、肉牛、大鹅出栏41万头、5万头、60余万只。", [
        ("生猪出栏", "level", "eq 41万头"),
        ("肉牛出栏", "level", "eq 5万头"),
        ("大鹅出栏", "level", "gt 60万只"),
    ]),
    ("财政总收入、一般公共预算收入分别突破40亿元和15亿元。", [
        ("财政总收入", "level", "gt 40亿元"),
        ("一般公共预算收入", "level", "gt 15亿元"),
    ]),
    ("接待游客人次、旅游总收入分别增长1.4倍、1.1倍。", [("接待游客人次", "growth", "eq 140%"), ("旅游总收入", "growth", "eq 110%")]),
    ("固定资产投资由上年的下降8%转为增长10%。", [("固定资产投资", "growth", "eq -8%"), ("固定资产投资", "growth", "eq 10%")]),
    ("建成高标准农田30万亩,比上年末多4万亩。", [("建成高标准农田", "level", "eq 30万亩"), ("建成高标准农田", "change", "eq 4万亩")]),
    ("商品房销售均价每平方米6000元。", [("商品房销售均价", "level", "eq 6000元/平方米")]),
    ("储备项目80个、总投资300亿元;开工40个。", [
        ("储备项目", "level", "eq 80个"),
        ("储备项目总投资", "level", "eq 300亿元"),
        ("开工项目", "level", "eq 40个"),
    ]),
    ("一季度地区生产总值增长6%,上半年7%。", [("一季度地区生产总值", "growth", "eq 6%"), ("一季度地区生产总值", "growth", "eq 7%")]),
    ("银行存贷款增量双双突破千亿,增幅均列全省第二。", [
        ("银行存款", "change", "gt 100000000000元"),
        ("银行贷款", "change", "gt 100000000000元"),
        ("银行存款", "rank", "eq 2位"),
        ("银行贷款", "rank", "eq 2位"),
    ]),
    ("解决25万农村人口饮水安全问题。", [("解决农村人口饮水安全问题", "level", "eq 25万人")]),
    ("5户9人实现脱贫。", [("脱贫户数", "level", "eq 5户"), ("脱贫人数", "level", "eq 9人")]),
    ("水源地水质100%达标。", [("水源地水质达标率", "level", "eq 100%")]),
    ("获得7亿元上级补助资金。", [("获得上级补助资金", "level", "eq 7亿元")]),
    ("12个乡镇快递网点、便民中心全覆盖。", [("快递网点覆盖乡镇", "level", "eq 12个"), ("便民中心覆盖乡镇", "level", "eq 12个")]),
    ("企业开办周期缩短3—5天。", [("企业开办周期", "change", "range -5天")]),
    ("城镇居民人均可支配收入、农村居民人均可支配收入分别达3万元、2万元,是2011年的1.7倍和1.9倍。", [
        ("城镇居民人均可支配收入", "level", "eq 3万元"),
        ("农村居民人均可支配收入", "level", "eq 2万元"),
        ("城镇居民人均可支配收入", "growth", "eq 70%"),
        ("农村居民人均可支配收入", "growth", "eq 90%"),
    ]),
    ("进出口总额70亿元,其中出口增长9%,对全省增长贡献率达30%。", [
        ("进出口总额", "level", "eq 70亿元"),
        ("出口", "growth", "eq 9%"),
        ("出口对全省增长贡献率", "level", "eq 30%"),
    ]),
    ("新增贷款90亿元,其中制造业贷款30亿元。", [("新增贷款", "level", "eq 90亿元"), ("新增制造业贷款", "level", "eq 30亿元")]),
    ("旧城678宗房屋30100%签约。", [("房屋", "level", "eq 678宗")]),
    ("出口突破70亿元,占全国比重稳步提升。", [("出口", "level", "gt 70亿元"), ("出口占全国比重", "level", "rise")]),
    ("推动建筑业高质量发展,总产值增长5%。", [("建筑业总产值", "growth", "eq 5%")]),
    ("省级研发中心新增4家。", [("新增省级研发中心", "level", "eq 4家")]),
    ("新增乡土名师4人,正高级教师2人。", [("新增乡土名师", "level", "eq 4人"), ("新增正高级教师", "level", "eq 2人")]),
    ("新增足球特色学校、足球特色园各2所。", [("新增足球特色学校", "level", "eq 2所"), ("新增足球特色园", "level", "eq 2所")]),
    ("打造甲溪、乙岭、丙海等省级样板社区3个。", [("打造省级样板社区", "level", "eq 3个")]),
    ("开展百花会、纳凉晚会等活动20场。", [("开展百花会、纳凉晚会等活动", "level", "eq 20场")]),
    ("3家企业获评服务业领军企业。", [("获评服务业领军企业", "level", "eq 3家")]),
    ("12所中学建设项目加速推进。", [("中学建设项目", "level", "eq 12所")]),
    ("和美乡村示范镇1个。", [("和美乡村示范镇", "level", "eq 1个")]),
    ("新建“读书坊”一个、“文化站”2个。", [("新建“读书坊”", "level", "eq 1个"), ("新建“文化站”", "level", "eq 2个")]),
    ("1.2023年新增名师40人。", [("新增名师", "level", "eq 40人")]),
    ("完成2片区的抚育管理。", []),
    ("9月底前建成直播基地3个。", [("建成直播基地", "level", "eq 3个")]),
    ("武义县计划今年新增30个托位,其中普惠托位20个。", [("新增托位", "level", "eq 30个"), ("新增普惠托位", "level", "eq 20个")]),
    ("城乡居民最低生活保障年标准(元)2023年根据上级要求达到每人每年9600元。", [
        ("城乡居民最低生活保障年标准", "level", "eq 9600元/年"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), CASES)
def test_a_sentence_gives_its_statements(words: str, expected: list[Found]) -> None:
    found = sorted(read(words).statements, key=lambda one: one.at)
    assert [said(one) for one in found] == expected


@pytest.mark.parametrize(
    "words",
    [
        "深入实施“2596”战略,抓好8+4政策落实。",
        "第12届人民代表大会第3次会议于2023年1月5日召开。",
        "PM2.5治理和5G建设扎实推进,创成5A级景区1处以外的品牌。",
        "增速高于全省平均0.5个百分点。",
        "较一季度回升4.8个百分点。",
        "占年计划的42%。",
        "全国粮食产量13000亿斤,全省增长2%。",
        "连续8个月保持领先,山区26县发展提速。",
        "印发《2021—2025年行动方案》。",
    ],
)
def test_figures_that_are_no_values_give_no_statement(words: str) -> None:
    found = [one for one in read(words).statements if one.rule != "counted_noun"]
    assert [one for one in found if "1处" not in one.value] == []


def test_run_together_digits_are_unread() -> None:
    result = read("老旧厂房30100%拆除。")
    assert result.statements == []
    assert [one.reason for one in result.unread] == ["run_together"]


def test_a_list_that_does_not_fit_its_values_is_unread() -> None:
    result = read("甲投资、乙投资、丙投资分别增长5%、6%。")
    assert result.statements == []
    assert {one.reason for one in result.unread} == {"list_does_not_fit"}


def test_a_scope_in_brackets_is_kept_apart_from_the_name() -> None:
    (one,) = read("货物贸易进出口总额(不含市场采购)55亿元。").statements
    assert (one.name, one.scope) == ("货物贸易进出口总额", "不含市场采购")


def test_an_estimate_says_so() -> None:
    (one,) = read("预计规上服务业营业收入40亿元。").statements
    assert (one.role, one.status) == ("actual", "estimated")


def test_a_half_year_is_a_period() -> None:
    (one,) = read("上半年固定资产投资增长9%。").statements
    assert (one.period, one.year) == ("2022-S1", 2022)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "上半年,固定资产投资增长9%,财政收入8亿元;出口增长3%。用电量9亿千瓦时。",
            ["2022-S1", "2022-S1", "2022-S1", "2022"],
        ),
        ("1—4月,工业增加值增长9%,固定资产投资增长3%,预计全年增长4%。", ["2022-01/2022-04", "2022-01/2022-04", "2022"]),
        ("前5个月进口增长2%,出口增长9%。", ["2022-01/2022-05", "2022-01/2022-05"]),
        ("6月末,存款余额90亿元、贷款余额80亿元。", ["2022-06", "2022-06"]),
        ("截至11月底完成固定资产投资9亿元,进口增长2%。", ["2022-01/2022-11", "2022"]),
        ("上半年出口增长2%,其中一季度、二季度分别增长1%和3%;进口7亿元。", ["2022-S1", "2022-Q1", "2022-Q2", "2022-S1"]),
        ("出口增速连续四个季度居前,进口增长2%。", ["2022"]),
        ("死亡人数较前三年平均数下降20%。", ["2022"]),
        ("库存比3月末减少3万吨。", ["2022"]),
    ],
)
def test_a_part_of_the_year_holds_until_another_is_named(words: str, expected: list[str]) -> None:
    assert [one.period for one in sorted(read(words).statements, key=lambda one: one.at)] == expected


def test_a_plan_for_the_second_half_is_of_the_year_that_it_closes() -> None:
    assert [one.period for one in read("下半年,要确保固定资产投资增长9%。", role="target").statements] == ["2022"]
    assert [one.period for one in read("9月底前建成基地1个,培育主播5名。", role="target").statements] == [
        "2022-09",
        "2022",
    ]


def test_a_report_on_half_a_year_is_of_that_half() -> None:
    context = Context(start=0, end=0, heading=None, role="actual", year=2022)
    place = Place(context=context, area=area.of("330723"), report_year=2022, part="上半年")
    found = prose.read(Text.of("出口增长2%。全年进口有望增长5%。"), place).statements
    assert [one.period for one in found] == ["2022-S1", "2022"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("固定资产投资年均增长9%。", "2018/2022"),
        ("五年累计新建公路90公里。", "2018/2022"),
        ("城镇化率达到60%。", "2022"),
        ("PM2.5年均浓度30微克/立方米。", "2022"),
    ],
)
def test_a_review_of_five_years_sums_over_them(words: str, expected: str) -> None:
    context = Context(start=0, end=0, heading=None, role="actual", year=2022, span=5)
    (one,) = prose.read(Text.of(words), Place(context=context, area=area.of("330723"), report_year=2022)).statements
    assert one.period == expected


def test_parts_of_the_area_are_the_scope_of_their_figures() -> None:
    words = "十大制造业平台提能级。加快配套,规上工业总产值80亿元,制造业投资增长9%。新建5G基站90个。"
    found = read(words, role="target").statements
    assert [(one.name, one.scope) for one in found] == [
        ("规上工业总产值", "十大制造业平台"),
        ("制造业投资", "十大制造业平台"),
        ("新建5G基站", None),
    ]
    (one,) = read("十大平台规上工业总产值80亿元。").statements
    assert (one.name, one.scope) == ("规上工业总产值", "十大平台")


def test_a_count_that_opens_a_list_is_of_its_heading() -> None:
    context = Context(start=0, end=0, heading="共同富裕方面", role="target", year=2022)
    place = Place(context=context, area=area.of("330723"), report_year=2022)
    (one,) = prose.read(Text.of("重点打造5个标志性成果:\n推进城市建设。"), place).statements
    assert (one.name, one.scope) == ("标志性成果", "共同富裕方面")


def test_a_share_above_another_threshold_is_of_the_same_thing() -> None:
    found = read("行政村经营性收入全部20万元以上,50万元以上比例达81%。").statements
    assert [one.name for one in found] == ["行政村经营性收入20万元以上", "行政村经营性收入50万元以上比例"]


def test_what_there_is_now_is_no_plan() -> None:
    found = read("现有7个乡镇建有驿站,覆盖率70%,力争达到80%。", role="target", year=2023).statements
    assert [(one.role, one.value) for one in found] == [("actual", "7个"), ("actual", "70%"), ("target", "80%")]
    (one,) = read("荣获“2022学年教育质量”星级学校3个。", role="target", year=2023).statements
    assert (one.role, one.year) == ("actual", 2022)


def test_a_wish_goes_on_with_the_scope_of_what_is_ensured() -> None:
    found = read("确保区属工业投资达到4亿元,争取完成5亿元。", role="target", year=2023).statements
    assert [(one.name, one.scope) for one in found] == [("工业投资", "区属"), ("工业投资", "区属")]


def test_a_stance_belongs_to_each_name_of_its_list() -> None:
    found = read("一般公共预算收入、居民人均可支配收入与经济增长同步。", role="target", year=2023).statements
    assert [(one.name, quantity.stance(one.value)) for one in found] == [
        ("一般公共预算收入", "in_line_with_growth"),
        ("居民人均可支配收入", "in_line_with_growth"),
    ]


def test_a_figure_of_another_place_is_left_out() -> None:
    for words in ("全市生产总值5000亿元,增长4%。", "杭州市固定资产投资增长9%。", "全国粮食产量增长2%。"):
        assert read(words).statements == []


def test_a_part_with_a_code_of_its_own_has_its_figures() -> None:
    (one,) = read("永康市固定资产投资增长9%。", region="330700").statements
    assert (one.name, one.region) == ("固定资产投资", "330784")


def test_the_year_of_a_goal_holds_up_to_the_full_stop() -> None:
    found = read("到2027年,全县生产总值达到90亿元;财政总收入8亿元。城镇化率60%。", role="target", year=2023).statements
    assert [(one.name, one.year) for one in found] == [("生产总值", 2027), ("财政总收入", 2027), ("城镇化率", 2023)]


def test_a_short_sentence_gives_a_thin_name_its_topic() -> None:
    (one,) = read("城市更新加快推进。完成投资11亿元。").statements
    assert one.name == "城市更新投资"


def test_parts_of_a_whole_are_its_scopes() -> None:
    found = read("筹集保障性租赁住房290套,其中新建类210套,转化类80套。").statements
    assert [(one.name, one.scope) for one in found] == [
        ("保障性租赁住房", None),
        ("保障性租赁住房", "新建类"),
        ("保障性租赁住房", "转化类"),
    ]


def test_townships_of_a_list_are_scopes() -> None:
    found = read("甲镇、乙镇分别完成棚户区改造61户、43户。").statements
    assert [(one.name, one.scope) for one in found] == [("棚户区改造", "甲镇"), ("棚户区改造", "乙镇")]


def test_three_shares_are_three_statements() -> None:
    found = read("三次产业结构为4.0:51.0:45.0。").statements
    assert [one.value for one in found] == ["4.0%", "51.0%", "45.0%"]


def test_quotes_are_verbatim_and_short() -> None:
    words = "全年实现" + "、".join(f"项目{i}号" for i in range(40)) + "固定资产投资 12.5 亿元,增长 6.5%。"
    for one in read(words).statements:
        quote = words[one.start : one.end]
        assert len("".join(quote.split())) <= QUOTE
        assert one.start <= one.at < one.end


@given(st.text(alphabet="增长分别投资完成、,。和及1234567890.%亿元个以上第三 （“”）(一)\n城乡居民", max_size=120))
def test_reading_never_raises_and_stays_inside_the_text(words: str) -> None:
    result = read(words)
    for one in result.statements:
        assert 0 <= one.start < one.end <= len(words)
    for each in result.unread:
        assert 0 <= each.start < each.end <= len(words)


def test_headings_tell_year_and_role() -> None:
    words = "一、2022年计划执行情况\n文字。\n(一)工业\n文字。\n二、2023年主要预期目标\n文字。\n三、保障措施\n文字。"
    found = section.contexts(words, 2022, "plan-report")
    assert [(one.role, one.year) for one in found] == [
        ("actual", 2022),
        ("actual", 2022),
        ("actual", 2022),
        ("target", 2023),
        ("target", 2023),
    ]


def test_a_work_programme_plans_from_its_first_word() -> None:
    (one,) = section.contexts("文字", 2022, "work-programme")
    assert (one.role, one.year) == ("target", 2023)


@pytest.mark.parametrize(
    ("names", "count", "expected"),
    [
        ("国家级、省级专精特新企业", 2, ["国家级专精特新企业", "省级专精特新企业"]),
        ("甲投资和乙投资", 2, ["甲投资", "乙投资"]),
        ("甲、乙、丙", 2, None),
    ],
)
def test_lists_of_names_are_split_or_refused(names: str, count: int, expected: list[str] | None) -> None:
    assert subject.split(names, count) == expected
