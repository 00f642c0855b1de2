"""Runs the inference process: loads, warms up, serves, swaps models on SIGHUP, stops when told and not half way."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import uvicorn

from nlu.encode.batched import BatchedEncoder, BatchedReranker
from nlu.encode.open import open_encoder, open_reranker, warm_up
from nlu.encode.ports import Encoder, ModelUnavailable, Reranker
from nlu.encode.server import App, Served
from nlu.encode.specs import BadSpec, Role, Source, read_spec

logger = logging.getLogger(__name__)

_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ModelSource:
    """What to load, now and again on SIGHUP: specs as in the settings, hub names and transformers directories too."""

    encoder: str = ""
    reranker: str = ""
    prefix: str = ""
    """Before every text of a hub encoder that was trained with one."""

    def load(self) -> Served:
        """Both models, warm.

        Raises:
            BadSpec: a spec that cannot be served here, or nothing to serve.
            ModelUnavailable: a model cannot be loaded or does not work.
        """
        encoder, reranker = self._encoder(), self._reranker()
        if encoder is None and reranker is None:
            raise BadSpec("there is nothing to serve: both the encoder and the reranker are off")
        warm_up(encoder, reranker)
        return Served(
            BatchedEncoder(encoder) if encoder else None,
            BatchedReranker(reranker) if reranker else None,
            (self.encoder or Source.SHIPPED) if encoder else "",
            (self.reranker or Source.SHIPPED) if reranker else "",
        )

    def _encoder(self) -> Encoder | None:
        spec = read_spec(self.encoder, Role.ENCODER)
        _refuse_servers(spec.source)
        if spec.source is not Source.HUB:
            return open_encoder(self.encoder)
        from nlu.encode.hub import HubEncoder

        return HubEncoder.load(spec.target, prefix=self.prefix)

    def _reranker(self) -> Reranker | None:
        spec = read_spec(self.reranker, Role.RERANKER)
        _refuse_servers(spec.source)
        if spec.source is not Source.HUB:
            return open_reranker(self.reranker)
        from nlu.encode.hub import HubReranker

        return HubReranker.load(spec.target)


def _refuse_servers(source: Source) -> None:
    if source in (Source.TEI, Source.OPENAI):
        raise BadSpec("this process serves models of its own; name another server in ENCODER or RERANKER instead")


def serve(source: ModelSource, *, host: str, port: int, api_key: str = "", announce: Callable[[str], object]) -> None:
    """Serves until SIGTERM or SIGINT; ``announce`` is told the address once requests are answered.

    Raises:
        ModelUnavailable: the models cannot be loaded.
    """
    app = App(source.load(), api_key=api_key)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="on",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    with suppress(KeyboardInterrupt):  # the server has ended in good order by then
        _Server(config, app, source, announce).run()


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, app: App, source: ModelSource, announce: Callable[[str], object]
    ) -> None:
        super().__init__(config)
        self._app = app
        self._source = source
        self._announce = announce
        self._reloading: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        self._announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    def _reload(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(reload(self._app, self._source))


async def reload(app: App, source: ModelSource) -> None:
    """Loads the models anew beside those that serve, and swaps; where they cannot be loaded the old ones stay."""
    try:
        fresh = await asyncio.to_thread(source.load)
    except ModelUnavailable as error:
        logger.error("the models were not swapped: %s", error)
        return
    before = app.swap(fresh)
    logger.info("the models were swapped")
    await asyncio.to_thread(before.close)
