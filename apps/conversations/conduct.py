"""A message's whole way: stored → its turn taken → the engine → the answer stored. No transaction is open in between.

The async side serves the doors; :func:`converse_now` does the same for commands and for turns that a dead process left.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.conversations.models import Turn
from apps.conversations.turns import message_receive, turn_finish, turn_result_of, turn_take
from apps.conversations.types import Incoming, TurnResult, Work
from apps.conversations.wiring import Engine, engines
from apps.core.database import hop
from dialog import types as dialog
from dialog.ports import Emit
from dialog.texts import say

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3

Thought: TypeAlias = tuple[dialog.Reply, int]
"""A reply, and the version of the knowledge that it rests on."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.2


def _silent(_event: dialog.Event) -> None:
    """Nobody watches this turn."""


async def converse(incoming: Incoming, emit: Emit = _silent) -> TurnResult:
    """Answer a visitor's message. Waits for the turns before it; the same client id gets the same answer.

    A caller who leaves does not stop the turn: what was stored is answered.

    Raises:
        ZhikeError: the message was not accepted; nothing was stored.
    """
    return await asyncio.shield(asyncio.ensure_future(_converse(incoming, emit)))


async def _converse(incoming: Incoming, emit: Emit) -> TurnResult:
    receipt = await hop(message_receive, incoming)
    if receipt.result is not None:
        return receipt.result
    if receipt.work is not None:
        result = await _work(receipt.work, emit)
        if result is not None:
            return result
    return await _wait_for(receipt.turn, receipt.conversation, emit)


async def _wait_for(turn_id: UUID, conversation: UUID, emit: Emit) -> TurnResult:
    """Until the turn is finished, by whom ever; turns that nobody holds are worked on here, in their order."""
    pause = _FIRST_PAUSE
    while True:
        result = await hop(_result_if_done, turn_id)
        if result is not None:
            return result
        work = await hop(turn_take, conversation)
        if work is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            continue
        result = await _work(work, emit if work.turn == turn_id else _silent)
        if result is not None and work.turn == turn_id:
            return result


async def _work(work: Work, emit: Emit) -> TurnResult | None:
    reply, publication = await _think(work, emit)
    return await hop(turn_finish, work, reply, publication)


async def _think(work: Work, emit: Emit) -> Thought:
    """The engine's reply, thought in the engine's own threads. Never raises: a customer waits."""
    try:
        engine = await engines().get(work.bot)
        return await asyncio.get_running_loop().run_in_executor(_pool(), _respond, engine, work, emit)
    except Exception:
        logger.exception("the engine failed on turn %s", work.turn)
        return _apology(work), work.bot.live_version


def _think_now(work: Work) -> Thought:
    """:func:`_think` in the caller's thread."""
    try:
        return _respond(engines().get_now(work.bot), work, _silent)
    except Exception:
        logger.exception("the engine failed on turn %s", work.turn)
        return _apology(work), work.bot.live_version


def _respond(engine: Engine, work: Work, emit: Emit) -> Thought:
    if work.attempts > MAX_ATTEMPTS:
        raise RuntimeError(f"turn {work.turn} was given up after {MAX_ATTEMPTS} attempts")
    turn = dialog.Turn(
        text=work.text,
        now=timezone.localtime(),
        state=work.state,
        pick=work.pick,
        lang=work.lang,
        user=work.user,
        conversation=str(work.conversation),
    )
    reply = engine.respond(turn, emit)
    for message in reply.messages:
        emit(dialog.DeltaEvent(message.text))
    return reply, engine.publication.version


def converse_now(incoming: Incoming) -> TurnResult:
    """:func:`converse` in the caller's thread."""
    receipt = message_receive(incoming)
    if receipt.result is not None:
        return receipt.result
    if receipt.work is not None:
        result = turn_finish(receipt.work, *_think_now(receipt.work))
        if result is not None:
            return result
    conversation_drain(receipt.conversation)
    result = _result_if_done(receipt.turn)
    if result is None:
        raise TimeoutError("the turn is being answered by another process")
    return result


def conversation_drain(conversation: UUID) -> int:
    """Finish the turns that nobody holds, oldest first; how many."""
    finished = 0
    while (work := turn_take(conversation)) is not None:
        finished += turn_finish(work, *_think_now(work)) is not None
    return finished


def _apology(work: Work) -> dialog.Reply:
    lang = work.lang
    person = dialog.Choice(say("offer_person", lang, {}), dialog.Pick("handoff"))
    message = dialog.Message(say("failed", lang, {}), dialog.Route.FALLBACK, 0.0, choices=(person,))
    trace = dialog.Trace(
        outcome=dialog.Outcome.REFUSE,
        route=dialog.Route.FALLBACK,
        confidence=0.0,
        stages=(),
        versions={"publication": work.bot.live_version},
        degraded=("engine_failed",),
    )
    return dialog.Reply(dialog.Outcome.REFUSE, (message,), work.state, trace)


def _result_if_done(turn_id: UUID) -> TurnResult | None:
    turn = Turn.objects.filter(pk=turn_id, status=Turn.Status.DONE).first()
    return turn_result_of(turn) if turn else None


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.ENGINE_THREADS, thread_name_prefix="engine")
