"""A try-out written down as a story that ``test_stories`` runs (DESIGN: files, stories)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from dialog.task.ports import ActionOption, ActionRequest, ActionResult
from dialog.task.state import Bound, TaskState
from dialog.types import Json, Lang, Reply

WIDTH = 120


def story_turn(
    text: str, pressed: bool, shown: Sequence[str], reply: Reply, calls: Sequence[tuple[ActionRequest, ActionResult]]
) -> dict[str, Any]:
    """One turn with what came of it. ``shown`` are the buttons of the reply before."""
    does = ("pick" if text in shown else "earlier") if pressed else "user"
    answers = [[request.action, request.effect, _answer(result)] for request, result in calls]
    return {"does": {does: text}, "expect": _expect(reply), "calls": answers}


def story_yaml(name: str, bot: str, lang: Lang, turns: Sequence[Mapping[str, Any]]) -> str:
    """The whole try-out as one YAML document."""
    answers: dict[str, list[Any]] = {}
    writes: dict[str, int] = {}
    for action, effect, answer in (call for turn in turns for call in turn["calls"]):
        answers.setdefault(action, []).append(answer)
        if effect == "write" and answer["status"] == "ok":
            writes[action] = writes.get(action, 0) + 1
    story: dict[str, Any] = {
        "name": name,
        "bot": bot,
        "lang": lang,
        "turns": [{**turn["does"], "expect": turn["expect"]} for turn in turns],
    }
    if answers:
        story["actions"] = {action: said if _differ(said) else said[0] for action, said in answers.items()}
    story["expect"] = {"writes": writes}
    return str(yaml.dump(story, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=WIDTH))


class _Plain(yaml.SafeDumper):
    """Writes equal answers out, where YAML would refer back to the first."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _expect(reply: Reply) -> dict[str, Json]:
    state = TaskState.from_json(reply.state.task)
    found: dict[str, Json] = {"outcome": reply.outcome.value, "route": reply.trace.route.value}
    top = state.top
    if top is None:
        return found if reply.trace.route.value != "task" else {**found, "flow": None}
    found["flow"] = top.flow
    if top.waiting is not None:
        found["asks"] = top.waiting.at if top.waiting.kind == "slot" else top.waiting.kind
    slots = {name: _value(bound) for name, bound in top.slots.items() if not isinstance(bound.value, Mapping)}
    return {**found, "slots": slots} if slots else found


def _value(bound: Bound) -> Json:
    return None if bound.skipped else bound.value


def _answer(result: ActionResult) -> dict[str, Json]:
    options: list[Json] = [_option(option) for option in result.options]
    parts: dict[str, Json] = {
        "status": result.status,
        "out": dict(result.out),
        "options": options,
        "slot_errors": dict(result.slot_errors),
        "message": result.message,
    }
    return {name: value for name, value in parts.items() if value}


def _option(option: ActionOption) -> dict[str, Json]:
    parts: dict[str, Json] = {
        "value": option.value,
        "label": option.label,
        "desc": option.desc,
        "words": list(option.words),
        "extra": dict(option.extra),
    }
    return {name: value for name, value in parts.items() if value}


def _differ(answers: Sequence[Any]) -> bool:
    return any(answer != answers[0] for answer in answers)
