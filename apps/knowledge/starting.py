"""A new bot, and knowledge from a starter pack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from apps.accounts.models import Organisation, User
from apps.bots.models import Bot
from apps.bots.services import bot_create
from apps.core.commands import Progress
from apps.knowledge.figures import waiting_count
from apps.knowledge.importing import ImportReport, knowledge_import
from apps.knowledge.packs import SOURCE, pack_check, pack_rows
from apps.knowledge.publishing import publication_create
from apps.knowledge.readers import read_file


@dataclass(frozen=True, slots=True)
class Started:
    """A bot as it begins: ``entries`` drafts, of which ``waiting`` need a figure first; ``version`` 0 answers nothing."""

    bot: Bot
    entries: int = 0
    waiting: int = 0
    version: int = 0


@transaction.atomic
def bot_start(*, organisation: Organisation, slug: str, name: str = "", pack: str = "", by: User | None) -> Started:
    """Create a bot; with a starter pack its entries are imported, and published but for those that wait for a figure.

    Raises:
        Conflict: the slug is taken.
        Invalid: the slug is not acceptable.
        NotFound: no such pack.
    """
    if pack:
        pack_check(pack)
    bot = bot_create(organisation=organisation, slug=slug, name=name)
    if not pack:
        return Started(bot)
    report = pack_import(bot=bot, name=pack, by=by)
    publication = publication_create(bot=bot, by=by, note=f"{SOURCE}{pack}")
    bot.refresh_from_db()
    return Started(bot, report.created, waiting_count(bot), publication.version)


def pack_import(
    *, bot: Bot, name: str, by: User | None, dry_run: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Bring a pack's entries as drafts; those that the bot has already, edited or archived, stay as they are.

    Raises:
        NotFound: no such pack.
    """
    rows = pack_rows(bot=bot, name=name)
    return knowledge_import(bot=bot, rows=rows, by=by, dry_run=dry_run, keep=True, progress=progress)


def source_import(
    *, bot: Bot, source: str, by: User | None, dry_run: bool, skip_bad: bool, progress: Progress | None = None
) -> ImportReport:
    """Import what a command names: a file, or a starter pack as ``pack:NAME``.

    Raises:
        NotFound: no such file or pack.
        Malformed, Invalid, TooLarge: the file cannot be read.
    """
    if source.startswith(SOURCE):
        return pack_import(bot=bot, name=source.removeprefix(SOURCE), by=by, dry_run=dry_run, progress=progress)
    rows = read_file(Path(source))
    return knowledge_import(bot=bot, rows=rows, by=by, dry_run=dry_run, skip_bad=skip_bad, progress=progress)
