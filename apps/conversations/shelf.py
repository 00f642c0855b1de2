"""The models of this process: opened once, shared by the engines of all bots, closed when no engine has them any more."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.bots.registry import production
from dialog.kb.models import PATIENCE_SECONDS, Models
from nlu.encode import Encoder, Matrix, ModelUnavailable, Reranker, Vector
from nlu.encode.batched import BatchedEncoder, BatchedReranker
from nlu.encode.cache import CachedEncoder, VectorCache
from nlu.encode.remote import ModelChanged, OpenAiEncoder, TeiEncoder, TeiReranker
from nlu.encode.scale import measured_scale
from nlu.rank import RankerMismatch, Rankers
from nlu.semantic import Scale

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an engine is to be built with: specs as in the settings ENCODER and RERANKER, and a bot's own ranker."""

    encoder: str
    reranker: str
    ranker: Mapping[str, Any] | None = None


def models_wanted(bot_id: UUID | None = None) -> Wanted:
    """What the settings and the registry say. A promoted model stands in for the shipped one, never for a named one."""
    ranker = production("ranker", bot_id)
    return Wanted(
        encoder=_promoted(settings.ENCODER, {"": "encoder", "shipped": "encoder", "static": "static"}, bot_id),
        reranker=_promoted(settings.RERANKER, {"": "reranker", "shipped": "reranker"}, bot_id),
        ranker=ranker.artefact if ranker else None,
    )


def _promoted(spec: str, kinds: Mapping[str, str], bot_id: UUID | None) -> str:
    kind = kinds.get(spec.strip())
    served = production(kind, bot_id) if kind else None
    return str(served.path) if served and served.path else spec


class _SharedEncoder:
    """An encoder of this process behind a batcher, or one of a server, which batches by itself; says when a server has
    another model now."""

    def __init__(
        self, encoder: Encoder, changed: Callable[[object], None], measure: Callable[[Encoder], Scale]
    ) -> None:
        self._encoder = encoder if isinstance(encoder, TeiEncoder | OpenAiEncoder) else BatchedEncoder(encoder)
        self._changed = changed
        self._measure = measure
        self._scale: Scale | None = None
        if isinstance(self._encoder, BatchedEncoder):
            weakref.finalize(self, self._encoder.close).atexit = False

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dims(self) -> int:
        return self._encoder.dims

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        try:
            return self._encoder.encode(texts, timeout=timeout)
        except ModelChanged:
            self._changed(self)
            raise

    def scale(self) -> Scale:
        """Measured once. A server that does not answer yet is taken for one whose cosines spread from 0 to 1."""
        if self._scale is None:
            try:
                self._scale = self._measure(self)
            except ModelUnavailable as error:
                logger.warning("the encoder's scale could not be measured: %s", error)
                return Scale()
        return self._scale


class _SharedReranker:
    """The same for a reranker."""

    def __init__(self, reranker: Reranker, changed: Callable[[object], None]) -> None:
        self._reranker = reranker if isinstance(reranker, TeiReranker) else BatchedReranker(reranker)
        self._changed = changed
        if isinstance(self._reranker, BatchedReranker):
            weakref.finalize(self, self._reranker.close).atexit = False

    @property
    def fingerprint(self) -> str:
        return self._reranker.fingerprint

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        try:
            return self._reranker.score(query, texts, timeout=timeout)
        except ModelChanged:
            self._changed(self)
            raise


class Shelf:
    """Safe to use from several threads. Opening a model takes seconds, so it belongs off the way of a request."""

    def __init__(
        self,
        open_encoder: Callable[[str], Encoder | None],
        open_reranker: Callable[[str], Reranker | None],
        threads: int = 2,
        patience: float | None = PATIENCE_SECONDS,
        measure: Callable[[Encoder], Scale] = measured_scale,
    ) -> None:
        self._open_encoder = open_encoder
        self._open_reranker = open_reranker
        self._measure = measure
        # Weak: the engines hold what they use, and a model that none has any more is closed.
        self._encoders: weakref.WeakValueDictionary[str, _SharedEncoder] = weakref.WeakValueDictionary()
        self._rerankers: weakref.WeakValueDictionary[str, _SharedReranker] = weakref.WeakValueDictionary()
        self._patience = patience
        self._cache = VectorCache()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="question")
        self._lock = threading.Lock()
        self.generation = 0
        """Grows when a server has another model than it had: engines of an earlier generation are to be built anew."""

    def models(self, wanted: Wanted) -> Models:
        """What can be opened; the rest is missing, and the log says why."""
        return self._models(wanted, self._encoder_or_none, self._reranker_or_none)

    def models_or_fail(self, wanted: Wanted) -> Models:
        """All that is wanted, for whoever measures it.

        Raises:
            ModelUnavailable: a model cannot be opened; the message says why.
        """
        return self._models(wanted, self._encoder, self._reranker)

    def settled(self, models: Models) -> Models:
        """The same models, with what could not be measured of them when they were opened."""
        encoder = models.encoder
        return replace(models, scale=encoder.scale()) if isinstance(encoder, _SharedEncoder) else models

    def _models(
        self,
        wanted: Wanted,
        encoder_of: Callable[[str], _SharedEncoder | None],
        reranker_of: Callable[[str], _SharedReranker | None],
    ) -> Models:
        encoder = encoder_of(wanted.encoder)
        return Models(
            encoder=encoder,
            questions=CachedEncoder(encoder, self._cache) if encoder else None,
            reranker=reranker_of(wanted.reranker),
            rankers=_rankers(wanted.ranker),
            scale=encoder.scale() if encoder else Scale(),
            patience=self._patience,
            pool=self._pool,
        )

    def _encoder(self, spec: str) -> _SharedEncoder | None:
        with self._lock:
            shared = self._encoders.get(spec)
            if shared is None and (encoder := self._open_encoder(spec)) is not None:
                shared = self._encoders[spec] = _SharedEncoder(encoder, self._changed, self._measure)
            return shared

    def _reranker(self, spec: str) -> _SharedReranker | None:
        with self._lock:
            shared = self._rerankers.get(spec)
            if shared is None and (reranker := self._open_reranker(spec)) is not None:
                shared = self._rerankers[spec] = _SharedReranker(reranker, self._changed)
            return shared

    def _encoder_or_none(self, spec: str) -> _SharedEncoder | None:
        try:
            return self._encoder(spec)
        except (ModelUnavailable, ImportError, OSError) as error:
            logger.error("the encoder cannot be opened (ENCODER), answering goes on by words alone: %s", error)
            return None

    def _reranker_or_none(self, spec: str) -> _SharedReranker | None:
        try:
            return self._reranker(spec)
        except (ModelUnavailable, ImportError, OSError) as error:
            logger.error("the reranker cannot be opened (RERANKER), answering goes on without it: %s", error)
            return None

    def _changed(self, model: object) -> None:
        """Forget ``model``, so that the next build opens its server anew."""
        with self._lock:
            for shelf in (self._encoders, self._rerankers):
                for spec in [spec for spec, shared in shelf.items() if shared is model]:
                    del shelf[spec]
                    self.generation += 1
                    logger.warning("a model server has another model now; the bots that use it are built anew")


def _rankers(artefact: Mapping[str, Any] | None) -> Rankers | None:
    if artefact is None:
        return None
    try:
        return Rankers.from_json(artefact)
    except (RankerMismatch, KeyError, ValueError) as error:
        logger.error("a bot's own ranker cannot be used, the shipped one stands in: %s", error)
        return None


@cache
def shelf() -> Shelf:
    """This process's models."""
    return Shelf(_open_encoder, _open_reranker, settings.ENGINE_THREADS)


def _open_encoder(spec: str) -> Encoder | None:
    from nlu.encode.open import open_encoder

    encoder = open_encoder(spec, api_key=settings.ENCODER_API_KEY)
    _warm_up(encoder, None)
    return encoder


def _open_reranker(spec: str) -> Reranker | None:
    from nlu.encode.open import open_reranker

    reranker = open_reranker(spec, api_key=settings.RERANKER_API_KEY)
    _warm_up(None, reranker)
    return reranker


def _warm_up(encoder: Encoder | None, reranker: Reranker | None) -> None:
    """A server that is not there yet is no reason not to use it later."""
    from nlu.encode.open import warm_up

    try:
        warm_up(encoder, reranker)
    except ModelUnavailable as error:
        logger.warning("a model does not answer yet: %s", error)
