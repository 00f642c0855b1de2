"""A calibration's life: calculated from known questions, applied, taken back, and renewed when the bot changes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from apps.bots.models import Bot
from apps.bots.services import bot_update
from apps.conversations.models import Turn
from apps.core.errors import Conflict, Invalid
from apps.knowledge.content import EntryContent
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save
from apps.learning import calibrations
from apps.learning.calibrations import (
    calibration_apply,
    calibration_current,
    calibration_now,
    calibration_request,
    calibration_take,
    calibration_undo,
    standing,
)
from apps.learning.fitting import Fitted
from apps.learning.models import Calibration
from apps.learning.questions import Question, read_questions
from apps.learning.recalibrating import calibrate_due
from apps.learning.telling import calibration_text
from tests.apps.conversations.visitor import Visitor
from tests.apps.learning.known import ANSWERABLE, UNANSWERABLE, write_file
from tests.people import World

State = Calibration.State
MANY = sum(map(len, ANSWERABLE.values())) + len(UNANSWERABLE)


@pytest.fixture
def known(shop: World, tmp_path: Path) -> list[Question]:
    return read_questions(shop.bot, write_file(tmp_path / "known.jsonl"))


@pytest.fixture
def proposed(shop: World, known: list[Question]) -> Calibration:
    return calibration_now(bot=shop.bot, by=shop.editor, precision=0.8, questions=known)


def thresholds(bot: Bot) -> Any:
    return Bot.objects.get(pk=bot.pk).thresholds


def publish_more(shop: World) -> None:
    entry_save(bot=shop.bot, content=EntryContent("能开收据吗", "可以，在订单页申请。"), by=shop.editor)
    publication_create(bot=shop.bot, by=shop.editor)
    shop.bot.refresh_from_db()


class TestCalculating:
    def test_it_says_what_was_and_what_would_be_and_changes_nothing(self, shop: World, proposed: Calibration) -> None:
        fitted = Fitted.from_json(proposed.result)
        choice = fitted.choice(0.8)
        assert (proposed.state, proposed.n, proposed.version) == (State.PROPOSED, MANY, 1)
        assert proposed.fingerprints["ranker"].startswith("lexical+dense@")
        assert choice.proven
        assert choice.bound >= 0.8
        assert choice.figures.answered > fitted.before.answered > 0
        assert thresholds(shop.bot) == {}

    def test_every_precision_is_a_choice_and_stricter_ones_answer_no_more(self, proposed: Calibration) -> None:
        choices = Fitted.from_json(proposed.result).choices
        assert [choice.precision for choice in choices] == [percent / 100 for percent in range(80, 100)]
        answered = [choice.figures.answered for choice in choices]
        assert answered == sorted(answered, reverse=True)
        missing = [choice.needed for choice in choices if not choice.proven]
        assert missing
        assert all(missing)

    def test_the_same_questions_give_the_same_result(self, shop: World, known: list[Question]) -> None:
        first, second = (calibration_now(bot=shop.bot, by=None, precision=0.8, questions=known) for _ in range(2))
        assert (first.result, first.data_hash) == (second.result, second.data_hash)

    def test_without_known_questions_it_says_how_many_are_missing(self, shop: World) -> None:
        found = calibration_now(bot=shop.bot, by=None, precision=0.95)
        assert (found.n, found.needed) == (0, 118)
        assert "label 118 more questions" in calibration_text(found)

    @pytest.mark.parametrize("precision", [0.5, 0.999])
    def test_a_precision_that_nobody_can_want_is_refused(self, shop: World, precision: float) -> None:
        with pytest.raises(Invalid, match="between 80 % and 99 %"):
            calibration_request(bot=shop.bot, by=None, precision=precision)

    def test_one_is_calculated_at_a_time(self, shop: World) -> None:
        first = calibration_request(bot=shop.bot, by=None, precision=0.9)
        assert calibration_request(bot=shop.bot, by=None, precision=0.8) == first
        with pytest.raises(Conflict, match="already"):
            calibration_now(bot=shop.bot, by=None, precision=0.8)


class TestApplying:
    def test_the_next_message_is_judged_by_it(self, shop: World, proposed: Calibration) -> None:
        weak = "我要换货怎么操作"
        assert Visitor("shop").say(weak)["outcome"] == "list"
        calibration_apply(calibration=proposed, by=shop.owner)
        assert Visitor("shop").say(weak)["outcome"] == "answer"
        stage = next(s for s in Turn.objects.latest("created_at").trace["stages"] if s["name"] == "kb")
        assert stage["thresholds"]["answer"] == thresholds(shop.bot)["answer"]
        current = calibration_current(shop.bot)
        assert current is not None
        assert (current.applied_by, current.previous) == (shop.owner, {})

    def test_another_precision_of_the_same_calibration(self, shop: World, proposed: Calibration) -> None:
        first = calibration_apply(calibration=proposed, by=None)
        second = calibration_apply(calibration=first, by=None, precision=0.85)
        assert second.pk != first.pk
        assert second.previous == first.thresholds
        assert (first.precision, second.precision) == (0.8, 0.85)

    def test_the_trace_shows_what_the_calibration_made_of_a_score(self, shop: World, proposed: Calibration) -> None:
        points = [[0.0, 0.0], [0.5, 0.9], [1.0, 1.0]]
        Calibration.objects.filter(pk=proposed.pk).update(result={**proposed.result, "points": points})
        calibration_apply(calibration=proposed, by=None)
        Visitor("shop").say("我要换货怎么操作")
        stage = next(s for s in Turn.objects.latest("created_at").trace["stages"] if s["name"] == "kb")
        best = stage["candidates"][0]
        assert best["probability"] == pytest.approx(best["features"]["uncalibrated"] * 1.8, abs=0.01)

    def test_too_few_questions_switch_nothing_off(self, shop: World, known: list[Question]) -> None:
        found = calibration_now(bot=shop.bot, by=None, precision=0.95, questions=known)
        with pytest.raises(Conflict, match="more first"):
            calibration_apply(calibration=found, by=None)
        assert thresholds(shop.bot) == {}

    def test_enough_questions_without_a_proof_leave_lists_alone(self, shop: World, known: list[Question]) -> None:
        wrong = [Question(q.key, q.text, frozenset(), "file") for q in known]
        found = calibration_now(bot=shop.bot, by=None, precision=0.8, questions=wrong)
        calibration_apply(calibration=found, by=None)
        assert thresholds(shop.bot)["answer"] > 1
        assert Visitor("shop").say("发票怎么开")["outcome"] != "answer"
        assert Visitor("shop").say("怎么退货")["outcome"] == "answer"  # an exact question is looked up, not judged

    def test_what_was_found_for_other_knowledge_is_not_applied(self, shop: World, proposed: Calibration) -> None:
        publish_more(shop)
        with pytest.raises(Conflict, match="Calculate again"):
            calibration_apply(calibration=proposed, by=None)

    def test_what_has_no_result_is_not_applied(self, shop: World) -> None:
        with pytest.raises(Conflict, match="no result"):
            calibration_apply(calibration=calibration_request(bot=shop.bot, by=None, precision=0.9), by=None)


class TestUndoing:
    def test_each_step_is_taken_back_until_nothing_is_left(self, shop: World, proposed: Calibration) -> None:
        bot_update(bot=shop.bot, changes={"thresholds": {"answer": 0.9}})
        first = calibration_apply(calibration=proposed, by=None)
        second = calibration_apply(calibration=first, by=None, precision=0.85)
        calibration_undo(calibration=second, by=shop.editor)
        assert thresholds(shop.bot) == first.thresholds
        calibration_undo(calibration=first, by=shop.editor)
        assert thresholds(shop.bot) == {"answer": 0.9}
        assert calibration_current(shop.bot) is None
        assert set(Calibration.objects.values_list("state", "undone_by")) == {(State.UNDONE, shop.editor.pk)}

    def test_one_that_was_undone_can_be_applied_again(self, shop: World, proposed: Calibration) -> None:
        calibration_undo(calibration=calibration_apply(calibration=proposed, by=None), by=None)
        again = calibration_apply(calibration=proposed, by=None)
        assert (again.pk, again.state, again.undone_by) == (proposed.pk, State.APPLIED, None)

    def test_only_the_last_one_is_taken_back(self, shop: World, proposed: Calibration) -> None:
        first = calibration_apply(calibration=proposed, by=None)
        calibration_apply(calibration=first, by=None, precision=0.85)
        with pytest.raises(Conflict, match="applied last"):
            calibration_undo(calibration=first, by=None)

    def test_thresholds_that_somebody_set_by_hand_stay(self, shop: World, proposed: Calibration) -> None:
        applied = calibration_apply(calibration=proposed, by=None)
        shop.bot.refresh_from_db()
        bot_update(bot=shop.bot, changes={"thresholds": {"answer": 0.7}})
        assert standing(shop.bot).by_hand
        with pytest.raises(Conflict, match="by hand"):
            calibration_undo(calibration=applied, by=None)
        assert thresholds(shop.bot) == {"answer": 0.7}


class TestRenewing:
    def test_a_publish_makes_it_stale_and_the_job_renews_it_once(self, shop: World, proposed: Calibration) -> None:
        first = calibration_apply(calibration=proposed, by=None)
        assert calibrate_due() == 0
        publish_more(shop)
        assert standing(shop.bot).stale == ("knowledge",)
        assert [calibrate_due(), calibrate_due()] == [1, 0]
        current = calibration_current(shop.bot)
        assert current is not None
        assert (current.renews_id, current.version, current.previous) == (first.pk, 2, first.thresholds)
        assert Calibration.objects.count() == 2

    def test_other_models_make_it_stale(self, shop: World, proposed: Calibration) -> None:
        applied = calibration_apply(calibration=proposed, by=None)
        Calibration.objects.filter(pk=applied.pk).update(fingerprints={"ranker": "another@0"})
        shop.bot.refresh_from_db()
        assert standing(shop.bot).stale == ("models",)

    def test_without_known_questions_it_stays_and_is_shown_as_stale(self, shop: World, proposed: Calibration) -> None:
        calibration_apply(calibration=proposed, by=None)
        Calibration.objects.update(questions=[])
        publish_more(shop)
        assert [calibrate_due(), calibrate_due()] == [0, 0]
        assert standing(shop.bot).stale == ("knowledge",)
        assert Calibration.objects.count() == 1

    def test_what_cannot_be_proven_again_waits_for_somebody(self, shop: World, proposed: Calibration) -> None:
        applied = calibration_apply(calibration=proposed, by=None)
        Calibration.objects.update(questions=proposed.questions[:10])
        publish_more(shop)
        assert calibrate_due() == 1
        assert thresholds(shop.bot) == applied.thresholds
        assert Calibration.objects.latest("created_at").state == State.PROPOSED
        assert standing(shop.bot).stale == ("knowledge",)

    def test_a_step_back_is_not_renewed_behind_ones_back(self, shop: World, proposed: Calibration) -> None:
        first = calibration_apply(calibration=proposed, by=None)
        publish_more(shop)
        calibrate_due()
        renewed = calibration_current(shop.bot)
        assert renewed is not None
        calibration_undo(calibration=renewed, by=None)
        assert calibrate_due() == 0
        assert thresholds(shop.bot) == first.thresholds


class TestTheJob:
    def test_a_row_is_calculated_by_one_holder(self, shop: World) -> None:
        row = calibration_request(bot=shop.bot, by=None, precision=0.9)
        assert calibration_take(row)
        assert not calibration_take(row)
        assert calibrate_due() == 0
        Calibration.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert calibrate_due() == 1
        row.refresh_from_db()
        assert (row.state, row.lease_until) == (State.PROPOSED, None)

    def test_models_that_do_not_answer_are_waited_for_and_given_up(
        self, shop: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unavailable(*_args: Any, **_options: Any) -> None:
            raise Conflict("The models do not answer.")

        monkeypatch.setattr(calibrations, "replay", unavailable)
        row = calibration_request(bot=shop.bot, by=None, precision=0.9)
        assert calibrate_due() == 0
        row.refresh_from_db()
        assert row.state == State.WAITING
        long_ago = timezone.now() - timedelta(hours=1)
        Calibration.objects.update(created_at=long_ago, lease_until=long_ago)
        calibrate_due()
        row.refresh_from_db()
        assert (row.state, row.problem) == (State.FAILED, "models")


class TestTheCommand:
    def run(self, *arguments: object) -> str:
        out = io.StringIO()
        call_command("calibrate", *map(str, arguments), "--verbosity", "0", stdout=out)
        return out.getvalue()

    def test_it_says_what_it_found(self, shop: World, tmp_path: Path) -> None:
        text = self.run("shop", "--precision", "0.8", "--file", write_file(tmp_path / "q.jsonl"))
        assert f"Asked {MANY} known questions" in text
        assert "At 80% the bot answers" in text
        assert "Before: answered" in text
        assert thresholds(shop.bot) == {}

    def test_it_applies_and_speaks_json(self, shop: World, tmp_path: Path) -> None:
        file = write_file(tmp_path / "q.jsonl")
        data = json.loads(self.run("shop", "--precision", "0.8", "--file", file, "--apply", "--json"))
        assert (data["state"], data["proven"], data["n"]) == ("applied", True, MANY)
        assert data["after"]["answered"] > data["before"]["answered"]
        assert thresholds(shop.bot)["answer"] == data["thresholds"]["answer"]

    def test_it_fails_where_nothing_can_be_applied(self, shop: World) -> None:
        with pytest.raises(CommandError, match="label 118 more first"):
            self.run("shop", "--apply")

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            (['{"query": "怎么退货"}'], "Line 1"),
            (['{"query": "x", "gold": []}', '{"query": "y", "gold": ["没有的问题"]}'], "Line 2: .*没有的问题"),
            (["{"], "Line 1"),
        ],
    )
    def test_it_names_the_line_that_is_wrong(
        self, shop: World, tmp_path: Path, lines: Sequence[str], message: str
    ) -> None:
        file = tmp_path / "bad.jsonl"
        file.write_text("\n".join(lines), "utf-8")
        with pytest.raises(CommandError, match=message):
            self.run("shop", "--file", file)
        assert not Calibration.objects.exists()
