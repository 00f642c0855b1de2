"""News of a conversation through Redis; run where REDIS_URL names one."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from channels.layers import get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer

from apps.conversations import push

needs_redis = pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="REDIS_URL is not set")


@needs_redis
async def test_news_reaches_the_sockets_of_another_process() -> None:
    conversation = uuid4()
    other = RedisPubSubChannelLayer(hosts=[os.environ["REDIS_URL"]], prefix="zhike")
    channel = await other.new_channel()
    await other.group_add(push.group_of(conversation), channel)
    await push._told(
        get_channel_layer(), push.group_of(conversation), {"type": "conversation.event", "event": {"seq": 7}}
    )
    assert (await other.receive(channel))["event"] == {"seq": 7}


async def test_without_redis_the_news_is_a_warning_and_nothing_more(
    settings: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    gone = RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1/0"], prefix="zhike")
    await push._told(gone, push.group_of(uuid4()), {"type": "conversation.event", "event": {}})
    assert "cannot be reached" in caplog.text
