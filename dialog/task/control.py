"""Words that steer a dialogue whatever it is about: stop, skip, say that again, take it back, a person, go on.

They are read as whole messages (or whole clauses), so that 取消 steers and 取消订单 does not. An NLU model trained on such
messages hears more of them; these are heard without one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from dialog.rules import PERSON
from dialog.task.heard import Heard
from nlu.matching import PatternSet
from nlu.normalize import match_key
from nlu.signals import question_type

Control = Literal["cancel", "skip", "repeat", "undo", "human", "resume", "affirm", "deny", "ask_back", "hold"]
HEARD: tuple[Control, ...] = ("affirm", "deny", "cancel", "skip", "repeat", "undo", "human", "ask_back")
"""Those that are intents of an NLU model too, by the same names."""
SURE = 0.6
SURER = 0.85
"""Probability from which an intent of the model steers; the second where a whole message may be the answer."""

LONGEST = 60
"""Characters of a message that steers; a longer one is about something."""

_SOFT = "(?:啊|呀|吧|了|哦|噢|呢|哈|谢谢|please|pls|thanks|thank you|then|now|[ ,.!])*"
_MOMENT = "(?:moment|sec(?:ond)?|minute)"
_WORDS: tuple[tuple[Control, str], ...] = (
    (
        "cancel",
        r"(?:(?:那|嗯|唉|哎|我|还是|[ ,，])*(?:算了|(?:先|暂时)?不(?:想)?(?:再)?"
        r"(?:办|弄|搞|填|要|用|继续|申请|提交|做|退|换|买|订|改|开|催|约|修|查|绑|投诉|取消|报修|预约)(?:货|票)?了"
        r"|取消(?:掉|操作|办理|申请|吧)?|退出|停(?:下|止)?|别(?:办|弄|搞)了|不用(?:办|弄)?了?|放弃)(?:吧|啊|呀|谢谢)?)+"
        r"|(?:please )?(?:cancel|stop|quit|exit|abort|nvm|never ?mind"
        r"|forget (?:it|about it)|drop it|leave it)(?: (?:this|that|it|everything))?",
    ),
    (
        "skip",
        r"(?:这个|这项|先)?(?:跳过|略过|不填|先不填|空着|无|不留了?|不想(?:说|留|填)|不方便(?:说|留|填)?|没有|不知道|不清楚|不记得|随便|都行|无所谓|下一(?:个|项|步))(?:这个|这项|吧)?"
        r"|(?:please )?(?:skip|pass|next|none|n/a|no idea|prefer not to say|leave (?:it|this|that) (?:empty|blank|out)"
        r"|i don'?t (?:know|have (?:it|one|any)))(?: (?:it|this|that))?(?: one)?",
    ),
    (
        "repeat",
        r"(?:请|麻烦)?(?:你)?(?:再(?:说|讲|问|发|念)一?(?:遍|次|下)|重复一?(?:遍|下)?|没看清|没听清|什么意思|你(?:刚才|刚刚)?(?:问|说)(?:的)?(?:啥|什么))"
        r"|(?:sorry )?(?:say|come) (?:that )?again|repeat(?: (?:that|please))?|what was that|pardon",
    ),
    (
        "undo",
        r"(?:我要|帮我|请)?(?:撤销|撤回|反悔|回退|退回(?:上一步)?|上一步|返回(?:上一[步项])?|回到上一步|后退(?:一步)?)(?:一下|刚才的?|上一步|吧)?"
        r"|(?:please )?(?:undo|go back|take (?:it|that) back|revert|previous(?: step)?)(?: (?:it|that))?",
    ),
    (
        "resume",
        r"(?:好的?|嗯|那)?(?:继续|接着(?:办|来|刚才的)?|继续(?:办|刚才的|办理))|(?:please )?(?:go on|continue|carry on|resume)",
    ),
    (
        "hold",
        r"(?:请|麻烦)?(?:先)?(?:等|稍等|稍候|等等)(?:我)?(?:一?下下?|一会儿?|片刻|会儿?|哈)?"
        r"|(?:让?我)(?:先)?(?:看看|找找|查查|想想|想一下|看一下|找一下|查一下|问一下)"
        rf"|(?:please )?(?:(?:hold|hang) on|wait)(?: (?:a|one) {_MOMENT})?|(?:one|just a) {_MOMENT}"
        r"|(?:(?:uh+|um+|hmm+|well),? )*(?:let me|i'?ll) (?:check|see|look|think)(?: about it)?",
    ),
)
_PATTERNS = tuple((name, re.compile(f"{_SOFT}(?:{pattern}){_SOFT}")) for name, pattern in _WORDS)
_REFUSES = re.compile("不|没|别|先不|暂时不")
"""How a clause begins that only says why: 不留了，跳过吧."""
_CLAUSES = re.compile(
    r"[，。；,;!！?？\n]+|(?<=[a-z])\. |顺便|另外|(?<!另)还有|\balso\b|\bby the way\b|\bbtw\b|\band then\b"
)
_ASKS = re.compile(
    r"[?？]|[吗么嘛呢]\W*$|什么|哪|谁|是不是|有没有|能不能|可不可以|要不要|支持"
    r"|(?:能|可以|会|给|还)[^，。,！!]{0,14}不[?？]?$|行不[?？]?$"
    r"|^(?:and |but |so )?(?:can|could|do|does|did|is|are|will|would|should|may|what|which|who|where|when|why|how)\b"
)
_FINE = re.compile(
    r"不用改了?|不改了?|没有?(?:问题|错|意见|毛病)|不错|不客气|不好意思|no (?:problem|worries|changes?)|not? (?:bad|a problem)"
)
_DOUBTS = re.compile(r"不[^是对,，。!！]{0,5}了|算了|别|不要|不想|懒得|等等|\b(?:but|don'?t|not|stop|cancel|wait|no)\b")
"""After a yes they take it back: 行了行了不投诉了."""
_PERSON = PatternSet(PERSON.patterns)


def control(heard: Heard, *, sure: float = SURE) -> Control | None:
    """What a message asks of the dialogue itself, if anything."""
    found = said_control(heard.message.text)
    if found is not None:
        return found
    best = heard.intents[0] if heard.intents else None
    if best is not None and best.probability >= sure:
        return next((name for name in HEARD if name == best.name), None)
    return None


def said_control(text: str) -> Control | None:
    """By its words alone; ``text`` is normalised."""
    found = _one_control(text)
    if found is not None:
        return found
    parts = clauses(text)
    steering = [_one_control(part) for part in parts] if len(parts) > 1 else []
    plain = {name for name, part in zip(steering, parts, strict=bool(steering)) if name or not _REFUSES.match(part)}
    if len(plain) == 1 and plain <= {"cancel", "skip", "hold"}:
        return plain.pop()
    return "human" if _PERSON.search(text) else None


def _one_control(text: str) -> Control | None:
    if len(text) > LONGEST:
        return None
    names = (name for name, pattern in _PATTERNS if pattern.fullmatch(text) or pattern.fullmatch(match_key(text)))
    return next(names, None)


def yes_or_no(heard: Heard) -> bool | None:
    """Whether the message agrees; None where it says neither."""
    said = next((one.value for one in heard.kind("yes_no")), None)
    if isinstance(said, bool):
        return None if said and _DOUBTS.search(_FINE.sub("", heard.message.text)) else said
    best = heard.intents[0] if heard.intents else None
    if best is None or best.probability < SURE or best.name not in ("affirm", "deny"):
        return None
    if best.name == "deny":
        return False
    text = heard.message.text  # a yes lets something be written: 可以吗 asks for one, 行了行了不弄了 takes it back
    doubtful = best.probability < SURER or asks(text) or _DOUBTS.search(_FINE.sub("", text))
    return None if doubtful else True


def asks(text: str) -> bool:
    """Whether a message has the form of a question; ``text`` is normalised."""
    return bool(_ASKS.search(text) or question_type(text))


def clauses(raw: str) -> Sequence[str]:
    """The parts of a message that may each want something; at most four."""
    parts = [part.strip() for part in _CLAUSES.split(raw) if part and part.strip()]
    return parts[:4]
