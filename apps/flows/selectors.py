"""Reads of flows, actions and examples."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from apps.bots.models import Bot
from apps.flows.models import Action, ActionServer, FlowFile, FlowVersion, NluExample
from dialog.task.ports import ActionSpec
from nlu.intent.types import Example, SlotMark


def flows_live(bot: Bot) -> tuple[str, ...]:
    """The sources of the flows that run now, by the names of their files; none were published: empty."""
    if not bot.live_flows:
        return ()
    files: Mapping[str, str] = FlowVersion.objects.values_list("files", flat=True).get(bot=bot, number=bot.live_flows)
    return tuple(files[name] for name in sorted(files))


def flow_drafts(bot: Bot) -> QuerySet[FlowFile]:
    """By name."""
    return FlowFile.objects.filter(bot=bot).order_by("name")


def flow_versions(bot: Bot) -> QuerySet[FlowVersion]:
    """Latest first, with their authors and without their files."""
    return FlowVersion.objects.filter(bot=bot).select_related("created_by").defer("files").order_by("-number")


def flows_changed(bot: Bot) -> bool:
    """Whether a publish would change what runs."""
    live = FlowVersion.objects.filter(bot=bot, number=bot.live_flows).first()
    return dict(flow_drafts(bot).values_list("name", "source")) != (live.files if live else {})


def action_servers(bot: Bot) -> QuerySet[ActionServer]:
    return ActionServer.objects.filter(bot=bot).order_by("name")


def action_specs(bot: Bot) -> Mapping[str, ActionSpec]:
    """The registry: everything that the bot's flows may call, by name. Actions of a disabled server are not there."""
    rows = Action.objects.filter(bot=bot, server__enabled=True).order_by("name")
    return {row.name: spec_of(row) for row in rows}


def spec_of(row: Action) -> ActionSpec:
    return ActionSpec(row.name, "write" if row.effect == "write" else "read", row.inputs, row.output, row.about)


def nlu_examples(bot: Bot) -> tuple[Example, ...]:
    """What the bot's NLU model learns from, in the order in which it was added."""
    rows = NluExample.objects.filter(bot=bot).order_by("created_at", "pk")
    return tuple(example_of(row) for row in rows.iterator(chunk_size=2_000))


def example_of(row: NluExample) -> Example:
    slots = tuple(SlotMark(one["name"], one["start"], one["end"], one.get("value")) for one in row.slots)
    return Example(row.text, row.intent, slots, tuple(row.history), row.asked)
