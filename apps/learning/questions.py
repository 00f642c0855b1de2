"""Questions whose right answer is known: labelled by editors, confirmed by visitors, or given in a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.keys import text_key
from apps.conversations.models import Turn
from apps.core.errors import Invalid
from apps.core.logs import mask
from apps.knowledge.models import Entry
from apps.knowledge.readers import file_bytes, json_rows
from apps.knowledge.rows import Row
from apps.learning.models import Label
from nlu.normalize import question_key

MOST = 5_000
"""Questions of each origin that are read, the latest."""

_RIGHT = (Label.Kind.SIMILAR, Label.Kind.ENTRY)


@dataclass(frozen=True, slots=True)
class Question:
    """``gold``: ids of the entries that answer it; none: nothing does. ``key`` as in :func:`text_key`, masked text."""

    key: str
    text: str
    gold: frozenset[str]
    source: Literal["label", "visitor", "file"]

    @property
    def held_out(self) -> bool:
        """Whether a ranker of the bot's own is never trained on it; half of all questions, by their key for good."""
        return int(self.key[0], 16) % 2 == 0


def known_questions(bot: Bot) -> list[Question]:
    """Each question once, in the order of their keys. Where an editor labelled it, what visitors did does not count.

    An editor's negative label names no right entry, and would have named one if there were any. A visitor confirms an
    entry by choosing it from a list, or by a thumb up under its answer. Two queries.
    """
    found = {question.key: question for question in _confirmed(bot)}
    for row in _labels(bot):
        key = text_key(mask(row["turn__text"]))
        found.pop(key, None)
        if key and row["kind"] != Label.Kind.IGNORE:
            gold = frozenset({str(row["entry_id"])} if row["kind"] in _RIGHT else ())
            found[key] = Question(key, row["turn__text"], gold, "label")
    return [found[key] for key in sorted(found)]


def _labels(bot: Bot) -> Iterable[Mapping[str, Any]]:
    """Oldest first, so that the latest label of a text counts."""
    rows = Label.objects.filter(bot=bot, active=True).exclude(kind__in=_RIGHT, entry_id=None)
    latest = rows.order_by("-created_at", "-pk").values("kind", "entry_id", "turn__text")[:MOST]
    return reversed([*latest])


def _confirmed(bot: Bot) -> Iterable[Question]:
    said = Turn.objects.filter(bot=bot, status=Turn.Status.DONE, pick__isnull=True).exclude(text_key="")
    picked = said.filter(outcome="list").exclude(picked_entry=None).values_list("text", "picked_entry", "created_at")
    liked = said.filter(outcome="answer", route="kb", feedback__value="up").exclude(entry_id=None)
    rows = picked.union(liked.values_list("text", "entry_id", "created_at")).order_by("-created_at")[:MOST]
    gold: dict[str, tuple[str, set[str]]] = {}
    for text, entry_id, _at in rows:
        if key := text_key(mask(text)):
            gold.setdefault(key, (text, set()))[1].add(str(entry_id))
    return [Question(key, text, frozenset(ids), "visitor") for key, (text, ids) in gold.items()]


def data_hash(questions: Iterable[Question]) -> str:
    """Equal exactly where the same questions have the same answers."""
    digest = hashlib.blake2b(digest_size=16)
    for question in sorted(questions, key=lambda q: (q.key, sorted(q.gold))):
        digest.update(f"{question.key} {' '.join(sorted(question.gold))}\n".encode())
    return digest.hexdigest()


# --- a file of questions ------------------------------------------------------------------------------------------


def read_questions(bot: Bot, path: Path) -> list[Question]:
    """A file with a line ``{"query", "gold": […]}`` for each question; ``gold`` names entries by id or standard question.

    Raises:
        NotFound: the file cannot be opened.
        Invalid: a line is not as it should be; the message names it.
    """
    known = _names(bot)
    found = {question.key: question for row in json_rows(file_bytes(path)) if (question := _question(row, known)).key}
    if len(found) > MOST:
        raise Invalid(_("The file has %(n)d questions; at most %(most)d are read.") % {"n": len(found), "most": MOST})
    return list(found.values())


def _names(bot: Bot) -> dict[str, str]:
    """Ids and standard questions of the bot's entries, each with the id."""
    names: dict[str, str] = {}
    for pk, key in Entry.objects.filter(bot=bot, archived_at=None).values_list("pk", "question_key"):
        names[key] = names[str(pk)] = str(pk)
    return names


def _question(row: Row, known: Mapping[str, str]) -> Question:
    text, gold = row.fields.get("query"), row.fields.get("gold")
    if row.problem or not isinstance(text, str) or not isinstance(gold, list):
        raise _bad(row.number, row.problem or _('A line is {"query": "…", "gold": [entries]}.'))
    ids = []
    for name in gold:
        if not isinstance(name, str) or not (pk := known.get(name) or known.get(question_key(name))):
            raise _bad(row.number, _("“gold” names an entry that the bot does not have: %s") % name)
        ids.append(pk)
    return Question(text_key(mask(text)), text, frozenset(ids), "file")


def _bad(number: int, reason: str) -> Invalid:
    return Invalid(_("Line %(number)d: %(reason)s") % {"number": number, "reason": reason})


def to_rows(questions: Sequence[Question]) -> list[list[Any]]:
    """As a calibration keeps them."""
    return [[question.text, sorted(question.gold)] for question in questions]


def from_rows(rows: Sequence[Sequence[Any]]) -> list[Question]:
    """The reverse of :func:`to_rows`."""
    return [Question(text_key(mask(text)), text, frozenset(gold), "file") for text, gold in rows]


def merged(first: Iterable[Question], second: Iterable[Question]) -> list[Question]:
    """Each key once, ``second`` counts; in the order of the keys."""
    found = {question.key: question for question in (*first, *second)}
    return [found[key] for key in sorted(found)]


def published_only(questions: Iterable[Question], published: frozenset[str]) -> list[Question]:
    """Without those whose right entries are all unpublished: the bot cannot know them yet."""
    kept = []
    for question in questions:
        gold = question.gold & published
        if gold or not question.gold:
            kept.append(Question(question.key, question.text, gold, question.source))
    return kept
