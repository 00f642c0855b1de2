from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.commands import Result, ToolCommand
from apps.core.errors import Invalid
from nlu.encode.ports import ModelUnavailable
from nlu.encode.serving import ModelSource, serve


class Command(ToolCommand):
    help = (
        "Serves an encoder and a reranker over HTTP, in the shape of text-embeddings-inference, for any number of web "
        "processes: set their ENCODER and RERANKER to its address. SIGHUP loads the models anew without a pause."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        what = "'shipped', 'off', a folder, a transformers directory or a hub name (shipped)"
        parser.add_argument("--encoder", default="", metavar="SPEC", help=f"{what}; 'static' too")
        parser.add_argument("--reranker", default="", metavar="SPEC", help=what)
        parser.add_argument("--prefix", default="", help="before each text of a hub encoder, as 'query: ' for E5")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8090, help="0 takes a free one (8090)")

    def perform(self, **options: Any) -> Result:
        source = ModelSource(options["encoder"], options["reranker"], options["prefix"])
        key = settings.INFERENCE_API_KEY
        try:
            serve(source, host=options["host"], port=options["port"], api_key=key, announce=self._announce)
        except ModelUnavailable as error:
            raise Invalid(str(error)) from error
        return Result({}, "")

    def _announce(self, address: str) -> None:
        self.stdout.write(_("ready: %(address)s") % {"address": address})
        self.stdout.flush()
