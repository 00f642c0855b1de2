"""How a conversation begins."""

from __future__ import annotations

from typing import Any

from apps.bots.access import bot_by_slug
from apps.bots.models import Bot
from apps.conversations.services import conversation_open
from apps.conversations.suggestions import suggestion_sign
from apps.conversations.tokens import customer_read, token_issue
from apps.knowledge.models import Entry
from dialog.types import Choice, Pick
from nlu.normalize import question_key

_GREETING = {
    "zh": "您好，我是{name}的智能助手，请问有什么可以帮您？",
    "en": "Hello, I'm {name}'s assistant. How can I help?",
}


def session_open(*, slug: str, lang: str, user_token: str | None) -> dict[str, Any]:
    """A new conversation as the contract shows it.

    Raises:
        NotFound: no such bot.
        Invalid: the user token is not signed by the bot's secret.
    """
    bot = bot_by_slug(slug)
    customer = customer_read(bot, user_token) if user_token else None
    conversation = conversation_open(bot=bot, lang=lang, customer=customer)
    return {
        "token": token_issue(conversation.pk),
        "conversation": str(conversation.pk),
        "bot": {
            "slug": bot.slug,
            "name": bot.text("name", lang) or bot.name,
            "greeting": bot.text("greeting", lang) or _GREETING[lang].format(name=bot.name),
            "suggestions": [suggestion_sign(conversation.pk, choice) for choice in _suggested(bot, lang)],
            "shows_traces": bot.shows_traces,
        },
    }


def _suggested(bot: Bot, lang: str) -> list[Choice]:
    """The profile's questions, as presses on their published entries; one without an entry is said as it stands."""
    questions = ((bot.profile or {}).get("suggestions") or {}).get(lang) or []
    keys = {question_key(text): text for text in questions}
    live = Entry.objects.filter(bot=bot, question_key__in=keys).exclude(live_hash="")
    found = dict(live.values_list("question_key", "pk"))
    return [
        Choice(text, Pick("entry", str(found[key])) if key in found else Pick("say", text))
        for key, text in keys.items()
    ]
