"""A number of a sheet and its format become what a reader sees: 0.085 under 0.0% is 8.5%."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

LONGEST = 255  # characters of a format
GENERAL = Context(prec=10, rounding=ROUND_HALF_UP)  # what a cell without a format shows: 353.7300000001 is 353.73
WIDE = Context(prec=100, rounding=ROUND_HALF_UP)

# Formats that a file names by number alone, as a Chinese Excel shows them.
BUILT_IN = {
    "0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "11": "0.00E+00",
    "12": "General", "13": "General", "14": "yyyy/m/d", "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "18": "h:mm",
    "19": "h:mm:ss", "20": "h:mm", "21": "h:mm:ss", "22": "yyyy/m/d h:mm", "27": 'yyyy"年"m"月"', "28": 'm"月"d"日"',
    "29": 'm"月"d"日"', "30": "m-d-yy", "31": 'yyyy"年"m"月"d"日"', "36": 'yyyy"年"m"月"', "37": "#,##0;-#,##0",
    "38": "#,##0;-#,##0", "39": "#,##0.00;-#,##0.00", "40": "#,##0.00;-#,##0.00", "41": "#,##0;-#,##0", "43": "#,##0.00;-#,##0.00",
    "45": "mm:ss", "46": "h:mm:ss", "47": "mm:ss", "48": "0.0E+0", "49": "@", "50": 'yyyy"年"m"月"', "57": 'yyyy"年"m"月"',
    "58": 'm"月"d"日"',
}  # fmt: skip

_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|[_*](.)|\[(\$[^\]-]*)?[^\]]*\]|(General|G/通用格式)|([Ee][+-]0+)|(AM/PM|上午/下午)|([0#?.,]+)|([yYmMdDhHsS]+)|(%)|(.)',
    re.S,
)
_LITERALS = (1, 2, 11)


class Format:
    """One number format, taken apart once; one that is not understood shows the number plainly."""

    def __init__(self, code: str, *, since_1904: bool = False) -> None:
        self._first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001  days have no zone
        code = code if len(code) <= LONGEST else "General"
        conditional = re.search(r"\[[<>=]", code) is not None
        sections: list[list[re.Match[str]]] = [[]]
        for token in _TOKEN.finditer("General" if conditional else code):
            if token[0] == ";":
                sections.append([])
            else:
                sections[-1].append(token)
        self._sections = sections[:3]

    def show(self, stated: str) -> str:
        """What is shown for a number as the file states it; what is no number stays as it is.

        >>> Format("0.0%").show("8.5000000000000006E-2"), Format("General").show("353.7300000001")
        ('8.5%', '353.73')
        >>> Format('yyyy"年"m"月"d"日"').show("45321"), Format("#,##0.0").show("12345.67")
        ('2024年1月30日', '12,345.7')
        """
        try:
            number = WIDE.create_decimal(stated)
        except ArithmeticError:
            return stated
        if not number.is_finite() or number.adjusted() > 30:
            return stated
        section, signed = self._sections[0], number
        if number < 0 and len(self._sections) > 1:
            section, signed = self._sections[1], -number
        elif number == 0 and len(self._sections) > 2:
            section = self._sections[2]
        if any(token[9] for token in section):
            return self._date(section, number)
        if any(token[8] for token in section):
            return _number(section, signed)
        if any(token[5] or token[0] == "@" for token in section) or not section:
            plain = _general(signed)
            return "".join(plain if token[5] or token[0] == "@" else _literal(token) for token in section) or plain
        return "".join(map(_literal, section))

    def _date(self, section: list[re.Match[str]], number: Decimal) -> str:
        if not 0 <= number < 2_958_466:  # the year 9999
            return _general(number)
        day = self._first + timedelta(seconds=int((number * 86_400).to_integral_value(ROUND_HALF_UP)))
        words: list[str] = []
        before = ""
        later = [token[9][0].lower() for token in section if token[9]][1:]
        for token in section:
            if not token[9]:
                words.append(token[0] if token[8] else _literal(token))
                continue
            letter, size = token[9][0].lower(), len(token[9])
            after = later.pop(0) if later else ""
            if letter == "y":
                words.append(f"{day.year:04}" if size > 2 else f"{day.year % 100:02}")
            elif letter == "m" and before != "h" and after != "s":
                words.append(f"{day.month:02}" if size > 1 else str(day.month))
            else:
                part = {"d": day.day, "h": day.hour, "m": day.minute, "s": day.second}[letter]
                words.append(f"{part:02}" if size > 1 else str(part))
            before = letter
        return "".join(words)


def _literal(token: re.Match[str]) -> str:
    """Words that a format adds: in quotation marks, behind a backslash, a currency sign, or plain ones."""
    if token[4]:
        return token[4][1:]
    return next((token[group] for group in _LITERALS if token[group] is not None), token[10] or "")


def _general(number: Decimal) -> str:
    """A number without a format: at most ten digits, or all of a whole number."""
    whole = number == number.to_integral_value()
    plain = f"{(number if whole else GENERAL.plus(number)).normalize(WIDE):f}"
    return "0" if plain in ("-0", "") else plain


def _number(section: list[re.Match[str]], number: Decimal) -> str:
    """A number in the digits of a format, with the words around them."""
    digits = "".join(token[8] for token in section if token[8])
    if any(token[6] for token in section):
        return _general(number)  # powers of ten are of no use to a reader
    percent = sum(1 for token in section if token[10])
    bare = digits.rstrip(",")
    thousands = len(digits) - len(bare)
    number = number.scaleb(2 * percent - 3 * thousands, WIDE)
    whole, _, part = bare.partition(".")
    places, least = min(len(part), 30), part.rstrip("#?").count("0")
    number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    shown = f"{abs(number):{',' if ',' in whole else ''}f}"
    if "." in shown:
        head, _, tail = shown.partition(".")
        kept = tail[:least] + tail[least:].rstrip("0")
        shown = f"{head}.{kept}" if kept else head
    shown = "-" + shown if number < 0 else shown
    words: list[str] = []
    put = False
    for token in section:
        if token[8]:
            words.append("" if put else shown)
            put = True
        else:
            words.append(_literal(token))
    joined = "".join(words)
    return (
        f"-{joined.replace('-', '', 1)}"
        if number < 0 and not joined.startswith("-") and joined[0] in "¥$￥"
        else joined
    )
