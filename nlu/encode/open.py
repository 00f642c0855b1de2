"""From the settings ENCODER and RERANKER to models. Nothing here ever loads PyTorch."""

from __future__ import annotations

import logging
from pathlib import Path

from nlu.encode.caller import Caller
from nlu.encode.folder import BadFolder, read_config
from nlu.encode.onnx import OnnxEncoder, OnnxReranker
from nlu.encode.ports import Encoder, ModelUnavailable, Reranker
from nlu.encode.remote import OpenAiEncoder, TeiEncoder, TeiReranker
from nlu.encode.specs import BadSpec, Role, Source, Spec, read_serving_spec
from nlu.encode.static import StaticEncoder

logger = logging.getLogger(__name__)

_SAMPLE = "怎么退货 how do I return it"


def open_encoder(text: str, *, api_key: str = "") -> Encoder | None:
    """The encoder that a setting names (:func:`read_serving_spec`); None for ``off``. A server is not asked yet.

    Raises:
        BadSpec: the setting names nothing that could be opened here.
        ModelUnavailable: what it names cannot be loaded.
    """
    spec = read_serving_spec(text, Role.ENCODER)
    match spec.source:
        case Source.OFF:
            return None
        case Source.SHIPPED:
            return _shipped_encoder()
        case Source.STATIC:
            return StaticEncoder.shipped()
        case Source.FOLDER:
            return _encoder_of(spec)
        case Source.TEI:
            return TeiEncoder(Caller(spec.target, api_key=api_key))
        case Source.OPENAI:
            return OpenAiEncoder(Caller(spec.target, api_key=api_key), spec.target, spec.model)
        case _:
            raise BadSpec(f"{spec.source} is no encoder")


def open_reranker(text: str, *, api_key: str = "") -> Reranker | None:
    """The reranker that a setting names; None for ``off``. A server is not asked yet.

    Raises:
        BadSpec: the setting names nothing that could be opened here.
        ModelUnavailable: what it names cannot be loaded.
    """
    spec = read_serving_spec(text, Role.RERANKER)
    match spec.source:
        case Source.OFF:
            return None
        case Source.SHIPPED:
            return OnnxReranker.shipped()
        case Source.FOLDER:
            return OnnxReranker.load(Path(spec.target))
        case Source.TEI:
            return TeiReranker(Caller(spec.target, api_key=api_key))
        case _:
            raise BadSpec(f"{spec.source} is no reranker")


def warm_up(encoder: Encoder | None, reranker: Reranker | None) -> None:
    """One call each, so that the first customer does not wait for memory, tables and connections.

    Raises:
        ModelUnavailable: one of them does not work.
    """
    if encoder is not None:
        encoder.encode([_SAMPLE])
    if reranker is not None:
        reranker.score(_SAMPLE, [_SAMPLE])


def _shipped_encoder() -> Encoder:
    """The trained one; where it cannot be loaded the n-gram table, which is better than words alone."""
    try:
        return OnnxEncoder.shipped()
    except (ModelUnavailable, ImportError) as error:
        try:
            static = StaticEncoder.shipped()
        except BadFolder:
            raise ModelUnavailable(str(error)) from error
        logger.warning("the shipped encoder cannot be loaded, the n-gram table stands in: %s", error)
        return static


def _encoder_of(spec: Spec) -> Encoder:
    folder = Path(spec.target)
    if read_config(folder).kind == "static":
        return StaticEncoder.load(folder)
    return OnnxEncoder.load(folder)
