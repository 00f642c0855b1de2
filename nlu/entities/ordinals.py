"""Places in a list that was just shown: 第二个, 最后一个, 上面那个, the last one, option 3, 前两个."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from nlu.entities.numerals import EN_ORDINALS, english, parse
from nlu.entities.types import Found, JsonValue

_N = "(?:\\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两俩三四五六七八九])"
_NOUN = "(?:订单|商品|地址|航班|包裹|选项)"
_THING = "(?:选项|包裹|订单|商品|航班|地址|个|件|单|条|笔|款|项|种|张|本|台|家|班|趟|份|双|套|只|箱|盒|排|行|位|间|样|组|档|段)"
_EN_THING = "(?:one|ones|item|order|option|choice|result|line|entry|parcel|package|flight|address|product|row|card|answer|link)s?"
_WORDS = "|".join(EN_ORDINALS)
_SMALL = "one|two|three|four|five|six|seven|eight|nine|ten"

_ZH: tuple[tuple[re.Pattern[str], Callable[[int], int]], ...] = (
    (re.compile(rf"倒数第(?P<n>{_N}) ?{_THING}?"), lambda n: -n),
    (re.compile(rf"(?<!倒数)第 ?(?P<n>{_N}) ?(?:{_THING}{_NOUN}?|(?=$|[ ,，。.!！?？吧呢啊的那]))"), lambda n: n - 1),
    (re.compile(rf"选项 ?(?P<n>{_N})(?![\d个])|选择? ?(?P<m>{_N}) ?(?:号|$|吧)"), lambda n: n - 1),
)
_ZH_FIXED: tuple[tuple[re.Pattern[str], JsonValue], ...] = (
    (re.compile(rf"(?:最后|最下面?|末尾|最底下)(?:的?[那这嗰]|的)?一?{_THING}(?!月|星期|小时)"), -1),
    (re.compile(rf"(?:最上面?|最前面?)(?:的?[那这嗰]|的)?一?{_THING}(?!月|星期|小时)"), 0),
    (re.compile(rf"(?:(?:上面|上边|前面|前边)(?:的?[那这嗰]一?|的一?|一){_THING}|前者)(?!月|星期|小时)"), 0),
    (re.compile(rf"(?:(?:下面|下边|后面|后边)(?:的?[那这嗰]一?|的一?|一){_THING}|后者)(?!月|星期|小时)"), -1),
    (re.compile(rf"(?:中间|当中)(?:的?[那这嗰]|的)?一?{_THING}"), "middle"),
    (re.compile(rf"(?:另外|另|其他)(?:那|的)?一?{_THING}"), "other"),
)
_ZH_SEVERAL = re.compile(
    rf"(?P<side>前面?|后面?|最后|头)的?(?P<n>[2-9]|[两俩二三四五六七八九]) ?{_THING}(?!月|星期|小时|工作日)"
)

_EN_PLACE = re.compile(
    rf"\b(?:the )?(?P<word>{_WORDS}|\d{{1,2}}(?:st|nd|rd|th)) (?:{_EN_THING}\b|on the list\b)"
    rf"|\b(?:the )?(?P<alone>{_WORDS}|\d{{1,2}}(?:st|nd|rd|th))(?=[.!?]*$|,| please| pls)"
)
_EN_NUMBERED = re.compile(
    rf"(?:\b(?:option|choice|item|result|line|entry) (?:no\.? ?|number |#)?|\bnumber |\bno\. ?|(?<![\w#])#)"
    rf"(?P<n>\d{{1,2}}|{_SMALL})(?![\w-])"
)
_EN_LAST = re.compile(
    rf"\b(?:the )?(?:(?P<back>second|2nd|third|3rd)[- ](?:to|from)(?: the)?[- ])?(?:very )?last {_EN_THING}\b"
)
_EN_FIXED: tuple[tuple[re.Pattern[str], JsonValue], ...] = (
    (
        re.compile(
            rf"\b(?:the )?(?:top(?:most)?|uppermost) {_EN_THING}\b|\bthe former\b|\bthe (?:one|item|order) (?:above|at the top)\b"
        ),
        0,
    ),
    (
        re.compile(
            rf"\b(?:the )?bottom {_EN_THING}\b|\bthe latter\b|\bthe (?:one|item|order) (?:below|at the bottom)\b"
        ),
        -1,
    ),
    (re.compile(rf"\b(?:the )?(?:middle|center|centre) {_EN_THING}\b|\bthe one in the middle\b"), "middle"),
    (re.compile(rf"\b(?:the |my )?other {_EN_THING}\b"), "other"),
)
_EN_SEVERAL = re.compile(
    rf"\b(?:the )?(?P<side>first|last|top|bottom) (?P<n>[2-9]|{_SMALL})(?: {_EN_THING})?\b(?! (?:days|hours|weeks|months|years))"
)


def ordinals(text: str) -> Iterator[Found]:
    """Places in a reading; they may overlap."""
    if any(char > "\u3000" for char in text):
        yield from _chinese(text)
    if any("a" <= char <= "z" or char == "#" for char in text):
        yield from _english(text)


def _chinese(text: str) -> Iterator[Found]:
    for pattern, index in _ZH:
        for match in pattern.finditer(text):
            number = parse(match["n"] or match["m"] if "m" in match.groupdict() else match["n"])
            if number:
                yield Found("ordinal", *match.span(), index(int(number)))
    yield from _fixed(text, _ZH_FIXED)
    for match in _ZH_SEVERAL.finditer(text):
        yield _several(match, int(parse(match["n"]) or 0), first=match["side"][0] in "前头")


def _english(text: str) -> Iterator[Found]:
    for match in _EN_PLACE.finditer(text):
        word = match["word"] or match["alone"]
        number = EN_ORDINALS.get(word) or int(re.sub("[a-z]+", "", word))
        if number:
            yield Found("ordinal", *match.span(), number - 1)
    for match in _EN_NUMBERED.finditer(text):
        value = int(match["n"]) if match["n"].isdecimal() else int(english(match["n"]) or 0)
        if value:
            yield Found("ordinal", *match.span(), value - 1)
    for match in _EN_LAST.finditer(text):
        back = {"second": 2, "2nd": 2, "third": 3, "3rd": 3}.get(match["back"] or "", 1)
        yield Found("ordinal", *match.span(), -back)
    yield from _fixed(text, _EN_FIXED)
    for match in _EN_SEVERAL.finditer(text):
        count = int(match["n"]) if match["n"].isdecimal() else int(english(match["n"]) or 0)
        if count > 1:
            yield _several(match, count, first=match["side"] in ("first", "top"))


def _fixed(text: str, table: tuple[tuple[re.Pattern[str], JsonValue], ...]) -> Iterator[Found]:
    for pattern, value in table:
        for match in pattern.finditer(text):
            yield Found("ordinal", *match.span(), value)


def _several(match: re.Match[str], count: int, *, first: bool) -> Found:
    return Found("ordinal", *match.span(), list(range(count)) if first else list(range(-count, 0)))


def pick(value: JsonValue, length: int) -> list[int]:
    """The indexes that an ordinal's value names in a list of ``length``; none where the list has no such place.

    ``other`` names one only where the list has two (the caller knows which one was meant before)."""
    if value == "middle":
        return [length // 2] if length % 2 else []
    wanted = value if isinstance(value, list) else [value]
    found = [place + length if place < 0 else place for place in wanted if isinstance(place, int)]
    return found if all(0 <= place < length for place in found) else []
