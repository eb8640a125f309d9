"""The catalogue is whole: one name means one indicator, one indicator has one id, and lists agree with the schema."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from loaders import indicator, unit
from loaders.indicator import Catalogue, Indicator, normal_name, unmapped_id
from loaders.seeds import FOLDER

CATALOGUE = indicator.catalogue()
ALL = tuple(CATALOGUE.indicators.values())


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def found(name: str, parent: str | None = None) -> str | None:
    known = CATALOGUE.find(name, parent)
    return known.id if known else None


def test_ids_are_short_ascii_words() -> None:
    assert len(ALL) == len(rows("indicators.csv"))
    assert [each.id for each in ALL if not re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", each.id)] == []
    assert [each.id for each in ALL if len(each.id) > 80 or re.match(r"u_[0-9]{10}$", each.id)] == []


def test_no_two_indicators_share_a_name() -> None:
    for names in ([normal_name(each.name) for each in ALL], [each.name_en.lower() for each in ALL]):
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_indicators_keep_to_the_closed_lists() -> None:
    categories = {row["id"] for row in rows("categories.csv")}
    directions = {row["code"] for row in rows("codes.csv") if row["list"] == "directions"}
    assert [each.id for each in ALL if each.category not in categories or each.direction not in directions] == []
    assert categories == {each.category for each in ALL}


def test_units_are_known_and_their_labels_say_the_same() -> None:
    units = {row["id"] for row in rows("units.csv")}
    for each in ALL:
        if each.unit is None:
            assert (each.unit_label, each.unit_multiplier) == (None, None), each.id
            continue
        assert set(each.unit.split("_per_")) <= units, each.id
        label = unit.parse(each.unit_label or "")
        assert label is not None, each.id
        assert (label.id, label.multiplier) == (each.unit, each.unit_multiplier), each.id


def test_names_hold_no_unit_and_nothing_to_clean() -> None:
    for each in ALL:
        assert each.name == each.name.strip(), each.id
        assert not re.search(r"\((?:%|[万亿]?[元人吨亩])\)", each.name), each.id
        assert each.name_en.isascii(), each.id


def test_each_alias_has_its_indicator_and_is_written_once() -> None:
    aliases = rows("aliases.csv")
    assert {row["indicator"] for row in aliases} <= set(CATALOGUE.indicators)
    names = [row["name"] for row in aliases]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert [row["name"] for row in aliases if row["name"] == CATALOGUE.indicators[row["indicator"]].name] == []


def test_each_name_and_alias_finds_its_own_indicator() -> None:
    astray = [(name, each.id) for each in ALL for name in (each.name, *each.aliases) if found(name) != each.id]
    assert astray == []


def test_a_name_of_two_indicators_is_refused() -> None:
    one, other = ALL[:2]
    clash = Indicator(**{field: getattr(other, field) for field in other.__struct_fields__} | {"aliases": (one.name,)})
    with pytest.raises(ValueError, match=re.escape(other.id)):
        Catalogue([one, clash])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("城镇登记失业率", "城镇调查失业率"),
        ("居民人均可支配收入", "城镇居民人均可支配收入"),
        ("居民人均可支配收入", "农村居民人均可支配收入"),
        ("农民人均纯收入", "农村居民人均可支配收入"),
        ("社会消费品零售总额", "限额以上社会消费品零售总额"),
        ("基本养老保险参保率", "基本医疗保险参保率"),
        ("规模以上工业总产值", "工业总产值"),
        ("规模以上工业增加值", "工业增加值"),
        ("新增高新技术企业数", "国家高新技术企业数"),
        ("高新技术产业投资", "高技术产业投资"),
        ("民间投资", "民间项目投资"),
        ("单位GDP能耗", "单位GDP能耗降低"),
        ("常住人口城镇化率", "户籍人口城镇化率"),
        ("一般公共预算收入", "财政总收入"),
        ("数字经济增加值", "数字经济核心产业增加值"),
        ("全社会R&D有效率", "R&D经费支出占GDP比重"),
        ("国家高新技术企业数", "高新技术企业人数"),
    ],
)
def test_different_things_stay_apart(one: str, other: str) -> None:
    assert found(one) is not None
    assert found(one) != found(other)


@pytest.mark.parametrize(
    ("name", "parent", "wanted"),
    [
        ("地区生产总值(GDP)", None, "gross_regional_product"),
        ("全市生产总值(亿元)", None, "gross_regional_product"),
        ("其中:出口总额(亿美元)", None, "total_value_of_exports_of_goods"),
        ("规上工业增加值增速(%)", None, "value_added_of_industry_above_designated_size"),
        ("“规模以上”工业 增加值", None, "value_added_of_industry_above_designated_size"),
        ("制造业投资增速(%)", None, "investment_in_manufacturing"),
        ("区本级固定资产投资增速(%)", None, "fixed_asset_investment"),
        ("民间项目投资(不含房地产)", None, "private_project_investment"),
        ("全社会研究与试验发展(R&D)经费支出占地区生产总值的比例", None, "rd_expenditure_as_percentage_of_gdp"),
        ("研发投入强度", None, "rd_expenditure_as_percentage_of_gdp"),
        ("城乡居民收入倍差", None, "urban_rural_income_ratio"),
        ("公共财政预算收入", None, "general_public_budget_revenue"),
        ("每千人执业(助理)医师数(常住人口)", None, "licensed_assistant_doctors_per_1000_persons"),
        ("城镇新增就业人数(万)", None, "newly_increased_urban_employment"),
        ("太仓市常住人口城镇化率(%)", None, "urbanisation_rate_of_resident_population"),
        ("达到或好于Ⅲ类水体占地表水比例", None, "proportion_of_surface_water_at_or_above_grade_iii"),
        ("年末常住人口", None, "resident_population"),
        ("氨氮", "主要污染物排放量", "ammonia_nitrogen_emissions"),
        ("氨氮", "主要污染物排放总量减少(%)", "reduction_of_ammonia_nitrogen_emissions"),
        ("城镇居民", "居民人均可支配收入(元)", "per_capita_disposable_income_of_urban_households"),
        (
            "10﹣50万元的群体比例(%)",
            "家庭可支配收入(按三口之家计算)",
            "share_of_households_with_income_of_100000_to_500000_yuan",
        ),
    ],
)
def test_the_same_thing_has_the_same_id(name: str, parent: str | None, wanted: str) -> None:
    assert found(name, parent) == wanted


@pytest.mark.parametrize(
    "name", ["", "(", "企业", "营业收入", "投资额", "全市", "增速", "人数", "武义县" * 5000, "(" * 5000]
)
def test_what_names_no_indicator_finds_none(name: str) -> None:
    assert found(name) is None
    assert re.fullmatch(r"u_[0-9]{10}", unmapped_id(name))


def test_an_unmapped_name_keeps_its_id_however_it_is_printed() -> None:
    assert unmapped_id("全市“晾晒”场地面积(亩)") == unmapped_id("晾晒 场地面积")
    assert unmapped_id("晾晒场地面积") != unmapped_id("晾晒场地数")


# One thing a line, under the names that plans, work reports, five-year tables and communiqués give it.
SAME = """
地区生产总值 = GDP = 生产总值 = 全市生产总值 = 地区生产总值(GDP) = 国内生产总值 = 全省生产总值(亿元)
人均地区生产总值 = 人均GDP = 人均生产总值(元) = 人均国内生产总值
全员劳动生产率 = 全社会劳动生产率 = 社会劳动生产率 = 全员劳动生产率增长
第一产业增加值 = 一产增加值
第三产业增加值 = 三产增加值
服务业增加值占GDP比重 = 服务业增加值占地区生产总值比重 = 服务业增加值占生产总值的比重 = 服务业增加值占比
第三产业增加值占GDP比重 = 第三产业比重 = 三产占比
规模以上工业增加值 = 规上工业增加值 = 规模工业增加值 = 规模以上工业增加值增速 = 规模以上工业企业增加值
规模以上工业总产值 = 规上工业总产值 = 规上工业产值
战略性新兴产业增加值占GDP比重 = 战略性新兴产业增加值占地区生产总值比重 = 战略性新兴产业占GDP比重
高技术制造业增加值占规模以上工业增加值比重 = 高技术制造业增加值占规上工业比重 = 高技术制造业增加值占规模以上工业比重
数字经济核心产业增加值占GDP比重 = 数字经济核心产业增加值占地区生产总值比重 = 数字经济核心产业占GDP比重
制造业增加值占GDP比重 = 制造业增加值占地区生产总值的比重 = 制造业增加值比重 = 制造业比重
固定资产投资 = 固定资产投资(不含农户) = 固定资产投资额 = 500万元以上固定资产投资 = 固定资产投资增长 = 固定资产投资(不含农户)增速
全社会固定资产投资 = 全社会固定资产投资额 = 全社会固定资产投资总额
民间投资 = 民间固定资产投资 = 民间投资增速
基础设施投资 = 基础设施建设投资 = 基础设施固定资产投资
工业技术改造投资 = 工业技改投资 = 技改投资 = 技术改造投资
社会消费品零售总额 = 社零总额 = 社会消费品零售额 = 全社会消费品零售总额
网络零售额 = 网上零售额 = 网络零售总额
货物进出口总额 = 外贸进出口总额 = 进出口总额 = 外贸进出口 = 进出口总值 = 货物贸易进出口总额 = 外贸进出口总值
出口总额 = 外贸出口 = 货物出口总额 = 外贸出口总额 = 自营出口 = 出口总值
实际使用外资 = 实际利用外资 = 实际使用外资金额 = 实际利用外资额 = 实际使用外商直接投资
一般公共预算收入 = 地方一般公共预算收入 = 公共财政预算收入 = 一般预算收入 = 公共财政收入 = 地方财政一般预算收入 = 地方公共财政预算收入 = 地方公共财政收入
一般公共预算收入 = 财政一般预算收入 = 地方一般预算收入
一般公共预算支出 = 公共财政预算支出 = 一般预算支出 = 地方一般公共预算支出 = 公共财政支出
税收收入占一般公共预算收入比重 = 税收占一般公共预算收入比重 = 税收占比 = 税收收入占公共财政预算收入比重 = 税收收入占地方一般公共预算收入比重
财政总收入 = 全口径财政收入 = 财政收入
居民消费价格指数 = 居民消费价格涨幅 = CPI = 居民消费价格指数(CPI) = 居民消费价格总水平 = 居民消费价格 = 居民消费价格总水平涨幅
城镇调查失业率 = 调查失业率
城镇登记失业率 = 登记失业率
城镇新增就业人数 = 城镇新增就业 = 新增城镇就业 = 新增城镇就业人数 = 城镇新增就业人员
居民人均可支配收入 = 全体居民人均可支配收入 = 居民人均可支配收入增长 = 全体常住居民人均可支配收入 = 人均可支配收入
城镇居民人均可支配收入 = 城镇常住居民人均可支配收入 = 城镇居民人均可支配收入增长 = 城镇居民可支配收入
农村居民人均可支配收入 = 农村常住居民人均可支配收入 = 农村牧区居民人均可支配收入 = 农牧民人均可支配收入 = 农村牧区常住居民人均可支配收入
农民人均纯收入 = 农村居民人均纯收入 = 农牧民人均纯收入
城乡居民收入比 = 城乡居民收入倍差 = 城乡收入比 = 城乡居民人均可支配收入比 = 城乡居民人均可支配收入之比 = 城乡居民收入差距
R&D经费支出占GDP比重 = 全社会研发经费投入强度 = 研究与试验发展经费支出占地区生产总值比重 = 研发经费投入占GDP比重 = 全社会R&D经费支出占GDP比重 = R&D经费投入强度
R&D经费支出占GDP比重 = 全社会研究与试验发展经费支出占生产总值的比例 = 研发经费支出占地区生产总值的比重 = 研究与试验发展(R&D)经费投入强度
R&D经费支出 = 研发经费投入 = 全社会研发经费投入 = 全社会研发经费投入增长 = 研发经费投入增长 = 研究与试验发展经费投入 = 研究与试验发展(R&D)经费支出
每万人高价值发明专利拥有量 = 每万人口高价值发明专利拥有量 = 每万人高价值发明专利 = 每万人口拥有高价值发明专利 = 万人高价值发明专利拥有量
每万人发明专利拥有量 = 每万人口发明专利拥有量 = 万人发明专利拥有量 = 每万人有效发明专利拥有量
国家高新技术企业数 = 高新技术企业数 = 高新技术企业总数 = 有效高新技术企业数 = 国家高新技术企业
技术合同成交额 = 技术合同交易额 = 技术交易总额 = 技术市场成交额 = 技术合同成交金额
科技进步贡献率 = 科技进步对经济增长的贡献率
常住人口城镇化率 = 城镇化率 = 常住人口城市化率 = 城镇化水平 = 新型城镇化率 = 常住人口城镇化水平
户籍人口城镇化率 = 户籍人口城市化率
劳动年龄人口平均受教育年限 = 劳动年龄人口人均受教育年限 = 主要劳动年龄人口平均受教育年限
每千人执业(助理)医师数 = 每千人口拥有执业(助理)医师数 = 每千人口执业(助理)医师数 = 每千常住人口执业(助理)医师数 = 每千人口执业（助理）医师数（人）
每千人口注册护士数 = 每千人口拥有注册护士数 = 每千常住人口注册护士数
每千人口医疗卫生机构床位数 = 每千人医疗机构床位数 = 每千常住人口医疗床位数 = 每千人口床位数 = 每千人口拥有医疗卫生机构床位数
基本养老保险参保率 = 养老保险参保率 = 基本养老保险覆盖率 = 基本养老保险参保率(%)
基本医疗保险参保率 = 基本医保参保率 = 医保参保率 = 基本医疗保险覆盖率
城乡居民基本医疗保险参保率 = 城乡居民医疗保险参保率 = 城乡居民医保参保率
每千人口拥有3岁以下婴幼儿托位数 = 每千人拥有3岁以下婴幼儿托位数 = 每千人口托位数 = 千人口托位数 = 每千人托位数 = 每千常住人口拥有3岁以下婴幼儿托位数
每千人口拥有3岁以下婴幼儿托位数 = 每千人口婴幼儿托位数
人均预期寿命 = 平均预期寿命 = 人口平均预期寿命 = 居民平均预期寿命
新型农村合作医疗参合率 = 新农合参合率 = 农村合作医疗参合率 = 新农合参保率
单位GDP能耗降低率 = 单位GDP能源消耗降低 = 单位地区生产总值能耗下降 = 万元GDP能耗下降率 = 单位GDP能耗降幅 = 单位国内生产总值能源消耗降低 = 单位生产总值能耗降低率
单位GDP能耗降低率 = 万元GDP能耗降低率
单位GDP能耗 = 万元GDP能耗 = 万元地区生产总值能耗 = 单位地区生产总值能源消耗 = 万元GDP综合能耗 = 单位生产总值能耗
单位GDP二氧化碳排放降低率 = 单位GDP二氧化碳排放降低 = 单位地区生产总值二氧化碳排放下降 = 单位GDP碳排放强度下降率 = 碳排放强度降低
单位GDP二氧化碳排放 = 单位GDP二氧化碳排放量 = 碳排放强度 = 单位地区生产总值二氧化碳排放
万元GDP用水量降低率 = 万元GDP用水量下降 = 单位GDP用水量降低 = 万元地区生产总值用水量降幅
万元GDP用水量 = 万元地区生产总值用水量 = 单位GDP用水量
万元工业增加值用水量降低率 = 万元工业增加值用水量下降率 = 单位工业增加值用水量降低
非化石能源占一次能源消费比重 = 非化石能源占能源消费总量比重 = 非化石能源消费占比 = 非化石能源消费比重
空气质量优良天数比例 = 空气质量优良天数比率 = 地级及以上城市空气质量优良天数比率 = 城市空气质量优良天数比例 = 空气优良率 = 环境空气质量优良率 = 空气质量优良率
空气质量优良天数比例 = 优良天数比例 = 设区城市空气质量优良天数比率
PM2.5平均浓度 = 细颗粒物(PM2.5)平均浓度 = PM2.5浓度 = 细颗粒物浓度 = PM2.5年均浓度 = PM2.5均值 = 细颗粒物(PM2.5)年均浓度
地表水达到或好于Ⅲ类水体比例 = 地表水达到或好于III类水体比例 = 地表水Ⅲ类以上水质比例 = 地表水水质优良比例 = 达到或好于Ⅲ类水体占地表水比例 = 地表水达到或优于Ⅲ类水体比例
地表水达到或好于Ⅲ类水体比例 = 地表水达到或好于三类水体比例
化学需氧量排放降低率 = 化学需氧量排放总量减少 = 化学需氧量减排 = 化学需氧量排放量减少 = 主要污染物排放总量减少 > 化学需氧量 = 化学需氧量排放总量下降
二氧化硫排放降低率 = 二氧化硫排放总量减少 = 二氧化硫减排 = 二氧化硫排放量下降
氨氮排放降低率 = 氨氮排放总量减少 = 主要污染物减排 > 氨氮
主要污染物减排 = 主要污染物排放总量减少 = 主要污染物总量减排
森林覆盖率 = 森林覆盖率(%)
粮食综合生产能力 = 粮食生产能力 = 粮食综合生产能力(亿斤)
粮食总产量 = 粮食产量 = 粮食总产
能源综合生产能力 = 能源综合生产能力(亿吨标准煤)
亿元GDP生产安全事故死亡率 = 单位GDP生产安全事故死亡率 = 亿元地区生产总值生产安全事故死亡率 = 亿元国内生产总值生产安全事故死亡率 = 亿元GDP生产安全事故死亡人数
人口自然增长率 = 自然增长率 = 人口自然增长率(‰)
九年义务教育巩固率 = 义务教育巩固率
高中阶段毛入学率 = 高中阶段教育毛入学率
学前教育毛入园率 = 学前三年毛入园率 = 学前教育三年毛入园率
互联网普及率 = 互联网覆盖率
固定宽带家庭普及率 = 家庭宽带普及率
城镇棚户区改造套数 = 棚户区改造 = 城镇棚户区改造
城镇保障性安居工程住房建设 = 保障性安居工程住房套数 = 城镇保障性安居工程建设
城市污水处理率 = 城镇污水处理率 = 污水处理率 = 城镇生活污水处理率
生活垃圾无害化处理率 = 城市生活垃圾无害化处理率 = 城镇生活垃圾无害化处理率 = 城乡生活垃圾无害化处理率
农田灌溉水有效利用系数 = 农田灌溉用水有效利用系数 = 农业灌溉用水有效利用系数
耕地保有量 = 耕地保有量(万亩)
新增建设用地规模 = 新增建设用地指标
森林蓄积量 = 森林蓄积 = 森林蓄积量(万立方米)
金融机构本外币存款余额 = 金融机构本外币各项存款余额 = 本外币各项存款余额
金融机构人民币贷款余额 = 人民币各项贷款余额 = 金融机构人民币各项贷款余额
接待游客量 = 旅游总人次 = 接待游客人次 = 接待国内外游客 = 接待旅游总人数 = 实现旅游总人次
旅游收入 = 旅游总收入 = 实现旅游总收入 = 旅游综合收入
常住人口 = 年末常住人口 = 全市常住人口 = 2023年末常住人口
基本公共服务支出占一般公共预算支出比重 = 公共服务支出占一般公共预算支出比重
最低生活保障标准 = 城乡低保标准 = 城乡居民最低生活保障标准
农村自来水普及率 = 农村自来水普及率(%)
贫困发生率 = 农村贫困发生率
农村贫困人口脱贫人数 = 减贫人口 = 脱贫人口数 = 农村贫困人口脱贫
主要农作物耕种收综合机械化率 = 农作物耕种收综合机械化率 = 主要农作物综合机械化水平
公路通车里程 = 公路总里程 = 公路里程
高速公路通车里程 = 高速公路里程
全社会用电量 = 用电量 = 全社会用电总量
单位工业增加值能耗 = 规上工业单位增加值能耗 = 万元工业增加值能耗 = 单位规模工业增加值能耗
文化产业增加值占GDP比重 = 文化及相关产业增加值占GDP比重 = 文化产业增加值占地区生产总值的比重
每万人拥有公共文化设施面积 = 每万人拥有公共文化设施建筑面积 = 万人拥有公共文化设施面积
经常参加体育锻炼人数比例 = 经常参加体育锻炼人数占比
人均体育场地面积 = 人均公共体育场地面积
社会物流总费用与GDP的比率 = 社会物流总费用占GDP比重 = 社会物流总费用占地区生产总值的比率
非公有制经济增加值占GDP比重 = 非公有制经济占GDP比重 = 非公经济增加值占比
民营经济增加值占GDP比重 = 民营经济占GDP比重
公民具备科学素质的比例 = 公民科学素质水平 = 具备科学素质的公民比例 = 公民具备基本科学素质的比例
孕产妇死亡率 = 孕产妇死亡率(人/10万人)
建成区绿化覆盖率 = 城市建成区绿化覆盖率 = 建成区绿化覆盖率(%)
农村卫生厕所普及率 = 卫生厕所普及率 = 农村户用卫生厕所普及率
专项债券额度 = 争取专项债券额度 = 新增专项债券 = 专项债券争取额
一般公共预算收入 = 一般公共预算收入(区本级) = 市本级一般公共预算收入
村级集体经济收入 = 村集体经济收入 = 农村集体经济总收入
城镇居民人均住房建筑面积 = 城镇居民人均住房面积
城乡居民基本养老保险参保人数 = 城乡居民养老保险参保人数 = 城乡居民社会养老保险参保人数
城镇职工基本养老保险参保人数 = 参加城镇职工基本养老保险人数 = 职工基本养老保险参保人数
失业保险参保人数 = 参加失业保险人数
工伤保险参保人数 = 参加工伤保险人数
受污染耕地安全利用率 = 污染耕地安全利用率
畜禽粪污综合利用率 = 畜禽粪污资源化利用率
新增高标准农田 = 新建高标准农田面积
新能源装机占比 = 新能源装机占电力总装机比重 = 新能源装机比重
电子商务交易额 = 电商交易额
研发人员全时当量 = R&D人员全时当量 = 研究与试验发展人员全时当量
"""

# Things a line that look alike and are not the same.
APART = """
地区生产总值 / 人均地区生产总值 / 第一产业增加值 / 第二产业增加值 / 第三产业增加值 / 服务业增加值 / 工业增加值 / 建筑业增加值 / 制造业增加值
规模以上工业增加值 / 规模以上工业总产值 / 工业总产值 / 规模以上工业销售产值 / 规模以上工业企业利润总额 / 规模以上工业企业利税总额
固定资产投资 / 全社会固定资产投资 / 项目投资 / 民间投资 / 民间项目投资 / 工业投资 / 制造业投资 / 基础设施投资 / 房地产开发投资
工业技术改造投资 / 制造业技术改造投资 / 技术改造投资占工业投资比重
高新技术产业投资 / 高技术产业投资 / 高技术制造业投资
交通投资 / 综合交通投资 / 铁路投资 / 公路投资
社会消费品零售总额 / 限额以上社会消费品零售总额 / 网络零售额 / 实物商品网上零售额 / 城镇消费品零售额 / 乡村消费品零售额
进出口总额 / 出口总额 / 进口总额 / 服务贸易进出口总额 / 一般贸易进出口额 / 跨境电商进出口额 / 跨境电商交易额
实际使用外资 / 合同利用外资 / 制造业实际使用外资 / 实际利用内资 / 实际利用省外资金 / 实际利用市外资金
服务外包执行额 / 离岸服务外包执行额 / 服务外包合同额
一般公共预算收入 / 财政总收入 / 地方财政收入 / 税收收入 / 地方税收收入 / 非税收入 / 政府性基金收入 / 一般公共预算支出
金融机构本外币存款余额 / 金融机构人民币存款余额 / 金融机构本外币贷款余额 / 金融机构人民币贷款余额 / 住户存款余额
新增贷款 / 新增人民币贷款 / 新增制造业贷款
普惠小微贷款余额 / 小微企业贷款余额 / 制造业贷款余额 / 制造业中长期贷款余额
居民消费价格指数 / 商品零售价格指数 / 工业生产者出厂价格指数 / 工业生产者购进价格指数 / 农产品生产价格指数
居民人均可支配收入 / 城镇居民人均可支配收入 / 农村居民人均可支配收入 / 农民人均纯收入 / 低收入农户人均可支配收入 / 脱贫地区农村居民人均可支配收入
居民人均消费支出 / 城镇居民人均消费支出 / 农村居民人均消费支出
恩格尔系数 / 城镇居民恩格尔系数 / 农村居民恩格尔系数
城镇调查失业率 / 城镇登记失业率
城镇新增就业人数 / 失业人员再就业人数 / 就业困难人员就业人数 / 新增农村劳动力转移就业人数 / 农村劳动力转移就业人数
基本养老保险参保率 / 城乡居民基本养老保险参保率 / 城镇职工基本养老保险参保率 / 企业职工基本养老保险参保率 / 新型农村社会养老保险参保率
基本医疗保险参保率 / 城乡居民基本医疗保险参保率 / 城镇基本医疗保险参保率 / 城乡三项医疗保险参保率 / 新型农村合作医疗参合率
基本养老保险参保人数 / 新增基本养老保险参保人数 / 城镇职工基本养老保险参保人数 / 企业职工基本养老保险参保人数 / 城乡居民基本养老保险参保人数
城乡居民最低生活保障标准 / 城市最低生活保障标准 / 农村最低生活保障标准 / 特困人员供养标准
R&D经费支出 / R&D经费支出占GDP比重 / 规模以上工业企业研发费用 / R&D人员数 / R&D人员全时当量
每万人高价值发明专利拥有量 / 每万人发明专利拥有量 / 有效发明专利拥有量 / 高价值发明专利拥有量 / 发明专利授权量 / 专利授权量
国家高新技术企业数 / 新增高新技术企业数 / 科技型中小企业数 / 新增省科技型中小企业数 / 新增科技型中小企业数
专精特新中小企业数 / 新增专精特新中小企业数 / 国家级专精特新“小巨人”企业数 / 新增国家级专精特新“小巨人”企业数
国家企业技术中心数 / 省级企业技术中心数 / 省级以上企业技术中心数 / 新增省级企业技术中心数
数字经济增加值 / 数字经济核心产业增加值 / 数字经济规模 / 数字经济增加值占GDP比重 / 数字经济核心产业增加值占GDP比重
高新技术产业增加值 / 高技术制造业增加值 / 高技术产业增加值 / 装备制造业增加值 / 战略性新兴产业增加值 / 战略性新兴制造业增加值
战略性新兴产业增加值占GDP比重 / 战略性新兴产业增加值占规模以上工业增加值比重 / 战略性新兴产业产值占规模以上工业总产值比重
累计建成5G基站数 / 新建5G基站数 / 每万人拥有5G基站数 / 5G用户普及率 / 行政村5G网络覆盖率
算力规模 / 智能算力规模
常住人口城镇化率 / 户籍人口城镇化率
常住人口 / 户籍人口 / 总人口 / 城镇常住人口 / 乡村常住人口
60岁及以上人口占比 / 65岁及以上人口占比 / 户籍人口老龄化率
人均预期寿命 / 人均健康预期寿命
劳动年龄人口平均受教育年限 / 新增劳动力平均受教育年限 / 15岁及以上人口平均受教育年限
高中阶段毛入学率 / 高等教育毛入学率 / 学前教育毛入园率 / 九年义务教育巩固率
普惠性幼儿园在园幼儿占比 / 公办幼儿园在园幼儿占比
新增学位数 / 新增公办学位数 / 新增义务教育学位数
每千人口执业(助理)医师数 / 每千人口执业医师数 / 每千人口注册护士数 / 每千人口卫生技术人员数 / 每千人口医疗卫生机构床位数
婴儿死亡率 / 5岁以下儿童死亡率 / 孕产妇死亡率
养老床位数 / 养老机构床位数 / 每千名老年人拥有养老床位数 / 养老机构护理型床位占比
每千人口拥有3岁以下婴幼儿托位数 / 新增托位数 / 普惠托位占比
城镇棚户区改造套数 / 棚户区改造户数 / 保障性安居工程住房套数 / 筹集保障性租赁住房 / 公共租赁住房套数
单位GDP能耗 / 单位GDP能耗降低率 / 能源消费总量 / 规模以上工业单位增加值能耗 / 规模以上工业单位增加值能耗降低率
单位GDP二氧化碳排放 / 单位GDP二氧化碳排放降低率 / 二氧化碳排放量
万元GDP用水量 / 万元GDP用水量降低率 / 万元工业增加值用水量 / 万元工业增加值用水量降低率 / 用水总量
化学需氧量排放量 / 化学需氧量排放降低率 / 化学需氧量重点工程减排量 / 氨氮排放量 / 氨氮排放降低率 / 主要污染物减排
PM2.5平均浓度 / PM2.5浓度下降率 / PM10平均浓度 / 空气质量优良天数比例 / 空气质量优良天数 / 重污染天数比例 / 空气质量综合指数
地表水达到或好于Ⅲ类水体比例 / 地表水劣Ⅴ类水体比例 / 国考断面水质优良比例 / 饮用水源水质达标率 / 近岸海域水质优良比例
国考断面水质达标率 / 省控以上断面水质达标率 / 市控断面水质达标率 / 市控断面水质Ⅲ类达标率
森林覆盖率 / 森林蓄积量 / 活立木蓄积量 / 林木绿化率 / 建成区绿化覆盖率 / 建成区绿地率
耕地保有量 / 耕地面积 / 高标准农田面积 / 新建高标准农田面积 / 建设高标准农田面积 / 改造提升高标准农田面积
粮食总产量 / 粮食综合生产能力 / 粮食播种面积 / 粮食单产 / 夏粮产量 / 秋粮产量
肉类总产量 / 猪牛羊禽肉产量 / 猪肉产量 / 生猪出栏 / 生猪存栏
油料播种面积 / 油菜播种面积 / 油料产量 / 油菜籽产量
牛奶产量 / 奶类产量
生活垃圾无害化处理率 / 农村生活垃圾处理率 / 农村生活垃圾分类覆盖率 / 城市生活垃圾回收利用率 / 城镇生活垃圾资源化利用率
农村卫生厕所普及率 / 农村无害化卫生厕所普及率
城市污水处理率 / 城市生活污水集中收集率 / 农村生活污水治理率 / 县城污水处理率
受污染耕地安全利用率 / 污染地块安全利用率 / 重点建设用地安全利用率
一般工业固废综合利用率 / 大宗工业固废综合利用率
光伏装机容量 / 新增光伏装机容量 / 分布式光伏并网装机容量 / 屋顶分布式光伏装机容量 / 风电装机容量 / 新能源装机容量
公共充电桩数 / 充电桩数 / 新建公共充电桩数 / 新建充电桩数
生态环境状况指数 / 生态质量指数 / 生态系统生产总值
接待游客量 / 接待过夜游客量 / 国内游客接待量 / 入境游客接待量
旅游收入 / 国内旅游收入 / 旅游外汇收入 / 旅游产业增加值
亿元GDP生产安全事故死亡率 / 生产安全事故起数 / 生产安全事故死亡人数 / 道路交通事故死亡人数
食品安全抽检合格率 / 药品抽检合格率 / 主要农产品质量安全监测合格率 / 制造业产品质量合格率 / 产品质量监督抽查合格率
城乡居民收入比 / 基尼系数 / 农村居民人均可支配收入与低收入农户人均可支配收入之比
村级集体经济收入 / 村级集体经济经营性收入 / 集体经济年经营性收入10万元以上行政村占比 / 村集体经济年收入10万元以上村占比
公路通车里程 / 高速公路通车里程 / 农村公路里程 / 农村公路新(改)建提升里程
货物周转量 / 旅客周转量 / 货运量 / 客运量 / 公路货物周转量 / 公路运输总周转量
市场主体数量 / 新增市场主体数 / 企业数 / 新增企业数 / 个体工商户数 / 每千人拥有市场主体数 / 每万人拥有市场主体数
贫困发生率 / 贫困人口数 / 脱贫人口数
争取专项债券额度 / 争取地方政府债券资金 / 争取超长期特别国债资金 / 争取上级资金
"""


def lists(text: str, between: str) -> list[list[str]]:
    return [line.split(between) for line in text.strip().splitlines()]


@pytest.mark.parametrize("names", lists(SAME, " = "), ids=lambda names: names[0])
def test_all_names_of_one_thing_find_one_indicator(names: list[str]) -> None:
    assert {name: found(name) for name in names} == dict.fromkeys(names, found(names[0]))
    assert found(names[0]) is not None


@pytest.mark.parametrize("names", lists(APART, " / "), ids=lambda names: names[0])
def test_things_that_look_alike_are_each_found_and_stay_apart(names: list[str]) -> None:
    ids = {name: found(name) for name in names}
    assert None not in ids.values(), ids
    assert len(set(ids.values())) == len(names), ids


def test_the_lists_hold_enough_pairs() -> None:
    assert sum(len(names) - 1 for names in lists(SAME, " = ")) >= 300
    assert sum(len(names) * (len(names) - 1) // 2 for names in lists(APART, " / ")) >= 500


@pytest.mark.parametrize(
    ("label", "wanted", "power"),
    [
        ("亿吨公里", "tonne_kilometre", 8),
        ("亿人公里", "person_kilometre", 8),
        ("人/10万人", "person_per_person", -5),
        ("人/十万人", "person_per_person", -5),
        ("人/百万吨", "person_per_tonne", -6),
        ("元/人/年", "CNY_per_person_per_year", 0),
        ("元/人/月", "CNY_per_person_per_month", 0),
        ("件/万人", "item_per_person", -4),
        ("户/万人", "household_per_person", -4),
        ("平方米/百户", "square_metre_per_household", -2),
        ("万吨/日", "tonne_per_day", 4),
        ("万立方米/日", "cubic_metre_per_day", 4),
        ("万重量箱", "weight_case", 4),
        ("万千升", "litre", 7),
        ("千公顷", "hectare", 3),
        ("人年", "person_year", 0),
        ("克标准煤/千瓦时", "gram_coal_equivalent_per_kilowatt_hour", 0),
        ("EFLOPS", "petaflops", 3),
        ("亿欧元", "EUR", 8),
        ("亿港元", "HKD", 8),
        ("万架次", "item", 4),
        ("标台/万人", "item_per_person", -4),
    ],
)
def test_units_of_the_genre_are_read(label: str, wanted: str, power: int) -> None:
    read = unit.parse(label)
    assert read is not None
    assert (read.id, read.multiplier) == (wanted, power)
    assert set(read.id.split("_per_")) <= {row["id"] for row in rows("units.csv")}


def test_every_unit_label_leads_to_a_unit() -> None:
    units = {row["id"] for row in rows("units.csv")}
    assert [row["label"] for row in rows("unit_labels.csv") if row["unit"] not in units] == []
    names = [row["name"] for row in rows("units.csv")]
    assert [name for name in names if unit.parse(name) is None and name not in ("位", "倍", "分")] == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("2022年全区GDP占全市比重", "share_of_gross_regional_product_in_prefecture_total"),
        ("出口总额占全国", "share_of_exports_in_national_total"),
        ("规上服务业实现营业收入", "business_revenue_of_service_enterprises_above_designated_size"),
        ("提升普惠托位占比", "share_of_affordable_nursery_places"),
        ("爱心书屋的使用率", "use_rate_of_book_kiosks"),
        ("实现旅游总收入", "tourism_revenue"),
        ("2023年上半年地区生产总值", "gross_regional_product"),
        ("二季度GDP", "gross_regional_product"),
        ("**一般公共预算收入", "general_public_budget_revenue"),
        ("到2025年底常住人口城镇化率", "urbanisation_rate_of_resident_population"),
    ],
)
def test_dates_deeds_and_the_word_for_a_share_may_be_there_or_not(name: str, wanted: str) -> None:
    assert found(name) == wanted


@pytest.mark.parametrize("name", ["提升高标准农田", "提升5G基站", "实现", "占", "2022年", "占全省"])
def test_a_deed_is_not_all_there_is_of_a_thing(name: str) -> None:
    assert found(name) is None


def test_closed_lists_are_those_of_the_schema() -> None:
    schema = (FOLDER / "schema.sql").read_text(encoding="utf-8")
    types = {
        name: set(re.findall(r"'([^']+)'", values))
        for name, values in re.findall(r"CREATE TYPE (\w+) AS ENUM \(([^)]*)\)", schema)
    }
    lists = {"region_level": "levels", "document_kind": "kinds", "status": "statuses", "severity": "severities"}
    codes = rows("codes.csv")
    assert len({(row["list"], row["code"]) for row in codes}) == len(codes)
    assert types
    for name, values in types.items():
        assert {row["code"] for row in codes if row["list"] == lists.get(name, f"{name}s")} == values


@pytest.mark.parametrize("name", ["categories.csv", "codes.csv"])
def test_lists_are_named_in_both_languages(name: str) -> None:
    assert [row for row in rows(name) if not all(value and value == value.strip() for value in row.values())] == []


def test_every_name_of_the_labelled_tables_is_in_the_catalogue(corpus: Path) -> None:
    with (corpus / "gold" / "tables.tsv").open(encoding="utf-8", newline="") as lines:
        names = {row["source_name"] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert len(names) > 100
    assert sorted(name for name in names if found(name) is None) == []
