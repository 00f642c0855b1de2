"""The demo bot's tasks as customers know them (``tests/conversations/tasks``), and the command that tells stories."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from apps.conversations.wiring import Engine, bot_ref, engines
from apps.demo.services import demo_refresh
from apps.learning.stories import stories_of
from dialog.stories import Story, run_story
from dialog.types import User

FOLDER = Path(__file__).parents[2] / "conversations" / "tasks"
FOLDERS = (
    *("cancellations", "corrections", "digressions", "disambiguation", "english", "failures", "handoff"),
    *("happy_paths", "interruptions", "invalid_input", "knowledge_inside", "negation", "over_informative"),
    "repeat_skip_undo",
)
FLOWS = (
    *("return_exchange", "order_track", "urge_delivery", "invoice", "cancel_order", "address_change", "complaint"),
    *("repair_booking", "account_phone", "book_flight"),
)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Engine]:
    """The demo bot as ``manage.py demo`` publishes it; set up once, for stories leave nothing that others see."""
    with django_db_blocker.unblock(), transaction.atomic():
        bot = demo_refresh(progress=lambda *_: None).bot
        bot.refresh_from_db()
        yield engines().get_now(bot_ref(bot))
        transaction.set_rollback(True)


def told() -> Iterator[Any]:
    for file, story in stories_of([FOLDER]):
        marks = [pytest.mark.xfail(strict=True, reason=story.xfail)] if story.xfail else []
        yield pytest.param(file, story, id=f"{Path(file).parent.name}/{story.name}", marks=marks)


@pytest.mark.parametrize(("file", "story"), list(told()))
def test_story(demo: Engine, file: str, story: Story) -> None:
    assert demo.tasks is not None
    customer = User(uuid5(NAMESPACE_URL, f"{file}#{story.name}").hex, login=True)
    result = run_story(story, demo, demo.tasks.actions, customer, timezone.localtime())
    assert not result.failures, "\n".join([f"{file}:{story.line}", *map(str, result.failures), *result.transcript])


def test_every_kind_of_story_is_there_and_every_task() -> None:
    stories = stories_of([FOLDER])
    folders = Counter(Path(file).parent.name for file, _story in stories)
    assert set(folders) == set(FOLDERS)
    assert min(folders.values()) >= 8
    flows = Counter(turn.expect.get("flow") for _file, story in stories for turn in story.turns)
    assert all(flows[flow] >= 3 for flow in FLOWS), flows


# --- the command ------------------------------------------------------------------------------------------------

GOOD = """
name: a question
turns:
  - user: 怎么退货
    expect: {outcome: answer, entry: 怎么退货}
---
name: nothing is written
turns: [{user: 多久能发货, expect: {flow: null}}]
expect: {writes: {}}
"""
BAD = """
name: another answer
turns:
  - user: 怎么退货
    expect: {outcome: refuse}
  - user: never asked
"""


def tell(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("test_stories", *map(str, arguments), "--json", "--verbosity", "0", stdout=out)
    except CommandError as error:
        return {"error": str(error), **json.loads(out.getvalue() or "{}")}
    return json.loads(out.getvalue())


def test_stories_that_go_as_written_pass(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(GOOD, "utf-8")
    assert tell(tmp_path, "--bot", shop.bot.slug) == {"stories": 2, "passed": 2, "failed": []}


def test_a_failure_names_the_turn_and_what_was_said(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(BAD, "utf-8")
    (tmp_path / "good.yml").write_text(GOOD, "utf-8")
    found = tell(tmp_path, "--bot", shop.bot.slug)
    assert found["error"] == "1 stories went otherwise."
    assert (found["stories"], found["passed"]) == (3, 2)
    (failed,) = found["failed"]
    assert (failed["story"], failed["line"]) == ("another answer", 2)
    assert failed["failures"] == [{"turn": 1, "check": "outcome", "expected": "refuse", "got": "answer"}]
    assert failed["transcript"][0] == "> 怎么退货"


def test_people_read_the_same(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(BAD, "utf-8")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("test_stories", str(tmp_path / "bad.yml"), "--bot", shop.bot.slug, stdout=out)
    assert "Turn 1, outcome: expected refuse, got answer" in out.getvalue()
    assert "在订单页点申请售后。" in out.getvalue()


def test_a_story_given_up_must_still_fail(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "given_up.yml").write_text(f"xfail: not yet{BAD}---\nxfail: not yet{GOOD.split('---')[0]}", "utf-8")
    (failed,) = tell(tmp_path, "--bot", shop.bot.slug)["failed"]
    assert (failed["story"], failed["failures"][0]["check"]) == ("a question", "xfail")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: x\nturns:\n  - usr: hello", "Line 3: “usr” is no key of “a turn”. Did you mean “user”?"),
        ("name: x\nturns:\n  - user: hello\n    expect: {outcom: answer}", "Line 4: “outcom” is no key of “expect”"),
        ("name: x\nturns: [{user: a, expect: {outcome: answr}}]", "“answr” is not"),
        ("name: x\nturns: [{user: a, pick: b}]", "A turn does one thing"),
        ("name: x\nturns: [{pick: 0}]", "Buttons are counted from 1."),
        ("name: x\nturns: [{wait: soon}]", "must be a time such as 30s"),
        ("name: x\nturns: [{user: a}]\nexpect: {writes: {a.b: often}}", "must be a whole number"),
        ("turns: [{user: a}]", "lacks “name”"),
        ("name: x\nturns: [{user: a, expect: {slots: [a]}}]", "“slots” must be a mapping"),
        ("name: x\nturns: [{user: a}]\nactions: {a.b: fine}", "“a.b” must be a mapping of outputs"),
        ("name: [", "This is no YAML"),
        ("name: &a x\nturns: *a", "Anchors and aliases"),
        ("- a\n- b", "“a story” must be a mapping"),
        ("", "There is no story in these files."),
    ],
)
def test_a_file_with_a_mistake_says_what_and_where(shop: Any, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "stories.yml").write_text(text, "utf-8")
    assert reason in tell(tmp_path, "--bot", shop.bot.slug)["error"]["detail"]


def test_what_is_not_there_is_named(shop: Any, tmp_path: Path) -> None:
    assert "no file or folder" in tell(tmp_path / "none.yml")["error"]["detail"]
    (tmp_path / "good.yml").write_text(GOOD, "utf-8")
    assert "create_bot nobody" in tell(tmp_path, "--bot", "nobody")["error"]["detail"]
