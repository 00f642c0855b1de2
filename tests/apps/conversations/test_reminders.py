"""A customer who falls silent in the middle of a task is asked once whether they are there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.bots.models import Bot
from apps.conversations.models import Conversation, Message
from apps.conversations.reminders import remind_silent
from tests.apps.conversations.test_tasks import demo, visitor  # noqa: F401
from tests.apps.conversations.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def five_minutes_later() -> None:
    Conversation.objects.exclude(remind_at=None).update(remind_at=timezone.now() - timedelta(seconds=1))


def said_by_the_bot() -> list[str]:
    return list(Message.objects.filter(role="bot").order_by("seq").values_list("text", flat=True))


def test_silence_is_broken_once(demo: Bot, visitor: Visitor) -> None:  # noqa: F811
    visitor.say("我要取消订单")
    assert remind_silent() == 0, "it is too early"
    five_minutes_later()
    assert remind_silent() == 1
    assert "取消订单还没办完" in said_by_the_bot()[-1]
    five_minutes_later()
    assert remind_silent() == 0, "once is enough"
    assert visitor.say("算了")["outcome"] == "answer"


def test_who_is_done_is_left_alone(demo: Bot, visitor: Visitor) -> None:  # noqa: F811
    visitor.say("我要取消订单")
    visitor.say("算了")
    five_minutes_later()
    assert remind_silent() == 0


def test_who_waits_for_a_person_is_left_alone(demo: Bot, visitor: Visitor) -> None:  # noqa: F811
    visitor.say("我要取消订单")
    visitor.say("转人工")
    five_minutes_later()
    assert remind_silent() == 0
