"""What a flow file says, as values. :mod:`dialog.task.load` reads them from YAML, :mod:`dialog.task.walk` runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from dialog.task.expressions import Expression

Text: TypeAlias = Mapping[str, str]
"""What is said, by language (``zh``, ``en``); a text that is the same in both stands under ``""``."""

SlotType = Literal[
    "ref", "enum", "text", "pattern", "time", "city", "number", "amount", "phone", "email", "address", "id_number"
]
"""How a slot finds its value: ``ref`` one of the options that an action lists (a customer's own order), ``enum`` one of
``values``, ``pattern`` an RE2 pattern, ``text`` whatever is written when it is asked for, the others an entity."""

Effect = Literal["read", "write"]
TEXT_TYPES = frozenset({"text", "address"})
"""Slots that take a whole message: while one is asked for, only strong signs mean something else."""


@dataclass(frozen=True, slots=True)
class EnumValue:
    """``key`` is what actions get; ``label`` what customers read; ``words`` the ways they say it, the label included."""

    key: str
    label: Text
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a flow needs to know. ``line`` is where the file defines it, from 1."""

    name: str
    type: SlotType
    ask: Text
    label: Text
    """Its name in sentences: 要修改哪一项？订单 · 原因; the name itself where the file gives none."""
    values: tuple[EnumValue, ...] = ()
    open: bool = False
    """An enum that also takes other words: the value is then the text."""
    options_from: str = ""
    """The read action that lists what a ``ref`` may be."""
    needs: tuple[str, ...] = ()
    """Slots that the options depend on; a change of one drops this slot's value."""
    pattern: str = ""
    """RE2 for ``pattern``; for ``ref`` the kind of code that names one (``order_no``), see :mod:`nlu.entities.codes`."""
    role: tuple[str, ...] = ()
    """Words before (or after) a value that tell it from another slot of the same type: 从, 到."""
    grain: Literal["day", "hour", "minute"] = "day"
    prefer: Literal["future", "past"] = "future"
    check: Expression | None = None
    """Over ``value``, the other slots, ``now`` and ``days()``; false refuses the value."""
    invalid: Text = field(default_factory=dict)
    min: int = 0
    max: int = 200
    """Length of a ``text`` or an ``address``."""
    tries: int = 3
    """The last failed try hands over; an optional slot is then left out."""
    optional: bool = False
    """May be skipped; its value is then null."""
    pii: bool = False
    scope: Literal["flow", "session"] = "flow"
    """``session``: the next flow of the conversation offers the same value first, and 刚才那单 means it."""
    entity: tuple[str, ...] = ()
    """The names that the NLU model gives it, where they differ from ``name``: an order is also told by item or date."""
    line: int = 0


# --- steps ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fail:
    """What happens when a call does not end in ``ok``: something is said and then one of these.

    ``clear`` asks for those slots anew, ``rerun`` calls that step again, ``end`` ends the flow, ``handoff`` brings in a
    person. Exactly one way on, so that a flow always gets further.
    """

    say: Text = field(default_factory=dict)
    clear: tuple[str, ...] = ()
    rerun: str = ""
    end: bool = False
    handoff: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Undo:
    """How a finished write is taken back: by which action, with which of its inputs and outputs, and for how long."""

    action: str
    inputs: Mapping[str, Expression]
    within: timedelta


@dataclass(frozen=True, slots=True)
class Collect:
    id: str
    slots: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """``inputs`` maps parameters to expressions. ``optional`` names slots that are sent where they were collected on the
    way taken. ``out`` maps names that later steps read to names in the action's answer. ``fresh``: how long a read's
    answer is trusted; None for as long as its inputs stay. ``fail`` is by status, ``other`` for the rest."""

    id: str
    action: str
    effect: Effect
    inputs: Mapping[str, Expression]
    optional: tuple[str, ...] = ()
    out: Mapping[str, str] = field(default_factory=dict)
    fail: Mapping[str, Fail] = field(default_factory=dict)
    retry: int = 1
    undo: Undo | None = None
    fresh: timedelta | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    id: str
    text: Text
    line: int = 0


@dataclass(frozen=True, slots=True)
class Confirm:
    id: str
    text: Text
    line: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """``do`` where ``when`` is true (``unless``: is not true; the loader turns it round)."""

    id: str
    when: Expression
    do: tuple[Step, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class OfferOption:
    """A button: either a call that its press confirms, or one of the ways of :class:`Fail`."""

    label: Text
    call: Call | None = None
    then: Fail | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    id: str
    options: tuple[OfferOption, ...]
    text: Text = field(default_factory=dict)
    line: int = 0


Step: TypeAlias = Collect | Call | Say | Confirm | Branch | Offer


# --- flows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """What begins a flow: an intent of the NLU model, RE2 patterns, and examples that few-shot matching learns from."""

    intent: str = ""
    say: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """Unless ``when`` holds, ``flow`` runs instead (the built-in ``login``)."""

    when: Expression
    flow: str


@dataclass(frozen=True, slots=True)
class Flow:
    """``name`` in code; ``label`` what customers read in “要继续刚才的{label}吗”; ``about`` one line on what it does."""

    name: str
    label: Text
    about: Text
    start: Start
    steps: tuple[Step, ...]
    guard: Guard | None = None
    ttl: timedelta = timedelta(minutes=15)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Domain:
    """One flow file. ``texts`` overrides what the dialogue says of its own accord (``dialog.task.texts``), keyed
    ``"<key>"`` with a :data:`Text`."""

    name: str
    slots: Mapping[str, Slot]
    flows: Mapping[str, Flow]
    texts: Mapping[str, Text] = field(default_factory=dict)


Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a flow file that its author should see. Errors keep it from being published."""

    line: int
    column: int
    severity: Severity
    code: str
    """Stable: ``unknown_slot``, ``write_without_confirm`` …; the screens translate by it."""
    message: str
    """English, a whole sentence."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What the sentence is about, for its translation."""
