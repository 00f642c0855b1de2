"""Seconds to import and publish many entries, and from a publish to the answer a visitor gets.

    python benchmarks/import_publish.py [--entries 10000] [--rounds 5]

Works in a temporary folder. The last figure is of a warm process: one entry of all is changed and published, and the
clock stops when the process's engine gives the new answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="changes to publish; the median is reported")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhike-import-") as folder:
        os.environ.update(VAR_DIR=folder, DEBUG="1", DJANGO_SETTINGS_MODULE="apps.config.settings", LOG_LEVEL="WARNING")
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        figures = measure(args.entries, args.rounds, Path(folder))
    figures["versions"] = {"python": platform.python_version(), "django": django.get_version()}
    print(json.dumps(figures, indent=2))


def measure(entries: int, rounds: int, folder: Path) -> dict[str, object]:
    from django.core.management import call_command

    from apps.accounts.models import Organisation
    from apps.bots.services import bot_create
    from apps.knowledge.exporting import export_file
    from apps.knowledge.importing import knowledge_import
    from apps.knowledge.publishing import publication_create
    from apps.knowledge.readers import read_file
    from apps.learning.load.prepare import base_entries
    from apps.learning.load.texts import load_rows

    call_command("migrate", verbosity=0)
    bot = bot_create(organisation=Organisation.objects.create(name="bench"), slug="bench")
    rows = load_rows(base_entries(), entries)
    figures: dict[str, object] = {"entries": entries}
    timed(figures, "import", partial(knowledge_import, bot=bot, rows=rows, by=None))
    timed(figures, "publish", partial(publication_create, bot=bot, by=None))
    for kind in ("jsonl", "csv", "xlsx"):
        path = folder / f"all.{kind}"
        timed(figures, f"export_{kind}", partial(export_file, bot=bot, path=path))
        timed(figures, f"read_{kind}", partial(read_file, path))
    again = read_file(folder / "all.jsonl")
    timed(figures, "import_unchanged", partial(knowledge_import, bot=bot, rows=again, by=None))
    bot.refresh_from_db()
    figures |= asyncio.run(visible(bot.pk, rounds))
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figures


async def visible(bot_id: object, rounds: int) -> dict[str, object]:
    """Build seconds of a cold engine, and seconds from a publish to its answer in a warm one."""
    from apps.bots.models import Bot
    from apps.conversations.wiring import bot_ref, engines
    from apps.core.database import hop

    began = perf_counter()
    await engines().get(bot_ref(await hop(lambda: Bot.objects.get(pk=bot_id))))
    build = perf_counter() - began
    seconds = [await changed_answer(bot_id, number) for number in range(rounds)]
    return {
        "build_s": round(build, 2),
        "publish_to_answer_s": round(statistics.median(seconds), 2),
        "publish_to_answer_worst_s": round(max(seconds), 2),
    }


async def changed_answer(bot_id: object, number: int) -> float:
    from django.utils import timezone

    from apps.bots.models import Bot
    from apps.conversations.wiring import bot_ref, engines
    from apps.core.database import hop
    from apps.knowledge.models import Entry
    from apps.knowledge.publishing import publication_create
    from apps.knowledge.services import entry_content, entry_save
    from dialog.types import Turn

    def change() -> str:
        from dataclasses import replace

        entry = Entry.objects.filter(bot_id=bot_id).order_by("pk")[number * 7]
        entry_save(
            bot=entry.bot, content=replace(entry_content(entry), answer=f"第{number}次改过"), by=None, entry=entry
        )
        return entry.question

    question = await hop(change)
    began = perf_counter()
    await hop(lambda: publication_create(bot=Bot.objects.get(pk=bot_id), by=None))
    while True:
        engine = await engines().get(bot_ref(await hop(lambda: Bot.objects.get(pk=bot_id))))
        if engine.respond(Turn(question, timezone.now())).messages[0].text == f"第{number}次改过":
            return perf_counter() - began


def timed(figures: dict[str, object], name: str, work: Callable[[], object]) -> None:
    """Seconds on the clock, and of this process on a processor."""
    began, worked = perf_counter(), process_time()
    work()
    figures[f"{name}_s"] = round(perf_counter() - began, 2)
    figures[f"{name}_cpu_s"] = round(process_time() - worked, 2)


if __name__ == "__main__":
    main()
