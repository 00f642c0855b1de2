"""A bot's flows, actions and NLU model, from their rows to what the engine runs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.bots.models import Bot
from apps.bots.registry import production
from apps.flows.client import actions_of
from apps.flows.selectors import flows_live
from dialog.task.book import FlowBook
from dialog.task.bot import Tasks
from dialog.task.load import load
from dialog.task.model import Domain
from dialog.task.ports import Actions, Understander
from nlu.encode import Encoder

logger = logging.getLogger(__name__)

PLAIN = "plain"
"""In the folder of an NLU model that needs an encoder, its twin that needs none."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What the database says; read in one go, compiled elsewhere."""

    slug: str
    version: int
    sources: tuple[str, ...]
    actions: Actions
    nlu: Path | None


def flows_of(bot: Bot) -> Flows:
    """The published flows, with the bot's own NLU model or the one for all, if there is any."""
    served = production("nlu", bot.pk)
    return Flows(bot.slug, bot.live_flows, flows_live(bot), actions_of(bot), served.path if served else None)


def tasks_of(flows: Flows, encoder: Encoder | None) -> Tasks | None:
    """None where no flow is published. A model that cannot be used is left out, and the log says why."""
    book = book_of(flows.sources)
    if not book.flows:
        return None
    return Tasks(book, flows.actions, understander_of(flows, encoder), flows.version)


def book_of(sources: Sequence[str]) -> FlowBook:
    """Published sources were checked; one that a newer version of the product refuses is left out."""
    domains: list[Domain] = []
    for source in sources:
        loaded = load(source)
        if loaded.domain is None:
            logger.error("a published flow file cannot be read any more: %s", loaded.problems[0].message)
        else:
            domains.append(loaded.domain)
    return FlowBook.build(domains)


def understander_of(flows: Flows, encoder: Encoder | None) -> Understander | None:
    """The bot's NLU model, or its twin that needs no encoder; None where it has none that can be used here."""
    if flows.nlu is None:
        return None
    from nlu.intent.model import BadModel, NluModel

    folders = [flows.nlu, flows.nlu / PLAIN] if encoder is not None else [flows.nlu / PLAIN, flows.nlu]
    for folder in folders:
        try:
            return NluModel.load(folder, encoder=encoder)
        except BadModel as error:
            logger.warning("bot %s: %s", flows.slug, error)
    logger.error("bot %s has no NLU model that can be used here; patterns and examples stand in", flows.slug)
    return None
