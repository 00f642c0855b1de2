"""A message from the command line, through the same way as a visitor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.bots.access import bot_by_slug
from apps.bots.models import Bot
from apps.conversations.conduct import converse_now
from apps.conversations.models import Conversation, Turn
from apps.conversations.services import conversation_open
from apps.conversations.tokens import Customer
from apps.conversations.traces import trace_json
from apps.conversations.types import Incoming, TurnResult


@dataclass(frozen=True, slots=True)
class Answer:
    result: TurnResult
    turn: Turn

    def data(self, *, with_trace: bool) -> dict[str, Any]:
        """The contract's JSON of ``ask``."""
        first = self.result.replies[0]["text"] if self.result.replies else ""
        data = {
            "outcome": self.result.outcome,
            "text": first,
            "replies": self.result.replies,
            "route": self.turn.route,
            "confidence": self.turn.confidence,
            "state": self.result.state,
            "trace": trace_json(self.turn),
        }
        return data if with_trace else {**data, "trace": {"turn": self.result.trace_id}}

    def text(self, *, with_trace: bool) -> str:
        """For people: the replies with their buttons, and the stages on demand."""
        lines = [f"[{self.result.outcome} · {self.turn.route} · {self.turn.confidence:.2f}]"]
        for reply in self.result.replies:
            lines.append(reply["text"])
            lines += [f"  {i}. {s['text']}" for i, s in enumerate(reply["suggestions"], 1)]
        return "\n".join(lines + (_stages(self.turn) if with_trace else []))


def answer(*, slug: str, text: str, visitor: str) -> Answer:
    """Say ``text`` to a bot as ``visitor`` (a new one when empty).

    Raises:
        NotFound: no such bot.
        Invalid, TooLarge: the text is not acceptable.
    """
    conversation = _conversation(bot_by_slug(slug), visitor)
    result = converse_now(Incoming(conversation.pk, text=text))
    return Answer(result, Turn.objects.get(pk=result.turn))


def _conversation(bot: Bot, visitor: str) -> Conversation:
    """The visitor's latest conversation, or a new one."""
    if not visitor:
        return conversation_open(bot=bot, lang="zh")
    name = f"cli:{visitor}"
    known = Conversation.objects.filter(bot=bot, visitor__external_id=name, revoked_at=None).order_by("-created_at")
    return known.first() or conversation_open(bot=bot, lang="zh", customer=Customer(name, visitor))


def _stages(turn: Turn) -> list[str]:
    lines = []
    for stage in turn.trace.get("stages", []):
        lines.append(f"  {stage['name']:<10} {stage['verdict']:<10} {stage['ms']:.2f} ms")
        for candidate in stage.get("candidates", [])[:5]:
            flags = f"  !{','.join(candidate['flags'])}" if candidate["flags"] else ""
            lines.append(f"      {candidate['probability']:.2f} {candidate['question']}{flags}")
    return lines
