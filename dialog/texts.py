"""What the bot says of its own accord, in both languages. A bot overrides a text by ``"<key>.<lang>"`` in its profile."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.types import Lang

DEFAULTS: Mapping[str, Mapping[Lang, str]] = {
    "refuse": {
        "zh": "这个问题我还没有把握，不想随便回答您。我可以解答{topics}方面的问题，换个说法试试也行。",
        "en": "I'm not sure about this one and would rather not guess. I can help with {topics}; you could also rephrase.",
    },
    "refuse_between": {
        "zh": "这个问题我没有把握，先不乱说，办完手上这件事可以帮您转人工问。",
        "en": "I'm not sure about that one and won't guess; once we're done here I can bring in a person.",
    },
    "refuse_again": {
        "zh": "抱歉，连续两次没帮上您。需要的话，我现在就为您转接人工客服；也可以看看下面这些问题。",
        "en": "Sorry, that's twice I couldn't help. I can bring in a person right now, or you can try one of these.",
    },
    "no_words": {
        "zh": "我没看懂这条消息，请用一句话说说您的问题。",
        "en": "I couldn't read a question in that. Please put it in a sentence.",
    },
    "list_intro": {"zh": "您想问的是下面哪一个？", "en": "Which of these did you mean?"},
    "handoff": {
        "zh": "好的，已为您通知人工客服，请稍候。您可以先把问题写在这里，客服会看到。",
        "en": "Of course. I've asked a colleague to join; you can already write your question here and they will see it.",
    },
    "handoff_care": {
        "zh": "您说的情况很重要，我已请同事尽快来看。如果您或身边的人有危险，请立即拨打 110 或 120。",
        "en": (
            "This matters, so I've asked a colleague to look at once. "
            "If anyone is in danger, please call the emergency services."
        ),
    },
    "blocked": {
        "zh": "这个话题我不能聊。如果有商品或订单方面的问题，请直接告诉我。",
        "en": "I can't talk about that. If there's something about a product or an order, just tell me.",
    },
    "stale_pick": {
        "zh": "这个选项已经失效了，可能是内容刚更新过。请直接把问题发给我。",
        "en": "That option is no longer available; the content may just have changed. Please type your question.",
    },
    "waiting": {
        "zh": "您的留言客服能看到。您现在排在第 {position} 位，也可以先继续问智能助手。",
        "en": "A colleague will see your message. You are number {position} in line; you can also go on with the assistant.",
    },
    "resume": {"zh": "继续问智能助手", "en": "Go on with the assistant"},
    "resumed": {"zh": "好的，我还在。您想问什么？", "en": "Sure, I'm still here. What would you like to know?"},
    "failed": {
        "zh": "抱歉，刚才出了点问题，没能回答您。请再发一次，或者转人工。",
        "en": "Sorry, something went wrong and I couldn't answer. Please send it again, or ask for a person.",
    },
    "offer_person": {"zh": "转人工", "en": "Talk to a person"},
    "none_of_these": {"zh": "都不是，转人工", "en": "None of these, get a person"},
    "do_it": {"zh": "直接办理：{flow}", "en": "Do it now: {flow}"},
    "general_topics": {"zh": "商品、订单和售后", "en": "products, orders and after-sales"},
}


def say(key: str, lang: Lang, overrides: Mapping[str, str], **values: str) -> str:
    """The bot's text for ``key``: its own, else the default; ``values`` fill the braces.

    Raises:
        KeyError: there is no such text.
    """
    text = overrides.get(f"{key}.{lang}") or DEFAULTS[key][lang]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
