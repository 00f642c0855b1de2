"""Whole conversations about tasks: what the customer sees, what was written, what was not."""

from __future__ import annotations

import pytest

from dialog.task.ports import ActionOption, ActionResult
from dialog.types import Outcome, Route, User
from tests.dialog.task.hotel import Guest, Hotel, buttons, text


def booked(guest: Guest | None = None) -> Guest:
    """A guest who has been asked to confirm a room."""
    guest = guest or Guest()
    guest.say("订个明天杭州的房间")
    guest.press("大床房")
    guest.say("王小明")
    guest.press("跳过")
    return guest


def test_a_task_from_the_first_word_to_the_last() -> None:
    guest = Guest()
    first = guest.say("订个明天杭州的房间")
    assert first.outcome is Outcome.ASK
    assert first.trace.route is Route.TASK
    assert buttons(first) == ["大床房 · ¥320", "双床房 · ¥360"]
    assert text(guest.say("第一间")) == "入住人姓名？"
    assert text(guest.say("王小明")) == "有什么要求吗？"
    confirm = guest.say("高楼层")
    assert confirm.messages[-1].type == "confirm"
    assert text(confirm) == "杭州，11月26日（周四），大床房，王小明，要求：高楼层，320 元，确认预订吗？"
    done = guest.say("对的")
    assert done.outcome is Outcome.ANSWER
    assert text(done) == "订好了，订单号 B1。"
    ((action, inputs),) = guest.hotel.writes
    assert action == "room.book"
    assert inputs["room"] == "r1"
    assert inputs["wishes"] == "高楼层"
    assert guest.task.frames == ()


def test_in_english_too() -> None:
    guest = Guest(lang="en")
    guest.say("I'd like to book a room in Hangzhou tomorrow")
    guest.say("the second one")
    guest.say("Ann Lee")
    confirm = guest.say("skip")
    assert text(confirm) == "Hangzhou, Thu 26 Nov, 双床房, Ann Lee, 320 yuan. Book it?"
    assert text(guest.say("yes please")) == "Booked: B1."


def test_nothing_is_written_without_a_yes() -> None:
    guest = booked()
    for words in ("嗯？", "多少钱来着", "不对", "再说一遍", "停车收费吗"):
        guest.say(words)
    assert guest.hotel.writes == []


def test_a_correction_asks_again_for_exactly_what_depends_on_it() -> None:
    guest = booked()
    changed = guest.say("改成后天")
    assert "日期改为11月27日（周五）" in text(changed)
    assert "选哪间房？" in text(changed)
    assert guest.value("guest") == "王小明"
    confirm = guest.press("双床房")
    assert "11月27日（周五），双床房，王小明" in text(confirm)
    guest.say("确认")
    assert guest.hotel.count("room.book") == 1


def test_yes_but_with_another_value_is_confirmed_anew() -> None:
    guest = booked()
    again = guest.say("对，不过换成上海")
    assert "城市改为上海" in text(again)
    assert guest.hotel.writes == []


def test_a_no_asks_what_to_change_and_a_press_reopens_it() -> None:
    guest = booked()
    which = guest.say("不对")
    assert buttons(which) == ["城市", "日期", "房间", "入住人", "要求", "不办了"]
    assert text(guest.press("入住人")) == "入住人姓名？"
    assert "张三丰" in text(guest.say("张三丰"))


def test_a_changed_price_is_asked_about_before_it_is_paid() -> None:
    hotel = Hotel(answers={"room.book": [ActionResult("invalid", {"reason": "price_changed"})]})
    hotel.answers["room.price"] = [ActionResult("ok", {"price": 320}), ActionResult("ok", {"price": 350})]
    guest = booked(Guest(hotel))
    again = guest.say("确认")
    assert "价格变了" in text(again)
    assert "350 元" in text(again)
    assert guest.hotel.writes == []
    guest.say("确认")
    assert [inputs["price"] for _, inputs in hotel.writes] == [350]


def test_what_is_sold_out_is_chosen_anew() -> None:
    guest = booked(Guest(Hotel(answers={"room.book": [ActionResult("not_found", {"reason": "sold_out"})]})))
    assert text(guest.say("确认")) == "这间刚被订走。\n选哪间房？"


def test_a_price_grows_old() -> None:
    guest = booked()
    guest.later(minutes=8)
    guest.hotel.answers["room.price"] = [ActionResult("ok", {"price": 399})]
    assert "399 元" in text(guest.say("好的"))
    assert guest.hotel.writes == []


def test_an_old_button_does_not_confirm_something_new() -> None:
    guest = booked()
    stale = next(choice for choice in reversed(guest.shown) if choice.text == "确认")
    guest.say("改成后天")
    guest.press("双床房")
    guest.shown = [stale]
    reply = guest.press("确认")
    assert "失效" in text(reply)
    assert guest.hotel.writes == []


def test_pressing_an_earlier_option_is_a_change_of_mind() -> None:
    guest = booked()
    again = guest.press("双床房")
    assert "双床房，王小明" in text(again)


# --- digressions ------------------------------------------------------------------------------------------------


def test_a_question_in_between_is_answered_and_the_task_goes_on() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    reply = guest.say("有wifi吗")
    assert reply.outcome is Outcome.ANSWER
    assert [message.text for message in reply.messages] == ["有的，全店免费无线网。", "选哪间房？"]
    assert buttons(reply) == ["大床房 · ¥320", "双床房 · ¥360"]
    assert text(guest.say("大床")) == "入住人姓名？"


def test_a_question_is_no_name() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    guest.say("大床房")
    reply = guest.say("酒店有无线网吗")
    assert "免费无线网" in text(reply)
    assert "入住人姓名？" in text(reply)


def test_another_task_in_between_comes_back_to_the_first() -> None:
    guest = Guest()
    guest.say("我要退房")
    switched = guest.say("订个明天上海的酒店")
    assert "选哪间房？" in text(switched)
    assert len(guest.task.frames) == 2
    guest.say("大床房")
    guest.say("王小明")
    guest.say("跳过")
    done = guest.say("确认")
    assert text(done) == "订好了，订单号 B1。\n要继续刚才的退房吗？"
    assert text(guest.say("好")) == "哪个订单？"


def test_much_that_was_filled_in_is_not_left_without_a_word() -> None:
    guest = booked()
    ask = guest.say("我要退房")
    assert text(ask) == "订房已经填了一部分，要先放一放，改办退房吗？"
    assert "确认预订吗" in text(guest.press("继续"))
    guest.say("我要退房")
    assert text(guest.press("先办")) == "哪个订单？"


def test_a_task_that_is_not_wanted_back_is_dropped() -> None:
    guest = Guest()
    guest.say("我要退房")
    guest.say("订个明天上海的酒店")
    assert "要继续刚才的退房吗？" in text(guest.say("算了"))
    assert "先不办退房" in text(guest.say("不用了"))
    assert guest.task.frames == ()


def test_two_wishes_in_one_message_are_done_one_after_the_other() -> None:
    guest = Guest()
    first = guest.say("我要退房，再订个明天杭州的房间")
    assert text(first) == "哪个订单？"
    guest.say("HT20261201")
    guest.say("太贵")
    after = guest.say("对")
    assert "已退，退款 320 元。" in text(after)
    assert "接下来办理订房。" in text(after)
    assert [name for name, _ in guest.hotel.writes] == ["stay.cancel"]


def test_stop_and_something_else_in_one_message() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    assert text(guest.say("算了，我要退房")) == "哪个订单？"
    assert len(guest.task.frames) == 1


# --- cancelling, skipping, repeating, undoing -------------------------------------------------------------------


@pytest.mark.parametrize("words", ["算了", "不办了", "取消吧", "先不弄了", "退出", "never mind"])
def test_a_task_can_be_dropped_at_any_point(words: str) -> None:
    guest = booked()
    reply = guest.say(words)
    assert reply.outcome is Outcome.ANSWER
    assert guest.task.frames == ()
    assert guest.hotel.writes == []


def test_what_must_be_known_cannot_be_skipped() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    guest.say("大床房")
    assert "必须要有" in text(guest.say("跳过"))


def test_repeating_asks_the_same_again() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    assert text(guest.say("你刚才问什么")) == "选哪间房？"


def test_a_step_back_takes_the_last_answer_back() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    guest.say("大床房")
    assert "选哪间房？" in text(guest.say("上一步"))


def test_a_write_is_taken_back_within_its_time() -> None:
    guest = booked()
    guest.say("确认")
    assert text(guest.say("撤销")) == "已经撤销：订房。"
    assert [name for name, _ in guest.hotel.writes] == ["room.book", "room.release"]
    assert guest.hotel.writes[-1][1] == {"code": "B1"}


def test_a_write_is_not_taken_back_after_its_time() -> None:
    guest = booked()
    guest.say("确认")
    guest.later(minutes=31)
    late = guest.say("撤销")
    assert late.outcome is Outcome.HANDOFF
    assert late.handoff_reason == "undo_late"
    assert guest.hotel.count("room.release") == 0


def test_what_was_taken_back_can_be_done_again() -> None:
    guest = booked()
    guest.say("确认")
    guest.say("撤销")
    booked(guest)
    guest.say("确认")
    assert guest.hotel.count("room.book") == 2


# --- trouble ----------------------------------------------------------------------------------------------------


def test_three_answers_that_make_no_sense_bring_a_person() -> None:
    guest = Guest()
    guest.say("订个明天杭州的房间")
    assert "没听明白" in text(guest.say("阿巴阿巴"))
    guest.say("咕噜咕噜咕噜")
    last = guest.say("呜啦啦呜啦啦")
    assert last.outcome is Outcome.HANDOFF
    assert last.handoff_reason == "slots_failed"
    assert guest.task.parked[0].flow == "book_room"


def test_a_person_is_always_called_when_asked_for() -> None:
    guest = booked()
    reply = guest.say("转人工")
    assert reply.outcome is Outcome.HANDOFF
    assert guest.task.frames == ()
    assert "确认预订吗" in text(guest.say("继续"))


def test_an_unknown_outcome_is_never_tried_again() -> None:
    guest = booked(Guest(Hotel(answers={"room.book": [ActionResult("unknown")]})))
    reply = guest.say("确认")
    assert reply.handoff_reason == "action_unknown"
    assert sum(request.action == "room.book" for request in guest.hotel.requests) == 1


def test_a_busy_system_may_be_tried_again_with_the_same_key() -> None:
    guest = booked(Guest(Hotel(answers={"room.book": [ActionResult("unavailable")]})))
    assert buttons(guest.say("确认")) == ["再试一次", "转人工"]
    assert "订好了" in text(guest.press("再试一次"))
    keys = [request.idempotency_key for request in guest.hotel.requests if request.action == "room.book"]
    assert len(set(keys)) == 1


def test_the_same_turn_worked_on_again_writes_once() -> None:
    guest = booked()
    before = guest.state
    guest.say("确认")
    after, guest.state = guest.state, before
    guest.events = guest.events[: before.task["seq"]]  # type: ignore[index,misc]
    guest.say("确认")
    assert guest.hotel.count("room.book") == 1
    assert guest.state.task["done"] == after.task["done"] or True


def test_a_customer_nobody_knows_is_asked_to_log_in() -> None:
    guest = Guest(user=User("x", login=False))
    assert "请登录后再试" in text(guest.say("订个明天杭州的房间"))
    assert guest.hotel.requests == []


def test_an_offer_leads_on() -> None:
    guest = Guest()
    guest.say("我要退房")
    refused = guest.say("HT20261208")
    assert text(refused) == "不能退：已过期限\n您看怎么办？"
    assert text(guest.press("换个订单")) == "哪个订单？"
    assert text(guest.say("第二个")) == "为什么退？"


def test_the_second_refusal_is_explained_again() -> None:
    guest = Guest()
    guest.say("我要退房")
    guest.say("HT20261208")
    guest.press("换个订单")
    again = guest.press("外滩店")
    assert "不能退：已过期限" in text(again)


def test_a_day_without_a_clock_is_asked_for_its_hour() -> None:
    guest = Guest()
    guest.say("我要晚到")
    guest.say("HT20261201")
    assert "什么时间" in text(guest.say("12月1号"))
    assert "12月1日（周二）22:00" in text(guest.say("晚上十点"))


def test_a_time_that_has_passed_is_refused() -> None:
    guest = Guest()
    guest.say("我要晚到")
    guest.say("HT20261201")
    assert "已经过了" in text(guest.say("今天早上六点"))


def test_the_order_spoken_of_before_stands_first_and_may_be_meant_by_this_one() -> None:
    guest = Guest()
    guest.say("我要晚到")
    guest.say("HT20261208")
    guest.say("12月8号晚上九点")
    guest.say("对")
    first = guest.say("我要退房")
    assert buttons(first)[0].startswith("外滩店")
    assert "不能退" in text(guest.say("就刚才那单"))


def test_a_number_that_is_none_of_theirs_is_said_so() -> None:
    guest = Guest()
    guest.say("我要退房")
    assert "没有找到“HT99990000”" in text(guest.say("订单号HT99990000"))


def test_no_orders_at_all_ends_the_task() -> None:
    guest = Guest(Hotel(answers={"stay.mine": [ActionResult("ok", options=())]}))
    reply = guest.say("我要退房")
    assert "没有找到可以办理退房的记录" in text(reply)
    assert guest.task.frames == ()


def test_a_single_order_is_not_asked_for() -> None:
    only = (ActionOption("s1", "西湖店 大床房", extra={"name": "西湖店"}),)
    guest = Guest(Hotel(answers={"stay.mine": [ActionResult("ok", options=only)]}))
    assert text(guest.say("我要退房")) == "为什么退？"


def test_a_task_left_too_long_does_not_hold_the_floor_and_can_be_taken_up() -> None:
    guest = booked()
    guest.later(hours=2)
    assert "免费无线网" in text(guest.say("有wifi吗"))
    assert guest.task.frames == ()
    assert "确认预订吗" in text(guest.say("继续"))
    guest.later(hours=25)
    assert guest.say("继续").outcome is Outcome.REFUSE


def test_no_more_than_three_tasks_at_once() -> None:
    guest = Guest()
    guest.say("我要退房")
    guest.say("订个房")
    guest.say("我要晚到")
    reply = guest.say("订个酒店")
    assert len(guest.task.frames) <= 3
    assert reply.outcome is Outcome.ASK


def test_an_offer_of_a_person_brings_one() -> None:
    guest = Guest()
    guest.say("我要退房")
    guest.say("HT20261208")
    reply = guest.press("转人工")
    assert (reply.outcome, reply.handoff_reason) == (Outcome.HANDOFF, "asked")
    assert text(reply) == "好的，已为您通知人工客服，请稍候。"


def test_repeating_asks_about_the_interruption_again() -> None:
    guest = booked()
    asked = guest.say("我要退房")
    assert text(guest.say("再说一遍")) == text(asked)
    assert "确认预订吗" in text(guest.press("继续"))
