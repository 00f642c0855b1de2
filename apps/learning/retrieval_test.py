"""Figures of answering, measured on a throw-away bot that is made from a file and lives in memory."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.conversations.shelf import Wanted, shelf
from apps.conversations.wiring import Engine, engine_of
from apps.core.commands import Progress
from apps.core.errors import Invalid
from apps.knowledge.readers import file_bytes, json_rows
from apps.knowledge.rows import Row
from dialog.kb.models import NO_MODELS, Models
from dialog.types import BotProfile, Entry, Outcome, Publication, Reply, Route, Thresholds, Turn
from nlu.calibrate import NEVER, calibrate
from nlu.encode import ModelUnavailable
from nlu.metrics import (
    Operating,
    Ranked,
    auroc,
    coverage_at_precision,
    list_recall3,
    mrr,
    operate,
    percentile,
    recall_at,
    top1,
)
from nlu.normalize import normalise

DEEPEST = 50
_ALL = Thresholds(answer=0.0)
"""Answers whatever nothing speaks against; which of it a threshold lets through is read off its probability."""


@dataclass(frozen=True, slots=True)
class Query:
    """``gold``: ids of the entries that answer it; none: it is unanswerable."""

    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class RetrievalTest:
    entries: tuple[Entry, ...]
    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """As in the contract: shares in 0..1, times in ms or s, memory in MB (of the whole process, at its peak)."""

    entries: int
    queries: int
    top1: float
    mrr10: float
    recall10: float
    recall50: float
    list_recall3: float
    coverage_at_precision: float
    precision: float
    refusal_recall: float
    auroc: float
    p50_ms: float
    p99_ms: float
    build_s: float
    peak_mb: float
    threshold: float
    threshold_from: str
    """``file``: the best one read off the very file, an upper bound; ``calibration``: proven on another file."""
    encoder: str
    """Fingerprint; empty: by words alone."""
    reranker: str


@dataclass(frozen=True, slots=True)
class _Answered:
    """What the live path made of one query. ``direct``: it would answer if the probability sufficed."""

    ranked: Ranked
    direct: bool
    exact: bool
    ms: float


# --- the file ---------------------------------------------------------------------------------------------------


def read_test(path: Path) -> RetrievalTest:
    """
    Raises:
        NotFound: the file cannot be opened.
        Invalid: a line is not as it should be; the message names it.
    """
    return parse_test(json_rows(file_bytes(path)))


def parse_test(rows: Iterable[Row]) -> RetrievalTest:
    """Raises as :func:`read_test`."""
    entries: dict[str, Entry] = {}
    queries: list[tuple[int, Query]] = []
    for row in rows:
        if row.problem:
            raise _bad(row.number, row.problem)
        if "kb" in row.fields:
            _add_entries(entries, row)
        else:
            queries.append((row.number, _query(row)))
    for number, query in queries:
        unknown = sorted(query.gold - entries.keys())
        if unknown:
            raise _bad(number, _("“gold” names an entry that is not in the knowledge: %s") % unknown[0])
    if not entries or not queries:
        raise Invalid(_('The file needs at least one line {"kb": […]} with an entry, and one {"query", "gold"}.'))
    return RetrievalTest(tuple(entries.values()), tuple(query for _number, query in queries))


def _add_entries(entries: dict[str, Entry], row: Row) -> None:
    listed = row.fields["kb"]
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _bad(row.number, _("“kb” must be a list of objects."))
    for item in listed:
        identity, question = _identity(row.number, item.get("id")), item.get("question")
        answer = item.get("answer") or question
        if not isinstance(question, str) or not question.strip() or not isinstance(answer, str):
            raise _bad(row.number, _("Entry “%s” needs a “question”, and texts only.") % identity)
        if identity in entries:
            raise _bad(row.number, _("Entry “%s” is there twice.") % identity)
        similar, negative = (_texts(row.number, item, name) for name in ("similar", "negative"))
        entries[identity] = Entry(identity, question, answer, similar, negative)


def _query(row: Row) -> Query:
    text, gold = row.fields.get("query"), row.fields.get("gold")
    if not isinstance(text, str) or not isinstance(gold, list):
        raise _bad(row.number, _('A line is {"kb": […]} or {"query": "…", "gold": [ids]}.'))
    return Query(text, frozenset(_identity(row.number, item) for item in gold))


def _identity(number: int, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise _bad(number, _("An id must be a text or a number."))
    return str(value)


def _texts(number: int, item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = item.get(name) or []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise _bad(number, _("“%s” must be a list of texts.") % name)
    return tuple(value)


def _bad(number: int, reason: str) -> Invalid:
    return Invalid(_("Line %(number)d: %(reason)s") % {"number": number, "reason": reason})


# --- the models -------------------------------------------------------------------------------------------------


def measured_models(encoder: str | None = None, reranker: str | None = None) -> Models:
    """The models of the settings, as the live path has them, or those that are named; waited for as long as it takes.

    What is promoted in the database does not count: the figures of a file are the same on every machine.

    Raises:
        Invalid: one that is named cannot be had.
    """
    wanted = Wanted(
        encoder=settings.ENCODER if encoder is None else encoder,
        reranker=settings.RERANKER if reranker is None else reranker,
    )
    open_models = shelf().models if encoder is reranker is None else shelf().models_or_fail
    try:
        return replace(open_models(wanted), patience=None)
    except (ModelUnavailable, ImportError) as error:
        raise _no_model(error) from error


def _no_model(error: Exception) -> Invalid:
    return Invalid(_("A model cannot be used: %(why)s Without models: --encoder off --reranker off.") % {"why": error})


# --- the measurement --------------------------------------------------------------------------------------------


def retrieval_measure(
    test: RetrievalTest,
    *,
    now: datetime,
    precision: float,
    models: Models = NO_MODELS,
    calibrate_on: RetrievalTest | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = perf_counter,
) -> Figures:
    """All figures of one test. The threshold is proven on ``calibrate_on``, else the best one read off the test.

    Raises:
        Invalid: the encoder failed while the texts were encoded.
    """
    threshold = None
    if calibrate_on is not None:
        engine = _engine(calibrate_on, models, progress)
        threshold = _proven(_ask_all(engine, calibrate_on, now, progress, clock), precision)
    start = clock()
    engine = _engine(test, models, progress)
    build_s = clock() - start
    answered = _ask_all(engine, test, now, progress, clock)
    rows = [item.ranked for item in answered]
    point = _operate(answered, precision, threshold)
    return Figures(
        entries=len(test.entries),
        queries=len(test.queries),
        top1=_rounded(top1(rows)),
        mrr10=_rounded(mrr(rows, 10)),
        recall10=_rounded(recall_at(rows, 10)),
        recall50=_rounded(recall_at(rows, DEEPEST)),
        list_recall3=_rounded(list_recall3(rows)),
        coverage_at_precision=_rounded(point.coverage),
        precision=_rounded(point.precision),
        refusal_recall=_rounded(point.refusal_recall),
        auroc=_rounded(auroc([row.probability for row in rows], [row.correct for row in rows])),
        p50_ms=round(percentile([item.ms for item in answered], 50), 2),
        p99_ms=round(percentile([item.ms for item in answered], 99), 2),
        build_s=round(build_s, 3),
        peak_mb=round(_peak_mb(), 1),
        threshold=_rounded(point.threshold),
        threshold_from="file" if threshold is None else "calibration",
        encoder=str(engine.versions["encoder"]),
        reranker=str(engine.versions["reranker"]),
    )


def _engine(test: RetrievalTest, models: Models, progress: Progress | None) -> Engine:
    def tell(done: int, total: int) -> None:
        if progress:
            progress(_("texts encoded"), done, total)

    publication = Publication(version=1, entries=test.entries, profile=BotProfile(thresholds=_ALL))
    engine = engine_of(publication, models, tell)
    if engine.index.unencoded:
        raise _no_model(ModelUnavailable(_("the encoder stopped answering.")))
    return engine


def _ask_all(
    engine: Engine, test: RetrievalTest, now: datetime, progress: Progress | None, clock: Callable[[], float]
) -> list[_Answered]:
    engine.respond(Turn(test.queries[0].text, now))  # loads dictionaries and tables, which no query should wait for
    answered = []
    for query in test.queries:
        answered.append(_ask(engine, query, now, clock))
        if progress:
            progress(_("queries"), len(answered), len(test.queries))
    return answered


def _ask(engine: Engine, query: Query, now: datetime, clock: Callable[[], float]) -> _Answered:
    start = clock()
    reply = engine.respond(Turn(query.text, now))
    ms = (clock() - start) * 1000
    proposed = _proposed(reply)
    ranking = tuple(dict.fromkeys((*proposed, *_recalled(engine, query.text))))[:DEEPEST] if proposed else ()
    direct = reply.outcome is Outcome.ANSWER and reply.trace.route in (Route.EXACT, Route.KB)
    return _Answered(
        ranked=Ranked(ranking, query.gold, _probability(reply)),
        direct=direct,
        exact=reply.trace.route is Route.EXACT,
        ms=ms,
    )


def _proposed(reply: Reply) -> tuple[str, ...]:
    """The entries that the live path considered, best first."""
    if reply.trace.route is Route.EXACT:
        return (reply.messages[0].entry_id,)
    return tuple(candidate.entry_id for stage in reply.trace.stages for candidate in stage.candidates)


def _probability(reply: Reply) -> float:
    if reply.trace.route is Route.EXACT:
        return 1.0
    return max((c.probability for stage in reply.trace.stages for c in stage.candidates), default=0.0)


def _recalled(engine: Engine, text: str) -> Iterable[str]:
    """Entries in the order of recall: what stands behind the proposed ones."""
    index = engine.index
    view = index.analyzer.view(normalise(text).text)
    hits = index.recall.search(view.words, view.bigrams, limit=2 * DEEPEST, vector=index.query_vector(text))
    return (index.entries[hit.entry].id for hit in hits)


def _operate(answered: Sequence[_Answered], precision: float, threshold: float | None) -> Operating:
    rows = [_operated(item) for item in answered]
    return coverage_at_precision(rows, precision) if threshold is None else operate(rows, threshold)


def _operated(item: _Answered) -> Ranked:
    """As the live path acts: the exact stage answers whatever the threshold, and a doubt withholds an answer."""
    ranked = item.ranked
    if item.exact:
        return Ranked(ranked.ranking, ranked.gold, NEVER)
    return ranked if item.direct else Ranked((), ranked.gold)


def _proven(answered: Sequence[_Answered], precision: float) -> float:
    """The lowest threshold that is proven to hold the precision; ``NEVER`` where none is."""
    return calibrate(
        [item.ranked.probability for item in answered],
        [float(item.direct) for item in answered],
        [item.ranked.correct for item in answered],
        precision,
    ).t_answer


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024


def _rounded(value: float) -> float:
    return round(value, 4)


def figures_text(figures: Figures) -> str:
    """One figure a line, for people."""
    return "\n".join(f"{name:<22} {value}" for name, value in asdict(figures).items())
