"""What holds for turns whatever happens: stored once, answered once, in order; a dead process leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from apps.conversations.conduct import _think_now, converse, converse_now
from apps.conversations.models import Conversation, Message, Turn
from apps.conversations.runner import finish_left_turns
from apps.conversations.services import conversation_open
from apps.conversations.turns import message_receive, turn_finish, turn_take
from apps.conversations.types import Incoming, TurnResult
from apps.core import database
from tests.people import World


def open_one(world: World) -> UUID:
    return conversation_open(bot=world.bot, lang="zh").pk


def let_leases_run_out() -> None:
    past = timezone.now() - timedelta(minutes=1)
    Conversation.objects.exclude(lease_until=None).update(lease_until=past)


@pytest.fixture
def _threads() -> Iterator[None]:
    """Database hops in threads of their own, as in the server."""
    with override_settings(DB_THREADS=4):
        yield
        pool = database._pool()
        for _ in range(8):
            pool.submit(connection.close)
        pool.shutdown()
        database._pool.cache_clear()


def in_parallel(*messages: Incoming) -> list[TurnResult]:
    async def run() -> list[TurnResult]:
        return list(await asyncio.gather(*(converse(message) for message in messages)))

    return async_to_sync(run)()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_threads")
class TestParallelMessages:
    def test_each_is_answered_once_and_in_order(self, shop: World) -> None:
        conversation = open_one(shop)
        texts = ["怎么退货", "怎么换货", "多久能发货", "火星葡萄"] * 6
        results = in_parallel(*(Incoming(conversation, text=t, client_id=f"c{i}") for i, t in enumerate(texts)))
        turns = list(Turn.objects.order_by("seq"))
        assert [turn.status for turn in turns] == ["done"] * len(texts)
        assert [t.pk for t in turns] == [t.pk for t in Turn.objects.order_by("finished_at")], "finished out of order"
        assert list(Message.objects.values_list("seq", flat=True)) == list(range(1, 2 * len(texts) + 1))
        assert {len(result.replies) for result in results} == {1}
        last = Conversation.objects.get()
        assert (last.open_turns, last.lease_turn, last.seq) == (0, None, 2 * len(texts))

    def test_one_client_id_sent_many_times_at_once_is_one_message(self, shop: World) -> None:
        conversation = open_one(shop)
        results = in_parallel(*[Incoming(conversation, text="怎么退货", client_id="same")] * 8)
        assert all(result == results[0] for result in results)
        assert (Message.objects.count(), Turn.objects.count()) == (2, 1)

    def test_conversations_do_not_wait_for_each_other(self, shop: World) -> None:
        held = open_one(shop)
        message_receive(Incoming(held, text="怎么退货"))  # its turn is never finished
        results = in_parallel(*(Incoming(open_one(shop), text="怎么换货") for _ in range(5)))
        assert [result.outcome for result in results] == ["answer"] * 5


class TestLeases:
    def test_a_turn_is_held_while_its_lease_runs(self, shop: World) -> None:
        conversation = open_one(shop)
        assert message_receive(Incoming(conversation, text="怎么退货")).work is not None
        assert turn_take(conversation) is None
        assert finish_left_turns() == 0

    def test_a_turn_left_by_a_dead_process_is_finished_once(self, shop: World) -> None:
        conversation = open_one(shop)
        message_receive(Incoming(conversation, text="怎么退货"))
        let_leases_run_out()
        assert (finish_left_turns(), finish_left_turns()) == (1, 0)
        assert Turn.objects.get().outcome == "answer"
        assert Message.objects.filter(role="bot").count() == 1

    def test_who_lost_the_lease_stores_nothing(self, shop: World) -> None:
        conversation = open_one(shop)
        slow = message_receive(Incoming(conversation, text="怎么退货")).work
        assert slow is not None
        let_leases_run_out()
        finish_left_turns()
        assert turn_finish(slow, *_think_now(slow)) is None
        assert Message.objects.filter(role="bot").count() == 1

    def test_a_second_message_waits_for_the_first(self, shop: World) -> None:
        conversation = open_one(shop)
        first = message_receive(Incoming(conversation, text="怎么退货"))
        second = message_receive(Incoming(conversation, text="怎么换货"))
        assert (first.work is not None, second.work) == (True, None)
        let_leases_run_out()
        taken = turn_take(conversation)
        assert taken is not None
        assert taken.turn == first.turn

    def test_a_turn_that_keeps_failing_ends_with_an_apology(self, shop: World) -> None:
        conversation = open_one(shop)
        message_receive(Incoming(conversation, text="怎么退货"))
        for _ in range(3):
            let_leases_run_out()
            assert turn_take(conversation) is not None
        let_leases_run_out()
        finish_left_turns()
        turn = Turn.objects.get()
        assert (turn.outcome, turn.trace["degraded"]) == ("refuse", ["engine_failed"])

    def test_the_bot_does_not_speak_after_a_person_took_over(self, shop: World) -> None:
        conversation = open_one(shop)
        work = message_receive(Incoming(conversation, text="怎么退货")).work
        assert work is not None
        Conversation.objects.update(state="human", state_version=7)
        result = turn_finish(work, *_think_now(work))
        assert result is not None
        assert (result.outcome, result.replies) == ("handoff", [])
        assert not Message.objects.filter(role="bot").exists()

    def test_the_engine_failing_is_a_reply_too(self, shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_args: object) -> None:
            raise ValueError("broken")

        monkeypatch.setattr("dialog.engine._Run.exact", broken)
        result = converse_now(Incoming(open_one(shop), text="怎么退货"))
        assert result.outcome == "refuse"
        assert result.replies[0]["text"]


_DIE_BETWEEN = """
import os, signal, django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
from uuid import UUID
from apps.conversations import conduct
from apps.conversations.types import Incoming
conduct._respond = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
conduct.converse_now(Incoming(UUID(os.environ["CONVERSATION"]), text="怎么退货", client_id="kept"))
"""


@pytest.mark.django_db(transaction=True)
class TestKilledProcess:
    def test_a_message_survives_a_kill_between_the_two_transactions(self, shop: World) -> None:
        conversation = open_one(shop)
        name = str(connection.settings_dict["NAME"])
        environment = {**os.environ, "TEST_DATABASE": name, "CONVERSATION": str(conversation)}
        died = subprocess.run([sys.executable, "-c", _DIE_BETWEEN], env=environment, check=False)
        assert died.returncode == -signal.SIGKILL
        turn = Turn.objects.get()
        assert (turn.status, turn.text) == ("open", "怎么退货")
        let_leases_run_out()
        finish_left_turns()
        again = converse_now(Incoming(conversation, text="怎么退货", client_id="kept"))
        assert (again.outcome, len(again.replies)) == ("answer", 1)
        assert Message.objects.count() == 2
