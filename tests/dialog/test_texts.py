"""What the bot says of its own accord: complete in both languages, and overridable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialog import texts
from dialog.texts import DEFAULTS, say
from dialog.types import Lang
from nlu.normalize import detect_lang

LANGS: tuple[Lang, ...] = ("zh", "en")


@pytest.mark.parametrize("key", DEFAULTS)
def test_each_text_stands_in_both_languages_with_the_same_braces(key: str) -> None:
    assert set(DEFAULTS[key]) == set(LANGS)
    braces = {lang: sorted(re.findall(r"{\w+}", DEFAULTS[key][lang])) for lang in LANGS}
    assert braces["zh"] == braces["en"]


@pytest.mark.parametrize("key", DEFAULTS)
@pytest.mark.parametrize("lang", LANGS)
def test_each_text_is_in_its_language(key: str, lang: Lang) -> None:
    assert detect_lang(DEFAULTS[key][lang]) == lang


@pytest.mark.parametrize("key", DEFAULTS)
def test_chinese_texts_use_chinese_punctuation(key: str) -> None:
    assert not re.search(r"[一-鿿][,.!?;:]|[,!?;:][一-鿿]", DEFAULTS[key]["zh"])


def test_a_bot_overrides_one_text_in_one_language() -> None:
    own = {"handoff.zh": "马上来。"}
    assert say("handoff", "zh", own) == "马上来。"
    assert say("handoff", "en", own) == DEFAULTS["handoff"]["en"]


def test_an_empty_override_is_none() -> None:
    assert say("handoff", "zh", {"handoff.zh": ""}) == DEFAULTS["handoff"]["zh"]


def test_values_fill_the_braces_and_only_those() -> None:
    own = {"refuse.zh": "我会{topics}，{不会}。"}
    assert say("refuse", "zh", own, topics="退货") == "我会退货，{不会}。"


def test_there_is_no_text_for_an_unknown_key() -> None:
    with pytest.raises(KeyError):
        say("no_such_text", "zh", {})


def test_every_text_is_said_somewhere() -> None:
    root = Path(texts.__file__).parent.parent
    files = [*root.glob("dialog/**/*.py"), *root.glob("apps/**/*.py")]
    source = "".join(file.read_text("utf-8") for file in files if file != Path(texts.__file__))
    assert [key for key in DEFAULTS if f'"{key}"' not in source] == []
