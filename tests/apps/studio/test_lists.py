"""Rules, synonyms and sensitive words in the studio."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.knowledge.models import Rule, SensitiveWord, SynonymGroup
from apps.knowledge.services import rule_save, synonyms_save, word_save
from tests.people import World

HX = {"HX-Request": "true"}
RULE = {"name": "投诉", "kind": "keyword", "patterns": "投诉\n12315", "action": "handoff", "enabled": "on"}


@pytest.fixture
def editor(world: World) -> Client:
    client = Client(headers=HX)
    client.force_login(world.editor)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"studio:{name}", args=["shop", *args])


def undo(client: Client, response: Any) -> Any:
    offer = json.loads(response["HX-Trigger"])["zk-undo"]
    return client.post(offer["url"], offer["values"])


def test_a_rule_is_stored_with_its_test_sentences(editor: Client) -> None:
    editor.post(url("rule_new"), {**RULE, "match": "我要投诉你们", "no_match": "怎么退货"})
    rule = Rule.objects.get()
    assert rule.patterns == ["投诉", "12315"]
    assert rule.tests == {"match": ["我要投诉你们"], "no_match": ["怎么退货"]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "pattern", "patterns": "(?=a)b"}, "(?=a)b"),
        ({"kind": "pattern", "patterns": "(a"}, "(a"),
        ({"patterns": " \n "}, "patterns-error"),
        ({"match": "怎么退货"}, "怎么退货"),
        ({"no_match": "投诉快递"}, "投诉快递"),
        ({"action": "reply", "reply": ""}, "patterns-error"),
        ({"kind": "nonsense"}, "notice-danger"),
        ({"name": ""}, "notice-danger"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_in_place(editor: Client, wrong: dict[str, str], said: str) -> None:
    response = editor.post(url("rule_new"), {**RULE, **wrong})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert not Rule.objects.exists()


def test_editing_a_rule_keeps_its_identity_and_what_was_typed_when_it_fails(editor: Client, world: World) -> None:
    rule = rule_save(
        bot=world.bot, fields={"name": "投诉", "kind": "keyword", "patterns": ["投诉"], "action": "handoff"}
    )
    failed = editor.post(url("rule", rule.pk), {**RULE, "kind": "pattern", "patterns": "(坏"})
    assert "(坏" in failed.content.decode()
    assert url("rule_away", rule.pk) in failed.content.decode()
    editor.post(url("rule", rule.pk), RULE)
    assert Rule.objects.get().pk == rule.pk


def test_synonyms_need_two_words_and_one_group_each(editor: Client, world: World) -> None:
    assert editor.post(url("synonym_new"), {"words": ["快递", " "]}).status_code == 422
    editor.post(url("synonym_new"), {"words": ["快递", "包裹"]})
    assert SynonymGroup.objects.get().words == ["快递", "包裹"]
    doubled = editor.post(url("synonym_new"), {"words": ["包裹", "邮包"]})
    assert doubled.status_code == 422
    assert "邮包" in doubled.content.decode()


def test_words_are_stored_once_and_found_by_level_and_text(editor: Client) -> None:
    editor.post(url("word_new"), {"text": "赌博", "level": "block", "reply": ""})
    editor.post(url("word_new"), {"text": "赌气", "level": "allow", "reply": ""})
    assert editor.post(url("word_new"), {"text": "賭博", "level": "warn", "reply": ""}).status_code == 422
    page = editor.get(url("words"), {"level": "allow"}).content.decode()
    assert "赌气" in page
    assert ">赌博<" not in page
    assert ">赌博<" in editor.get(url("words"), {"q": "博"}).content.decode()


@pytest.mark.parametrize("kind", ["rule", "synonym", "word"])
def test_deleting_can_be_undone_to_the_same_row(editor: Client, world: World, kind: str) -> None:
    rows = {
        "rule": rule_save(
            bot=world.bot, fields={"name": "投诉", "kind": "keyword", "patterns": ["投诉"], "action": "handoff"}
        ),
        "synonym": synonyms_save(bot=world.bot, words=["快递", "包裹"]),
        "word": word_save(bot=world.bot, text="赌博", level="block", reply="换个话题吧。"),
    }
    row, model = rows[kind], type(rows[kind])
    before = model.objects.filter(pk=row.pk).values().get()
    response = editor.post(url(f"{kind}_away", row.pk))
    assert not model.objects.exists()
    assert undo(editor, response).status_code == 204
    after = model.objects.filter(pk=row.pk).values().get()
    times = {"created_at", "updated_at"}
    assert {**after, **dict.fromkeys(times)} == {**before, **dict.fromkeys(times)}


def test_a_receipt_is_good_for_its_bot_only_and_cannot_be_forged(editor: Client, world: World) -> None:
    word = word_save(bot=world.bot, text="赌博", level="block")
    offer = json.loads(editor.post(url("word_away", word.pk))["HX-Trigger"])["zk-undo"]
    stranger = Client(headers=HX)
    stranger.force_login(world.stranger)
    assert stranger.post(reverse("studio:row_back", args=["other"]), offer["values"]).status_code == 400
    assert editor.post(offer["url"], {"receipt": offer["values"]["receipt"] + "x"}).status_code == 400
    assert not SensitiveWord.objects.exists()
    editor.post(offer["url"], offer["values"])
    assert editor.post(offer["url"], offer["values"]).status_code == 409
