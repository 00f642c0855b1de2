"""Synonyms, rules and sensitive words from rows of a file; the same rows again change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import Invalid
from apps.knowledge.models import Rule, SensitiveWord, SynonymGroup
from apps.knowledge.rows import Row
from apps.knowledge.services import rule_save, synonyms_save, word_save
from nlu.normalize import normalise

Fields: TypeAlias = Mapping[str, Any]

_RULE = {"name": str, "kind": str, "patterns": list, "action": str, "reply": str, "priority": int, "tests": dict}
_WORD = {"text": str, "level": str, "reply": str}
_SYNONYMS = {"words": list}


@dataclass(frozen=True, slots=True)
class ListsReport:
    """Rows created or changed, by list; rows that are so already do not count."""

    synonyms: int
    rules: int
    words: int


@transaction.atomic
def lists_import(
    *, bot: Bot, synonyms: Iterable[Row] = (), rules: Iterable[Row] = (), words: Iterable[Row] = ()
) -> ListsReport:
    """Create or change list rows; what no row names stays. All or nothing.

    A rule is matched by its name, a word by its normalised text, a group of synonyms by any word it shares.

    Raises:
        Invalid: a row is not acceptable; the message names the list and the row.
    """
    return ListsReport(
        synonyms=_each("synonyms", synonyms, _SYNONYMS, _Synonyms(bot).put),
        rules=_each("rules", rules, _RULE, _Rules(bot).put),
        words=_each("words", words, _WORD, _Words(bot).put),
    )


def _each(name: str, rows: Iterable[Row], types: Mapping[str, type], put: Callable[[Fields], bool]) -> int:
    changed = 0
    for row in rows:
        try:
            changed += put(_checked(row, types))
        except (Invalid, ValidationError) as error:
            reason = error.detail if isinstance(error, Invalid) else "; ".join(error.messages)
            values = {"list": name, "row": row.number, "reason": reason}
            raise Invalid(_("Row %(row)d of %(list)s: %(reason)s") % values) from error
    return changed


def _checked(row: Row, types: Mapping[str, type]) -> Fields:
    if row.problem:
        raise Invalid(row.problem)
    for name, value in row.fields.items():
        wrong_item = isinstance(value, list) and not all(isinstance(item, str) for item in value)
        if name not in types or not isinstance(value, types[name]) or wrong_item:
            raise Invalid(_("“%(name)s” is unknown or of a wrong kind.") % {"name": name})
    required = next(iter(types))
    if not row.fields.get(required):
        raise Invalid(_("“%s” is missing.") % required)
    return row.fields


class _Synonyms:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._groups = list(SynonymGroup.objects.filter(bot=bot).order_by("pk"))

    def put(self, fields: Fields) -> bool:
        words = list(dict.fromkeys(text for text in (normalise(str(word)).text for word in fields["words"]) if text))
        same = [group for group in self._groups if set(words) & set(group.words)]
        if same and same[0].words == words:
            return False
        for group in same[1:]:
            group.delete()
        self._groups = [group for group in self._groups if group not in same]
        self._groups.append(synonyms_save(bot=self._bot, words=words, group=same[0] if same else None))
        return True


class _Rules:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._rules = {rule.name: rule for rule in Rule.objects.filter(bot=bot)}

    def put(self, fields: Fields) -> bool:
        found = self._rules.get(fields["name"])
        if found is not None and all(getattr(found, name) == value for name, value in fields.items()):
            return False
        self._rules[fields["name"]] = rule_save(bot=self._bot, fields=fields, rule=found)
        return True


class _Words:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._words = {word.text: word for word in SensitiveWord.objects.filter(bot=bot)}

    def put(self, fields: Fields) -> bool:
        text, level, reply = normalise(fields["text"]).text, fields.get("level", ""), fields.get("reply", "").strip()
        found = self._words.get(text)
        if found is not None and (found.level, found.reply) == (level, reply):
            return False
        self._words[text] = word_save(bot=self._bot, text=text, level=level, reply=reply, word=found)
        return True
