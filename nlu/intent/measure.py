"""Figures of understanding: what was meant against what was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nlu.intent.types import OUT_OF_SCOPE, Example, Parse, Understander
from nlu.metrics import auroc, percentile

_BINS = 10
REFUSED_BELOW = 0.5
"""``Parse.in_scope`` below it: the message is refused."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares in 0..1; None where nothing of the kind is in the test.

    ``intent_accuracy``, ``intent_macro_f1`` and ``frame_accuracy`` (intent and all slots exactly right) are over all
    messages, out of scope being an intent of its own; ``in_scope_accuracy`` is the best intent's, refused or not, and
    ``in_scope_recall`` the share not refused, both over messages in scope. ``slot_f1`` is micro, by name and exact place,
    over messages in scope; ``oos_recall_at_97`` the share of messages out of scope below the chance that 97 % of those in
    scope reach; ``ece`` the expected calibration error of the best intent's chance (ten bins).
    """

    intent_accuracy: float
    intent_macro_f1: float
    slot_f1: float | None
    frame_accuracy: float
    oos_recall: float | None
    oos_precision: float | None
    in_scope_accuracy: float | None
    in_scope_recall: float | None
    auroc_oos: float | None
    oos_recall_at_97: float | None
    ece: float | None


def measure(examples: Sequence[Example], parses: Sequence[Parse], *, refusing: bool) -> Scores:
    """``refusing``: whether a message below ``REFUSED_BELOW`` counts as understood to be out of scope."""
    meant = [example.intent for example in examples]
    best = [parse.intents[0].name for parse in parses]
    said = [
        OUT_OF_SCOPE if refusing and parse.in_scope < REFUSED_BELOW else name
        for parse, name in zip(parses, best, strict=True)
    ]
    inside = [place for place, name in enumerate(meant) if name != OUT_OF_SCOPE]
    outside = [place for place, name in enumerate(meant) if name == OUT_OF_SCOPE]
    right = [best[place] == meant[place] for place in inside]
    frames = [
        said[place] == meant[place] and (meant[place] == OUT_OF_SCOPE or _slots_of(examples[place]) == _read(parse))
        for place, parse in enumerate(parses)
    ]
    in_scope = [parse.in_scope for parse in parses]
    return Scores(
        intent_accuracy=accuracy(meant, said),
        intent_macro_f1=macro_f1(meant, said),
        slot_f1=slot_f1([examples[place] for place in inside], [parses[place] for place in inside]),
        frame_accuracy=sum(frames) / len(frames),
        oos_recall=_share([said[place] == OUT_OF_SCOPE for place in outside]),
        oos_precision=oos_precision(meant, said),
        in_scope_accuracy=_share(right),
        in_scope_recall=_share([parses[place].in_scope >= REFUSED_BELOW for place in inside]),
        auroc_oos=auroc(in_scope, [name != OUT_OF_SCOPE for name in meant]) if inside and outside else None,
        oos_recall_at_97=_recall_at(
            0.97, [in_scope[place] for place in inside], [in_scope[place] for place in outside]
        ),
        ece=calibration_error([parses[place].intents[0].probability for place in inside], right),
    )


def measured(model: Understander, examples: Sequence[Example]) -> dict[str, Any]:
    """The scores of a model on examples that it was not trained on, and ``n_test``, for a record."""
    parses = [model.parse(example.text, asked=example.asked, history=example.history) for example in examples]
    refusing = any(example.intent == OUT_OF_SCOPE for example in examples)
    return {**rounded(asdict(measure(examples, parses, refusing=refusing))), "n_test": len(examples)}


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Four places are more than any test bears."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}


def accuracy(meant: Sequence[str], said: Sequence[str]) -> float:
    return sum(one == other for one, other in zip(meant, said, strict=True)) / len(meant)


def macro_f1(meant: Sequence[str], said: Sequence[str]) -> float:
    """The mean of the F1 of each intent that was meant."""
    right = Counter(one for one, other in zip(meant, said, strict=True) if one == other)
    truly, claimed = Counter(meant), Counter(said)
    return sum(2 * right[name] / (truly[name] + claimed[name]) for name in truly) / len(truly)


def oos_precision(meant: Sequence[str], said: Sequence[str]) -> float | None:
    """Share of the refused messages that are out of scope; None where the test has none that are."""
    refused = [one == OUT_OF_SCOPE for one, other in zip(meant, said, strict=True) if other == OUT_OF_SCOPE]
    if OUT_OF_SCOPE not in meant:
        return None
    return _share(refused) if refused else 0.0


def slot_f1(examples: Sequence[Example], parses: Sequence[Parse]) -> float | None:
    """None where no example has a slot."""
    hits = meant = read = 0
    for example, parse in zip(examples, parses, strict=True):
        hits += len(_slots_of(example) & _read(parse))
        meant += len(_slots_of(example))
        read += len(_read(parse))
    return 2 * hits / (meant + read) if meant else None


def _recall_at(passing: float, inside: Sequence[float], outside: Sequence[float]) -> float | None:
    if not inside or not outside:
        return None
    threshold = percentile(inside, 100 * (1 - passing))
    return sum(chance < threshold for chance in outside) / len(outside)


def calibration_error(chances: Sequence[float], right: Sequence[bool]) -> float | None:
    """Guo et al. 2017: mean distance of chance and share right, over bins of chances, by their size."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for chance, hit in zip(chances, right, strict=True):
        bins.setdefault(min(int(chance * _BINS), _BINS - 1), []).append((chance, hit))
    if not bins:
        return None
    gaps = (abs(sum(chance for chance, _ in rows) - sum(hit for _, hit in rows)) for rows in bins.values())
    return sum(gaps) / len(chances)


def _slots_of(example: Example) -> set[tuple[str, int, int]]:
    return {(slot.name, slot.start, slot.end) for slot in example.slots}


def _read(parse: Parse) -> set[tuple[str, int, int]]:
    return {(slot.name, slot.start, slot.end) for slot in parse.slots}


def _share(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None
