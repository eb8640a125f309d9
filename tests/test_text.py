"""What was damaged is mended where it can be read again, and every character keeps its place in the original."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import lexicon, repair, rewritten
from loaders.text import Text, edited, joined

PINYIN = "國(guó)務(wù)經(jīng)濟(jì)發(fā)項(xiàng)設(shè)業(yè)產(chǎn)長(zhǎng)區(qū)實(shí)當(dāng)強(qiáng)數(shù)財(cái)。\n"
REWRITTEN = "全年真现工做目的,名目建立提速删效,此中家产止业落真到位。\n"
SPUN = (
    "百姓经济与社会进展筹划,本域固态财产注资攀升,范围之上产业添增值,社会花销物品零卖总数,普通大众估算收益,"
    "住民每人平均能支配进账,乡镇挂号待业比例,民众花费价钱,收支口总额,丛林遮盖比率,次要预想目的。\n"
)


def mended(raw: str) -> str:
    return repair.mended(raw)[0].chars


def named(raw: str, name: str) -> list[tuple[str, str]]:
    return [(one.original, one.mended) for one in repair.mended(raw)[1] if one.name == name]


def test_an_undamaged_text_is_left_as_it_is() -> None:
    raw = "2023年,全市地区生产总值增长6.5%(含开发区)。\n"
    assert mended(raw) == raw
    assert repair.mended(raw)[1] == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("增長(zhǎng)19.1%", "增长19.1%"),
        ("30項(xiàng)以上", "30项以上"),
        ("1000萬(wàn)千瓦時(shí)", "1000万千瓦时"),
        ("我們(men)的目標(biāo)", "我们的目标"),
        ("國（guó）民經（jīng）濟（jì）", "国民经济"),
    ],
)
def test_pinyin_brackets_go_also_inside_words_and_before_units(raw: str, clean: str) -> None:
    assert mended(PINYIN + raw).endswith(clean)


@pytest.mark.parametrize("kept", ["(次)", "(村)", "(GDP)", "(常住人口)", "(c)", "(tiktok)", "(2023)"])
def test_real_brackets_stay(kept: str) -> None:
    assert mended(f"{PINYIN}總值{kept}增長(zhǎng)").endswith(f"总值{kept}增长")


@pytest.mark.parametrize("kept", ["面积(ha)", "重量(mu)"])
def test_latin_letters_without_a_tone_stay_where_a_document_has_no_pinyin(kept: str) -> None:
    assert mended(kept) == kept


def test_a_document_in_simplified_characters_is_not_converted() -> None:
    raw = (
        "乾西乡與外地合作,其余为简体字,全区实现增长,稳中有进,进出口总额增长,项目建设提速,产业转型升级,民生持续改善。"
        * 3
    )
    assert mended(raw) == raw


def test_full_width_marks_become_half_width_and_chinese_stops_stay() -> None:
    raw = "增长５．５％，其中：第三产业（含开发区）１２，３４５亿元；“稳”、《规划》〔２０２３〕。\u3000完"
    assert mended(raw) == "增长5.5%,其中:第三产业(含开发区)12,345亿元;“稳”、《规划》〔2023〕。 完"


def test_a_zero_width_character_does_not_cut_a_number() -> None:
    assert mended("\ufeff增长1\u200b2%") == "增长12%"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("基地?cái)?shù)量", "基地数量"),  # two in a row, each misread by the pinyin before it
        ("表水?dāng)嗝鍵II類達(dá)標(biāo)", "表水断面III类达标"),
        ("支援?dāng)y手共進(jìn)", "支援携手共进"),
        ("率94%?!捌桨灿揽怠睂?shí)現(xiàn)17連", "率94%。“平安永康”实现17连"),
        ("用地?!皷|遷", "用地。“东迁"),
        ("工作工程規(guī)?Ｒ陨瞎I(yè)", "工作工程规模以上工业"),
    ],
)
def test_shifted_bytes_are_read_again(raw: str, clean: str) -> None:
    assert mended(PINYIN + raw).removeprefix(mended(PINYIN)) == clean


def test_a_lost_digit_stays_lost_and_is_marked() -> None:
    raw = PINYIN + "“某惠?!蓖侗B?5%以上"
    text, repairs = repair.mended(raw)
    assert text.chars.endswith("”投保?5%以上")
    lost = [one for one in repairs if one.name == "lost" and raw[one.end] == "5"]
    assert [(one.original, one.mended) for one in lost] == [("?", "?")]


def test_question_marks_of_an_undamaged_document_are_no_damage() -> None:
    raw = "怎么办?!要干。目标是什么?5%以上?\n"
    assert mended(raw) == raw
    assert repair.mended(raw)[1] == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("地区消费总值6011.3亿元、删加6.8%", "地区生产总值6011.3亿元、增长6.8%"),
        ("居民出产价格指数涨幅3%摆布", "居民消费价格指数涨幅3%左右"),
        ("社会出产品零售总额删加6%以上", "社会消费品零售总额增长6%以上"),
        ("正常大众估算收出取经济删加同步", "一般公共预算收入与经济增长同步"),
        ("城镇盘问拜访赋闲率控制正在5%以内", "城镇调查失业率控制在5%以内"),
        ("牢固资产投资划分删加10%、20%以上", "固定资产投资分别增长10%、20%以上"),
        ("消费安宁事件起数下降8%", "生产安全事故起数下降8%"),
        ("真际运用外资7亿美圆", "实际使用外资7亿美元"),
        ("水源地水量达标率100%,总质跃居第6", "水源地水质达标率100%,总量跃居第6"),
        ("按行政区划分的项目划分为三类", "按行政区划分的项目划分为三类"),
        ("科技进步奖2项,比例进步2个百分点", "科技进步奖2项,比例提高2个百分点"),
        ("3.67万淘(间)", "3.67万套(间)"),
    ],
)
def test_synonyms_are_turned_back_in_a_rewritten_document(raw: str, clean: str) -> None:
    assert mended(REWRITTEN + raw).endswith(clean)


def test_synonyms_stay_in_a_document_that_is_not_rewritten() -> None:
    raw = "我市划分网格,财产性收入提高,名目繁多的收费已取消,消费总值和出产地标注清楚,正在推进。" * 5
    assert mended(raw) == raw


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("地带产出总值271.4亿元,攀升8.3%", "地区生产总值271.4亿元,增长8.3%"),
        ("区域出产总产值激增9%光景", "地区生产总值增长9%左右"),
        ("固化资产投放跌落5.6%", "固定资产投资下降5.6%"),
        ("固定身家投资增长9%", "固定资产投资增长9%"),
        ("主营生意进项、盈利总额各自为3亿元、2亿元", "主营业务收入、利润总额分别为3亿元、2亿元"),
        ("金融组织储蓄结余较岁初净添3亿元", "金融机构存款余额较年初净增3亿元"),
        ("乡下居者人均可支派进项", "农村居民人均可支配收入"),
        ("单位产出总值能源耗用压降2.8%,贫苦发作率压降至1%之下", "单位生产总值能耗降低2.8%,贫困发生率降低至1%以下"),
        ("首要预估目标", "主要预期目标"),
        ("百姓经济与社会开展规划实施情形及规划初稿的汇报", "国民经济和社会发展计划执行情况及计划草案的报告"),
    ],
)
def test_synonyms_of_an_unknown_rewriter_are_turned_back_by_the_thesaurus(raw: str, clean: str) -> None:
    assert mended(SPUN + raw).endswith(clean)


@pytest.mark.parametrize(
    "kept",
    ["科技进步", "工作当中", "3个中小企业", "引进项目", "关注资金", "光景宜人", "实际使用外资3亿美元", "上下齐心"],
)
def test_what_only_looks_like_a_synonym_stays_in_a_rewritten_document(kept: str) -> None:
    assert mended(SPUN + kept).endswith(kept)


@pytest.mark.parametrize("rule", lexicon.rules(rewritten.THESAURUS), ids=lambda rule: rule.name)
def test_a_rule_of_the_thesaurus_changes_its_examples_alone(rule: lexicon.Rule) -> None:
    if rule.result != "kept":
        assert [words for words in rule.examples if mended(SPUN + words).endswith("\n" + words)] == []
    kept = [] if rule.result == "kept" else rule.counter_examples
    assert [words for words in kept if not mended(SPUN + words).endswith("\n" + words)] == []


def test_a_word_of_the_thesaurus_has_one_meaning() -> None:
    rules = [rule for rule in lexicon.rules(rewritten.THESAURUS) if rule.result == "word"]
    words = [(rule.place, word) for rule in rules for line in rule.words for word in line.split()[1:]]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_a_few_unusual_terms_make_no_rewritten_document() -> None:
    raw = "我市区域生产总值和固定资产投入稳步增长,范围以上工业企业的营业收益、盈利总额攀升3%,农村住民生活改善。\n"
    assert mended(raw) == raw


def test_lines_wrapped_at_a_fixed_width_are_joined() -> None:
    words = "全市地区生产总值增长百分之六以上并且固定资产投资完成额达到一千二百三十四亿元同比增长12.34个百分点" * 20
    raw = "\n".join(words[at : at + 37] for at in range(0, len(words), 37))
    assert mended(raw) == words
    assert named(raw, "wrapped")


def test_a_table_with_a_cell_on_each_line_is_not_joined() -> None:
    raw = "指标\n单位\n地区生产总值\n亿元\n增长8%\n固定资产投资\n亿元\n" * 20
    assert mended(raw) == raw


def test_lines_set_one_behind_the_other_are_told_apart() -> None:
    sentence = "全市经济运行总体平稳稳中有进,各项社会事业取得新进展。 "
    raw = f"各位代表: {sentence * 20}一、工作回顾 {sentence * 30}打造“五金之都 品质之城”。"
    lines = mended(raw).split("\n")
    assert lines[0] == "各位代表:"
    assert "一、工作回顾" in lines
    assert lines[-1] == "打造“五金之都 品质之城”。"


ALPHABET = st.text("增长%5．（国國guóā)(?!？Ｒ陨地数删加此中真现名目\u3000 \n\ufeff\u200b。“”１", max_size=200)


def check(raw: str) -> None:
    text, repairs = repair.mended(raw)
    changed = {place for one in repairs for place in range(one.start, one.end)}
    assert list(text.starts) == sorted(text.starts)
    assert list(text.ends) == sorted(text.ends)
    for char, start, end in zip(text.chars, text.starts, text.ends, strict=True):
        assert 0 <= start < end <= len(raw)
        assert start in changed or raw[start:end] == char
    for one in repairs:
        assert raw[one.start : one.end] == one.original


@given(ALPHABET)
@settings(max_examples=150, deadline=None)
def test_places_hold_for_any_text(raw: str) -> None:
    check(raw)


@given(ALPHABET)
@settings(max_examples=150, deadline=None)
def test_places_hold_for_any_damaged_text(raw: str) -> None:
    check(PINYIN + REWRITTEN + raw)
    check(SPUN + raw)


def test_an_edit_gives_all_it_puts_in_the_place_of_what_it_takes_out() -> None:
    text = edited(Text.of("ab地區cd", 10), [(1, 2, ""), (2, 4, "地区级")])
    assert text.chars == "a地区级cd"
    assert list(text.starts) == [10, 12, 12, 12, 14, 15]
    assert list(text.ends) == [11, 14, 14, 14, 15, 16]


def test_slices_sums_and_lines_keep_the_places() -> None:
    text = Text.of("  一\n\n 二 \n")
    assert [(line.chars, line.start, line.end) for line in text.lines()] == [("一", 2, 3), ("二", 6, 7)]
    assert str(joined([text[2:3], text[6:7]])) == "一二"
    assert (text[2:3] + text[6:7]).end == 7
    assert len(Text.of("  ").strip()) == 0


@pytest.mark.parametrize(
    "kept",
    ["水产质量、总质量、数量质量", "减税支持", "劣Ⅴ类水体占比", "市卫健委", "严峻复杂的形势", "统筹划定三条控制线"],
)
def test_words_that_only_look_rewritten_stay_in_a_rewritten_document(kept: str) -> None:
    assert mended(REWRITTEN + kept).endswith(kept)
