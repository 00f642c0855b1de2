"""What staff do in a conversation, and what the visitor gets of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from apps.conversations import desk, push
from apps.conversations.models import Conversation, Message, Transition
from apps.core.errors import Conflict, Invalid, TooLarge
from tests.apps.conversations.visitor import Visitor
from tests.people import World


@pytest.fixture
def visitor(shop: World) -> Visitor:
    """A visitor who waits for a person."""
    visitor = Visitor("shop")
    visitor.say("怎么退货")
    visitor.call("post", "/handoff", {})
    return visitor


def stored(visitor: Visitor) -> Conversation:
    return Conversation.objects.get(pk=UUID(visitor.session["conversation"]))


class TestTake:
    def test_it_becomes_the_agents_and_is_written_down(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_take(conversation=stored(visitor), by=shop.agent)
        found = stored(visitor)
        assert (found.state, found.assigned_to, found.queued_at) == ("human", shop.agent, None)
        move = Transition.objects.latest("pk")
        assert (move.source, move.target, move.actor, move.reason) == ("queued", "human", shop.agent, "taken")

    def test_of_two_agents_one_wins_and_the_other_learns_who(self, shop: World, visitor: Visitor) -> None:
        seen_by_both = stored(visitor)
        desk.conversation_take(conversation=seen_by_both, by=shop.agent)
        with pytest.raises(Conflict, match="carol"):
            desk.conversation_take(conversation=seen_by_both, by=shop.editor)
        assert stored(visitor).assigned_to == shop.agent

    def test_twice_by_the_same_agent_changes_nothing(self, shop: World, visitor: Visitor) -> None:
        for _ in range(2):
            desk.conversation_take(conversation=stored(visitor), by=shop.agent)
        assert Transition.objects.filter(target="human").count() == 1

    def test_a_conversation_with_the_bot_can_be_taken_too(self, shop: World) -> None:
        talking = Visitor("shop")
        talking.say("怎么退货")
        desk.conversation_take(conversation=stored(talking), by=shop.agent)
        answer = talking.say("怎么换货")
        assert (answer["outcome"], answer["state"], answer["replies"]) == ("handoff", "human", [])

    def test_a_closed_one_cannot(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_close(conversation=stored(visitor), by=shop.agent)
        with pytest.raises(Conflict):
            desk.conversation_take(conversation=stored(visitor), by=shop.agent)


class TestReply:
    @pytest.fixture(autouse=True)
    def _taken(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_take(conversation=stored(visitor), by=shop.agent)

    def say(self, visitor: Visitor, by: Any, text: str = "您好", client_id: str = "a") -> Message:
        return desk.agent_reply(conversation=stored(visitor), by=by, text=text, client_id=client_id)

    def test_the_visitor_reads_it_with_the_agents_name(self, shop: World, visitor: Visitor) -> None:
        last = visitor.history()["last_seq"]
        self.say(visitor, shop.agent, " 您好，我是小李 ")
        (message,) = visitor.history(last)["messages"]
        assert (message["role"], message["text"], message["author"]) == ("agent", "您好，我是小李", "carol")
        assert message["seq"] == last + 1 == stored(visitor).seq

    def test_sockets_hear_of_it_after_the_commit(
        self, shop: World, visitor: Visitor, monkeypatch: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        heard: list[dict[str, Any]] = []
        monkeypatch.setattr(push, "_send", lambda _group, event: heard.append(event))
        with django_capture_on_commit_callbacks(execute=True):
            message = self.say(visitor, shop.agent)
        assert [(event["type"], event["seq"], event["message"]["text"]) for event in heard] == [
            ("message", message.seq, "您好")
        ]

    def test_the_same_client_id_is_stored_once(self, shop: World, visitor: Visitor) -> None:
        assert self.say(visitor, shop.agent) == self.say(visitor, shop.agent)
        assert Message.objects.filter(role="agent").count() == 1

    def test_only_who_has_it_may_write(self, shop: World, visitor: Visitor) -> None:
        with pytest.raises(Conflict, match="carol"):
            self.say(visitor, shop.editor)
        desk.conversation_return(conversation=stored(visitor), by=shop.agent)
        with pytest.raises(Conflict):
            self.say(visitor, shop.agent)
        assert not Message.objects.filter(role="agent").exists()

    @pytest.mark.parametrize("text", ["", "  \n", "\x00"])
    def test_nothing_is_refused(self, shop: World, visitor: Visitor, text: str) -> None:
        with pytest.raises(Invalid):
            self.say(visitor, shop.agent, text)

    def test_too_much_is_refused(self, shop: World, visitor: Visitor) -> None:
        with pytest.raises(TooLarge):
            self.say(visitor, shop.agent, "长" * 2_001)


class TestLeave:
    def test_the_bot_answers_again_after_the_return(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_take(conversation=stored(visitor), by=shop.agent)
        desk.conversation_return(conversation=stored(visitor), by=shop.agent)
        answer = visitor.say("怎么换货")
        assert (answer["outcome"], answer["state"]) == ("answer", "bot")
        assert stored(visitor).assigned_to is None

    def test_a_closed_conversation_opens_with_the_visitors_next_message(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_close(conversation=stored(visitor), by=shop.agent)
        assert visitor.history()["state"] == "closed"
        assert visitor.say("怎么换货")["state"] == "bot"

    @pytest.mark.parametrize("leave", [desk.conversation_return, desk.conversation_close])
    def test_a_colleagues_conversation_is_left_alone(self, shop: World, visitor: Visitor, leave: Any) -> None:
        desk.conversation_take(conversation=stored(visitor), by=shop.agent)
        with pytest.raises(Conflict, match="carol"):
            leave(conversation=stored(visitor), by=shop.editor)
        assert stored(visitor).state == "human"

    def test_nothing_to_leave_is_said(self, shop: World, visitor: Visitor) -> None:
        desk.conversation_return(conversation=stored(visitor), by=shop.agent)
        with pytest.raises(Conflict):
            desk.conversation_return(conversation=stored(visitor), by=shop.agent)
        desk.conversation_close(conversation=stored(visitor), by=shop.agent)
        with pytest.raises(Conflict):
            desk.conversation_close(conversation=stored(visitor), by=shop.agent)
