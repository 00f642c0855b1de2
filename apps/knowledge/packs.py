"""Starter packs: what customers of a trade ask, as rows to import, so that a new bot has something on its first day.

They are made from the question groups (``nlu/data/groups``): a need and each of its near misses become an entry, in the
category of their trade. A pack is named after its trade, with ``.en`` where it is in English. Groups whose Chinese
entries are asked in several languages belong to the Chinese pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import uuid5

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import NotFound
from apps.knowledge.placeholders import placeholders
from apps.knowledge.rows import Row
from nlu.training.corpora import Meaning, QuestionGroup, read_groups

SOURCE = "pack:"
"""What stands before a pack's name where a file could stand as well."""
ENGLISH = ".en"
TRADES: Mapping[str, tuple[str, str]] = {
    "auto": ("汽车", "Cars"),
    "b2b": ("企业采购", "Business to business"),
    "bank": ("银行", "Banking"),
    "care": ("照护与母婴", "Care and family"),
    "credit": ("信用卡与贷款", "Cards and loans"),
    "device": ("数码家电", "Devices and appliances"),
    "edu": ("教育", "Education"),
    "food": ("餐饮食品", "Food and restaurants"),
    "fund": ("证券基金", "Investing"),
    "game": ("游戏与影音", "Games and media"),
    "gov": ("政务", "Public services"),
    "health": ("医疗健康", "Health"),
    "home": ("租房买房与物业", "Housing"),
    "insure": ("保险", "Insurance"),
    "job": ("招聘求职", "Jobs"),
    "law": ("法律与代办", "Law and filings"),
    "life": ("生活服务", "Personal services"),
    "local": ("本地生活", "Rides, tickets and delivery"),
    "merchant": ("商家服务", "Merchants"),
    "parcel": ("快递", "Parcels"),
    "saas": ("企业软件", "Business software"),
    "shop": ("网购", "Online shopping"),
    "social": ("社交", "Social networks"),
    "telecom": ("电信", "Telecoms"),
    "transit": ("公共交通", "Public transport"),
    "travel": ("旅行", "Travel"),
    "utility": ("水电燃气", "Utilities"),
    "work": ("职场内务", "Workplace IT and HR"),
}
"""The trades in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Pack:
    """``open_entries`` answer at once; the others name figures that a company fills in first."""

    name: str
    lang: str
    entries: int
    open_entries: int

    @property
    def trade(self) -> str:
        return self.name.removesuffix(ENGLISH)

    @property
    def title(self) -> str:
        """In the reader's language."""
        return TRADES[self.trade][0 if (get_language() or "").startswith("zh") else 1]


@cache
def packs() -> tuple[Pack, ...]:
    """All packs, the Chinese ones first. A cache of immutable values; the files are part of the release."""
    found: dict[str, list[str]] = {}
    for group in read_groups():
        found.setdefault(_name(group), []).extend(meaning.answer for meaning in group.meanings)
    made = (
        Pack(name, _lang(name), len(answers), sum(not placeholders(answer) for answer in answers))
        for name, answers in found.items()
    )
    return tuple(sorted(made, key=lambda pack: (pack.lang != "zh", pack.name)))


def pack_check(name: str) -> None:
    """
    Raises:
        NotFound: no such pack; the message lists all there are.
    """
    names = [pack.name for pack in packs()]
    if name not in names:
        values = {"name": name, "names": ", ".join(names)}
        raise NotFound(_("There is no starter pack “%(name)s”. There are: %(names)s.") % values)


def pack_rows(*, bot: Bot, name: str) -> list[Row]:
    """A pack's entries as rows for this bot. Their ids are the same each time, so that a second import finds them even
    where an editor changed the question.

    Raises:
        NotFound: no such pack; the message lists all there are.
    """
    pack_check(name)
    meanings = ((key, meaning) for group in read_groups() if _name(group) == name for key, meaning in _meanings(group))
    category = TRADES[name.removesuffix(ENGLISH)][_lang(name) == "en"]
    return [Row(number, _fields(bot, key, meaning, category)) for number, (key, meaning) in enumerate(meanings, 1)]


def _meanings(group: QuestionGroup) -> Iterator[tuple[str, Meaning]]:
    """The meanings with what names each for good."""
    return ((f"{group.id}.{at}", meaning) for at, meaning in enumerate(group.meanings))


def _fields(bot: Bot, key: str, meaning: Meaning, category: str) -> dict[str, object]:
    return {
        "id": str(uuid5(bot.pk, key)),
        "question": meaning.question,
        "similar": list(meaning.similar),
        "answer": meaning.answer,
        "category": category,
    }


def _name(group: QuestionGroup) -> str:
    return group.industry + (ENGLISH if group.lang == "en" else "")


def _lang(name: str) -> str:
    return "en" if name.endswith(ENGLISH) else "zh"
