"""Chinese and English numerals as text and as values. No sentences here: callers pass exactly the numeral."""

from __future__ import annotations

import re

_ONES = {
    char: value for value, chars in enumerate(("零〇洞", "一幺壹", "二两俩贰", "三仨叁", "四肆")) for char in chars
}
_ONES |= {char: value for value, chars in enumerate(("五伍", "六陆", "七柒拐", "八捌", "九玖勾"), 5) for char in chars}
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000}

DIGITS = "零〇一二三四五六七八九幺两"
"""Characters that stand for one digit each when a number is read out."""

_CN = "[零〇一二两俩仨三四五六七八九十百千万亿廿卅壹贰叁肆伍陆柒捌玖拾佰仟]"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
NUMERAL = rf"(?:{_ARABIC}(?:[十百千万亿]{{1,2}}(?:\d(?!\d)|{_CN})*|[kw](?![a-z0-9]))?|{_CN}+)"
"""A numeral of either script or both: 1,099 · 两千五 · 3万5 · 1.5k."""
ALONE = r"(?<![\da-z第几零〇一二两三四五六七八九十百千万亿])(?<!\d[.,])"
"""Where a numeral may begin: not inside a word, a place in a row or a longer number."""

_MIXED = re.compile(rf"({_ARABIC})(.*)", re.DOTALL)
_LETTER_SCALES = {"k": 1000, "w": 10_000}

_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_VALUES = {word: value for value, word in enumerate(_EN_SMALL)}
_EN_VALUES |= {word: 10 * value for value, word in enumerate(_EN_TENS, 2)}
_EN_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}
_EN_WORD = "(?:" + "|".join(sorted([*_EN_VALUES, *_EN_SCALES], key=len, reverse=True)) + ")"
EN_NUMERAL = (
    rf"(?:(?:half an? |an? )?{_EN_WORD}(?:(?:[ -]| and ){_EN_WORD})*(?: and an? half)?"
    r"|an? couple(?: of)?|half an?|an? half)(?![a-z])"
)
"""An English numeral in words: twenty-five · two hundred and fifty · a couple of · one and a half."""

_EN_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
EN_ORDINALS = {word: value for value, word in enumerate(_EN_ORDINALS, 1)}


LONGEST = 60
"""Characters of a numeral; a longer row of its signs is none."""


def whole(value: float) -> int | float:
    """An int where there is no fraction, so that JSON shows 3 and not 3.0."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def parse(text: str) -> int | float | None:
    """The value of a numeral as ``NUMERAL`` finds it; None where it is none (万, 二三).

    A single digit after a scale is read as spoken: 三百五 is 350 and 一万二 is 12000, but 三百零五 is 305.
    """
    if len(text) > LONGEST:
        return None
    mixed = _MIXED.fullmatch(text)
    if mixed is None:
        return chinese(text)
    value, tail = float(mixed[1].replace(",", "")), mixed[2]
    if not tail:
        return whole(value)
    if tail in _LETTER_SCALES:
        return whole(value * _LETTER_SCALES[tail])
    return _scaled(value, tail)


def _scaled(value: float, tail: str) -> int | float | None:
    """``value`` times the scales that ``tail`` begins with, plus what follows: 3 and 万5, 1 and 万2千."""
    scale, at = 1, 0
    while at < len(tail) and tail[at] in _SCALES:
        scale, at = scale * _SCALES[tail[at]], at + 1
    rest = tail[at:]
    if not rest:
        return whole(value * scale)
    if len(rest) == 1:
        digit = int(rest) if rest.isdigit() else _ONES.get(rest)
        return None if digit is None else whole(value * scale + digit * scale // 10)
    low = parse(rest) if rest[0].isdigit() else chinese(rest.lstrip("零〇"))
    return None if low is None or low >= scale else whole(value * scale + low)


def chinese(text: str) -> int | None:
    """The value of a numeral in Chinese characters; None where it is not one number."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(char in _SCALES for char in text):
        return _ONES.get(text)
    if text in ("百", "千", "万", "亿", "万亿"):
        return None
    if len(text) > 2 and text[-1] in _ONES and _SCALES.get(text[-2], 10) > 10:
        short = _ONES[text[-1]] * _SCALES[text[-2]] // 10
        head = _sum(text[:-1])
        return None if head is None else head + short
    if len(text) == 2 and text[0] in "百千" and text[1] in _ONES:
        return _SCALES[text[0]] + _ONES[text[1]] * _SCALES[text[0]] // 10
    return _sum(text)


def _sum(text: str) -> int | None:
    """Sections below 万, 万 and 亿; None where two digits stand side by side or a scale has nothing to scale."""
    total, section, digit = 0, 0, -1
    for char in text:
        one = _ONES.get(char)
        if one is not None:
            if digit > 0:
                return None
            digit = one
            continue
        scale = _SCALES[char]
        if scale < 10_000:
            if digit < 0 and scale > 10 and (section or total):
                return None
            section += (digit if digit > 0 else 1) * scale
        else:
            section += max(digit, 0)
            total = (total + section) * scale if scale > 10_000 else total + section * scale
            if section == 0:
                return None
            section = 0
        digit = -1
    return total + section + max(digit, 0)


def pair(text: str) -> tuple[int, int] | None:
    """Two neighbouring digits said for "one or the other": 三四 → (3, 4), 两三 → (2, 3)."""
    if len(text) != 2 or text[0] not in _ONES or text[1] not in _ONES:
        return None
    low, high = _ONES[text[0]], _ONES[text[1]]
    return (low, high) if 0 < low < high == low + 1 else None


def digit_row(text: str) -> str:
    """Digits read out one by one, as ASCII: 一八六零 → 1860. Other characters are dropped."""
    return "".join(char if char.isascii() else str(_ONES[char]) for char in text if char in _ONES or char.isdecimal())


def english(text: str) -> int | float | None:
    """The value of a numeral in English words, as ``EN_NUMERAL`` finds it; None where the words make none."""
    words = re.findall(r"[a-z]+", text)
    halves = 0.0
    if words[-3:] == ["and", "a", "half"] and len(words) > 3:
        words, halves = words[:-3], 0.5
    if words[:1] in (["a"], ["an"]):
        words = words[1:]
    if words[:1] == ["couple"]:
        return 2
    if words[:1] == ["half"]:
        rest = english(" ".join(words[2:])) if len(words) > 2 else 1
        return None if rest is None else whole(rest / 2)
    value = _english_sum([word for word in words if word != "and"])
    return None if value is None else whole(value + halves)


def _english_sum(words: list[str]) -> int | None:
    total, section, last = 0, 0, 1000
    for word in words:
        small = _EN_VALUES.get(word)
        if small is not None:
            if last <= small or (last < 20 and small < 20) or (last < 100 and small >= 10):
                return None
            section, last = section + small, small
        elif word in _EN_SCALES:
            scale = _EN_SCALES[word]
            if scale <= 100:
                section = (section or 1) * scale
            else:
                total, section = total + (section or 1) * scale, 0
            last = 1000
        else:
            return None
    return total + section if words else None
