"""The commands as a shell sees them: one JSON object on stdout, sentences on stderr, exit code 0 only on success."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.bots.models import Bot
from apps.core.commands import ProgressLine
from apps.knowledge.models import Entry, EntryVersion, Publication
from tests.people import World

GOOD = "question,answer\n怎么退货,新的答案\n怎么保价,十五天内补差价\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def run(*args: object, **options: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, args), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def answer(*args: object) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(run(*args, "--json"))
    return loaded


def test_import_then_publish(shop: World, good: Path) -> None:
    assert answer("import_knowledge", "shop", good) == {
        "written": True, "created": 1, "changed": 1, "unchanged": 0, "kept": 0, "bad": [], "warnings": [],
        "dry_run": False, "published": None, "waiting": 0,
    }  # fmt: skip
    assert Publication.objects.filter(bot=shop.bot).count() == 1
    published = answer("publish", "shop", "--note", "新答案")
    assert (published["version"], published["new"], published["entries"]) == (2, True, 6)
    assert Publication.objects.get(version=2).note == "新答案"
    assert answer("publish", "shop")["new"] is False


def test_import_with_publish_answers_at_once(shop: World, good: Path) -> None:
    assert answer("import_knowledge", "shop", good, "--publish")["published"] == 2
    assert EntryVersion.objects.filter(bot=shop.bot, payload__answer="新的答案").exists()
    assert Bot.objects.get(pk=shop.bot.pk).live_version == 2


def test_a_dry_run_writes_nothing(shop: World, good: Path) -> None:
    text = run("import_knowledge", "shop", good, "--dry-run", "--publish")
    assert "1 new, 1 changed" in text
    assert Entry.objects.filter(bot=shop.bot).count() == 5
    assert Publication.objects.filter(bot=shop.bot).count() == 1


def test_bad_rows_fail_the_command_with_their_reasons(shop: World, good: Path) -> None:
    good.write_text(GOOD + ",没有问题\n", encoding="utf-8")
    out = io.StringIO()
    with pytest.raises(CommandError, match="--skip-bad"):
        call_command("import_knowledge", "shop", str(good), "--publish", stdout=out)
    assert "4: The standard question is missing." in out.getvalue()
    assert Entry.objects.filter(bot=shop.bot).count() == 5
    assert Publication.objects.filter(bot=shop.bot).count() == 1
    report = answer("import_knowledge", "shop", good, "--skip-bad")
    assert (report["written"], report["created"], [row["number"] for row in report["bad"]]) == (True, 1, [4])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["import_knowledge", "nobody", "a.csv"], ["nobody", "create_bot nobody"]),
        (["import_knowledge", "shop", "gone.csv"], ["gone.csv"]),
        (["import_knowledge", "shop", "manual.pdf"], [".pdf", ".csv", ".xlsx", ".jsonl"]),
        (["export_knowledge", "shop", "a.ods"], [".ods", ".jsonl"]),
        (["export_knowledge", "nobody", "a.csv"], ["create_bot"]),
        (["publish", "nobody"], ["create_bot"]),
        (["publish", "other"], ["nothing to publish"]),
        (["reindex", "nobody"], ["create_bot"]),
    ],
)
def test_errors_are_sentences_and_one_json_object(shop: World, args: list[str], words: list[str]) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(*args, "--json", stdout=out)
    assert all(word in str(caught.value) for word in words)
    assert json.loads(out.getvalue())["error"]["detail"] in str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_an_export_imports_without_a_change(shop: World, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"out.{kind}"
    assert answer("export_knowledge", "shop", path) == {"entries": 5, "file": str(path)}
    report = answer("import_knowledge", "shop", path)
    assert (report["created"], report["changed"], report["unchanged"]) == (0, 0, 5)


def test_reindex_builds_and_tells_every_process(shop: World) -> None:
    done = answer("reindex", "shop")
    assert (done["version"], done["entries"], done["texts"]) == (1, 5, 13)
    assert Bot.objects.get(pk=shop.bot.pk).revision == shop.bot.revision + 1


def test_progress_speaks_once_a_second_at_most() -> None:
    said: list[str] = []
    times = iter([0.0, 0.5, 1.0, 1.5, 2.1])
    progress = ProgressLine(said.append, clock=lambda: next(times))
    for done in range(1, 5):
        progress("rows", done * 1_000, 0 if done > 3 else 4_000)
    assert said == ["rows: 2,000/4,000", "rows: 4,000"]
