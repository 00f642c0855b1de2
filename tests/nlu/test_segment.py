"""Tables of text to tokens."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.normalize import normalise
from nlu.segment import Segmenter, cut, stem, warm_up
from nlu.synonyms import Synonyms, base_groups
from nlu.view import Analyzer

WORDS = [
    ("怎么修改收货地址", "怎么 修改 收货 地址"),
    ("退换货的运费谁承担", "退换 换货 退换货 运费 谁 承担"),
    ("信用卡还不上了", "信用 信用卡 还 不"),
    ("how do i cancel my orders", "how cancel order"),
    ("iphone15 充不进电", "iphone15 充 不 进 电"),
    ("满200减30", "满 200 减 30"),
    ("的了吗", "的 了 吗"),
    ("!?", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_search_words(text: str, words: str) -> None:
    assert " ".join(Segmenter().words(text)) == words


def test_terms_are_kept_whole() -> None:
    segmenter = Segmenter(["小钱包", "credit card", "花呗"])
    assert segmenter.words("小钱包开通花呗") == ("小钱包", "开通", "花呗")
    assert segmenter.words("lost credit card") == ("lost", "credit_card")


def test_shipped_terms_mend_the_dictionary() -> None:
    assert "退货" not in Segmenter().words("退货运费")
    assert Analyzer().view("退货运费").words == ("退货", "运费")


def test_a_single_character_is_no_term() -> None:
    assert "检查" in Segmenter(["查"]).words("检查一下")


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("退货运费", "退货 货运 运费"),
        ("退 货", "退 货"),
        ("iphone 15 退货", "iphone 15 退货"),
        ("3.5折", "3.5 折"),
        ("", ""),
    ],
)
def test_bigrams(text: str, pairs: str) -> None:
    assert " ".join(Segmenter().bigrams(text)) == pairs


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_token_is_empty_or_holds_white_space(raw: str) -> None:
    text = normalise(raw).text
    segmenter = Segmenter(["credit card"])
    for token in (*segmenter.words(text), *segmenter.bigrams(text)):
        assert token
        assert not any(char.isspace() for char in token)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="怎么修改收货地址信用卡还款abc 12?", max_size=30))
def test_cutting_leaves_nothing_out(text: str) -> None:
    assert "".join(cut(text)) == text


def test_the_cut_is_the_one_of_the_dictionary() -> None:
    import jieba

    tokenizer = jieba.Tokenizer()
    for text in (
        "如何办理信用卡分期还款",
        "我的快递为什么还没有到",
        "会员积分可以兑换优惠券",
        "手机屏幕碎了保修期内能免费换新",
    ):
        assert cut(text) == tokenizer.lcut(text, HMM=False)


def test_warming_up_from_many_threads_is_safe() -> None:
    threads = [threading.Thread(target=warm_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Segmenter().words("修改地址") == ("修改", "地址")


@pytest.mark.parametrize(
    ("word", "stemmed"), [("orders", "order"), ("cancelling", "cancel"), ("退货", "退货"), ("a12", "a12"), ("is", "is")]
)
def test_stems(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


GROUPS = [("小钱包", "零钱包", "零钱"), ("credit card", "plastic card"), ("退款", "返款", "退钱"), ("退钱", "还钱给我")]


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("零钱包怎么开通", "小钱包怎么开通"),
        ("零钱怎么开通", "小钱包怎么开通"),
        ("lost my plastic cards", "lost my credit card"),
        ("plastic cardholder", "plastic cardholder"),
        ("还钱给我", "退款"),
        ("发票", "发票"),
    ],
)
def test_synonyms_are_replaced(text: str, rewritten: str) -> None:
    assert Synonyms(GROUPS).rewrite(text)[0] == rewritten


def test_replacements_are_named() -> None:
    assert Synonyms(GROUPS).rewrite("零钱包返款")[1] == (("零钱包", "小钱包"), ("返款", "退款"))
    assert Synonyms(GROUPS).rewrite("小钱包退款")[1] == ()


def test_canonical_words() -> None:
    synonyms = Synonyms([("refund", "reimbursement"), ("查", "看看")])
    assert synonyms.canonical("reimburs") == "refund"
    assert synonyms.canonical("看看") == "查"
    assert synonyms.canonical("发票") == "发票"


def test_groups_of_one_word_or_none_do_nothing() -> None:
    assert Synonyms([("退款",), (), ("", "退货")]).mapping == {}


def test_question_and_entry_meet_on_the_same_tokens() -> None:
    analyzer = Analyzer((*base_groups(), *GROUPS))
    for left, right in [
        ("零钱包如何开通", "小钱包怎么开通"),
        ("咋返款", "怎么退款"),
        ("plastic card lost", "credit cards lost"),
    ]:
        assert analyzer.raw_view(left).words == analyzer.raw_view(right).words
