from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.registry import model_named
from apps.core.commands import Result, ToolCommand
from apps.learning.registry import model_json, model_promote


class Command(ToolCommand):
    help = "Let a model version serve in place of the present one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("version", help="its name, as `models` lists it")

    def perform(self, **options: Any) -> Result:
        version = model_promote(version=model_named(options["version"]))
        return Result(model_json(version), _("“%s” serves from the next message on.") % version.name)
