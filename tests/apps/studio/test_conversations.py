"""The conversations screen: who may do what, the filters, the reasons, and what staff's buttons do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.conversations.models import Conversation, Message, Turn
from apps.learning.models import Label
from apps.learning.services import label_out_of_scope
from tests.apps.conversations.visitor import Visitor
from tests.apps.studio.test_todo import HTMX, UNKNOWN, client_of
from tests.people import World


def said(*texts: str, bot: str = "shop") -> Visitor:
    visitor = Visitor(bot)
    for text in texts:
        visitor.say(text)
    return visitor


def url(name: str, visitor: Visitor, *rest: str, bot: str = "shop") -> str:
    return reverse(f"studio:{name}", args=[bot, visitor.session["conversation"], *rest])


def stored(visitor: Visitor) -> Conversation:
    return Conversation.objects.get(pk=UUID(visitor.session["conversation"]))


def shown(client: Client, **query: str) -> list[str]:
    """The last words of the conversations that the list shows, in its order."""
    response = client.get(reverse("studio:conversations", args=["shop"]), query)
    assert response.status_code == 200
    return [row.last_said for row in response.context["page"]]


@pytest.fixture
def agent(shop: World) -> Client:
    return client_of(shop.agent)


class TestAccess:
    def test_everybody_in_the_organisation_may_read(self, shop: World) -> None:
        visitor = said(UNKNOWN)
        for user in (shop.owner, shop.editor, shop.agent, shop.viewer):
            assert shown(client_of(user)) == [UNKNOWN]
            assert UNKNOWN in client_of(user).get(url("conversation", visitor)).content.decode()

    def test_a_stranger_learns_nothing(self, shop: World) -> None:
        visitor = said(UNKNOWN)
        turn = Turn.objects.get()
        stranger = client_of(shop.stranger)
        for bot in ("shop", "other"):
            responses = [
                stranger.get(url("conversation", visitor, bot=bot)),
                stranger.get(url("conversation_why", visitor, str(turn.pk), bot=bot)),
                stranger.post(url("conversation_reply", visitor, bot=bot), {"text": "x"}),
                *(stranger.post(url("conversation_move", visitor, m, bot=bot)) for m in ("take", "return", "close")),
            ]
            assert {response.status_code for response in responses} == {404}
            assert all(UNKNOWN not in response.content.decode() for response in responses)
        assert stranger.get(reverse("studio:conversations", args=["shop"])).status_code == 404
        assert stored(visitor).state == "bot"

    def test_a_viewer_may_not_talk(self, shop: World) -> None:
        visitor = said(UNKNOWN)
        viewer = client_of(shop.viewer)
        for move in ("take", "return", "close"):
            assert viewer.post(url("conversation_move", visitor, move)).status_code == 403
        assert viewer.post(url("conversation_reply", visitor), {"text": "x"}).status_code == 403
        assert "conversation_move" not in viewer.get(url("conversation", visitor)).content.decode()
        assert (stored(visitor).state, Message.objects.filter(role="agent").count()) == ("bot", 0)

    def test_a_turn_of_another_conversation_is_not_shown(self, agent: Client) -> None:
        one, other = said(UNKNOWN), said("怎么退货")
        turn = Turn.objects.get(text="怎么退货")
        assert agent.get(url("conversation_why", one, str(turn.pk))).status_code == 404
        assert agent.get(url("conversation_why", other, str(turn.pk))).status_code == 200


class TestList:
    def test_who_waits_stands_on_top_longest_first(self, agent: Client) -> None:
        first, second = said("怎么退货"), said("怎么换货")
        said("怎么开发票")
        for visitor, minutes in ((first, 2), (second, 9)):
            visitor.call("post", "/handoff", {})
            since = timezone.now() - timedelta(minutes=minutes)
            Conversation.objects.filter(pk=stored(visitor).pk).update(queued_at=since)
        assert shown(agent) == ["怎么换货", "怎么退货", "怎么开发票"]
        response = agent.get(reverse("studio:conversations", args=["shop"]))
        assert response.context["waiting"] == response.context["request"].studio.waiting == 2

    def test_who_waits_is_shown_however_old(self, agent: Client) -> None:
        visitor = said("怎么退货")
        Conversation.objects.update(last_message_at=timezone.now() - timedelta(days=100))
        assert shown(agent) == []
        visitor.call("post", "/handoff", {})
        assert shown(agent) == ["怎么退货"]

    def test_filters_narrow_it(self, agent: Client) -> None:
        rated, thumbed, waiting = said("怎么退货"), said("怎么换货"), said(UNKNOWN)
        rated.call("post", "/rating", {"score": 2})
        reply = thumbed.history()["messages"][-1]["id"]
        thumbed.call("post", f"/messages/{reply}/feedback", {"value": "down"})
        waiting.call("post", "/handoff", {})
        assert shown(agent, state="queued") == shown(agent, outcome="refuse") == shown(agent, q="葡萄") == [UNKNOWN]
        assert shown(agent, rating="low") == ["怎么退货"]
        assert shown(agent, rating="high") == shown(agent, rating="up") == []
        assert shown(agent, rating="down") == ["怎么换货"]
        assert shown(agent, rating="none") == [UNKNOWN, "怎么换货"]
        assert shown(agent, q="申请售后") == ["怎么退货"], "the bot's words count too"
        assert len(shown(agent, state="nonsense", days="x", page="-3")) == 3

    def test_a_conversation_without_a_word_is_not_listed(self, agent: Client) -> None:
        Visitor("shop")
        assert shown(agent) == []

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, agent: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
    ) -> None:
        list_url = reverse("studio:conversations", args=["shop"])
        for _ in range(2):
            said("怎么退货", UNKNOWN).call("post", "/rating", {"score": 5})
        agent.get(list_url)
        with django_assert_max_num_queries(20) as few:
            agent.get(list_url)
        queries = len(few)
        for _ in range(8):
            said("怎么退货", UNKNOWN).call("post", "/handoff", {})
        with django_assert_num_queries(queries):
            agent.get(list_url)


class TestConversation:
    def test_it_shows_what_was_said_moved_and_thought(self, shop: World, agent: Client) -> None:
        visitor = said("怎么退货", UNKNOWN)
        reply = visitor.history()["messages"][1]["id"]
        visitor.call("post", f"/messages/{reply}/feedback", {"value": "down", "reason": "看不懂"})
        visitor.call("post", "/rating", {"score": 2, "comment": "一般"})
        visitor.call("post", "/handoff", {})
        label_out_of_scope(turn=Turn.objects.select_related("bot").get(text=UNKNOWN), by=shop.editor)
        response = agent.get(url("conversation", visitor))
        moments = response.context["timeline"]
        order = [m.message.role if m.message else "move" for m in moments]
        assert order == ["visitor", "bot", "visitor", "bot", "move", "bot"], "last the bot says that a person comes"
        body = response.content.decode()
        assert all(text in body for text in ("看不懂", "一般", 'data-outcome="answer"', 'data-outcome="refuse"'))
        assert moments[2].label == Label.objects.get().get_kind_display()
        assert f"{reverse('studio:todo', args=['shop'])}?item={Turn.objects.get(text=UNKNOWN).pk}" in body

    def test_why_gives_the_trace_of_the_turn(self, agent: Client) -> None:
        visitor = said("怎么退货")
        body = agent.get(url("conversation_why", visitor, str(Turn.objects.get().pk)), headers=HTMX).content.decode()
        assert body.startswith("<zk-trace>")
        trace = json.loads(body.split(">", 2)[2].split("</script>")[0])
        assert (trace["outcome"], trace["route"]) == ("answer", "exact")

    def test_a_page_that_is_up_to_date_gets_nothing(self, agent: Client) -> None:
        visitor = said("怎么退货")
        seen = agent.get(url("conversation", visitor)).context["seen"]
        assert agent.get(url("conversation", visitor), {"seen": seen}, headers=HTMX).status_code == 204
        visitor.say("怎么换货")
        fresh = agent.get(url("conversation", visitor), {"seen": seen}, headers=HTMX)
        assert (fresh.status_code, "怎么换货" in fresh.content.decode()) == (200, True)

    def test_the_number_of_queries_does_not_grow_with_the_messages(
        self, agent: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
    ) -> None:
        visitor = said("怎么退货")
        agent.get(url("conversation", visitor))
        with django_assert_max_num_queries(18) as few:
            agent.get(url("conversation", visitor))
        queries = len(few)
        for text in ("怎么换货", UNKNOWN, "多久能发货", "怎么开发票"):
            visitor.say(text)
        with django_assert_num_queries(queries):
            agent.get(url("conversation", visitor))

    def test_what_visitors_write_is_shown_as_text(self, agent: Client) -> None:
        visitor = said("<script>alert(1)</script>怎么弄")
        assert "<script>alert" not in agent.get(url("conversation", visitor)).content.decode()


class TestTalk:
    def test_take_reply_and_give_back(self, shop: World, agent: Client) -> None:
        visitor = said("怎么退货")
        visitor.call("post", "/handoff", {})
        taken = agent.post(url("conversation_move", visitor, "take"), headers=HTMX)
        assert taken.context["mine"] is True
        assert json.loads(taken["HX-Trigger"])["zk-changed"] is True
        form = {"text": "您好，我来帮您。", "client_id": taken.context["client_id"]}
        for _ in range(2):
            response = agent.post(url("conversation_reply", visitor), form, headers=HTMX)
        assert response.context["text"] == ""
        assert [m["text"] for m in visitor.history()["messages"] if m["role"] == "agent"] == ["您好，我来帮您。"]
        agent.post(url("conversation_move", visitor, "return"), headers=HTMX)
        assert visitor.say("怎么换货")["outcome"] == "answer"

    def test_the_second_agent_learns_who_was_first(self, shop: World, agent: Client) -> None:
        visitor = said("怎么退货")
        agent.post(url("conversation_move", visitor, "take"), headers=HTMX)
        response = client_of(shop.editor).post(url("conversation_move", visitor, "take"), headers=HTMX)
        assert response.status_code == 409
        assert "carol" in json.loads(response["HX-Trigger"])["zk-notice"]["text"]
        assert response.context["mine"] is False

    def test_what_could_not_be_sent_is_kept(self, shop: World, agent: Client) -> None:
        visitor = said("怎么退货")
        response = agent.post(url("conversation_reply", visitor), {"text": "写了半天"}, headers=HTMX)
        assert response.status_code == 409
        assert "写了半天" in response.content.decode()
        assert not Message.objects.filter(role="agent").exists()

    def test_an_unknown_move_is_not_found(self, agent: Client) -> None:
        assert agent.post(url("conversation_move", said("怎么退货"), "explode")).status_code == 404

    def test_without_htmx_the_browser_is_sent_back(self, agent: Client) -> None:
        visitor = said("怎么退货")
        response = agent.post(url("conversation_move", visitor, "take"))
        assert (response.status_code, response["Location"]) == (302, url("conversation", visitor))
