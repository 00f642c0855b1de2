"""The chat API as the contract has it, through HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client, override_settings

from apps.bots.services import bot_update
from apps.conversations.models import Conversation, Feedback, Message, Rating, Turn
from apps.knowledge.models import Entry
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_archive
from tests.apps.conversations.visitor import PREFIX, Visitor
from tests.people import World


def is_problem(response: Any, status: int) -> bool:
    body = response.json()
    return (
        response.status_code == status
        and response["Content-Type"] == "application/problem+json"
        and body["status"] == status
        and bool(body["detail"])
        and bool(body["code"])
    )


async def events_of(token: str, body: dict[str, Any]) -> tuple[int, list[tuple[str, Any]]]:
    """Post a message as a stream and read it to its end, all on one event loop as in the server."""
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    response = await AsyncClient().post(f"{PREFIX}/messages", body, content_type="application/json", headers=headers)
    if not response.streaming:
        return response.status_code, []
    text = b"".join([chunk async for chunk in response.streaming_content]).decode()
    frames = [frame.splitlines() for frame in text.split("\n\n") if "event: " in frame]
    return response.status_code, [(_field(frame, "event: "), json.loads(_field(frame, "data: "))) for frame in frames]


def _field(frame: list[str], name: str) -> str:
    return next(line.removeprefix(name) for line in frame if line.startswith(name))


class TestSessions:
    def test_it_greets_in_the_visitors_language(self, shop: World) -> None:
        profile = {"greeting": {"zh": "您好", "en": "Hello"}, "suggestions": {"zh": ["怎么退货"], "en": []}}
        bot_update(bot=shop.bot, changes={"profile": profile})
        zh, en = Visitor("shop").session["bot"], Visitor("shop", "en").session["bot"]
        assert (zh["greeting"], en["greeting"]) == ("您好", "Hello")
        assert [s["text"] for s in zh["suggestions"]] == ["怎么退货"]

    def test_a_greeting_suggestion_is_answered_when_pressed(self, shop: World) -> None:
        bot_update(bot=shop.bot, changes={"profile": {"suggestions": {"zh": ["怎么退货"]}}})
        visitor = Visitor("shop")
        answer = visitor.press(visitor.session["bot"]["suggestions"][0]["id"])
        assert (answer["outcome"], answer["replies"][0]["text"]) == ("answer", "在订单页点申请售后。")
        assert Message.objects.get(role="visitor").text == "怎么退货"

    def test_an_unknown_bot_is_not_found(self, shop: World) -> None:
        response = Client().post(f"{PREFIX}/sessions", {"bot": "none"}, content_type="application/json")
        assert is_problem(response, 404)

    def test_many_from_one_address_are_slowed_down(self, shop: World) -> None:
        with override_settings(SESSIONS_BURST=2):
            for _ in range(2):
                Visitor("shop")
            response = Client().post(f"{PREFIX}/sessions", {"bot": "shop"}, content_type="application/json")
        assert is_problem(response, 429)
        assert int(response["Retry-After"]) >= 1


class TestMessages:
    def test_a_published_question_is_answered_by_the_exact_stage(self, shop: World) -> None:
        answer = Visitor("shop").say("请问怎么退货呢？")
        assert answer["outcome"] == "answer"
        assert answer["state"] == "bot"
        reply = answer["replies"][0]
        assert (reply["type"], reply["route"], reply["confidence"]) == ("text", "exact", 1.0)
        assert (answer["message"]["seq"], reply["seq"]) == (1, 2)

    def test_an_unpublished_entry_is_not_answered(self, shop: World) -> None:
        from apps.knowledge.content import EntryContent
        from apps.knowledge.services import entry_save

        entry_save(bot=shop.bot, content=EntryContent("门店几点开门", "九点。"), by=shop.editor)
        assert Visitor("shop").say("门店几点开门")["outcome"] != "answer"

    def test_what_is_not_known_is_refused_with_ways_on(self, shop: World) -> None:
        answer = Visitor("shop").say("量子纠缠在火星上的葡萄种植补贴政策怎么申请")
        assert (answer["outcome"], answer["replies"][0]["route"]) == ("refuse", "fallback")
        assert "转人工" in [s["text"] for s in answer["replies"][0]["suggestions"]]

    def test_the_second_refusal_in_a_row_offers_a_person_first(self, shop: World) -> None:
        visitor = Visitor("shop")
        first, second = visitor.say("火星葡萄种植"), visitor.say("木星香蕉价格")
        assert first["replies"][0]["suggestions"][0]["text"] != "转人工"
        assert second["replies"][0]["suggestions"][0]["text"] == "转人工"

    def test_an_answer_between_refusals_starts_the_count_again(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("火星葡萄种植")
        visitor.say("怎么退货")
        assert visitor.say("木星香蕉价格")["replies"][0]["suggestions"][0]["text"] != "转人工"

    def test_the_same_client_id_gets_the_same_answer_and_no_second_message(self, shop: World) -> None:
        visitor = Visitor("shop")
        first, second = visitor.say("怎么退货", "same"), visitor.say("怎么退货", "same")
        assert first == second
        assert Message.objects.filter(role="visitor").count() == 1
        assert Turn.objects.count() == 1

    def test_two_visitors_may_use_the_same_client_id(self, shop: World) -> None:
        assert Visitor("shop").say("怎么退货", "same")["message"] != Visitor("shop").say("怎么退货", "same")["message"]

    @pytest.mark.parametrize(
        "text", ["😀😀😀", "\x00\x01怎么退货\u200b", "<script>alert(1)</script>", "\u202eabc", "？？？"]
    )
    def test_odd_text_gets_a_reply(self, shop: World, text: str) -> None:
        answer = Visitor("shop").say(text)
        assert answer["replies"][0]["text"]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"text": ""}, 422),
            ({"text": "  \n "}, 422),
            ({"text": "问" * 10_000}, 413),
            ({"text": "好", "pick": "x"}, 422),
            ({}, 422),
            ({"text": 5}, 422),
            ({"text": "好", "unknown": 1}, 422),
            ({"text": "好", "client_id": "x" * 65}, 422),
            ([], 422),
            ("{not json", 400),
            (b'{"text": "\xff\xfe"}', 400),
            (b"[" * 100_000, 400),
        ],
    )
    def test_bad_input_is_a_clear_problem_and_stores_nothing(self, shop: World, body: Any, status: int) -> None:
        response = Visitor("shop").call("post", "/messages", body)
        assert is_problem(response, status), response.content
        assert not Message.objects.exists()

    def test_a_visitor_who_writes_too_fast_is_told_when_to_go_on(self, shop: World) -> None:
        with override_settings(CHAT_BURST=3):
            visitor = Visitor("shop")
            for _ in range(3):
                visitor.say("怎么退货")
            response = visitor.call("post", "/messages", {"text": "怎么退货"})
        assert is_problem(response, 429)
        assert response["Retry-After"] == str(response.json()["retry_after"])
        assert Message.objects.filter(role="visitor").count() == 3

    def test_history_is_what_was_said_in_order(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("怎么退货")
        visitor.say("怎么换货")
        page = visitor.history()
        assert [m["role"] for m in page["messages"]] == ["visitor", "bot", "visitor", "bot"]
        assert [m["seq"] for m in page["messages"]] == [1, 2, 3, 4]
        assert page["last_seq"] == 4
        assert [m["seq"] for m in visitor.history(after=3)["messages"]] == [4]

    def test_the_trace_is_shown_only_where_the_bot_shows_it(self, shop: World) -> None:
        visitor = Visitor("shop")
        message = visitor.say("怎么退货")["replies"][0]["id"]
        assert is_problem(visitor.call("get", f"/messages/{message}/trace"), 404)
        bot_update(bot=shop.bot, changes={"shows_traces": True})
        trace = visitor.call("get", f"/messages/{message}/trace").json()
        assert [stage["name"] for stage in trace["stages"]] == ["normalise", "guard", "exact"]
        assert trace["versions"]["publication"] == 1


class TestTokens:
    @pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
    def test_a_wrong_token_is_refused(self, shop: World, token: str) -> None:
        visitor = Visitor("shop")
        visitor.token = token
        assert is_problem(visitor.call("get", "/messages"), 401)

    def test_an_expired_token_is_refused(self, shop: World) -> None:
        visitor = Visitor("shop")
        with override_settings(CHAT_TOKEN_DAYS=-1):
            assert is_problem(visitor.call("get", "/messages"), 401)

    def test_a_forgotten_conversation_is_closed_to_its_token(self, shop: World) -> None:
        visitor = Visitor("shop")
        assert visitor.call("delete", "/sessions").status_code == 204
        assert is_problem(visitor.call("post", "/messages", {"text": "好"}), 401)

    def test_a_token_opens_its_own_conversation_only(self, shop: World) -> None:
        mine, theirs = Visitor("shop"), Visitor("other")
        message = mine.say("怎么退货")["replies"][0]["id"]
        assert is_problem(theirs.call("get", f"/messages/{message}/trace"), 404)
        assert is_problem(theirs.call("post", f"/messages/{message}/feedback", {"value": "down"}), 404)
        assert theirs.history()["messages"] == []

    def test_a_customer_signed_by_the_bots_secret_is_known_again(self, shop: World) -> None:
        import jwt

        claims = {"sub": "u-42", "name": "林小姐", "exp": 4_000_000_000}
        token = jwt.encode(claims, shop.bot.secret, algorithm="HS256")
        Visitor("shop", user_token=token), Visitor("shop", user_token=token)
        assert {c.visitor.external_id for c in Conversation.objects.all()} == {"u-42"}

    @pytest.mark.parametrize("secret", ["another-secret-of-good-length-1234567", ""])
    def test_a_customer_signed_by_anybody_else_is_refused(self, shop: World, secret: str) -> None:
        import jwt

        algorithm = "HS256" if secret else "none"
        token = jwt.encode({"sub": "u-42", "exp": 4_000_000_000}, secret or None, algorithm=algorithm)
        body = {"bot": "shop", "user_token": token}
        assert is_problem(Client().post(f"{PREFIX}/sessions", body, content_type="application/json"), 422)


class TestPicks:
    def test_a_pick_from_a_list_is_an_answer_and_marks_the_list_as_useful(self, shop: World) -> None:
        bot_update(bot=shop.bot, changes={"thresholds": {"answer": 1.01, "list": 0.0001, "margin": 0.1}})
        visitor = Visitor("shop")
        listed = visitor.say("货怎么退呢这个")
        assert (listed["outcome"], listed["replies"][0]["type"]) == ("list", "list")
        chosen = next(s for s in listed["replies"][0]["suggestions"] if s["text"] == "怎么退货")
        answer = visitor.press(chosen["id"])
        assert (answer["outcome"], answer["replies"][0]["text"]) == ("answer", "在订单页点申请售后。")
        assert Turn.objects.get(outcome="list").picked_entry == Entry.objects.get(question="怎么退货").pk

    def test_a_pick_of_an_entry_taken_back_meanwhile_says_so(self, shop: World) -> None:
        bot_update(bot=shop.bot, changes={"profile": {"suggestions": {"zh": ["怎么退货"]}}})
        visitor = Visitor("shop")
        entry_archive(entry=Entry.objects.get(question="怎么退货"), by=shop.editor)
        publication_create(bot=shop.bot, by=shop.editor)
        answer = visitor.press(visitor.session["bot"]["suggestions"][0]["id"])
        assert answer["outcome"] == "refuse"
        assert "失效" in answer["replies"][0]["text"]

    def test_a_pick_made_for_another_conversation_or_forged_does_nothing(self, shop: World) -> None:
        bot_update(bot=shop.bot, changes={"profile": {"suggestions": {"zh": ["怎么退货"]}}})
        foreign = Visitor("shop").session["bot"]["suggestions"][0]["id"]
        for suggestion in (foreign, "forged", "a.b", foreign[:-2] + "AA", "é.ü"):
            answer = Visitor("shop").press(suggestion)
            assert answer["outcome"] == "refuse"
            assert "失效" in answer["replies"][0]["text"]


class TestOpinions:
    def test_feedback_is_stored_and_replaced(self, shop: World) -> None:
        visitor = Visitor("shop")
        message = visitor.say("怎么退货")["replies"][0]["id"]
        assert visitor.call("post", f"/messages/{message}/feedback", {"value": "up"}).status_code == 204
        body = {"value": "down", "reason": "没说运费"}
        assert visitor.call("post", f"/messages/{message}/feedback", body).status_code == 204
        assert [(f.value, f.reason) for f in Feedback.objects.all()] == [("down", "没说运费")]
        assert visitor.history()["messages"][1]["feedback"] == "down"

    def test_only_the_bots_replies_take_feedback(self, shop: World) -> None:
        visitor = Visitor("shop")
        message = visitor.say("怎么退货")["message"]["id"]
        assert is_problem(visitor.call("post", f"/messages/{message}/feedback", {"value": "up"}), 404)

    @pytest.mark.parametrize("body", [{"value": "maybe"}, {}, {"value": "up", "reason": "x" * 501}])
    def test_nonsense_feedback_is_refused(self, shop: World, body: dict[str, str]) -> None:
        visitor = Visitor("shop")
        message = visitor.say("怎么退货")["replies"][0]["id"]
        assert is_problem(visitor.call("post", f"/messages/{message}/feedback", body), 422)

    def test_a_rating_is_stored_once(self, shop: World) -> None:
        visitor = Visitor("shop")
        for score in (2, 5):
            assert visitor.call("post", "/rating", {"score": score, "comment": "好"}).status_code == 204
        assert [r.score for r in Rating.objects.all()] == [5]
        assert is_problem(visitor.call("post", "/rating", {"score": 6}), 422)


class TestHandoff:
    def test_asking_in_words_queues_the_conversation(self, shop: World) -> None:
        visitor = Visitor("shop")
        answer = visitor.say("转人工")
        assert (answer["outcome"], answer["state"]) == ("handoff", "queued")
        conversation = Conversation.objects.get(bot=shop.bot)
        assert (conversation.state, conversation.handoff_reason) == ("queued", "asked")
        assert [(t.source, t.target) for t in conversation.transitions.all()] == [("bot", "queued")]

    def test_the_button_gives_the_place_in_the_queue(self, shop: World) -> None:
        first, second = Visitor("shop"), Visitor("shop")
        assert first.call("post", "/handoff", {}).json() == {"state": "queued", "position": 1}
        assert second.call("post", "/handoff", {"reason": "急"}).json() == {"state": "queued", "position": 2}
        assert first.call("post", "/handoff", {}).json()["position"] == 1

    def test_the_button_says_where_one_stands_and_how_to_go_on(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.call("post", "/handoff", {})
        (note,) = visitor.history()["messages"]
        assert "第 1 位" in note["text"]
        assert visitor.press(note["suggestions"][0]["id"])["state"] == "bot"

    def test_the_bot_is_silent_while_a_person_is_awaited(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("转人工")
        answer = visitor.say("怎么退货")
        assert (answer["outcome"], answer["replies"][0]["route"]) == ("handoff", "human")
        assert "在订单页" not in answer["replies"][0]["text"]

    def test_the_visitor_may_go_on_with_the_bot(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("转人工")
        resume = visitor.say("还要多久")["replies"][0]["suggestions"][0]
        assert visitor.press(resume["id"])["state"] == "bot"
        assert visitor.say("怎么退货")["outcome"] == "answer"

    def test_a_message_to_a_closed_conversation_opens_it_for_the_bot(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("怎么退货")
        Conversation.objects.update(state="closed")
        assert visitor.say("怎么换货")["state"] == "bot"


class TestStream:
    def test_a_turn_is_streamed_as_events(self, shop: World) -> None:
        visitor = Visitor("shop")
        status, events = async_to_sync(events_of)(visitor.token, {"text": "怎么退货", "client_id": "one"})
        assert status == 200
        assert [name for name, _ in events] == ["stage", "stage", "stage", "delta", "reply", "done"]
        assert events[-1][1] == visitor.say("怎么退货", "one"), "the end of the stream is the answer of a plain POST"
        assert events[-2][1] == events[-1][1]["replies"][0]

    def test_a_refused_message_is_a_problem_not_a_stream(self, shop: World) -> None:
        assert async_to_sync(events_of)(Visitor("shop").token, {"text": ""}) == (422, [])
