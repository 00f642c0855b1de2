"""Tasks over the API and the database: what the customer is told, what is stored, and what is written when things break."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from apps.bots.models import Bot
from apps.bots.services import bot_update
from apps.conversations.conduct import _think_now, converse_now
from apps.conversations.models import Conversation, Message, TaskEvent, Turn
from apps.conversations.runner import finish_left_turns
from apps.conversations.turns import message_receive, turn_finish
from apps.conversations.types import Incoming
from apps.demo.flows import demo_flows
from apps.demo.shop.models import Ticket
from apps.knowledge.publishing import publication_create
from dialog.task.events import Event, fold
from dialog.task.state import TaskState
from tests.apps.conversations.test_turns import _threads, in_parallel, let_leases_run_out  # noqa: F401
from tests.apps.conversations.visitor import Visitor
from tests.people import World

pytestmark = pytest.mark.django_db(transaction=True)  # the engine works in threads of its own


@pytest.fixture
def demo(shop: World) -> Bot:
    """A bot with the demo shop's tasks, open to customers nobody vouched for."""
    bot_update(bot=shop.bot, changes={"profile": {"sandbox": True}, "shows_traces": True})
    publication_create(bot=shop.bot, by=shop.editor)
    demo_flows(shop.bot)
    return shop.bot


@pytest.fixture
def visitor(demo: Bot) -> Visitor:
    return Visitor(demo.slug)


def button(answer: dict[str, Any], text: str) -> str:
    """The id of the first button with this text in it."""
    suggestions = [one for reply in answer["replies"] for one in reply["suggestions"]]
    found = [one["id"] for one in suggestions if text in one["text"]]
    assert found, f"no button “{text}” in {[one['text'] for one in suggestions]}"
    return str(found[0])


def text(answer: dict[str, Any]) -> str:
    return "\n".join(reply["text"] for reply in answer["replies"])


def conversation_of(visitor: Visitor) -> UUID:
    return UUID(visitor.session["conversation"])


def chased(visitor: Visitor) -> dict[str, Any]:
    """An order whose delivery is about to be chased: the bot waits for the yes."""
    asked = visitor.say("怎么还没发货，帮我催催")
    confirm = visitor.press(button(asked, "待发货"))
    assert confirm["replies"][-1]["type"] == "confirm"
    return confirm


def stored(conversation: UUID) -> tuple[TaskState, TaskState]:
    """The state as it is stored, and as the events tell it."""
    rows = TaskEvent.objects.filter(conversation=conversation).order_by("seq")
    events = [Event(row.seq, row.kind, row.data) for row in rows]
    kept = Conversation.objects.get(pk=conversation).dialog_state.get("task", {})
    return TaskState.from_json(kept), fold(events)


class TestOverTheApi:
    def test_a_whole_task_with_presses(self, visitor: Visitor) -> None:
        asked = visitor.say("我要退货")
        assert (asked["outcome"], asked["replies"][-1]["type"], asked["replies"][-1]["route"]) == (
            "ask",
            "list",
            "task",
        )
        reason = visitor.press(button(asked, "已签收"))
        pickup = visitor.press(button(reason, "质量问题"))
        assert "上门取件" in text(pickup)
        confirm = visitor.say("明天下午三点")
        assert (confirm["outcome"], confirm["replies"][-1]["type"]) == ("ask", "confirm")
        done = visitor.press(button(confirm, "确认"))
        assert (done["outcome"], done["state"]) == ("answer", "bot")
        assert "售后单号" in text(done)

    def test_the_trace_says_what_was_understood(self, visitor: Visitor) -> None:
        message = visitor.say("我要退货")["message"]["id"]
        stages = visitor.call("get", f"/messages/{message}/trace").json()["stages"]
        assert any(stage["name"] == "task" for stage in stages)

    def test_a_button_pressed_twice_is_stale_the_second_time(self, visitor: Visitor) -> None:
        confirm = chased(visitor)
        yes = button(confirm, "确认")
        visitor.press(yes)
        again = visitor.press(yes)
        assert "失效" in text(again)
        assert Ticket.objects.count() == 1

    def test_another_visitors_button_is_refused(self, demo: Bot, visitor: Visitor) -> None:
        confirm = chased(visitor)
        other = Visitor(demo.slug)
        chased(other)
        assert "失效" in text(other.press(button(confirm, "确认")))
        assert Ticket.objects.count() == 0

    def test_another_visitors_order_is_not_offered(self, demo: Bot, visitor: Visitor) -> None:
        mine = {one["text"] for reply in visitor.say("我要退货")["replies"] for one in reply["suggestions"]}
        theirs = {
            one["text"] for reply in Visitor(demo.slug).say("我要退货")["replies"] for one in reply["suggestions"]
        }
        assert mine
        assert not mine & theirs

    def test_the_same_message_sent_again_writes_once(self, visitor: Visitor) -> None:
        chased(visitor)
        first = visitor.say("可以", client_id="yes")
        assert visitor.say("可以", client_id="yes") == first
        assert Ticket.objects.count() == 1

    def test_a_question_in_between_leaves_the_task_waiting(self, visitor: Visitor) -> None:
        chased(visitor)
        aside = visitor.say("怎么退货")
        assert aside["outcome"] == "answer"
        assert button(aside, "确认")
        visitor.say("可以")
        assert Ticket.objects.count() == 1


class TestEvents:
    def test_their_fold_is_the_stored_state_after_every_turn(self, visitor: Visitor) -> None:
        conversation = conversation_of(visitor)
        for words in (
            "我要退货",
            "第一个",
            "怎么退货",
            "大了",
            "算了",
            "我要买机票",
            "广州",
            "转到成都",
            "明天",
            "撤回",
            "转人工",
        ):
            visitor.say(words)
            kept, told = stored(conversation)
            assert kept.to_json() == told.to_json()
        assert told.seq == TaskEvent.objects.filter(conversation=conversation).count()

    def test_nothing_is_stored_of_a_conversation_without_tasks(self, visitor: Visitor) -> None:
        visitor.say("怎么退货")
        assert not TaskEvent.objects.exists()
        assert Conversation.objects.get(pk=conversation_of(visitor)).dialog_state["task"] == {}

    def test_each_event_belongs_to_the_turn_that_it_happened_in(self, visitor: Visitor) -> None:
        chased(visitor)
        visitor.say("可以")
        turns = [str(turn.pk) for turn in Turn.objects.order_by("seq")]
        wrote = TaskEvent.objects.filter(kind="result", data__result__write=True).get()
        assert str(wrote.turn_id) == turns[-1]
        kinds = Counter(TaskEvent.objects.filter(turn=turns[-1]).values_list("kind", flat=True))
        assert kinds["confirmed"] == 1


class TestLosses:
    def test_a_turn_whose_lease_was_lost_after_the_write_writes_once(self, visitor: Visitor) -> None:
        chased(visitor)
        slow = message_receive(Incoming(conversation_of(visitor), text="可以", client_id="late")).work
        assert slow is not None
        thought = _think_now(slow)  # the write has gone out, nothing is stored yet
        assert Ticket.objects.count() == 1
        let_leases_run_out()
        assert finish_left_turns() == 1
        assert turn_finish(slow, *thought) is None
        assert Ticket.objects.count() == 1
        kept, told = stored(conversation_of(visitor))
        assert kept.to_json() == told.to_json()
        assert kept.frames == ()

    def test_a_person_taking_over_meanwhile_loses_no_event(self, visitor: Visitor) -> None:
        chased(visitor)
        work = message_receive(Incoming(conversation_of(visitor), text="可以")).work
        assert work is not None
        thought = _think_now(work)
        Conversation.objects.update(state="human", state_version=99)
        result = turn_finish(work, *thought)
        assert result is not None
        assert (result.outcome, result.replies) == ("handoff", [])
        kept, told = stored(conversation_of(visitor))
        assert kept.to_json() == told.to_json()
        assert TaskEvent.objects.filter(kind="result", data__result__write=True).count() == 1
        assert Ticket.objects.count() == 1


@pytest.mark.usefixtures("_threads")
class TestParallelMessages:
    def test_two_yeses_at_once_write_once(self, visitor: Visitor) -> None:
        chased(visitor)
        conversation = conversation_of(visitor)
        in_parallel(*(Incoming(conversation, text="可以", client_id=f"yes-{n}") for n in range(4)))
        assert Ticket.objects.count() == 1
        kept, told = stored(conversation)
        assert kept.to_json() == told.to_json()
        assert set(Turn.objects.values_list("status", flat=True)) == {"done"}

    def test_a_yes_and_a_change_of_mind_at_once_end_in_one_of_the_two(self, visitor: Visitor) -> None:
        chased(visitor)
        conversation = conversation_of(visitor)
        in_parallel(Incoming(conversation, text="可以"), Incoming(conversation, text="算了"))
        assert Ticket.objects.count() <= 1
        kept, told = stored(conversation)
        assert kept.to_json() == told.to_json()
        assert kept.frames == ()


_DIE_AFTER_THE_WRITE = """
import os, signal, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
from uuid import UUID
from apps.conversations import conduct
from apps.conversations.types import Incoming
conduct.turn_finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
conduct.converse_now(Incoming(UUID(os.environ["CONVERSATION"]), text="可以", client_id="kept"))
"""


class TestKilledProcess:
    def test_a_kill_between_the_write_and_its_turn_writes_once(self, visitor: Visitor) -> None:
        chased(visitor)
        conversation = conversation_of(visitor)
        name = str(connection.settings_dict["NAME"])
        environment = {**os.environ, "TEST_DATABASE": name, "CONVERSATION": str(conversation)}
        died = subprocess.run([sys.executable, "-c", _DIE_AFTER_THE_WRITE], env=environment, check=False)
        assert died.returncode == -signal.SIGKILL
        assert Ticket.objects.count() == 1
        assert Turn.objects.order_by("seq").last().status == "open"  # type: ignore[union-attr]
        let_leases_run_out()
        finish_left_turns()
        again = converse_now(Incoming(conversation, text="可以", client_id="kept"))
        assert again.outcome == "answer"
        assert Ticket.objects.count() == 1
        assert Message.objects.filter(conversation=conversation, text="可以").count() == 1


def test_an_answer_that_comes_after_the_customer_left_can_still_be_taken_up(visitor: Visitor) -> None:
    chased(visitor)
    conversation = Conversation.objects.get(pk=conversation_of(visitor))
    past = (timezone.localtime() - timedelta(hours=2)).isoformat()
    for frame in conversation.dialog_state["task"]["frames"]:
        frame["touched"] = past
    conversation.save(update_fields=["dialog_state"])
    assert visitor.say("可以")["outcome"] != "answer"
    assert Ticket.objects.count() == 0
    assert button(visitor.say("继续"), "确认")
