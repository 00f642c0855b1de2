"""The values that travel through a turn. All frozen: a stage returns new ones and never edits what it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from nlu.score_map import Points

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Lang = Literal["zh", "en"]


class Outcome(StrEnum):
    """What a turn ended in; exactly one each."""

    ANSWER = "answer"
    LIST = "list"
    ASK = "ask"
    CHAT = "chat"
    REFUSE = "refuse"
    HANDOFF = "handoff"


class Route(StrEnum):
    """Which part of the funnel spoke."""

    EXACT = "exact"
    RULE = "rule"
    KB = "kb"
    DOCS = "docs"
    FACTS = "facts"
    TASK = "task"
    CHITCHAT = "chitchat"
    GUARD = "guard"
    FALLBACK = "fallback"
    HUMAN = "human"


# --- what a bot knows: one publication, immutable ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A standard question with the ways customers ask it, the ways that only look alike, and its answer."""

    id: str
    question: str
    answer: str
    similar: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    category: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def valid_at(self, now: datetime) -> bool:
        """Whether the entry may be answered at ``now`` (``valid_to`` is exclusive)."""
        return (self.valid_from is None or self.valid_from <= now) and (self.valid_to is None or now < self.valid_to)


RuleKind = Literal["exact", "keyword", "keywords", "fuzzy", "pattern"]
RuleAction = Literal["reply", "handoff"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply (or a hand-over) that an editor ties to a form of words. Lower ``priority`` is tried first."""

    id: str
    name: str
    kind: RuleKind
    patterns: tuple[str, ...]
    action: RuleAction = "reply"
    reply: str = ""
    priority: int = 100


WordLevel = Literal["block", "handoff", "warn", "allow"]


@dataclass(frozen=True, slots=True)
class Word:
    """A sensitive word. ``allow`` lists what contains a word of another level and is harmless."""

    text: str
    level: WordLevel
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities in 0..1. ``answer`` may be above 1: then nothing is answered directly.

    The defaults are for the first day, before a calibration: on held-out questions of several kinds more than nine in
    ten direct answers were right (benchmarks/README.md).
    """

    answer: float = 0.80
    list: float = 0.20
    margin: float = 0.10
    points: Points = ()
    """What a calibration made of the ranker's scores (:mod:`nlu.score_map`); none: they are taken as they are."""

    def to_json(self) -> dict[str, Json]:
        points: Json = [[score, probability] for score, probability in self.points]
        return {"answer": self.answer, "list": self.list, "margin": self.margin, "points": points}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Thresholds:
        """What is missing is as on the first day."""
        numbers = {name: float(data[name]) for name in ("answer", "list", "margin") if name in data}
        return cls(**numbers, points=tuple((float(x), float(y)) for x, y in data.get("points", ())))


@dataclass(frozen=True, slots=True)
class BotProfile:
    """The bot's own words and settings, both languages. Texts are keyed as in ``dialog.texts.DEFAULTS``."""

    slug: str = "bot"
    name: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    suggestions: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)
    """Standard questions offered with the greeting and under a refusal."""
    thresholds: Thresholds = Thresholds()
    list_size: int = 3
    sandbox: bool = False
    """A demonstration: customers nobody vouched for may use tasks too, on data of their own."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One immutable version of everything a bot knows; ``version`` grows by one with each publish."""

    version: int
    entries: tuple[Entry, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()
    words: tuple[Word, ...] = ()
    profile: BotProfile = BotProfile()


# --- one turn ---------------------------------------------------------------------------------------------------

PickKind = Literal["entry", "say", "handoff", "resume", "task"]


@dataclass(frozen=True, slots=True)
class Pick:
    """A button the visitor pressed: an entry id, a text to say, a wish (hand over, go on with the bot), or an answer to
    a task (:mod:`dialog.task.presses`)."""

    kind: PickKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under a reply; the door signs ``pick`` into an opaque suggestion id."""

    text: str
    pick: Pick


REMEMBERED, REMEMBERED_CHARS = 3, 120
"""Messages of the customer that understanding the next one may lean on, and how much of each."""


@dataclass(frozen=True, slots=True)
class State:
    """What the bot remembers between turns of one conversation; small, and stored as JSON."""

    refusals: int = 0
    """Refusals in a row, up to the last turn."""
    task: Mapping[str, Json] = field(default_factory=dict)
    """As :class:`dialog.task.state.TaskState` writes itself; empty while no task was begun."""
    history: tuple[str, ...] = ()
    """What the customer wrote last, the latest at the end."""
    lang: Lang | None = None
    """What they were answered in last."""

    def to_json(self) -> dict[str, Json]:
        return {"refusals": self.refusals, "task": dict(self.task), "history": list(self.history), "lang": self.lang}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        refusals = data.get("refusals", 0)
        return cls(
            refusals if isinstance(refusals, int) else 0,
            data.get("task", {}),
            tuple(data.get("history", ())),
            data.get("lang"),
        )

    def heard(self, text: str, lang: Lang) -> State:
        """With one more message of the customer, and the language they were answered in."""
        kept = (*self.history, text[:REMEMBERED_CHARS])[-REMEMBERED:] if text else self.history
        return replace(self, history=kept, lang=lang)


@dataclass(frozen=True, slots=True)
class User:
    """The customer as the session knows them; never taken from what they write. ``login``: who they are is known.

    ``id`` is stable over conversations for a known customer.
    """

    id: str = ""
    login: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One visitor message with all that its answer may depend on; the clock is passed in."""

    text: str
    now: datetime
    state: State = State()
    pick: Pick | None = None
    lang: Lang | None = None
    """The language of the page the visitor writes on; it counts where the text itself shows none."""
    user: User = User()
    conversation: str = ""
    """Its id: part of what makes a call to a business's system the same call when the turn is worked on again."""


MessageType = Literal["text", "list", "confirm", "card"]


@dataclass(frozen=True, slots=True)
class Citation:
    title: str
    snippet: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    route: Route
    confidence: float
    type: MessageType = "text"
    choices: tuple[Choice, ...] = ()
    citations: tuple[Citation, ...] = ()
    entry_id: str = ""


# --- the trace: why a turn ended as it did ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that was considered, the rejected ones too.

    ``matched`` is the entry's own text (question or similar question) closest to what the visitor wrote; ``flags``
    name what speaks against it: number, negation, antonym, question_type, entity, negative_question.
    """

    entry_id: str
    question: str
    matched: str
    score: float
    """Fused recall score, higher is better, not a probability."""
    probability: float
    features: Mapping[str, float] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    legs: Mapping[str, float] = field(default_factory=dict)
    """Raw score by recall leg (``words``, ``bigrams``)."""


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    verdict: str
    ms: float
    detail: Mapping[str, Json] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    thresholds: Thresholds | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    outcome: Outcome
    route: Route
    confidence: float
    stages: tuple[Stage, ...]
    versions: Mapping[str, Json]
    degraded: tuple[str, ...] = ()
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """How a turn ended. ``handoff_reason`` is set when a person is wanted; ``events`` are what happened to the customer's
    tasks (:mod:`dialog.task.events`), to be kept."""

    outcome: Outcome
    messages: tuple[Message, ...]
    state: State
    trace: Trace
    handoff_reason: str = ""
    events: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a bot offers for a turn, best candidate first; empty when it knows nothing of it."""

    bot: Route
    candidates: tuple[Candidate, ...] = ()
    detail: Mapping[str, Json] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    """The weaker modes it had to work in, by name."""

    @property
    def probability(self) -> float:
        return self.candidates[0].probability if self.candidates else 0.0


# --- events to a stream -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageEvent:
    name: str
    verdict: str
    ms: float


@dataclass(frozen=True, slots=True)
class DeltaEvent:
    text: str


Event: TypeAlias = StageEvent | DeltaEvent
