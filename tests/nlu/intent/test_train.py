"""A model learns from a handful of sentences, with and without an encoder, and says the same every time."""

from __future__ import annotations

import pytest

from nlu.encode import ModelUnavailable
from nlu.intent.model import NluModel
from nlu.intent.train import train
from nlu.intent.types import OUT_OF_SCOPE, Example, SlotSpan
from tests.fakes.encoder import NgramEncoder
from tests.nlu.intent.sentences import example, examples

STRANGE = ("唱首歌给我听", "qwertz uiop", "🙂🙂", "", "今天晚上吃什么", "what a lovely song")


@pytest.fixture(scope="module")
def words() -> NluModel:
    """Trained without an encoder."""
    return train(examples(others=True))


@pytest.fixture(scope="module")
def vectors() -> NluModel:
    return train(examples(others=True), encoder=NgramEncoder())


@pytest.fixture(params=["words", "vectors"])
def model(request: pytest.FixtureRequest) -> NluModel:
    found: NluModel = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我的快递怎么还没到", "track"),
        ("訂一張北京飛成都的機票", "flight"),
        ("能不能给我开张发票", "invoice"),
        ("退款什么时候到账", "refund"),
        ("book me a flight to Rome", "flight"),
        ("is my parcel shipped", "track"),
    ],
)
def test_a_new_way_to_say_it_is_understood(model: NluModel, text: str, intent: str) -> None:
    assert model.parse(text).intents[0].name == intent


def test_chances_are_ordered_and_sum_to_one(model: NluModel) -> None:
    chances = [intent.probability for intent in model.parse("我要退款").intents]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) == pytest.approx(1.0, abs=1e-5)
    assert set(model.intents) == {"track", "flight", "invoice", "refund"}


def test_what_nobody_offers_is_out_of_scope(model: NluModel) -> None:
    inside = [model.parse(one.text).in_scope for one in examples()]
    assert sum(chance >= 0.5 for chance in inside) > 0.9 * len(inside)
    sure = [model.parse(text).in_scope for text in ("我的快递到哪里啦", "能开发票吗", "退款怎么还没到")]
    assert min(sure) > max(model.parse(text).in_scope for text in STRANGE)


def test_what_is_like_no_example_is_refused(words: NluModel) -> None:
    assert all(words.parse(text).in_scope < 0.5 for text in ("🙂🙂", "唱首歌吧", "今天晚上吃什么"))


def test_scope_needs_no_examples_out_of_scope() -> None:
    model = train(examples())
    assert model.parse("唱首歌吧").in_scope < 0.5 <= model.parse("我的快递到哪里啦").in_scope


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("订一张杭州到大连的机票", {("from", "杭州"), ("to", "大连")}),
        ("  訂一張從南京到西安的機票 ", {("from", "南京"), ("to", "西安")}),
        ("帮我查一下快递单号SF5556667778889", {("number", "SF5556667778889")}),
    ],
)
def test_slots_are_exact_spans_of_the_raw_text(model: NluModel, text: str, spans: set[tuple[str, str]]) -> None:
    slots = model.parse(text).slots
    assert {(slot.name, slot.text) for slot in slots} == spans
    assert all(text[slot.start : slot.end] == slot.text for slot in slots)


def test_a_slot_has_the_normal_form_of_its_kind(words: NluModel) -> None:
    found = {slot.name: slot.value for slot in words.parse("訂一張杭州到大連的機票").slots}
    assert found == {"from": {"city": "杭州", "en": "Hangzhou"}, "to": {"city": "大连", "en": "Dalian"}}


def test_a_value_that_an_example_gave_is_kept() -> None:
    marked = example("要[加急](speed)处理", "refund")
    slots = (type(marked.slots[0])("speed", 1, 3, "fast"),)
    model = train([*examples(), *[Example("要加急处理", "refund", slots)] * 3])
    assert model.parse("要加急处理").slots == (SlotSpan("speed", 1, 3, "加急", "fast"),)


def test_the_asked_slot_decides_what_a_bare_answer_is() -> None:
    cities = ("北京", "上海", "广州", "成都", "杭州", "西安", "深圳", "重庆", "南京", "厦门")
    answers = [example(f"[{city}]({slot})", "set", asked=slot) for city in cities for slot in ("from", "to")]
    model = train([*examples(), *answers])
    assert [slot.name for slot in model.parse("大连", asked="from").slots] == ["from"]
    assert [slot.name for slot in model.parse("大连", asked="to").slots] == ["to"]


def test_the_turn_before_counts() -> None:
    follow = [
        Example("好的", "yes", history=("确认提交吗",)),
        Example("好的", "thanks", history=("已经为您办好了",)),
    ] * 3
    model = train(follow)
    assert model.parse("好的", history=["请问确认提交吗"]).intents[0].name == "yes"
    assert model.parse("好的", history=["办好了"]).intents[0].name == "thanks"


def test_one_example_an_intent_is_enough() -> None:
    model = train([Example("我的快递到哪里了", "track"), Example("给我开一张发票", "invoice")])
    assert model.parse("开发票").intents[0].name == "invoice"
    assert model.parse("快递到了吗").intents[0].name == "track"


def test_few_examples_are_compared_and_many_are_fitted() -> None:
    assert train([Example("退款", "a"), Example("发票", "b")]).parse("退款").method == "neighbours"
    assert train(examples()).parse("退款").method in ("linear", "kernel")


@pytest.mark.parametrize(
    "given",
    [[], [Example("退款", "a")], [Example("退款", "a"), Example("钱", "a")], [Example("笑话", OUT_OF_SCOPE)]],
)
def test_fewer_than_two_intents_cannot_be_told_apart(given: list[Example]) -> None:
    with pytest.raises(ValueError, match="at least two intents"):
        train(given)


def test_one_intent_against_what_is_out_of_scope_can() -> None:
    known = [one for one in examples() if one.intent == "refund"]
    model = train([*known, *(one for one in examples(others=True) if one.intent == OUT_OF_SCOPE)])
    assert model.parse("申请退款").in_scope > model.parse("讲个笑话吧").in_scope


def test_texts_of_any_kind_are_read(model: NluModel) -> None:
    for text in ("", "   ", "?" * 5000, "退" * 5000, "\x00\ud800", "﷽" * 30):
        parse = model.parse(text)
        assert all(text[slot.start : slot.end] == slot.text for slot in parse.slots)


def test_the_same_examples_and_seed_give_the_same_model(words: NluModel) -> None:
    again = train(examples(others=True))
    assert again.fingerprint == words.fingerprint
    assert again.parse("订从北京到大连的机票") == words.parse("订从北京到大连的机票")
    assert train(examples()).fingerprint != words.fingerprint


def test_the_model_says_which_encoder_it_needs(words: NluModel, vectors: NluModel) -> None:
    assert (words.needs, vectors.needs) == ("", NgramEncoder().fingerprint)


def test_an_encoder_that_fails_is_told() -> None:
    encoder = NgramEncoder()
    model = train(examples(), encoder=encoder)
    encoder.down = True
    with pytest.raises(ModelUnavailable):
        model.parse("退款")
    with pytest.raises(ModelUnavailable):
        train(examples(), encoder=encoder)


def test_progress_tells_what_is_being_done() -> None:
    told: list[str] = []
    train(examples(), encoder=NgramEncoder(), progress=lambda what, _done, _total: told.append(what))
    assert told[0] == "encoding the examples"
    assert len(set(told)) > 3
