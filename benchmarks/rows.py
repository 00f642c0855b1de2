"""What one statement costs by Django's query builder and by plain SQL, in microseconds of CPU: why apps/core/rows.py.

usage: python benchmarks/rows.py [--rounds 500]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("VAR_DIR", tempfile.mkdtemp())
os.environ.setdefault("SECRET_KEY", "only-for-this-measurement-and-long-enough")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from apps.accounts.models import Organisation  # noqa: E402
from apps.bots.services import bot_create  # noqa: E402
from apps.conversations.models import Conversation, Message  # noqa: E402
from apps.conversations.services import conversation_open  # noqa: E402
from apps.core import rows  # noqa: E402


def median(call: Callable[[int], object], rounds: int) -> float:
    """Median CPU time of one call inside a transaction, in microseconds."""
    times = []
    for i in range(rounds + 20):
        began = time.process_time()
        with transaction.atomic():
            call(i)
        times.append((time.process_time() - began) * 1e6)
    return statistics.median(times[20:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    rounds = parser.parse_args().rounds
    call_command("migrate", verbosity=0)
    bot = bot_create(organisation=Organisation.objects.create(name="-"), slug="bench")
    pk = conversation_open(bot=bot, lang="zh").pk

    def message(seq: int) -> Message:
        return Message(conversation_id=pk, seq=seq, role="visitor", text="怎么退货")

    found = Conversation.objects.filter(pk=pk)
    cases: dict[str, Callable[[int], object]] = {
        "update · Django": lambda i: found.update(seq=i, open_turns=0),
        "update · rows": lambda i: rows.update(Conversation, {"seq": i, "open_turns": 0}, id=pk),
        "insert · Django": lambda i: message(i).save(force_insert=True),
        "insert · rows": lambda i: rows.insert(message(1_000_000 + i)),
    }
    print(f"{django.get_version()=} {connection.vendor=} {rounds=}")
    for name, call in cases.items():
        print(f"{name:<18} {median(call, rounds):7.0f} µs")


if __name__ == "__main__":
    main()
