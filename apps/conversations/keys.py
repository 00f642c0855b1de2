"""Under which key turns count as the same question."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import models

from nlu import lexicon
from nlu.normalize import question_key

if TYPE_CHECKING:
    _CharField: TypeAlias = models.CharField[str, str]
else:
    _CharField = models.CharField

_SMALL_TALK = frozenset(
    {
        "早上好", "上午好", "中午好", "下午好", "晚上好", "晚安", "再见", "拜拜", "辛苦了", "有人吗", "有人在吗",
        "good morning", "good afternoon", "good evening", "bye", "goodbye",
    }
)  # fmt: skip


def text_key(text: str) -> str:
    """32 hexadecimal digits, the same for all spellings of one question; empty for what asks nothing.

    Nothing is asked by a text without words (emoji, punctuation) and by a pure greeting.
    """
    key = question_key(text)
    if not key or _is_greeting(key):
        return ""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def _is_greeting(key: str) -> bool:
    """Whether the key is made of polite words and nothing else."""
    rest = key
    while rest and rest not in _SMALL_TALK:
        polite = max((word for word in _polite() if rest.startswith(word)), key=len, default="")
        if not polite:
            return False
        rest = rest[len(polite) :].lstrip()
    return True


def _polite() -> tuple[str, ...]:
    return (*lexicon.lines("polite_start"), *lexicon.lines("polite_end"))


class TextKeyField(_CharField):
    """The :func:`text_key` of the row's ``text``, kept in step with it on every insert, in bulk too."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = text_key(model_instance.text)  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
