from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.knowledge.figures import waiting_count, waiting_text
from apps.knowledge.importing import BadRow, ImportReport
from apps.knowledge.packs import SOURCE, packs
from apps.knowledge.publishing import publication_create
from apps.knowledge.starting import source_import

SHOWN = 50
"""Bad rows and warnings that are printed; ``--json`` has them all."""


class Command(BotCommand):
    help = (
        "Imports entries from a csv, xlsx or jsonl file as drafts: all rows, or none and the reasons. pack:NAME imports"
        " a starter pack; what the bot has of it already stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        names = ", ".join(pack.name for pack in packs())
        parser.add_argument(
            "file",
            help="csv, xlsx or jsonl; heads: question, answer, similar, negative, …; or pack:NAME, one of " + names,
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows although others are bad")
        parser.add_argument("--publish", action="store_true", help="publish all drafts of the bot afterwards")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        source = options["file"]
        report = source_import(
            bot=bot,
            source=source,
            by=None,
            dry_run=options["dry_run"],
            skip_bad=options["skip_bad"],
            progress=self.progress(options["verbosity"]),
        )
        version = None
        if options["publish"] and report.written:
            note = source if source.startswith(SOURCE) else PurePath(source).name
            version = publication_create(bot=bot, by=None, note=note).version
        waiting = waiting_count(bot)
        failed = bool(report.bad) and not options["skip_bad"]
        return Result(
            data={**asdict(report), "dry_run": options["dry_run"], "published": version, "waiting": waiting},
            text=_text(report, version, waiting_text(bot, waiting if report.written else 0)),
            failure=_("Nothing was imported: %d rows are bad. --skip-bad imports the others.") % len(report.bad)
            if failed
            else "",
        )


def _text(report: ImportReport, version: int | None, waiting: str) -> str:
    lines = [_("Imported:") if report.written else _("This would be imported:")]
    lines.append(
        _("  %(created)d new, %(changed)d changed, %(unchanged)d unchanged, %(bad)d bad")
        % {"created": report.created, "changed": report.changed, "unchanged": report.unchanged, "bad": len(report.bad)}
    )
    if report.kept:
        lines.append(_("  %d are here already, edited or archived, and stay as they are") % report.kept)
    lines += _listed(_("Bad rows:"), report.bad) + _listed(_("Please look at:"), report.warnings)
    if version is not None:
        lines.append(_("Published as v%d.") % version)
    if waiting:
        lines.append(waiting)
    return "\n".join(lines)


def _listed(head: str, rows: tuple[BadRow, ...]) -> list[str]:
    if not rows:
        return []
    lines = [head, *(f"  {row.number}: {row.reason}" for row in rows[:SHOWN])]
    return lines + ([_("  … and %d more") % (len(rows) - SHOWN)] if len(rows) > SHOWN else [])
