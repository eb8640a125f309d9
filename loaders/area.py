"""Whose figure it is: the document's own area, a part of it with a code of its own, or another place."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from loaders import region

_WORDS = "全国|全省|全区|全市|全县|全州|全盟|全旗|全镇|全乡|我国|我省|全球|全自治区"
_WHOLE = re.compile(rf"({_WORDS})(?:共|累计|实现|完成|预计|共计)*$")
_HEAD = re.compile(rf"({_WORDS})(?!域|面|性|年龄|市场|过程|$)")
_OWN = {
    "省": ("全省", "我省"),
    "市": ("全市",),
    "县": ("全县",),
    "区": ("全区",),
    "州": ("全州",),
    "盟": ("全盟",),
    "旗": ("全旗",),
}


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """The area that a document is about: its code, and the words by which its text names the whole of it."""

    code: str | None
    words: tuple[str, ...]

    def is_elsewhere(self, front: str) -> bool:
        """Whether the words right in front of a name speak of another whole: 全国 in a county's report.

        >>> of("330723").is_elsewhere("全市"), of("330723").is_elsewhere("全县实现")
        (True, False)
        """
        found = _WHOLE.search(front)
        return found is not None and self.code is not None and found[1] not in self.words

    def whole(self, name: str) -> tuple[str, bool]:
        """A name without the word for a whole in front of it, and whether that whole is another one.

        >>> of("330723").whole("全市生产总值"), of("330723").whole("全县生产总值"), of("330723").whole("生产总值")
        (('生产总值', True), ('生产总值', False), ('生产总值', False))
        """
        found = _HEAD.match(name)
        if found is None:
            return name, _WHOLE.fullmatch(name) is not None and self.is_elsewhere(name)  # 全国增长7.7%
        return name[found.end() :], self.code is not None and found[1] not in self.words

    def place(self, name: str) -> tuple[str, str | None]:
        """A name without the place in front of it, and that place's code where it is not the document's own.

        >>> of("330700").place("永康市固定资产投资")
        ('固定资产投资', '330784')
        """
        if self.code is None or not re.match(r"[一-龥]{2,12}?[省市县区州盟旗]", name):
            return name, None
        found = [one for one in region.mentioned(name[:24]) if one[0] == 0]
        if not found:
            return name, None
        _, end, code = found[0]
        return name[end:], None if code == self.code else code

    def holds(self, code: str) -> bool:
        """Whether a place lies in the area."""
        return self.code is not None and self.code in region.ancestors(code)


@cache
def of(code: str | None) -> Area:
    """The area of a region's code."""
    known = region.get(code) if code else None
    if known is None:
        return Area(code=None, words=())
    words = _OWN.get(known.name[-1], ())
    if known.level == "province":
        words = (*words, "全省", "我省", "全区") if known.name.endswith("自治区") else (*words,)
    return Area(code=known.code, words=(*words, "全镇", "全乡"))
