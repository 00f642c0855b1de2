"""What the demo bot does for customers: the demo shop as its server of actions, and the flows that use it."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from apps.bots.models import Bot
from apps.demo.shop.contract import specs
from apps.demo.shop.models import ShopKey
from apps.flows.models import ActionServer, FlowFile
from apps.flows.services import actions_import, flow_save, flows_publish, server_save

FLOWS = Path(__file__).parent / "data" / "flows"
NAME, ADDRESS = "shop", "builtin:shop"


@transaction.atomic
def demo_flows(bot: Bot) -> int:
    """Connect a bot with the demo shop and publish the shop's flows; gives the version that runs, 0 where there is none.

    Safe to repeat. Flows of the same name are set back to the files' text; others stay.

    Raises:
        Invalid: a flow file has errors.
    """
    server = server_save(
        bot=bot,
        fields={"name": NAME, "url": ADDRESS, "enabled": True},
        server=ActionServer.objects.filter(bot=bot, name=NAME).first(),
    )
    ShopKey.objects.update_or_create(name=bot.slug, defaults={"secret": server.secret})
    actions_import(bot=bot, server=server, specs=specs(), replace=True)
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FLOWS.glob("*.yaml"))}
    drafts = dict(FlowFile.objects.filter(bot=bot).values_list("name", "source"))
    for name, source in sources.items():
        if drafts.get(name) != source:
            flow_save(bot=bot, name=name, source=source, by=None)
    if not sources and not drafts:
        return 0
    return flows_publish(bot=bot, by=None, note="demo").number
