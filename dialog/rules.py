"""Rules: a reply or a hand-over that an editor ties to a form of words.

Tried by priority (lower first), then from the strictest kind to the loosest. Patterns run on google-re2, so that no
tenant's expression can stall a turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dialog.types import Rule
from nlu.matching import PatternSet
from nlu.normalize import match_key, normalise, question_key
from nlu.types import Normalized

_Test: TypeAlias = Callable[[str], bool]

KIND_ORDER = ("exact", "keyword", "keywords", "fuzzy", "pattern")
FUZZY_MIN = 86.0
"""rapidfuzz ratio (0..100) at and above which a fuzzy rule matches."""

_ZH_WISH = "(请|麻烦|快|赶紧|直接|还是|就|能不能|可不可以|能|可以|你|您|我|帮我|帮忙|给我|想|要)*"
_ZH_PERSON = "(人工|真人|活人)(客服|服务|坐席|座席|专员)?"
_ZH_END = "(行吗|可以吗|好吗|在吗|吗|吧|呢|啊|谢谢)*$"
# Only words that ask; a "don't" or "without" before the wish is none of them and undoes it.
_EN_WISH = (
    r"^((please|pls|hi|hello|hey|ok|okay|sorry|so|now|just|really|can|could|may|i|we|you|want|need|have|got|wanna|gotta"
    r"|would|like|prefer|i['’]?d|d|i['’]?ll|ll|let|me|us|to|rather|how|do|is|there|a|way)[ ,.!]+)*"
)
_EN_PERSON = (
    r"((an?|the|some|your|another) )?((real|live|actual|human|customer|support|service) )*"
    r"(human|person|people|agent|representative|rep|operator|staff|manager)\b"
)
_PERSON = (
    f"^{_ZH_WISH}(转接?|找|接|换|叫|联系|呼叫|连接|要)(到|一?下|一?个)?(你们的?)?{_ZH_PERSON}(来|处理|聊|说话)?{_ZH_END}",
    f"^{_ZH_PERSON}{_ZH_END}",
    f"^{_ZH_WISH}(跟|和|同)(人工|真人|活人)(客服)?(聊聊?|说话?|谈谈?|讲|沟通|对话)(一下)?{_ZH_END}",
    "^我?(不想|不要|别|懒得|不愿意?)(再|老)?(和|跟|同|让)?你?(机器人|ai|智能客服)(聊天?|说话?|讲|回复|回答)?我?了?$",
    rf"{_EN_WISH}(talk|speak|chat)(ing)? (to|with) ({_EN_PERSON}|(someone|somebody|customer (service|support))\b)",
    rf"{_EN_WISH}(connect|transfer|pass|put) (me|us) ((through|over) )?((to|with) )?{_EN_PERSON}",
    rf"^((please|can|could|you|i|we|just|want|need|get|give|me) )*{_EN_PERSON}( please| now)?$",
)

PERSON = Rule(
    id="builtin:person",
    name="asks for a person",
    kind="pattern",
    patterns=_PERSON,
    action="handoff",
    priority=0,
)
"""Every bot honours a plain wish for a person, whatever its own rules are."""


@dataclass(frozen=True, slots=True)
class RuleMatch:
    rule: Rule
    matched: str
    """The rule's own text that fitted."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of one publication in the order they are tried, their patterns compiled."""

    _rules: tuple[Rule, ...]
    _prepared: tuple[tuple[str, ...], ...]
    _patterns: PatternSet
    _pattern_owner: tuple[tuple[int, str], ...]

    @classmethod
    def build(cls, rules: Sequence[Rule]) -> RuleBook:
        """Raises ValueError when a pattern is not RE2; patterns are checked when they are saved."""
        ordered = tuple(sorted((PERSON, *rules), key=lambda r: (r.priority, KIND_ORDER.index(r.kind))))
        prepared = tuple(tuple(_prepare(rule, text) for text in rule.patterns) for rule in ordered)
        owner = tuple((i, text) for i, rule in enumerate(ordered) if rule.kind == "pattern" for text in rule.patterns)
        return cls(ordered, prepared, PatternSet([text for _, text in owner]), owner)

    def match(self, message: Normalized) -> RuleMatch | None:
        """The first rule that fits the message, or None."""
        key = match_key(message.text)
        by_pattern: dict[int, str] = {}
        for at in self._patterns.search(message.text) + (self._patterns.search(key) if key != message.text else []):
            by_pattern.setdefault(*self._pattern_owner[at])
        for i, rule in enumerate(self._rules):
            matched = by_pattern.get(i) if rule.kind == "pattern" else _fits(rule, self._prepared[i], message.text, key)
            if matched is not None:
                return RuleMatch(rule, matched)
        return None


def _prepare(rule: Rule, text: str) -> str:
    if rule.kind in ("exact", "fuzzy"):
        return question_key(text)
    return normalise(text).text


def _fits(rule: Rule, prepared: tuple[str, ...], text: str, key: str) -> str | None:
    match rule.kind:
        case "exact":
            return _first(rule, prepared, lambda p: bool(p) and p == key)
        case "keyword":
            return _first(rule, prepared, lambda p: contains_phrase(text, p))
        case "keywords":
            return " + ".join(rule.patterns) if prepared and all(contains_phrase(text, p) for p in prepared) else None
        case "fuzzy":
            return _first(rule, prepared, lambda p: bool(p) and _ratio(p, key) >= FUZZY_MIN)
        case "pattern":
            raise AssertionError("patterns are matched as one set")


def _first(rule: Rule, prepared: tuple[str, ...], fits: _Test) -> str | None:
    return next((raw for raw, p in zip(rule.patterns, prepared, strict=True) if fits(p)), None)


def contains_phrase(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text; one that begins or ends in a Latin letter or digit only as whole words."""
    at = text.find(phrase) if phrase else -1
    while at >= 0:
        if stands_alone(text, at, at + len(phrase)):
            return True
        at = text.find(phrase, at + 1)
    return False


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is not cut out of a longer Latin word or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_latin(before) and _latin(text[start])) and not (_latin(after) and _latin(text[end - 1]))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _ratio(a: str, b: str) -> float:
    from rapidfuzz.fuzz import ratio

    return ratio(a, b)
