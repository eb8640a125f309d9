"""The table of regions is whole, and a document's region is found from its own words."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from loaders import region

PLAN = "国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告"


def test_codes_are_sorted_and_lie_under_their_parent() -> None:
    regions = region.table().regions
    assert list(regions) == sorted(regions)
    for code, one in regions.items():
        level = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
        assert one.level == level
        assert (one.parent is None) == (level == "province")
        if one.parent is not None:
            assert one.parent in (code[:4] + "00", code[:2] + "0000")
            assert one.parent == code[:4] + "00" or level == "prefecture" or code[:4] + "00" not in regions


def test_each_level_has_its_number_of_regions() -> None:
    in_force = Counter(one.level for one in region.table().regions.values() if one.until is None)
    assert in_force == {"province": 34, "prefecture": 333, "county": 2845}
    abolished = [one.until for one in region.table().regions.values() if one.until is not None]
    assert 200 < len(abolished) < 350
    assert all(2010 <= year <= 2025 for year in abolished)


def test_a_name_in_force_is_never_abolished_in_the_same_province() -> None:
    regions = region.table().regions.values()
    in_force = {(one.code[:2], one.name) for one in regions if one.until is None}
    assert not [one for one in regions if one.until is not None and (one.code[:2], one.name) in in_force]


def test_no_row_is_a_placeholder() -> None:
    names = {one.name for one in region.table().regions.values()}
    assert not names & {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def test_english_names_are_plain_and_end_in_their_generic() -> None:
    for one in region.table().regions.values():
        assert re.fullmatch(r"[A-Z][A-Za-z' ,-]*( \(until \d{4}\))?", one.name_en), one
        plain = one.name_en.split(" (")[0]
        if one.level == "county" and one.name.endswith("县"):
            assert plain.endswith(" County"), one
        if one.level == "county" and one.name.endswith("区"):
            assert plain.endswith((" District", " New Area")), one


@pytest.mark.parametrize(
    ("code", "name", "name_en"),
    [
        ("330702", "婺城区", "Wucheng District"),
        ("330700", "金华市", "Jinhua"),
        ("330784", "永康市", "Yongkang"),
        ("330723", "武义县", "Wuyi County"),
        ("331102", "莲都区", "Liandu District"),
        ("500000", "重庆市", "Chongqing"),
        ("150000", "内蒙古自治区", "Inner Mongolia"),
        ("610000", "陕西省", "Shaanxi"),
        ("140000", "山西省", "Shanxi"),
        ("810000", "香港特别行政区", "Hong Kong"),
        ("610100", "西安市", "Xi'an"),
        ("341500", "六安市", "Lu'an"),
        ("341600", "亳州市", "Bozhou"),
        ("140400", "长治市", "Changzhi"),
        ("140428", "长子县", "Zhangzi County"),
        ("110105", "朝阳区", "Chaoyang District"),
        ("330382", "乐清市", "Yueqing"),
        ("130225", "乐亭县", "Laoting County"),
        ("440113", "番禺区", "Panyu District"),
        ("361124", "铅山县", "Yanshan County"),
        ("341021", "歙县", "She County"),
        ("371524", "东阿县", "Dong'e County"),
        ("411100", "漯河市", "Luohe"),
        ("450804", "覃塘区", "Qintang District"),
        ("331127", "景宁畲族自治县", "Jingning She Autonomous County"),
        ("422800", "恩施土家族苗族自治州", "Enshi Tujia and Miao Autonomous Prefecture"),
        ("150100", "呼和浩特市", "Hohhot"),
        ("540100", "拉萨市", "Lhasa"),
        ("653100", "喀什地区", "Kashgar Prefecture"),
        ("152500", "锡林郭勒盟", "Xilingol League"),
        ("533103", "芒市", "Mangshi"),
        ("140109", "万柏林区", "Wanbailin District"),
        ("441803", "清新区", "Qingxin District"),
        ("330104", "江干区", "Jianggan District (until 2021)"),
    ],
)
def test_a_code_has_its_name(code: str, name: str, name_en: str) -> None:
    one = region.get(code)
    assert one is not None
    assert (one.name, one.name_en) == (name, name_en)


def test_the_table_is_a_tree() -> None:
    assert region.ancestors("330702") == ("330700", "330000")
    assert region.ancestors("110101") == ("110000",)
    assert region.ancestors("419001") == ("410000",)
    assert region.ancestors("000000") == ()
    assert region.get("000000") is None
    assert {"330702", "330784"} <= set(region.descendants("330700")) < set(region.descendants("330000"))
    assert region.descendants("330702") == ()


@pytest.mark.parametrize(
    ("title", "issuer", "head", "code"),
    [
        (f"金华市婺城区2022年{PLAN}", "婺城区人民政府", "", "330702"),
        ("2024年金华市政府工作报告", None, "", "330700"),
        ("武义县2023年政府工作报告", None, "", "330723"),
        ("2023年莲都区加快高质量发展工作要点", None, "", "331102"),
        (f"关于2023年{PLAN}", "永康市发展和改革局", "", "330784"),
        ("政府工作报告", None, "2024年2月3日在永康市第十八届人民代表大会第三次会议上", "330784"),
        ("浙江省2023年政府工作报告", None, "", "330000"),
        ("浙江2023年政府工作报告", None, "", "330000"),
        ("2023年内蒙古自治区政府工作报告", None, "", "150000"),
        ("广西壮族自治区2022年国民经济计划", None, "", "450000"),
        ("北京市朝阳区2023年政府工作报告", None, "", "110105"),
        ("朝阳区2023年政府工作报告", None, "长春市各街道,南关区", "220104"),
        ("朝阳区2023年政府工作报告", "北京市朝阳区人民政府", "", "110105"),
        ("朝阳区2023年政府工作报告", None, "", None),
        ("朝阳市2023年政府工作报告", None, "", "211300"),
        ("鼓楼区2023年政府工作报告", None, "福州市鼓楼区第十八届人民代表大会", "350102"),
        ("鼓楼区2023年政府工作报告", None, "各位代表", None),
        ("城关区2022年政府工作报告", None, "兰州市城关区", "620102"),
        ("拉萨市城关区2022年政府工作报告", None, "", "540102"),
        ("南山区2023年政府工作报告", None, "深圳市南山区人民代表大会", "440305"),
        ("普陀区2023年政府工作报告", None, "舟山群岛新区,定海区", "330903"),
        ("上海市长宁区2023年计划报告", None, "", "310105"),
        ("宜宾市长宁县2023年政府工作报告", None, "", "511524"),
        ("阳泉市郊区2023年政府工作报告", None, "", "140311"),
        ("郊区2023年政府工作报告", None, "", None),
        ("济南市市中区2023年政府工作报告", None, "", "370103"),
        ("全市中区域协调发展规划", None, "", None),
        ("东城区2023年政府工作报告", None, "首都北京", "110101"),
        ("市区改造与老城区更新2023年计划", None, "", None),
        ("上海市浦东新区2023年政府工作报告", None, "", "310115"),
        ("深圳市2023年国民经济计划", None, "", "440300"),
        ("天津市和平区2023年政府工作报告", None, "", "120101"),
        ("马鞍山市和县2023年政府工作报告", None, "", "340523"),
        ("和县2023年政府工作报告", None, "", "340523"),
        ("市区和县城建设2023年计划", None, "", None),
        ("仙桃市2023年政府工作报告", None, "", "429004"),
        ("恩施州2023年政府工作报告", None, "", "422800"),
        ("恩施土家族苗族自治州恩施市2023年政府工作报告", None, "", "422801"),
        ("景宁县2023年政府工作报告", None, "", "331127"),
        ("锡林郭勒盟2023年政府工作报告", None, "", "152500"),
        ("呼和浩特市土默特左旗2023年政府工作报告", None, "", "150121"),
        ("新疆喀什地区疏附县2023年政府工作报告", None, "", "653121"),
        ("丽水市莲都2023年工作要点", None, "", "331102"),
        ("2023年莲都加快发展工作要点", None, "丽水市委、市政府", "331102"),
        ("同心协力推进2023年重点工作", None, "", None),
        ("公安局2023年工作要点", None, "", None),
        ("金华市人民政府关于批转婺城区2023年国民经济计划的通知", None, "", "330702"),
        ("关于贯彻浙江省委决定推进武义县共同富裕的意见", None, "", "330723"),
        ("武义县贯彻浙江省委决定的意见", None, "", "330723"),
        ("海南州2023年政府工作报告", None, "", "632500"),
        ("吉林省吉林市龙潭区2023年政府工作报告", None, "", "220203"),
        ("新疆生产建设兵团2023年国民经济计划", None, "", None),
        ("湖南大学2023年工作要点", None, "", None),
        ("三沙市南沙区2023年工作要点", None, "", "460303"),
        ("云南山区2023年发展计划", None, "", "530000"),
        ("杭州市江干区2019年政府工作报告", None, "", "330104"),
        ("密云县2014年政府工作报告", None, "", "110228"),
        ("重庆市渝北区2022年政府工作报告", None, "", "500112"),
        ("2023年政府工作报告", None, "区政府各部门,各乡镇人民政府", None),
        ("义乌市场价格周报", None, "", None),
        ("", None, "", None),
    ],
)
def test_a_document_names_its_region(title: str, issuer: str | None, head: str, code: str | None) -> None:
    assert region.of_document(title, issuer, head) == code


def test_mentions_have_places_and_codes() -> None:
    text = (
        "高于浙江省平均,居金华市婺城区、东阳市之后;朝阳区、新城区、市区和县城、中山区域不算;"
        "形成都市圈;完成都市更新;新增城市、沿海城市绿地;北京市朝阳区算"
    )
    found = [(text[start:end], code) for start, end, code in region.mentioned(text)]
    assert found == [
        ("浙江省", "330000"),
        ("金华市婺城区", "330702"),
        ("东阳市", "330783"),
        ("北京市朝阳区", "110105"),
    ]


def test_a_hostile_text_takes_linear_time() -> None:
    for piece in ("金华市", "新疆维吾尔自治", "城区和县", "积石山保安族东乡族撒拉族自治"):
        begin = time.perf_counter()
        region.mentioned(piece * 20_000)
        region.of_document(piece * 20_000, piece * 20_000, piece * 20_000)
        assert time.perf_counter() - begin < 5
