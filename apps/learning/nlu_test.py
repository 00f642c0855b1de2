"""Figures of understanding, measured on a model that is trained from nothing on one file and tested on another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.commands import Progress
from apps.core.errors import Invalid
from apps.knowledge.readers import file_bytes, json_rows
from apps.knowledge.rows import Row
from nlu.encode import Encoder, ModelUnavailable
from nlu.encode.open import open_encoder
from nlu.intent.baseline import svm_intents
from nlu.intent.measure import Scores, accuracy, macro_f1, measure, oos_precision, rounded
from nlu.intent.train import train
from nlu.intent.types import OUT_OF_SCOPE, Example, Parse, SlotMark
from nlu.metrics import percentile

_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Baseline:
    """A linear SVM on TF-IDF, trained and tested on the same files. It refuses what it was taught to refuse."""

    intent_accuracy: float
    intent_macro_f1: float
    in_scope_accuracy: float | None
    oos_recall: float | None
    oos_precision: float | None
    train_s: float


@dataclass(frozen=True, slots=True)
class NluFigures:
    """``scores`` as in :class:`nlu.intent.measure.Scores`; times in s or ms. Refusing counts where one of the files has
    messages out of scope: elsewhere there is nothing to refuse, and ``in_scope_recall`` alone tells what would be."""

    scores: Scores
    train_s: float
    p50_ms: float
    p99_ms: float
    n_train: int
    n_test: int
    method: str
    encoder: str
    """Fingerprint; empty: by words alone."""
    baseline: Baseline

    def to_json(self) -> dict[str, Any]:
        others = {name: getattr(self, name) for name in self.__slots__ if name not in ("scores", "baseline")}
        return {**rounded(asdict(self.scores)), **others, "baseline": rounded(asdict(self.baseline))}


# --- the files --------------------------------------------------------------------------------------------------


def read_examples(path: Path) -> tuple[Example, ...]:
    """
    Raises:
        NotFound: the file cannot be opened.
        Invalid: lines are not as they should be; the message names each and why.
    """
    return parse_examples(json_rows(file_bytes(path)))


def parse_examples(rows: Iterable[Row]) -> tuple[Example, ...]:
    """Raises as :func:`read_examples`."""
    examples: list[Example] = []
    problems: list[str] = []
    for row in rows:
        try:
            examples.append(_example(row))
        except _BadLine as error:
            problems.append(_("Line %(number)d: %(reason)s") % {"number": row.number, "reason": error})
    if problems:
        more = len(problems) - _MOST_SHOWN
        rest = [_("%d more lines are wrong.") % more] if more > 0 else []
        raise Invalid("\n".join([*problems[:_MOST_SHOWN], *rest]))
    if not examples:
        raise Invalid(_('The file needs lines {"text": "…", "intent": "…", "slots": […]}.'))
    return tuple(examples)


class _BadLine(Exception):
    """What is wrong with a line, as a sentence."""


def _example(row: Row) -> Example:
    if row.problem:
        raise _BadLine(row.problem)
    text, intent = row.fields.get("text"), row.fields.get("intent")
    if not isinstance(text, str) or not text.strip():
        raise _BadLine(_("“text” must be a text that is not empty."))
    if not isinstance(intent, str) or not intent.strip():
        raise _BadLine(_("“intent” must be a text that is not empty."))
    slots, history, asked = (
        row.fields.get("slots") or [],
        row.fields.get("history") or [],
        row.fields.get("asked") or "",
    )
    if not isinstance(slots, list) or not isinstance(history, list) or not isinstance(asked, str):
        raise _BadLine(_("“slots” and “history” must be lists, and “asked” a text."))
    if not all(isinstance(turn, str) for turn in history):
        raise _BadLine(_("“history” must be a list of texts."))
    return Example(text, intent.strip(), tuple(_slot(slot, text) for slot in slots), tuple(history), asked)


def _slot(slot: object, text: str) -> SlotMark:
    if not isinstance(slot, dict) or not isinstance(slot.get("name"), str) or not slot["name"].strip():
        raise _BadLine(_("A slot must be an object with a “name”."))
    start, end = slot.get("start"), slot.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise _BadLine(
            _("Slot “%(name)s”: “start” and “end” must be places within the text, which has %(size)d characters.")
            % {"name": slot["name"], "size": len(text)}
        )
    return SlotMark(slot["name"], start, end, slot.get("value"))


# --- the measurement --------------------------------------------------------------------------------------------


def measured_encoder(spec: str | None) -> Encoder | None:
    """The encoder of the setting, or the one that is named as there.

    Raises:
        Invalid: it cannot be had.
    """
    try:
        return open_encoder(settings.ENCODER if spec is None else spec)
    except (ModelUnavailable, ImportError) as error:
        raise _no_encoder(error) from error


def _no_encoder(error: Exception) -> Invalid:
    return Invalid(_("The encoder cannot be used: %(why)s Without one: --no-encoder.") % {"why": error})


def nlu_measure(
    training: Sequence[Example],
    test: Sequence[Example],
    *,
    encoder: Encoder | None,
    progress: Progress | None = None,
    clock: Callable[[], float] = perf_counter,
) -> NluFigures:
    """Trains on one, measures on the other; the test is read by the model only message by message.

    Raises:
        Invalid: the training has too few intents, or the encoder failed.
    """
    tell = progress or (lambda _what, _done, _total: None)
    try:
        start = clock()
        model = train(training, encoder=encoder, progress=tell)
        train_s = clock() - start
        model.parse(test[0].text)  # loads dictionaries and tables, which no message should wait for
        parses: list[Parse] = []
        times: list[float] = []
        for example in test:
            start = clock()
            parses.append(model.parse(example.text, asked=example.asked, history=example.history))
            times.append((clock() - start) * 1000)
            tell(_("messages"), len(parses), len(test))
    except ModelUnavailable as error:
        raise _no_encoder(error) from error
    except ValueError as error:
        raise Invalid(str(error)) from error
    refusing = any(example.intent == OUT_OF_SCOPE for example in (*training, *test))
    return NluFigures(
        scores=measure(test, parses, refusing=refusing),
        train_s=round(train_s, 2),
        p50_ms=round(percentile(times, 50), 2),
        p99_ms=round(percentile(times, 99), 2),
        n_train=len(training),
        n_test=len(test),
        method=parses[0].method,
        encoder=encoder.fingerprint if encoder is not None else "",
        baseline=_baseline(training, test, clock),
    )


def _baseline(training: Sequence[Example], test: Sequence[Example], clock: Callable[[], float]) -> Baseline:
    start = clock()
    said = svm_intents(training, [example.text for example in test])
    meant = [example.intent for example in test]
    pairs = list(zip(meant, said, strict=True))
    inside = [one == other for one, other in pairs if one != OUT_OF_SCOPE]
    outside = [one == other for one, other in pairs if one == OUT_OF_SCOPE]
    return Baseline(
        intent_accuracy=accuracy(meant, said),
        intent_macro_f1=macro_f1(meant, said),
        in_scope_accuracy=sum(inside) / len(inside) if inside else None,
        oos_recall=sum(outside) / len(outside) if outside else None,
        oos_precision=oos_precision(meant, said),
        train_s=clock() - start,
    )


def figures_text(figures: NluFigures) -> str:
    """One figure a line, for people, the baseline beside it."""
    data = figures.to_json()
    beside = data.pop("baseline")
    lines = [f"{'':<20} {_('model'):<18} {_('linear SVM on TF-IDF')}"]
    for name, value in data.items():
        lines.append(f"{name:<20} {_shown(value):<18} {_shown(beside.get(name, ''))}".rstrip())
    return "\n".join(lines)


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
