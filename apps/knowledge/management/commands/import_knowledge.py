from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.knowledge.importing import BadRow, ImportReport, knowledge_import
from apps.knowledge.publishing import publication_create
from apps.knowledge.readers import read_file

SHOWN = 50
"""Bad rows and warnings that are printed; ``--json`` has them all."""


class Command(BotCommand):
    help = "Imports entries from a csv, xlsx or jsonl file as drafts: all rows, or none and the reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="csv, xlsx or jsonl; heads: question, answer, similar, negative, …")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows although others are bad")
        parser.add_argument("--publish", action="store_true", help="publish all drafts of the bot afterwards")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        report = knowledge_import(
            bot=bot,
            rows=read_file(options["file"]),
            by=None,
            dry_run=options["dry_run"],
            skip_bad=options["skip_bad"],
            progress=self.progress(options["verbosity"]),
        )
        version = None
        if options["publish"] and report.written:
            version = publication_create(bot=bot, by=None, note=options["file"].name).version
        failed = bool(report.bad) and not options["skip_bad"]
        return Result(
            data={**asdict(report), "dry_run": options["dry_run"], "published": version},
            text=_text(report, version),
            failure=_("Nothing was imported: %d rows are bad. --skip-bad imports the others.") % len(report.bad)
            if failed
            else "",
        )


def _text(report: ImportReport, version: int | None) -> str:
    lines = [_("Imported:") if report.written else _("This would be imported:")]
    lines.append(
        _("  %(created)d new, %(changed)d changed, %(unchanged)d unchanged, %(bad)d bad")
        % {"created": report.created, "changed": report.changed, "unchanged": report.unchanged, "bad": len(report.bad)}
    )
    lines += _listed(_("Bad rows:"), report.bad) + _listed(_("Please look at:"), report.warnings)
    if version is not None:
        lines.append(_("Published as v%d.") % version)
    return "\n".join(lines)


def _listed(head: str, rows: tuple[BadRow, ...]) -> list[str]:
    if not rows:
        return []
    lines = [head, *(f"  {row.number}: {row.reason}" for row in rows[:SHOWN])]
    return lines + ([_("  … and %d more") % (len(rows) - SHOWN)] if len(rows) > SHOWN else [])
