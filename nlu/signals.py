"""What must not differ between a question and the entry that answers it: numbers, negation, opposites, kind, names.

Everything here reads normalised text in both languages and returns small hashable values, computed once a text.
"""

from __future__ import annotations

import re
from functools import cache

from nlu import lexicon
from nlu.matching import PhraseSet
from nlu.normalize import HAN

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_UNIT = (
    r"(?:个?工作日|天|日|号|个?月|年|个?小时|分钟|周|元|块|折|期|岁|倍|级|楼|次|件|g|gb|寸|码|w|瓦|%"
    r"|days?|hours?|weeks?|months?|years?)"
)
_SAME_UNIT = {
    "块": "元",
    "日": "天",
    "号": "天",
    "day": "天",
    "hour": "小时",
    "month": "月",
    "year": "年",
    "week": "周",
}
_ARABIC = re.compile(rf"(?<![a-z\d.])(\d+(?:\.\d+)?)(?![\d.])\s?({_UNIT})?(?![a-z\d])")
_CHINESE = re.compile(
    r"([零〇一二两三四五六七八九十百千万亿]+)(个?工作日|天|个?月|年|个?小时|分钟|周|元|块|折|期|岁|倍|级|楼|[一二三]?类)"
)
_MODEL = re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")
_LATIN = re.compile(r"(?<![a-z0-9-])[a-z]{2,}(?![a-z0-9-])")
_HAN = re.compile(f"[{HAN}]")
# Most texts have none of these: a first look costs a tenth of the careful one.
_ANY_NUMBER = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿]")
_ANY_LATIN = re.compile(r"[a-z]")
_ANY_NEGATION = re.compile(r"[不没未无别勿禁拒]|\bno|n't|nt\b|never|with|unable")
_NOTHING: frozenset[str] = frozenset()


def numbers(text: str) -> frozenset[tuple[str, str]]:
    """(value, unit) of the numbers in a text; unit ``""`` where there is none. 三天 and 3 天 are equal."""
    if not _ANY_NUMBER.search(text):
        return frozenset()
    found = {(_plain(m[1]), _unit(m[2] or "")) for m in _ARABIC.finditer(text)}
    found.update((_plain(str(chinese_number(m[1]))), _unit(m[2])) for m in _CHINESE.finditer(text))
    return frozenset(found)


def _plain(value: str) -> str:
    return (value.rstrip("0").rstrip(".") if "." in value else value).lstrip("0") or "0"


def _unit(unit: str) -> str:
    unit = unit.removeprefix("个").rstrip("s")
    return _SAME_UNIT.get(unit, unit)


def chinese_number(text: str) -> int:
    """The value of Chinese numerals: 三百零五 → 305, 两万 → 20000, 二三 (digits in a row) → 23."""
    if not any(char in _SCALES for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _SCALES[char] < 10_000:
            section += (digit or 1) * _SCALES[char]
            digit = 0
        elif char == "万":
            total += (section + digit or 1) * 10_000
            section = digit = 0
        else:
            total = (total + section + digit or 1) * _SCALES[char]
            section = digit = 0
    return total + section + digit


def numbers_conflict(left: frozenset[tuple[str, str]], right: frozenset[tuple[str, str]]) -> bool:
    """Whether both name a number of one unit and share none of that unit."""
    for unit in {unit for _, unit in left} & {unit for _, unit in right}:
        if {v for v, u in left if u == unit}.isdisjoint(v for v, u in right if u == unit):
            return True
    return False


def entities(text: str) -> frozenset[str]:
    """Model numbers (``a12``, ``wh-1000xm4``) in any text, and Latin names inside a Chinese one."""
    if not _ANY_LATIN.search(text):
        return _NOTHING
    found = {match[0].replace("-", "") for match in _MODEL.finditer(text)}
    if _HAN.search(text):
        found.update(_LATIN.findall(text))
    return frozenset(found)


def entities_conflict(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether both name something and nothing is named by both, one name inside another counting as the same."""
    return bool(left and right) and not any(a in b or b in a for a in left for b in right)


# --- kind of question -------------------------------------------------------------------------------------------


@cache
def _question_forms() -> tuple[PhraseSet, dict[str, tuple[int, str]]]:
    rank = {
        form: (place, names[0])
        for place, (names, forms) in enumerate(lexicon.columns("question_types"))
        for form in forms
    }
    return PhraseSet(rank), rank


def question_type(text: str) -> str:
    """duration, time, price, reason, place, person, method; ``""`` where the text shows none."""
    phrases, rank = _question_forms()
    found = [rank[match.phrase] for match in phrases.find(text)]
    return min(found)[1] if found else ""


def question_types_conflict(left: str, right: str) -> bool:
    return bool(left and right) and left != right


# --- opposites --------------------------------------------------------------------------------------------------


@cache
def _antonym_sides() -> tuple[PhraseSet, dict[str, tuple[tuple[int, int], ...]]]:
    sides: dict[str, tuple[tuple[int, int], ...]] = {}
    for pair, columns in enumerate(lexicon.columns("antonyms")):
        for side, forms in enumerate(columns):
            for form in forms:
                sides[form] = (*sides.get(form, ()), (pair, side))
    return PhraseSet(sides), sides


def antonyms(text: str) -> frozenset[tuple[int, int]]:
    """(pair, side) of every word of opposites in the text, the longest word at each place."""
    phrases, sides = _antonym_sides()
    return frozenset(side for match in phrases.find(text) for side in sides[match.phrase])


def antonyms_conflict(left: frozenset[tuple[int, int]], right: frozenset[tuple[int, int]]) -> bool:
    """Whether one text has one side of a pair and the other text only the other side."""
    return any(
        (pair, 1 - side) in right and (pair, side) not in right and (pair, 1 - side) not in left for pair, side in left
    )


# --- negation ---------------------------------------------------------------------------------------------------

_MODALS = "能会可以让给被是有要用想得过再法"
_COMPLEMENTS = "了到上出开进下来起着动掉成去住"
_DENIED = "·"
"""Stands for a negation that has nothing behind it to deny."""


@cache
def _negation_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    forms = sorted(lexicon.words("negation"), key=len, reverse=True)
    chinese = "|".join(form for form in forms if _HAN.match(form))
    english = "|".join(re.escape(form) for form in forms if not _HAN.match(form))
    harmless = [item.strip() for line in lexicon.lines("not_negation") for item in _items(line)]
    fixed = "|".join(re.escape(item) for item in sorted(harmless, key=len, reverse=True))
    return (
        re.compile(rf"{fixed}|([{HAN}]{{1,2}})[不没]\1|(?<=[{HAN}])不(?=[?,.!\s]*$)"),
        re.compile(rf"([{HAN}])不([{_COMPLEMENTS}])"),
        re.compile(rf"([{HAN}]?)(?:{chinese})[{_MODALS}]*([{HAN}]{{0,2}})"),
        re.compile(rf"(?<![a-z'])(?:{english})(?![a-z'])\s?((?:[a-z']+\s?){{0,3}})"),
    )


def _items(line: str) -> list[str]:
    return line.split() if _HAN.match(line) else line.split(",")


def negations(text: str) -> frozenset[str]:
    """What the text denies: the two characters or the English words after a negation (``退货`` of 不能退货), or the verb
    around it (``打开`` of 打不开). Question forms such as 能不能 and a closing 不 deny nothing."""
    if not _ANY_NEGATION.search(text):
        return _NOTHING
    harmless, around, chinese, english = _negation_patterns()
    text = harmless.sub("·", text)
    heads = {verb + complement for verb, complement in around.findall(text)}
    text = around.sub("·", text)
    for match in chinese.finditer(text):
        before, after = match[1], match[2]
        heads.update((after, before + after[0]) if after else (_DENIED,))
    for match in english.finditer(text):
        heads.add(_DENIED)
        heads.update(_first_content_word(match[1]))
    return frozenset(heads)


def _first_content_word(words: str) -> tuple[str, ...]:
    first = next((word for word in words.split() if word not in lexicon.words("stop_words")), "")
    return (first,) if first and first not in lexicon.words("not_denied") else ()


def negation_conflict(left: str, left_heads: frozenset[str], right: str, right_heads: frozenset[str]) -> bool:
    """Whether one text denies what the other says without denying it."""
    return _denied(left_heads - right_heads, right, right_heads) or _denied(right_heads - left_heads, left, left_heads)


def _denied(heads: frozenset[str], text: str, text_heads: frozenset[str]) -> bool:
    return any(len(head) > 1 and head in text for head in heads) and not text_heads
