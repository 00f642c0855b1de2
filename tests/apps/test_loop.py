"""The whole loop through its doors: asked, refused, seen by an editor, added, published, answered; and taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.knowledge.models import Entry
from tests.apps.conversations.visitor import Visitor
from tests.people import World

QUESTION = "火星上的葡萄怎么浇水"
HTMX = {"HX-Request": "true"}


class Editor:
    """Bob at the to-do screen, logged in through the login page."""

    def __init__(self) -> None:
        self.client = Client()
        page = self.client.post(reverse("login"), {"username": "bob", "password": "correct horse battery"})
        assert page.status_code == 302

    def waiting(self) -> list[tuple[str, int]]:
        place = self.client.get(reverse("studio:todo", args=["shop"])).context["place"]
        return [(item.text, item.weight) for item in place.items]

    def label(self, **fields: str) -> Any:
        """Decide on the first question that waits."""
        item = self.client.get(reverse("studio:todo", args=["shop"])).context["item"]
        response = self.client.post(reverse("studio:todo_label", args=["shop", item.turn.pk]), fields, headers=HTMX)
        assert response.status_code == 200
        return response

    def publish(self) -> Any:
        return self.client.post(reverse("studio:todo_publish", args=["shop"]), headers=HTMX)

    def take_back(self, response: Any) -> None:
        """Press the undo that the response offered."""
        offer = json.loads(response["HX-Trigger"])["zk-undo"]
        assert self.client.post(offer["url"], offer["values"], headers=HTMX).status_code == 200


@pytest.fixture
def editor(shop: World) -> Editor:
    return Editor()


def test_a_refused_question_is_answered_after_it_became_a_similar_question(editor: Editor) -> None:
    for _ in range(2):
        assert Visitor("shop").say(QUESTION)["outcome"] == "refuse"
    assert editor.waiting() == [(QUESTION, 2)]

    editor.label(choice=f"similar:{Entry.objects.get(question='怎么换货').pk}")
    assert editor.waiting() == []
    assert Visitor("shop").say(QUESTION)["outcome"] == "refuse", "a draft must not answer"

    editor.publish()
    answer = Visitor("shop").say(f"请问{QUESTION}？")
    assert (answer["outcome"], answer["replies"][0]["text"]) == ("answer", "在订单页点申请换货。")
    assert editor.waiting() == []


def test_a_refused_question_is_answered_after_it_became_an_entry(editor: Editor) -> None:
    Visitor("shop").say(QUESTION)
    editor.label(choice="entry", question="火星葡萄的灌溉", answer="用滴灌。")
    editor.publish()
    for text in (QUESTION, "火星葡萄的灌溉"):
        answer = Visitor("shop").say(text)
        assert (answer["outcome"], answer["replies"][0]["text"]) == ("answer", "用滴灌。")


def test_an_answer_that_a_visitor_rejects_is_no_longer_given_after_a_negative_label(editor: Editor) -> None:
    visitor = Visitor("shop")
    reply = visitor.say("想换个颜色")["replies"][0]
    assert reply["text"] == "在订单页点申请换货。"
    visitor.call("post", f"/messages/{reply['id']}/feedback", {"value": "down"})
    editor.label(choice="negative", entry=str(Entry.objects.get(question="怎么换货").pk))
    editor.publish()
    assert "申请换货" not in str(Visitor("shop").say("想换个颜色")["replies"])


def test_the_undo_of_a_label_leaves_no_trace_in_what_is_published_next(editor: Editor) -> None:
    Visitor("shop").say(QUESTION)
    before = dict(Entry.objects.values_list("pk", "content_hash"))
    made = editor.label(choice=f"similar:{Entry.objects.get(question='怎么换货').pk}")
    editor.take_back(made)
    assert dict(Entry.objects.values_list("pk", "content_hash")) == before
    assert editor.waiting() == [(QUESTION, 1)]
    editor.publish()
    assert Visitor("shop").say(QUESTION)["outcome"] == "refuse"


def test_the_undo_of_a_publish_takes_the_answer_back_at_once(editor: Editor) -> None:
    Visitor("shop").say(QUESTION)
    editor.label(choice="entry", question=QUESTION, answer="用滴灌。")
    published = editor.publish()
    assert Visitor("shop").say(QUESTION)["outcome"] == "answer"
    editor.take_back(published)
    assert Visitor("shop").say(QUESTION)["outcome"] == "refuse"
    editor.publish()
    assert Visitor("shop").say(QUESTION)["outcome"] == "answer"
