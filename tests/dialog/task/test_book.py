"""All flows of a bot together: what belongs to which file, the built-in login, and files that do not go together."""

from __future__ import annotations

import pytest

from dialog.task.book import FlowBook, problems_between
from dialog.task.load import load
from dialog.task.model import Domain, Say


def domain(name: str, flows: str, rest: str = "") -> Domain:
    loaded = load(f"version: 1\ndomain: {name}\n{rest}flows:\n{flows}")
    assert loaded.domain is not None, loaded.problems
    return loaded.domain


def flow(name: str, start: str = "") -> str:
    return f"  {name}: {{start: {{{start}}}, steps: [{{say: hi}}]}}\n"


SHOP = domain("shop", flow("track", "intent: track, say: ['到哪']"), "slots: {order: {type: text, ask: 哪单}}\n")
TRAVEL = domain("travel", flow("book"), "slots: {order: {type: city, ask: 去哪}}\ntexts: {cancelled: 不订了}\n")


def test_slots_and_texts_belong_to_the_file_of_the_flow() -> None:
    book = FlowBook.build([SHOP, TRAVEL])
    assert [one.name for one in book.flows] == ["track", "book"]
    assert book.slot("track", "order").type == "text"
    assert book.slot("book", "order").type == "city"
    assert book.texts("book") == {"cancelled": {"": "不订了"}}
    assert book.texts("track") == {}
    assert (book.knows("book"), book.knows("nothing")) == (True, False)
    with pytest.raises(KeyError):
        book.flow("nothing")


def test_login_is_built_in_and_its_sentence_can_be_changed() -> None:
    book = FlowBook.build([SHOP])
    assert book.knows("login")
    assert "login" not in [one.name for one in book.flows]
    said = book.flow("login").steps[0]
    assert isinstance(said, Say)
    assert set(said.text) == {"zh", "en"}
    own = FlowBook.build([SHOP, domain("own", flow("f"), "texts: {login_needed: 请先登录会员}\n")])
    changed = own.flow("login").steps[0]
    assert isinstance(changed, Say)
    assert changed.text == {"": "请先登录会员"}


@pytest.mark.parametrize(("name", "part"), [("track", "in “shop” and in “other”"), ("login", "of the product itself")])
def test_two_flows_of_one_name_are_refused(name: str, part: str) -> None:
    other = domain("other", flow("first") + flow(name))
    assert [(home, p.code, p.line) for home, p in problems_between([SHOP, other])] == [("other", "duplicate_flow", 5)]
    with pytest.raises(ValueError, match=part):
        FlowBook.build([SHOP, other])


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("examples: [我的快递到哪了]", ("shop", "pattern_matches_other", "error", 5)),
        ("intent: track", ("other", "shared_intent", "warning", 4)),
        ("examples: [开发票]", None),
    ],
)
def test_files_that_take_each_others_messages_are_found(start: str, expected: tuple[str, str, str, int] | None) -> None:
    found = problems_between([SHOP, domain("other", flow("f", start))])
    assert [(home, p.code, p.severity, p.line) for home, p in found] == ([expected] if expected else [])


def test_what_is_wrong_within_one_file_is_not_said_twice() -> None:
    both = domain("both", flow("a", "intent: i") + flow("b", "intent: i"))
    assert problems_between([both]) == ()
