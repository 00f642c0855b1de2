"""One turn through the whole funnel: how it ends, what it remembers, what it says of itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.engine import Engine
from dialog.ports import RecallUnavailable
from dialog.texts import DEFAULTS
from dialog.types import Entry, Event, Outcome, Reply, Rule, StageEvent, State, Thresholds, Turn
from tests.dialog.samples import ENTRIES, NOW, PROFILE, press, publication, refused, respond, verdicts

TURN = Turn("", NOW)
SHARED = Engine.build(publication())
"""For hypothesis, which does not go with a fixture."""
OFF_TOPIC = "量子纠缠在火星上的葡萄种植补贴"
ALWAYS_LIST = replace(PROFILE, thresholds=Thresholds(answer=1.01, list=0.0))


def ended(reply: Reply) -> tuple[str, str]:
    return reply.outcome.value, reply.trace.route.value


def timeless(reply: Reply) -> Reply:
    """The reply without its milliseconds, the one thing that may differ between two equal turns."""
    stages = tuple(replace(stage, ms=0.0) for stage in reply.trace.stages)
    return replace(reply, trace=replace(reply.trace, stages=stages, ms=0.0))


class TestOutcomes:
    @pytest.mark.parametrize(
        ("text", "outcome", "route", "last_stage"),
        [
            ("请问怎么退货呢？", "answer", "exact", "exact"),
            ("你们的营业时间", "answer", "rule", "rules"),
            ("再不退就发律师函", "handoff", "rule", "rules"),
            ("转人工", "handoff", "rule", "rules"),
            ("带我去赌 博", "refuse", "guard", "guard"),
            ("我不想活了", "handoff", "guard", "guard"),
            (OFF_TOPIC, "refuse", "fallback", "arbiter"),
            ("😀！？", "refuse", "fallback", "normalise"),
            ("", "refuse", "fallback", "normalise"),
        ],
    )
    def test_how_a_message_ends(self, engine: Engine, text: str, outcome: str, route: str, last_stage: str) -> None:
        reply = respond(engine, text)
        assert ended(reply) == (outcome, route)
        assert reply.trace.stages[-1].name == last_stage
        assert reply.messages[0].text
        assert reply.messages[0].route == reply.trace.route

    def test_a_cheap_stage_keeps_the_dear_ones_out(self, engine: Engine) -> None:
        assert list(verdicts(respond(engine, "怎么退货"))) == ["normalise", "guard", "exact"]
        assert list(verdicts(respond(engine, OFF_TOPIC))) == ["normalise", "guard", "exact", "rules", "kb", "arbiter"]

    def test_a_word_to_note_only_is_noted(self, engine: Engine) -> None:
        reply = respond(engine, "垃圾店，怎么退货")
        assert verdicts(reply)["guard"] == "warn"
        assert reply.trace.route.value != "guard"

    def test_the_block_words_own_reply_or_the_bots(self, engine: Engine) -> None:
        assert respond(engine, "赌博").messages[0].text == "这个不能聊。"
        assert respond(engine, "色情").messages[0].text == DEFAULTS["blocked"]["zh"]

    def test_an_answer_is_the_entrys_and_names_it(self, engine: Engine) -> None:
        message = respond(engine, "咋退啊").messages[0]
        assert (message.text, message.entry_id, message.confidence) == ("在订单页点申请售后。", "return", 1.0)

    def test_a_close_wording_is_answered_or_offered_by_the_knowledge(self, engine: Engine) -> None:
        reply = respond(engine, "你们多久可以发货呀")
        assert reply.outcome in (Outcome.ANSWER, Outcome.LIST)
        assert reply.trace.route.value == "kb"
        assert next(s for s in reply.trace.stages if s.name == "kb").candidates[0].entry_id == "ship"


class TestLists:
    def test_a_list_shows_questions_and_the_way_to_a_person(self) -> None:
        reply = respond(Engine.build(publication(profile=ALWAYS_LIST)), "退货和换货")
        message = reply.messages[0]
        assert (reply.outcome, message.type, message.text) == (Outcome.LIST, "list", DEFAULTS["list_intro"]["zh"])
        *entries, person = message.choices
        assert {choice.pick.kind for choice in entries} == {"entry"}
        assert {"return", "exchange"} <= {choice.pick.value for choice in entries}
        assert len(entries) <= ALWAYS_LIST.list_size
        assert (person.text, person.pick.kind) == (DEFAULTS["none_of_these"]["zh"], "handoff")

    def test_pressing_an_offered_question_answers_it(self) -> None:
        engine = Engine.build(publication(profile=ALWAYS_LIST))
        offered = respond(engine, "退货和换货").messages[0].choices
        for choice in offered[:-1]:
            reply = engine.respond(replace(TURN, pick=choice.pick))
            assert (reply.outcome, reply.messages[0].entry_id) == (Outcome.ANSWER, choice.pick.value)


class TestPicks:
    def test_an_entry(self, engine: Engine) -> None:
        reply = press(engine, "entry", "exchange")
        assert ended(reply) == ("answer", "kb")
        assert (reply.messages[0].text, verdicts(reply)["pick"]) == ("在订单页点申请换货。", "entry")

    def test_an_entry_that_is_gone(self, engine: Engine) -> None:
        reply = press(engine, "entry", "gone")
        assert ended(reply) == ("refuse", "fallback")
        assert (reply.messages[0].text, verdicts(reply)["pick"]) == (DEFAULTS["stale_pick"]["zh"], "stale")

    def test_an_entry_that_is_not_valid_any_more(self) -> None:
        engine = Engine.build(publication(entries=(replace(ENTRIES[0], valid_to=NOW),)))
        assert press(engine, "entry", "return", now=NOW - timedelta(seconds=1)).outcome == Outcome.ANSWER
        reply = press(engine, "entry", "return")
        assert (ended(reply), verdicts(reply)["pick"]) == (("refuse", "fallback"), "stale")

    def test_a_wish_for_a_person(self, engine: Engine) -> None:
        reply = press(engine, "handoff")
        assert (reply.outcome, reply.handoff_reason) == (Outcome.HANDOFF, "asked")

    def test_a_text_to_say_is_answered_as_if_it_was_typed(self, engine: Engine) -> None:
        said = press(engine, "say", "怎么退货")
        assert (said.outcome, said.messages) == (Outcome.ANSWER, respond(engine, "怎么退货").messages)

    def test_a_second_press_on_going_on_with_the_bot(self, engine: Engine) -> None:
        reply = press(engine, "resume")
        assert (reply.outcome, reply.messages[0].text) == (Outcome.ANSWER, DEFAULTS["resumed"]["zh"])

    def test_a_pick_is_answered_in_the_visitors_language(self, engine: Engine) -> None:
        assert press(engine, "handoff", lang="en").messages[0].text == DEFAULTS["handoff"]["en"]


class TestDates:
    def test_an_entry_out_of_its_time_is_neither_answered_nor_offered(self) -> None:
        later = replace(ENTRIES[0], valid_from=NOW + timedelta(days=1))
        engine = Engine.build(publication(entries=(later, *ENTRIES[1:]), profile=ALWAYS_LIST))
        for text in ("怎么退货", "我要退货"):
            reply = respond(engine, text)
            assert "return" not in [c.pick.value for m in reply.messages for c in m.choices]
            assert "return" not in [m.entry_id for m in reply.messages]
        assert respond(engine, "怎么退货", now=NOW + timedelta(days=1)).messages[0].entry_id == "return"

    def test_a_refusal_offers_only_what_can_be_answered_now(self) -> None:
        gone = tuple(replace(e, valid_to=NOW) if e.id == "ship" else e for e in ENTRIES)
        engine = Engine.build(publication(entries=gone))
        before, after = respond(engine, OFF_TOPIC, now=NOW - timedelta(days=1)), respond(engine, OFF_TOPIC)
        assert [c.pick.value for c in before.messages[0].choices] == ["ship", "invoice", ""]
        assert [c.pick.value for c in after.messages[0].choices] == ["invoice", ""]


class TestRefusals:
    def test_the_first_offers_questions_first_and_names_the_topics(self, engine: Engine) -> None:
        reply = respond(engine, OFF_TOPIC)
        assert "售后" in reply.messages[0].text
        assert "{topics}" not in reply.messages[0].text
        assert [c.pick.kind for c in reply.messages[0].choices] == ["entry", "entry", "handoff"]
        assert reply.state == State(refusals=1)

    def test_the_second_in_a_row_offers_a_person_first(self, engine: Engine) -> None:
        reply = respond(engine, OFF_TOPIC, state=refused(1))
        assert reply.messages[0].text == DEFAULTS["refuse_again"]["zh"]
        assert reply.messages[0].choices[0].pick.kind == "handoff"
        assert reply.state == State(refusals=2)

    @pytest.mark.parametrize("text", ["怎么退货", "你们的营业时间", "转人工", "带我去赌博"])
    def test_whatever_else_happens_ends_the_row(self, engine: Engine, text: str) -> None:
        assert respond(engine, text, state=refused(1)).state == State(refusals=0)

    def test_a_message_without_words_counts_and_has_its_own_text(self, engine: Engine) -> None:
        reply = respond(engine, "？？？", state=refused(3))
        assert (reply.messages[0].text, reply.state.refusals) == (DEFAULTS["no_words"]["zh"], 4)

    def test_a_bot_that_knows_nothing_still_helps(self) -> None:
        reply = respond(Engine.build(publication(entries=(), rules=(), words=())), "怎么退货")
        assert reply.outcome == Outcome.REFUSE
        assert DEFAULTS["general_topics"]["zh"] in reply.messages[0].text
        assert [c.pick.kind for c in reply.messages[0].choices] == ["handoff"]


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "lang", "says"),
        [
            ("a vineyard subsidy on Mars", None, "en"),
            (OFF_TOPIC, None, "zh"),
            ("Mars 上的葡萄补贴", None, "zh"),
            ("a vineyard subsidy on Mars", "zh", "en"),
            (OFF_TOPIC, "en", "zh"),
            ("🌋 123", "en", "en"),
            ("???", "en", "en"),
        ],
    )
    def test_the_bots_own_texts_follow_the_message(self, engine: Engine, text: str, lang: Any, says: str) -> None:
        choices = respond(engine, text, lang=lang).messages[0].choices
        assert choices[-1].text == DEFAULTS["offer_person"][says]  # type: ignore[index]

    def test_an_english_question_gets_the_english_entry(self, engine: Engine) -> None:
        assert respond(engine, "How do I return an item").messages[0].entry_id == "return-en"

    def test_an_english_refusal_offers_english_questions(self, engine: Engine) -> None:
        assert [c.pick.value for c in respond(engine, "subsidy on Mars").messages[0].choices] == ["return-en", ""]


class BrokenRecall:
    """A recall engine that cannot be reached."""

    def search(self, words: object, bigrams: object, *, limit: int, vector: object = None) -> Any:
        raise RecallUnavailable("connection refused")


class TestDegraded:
    @pytest.fixture
    def broken(self, engine: Engine) -> Engine:
        index = replace(engine.index, recall=BrokenRecall())
        return replace(engine, index=index, _bot=replace(engine._bot, index=index))

    def test_without_recall_it_refuses_and_says_why(self, broken: Engine) -> None:
        reply = respond(broken, "你们多久可以发货呀")
        assert ended(reply) == ("refuse", "fallback")
        assert reply.trace.degraded == ("kb_unavailable",)
        kb = next(stage for stage in reply.trace.stages if stage.name == "kb")
        assert (kb.verdict, kb.detail["error"]) == ("unavailable", "connection refused")

    def test_what_needs_no_recall_is_answered_as_ever(self, broken: Engine) -> None:
        reply = respond(broken, "怎么退货")
        assert (reply.outcome, reply.trace.degraded) == (Outcome.ANSWER, ())


class TestTrace:
    def test_it_holds_the_rejected_candidates_beside_the_thresholds(self) -> None:
        engine = Engine.build(publication(profile=replace(PROFILE, thresholds=Thresholds(answer=1.0, list=1.0))))
        reply = respond(engine, "退货要钱不")
        kb = next(stage for stage in reply.trace.stages if stage.name == "kb")
        assert reply.outcome == Outcome.REFUSE
        assert "return" in [c.entry_id for c in kb.candidates]
        assert kb.thresholds == Thresholds(answer=1.0, list=1.0)

    def test_it_names_the_versions(self, engine: Engine) -> None:
        versions = respond(engine, "怎么退货").trace.versions
        assert versions["publication"] == 3
        assert "@" in str(versions["ranker"])

    def test_a_handoff_names_its_reason(self, engine: Engine) -> None:
        reasons = {text: respond(engine, text).handoff_reason for text in ("转人工", "律师函", "想死", "怎么退货")}
        assert reasons == {"转人工": "asked", "律师函": "rule", "想死": "risk", "怎么退货": ""}

    def test_the_stream_hears_of_each_stage_in_order(self, engine: Engine) -> None:
        heard: list[Event] = []
        reply = engine.respond(replace(TURN, text=OFF_TOPIC), heard.append)
        assert heard == [StageEvent(s.name, s.verdict, s.ms) for s in reply.trace.stages]

    def test_times_are_measured_by_the_engines_clock(self, engine: Engine) -> None:
        ticks = iter(range(1_000))
        trace = respond(replace(engine, _clock=lambda: float(next(ticks))), "怎么退货").trace
        assert [stage.ms for stage in trace.stages] == [1_000.0] * 3
        assert trace.ms == 7_000.0


TEXTS = (
    "怎么退货",
    "退货要钱不",
    "我要换货",
    "转人工",
    "赌博",
    OFF_TOPIC,
    "how to return",
    "😀",
    "你们的营业时间",
    "开票和发货",
)


class TestReplay:
    @pytest.mark.parametrize("text", TEXTS)
    def test_the_same_turn_gives_the_same_reply(self, engine: Engine, text: str) -> None:
        assert timeless(respond(engine, text)) == timeless(respond(engine, text))

    def test_a_rebuilt_engine_gives_the_same_reply(self, engine: Engine) -> None:
        for rebuilt in (Engine.build(publication()), Engine.build(publication(), engine)):
            for text in TEXTS:
                assert timeless(respond(rebuilt, text)) == timeless(respond(engine, text))

    def test_it_is_the_same_in_eight_threads(self, engine: Engine) -> None:
        expected = {text: timeless(respond(engine, text)) for text in TEXTS}
        turns = [TEXTS[i % len(TEXTS)] for i in range(200)]
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda text: timeless(respond(engine, text)), turns))
        assert replies == [expected[text] for text in turns]

    def test_a_build_from_the_one_before_knows_what_changed(self, engine: Engine) -> None:
        changed = (Entry("return", "怎么退货", "打电话来。"), Entry("new", "门店在哪", "在杭州。"))
        rebuilt = Engine.build(publication(version=4, entries=changed, rules=(), words=()), engine)
        assert respond(rebuilt, "怎么退货").messages[0].text == "打电话来。"
        assert respond(rebuilt, "门店在哪").messages[0].entry_id == "new"
        assert respond(rebuilt, "怎么换货").outcome != Outcome.ANSWER
        assert respond(rebuilt, "赌博").trace.route.value != "guard"
        assert respond(engine, "怎么退货").messages[0].text == "在订单页点申请售后。"


def test_a_pattern_that_is_no_re2_stops_the_build() -> None:
    with pytest.raises(ValueError, match="Look-around"):
        Engine.build(publication(rules=(Rule("x", "x", "pattern", ("(?=a)b",)),)))


@settings(max_examples=150, deadline=2_000)
@given(text=st.text(max_size=400), state=st.integers(0, 5))
def test_whatever_a_visitor_writes_gets_a_reply(text: str, state: int) -> None:
    reply = respond(SHARED, text, state=refused(state))
    assert reply.messages
    assert all(message.text for message in reply.messages)
    assert 0.0 <= reply.trace.confidence <= 1.0


@given(kind=st.sampled_from(["entry", "say", "handoff", "resume"]), value=st.text(max_size=50))
def test_whatever_a_press_carries_gets_a_reply(kind: str, value: str) -> None:
    assert press(SHARED, kind, value).messages[0].text
