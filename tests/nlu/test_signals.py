"""What must not differ between a question and its entry: tables in both languages."""

from __future__ import annotations

import pytest

from nlu.features import conflicts
from nlu.signals import chinese_number, entities, negations, numbers, question_type
from nlu.synonyms import base_groups
from nlu.view import Analyzer


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(base_groups())


CONFLICTS = [
    ("怎么开通小额免密", "怎么关闭小额免密", "antonym"),
    ("如何绑定银行卡", "怎么解绑银行卡", "antonym"),
    ("发货前能改地址吗", "发货后能改地址吗", "antonym"),
    ("怎么提高信用卡额度,想提额", "信用卡怎么降额", "antonym"),
    ("how do i activate my card", "how do i freeze my card", "antonym"),
    ("can i change the address before shipping", "can i change the address after shipping", "antonym"),
    ("subscribe to the newsletter", "unsubscribe from the newsletter", "antonym"),
    ("7天内能退货吗", "15天内能退货吗", "number"),
    ("三天没到账", "五天没到账", "number"),
    ("500元以上包邮吗", "99块包邮吗", "number"),
    ("refund after 3 days", "refund after 10 days", "number"),
    ("为什么不能退货", "为什么能退货", "negation"),
    ("没收到验证码", "收到验证码怎么填", "negation"),
    ("打不开app", "怎么打开app", "negation"),
    ("i did not receive my parcel", "i received my parcel, receive twice", "negation"),
    ("多久能到账", "为什么到账慢", "question_type"),
    ("运费多少钱", "运费怎么退", "question_type"),
    ("how much is shipping", "where is my parcel", "question_type"),
    ("a12怎么充电", "b7怎么充电", "entity"),
    ("华为watch怎么配对", "ipad怎么配对", "entity"),
]


@pytest.mark.parametrize(("asked", "entry", "flag"), CONFLICTS)
def test_conflicts(analyzer: Analyzer, asked: str, entry: str, flag: str) -> None:
    assert flag in conflicts(analyzer.raw_view(asked), analyzer.raw_view(entry))
    assert flag in conflicts(analyzer.raw_view(entry), analyzer.raw_view(asked))


HARMONIES = [
    ("怎么开通小额免密", "小额免密如何开启"),
    ("开通和关闭免密有什么区别", "怎么关闭免密"),
    ("三天没到账", "3天了还没到账"),
    ("7天内能退货吗", "退货要怎么操作"),
    ("能不能退货", "可以退货吗"),
    ("不知道怎么退货", "怎么退货"),
    ("还没收到货", "没收到货怎么办"),
    ("怎么退货", "能不能退货"),
    ("a12怎么充电", "怎么充电"),
    ("iphone 15 怎么退", "iphone15 怎么退"),
    ("特别想问一下发票", "发票怎么开"),
    ("can't sign in", "unable to log in"),
    ("no problem, where is my order", "where is my order"),
    ("how do i close my account", "deactivate account"),
    ("i can't find the code", "where do i find the code"),
    ("为什么安装不了助手", "助手安装不了"),
    ("运费险收不收费", "运费险收费吗"),
    ("2 days late", "two parcels late"),
]


@pytest.mark.parametrize(("asked", "entry"), HARMONIES)
def test_no_conflict_where_both_can_be_meant(analyzer: Analyzer, asked: str, entry: str) -> None:
    assert conflicts(analyzer.raw_view(asked), analyzer.raw_view(entry)) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("三天内退200元", {("3", "天"), ("200", "元")}),
        ("一个半小时", set()),
        ("3.50元", {("3.5", "元")}),
        ("十二个月", {("12", "月")}),
        ("1500mb 5g", {("5", "g")}),
        ("订单20240101123456", {("20240101123456", "")}),
        ("within 2 weeks", {("2", "周")}),
        ("一下一起一直", set()),
        ("iphone15", set()),
    ],
)
def test_numbers(text: str, found: set[tuple[str, str]]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("三", 3),
        ("十", 10),
        ("十五", 15),
        ("三百零五", 305),
        ("两万", 20_000),
        ("一亿二千万", 120_000_000),
        ("二三", 23),
        ("万", 10_000),
    ],
)
def test_chinese_numerals(numeral: str, value: int) -> None:
    assert chinese_number(numeral) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("多久能到", "duration"),
        ("什么时候发货", "time"),
        ("这个多少钱", "price"),
        ("为什么扣钱", "reason"),
        ("在哪里看物流", "place"),
        ("运费谁出", "person"),
        ("怎么退货", "method"),
        ("how long does it take", "duration"),
        ("how do i return it", "method"),
        ("退货", ""),
    ],
)
def test_kinds_of_question(text: str, kind: str) -> None:
    assert question_type(text) == kind


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("不能退货", "退货"),
        ("没有收到货", "收到"),
        ("打不开", "打开"),
        ("为什么登录不了", "录了"),
        ("i can't open it", "open"),
        ("无法登录", "登录"),
    ],
)
def test_what_is_denied(text: str, head: str) -> None:
    assert head in negations(text)


@pytest.mark.parametrize(
    "text",
    [
        "能不能退",
        "可以退不",
        "不好意思",
        "差不多了",
        "有没有货",
        "有没货",
        "收不收费",
        "可以不可以退",
        "能退不?",
        "级别",
        "no worries",
        "note my order",
    ],
)
def test_what_only_looks_like_negation(text: str) -> None:
    assert negations(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("华为watch怎么连", {"watch"}),
        ("wh-1000xm4 没声音", {"wh1000xm4"}),
        ("where is my order", set()),
        ("my a12 is broken", {"a12"}),
        ("怎么退货", set()),
    ],
)
def test_names(text: str, found: set[str]) -> None:
    assert entities(text) == found
