"""What a bot understands of a message, without anything being done about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.wiring import bot_ref, engines
from apps.core.errors import Conflict
from dialog.task.heard import hear
from dialog.task.ports import ActionRequest, ActionResult
from dialog.types import Lang, Turn, User
from nlu.normalize import normalise


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Actions of which none is carried out."""

    def call(self, request: ActionRequest) -> ActionResult:
        return ActionResult("unavailable")


def parsed(bot: Bot, text: str, lang: Lang | None, now: datetime) -> dict[str, Any]:
    """Intents, slots and typed values of a message, and the commands that it would be for the flows that run.

    ``commands`` is empty where the message is for the knowledge. Nothing is stored and no action is called.

    Raises:
        Conflict: the bot has no flows, and so nothing that understands more than questions.
    """
    engine = engines().get_now(bot_ref(bot))
    if engine.tasks is None:
        raise Conflict(_("This bot has no published flows and no model of intents yet. Publish a flow first."))
    heard = hear(normalise(text), now, engine.tasks.understander)
    dry = engine.with_tasks(replace(engine.tasks, actions=_Nobody()))
    reply = dry.respond(Turn(text, now, lang=lang, user=User("parse", login=True), conversation="parse"))
    starts = next((stage.detail.get("flows") for stage in reply.trace.stages if stage.name == "task"), None)
    return {
        "text": text,
        "intents": [asdict(one) for one in heard.parse.intents],
        "in_scope": heard.parse.in_scope,
        "method": heard.parse.method,
        "slots": [asdict(one) for one in heard.parse.slots],
        "entities": [
            {"kind": one.kind, "start": one.start, "end": one.end, "text": one.text, "value": one.value}
            for one in heard.entities
        ],
        "flows": starts or [],
        "commands": [found for event in reply.events if (found := _command(event))],
    }


def _command(event: Any) -> dict[str, Any] | None:
    """A command of the log as the API names it; a slot that was filled is ``set``."""
    data = event["data"]
    if event["kind"] == "command":
        return {"command": data["name"], **{name: value for name, value in data.items() if name != "name"}}
    if event["kind"] == "set":
        return {"command": "set", "slot": data["slot"], "value": data["bound"]["value"]}
    return None
