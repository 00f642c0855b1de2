"""Phone numbers: mainland mobiles (also read out: 幺三八…), landlines, 400 numbers, and numbers of other countries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.numerals import digit_row
from nlu.entities.types import Found

_SAID = "[\\d零〇幺一二两三四五六七八九洞拐]"
_GAP = "[ ,，、·.-]?"
_BORDER = r"(?<![\da-z#._零〇幺一二三四五六七八九十百-])"
_NO_MORE = "(?![\\d零〇一二三四五六七八九十百]|-\\d)"
_MOBILE = re.compile(
    rf"(?<![\da-z#._-])(?:\+? ?86[ -]?|0086[ -]?|\(\+?86\) ?)?(?<![零〇幺一二三四五六七八九十百])"
    rf"[1幺一]{_GAP}[3-9三四五六七八九]{_GAP}(?:{_SAID}{_GAP}){{8}}{_SAID}{_NO_MORE}"
)
_AREA = r"(?:10|2\d|[3-9]\d{2})"
_LANDLINE = re.compile(
    rf"{_BORDER}(?:\+?86[ -]?)?\(?(?P<area>0{_AREA}|(?:(?<=86)|(?<=86[ -])){_AREA})\)?"
    rf"[ -]?(?P<line>[2-9]\d{{2,3}}[ -]?\d{{4}})(?:(?: ?转 ?| ?ext\.? ?|-)(?P<ext>\d{{1,6}}))?(?!\d)"
)
_SERVICE = re.compile(rf"{_BORDER}(?P<n>[48]00[ -]?\d{{3,4}}[ -]?\d{{3,4}}){_NO_MORE}")
_PLUS = re.compile(r"(?<![\d+])(?:\+|00(?=[1-9]))(?P<n>[1-9](?:[ ().-]{0,2}\d){6,14})(?!\d)")
_TAIWAN = re.compile(rf"{_BORDER}(?P<n>09\d{{2}}[ -]?\d{{3}}[ -]?\d{{3}}){_NO_MORE}")
_AMERICAN = re.compile(
    rf"{_BORDER}(?P<n>(?:1[ .-])?(?:\([2-9]\d{{2}}\) ?|[2-9]\d{{2}}[ .-])[2-9]\d{{2}}[ .-]\d{{4}}){_NO_MORE}"
)
_TRUNK = re.compile(rf"{_BORDER}(?P<n>\(?0\d{{2,4}}\)?[ -]\d{{3,4}}[ -]?\d{{3,4}}|07\d{{9}}|04\d{{8}}){_NO_MORE}")
_CUED = re.compile(
    r"(?:电话|手机号?|号码|新号|联系方式|致电|打到?|phone(?: number)?|mobile|cell|number|call(?: me)?(?: on| at)?"
    r"|reach me(?: on| at)?|text me(?: on| at)?"
    rf"|contact(?: me)?(?: on| at)?)(?: is|'s|改成|换成|改为|换为|是|为|:|：)? ?(?P<n>\d{{3,4}}[ -]?\d{{4}}){_NO_MORE}"
)
_LOCAL = re.compile(rf"{_BORDER}(?P<n>555[ -]\d{{4}}){_NO_MORE}")


def phones(text: str) -> Iterator[Found]:
    """Phone numbers in a reading; they may overlap."""
    for match in _MOBILE.finditer(text):
        yield _phone(match, f"+86{digit_row(match[0])[-11:]}")
    for match in _LANDLINE.finditer(text):
        found = _landline(match)
        if found is not None:
            yield found
    for match in _PLUS.finditer(text):
        yield _phone(match, f"+{_digits(match['n'])}")
    for match in _SERVICE.finditer(text):
        if len(_digits(match["n"])) == 10:
            yield _phone(match, _digits(match["n"]))
    for match in _TAIWAN.finditer(text):
        yield _phone(match, f"+886{_digits(match['n'])[1:]}", "country")
    for match in _AMERICAN.finditer(text):
        yield _phone(match, f"+1{_digits(match['n'])[-10:]}", "country")
    yield from _national(text)


def _national(text: str) -> Iterator[Found]:
    """Numbers whose country only the caller can know."""
    for match in _TRUNK.finditer(text):
        if 9 <= len(_digits(match["n"])) <= 11:
            yield _phone(match, _digits(match["n"]), "country")
    for pattern in (_CUED, _LOCAL):
        for match in pattern.finditer(text):
            yield Found("phone", match.start("n"), match.end("n"), _digits(match["n"]), None, ("country",))


def _phone(match: re.Match[str], value: str, *assumed: str) -> Found:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return Found("phone", start, match.end(), value, None, assumed)


def _landline(match: re.Match[str]) -> Found | None:
    area, line = match["area"].lstrip("0"), _digits(match["line"])
    if len(line) not in (7, 8) or (len(area) == 2 and len(line) == 7):
        return None
    extension = f";ext={match['ext']}" if match["ext"] else ""
    return _phone(match, f"+86{area}{line}{extension}", *(() if "86" in match[0][:4] else ("country",)))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
