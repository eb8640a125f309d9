"""Numbers in words and digits become decimals."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
MOST = 10**15  # from which on a number is none of a plan, nor one that the database holds
CHARACTERS = "零〇一二两三四五六七八九十百千万亿"


def chinese(words: str) -> Decimal | None:
    """A number in Chinese characters, or None where the characters make none, or one that is too large or too fine.

    >>> chinese("两万三千"), chinese("百亿"), chinese("二〇二三"), chinese("七十七点五")
    (Decimal('23000'), Decimal('10000000000'), Decimal('2023'), Decimal('77.5'))
    >>> chinese("九亿亿"), chinese("三点一四一五九二六")
    (None, None)
    """
    whole, point, decimals = words.partition("点")
    if point:
        front, digits_ = chinese(whole), [_DIGITS.get(char) for char in decimals]
        if front is None or not 0 < len(digits_) <= 6 or None in digits_:
            return None
        return front + Decimal("0." + "".join(str(digit) for digit in digits_))
    if not words or any(char not in _DIGITS and char not in _SMALL and char not in _LARGE for char in words):
        return None
    if len(words) > 1 and all(char in _DIGITS for char in words):
        if len(words) > 15:
            return None
        return Decimal("".join(str(_DIGITS[char]) for char in words))
    total = section = 0
    digit: int | None = None
    for char in words:
        if char in _DIGITS:
            if digit:
                return None  # two digits in a row and a power: no number
            digit = _DIGITS[char]
        elif char in _SMALL:
            section += (1 if digit is None else digit) * _SMALL[char]
            digit = None
        else:
            section += digit or 0
            total = (total + (section or 1)) * _LARGE[char] if char == "亿" else total + (section or 1) * _LARGE[char]
            section, digit = 0, None
        if total >= MOST:
            return None
    return Decimal(total + section + (digit or 0))


def in_chinese(number: int) -> str:
    """A whole number below 10^12 in Chinese characters; the reverse of ``chinese``.

    >>> in_chinese(10203)
    '一万零二百零三'
    """
    if number == 0:
        return "零"
    words = ""
    for power, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, power)
        if not part:
            continue
        if words and part < 1000:
            words += "零"
        zero = False
        for place, small in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, part = divmod(part, place)
            if digit:
                words += ("零" if zero else "") + "零一二三四五六七八九"[digit] + small
                zero = False
            elif words and not words.endswith(("亿", "万", "零")) and part:
                zero = True
        words += name
    return words


def digits(words: str) -> Decimal:
    """A number in digits, with or without separators of thousands.

    >>> digits("12,345.60")
    Decimal('12345.60')
    """
    return Decimal(words.replace(",", ""))


def plain(value: Decimal) -> Decimal:
    """The same number in its shortest plain form.

    >>> plain(Decimal("55.0")), plain(Decimal("1E+2")), plain(Decimal("-0"))
    (Decimal('55'), Decimal('100'), Decimal('0'))
    """
    if value == 0:
        return Decimal(0)
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value
