"""One turn of a try-out as the panel beside the editor shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.suggestions import suggestion_sign
from apps.studio.flow_page import language
from apps.studio.flow_words import bound_text, event_text, plain_text
from apps.studio.trying import Tried
from dialog.serial import trace_to_json
from dialog.task.events import Event
from dialog.task.model import Slot
from dialog.task.ports import ActionRequest, ActionResult
from dialog.task.scope import value_of
from dialog.task.state import Bound, Frame, TaskState
from dialog.task.template import text_in
from dialog.types import Lang, Message


def tried_json(bot: Bot, tried: Tried) -> dict[str, Any]:
    """One turn as the panel shows it."""
    reply, lang = tried.reply, language()
    state = TaskState.from_json(reply.state.task)
    events = [Event.from_json(event) for event in reply.events]
    return {
        "outcome": reply.outcome.value,
        "replies": [_message(tried, message) for message in reply.messages],
        "commands": [_command(event.data) for event in events if event.kind == "command"],
        "stack": [_frame(tried, frame, lang) for frame in reversed(state.frames)],
        "parked": [_label(tried, frame.flow, lang) for frame in state.parked],
        "calls": [_call(request, result, tried) for request, result in tried.calls],
        "events": [{"kind": one.kind, "text": text} for one in events if (text := event_text(one.kind, one.data))],
        "trace": trace_to_json(reply.trace),
        "state": tried.trial.sign(bot),
    }


def _message(tried: Tried, message: Message) -> dict[str, Any]:
    choices = [suggestion_sign(tried.trial.conversation, choice) for choice in message.choices]
    return {"text": message.text, "type": message.type, "suggestions": choices}


def _command(data: Mapping[str, Any]) -> str:
    """``start flow=order_track``."""
    rest = {name: value for name, value in data.items() if name != "name"}
    return " ".join([str(data["name"]), *(f"{name}={plain_text(value)}" for name, value in rest.items())])


def _frame(tried: Tried, frame: Frame, lang: Lang) -> dict[str, Any]:
    slots = tried.book.slots(frame.flow)
    waiting = frame.waiting
    return {
        "flow": frame.flow,
        "label": _label(tried, frame.flow, lang),
        "waits": "" if waiting is None else waiting.at if waiting.kind == "slot" else waiting.kind,
        "slots": [
            {
                "name": name,
                "label": text_in(slots[name].label, lang) if name in slots else name,
                "value": _value(tried, slots.get(name), bound, lang),
            }
            for name, bound in frame.slots.items()
        ],
    }


def _value(tried: Tried, slot: Slot | None, bound: Bound, lang: Lang) -> str:
    shown = "" if slot is None or bound.skipped else value_of(slot, bound, tried.now, lang).label
    return shown or bound_text(bound.to_json())


def _label(tried: Tried, flow: str, lang: Lang) -> str:
    return text_in(tried.book.flow(flow).label, lang) if tried.book.knows(flow) else flow


def _call(request: ActionRequest, result: ActionResult, tried: Tried) -> dict[str, Any]:
    options = [option.label for option in result.options]
    return {
        "action": request.action,
        "write": request.effect == "write",
        "status": result.status,
        "played": not tried.sends(request),
        "inputs": plain_text(request.inputs),
        "answer": plain_text({**result.out, **({_("options"): options} if options else {})}),
    }
