"""Rules: each kind, the order they are tried in, and the plain wish for a person that every bot honours."""

from __future__ import annotations

import pytest

from dialog.rules import KIND_ORDER, RuleBook, contains_phrase
from dialog.types import Rule, RuleKind
from nlu.normalize import normalise


def rule(kind: RuleKind, *patterns: str, name: str = "", priority: int = 100) -> Rule:
    return Rule(name or kind, name or kind, kind, patterns, reply="好", priority=priority)


def fits(book: RuleBook, text: str) -> str | None:
    """The name of the rule that fits."""
    found = book.match(normalise(text))
    return found.rule.name if found else None


@pytest.mark.parametrize(
    ("kind", "patterns", "text", "expected"),
    [
        ("exact", ("营业时间",), "营业时间", True),
        ("exact", ("营业时间",), "请问營業時間？？", True),
        ("exact", ("营业时间",), "营业时间是几点", False),
        ("exact", ("Opening Hours",), "opening hours!", True),
        ("keyword", ("律师函",), "等着收律师函吧", True),
        ("keyword", ("律师函",), "律师的函", False),
        ("keyword", ("app",), "打开app看", True),
        ("keyword", ("app",), "happy apple", False),
        ("keyword", ("12315",), "我打12315", True),
        ("keyword", ("12315",), "订单 9123150", False),
        ("keyword", ("12315",), "订单 9123150，再不理就打 12315", True),
        ("keywords", ("客服", "验证码"), "验证码是客服要的", True),
        ("keywords", ("客服", "验证码"), "收不到验证码", False),
        ("keywords", (), "什么都行", False),
        ("fuzzy", ("请尽快处理这件事情",), "请尽快处理这个事情", True),
        ("fuzzy", ("请尽快处理这件事情",), "事情已经处理好了", False),
        ("pattern", ("^退.{0,2}货$",), "退 个货", True),
        ("pattern", ("^退.{0,2}货$",), "退货吗？", True),
        ("pattern", ("^退.{0,2}货$",), "怎么退货", False),
        ("pattern", (r"\bRefund\b",), "my REFUND please", True),
        ("exact", ("？！",), "？！", False),
        ("fuzzy", ("！",), "！", False),
        ("keyword", ("",), "什么都行", False),
    ],
)
def test_each_kind(kind: RuleKind, patterns: tuple[str, ...], text: str, expected: bool) -> None:
    assert (fits(RuleBook.build([rule(kind, *patterns)]), text) == kind) is expected


class TestOrder:
    def test_a_lower_priority_is_tried_first(self) -> None:
        late, early = rule("exact", "退货", name="late", priority=9), rule("pattern", "退", name="early", priority=8)
        assert fits(RuleBook.build([late, early]), "退货") == "early"

    def test_of_one_priority_the_stricter_kind_is_tried_first(self) -> None:
        rules = {
            "exact": rule("exact", "退货"),
            "keyword": rule("keyword", "退货"),
            "keywords": rule("keywords", "退", "货"),
            "fuzzy": rule("fuzzy", "退货"),
            "pattern": rule("pattern", "退货"),
        }
        for place, kind in enumerate(KIND_ORDER):
            left = [rules[later] for later in reversed(KIND_ORDER[place:])]
            assert fits(RuleBook.build(left), "退货") == kind

    def test_of_equals_the_first_written_is_tried_first(self) -> None:
        rules = [rule("keyword", "退", name="first"), rule("keyword", "货", name="second")]
        assert fits(RuleBook.build(rules), "退货") == "first"

    def test_the_match_names_the_rules_own_text(self) -> None:
        found = RuleBook.build([rule("keywords", "客服", "验证码")]).match(normalise("客服要验证码"))
        assert found is not None
        assert found.matched == "客服 + 验证码"


def test_a_pattern_that_is_no_re2_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"\(\?=a\)b"):
        RuleBook.build([rule("pattern", "(?=a)b")])


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("sms smsx", "sms", True),
        ("smsx xsms", "sms", False),
        ("smsx sms", "sms", True),
        ("5g网", "5g", True),
        ("15g", "5g", False),
        ("abc", "", False),
        ("", "a", False),
    ],
)
def test_latin_phrases_stand_alone(text: str, phrase: str, expected: bool) -> None:
    assert contains_phrase(text, phrase) is expected


WANTS_A_PERSON = """
转人工 | 转人工！！！ | 請幫我轉人工 | 我要转人工 | 人工 | 人工客服 | 人工客服在吗 | 人工服務 | 真人 | 我要人工 | 我要人工客服
请帮我转接人工客服 | 叫个真人来 | 能不能给我转个真人 | 麻烦找一下你们的人工客服谢谢 | 快接人工 | 可以转人工吗
我想和真人说话 | 我要跟人工客服沟通 | 不想跟机器人聊 | 别让机器人回复我 | 不要机器人
talk to a human | I want to talk to a real person | Can I speak to someone please? | connect me to a human | human please
I need a real agent | agent | AGENT!! | I'd like to speak with a representative | I’d like to chat with customer service
get me a real person | put me through to an operator | how do I talk to a person | give me a human
I want to talk to a human about my refund | transfer me to an agent | a real person please
"""
ONLY_LOOKS_LIKE_IT = """
人工智能音箱怎么用 | 人工客服几点上班 | 转人工要多久 | 人工安装要钱吗 | 联系快递员改地址 | 不要转人工 | 不用转人工了 | 先别转人工
人工费怎么算 | 找人工降噪的耳机 | 真人发声的音箱有吗 | 机器人聊不聊天 | 要人工安装吗 | 怎么联系人工客服 | 机器人充不上电
扫地机器人不要了怎么退 | 你是真人吗 | 接水管要人工费吗 | 人工湖边能送货吗 | 换人工审核的退款要多久
I don't want to talk to a person | can I return it without talking to an agent | can the speaker talk like a real person
does the speaker chat with people | what does the agent fee cost | is the robot loud | who is the operator of this shop
When are agents available? | how many people can use it | no need to talk to a person | transfer my order to another person
can someone else sign for my parcel | the human voice sounds bad | can you get me a person-sized box | agent 007 figure
"""


def phrases(table: str) -> list[str]:
    return [text.strip() for line in table.strip().splitlines() for text in line.split("|")]


class TestPerson:
    book = RuleBook.build([])

    @pytest.mark.parametrize("text", phrases(WANTS_A_PERSON))
    def test_a_plain_wish_is_honoured(self, text: str) -> None:
        assert fits(self.book, text) == "asks for a person"

    @pytest.mark.parametrize("text", phrases(ONLY_LOOKS_LIKE_IT))
    def test_a_question_about_it_is_not(self, text: str) -> None:
        assert fits(self.book, text) is None

    def test_no_rule_comes_before_it(self) -> None:
        assert fits(RuleBook.build([rule("exact", "转人工", priority=1)]), "转人工") == "asks for a person"
