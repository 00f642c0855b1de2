"""The content of an entry: checked, cleaned, hashed, and as the dialogue's value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from dialog import types as dialog
from nlu.normalize import match_key, normalise

QUESTION_MAX, ANSWER_MAX, CATEGORY_MAX, LIST_MAX = 500, 8_000, 200, 200

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of surrogate pairs, and what XML forbids."""

Key: TypeAlias = Callable[[str], str]


class Spelling:
    """``plain``: a text as it is searched. ``key``: what two writings of one question have in common, empty where no
    letter and no digit is in it. Each text is worked out once; lives as long as the work it is for."""

    def __init__(self) -> None:
        self.plain = cache(lambda text: normalise(text).text)
        self.key = cache(lambda text: match_key(self.plain(text)))


@dataclass(frozen=True, slots=True)
class EntryContent:
    """What an editor writes; everything of an entry that a publication freezes."""

    question: str
    answer: str
    similar: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    category: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def cleaned(self, spelling: Spelling | None = None) -> EntryContent:
        """Trimmed, without empty or doubled questions, dates in UTC.

        Raises:
            Invalid: a field is missing, too long or contradicts another; ``fields`` names each.
        """
        key = (spelling or Spelling()).key
        question = _one_line(self.question)
        result = replace(
            self,
            question=question,
            answer=_storable(self.answer).strip(),
            similar=_distinct(self.similar, {key(question)}, key),
            negative=_distinct(self.negative, set(), key),
            category="/".join(part for part in map(_one_line, self.category.split("/")) if part),
            valid_from=_utc(self.valid_from),
            valid_to=_utc(self.valid_to),
        )
        problems = dict(_problems(result, key))
        if problems:
            raise Invalid(" ".join(problems.values()), fields=problems)
        return result

    def payload(self) -> dict[str, Any]:
        """Plain JSON, in a fixed order."""
        return {
            "question": self.question,
            "answer": self.answer,
            "similar": list(self.similar),
            "negative": list(self.negative),
            "category": self.category,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }

    def hash(self) -> str:
        return hashlib.blake2b(orjson.dumps(self.payload(), option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def content_from_payload(payload: Mapping[str, Any]) -> EntryContent:
    dates = {
        name: datetime.fromisoformat(payload[name]) if payload.get(name) else None
        for name in ("valid_from", "valid_to")
    }
    return EntryContent(
        question=payload["question"],
        answer=payload["answer"],
        similar=tuple(payload["similar"]),
        negative=tuple(payload["negative"]),
        category=payload["category"],
        **dates,
    )


def entry_value(entry_id: str, content: EntryContent) -> dialog.Entry:
    """The content as the dialogue reads it."""
    return dialog.Entry(
        id=entry_id,
        question=content.question,
        answer=content.answer,
        similar=content.similar,
        negative=content.negative,
        category=content.category,
        valid_from=content.valid_from,
        valid_to=content.valid_to,
    )


def _storable(text: str) -> str:
    """One kind of line break, and nothing that a database or a spreadsheet refuses."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _one_line(text: str) -> str:
    return " ".join(_storable(text).split())


def _utc(date: datetime | None) -> datetime | None:
    """Without a zone a date is in the zone of the settings."""
    if date is None:
        return None
    try:
        return (date if date.tzinfo else timezone.make_aware(date)).astimezone(UTC)
    except OverflowError as error:
        raise Invalid(_("The date %s cannot be reached by a calendar.") % date.date()) from error


def _distinct(texts: Iterable[str], seen: set[str], key: Key) -> tuple[str, ...]:
    kept = []
    for text in map(_one_line, texts):
        name = key(text) or text
        if text and name not in seen:
            seen.add(name)
            kept.append(text)
    return tuple(kept)


def _problems(content: EntryContent, key: Key) -> Iterator[tuple[str, str]]:
    if not content.question:
        yield "question", _("The standard question is missing.")
    elif not key(content.question):
        yield "question", _("The standard question holds no words.")
    elif len(key(content.question)) > QUESTION_MAX:  # one character may stand for a whole phrase
        yield "question", _("The standard question is too long when it is spelled out.")
    if not content.answer:
        yield "answer", _("The answer is missing.")
    yield from _too_long(content)
    own = {key(text) for text in (content.question, *content.similar)}
    if any(key(text) in own for text in content.negative):
        yield "negative", _("A negative question also stands among this entry's own questions.")
    if content.valid_from and content.valid_to and content.valid_from >= content.valid_to:
        yield "valid_to", _("“valid to” must be after “valid from”.")


def _too_long(content: EntryContent) -> Iterator[tuple[str, str]]:
    for name, most in (("question", QUESTION_MAX), ("answer", ANSWER_MAX), ("category", CATEGORY_MAX)):
        length = len(getattr(content, name))
        if length > most:
            values = {"name": name, "length": length, "most": most}
            yield name, _("“%(name)s” has %(length)d characters; %(most)d are allowed.") % values
    for name in ("similar", "negative"):
        texts = getattr(content, name)
        if len(texts) > LIST_MAX or any(len(text) > QUESTION_MAX for text in texts):
            values = {"name": name, "most": LIST_MAX, "length": QUESTION_MAX}
            yield name, _("“%(name)s” takes at most %(most)d questions of %(length)d characters.") % values
