"""What a bot knows, as drafts that editors work on, and as publications that answer.

An :class:`Entry` is a draft. Publishing freezes its content as an :class:`EntryVersion` (shared by every publication in
which it stays the same) and lists the versions in a :class:`Publication`, which never changes again.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bots.models import Bot
from apps.core.models import BaseModel


class Entry(BaseModel):
    """``content_hash`` is of the draft, ``live_hash`` of what is published (empty: never, or taken back).

    ``live_version`` is the id of the :class:`EntryVersion` that is published; ``placeholders`` the sorted names of the
    figures that the answer holds, with spaces between them.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="entries")
    question = models.CharField(_("standard question"), max_length=500)
    question_key = models.CharField(max_length=500, editable=False)
    similar = models.JSONField(_("similar questions"), default=list, blank=True)
    negative = models.JSONField(_("negative questions"), default=list, blank=True)
    answer = models.TextField(_("answer"), max_length=8_000)
    category = models.CharField(_("category"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    search_text = models.TextField(editable=False, default="")
    placeholders = models.TextField(editable=False, blank=True, default="")
    content_hash = models.CharField(max_length=32, editable=False)
    live_hash = models.CharField(max_length=32, blank=True, default="", editable=False)
    live_version = models.BigIntegerField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["bot", "question_key"], name="knowledge_entry_key"),
            models.Index(fields=["bot", "archived_at", "updated_at"], name="knowledge_entry_recent"),
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def status(self) -> str:
        """``new`` · ``changed`` · ``published`` · ``removing`` (archived, still live) · ``archived``."""
        if self.archived_at is not None:
            return "removing" if self.live_hash else "archived"
        if not self.live_hash:
            return "new"
        return "published" if self.live_hash == self.content_hash else "changed"


class EntryVersion(models.Model):
    """The content of an entry at one publish; never changed, never deleted while a publication lists it."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="+")
    entry_id = models.UUIDField()
    content_hash = models.CharField(max_length=32)
    payload = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bot", "entry_id", "content_hash"], name="knowledge_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.content_hash[:8]}"


class Publication(BaseModel):
    """``manifest`` lists the ids of the entry versions, in order; the rest is small and stands here whole.

    ``figures`` are pairs of name and value, put into the answers when they are loaded.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="publications")
    version = models.PositiveIntegerField()
    manifest = models.JSONField()
    synonyms = models.JSONField()
    rules = models.JSONField()
    words = models.JSONField()
    figures = models.JSONField(default=list)
    note = models.CharField(_("note"), max_length=300, blank=True)
    restores = models.PositiveIntegerField(null=True, blank=True)
    changes = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["bot", "version"], name="knowledge_publication_version")]

    def __str__(self) -> str:
        return f"{self.bot} v{self.version}"


class TextVector(models.Model):
    """A text's vector by one encoder, shared by all bots: whoever writes the same text gets the same vector.

    It holds nothing of a tenant but the text's hash, and nothing that an encoder could not give again.
    """

    fingerprint = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    vector = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint", "key"], name="knowledge_vector_once")]

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.key[:8]}"


class SynonymGroup(BaseModel):
    """Words that mean the same to this bot; the first one stands for all."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="synonyms")
    words = models.JSONField(_("words"))

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")

    def __str__(self) -> str:
        return " = ".join(self.words)


class Rule(BaseModel):
    class Kind(models.TextChoices):
        EXACT = "exact", _("the whole message")
        KEYWORD = "keyword", _("one of the keywords")
        KEYWORDS = "keywords", _("all keywords")
        FUZZY = "fuzzy", _("nearly the whole message")
        PATTERN = "pattern", _("pattern (RE2)")

    class Action(models.TextChoices):
        REPLY = "reply", _("reply")
        HANDOFF = "handoff", _("hand over")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="rules")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    patterns = models.JSONField(_("patterns"))
    action = models.CharField(_("action"), max_length=10, choices=Action, default=Action.REPLY)
    reply = models.TextField(_("reply"), max_length=4_000, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    tests = models.JSONField(_("tests"), default=dict, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["priority", "name"]

    def __str__(self) -> str:
        return self.name


class SensitiveWord(BaseModel):
    class Level(models.TextChoices):
        BLOCK = "block", _("refuse")
        HANDOFF = "handoff", _("hand over")
        WARN = "warn", _("answer, and note it")
        ALLOW = "allow", _("harmless")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="words")
    text = models.CharField(_("word"), max_length=60)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    reply = models.TextField(_("reply"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("sensitive word")
        verbose_name_plural = _("sensitive words")
        constraints = [models.UniqueConstraint(fields=["bot", "text"], name="knowledge_word_once")]

    def __str__(self) -> str:
        return self.text
