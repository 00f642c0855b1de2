"""What the bot says while a flow runs, as messages with their buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialog.task.model import Offer, Slot
from dialog.task.options import SHOWN
from dialog.task.presses import Press, button
from dialog.task.situation import Situation
from dialog.task.state import Frame
from dialog.types import Choice, Message, MessageType, Route

CERTAIN = 1.0


def message(text: str, choices: Sequence[Choice] = (), kind: MessageType = "text") -> Message:
    return Message(text, Route.TASK, CERTAIN, type=kind, choices=tuple(choices))


def ask_slot(
    situation: Situation, frame: Frame, slot: Slot, token: str, shown: Sequence[int] | None, lead: str
) -> Message:
    """The question for a slot; ``shown`` limits its options to those that fit, ``lead`` stands in place of its own text."""
    text = lead or situation.text(slot.ask)
    choices = [*_options(frame, slot, token, shown), *_values(situation, frame, slot, token)]
    kind: MessageType = "list" if choices else "text"
    if slot.optional:
        choices.append(button(situation.say(frame.flow, "skip"), Press(frame.run, token, "skip", slot.name)))
    return message(text, choices, kind)


def _options(frame: Frame, slot: Slot, token: str, shown: Sequence[int] | None) -> list[Choice]:
    options: Sequence[Any] = frame.options.get(slot.name, ())
    places = range(len(options)) if shown is None else shown
    return [
        button(_line(options[place]), Press(frame.run, token, "option", slot.name, str(options[place]["value"])))
        for place in list(places)[:SHOWN]
    ]


def _line(option: Mapping[str, Any]) -> str:
    return f"{option['label']} · {option['desc']}" if option["desc"] else str(option["label"])


def _values(situation: Situation, frame: Frame, slot: Slot, token: str) -> list[Choice]:
    return [
        button(situation.text(value.label), Press(frame.run, token, "option", slot.name, value.key))
        for value in slot.values
    ]


def ask_confirm(situation: Situation, frame: Frame, text: str, token: str) -> Message:
    choices = [
        button(situation.say(frame.flow, "yes"), Press(frame.run, token, "yes")),
        button(situation.say(frame.flow, "change"), Press(frame.run, token, "change")),
        button(situation.say(frame.flow, "cancel"), Press(frame.run, token, "cancel")),
    ]
    return message(text, choices, "confirm")


def ask_offer(situation: Situation, frame: Frame, offer: Offer, token: str) -> Message:
    choices = [
        button(situation.text(option.label), Press(frame.run, token, "offer", offer.id, str(place)))
        for place, option in enumerate(offer.options)
    ]
    return message(situation.text(offer.text) if offer.text else "", choices, "list")


def ask_yes_no(situation: Situation, frame: Frame, token: str, text: str, yes: str, no: str) -> Message:
    choices = [button(yes, Press(frame.run, token, "yes")), button(no, Press(frame.run, token, "no"))]
    return message(text, choices, "confirm")


def ask_change(situation: Situation, frame: Frame, token: str, slots: Sequence[Slot]) -> Message:
    choices = [button(situation.text(slot.label), Press(frame.run, token, "slot", slot.name)) for slot in slots]
    choices.append(button(situation.say(frame.flow, "cancel"), Press(frame.run, token, "cancel")))
    return message(situation.say(frame.flow, "which_change"), choices, "list")


def joined(messages: Sequence[Message]) -> list[Message]:
    """An offer without words of its own hangs its buttons on what was said before it."""
    out: list[Message] = []
    for one in messages:
        if not one.text and out and not out[-1].choices:
            before = out.pop()
            one = message(before.text, one.choices, one.type)
        out.append(one)
    return [one for one in out if one.text]
