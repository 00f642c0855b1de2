"""Which flows a message may start, and how surely: patterns first, then the NLU model, then examples by their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.task.book import FlowBook
from dialog.task.heard import Heard
from nlu.matching import PatternSet, find_pattern
from nlu.normalize import normalise

PATTERN = 0.9
"""The probability of a pattern's find: its author meant it."""
LIKELY = 0.5
"""From here on a flow is proposed."""
SURE_START = 0.6
"""From here on another flow interrupts the one that runs."""
SURER_START = 0.85
"""The same while a whole message may be the answer."""
CLOSE = 0.1
"""Two flows nearer than this are asked about."""

_HOW_TO = re.compile(
    r"(?:怎么|怎样|如何|咋)(?:才能|可以|去|来|个)?(?:申请|办理?|退|换|开|改|取消|查|催|投诉|预约|订|修|操作|弄|收费|算)"
    r"|多久|多长时间|(?<![前这好过头])几天|多少钱|流程|规则|政策|条件|要求|需要什么|运费谁|谁(?:出|承担)|(?:什么时候|何时|几时)(?:才|可以|能|会)*(?:开|退|换|取消|改|修|订|投诉|处理)|什么时候可以|可不可以|支持"
    r"|\bhow (?:do|can|to|does|long|much|many)\b|\bwhat(?:'s| is| are) (?:the|your)\b|\bpolicy\b"
    r"|\bdo you (?:charge|offer|support)\b|\bcan i still\b|\bam i able\b"
)
_WISH = re.compile(
    r"(?:我|帮我?|给我?|麻烦|请|替我)?.{0,2}(?:想要?|要|需要|得)(?!问|知道|了解|咨询|是|不要)|帮我|给我|帮忙|麻烦|申请|办理|我来(?!问)"
    r"|\b(?:i (?:want|need|wish)|i'?d (?:like|love)|i would like|can you|could you|please|help me)\b"
)
"""Words with which customers want something done, not told."""
PLAIN_WISH = 0.8
"""From here on words that wish for something are taken at their word, whatever the knowledge has to say about it."""

_DONE = re.compile(
    r"已经?(?:自己|让人|找人)?[^，。,没不]{0,8}(?:取消|退|换|改|订|处理|解决|弄好|办好|开好|修好|取走|收到)(?:掉|好|完|过)?(?:货|房|票|款|单|订单)?了"
    r"|\b(?:i'?ve|i have|i|we) already (?!told|said|asked)"
)
_YET = re.compile(
    r"没|还|但|可是|怎么|为什么|再|帮|请|麻烦|不对|\b(?:but|not|still|yet|again|please|can you|could you)\b|n't"
)
"""What was done already is no wish, unless something is still amiss."""

_REFUSED = re.compile(
    r"(?<!是)(?:不(?:用|要|想|需要|必|打算|是(?:要|想))?|别|没(?:有)?(?:说|想|打算))(?:再|去|要)?$"
    r"|\b(?:don'?t|do not|not|never|no need to)(?: want| need| wish| have)?(?: to)? ?$"
)
_BARE = re.compile(r"\W*(?:[\u4e00-\u9fff]{1,2}|查一下|看一下|[a-z]+)\W*")
_UNWANTED = re.compile(
    r"^(?:我|那|就)?(?:不(?:用|要|想|需要)?|别|先不|没说要)(?:再)?(?:取消|退|换|开|改|查|催|投诉|修|订|买|绑|约)"
    r"|\bi (?:don'?t|do not) (?:want|need) to\b"
)
_CLAUSE = re.compile(r"[，。；,;!！?？\n]+")


@dataclass(frozen=True, slots=True)
class StartCandidate:
    flow: str
    probability: float
    why: str
    """``pattern``, ``intent`` or ``example``."""


@dataclass(frozen=True)
class Starts:
    """The beginnings of all flows of a bot, compiled. Immutable; safe in several threads."""

    _patterns: PatternSet
    _sources: tuple[str, ...]
    _owners: tuple[str, ...]
    _intents: dict[str, str]
    _examples: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def build(cls, book: FlowBook) -> Starts:
        """Raises ValueError where a pattern is not RE2; they are checked on saving."""
        flows = [flow for flow in book.flows if flow.start.say or flow.start.intent or flow.start.examples]
        said = [(pattern, flow.name) for flow in flows for pattern in flow.start.say]
        examples = [(flow.name, _bigrams(example)) for flow in flows for example in flow.start.examples]
        return cls(
            PatternSet([pattern for pattern, _ in said]),
            tuple(pattern for pattern, _ in said),
            tuple(owner for _, owner in said),
            {flow.start.intent: flow.name for flow in flows if flow.start.intent},
            tuple(examples),
        )

    def of(self, heard: Heard) -> list[StartCandidate]:
        """Best first; one for each flow."""
        best: dict[str, StartCandidate] = {}
        text = heard.message.text
        if _DONE.search(text) and not _YET.search(text):
            return []
        asks_how = bool(_HOW_TO.search(text))
        for found in self._intents_of(heard) if heard.intents else self._examples_of(text, asks_how):
            best.setdefault(found.flow, found)
        for place in self._patterns.search(text):
            flow = self._owners[place]
            known = best.get(flow)
            if self._contradicted(heard, flow) or self._refused(place, text):
                continue
            if asks_how and not self._said_plainly(place, text):
                continue
            if known is None or known.probability < PATTERN:
                best[flow] = StartCandidate(flow, PATTERN, "pattern")
        return sorted(best.values(), key=lambda one: (-one.probability, one.flow))

    def _refused(self, place: int, text: str) -> bool:
        """Whether the words say that just this is not wanted."""
        found = find_pattern(self._sources[place], text, whole=True)
        return bool(found and _REFUSED.search(text[: text.find(found)]))

    def _said_plainly(self, place: int, text: str) -> bool:
        """Whether one clause says it and asks nothing, whatever the others ask."""
        parts = [part for part in _CLAUSE.split(text) if not _HOW_TO.search(part)]
        return any(place in self._patterns.search(part) for part in parts)

    def by_pattern(self, text: str) -> str:
        """A flow whose patterns the words fit, whether or not the customer wants to begin it now; empty for none."""
        return next((self._owners[place] for place in self._patterns.search(text)), "")

    def by_intent(self, heard: Heard) -> list[StartCandidate]:
        """Flows that the model takes the words to be about."""
        return [one for one in self._intents_of(heard) if one.probability >= LIKELY]

    def _intents_of(self, heard: Heard) -> list[StartCandidate]:
        """By the model; a word alone (地址, invoice) names a subject and no wish, and 不用取消了 wishes nothing."""
        if _BARE.fullmatch(heard.message.text) or _UNWANTED.search(heard.message.text):
            return []
        return [
            StartCandidate(self._intents[intent.name], intent.probability, "intent")
            for intent in heard.intents
            if intent.name in self._intents and intent.probability >= LIKELY / 5
        ]

    def _contradicted(self, heard: Heard, flow: str) -> bool:
        """Whether the model is sure that the pattern misleads: the words look alike and mean something else."""
        best = heard.intents[0] if heard.intents else None
        return best is not None and best.probability >= 0.8 and self._intents.get(best.name) != flow

    def _examples_of(self, text: str, asks_how: bool) -> list[StartCandidate]:
        """Without a model: the share of words in common with the closest example (Dice over bigrams)."""
        if asks_how or _UNWANTED.search(text):
            return []
        mine = _bigrams(text)
        scored = [(_dice(mine, theirs), flow) for flow, theirs in self._examples]
        return [
            StartCandidate(flow, score, "example") for score, flow in sorted(scored, reverse=True) if score >= LIKELY
        ]


def wishes(text: str) -> bool:
    """Whether words want something done: 我想退货 does, 退货要几天 and 怎么退货 ask; ``text`` is normalised."""
    return bool(_WISH.search(text)) and not _HOW_TO.search(text) and not text.endswith(("?", "？", "吗"))


def close_seconds(candidates: Sequence[StartCandidate]) -> list[StartCandidate]:
    """The best and those that are as likely: more than one has to be asked about."""
    if not candidates:
        return []
    best = candidates[0].probability
    return [one for one in candidates if best - one.probability < CLOSE and one.probability >= LIKELY / 2][:3]


def _bigrams(text: str) -> frozenset[str]:
    key = normalise(text).text.replace(" ", "")
    return frozenset(key[i : i + 2] for i in range(len(key) - 1))


def _dice(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
