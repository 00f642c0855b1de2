"""A refusal that still helps: what the bot can do, questions to press, and the way to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from dialog.types import Choice, Entry, Lang, Pick, Publication
from nlu.normalize import detect_lang

TOPICS = 4
QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class Refusals:
    """Topics and questions of one publication by language."""

    _topics: dict[Lang, tuple[str, ...]]
    _questions: dict[Lang, tuple[Entry, ...]]

    @classmethod
    def build(cls, publication: Publication) -> Refusals:
        langs: tuple[Lang, ...] = ("zh", "en")
        by_lang: dict[Lang, list[Entry]] = {lang: [] for lang in langs}
        for entry in publication.entries:
            by_lang[detect_lang(entry.question)].append(entry)
        return cls(
            {lang: _topics(by_lang[lang]) for lang in langs},
            {lang: _questions(by_lang[lang], publication.profile.suggestions.get(lang, ())) for lang in langs},
        )

    def topics(self, lang: Lang, say: Callable[[str], str]) -> str:
        """The commonest subjects as one phrase."""
        names = self._topics[lang]
        if not names:
            return say("general_topics")
        return "、".join(names) if lang == "zh" else ", ".join(names)

    def choices(self, lang: Lang, now: datetime, person: Choice, *, person_first: bool) -> tuple[Choice, ...]:
        """Buttons under a refusal: questions the bot can answer ``now``, and a person; the person first when asked for."""
        valid = (entry for entry in self._questions[lang] if entry.valid_at(now))
        questions = tuple(Choice(entry.question, Pick("entry", entry.id)) for entry in islice(valid, QUESTIONS))
        return (person, *questions) if person_first else (*questions, person)


def _topics(entries: list[Entry]) -> tuple[str, ...]:
    """Top-level categories by number of entries; a leading language code is not a subject."""
    counts: dict[str, int] = {}
    for entry in entries:
        parts = [part for part in entry.category.split("/") if part and part not in ("zh", "en")]
        if parts:
            counts[parts[0]] = counts.get(parts[0], 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:TOPICS])


def _questions(entries: list[Entry], suggested: tuple[str, ...]) -> tuple[Entry, ...]:
    """The suggested ones, else all."""
    by_question = {entry.question: entry for entry in entries}
    return tuple(by_question[text] for text in suggested if text in by_question) or tuple(entries)
