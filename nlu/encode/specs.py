"""What the settings ENCODER and RERANKER may say. Reading them loads no model and asks no server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from nlu.encode.folder import BadFolder, read_config
from nlu.encode.ports import ModelUnavailable


class BadSpec(ModelUnavailable):
    """The setting names nothing that could be opened; the message says what to write."""


class Role(StrEnum):
    ENCODER = "encoder"
    RERANKER = "reranker"


class Source(StrEnum):
    """Where a model comes from."""

    SHIPPED = "shipped"
    OFF = "off"
    STATIC = "static"
    FOLDER = "folder"
    TEI = "tei"
    OPENAI = "openai"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Spec:
    source: Source
    target: str = ""
    """A folder, a server's address, or a hub name."""
    model: str = ""
    """The model's name at an OpenAI-compatible server."""


def read_spec(text: str, role: Role) -> Spec:
    """
    ``""`` is the shipped model, ``off`` none, ``static`` the shipped n-gram table (encoder only); a folder with our
    ``config.json``; ``http://host:port`` (or ``tei+http://…``) a server of TEI's shape; ``openai+http://host/v1#model`` an
    OpenAI-compatible one (encoder only); anything else is a hub name or a transformers directory.

    Raises:
        BadSpec: it is none of these, or not fit for the role.
    """
    text = text.strip()
    if text in ("", Source.SHIPPED):
        return Spec(Source.SHIPPED)
    if text == Source.OFF:
        return Spec(Source.OFF)
    if text == Source.STATIC:
        if role is not Role.ENCODER:
            raise BadSpec("'static' is an encoder; a reranker has no such form")
        return Spec(Source.STATIC)
    if "://" in text:
        return _server(text, role)
    return _local(text, role)


def read_serving_spec(text: str, role: Role) -> Spec:
    """Like :func:`read_spec`, for a process that serves without PyTorch.

    Raises:
        BadSpec: also for a hub name or a transformers directory, which need the inference process.
    """
    spec = read_spec(text, role)
    if spec.source is Source.HUB:
        raise BadSpec(
            f"{spec.target!r} is a hub name or a transformers directory, which needs PyTorch: start "
            f"`python manage.py inference --{role} {spec.target}` and set {role.upper()}=http://127.0.0.1:8090"
        )
    return spec


def _server(text: str, role: Role) -> Spec:
    """The address itself is never repeated in an error: it may hold a password."""
    shape, plus, rest = text.partition("+")
    if not plus or "://" in shape:
        shape, rest = Source.TEI, text
    try:
        parts = urlsplit(rest)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or shape not in (Source.TEI, Source.OPENAI):
        raise BadSpec("a server is written http://host:port, tei+http://host:port or openai+http://host/v1#model")
    if shape == Source.TEI:
        return Spec(Source.TEI, rest.partition("#")[0].rstrip("/"))
    if role is Role.RERANKER:
        raise BadSpec("the OpenAI shape has no reranking; name a server of TEI's shape: http://host:port")
    address, _, model = rest.partition("#")
    if not model:
        raise BadSpec("the model's name is missing: openai+http://host/v1#model")
    return Spec(Source.OPENAI, address.rstrip("/"), model)


def _local(text: str, role: Role) -> Spec:
    folder = Path(text).expanduser()
    if not folder.is_dir():
        if text.startswith(("/", "./", "../", "~")):
            raise BadSpec(f"there is no folder {text}")
        return Spec(Source.HUB, text)
    try:
        config = read_config(folder)
    except BadFolder:
        return Spec(Source.HUB, str(folder))  # a transformers directory, or something that its library will name
    if config.role != role:
        raise BadSpec(f"{text} holds a model of the kind {config.kind!r}, not {_a(role)}")
    return Spec(Source.FOLDER, str(folder))


def _a(role: Role) -> str:
    return f"{'an' if role is Role.ENCODER else 'a'} {role}"
