"""Small changes to a question: some keep its meaning, as customers write it, and one makes it another question."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from nlu import lexicon
from nlu.normalize import detect_lang
from nlu.segment import cut

_OPENINGS = {
    "zh": (
        "请问",
        "你好，",
        "那个，",
        "我想问下",
        "想问一下",
        "亲，",
        "我",
        "老师，",
        "现在",
        "麻烦问下",
        "急，",
        "嗯 ",
        "那",
    ),
    "en": ("hi, ", "hello, ", "please tell me ", "so ", "hey ", "quick question: ", "um ", "sorry, ", "i wonder, "),
}
_CLOSINGS = {
    "zh": ("呢", "啊", "呀", "？？", "，谢谢", "，急", "哦", "来着", "，求解", "。"),
    "en": (" please", " thanks", "??", " asap", " pls", ", any idea", " now", "."),
}
_SWAPS = {
    "zh": (
        ("怎么", "如何"), ("怎么", "咋"), ("怎么", "怎样"), ("如何", "怎么"), ("什么时候", "啥时候"), ("为什么", "为啥"),
        ("多久", "多长时间"), ("可以", "能"), ("能", "可以"), ("能不能", "可以"), ("吗", "么"), ("哪里", "哪儿"),
        ("怎么办", "怎么处理"), ("怎么", "在哪里"), ("需要", "要"), ("是否", "是不是"), ("多少钱", "什么价"),
        ("什么", "啥"), ("我的", ""), ("的", ""), ("了", ""), ("想", "想要"),
    ),
    "en": (
        ("how do i", "how can i"), ("how can i", "how do i"), ("how do i", "how to"), ("what is", "what's"),
        ("do you", "can you"), ("can i", "could i"), ("my", "the"), ("the ", ""), ("a ", ""), ("cannot", "can't"),
        ("can i", "am i able to"), ("how do i", "i want to"), ("why is", "how come"), ("i have", "i've"), ("do not", "don't"),
    ),
}  # fmt: skip


def paraphrase(text: str, rng: random.Random) -> str:
    """The same question with two to eight small changes of wording, order or spelling."""
    changes: Sequence[Callable[[str, random.Random], str]] = (_swap, _swap, _edge, _drop, _drop, _reorder, _move)
    for _ in range(rng.randint(2, 8)):
        text = rng.choice(changes)(text, rng)
    return _typo(text, rng) if rng.random() < 0.2 else text


def lookalike(text: str, donor: str, rng: random.Random) -> str | None:
    """Another question in nearly the same words: one content word is replaced by one of ``donor``. None where either
    has no content word to exchange."""
    words = cut(text)
    places = [place for place, word in enumerate(words) if _is_content(word)]
    gifts = [word for word in cut(donor) if _is_content(word) and word not in words]
    if not places or not gifts:
        return None
    words[rng.choice(places)] = rng.choice(gifts)
    return "".join(words)


def _is_content(word: str) -> bool:
    return len(word) > 1 and word.isalnum() and word.lower() not in _FUNCTION


_FUNCTION = lexicon.words("stop_words") | {
    form for columns in lexicon.columns("question_types") for form in columns[-1]
} | {"可以", "需要", "什么", "怎么", "如何", "有没有", "how", "what", "when", "where", "which"}  # fmt: skip


_DROPPED = lexicon.words("stop_words") | {"吗", "呢", "可以", "要", "会", "什么", "how", "what"}


def _swap(text: str, rng: random.Random) -> str:
    options = [(old, new) for old, new in _SWAPS[detect_lang(text)] if old in text.lower()]
    if not options:
        return text
    old, new = rng.choice(options)
    place = text.lower().index(old)
    return text[:place] + new + text[place + len(old) :]


def _edge(text: str, rng: random.Random) -> str:
    lang = detect_lang(text)
    bare = text.rstrip("?？。.!！")
    return rng.choice(_OPENINGS[lang]) + bare if rng.random() < 0.5 else bare + rng.choice(_CLOSINGS[lang])


def _drop(text: str, rng: random.Random) -> str:
    words = cut(text)
    places = [place for place, word in enumerate(words) if word.lower() in _DROPPED]
    if len(words) < 4 or not places:
        return text
    del words[rng.choice(places)]
    return "".join(words)


def _typo(text: str, rng: random.Random) -> str:
    if len(text) < 6:
        return text
    place, kind = rng.randrange(1, len(text) - 2), rng.randrange(3)
    if text[place] in "不没未无":
        return text
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[: place + 1] + text[place:]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _reorder(text: str, rng: random.Random) -> str:
    """The question word from the front to the back: 怎么修改地址 → 修改地址怎么弄."""
    for word in ("怎么", "如何", "怎样"):
        before, found, after = text.rstrip("?？").partition(word)
        if found and len(after) > 2 and not after.startswith("办"):
            return before + after + rng.choice(("怎么弄", "怎么操作", "要怎么做", "怎么搞"))
    return text


def _move(text: str, rng: random.Random) -> str:
    """The two halves of a question change places at a word border: 信用卡还款怎么查 → 怎么查信用卡还款."""
    words = cut(text.rstrip("?？。.!！"))
    if len(words) < 4:
        return text
    place = rng.randrange(1, len(words))
    between = " " if detect_lang(text) == "en" else ""
    return between.join(("".join(words[place:]).strip(), "".join(words[:place]).strip()))
