"""Which box of a flow's picture stands in which row and column, and which boxes are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dialog.task.model import Branch, Call, Collect, Confirm, Fail, Flow, Offer, OfferOption, Say, Slot, Step
from dialog.task.template import text_in

NodeKind = Literal["start", "collect", "read", "write", "say", "confirm", "branch", "offer", "end", "handoff"]

WIDTH, HEIGHT = 220, 48
GAP_X, GAP_Y = 70, 40
MARGIN, LANE = 20, 12
LONGEST = 60
"""Characters of a title."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "yes": {"zh": "是", "en": "yes"},
    "no": {"zh": "否", "en": "no"},
    "end": {"zh": "结束", "en": "End"},
    "handoff": {"zh": "转人工", "en": "A person"},
    "offer": {"zh": "选择", "en": "Choice"},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A box. ``line`` is where the file has the step, 0 for none."""

    id: str
    kind: NodeKind
    title: str
    line: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Link:
    """``sideways``: from the right side of the source to the left side of the target, else from below to above."""

    source: str
    target: str
    label: str = ""
    sideways: bool = False
    back: bool = False


def grid(flow: Flow, lang: str, slots: Mapping[str, Slot]) -> tuple[list[Cell], list[Link]]:
    """The boxes and lines of a flow, in the order of the file."""
    draft = _Draft(lang, slots)
    draft.flow(flow)
    return draft.cells, draft.links


class _Draft:
    def __init__(self, lang: str, slots: Mapping[str, Slot]) -> None:
        self.cells: list[Cell] = []
        self.links: list[Link] = []
        self._lang = lang
        self._slots = slots
        self._collects: dict[str, str] = {}

    def flow(self, flow: Flow) -> None:
        self.box("start", "start", text_in(flow.label, self._lang), flow.line, 0, 0, [])
        exits, row = [Link("start", "")], 1
        if flow.guard is not None:
            self.box("guard", "branch", flow.guard.when.source, flow.line, 0, 1, exits)
            other = Link("guard", "", self.word("no"), sideways=True)
            self.box("guard.else", "end", f"→ {flow.guard.flow}", flow.line, 1, 1, [other])
            exits, row = [Link("guard", "", self.word("yes"))], 2
        exits, row = self.steps(flow.steps, 0, row, exits)
        if exits:
            self.box("end", "end", self.word("end"), 0, 0, row, exits)

    def word(self, name: str) -> str:
        return text_in(_WORDS[name], self._lang)

    def box(
        self, box_id: str, kind: NodeKind, title: str, line: int, column: int, row: int, exits: Sequence[Link]
    ) -> None:
        """A box that the open ends of lines lead to."""
        text = " ".join(title.split())
        short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        self.cells.append(Cell(box_id, kind, short, line, column, row))
        self.links += [replace(link, target=box_id) for link in exits]

    def steps(self, steps: Sequence[Step], column: int, row: int, exits: list[Link]) -> tuple[list[Link], int]:
        """Place steps from a row on; the open ends below them, and the next free row."""
        for step in steps:
            exits, row = self.step(step, column, row, exits)
        return exits, row

    def step(self, step: Step, column: int, row: int, exits: list[Link]) -> tuple[list[Link], int]:
        self.box(step.id, _kind(step), self.title(step), step.line, column, row, exits)
        match step:
            case Branch():
                inner = [Link(step.id, "", self.word("yes"), sideways=True)]
                ends, after = self.steps(step.do, column + 1, row, inner)
                return [Link(step.id, "", self.word("no")), *(ends if step.do else [])], max(row + 1, after)
            case Offer():
                return self.offer(step, column, row)
            case Collect():
                self._collects |= {name: step.id for name in step.slots if name not in self._collects}
            case Call():
                self.fails(step)
        return [Link(step.id, "")], row + 1

    def title(self, step: Step) -> str:
        match step:
            case Collect():
                shown = [self._slots[name].label if name in self._slots else {"": name} for name in step.slots]
                return " · ".join(text_in(label, self._lang) for label in shown)
            case Call():
                return step.action
            case Say() | Confirm():
                return text_in(step.text, self._lang)
            case Branch():
                return step.when.source
            case Offer():
                return text_in(step.text, self._lang) or self.word("offer")

    def fails(self, call: Call) -> None:
        for status, way in call.fail.items():
            self.back(call.id, way, status)

    def back(self, source: str, way: Fail, label: str) -> None:
        """A line to where a way leads back, if it does."""
        target = way.rerun or next((self._collects[name] for name in way.clear if name in self._collects), "")
        if any(cell.id == target for cell in self.cells):
            self.links.append(Link(source, target, label, back=True))

    def offer(self, offer: Offer, column: int, row: int) -> tuple[list[Link], int]:
        """What each button leads to stands in the next column."""
        exits: list[Link] = []
        below = row
        for place, option in enumerate(offer.options):
            if self.option(offer.id, f"{offer.id}.offer.{place}", option, column + 1, below, exits):
                below += 1
        return exits, max(row + 1, below)

    def option(self, offer: str, box_id: str, option: OfferOption, column: int, row: int, exits: list[Link]) -> bool:
        """Whether it took a box."""
        label = text_in(option.label, self._lang)
        inward = [Link(offer, "", label, sideways=True)]
        if option.call is not None:
            self.box(option.call.id, option.call.effect, option.call.action, option.call.line, column, row, inward)
            self.fails(option.call)
            exits.append(Link(option.call.id, ""))
            return True
        if option.then is None:
            return False
        if option.then.end or option.then.handoff:
            kind: NodeKind = "handoff" if option.then.handoff else "end"
            self.box(box_id, kind, self.word(kind), option.then.line, column, row, inward)
            return True
        self.back(offer, option.then, label)
        return False


def _kind(step: Step) -> NodeKind:
    match step:
        case Collect():
            return "collect"
        case Call():
            return step.effect
        case Say():
            return "say"
        case Confirm():
            return "confirm"
        case Branch():
            return "branch"
        case Offer():
            return "offer"
