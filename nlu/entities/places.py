"""Cities, and airports as parts of them: 广州, 北京大兴, Shanghai, from Nice, to SFO. Data: ``nlu/data/cities.tsv``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nlu.entities.tables import names, rows
from nlu.entities.types import Found, JsonValue
from nlu.matching import PhraseSet
from nlu.normalize import normalise

_NOT_CITY = re.compile(
    "省|克|[东南西北中]?[一二三四五]?(?:路|街|大道|大街|巷|弄|门)|区|新区|县|镇|乡|村|山路|银行|啤酒|烤鸭|话(?!费)|菜|大学|籍|户口"
)
_ROLE_BEFORE = re.compile(
    r"(?:到|去|从|由|飞往?|抵达|在|至|往|回|来|离开?|自|出发地|目的地|[-—→>~]"
    r"|\b(?:to|from|in|at|via|near|leaving|for|into|out of))[:： 是]*$"
)
_ROLE_AFTER = re.compile(r" ?(?:市|机场|出发|起飞|飞|到|至|去|往|的?机票|的?航班|[-—→>])")


@dataclass(frozen=True, slots=True)
class _Place:
    city: str
    english: str
    airport: str = ""
    word_too: bool = False

    def value(self) -> dict[str, JsonValue]:
        known: dict[str, JsonValue] = {"city": self.city, "en": self.english}
        return known | {"airport": self.airport} if self.airport else known


@cache
def _places() -> tuple[PhraseSet, dict[str, _Place]]:
    found: dict[str, _Place] = {}
    english = {}
    for city, en, _, others, words in rows("cities", 5):
        english[city] = en
        also_words = {_key(name) for name in names(words)}
        for name in map(_key, (city, *(() if "(" in en else (en,)), *names(others))):
            found.setdefault(name, _Place(city, en, word_too=name in also_words))
    for code, city, zh, en in rows("airports", 4):
        found.setdefault(_key(code), _Place(city, english[city], code, word_too=True))
        for name in map(_key, (*names(zh), *names(en))):
            found[name] = _Place(city, english[city], code)
    return PhraseSet(found), found


def _key(name: str) -> str:
    return normalise(name).text


def places(text: str) -> Iterator[Found]:
    """Cities and airports in a reading; they may overlap."""
    phrases, table = _places()
    matches = phrases.find_all(text)
    starts = {match.start for match in matches}
    for match in matches:
        place = table[match.phrase]
        on_route = text.startswith(" to ", match.end) and match.end + 4 in starts
        if place.word_too and not (on_route or _meant(text, match.start, match.end)):
            continue
        if _NOT_CITY.match(text, match.end):
            continue
        end = match.end + (text[match.end : match.end + 1] == "市" and text[match.end : match.end + 2] != "市场")
        yield Found("city", match.start, end, place.value())


def _meant(text: str, start: int, end: int) -> bool:
    """Whether a name that is also a word stands where a place stands, or alone."""
    if text.strip(" 。.!！吧") == text[start:end]:
        return True
    return bool(_ROLE_BEFORE.search(text, 0, start) or _ROLE_AFTER.match(text, end))
