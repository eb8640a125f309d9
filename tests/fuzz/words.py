"""Words of the genre from which the fuzzer puts texts together: our own, in no document's order."""

from __future__ import annotations

_WORDS = """
0 1 3 12 5.6 3.25 1,234.5 007 2022 2023 2025 99999999999999999999 % ‰ 个百分点 亿元 万元 元/人 万亩 公里 家 个 项 人 吨
平方米 地区生产总值 固定资产投资 一般公共预算收入 城镇居民人均可支配收入 森林覆盖率 规上工业增加值 粮食产量 城镇新增就业 社会消费品零售总额 PM2.5 单位GDP能耗 外贸进出口
高新技术企业 增长 下降 同比 比上年 年均 分别 达到 完成 实现 新增 力争 不低于 不超过 以上 以下 左右 以内 与上年持平 约 近 突破 其中 其中: 全年 今年 去年 上半年 2022年
2023年 “十四五” 到2025年 一、 二、 (一) （二） 第一章 1. 2、 ① 表1 表1:2023年主要指标 附件 附件: 附表2 注: 单位:亿元 序号 指标 指标名称 单位
2022年实际 2023年目标 目标 预计完成 绝对值 增长% 增速 责任单位 类别 约束性 预期性 属性 区发改局 市统计局 累计 [4.8] 〔5〕 计划执行情况 国民经济和社会发展计划
草案的报告 政府工作报告 工作要点 工作回顾 主要预期目标 各位代表: 江宁区 南京市 零 亿 万 百 点 分之 成 一百二十 三成 两倍 翻一番 半 百分之五 三分之二
由 从 提高到 提高 增加到 至 — - − ～ ~
/ × ± ≥ ≤ < > 。 ; ； , ， 、 : ： ( ) （ ） [ ] 【 】 《 》 “ ” … | │ ─ ┌ ├ └ + = * ** (guó) （jiā） (shēng) 國
經濟 發展 實現 &nbsp; &#37; &lt; <br> <strong> </strong> ﹪ ％ ＋ ５ ． \u2f00 \uf900 \u200b \ufeff http://www.example.cn 来源: 作者:
发布时间: 2023-01-05 2023年1月5日 责任编辑: 打印 上一篇 下一篇 第3页 ' " \U00020000 é a Z
"""
_TAGS = """
<table> </table> <tr> </tr> <td> </td> <th> <thead> <tbody> <caption> <div> </div> <p> </p> <br>
<br/> <span> <ul> <li> <body> <html> <head> <title> <!-- --> <![CDATA[ ]]> <?xml ?> <!DOCTYPE
<script> </script> <style> <nav> <footer> <select> <option> <svg> <math> <template> <frameset>
<plaintext> hidden style= display:none &nbsp; &amp; &#x110000; &#0; &#xD800; &lt &bogus; < > </ /> =
" '
"""

WORDS = (*_WORDS.split(), "\n", "\n\n", "\t", "  ", "    ", "\u3000\u3000", "\r\n")
TAGS = (*_TAGS.split(), "<td colspan=3>", "<td rowspan=2>", "<td colspan=99999999>")

REPORT = """关于江宁区2022年国民经济和社会发展计划执行情况
与2023年国民经济和社会发展计划草案的报告
——2023年1月5日在南京市江宁区第十八届人民代表大会第三次会议上
各位代表:
一、2022年国民经济和社会发展计划执行情况
全区地区生产总值增长3.5%,一般公共预算收入12.5亿元。
二、2023年国民经济和社会发展主要预期目标
"""
