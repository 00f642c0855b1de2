"""Numbers, quantities with their unit, durations, and rows of digits read out one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.numerals import ALONE, DIGITS, EN_NUMERAL, NUMERAL, chinese, digit_row, english, pair, parse, whole
from nlu.entities.types import Found, JsonValue

_DURATIONS = {
    "小时": "hour", "钟头": "hour", "分钟": "minute", "秒": "second", "秒钟": "second", "工作日": "workday", "天": "day",
    "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year", "晚": "night",
    "minute": "minute", "min": "minute", "hour": "hour", "hr": "hour", "second": "second", "sec": "second", "day": "day",
    "night": "night", "week": "week", "month": "month", "year": "year", "business day": "workday", "working day": "workday",
}  # fmt: skip
_MEASURES = (
    "公斤|千克|公里|千米|厘米|毫米|毫升|平方米|平米|平方|人|位|口人|名|个人|个件|件套|个|件|单|条|笔|张|本|台|家|份|双|套|只|箱|包|盒|瓶|袋"
    "|斤|两(?!个)|克|吨|米|升|间|次|遍|趟|部|辆|根|片|颗|粒|卷|桶|罐|杯|碗|棵|把|支|枝|枚|对|幅|顶|副|码|寸|岁|级|楼|层|期|折|倍|度|架|册|束"
    "|批|排|盏|扇|匹|头|串|提|打|(?:kg|km|cm|mm|ml|gb|tb|g|l|m)(?![a-z])"
)
_EN_MEASURES = {
    "people": "person", "persons": "person", "person": "person", "passengers": "passenger", "passenger": "passenger",
    "guests": "guest", "guest": "guest", "boxes": "box", "box": "box", "copies": "copy", "copy": "copy",
    "children": "child", "child": "child", "kids": "child", "kg": "kg", "kgs": "kg", "kilos": "kg", "km": "km", "cm": "cm",
    "inches": "inch", "inch": "inch", "pcs": "piece",
}  # fmt: skip
_EN_REGULAR = (
    "ticket|adult|item|piece|pair|pack|packet|bottle|bag|room|seat|order|parcel|package|unit|set|time|box|case|carton"
    "|litre|liter|metre|meter|gram|pound|lb|piece|cup|can|roll|sheet|stop|suitcase"
)
_DURATION_ZH = "小时|钟头|分钟|秒钟?|个?工作日|天|周|星期|礼拜|个月|年|晚(?!上|点)"

_APPROX_BEFORE = re.compile(r"(?:大概|大约|差不多|近|约|至少|最多|about|around|roughly|approximately|nearly) ?$")
_ZH_AMOUNT = re.compile(
    rf"(?<![第几\d.:a-z零〇一二两三四五六七八九十百千万])(?:(?P<low>{NUMERAL})(?:[到至~-])(?=\d|[一二两三四五六七八九十百]))?"
    rf"(?P<n>{NUMERAL}|半)(?P<more>来|多|余|几)?(?:个?(?P<half>半))? ?个? ?"
    rf"(?:(?P<time>{_DURATION_ZH})|(?P<unit>{_MEASURES}))(?P<tail>半(?!路|夜|天))?"
)
_EN_AMOUNT = re.compile(
    rf"(?<![\d.a-z#-])(?:(?P<n>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)"
    rf"|(?P<words>{EN_NUMERAL}|an?(?= (?:hour|day|week|month|year|night|pair))))"
    rf"[ -]?(?:(?P<time>(?:business |working )?days?|minutes?|mins?|hours?|hrs?|seconds?|secs?|nights?|weeks?|months?|years?)"
    rf"|(?P<odd>{'|'.join(sorted(_EN_MEASURES, key=len, reverse=True))})|(?P<unit>{_EN_REGULAR})s?)\b(?P<half> and a half)?"
)
_NUMBER = re.compile(rf"{ALONE}-?(?:{NUMERAL})(?P<more>多|几|余)?(?![\d]|[.,]\d)")
_DECIMAL = re.compile(
    "(?<![零一二两三四五六七八九十百千万])[零一二三四五六七八九十百]+点[零一二三四五六七八九]+(?![分十刻半钟])"
)
_FRACTION = re.compile(
    rf"(?:(?P<percent>百分之)|(?P<below>{NUMERAL})分之)(?P<above>{NUMERAL}(?:点[零一二三四五六七八九]+)?)"
)
_PERCENT = re.compile(r"(?<![\d.])\d+(?:\.\d+)? ?(?:%|percent\b|per cent\b)")
_EN_NUMBER = re.compile(rf"(?<![a-z\d-]){EN_NUMERAL}(?![a-z-])")
_SPOKEN = re.compile(rf"(?<![\d第])(?:[{DIGITS}\d][ -]?){{3,}}[{DIGITS}\d](?!\d)")
_HAN = re.compile("[\u4e00-\u9fff]")
_NOT_NUMBERS = frozenset(("千万", "万一", "万万", "百万", "十十"))
_A_PRONOUN = re.compile(
    r"(?:^|\b(?:the|this|that|which|last|other|next|new|no|any|every|some|each|first|second|big|small|right|wrong|a) )$"
)


def numbers(text: str) -> Iterator[Found]:
    """Numbers, quantities, durations and digit rows in a reading; they may overlap."""
    yield from _quantities(text)
    yield from _plain(text)
    yield from _rows(text)


def _quantities(text: str) -> Iterator[Found]:
    for match in _ZH_AMOUNT.finditer(text):
        found = _zh_quantity(match)
        if found is not None:
            yield found
    if any("a" <= char <= "z" for char in text):
        for match in _EN_AMOUNT.finditer(text):
            found = _en_quantity(match)
            if found is not None:
                yield found


def _zh_quantity(match: re.Match[str]) -> Found | None:
    said = match["n"]
    both = pair(said)
    low = parse(match["low"]) if match["low"] else both[0] if both else None
    high = both[1] if both else 0.5 if said == "半" else parse(said)
    if high is None or said in _NOT_NUMBERS:
        return None
    if match["half"] or match["tail"]:
        high += 0.5
    time = match["time"]
    unit = _DURATIONS[time.removeprefix("个")] if time else match["unit"]
    value: dict[str, JsonValue] = {"amount": whole(high), "unit": unit}
    if low is not None:
        value = {"amount": whole(low), "to": whole(high), "unit": unit}
    assumed = ("approx",) if match["more"] or both or _APPROX_BEFORE.search(match.string[: match.start()]) else ()
    return Found("duration" if time else "quantity", match.start(), match.end(), value, None, assumed)


def _en_quantity(match: re.Match[str]) -> Found | None:
    words = match["words"]
    amount = float(match["n"].replace(",", "")) if match["n"] else 1 if words in ("a", "an") else english(words)
    if amount is None:
        return None
    time = match["time"]
    unit = _DURATIONS[time.removesuffix("s")] if time else _EN_MEASURES.get(match["odd"] or "", match["unit"])
    value: dict[str, JsonValue] = {"amount": whole(amount + (0.5 if match["half"] else 0)), "unit": unit}
    assumed = ("approx",) if _APPROX_BEFORE.search(match.string[: match.start()]) else ()
    return Found("duration" if time else "quantity", match.start(), match.end(), value, None, assumed)


def _plain(text: str) -> Iterator[Found]:
    for match in _NUMBER.finditer(text):
        found = _number(match)
        if found is not None:
            yield found
    for match in _DECIMAL.finditer(text):
        head, _, tail = match[0].partition("点")
        value = chinese(head)
        if value is not None:
            yield Found("number", *match.span(), float(f"{value}.{digit_row(tail)}"))
    for match in _FRACTION.finditer(text):
        below, above = 100 if match["percent"] else parse(match["below"]), _above(match["above"])
        if below and above is not None:
            yield Found("number", *match.span(), whole(above / below))
    for match in _PERCENT.finditer(text):
        yield Found("number", *match.span(), whole(float(re.match(r"[\d.]+", match[0])[0]) / 100))  # type: ignore[index]
    for match in _EN_NUMBER.finditer(text):
        said = english(match[0])
        if said is not None and not _only_a_word(match):
            yield Found("number", *match.span(), said)


def _above(text: str) -> float | None:
    head, dot, tail = text.partition("点")
    value = parse(head)
    return value if value is None or not dot else float(f"{value}.{digit_row(tail)}")


def _number(match: re.Match[str]) -> Found | None:
    """A single Chinese digit is a number only where it stands alone: 一 in 一样 is none."""
    said = match[0].removesuffix(match["more"] or "").lstrip("-")
    sign = -1 if match[0].startswith("-") else 1
    if said in _NOT_NUMBERS or (not said[0].isdigit() and not _counts(match, said)):
        return None
    value = parse(said)
    assumed = ("approx",) if match["more"] or _APPROX_BEFORE.search(match.string[: match.start()]) else ()
    return None if value is None else Found("number", *match.span(), whole(sign * value), None, assumed)


def _counts(match: re.Match[str], said: str) -> bool:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    alone = not _HAN.match(before) and (not _HAN.match(after) or after in "吧的呢啊了")
    if alone and not (after == "的" and len(said) == 1):
        return True
    return len(said) > 1 and any(char in "十百千万亿廿卅" for char in said)


def _only_a_word(match: re.Match[str]) -> bool:
    """one of "the last one" and "second" are no numbers."""
    if match[0] not in ("one", "a half"):
        return False
    return bool(_A_PRONOUN.search(match.string[: match.start()])) and match[0] != match.string.strip(" .!?")


def _rows(text: str) -> Iterator[Found]:
    """Four digits or more, said one by one or with spaces between them."""
    for match in _SPOKEN.finditer(text):
        if not match[0].isdecimal():
            yield Found("digits", *match.span(), digit_row(match[0]))
