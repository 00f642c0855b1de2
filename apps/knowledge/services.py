"""Writes to the drafts. Nothing here is seen by a visitor before it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid
from apps.knowledge.content import EntryContent, Spelling, content_from_payload
from apps.knowledge.models import Entry, EntryVersion, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.placeholders import placeholders
from dialog import types as dialog
from dialog.rules import PERSON, RuleBook
from nlu.matching import validate_pattern
from nlu.normalize import normalise, question_key


def entry_content(entry: Entry) -> EntryContent:
    return EntryContent(
        question=entry.question,
        answer=entry.answer,
        similar=tuple(entry.similar),
        negative=tuple(entry.negative),
        category=entry.category,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
    )


@transaction.atomic
def entry_save(
    *, bot: Bot, content: EntryContent, by: User | None, entry: Entry | None = None, revision: int | None = None
) -> Entry:
    """Create an entry, or replace the content of one; ``revision`` is the one the editor had before them.

    Raises:
        Invalid: the content is not acceptable.
        Conflict: somebody saved it meanwhile, or another entry has this standard question.
    """
    content = content.cleaned()
    key = question_key(content.question)
    others = Entry.objects.filter(bot=bot, question_key=key, archived_at=None)
    if others.exclude(pk__in=[entry.pk] if entry else []).exists():
        raise Conflict(
            _("Another entry has the question “%(q)s” already; add this one to it.") % {"q": content.question}
        )
    target = entry or Entry(bot=bot)
    if entry is not None:
        target = Entry.objects.select_for_update().get(pk=entry.pk)
        if revision is not None and revision != target.revision:
            raise Conflict(_("Somebody saved this entry meanwhile. Reload it; your text is still in the form."))
        target.revision += 1
    entry_fill(target, content, key, by)
    target.save()
    return target


def entry_fill(
    entry: Entry, content: EntryContent, key: str, by: User | None, spelling: Spelling | None = None
) -> None:
    """Put checked content into an unsaved row."""
    plain = (spelling or Spelling()).plain
    entry.question, entry.question_key, entry.answer = content.question, key, content.answer
    entry.similar, entry.negative = list(content.similar), list(content.negative)
    entry.category, entry.valid_from, entry.valid_to = content.category, content.valid_from, content.valid_to
    entry.search_text = " ".join(map(plain, (content.question, *content.similar, content.answer)))
    entry.placeholders = " ".join(sorted(placeholders(content.answer)))
    entry.content_hash, entry.updated_by = content.hash(), by


def entry_archive(*, entry: Entry, by: User | None) -> None:
    """Take an entry out of the next publication."""
    Entry.objects.filter(pk=entry.pk).update(archived_at=timezone.now(), updated_by=by, updated_at=timezone.now())


@transaction.atomic
def entry_restore(*, entry: Entry, by: User | None) -> None:
    """Bring an archived entry back as a draft.

    Raises:
        Conflict: another entry took its question meanwhile.
    """
    same = Entry.objects.filter(bot_id=entry.bot_id, question_key=entry.question_key, archived_at=None)
    if same.exclude(pk=entry.pk).exists():
        raise Conflict(_("Another entry has this question now; rename one of them first."))
    Entry.objects.filter(pk=entry.pk).update(archived_at=None, updated_by=by, updated_at=timezone.now())


@transaction.atomic
def entry_revert(*, entry: Entry, by: User | None) -> Entry:
    """Drop the draft: back to what is published.

    Raises:
        Conflict: the entry was never published.
    """
    version = EntryVersion.objects.filter(entry_id=entry.pk, content_hash=entry.live_hash).first()
    if version is None:
        raise Conflict(_("This entry was never published; there is nothing to go back to."))
    return entry_save(bot=entry.bot, content=content_from_payload(version.payload), by=by, entry=entry)


def synonyms_save(*, bot: Bot, words: Sequence[str], group: SynonymGroup | None = None) -> SynonymGroup:
    """Raises Invalid when fewer than two words are left, or one stands in another group."""
    cleaned = list(dict.fromkeys(text for text in (normalise(word).text for word in words) if text))
    if len(cleaned) < 2:
        raise Invalid(_("A group of synonyms needs at least two words."), fields={"words": _("At least two.")})
    for other in SynonymGroup.objects.filter(bot=bot).exclude(pk__in=[group.pk] if group else []):
        doubled = sorted(set(cleaned) & set(other.words))
        if doubled:
            raise Invalid(
                _("“%(word)s” stands in the group %(group)s already.") % {"word": doubled[0], "group": str(other)}
            )
    target = group or SynonymGroup(bot=bot)
    target.words = cleaned
    target.save()
    return target


def rule_save(*, bot: Bot, fields: Mapping[str, Any], rule: Rule | None = None) -> Rule:
    """Create or change a rule; its patterns must be RE2 and its own test sentences must come out right.

    Raises:
        Invalid: ``fields`` of the error says what and why.
    """
    target = rule or Rule(bot=bot)
    for name, value in fields.items():
        setattr(target, name, value)
    target.patterns = [text.strip() for text in target.patterns if text.strip()]
    problem = _rule_problem(target)
    if problem:
        raise Invalid(problem, fields={"patterns": problem})
    _check_fields(target)
    target.save()
    return target


def _check_fields(row: Model) -> None:
    """Raises Invalid where the model refuses a field: empty, too long, not one of its choices."""
    try:
        row.full_clean()
    except ValidationError as error:
        fields = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        names = {field.name: field.verbose_name for field in row._meta.fields}
        named = (f"{names.get(name, name)}: {text}" for name, text in fields.items())
        raise Invalid(" ".join(named), fields=fields) from error


def rule_value(rule: Rule) -> dialog.Rule:
    return dialog.Rule(
        id=str(rule.pk),
        name=rule.name,
        kind=rule.kind,  # type: ignore[arg-type]
        patterns=tuple(rule.patterns),
        action=rule.action,  # type: ignore[arg-type]
        reply=rule.reply,
        priority=rule.priority,
    )


def _rule_problem(rule: Rule) -> str:
    if not rule.patterns:
        return _("A rule needs at least one pattern.")
    if rule.action == Rule.Action.REPLY and not rule.reply.strip():
        return _("A rule that replies needs a reply.")
    if rule.kind not in Rule.Kind.values:
        return _("There is no kind of rule “%s”.") % rule.kind
    if rule.kind == Rule.Kind.PATTERN:
        for pattern in rule.patterns:
            reason = validate_pattern(pattern)
            if reason:
                return _("The pattern “%(pattern)s” cannot be used: %(reason)s") % {
                    "pattern": pattern,
                    "reason": reason,
                }
    return _failed_test(rule)


def _failed_test(rule: Rule) -> str:
    book = RuleBook.build([rule_value(rule)])
    tests = rule.tests or {}
    for wanted, sentences in ((True, tests.get("match", [])), (False, tests.get("no_match", []))):
        for sentence in sentences:
            found = book.match(normalise(sentence))
            # The built-in wish for a person comes first; a rule that hands over as well is not contradicted by it.
            as_well = wanted and rule.action == Rule.Action.HANDOFF and found is not None and found.rule is PERSON
            if (found is not None and found.rule.id == str(rule.pk)) is not wanted and not as_well:
                return _should_match(sentence) if wanted else _should_not_match(sentence)
    return ""


def _should_match(sentence: str) -> str:
    return _("The test sentence “%s” should match and does not.") % sentence


def _should_not_match(sentence: str) -> str:
    return _("The test sentence “%s” matches and should not.") % sentence


def word_save(*, bot: Bot, text: str, level: str, reply: str = "", word: SensitiveWord | None = None) -> SensitiveWord:
    """Raises Invalid when nothing is left of the word after normalising or it stands there already."""
    cleaned = normalise(text).text
    if not cleaned:
        raise Invalid(_("The word is empty."), fields={"text": _("Empty.")})
    if SensitiveWord.objects.filter(bot=bot, text=cleaned).exclude(pk__in=[word.pk] if word else []).exists():
        raise Invalid(_("“%s” is in the list already.") % cleaned, fields={"text": _("In the list already.")})
    target = word or SensitiveWord(bot=bot)
    target.text, target.level, target.reply = cleaned, level, reply.strip()
    _check_fields(target)
    target.save()
    return target


def entries_by_key(bot: Bot) -> dict[str, UUID]:
    """Every question and similar question of the drafts → its entry; the first one keeps it."""
    found: dict[str, UUID] = {}
    for pk, question, similar in Entry.objects.filter(bot=bot, archived_at=None).values_list(
        "pk", "question", "similar"
    ):
        for text in (question, *similar):
            found.setdefault(question_key(text), pk)
    return found
