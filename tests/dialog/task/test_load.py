"""Flow files: what each key becomes, and that a wrong file is told where it is wrong and never breaks the loader."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.task.load import load
from dialog.task.model import Branch, Call, Collect, Confirm, Domain, Fail, Offer, Say
from dialog.task.step_ids import each_step

DEMO = sorted((Path(__file__).parents[3] / "apps/demo/data/flows").glob("*.yaml"))

FILE = """
version: 1
domain: shop
slots:
  order: {type: ref, pattern: order_no, ask: 哪一单？, options_from: order.mine, scope: session, entity: [order, item]}
  kind:
    type: enum
    ask: {zh: 退还是换？, en: "Return or exchange?"}
    values: {return: [退货, 退掉], exchange: {label: {zh: 换货, en: exchange}, words: [换]}}
  pickup: {type: time, grain: hour, check: value.start > now, invalid: 换个时间, ask: 何时？, optional: true}
  from: {type: city, role: [从], ask: 从哪里？}
flows:
  swap:
    label: 换货
    about: 换一件
    start: {intent: swap, say: ["换.{0,4}货"], examples: [想换一件, 换个大号]}
    guard: {when: user.login, else: {flow: login}}
    ttl: 2h
    steps:
      - collect: [order, kind]
      - call: order.check
        id: policy
        in: [order]
        out: {ok: eligible}
        fresh: 30s
        fail: {not_found: {clear: order, say: 没有}, other: handoff}
      - unless: ok
        do:
          - say: "不行"
          - offer:
              换一单: {clear: order}
              转人工: handoff
              再查: {rerun: policy}
              算了: end
              催: {call: order.urge, effect: write, in: {id: order}}
      - {when: kind == "exchange", do: [{collect: pickup}]}
      - confirm: "{order.name}[，{pickup.label}]？"
      - call: order.swap
        effect: write
        in: [order, kind]
        optional: [pickup]
        out: [ticket]
        retry: 2
        undo: {action: order.back, in: [ticket], within: 1d}
      - say: {zh: "单号 {ticket}", en: "Number {ticket}"}
texts: {cancelled: 好的，不办了。}
"""


def domain(source: str) -> Domain:
    loaded = load(source)
    assert loaded.domain is not None, loaded.problems
    return loaded.domain


def test_slots_become_values() -> None:
    slots = domain(FILE).slots
    assert slots["order"].entity == ("order", "item")
    assert (slots["order"].options_from, slots["order"].pattern, slots["order"].scope) == (
        "order.mine",
        "order_no",
        "session",
    )
    assert slots["order"].label == {"": "order"}
    assert slots["order"].line == 5
    assert [(v.key, v.label, v.words) for v in slots["kind"].values] == [
        ("return", {"": "退货"}, ("退货", "退掉")),
        ("exchange", {"zh": "换货", "en": "exchange"}, ("换货", "exchange", "换")),
    ]
    assert slots["kind"].ask == {"zh": "退还是换？", "en": "Return or exchange?"}
    assert slots["pickup"].check is not None
    assert slots["pickup"].check.source == "value.start > now"
    assert (slots["pickup"].grain, slots["pickup"].optional, slots["pickup"].tries) == ("hour", True, 3)
    assert slots["from"].role == ("从",)


def test_flows_become_values() -> None:
    flow = domain(FILE).flows["swap"]
    assert (flow.label, flow.about, flow.ttl, flow.line) == ({"": "换货"}, {"": "换一件"}, timedelta(hours=2), 13)
    assert (flow.start.intent, flow.start.say, flow.start.examples) == (
        "swap",
        ("换.{0,4}货",),
        ("想换一件", "换个大号"),
    )
    assert flow.guard is not None
    assert (flow.guard.when.source, flow.guard.flow) == ("user.login", "login")
    assert domain(FILE).texts == {"cancelled": {"": "好的，不办了。"}}


def test_steps_become_values_with_ids_of_their_own() -> None:
    steps = domain(FILE).flows["swap"].steps
    assert [step.id for step in steps] == ["0", "policy", "2", "3", "4", "order.swap", "6"]
    assert [step.line for step in steps] == [20, 21, 27, 36, 37, 38, 45]
    collect, check, unless, when, confirm, swap, said = steps
    assert isinstance(collect, Collect)
    assert isinstance(check, Call)
    assert isinstance(unless, Branch)
    assert isinstance(when, Branch)
    assert isinstance(confirm, Confirm)
    assert isinstance(swap, Call)
    assert isinstance(said, Say)
    assert (check.effect, check.out, check.fresh) == ("read", {"ok": "eligible"}, timedelta(seconds=30))
    assert check.fail == {
        "not_found": Fail(say={"": "没有"}, clear=("order",), line=26),
        "other": Fail(handoff=True, line=26),
    }
    assert unless.when.source == "not (ok)"
    assert {name: one.source for name, one in swap.inputs.items()} == {"order": "order", "kind": "kind"}
    assert (swap.optional, swap.retry) == (("pickup",), 2)
    assert swap.undo is not None
    assert (swap.undo.action, swap.undo.within) == ("order.back", timedelta(days=1))


def test_an_offer_takes_both_forms() -> None:
    unless = domain(FILE).flows["swap"].steps[2]
    assert isinstance(unless, Branch)
    offer = unless.do[1]
    assert isinstance(offer, Offer)
    assert offer.id == "2.do.1"
    assert [option.label[""] for option in offer.options] == ["换一单", "转人工", "再查", "算了", "催"]
    thens = [option.then for option in offer.options if option.then]
    assert [(t.clear, t.handoff, t.rerun, t.end) for t in thens] == [
        (("order",), False, "", False), ((), True, "", False), ((), False, "policy", False), ((), False, "", True),
    ]  # fmt: skip
    call = offer.options[4].call
    assert call is not None
    assert (call.id, call.effect, call.inputs["id"].source) == ("order.urge", "write", "order")
    listed = domain(steps("offer: {text: 怎么办？, options: [{label: {zh: 算了, en: Leave it}, end: true}]}"))
    other = listed.flows["f"].steps[0]
    assert isinstance(other, Offer)
    assert (other.text, other.options[0].label) == ({"": "怎么办？"}, {"zh": "算了", "en": "Leave it"})


def test_a_call_that_stands_twice_is_named_by_its_place() -> None:
    flow = domain(steps("call: a.b", "call: a.b", "call: c.d", "{when: x, do: [{call: a.b}, {say: hi}]}")).flows["f"]
    assert [step.id for step in each_step(flow.steps)] == ["0", "1", "c.d", "3", "3.do.0", "3.do.1"]


def steps(*lines: str) -> str:
    """A file with these steps; the first stands on line 6."""
    head = "version: 1\ndomain: d\nflows:\n  f:\n    steps:\n"
    return head + "".join(f"      - {line}\n" for line in lines)


def slot(line: str) -> str:
    """A file with this slot on line 4."""
    return f"version: 1\ndomain: d\nslots:\n  {line}\nflows: {{f: {{steps: [{{say: hi}}]}}}}\n"


@pytest.mark.parametrize(
    ("source", "line", "column", "code"),
    [
        ("", 1, 1, "empty"),
        ("# nothing\n", 1, 1, "empty"),
        ("- a", 1, 1, "wrong_type"),
        ("a: b: c", 1, 5, "yaml"),
        ("a: {zh: 好, en: ok?}", 1, 18, "yaml"),
        ("a: 1\n---\nb: 2", 2, 1, "yaml"),
        ("a: \0", 1, 4, "yaml"),
        ('a: "\\UFFFFFFFF"', 1, 1, "yaml"),
        ("a: &x 1\nb: *x", 1, 4, "anchor"),
        ("a: !!python/object:os.system x", 1, 4, "tag"),
        ("[" * 40, 1, 31, "too_deep"),
        ("x" * 200_001, 1, 1, "too_large"),
        ("version: 2\ndomain: d\nflows: {f: {steps: [{say: hi}]}}", 1, 10, "unknown_version"),
        ("version: 1\nflows: {f: {steps: [{say: hi}]}}", 1, 1, "missing_key"),
        ("version: 1\ndomain: d\nflow: {}\nflows: {f: {steps: [{say: hi}]}}", 3, 1, "unknown_key"),
        ("version: 1\ndomain: d\nflows: {}", 3, 8, "empty"),
        ("version: 1\ndomain: d\nflows: [a]", 3, 8, "wrong_type"),
        ("version: 1\ndomain: d\nflows: {f: {steps: [{say: hi}]}, f: {}}", 3, 34, "duplicate_key"),
        ("version: 1\ndomain: d\nflows: {f: {ttl: 15, steps: [{say: hi}]}}", 3, 18, "bad_duration"),
        ("version: 1\ndomain: d\nflows: {f: {start: {say: ['(a']}, steps: [{say: hi}]}}", 3, 27, "bad_pattern"),
        ("version: 1\ndomain: d\nflows: {f: {guard: {when: user.}, steps: [{say: hi}]}}", 3, 31, "bad_expression"),
        ("version: 1\ndomain: d\ntexts: {cancled: a}\nflows: {f: {steps: [{say: hi}]}}", 3, 9, "unknown_key"),
        ("version: 1\ndomain: d\ntexts: {yes: '好 {flow}'}\nflows: {f: {steps: [{say: hi}]}}", 3, 17, "bad_text"),
        (slot("now: {type: text}"), 4, 3, "bad_name"),
        (slot("a-b: {type: text}"), 4, 3, "bad_name"),
        (slot("a: {}"), 4, 6, "missing_key"),
        (slot("a: {type: texts}"), 4, 13, "unknown_value"),
        (slot("a: {type: enum}"), 4, 6, "missing_key"),
        (slot("a: {type: ref}"), 4, 6, "missing_key"),
        (slot("a: {type: text, grain: day}"), 4, 26, "misplaced_key"),
        (slot("a: {type: pattern, pattern: '(?=a)'}"), 4, 31, "bad_pattern"),
        (slot("a: {type: ref, options_from: x, pattern: '[0-9]'}"), 4, 44, "unknown_value"),
        (slot("a: {type: text, min: many}"), 4, 24, "bad_number"),
        (slot("a: {type: text, min: 9, max: 3}"), 4, 32, "bad_number"),
        (slot("a: {type: text, optional: maybe}"), 4, 29, "wrong_type"),
        (slot("a: {type: text, ask: ''}"), 4, 24, "empty"),
        (slot("a: {type: text, ask: {de: wer}}"), 4, 25, "unknown_key"),
        (slot("a: {type: text, ask: '{b}？'}"), 4, 25, "bad_text"),
        (slot('a: {type: time, check: "value >"}'), 4, 33, "bad_expression"),
        (slot("a: {type: enum, values: {}}"), 4, 27, "empty"),
        (slot("a: {type: enum, values: {k: {words: [x]}}}"), 4, 31, "missing_key"),
        (steps("foo: 1"), 6, 9, "unknown_step"),
        (steps("text"), 6, 9, "wrong_type"),
        (steps("{say: hi, say: ho}"), 6, 19, "duplicate_key"),
        (steps("{say: hi, colour: red}"), 6, 19, "unknown_key"),
        (steps("say: '单号 {a b}'"), 6, 18, "bad_text"),
        (steps("confirm: {zh: '好', en: 'ok [x]'}"), 6, 36, "bad_text"),
        (steps("collect: []"), 6, 9, "empty"),
        (steps("when: a = 1"), 6, 17, "bad_expression"),
        (steps("{when: a, do: []}"), 6, 23, "empty"),
        (steps("unless: a"), 6, 9, "missing_key"),
        (steps("{call: a, in: {x: 'y +'}}"), 6, 30, "bad_expression"),
        (steps("{call: a, in: [1x]}"), 6, 24, "bad_name"),
        (steps("{call: a, effect: writes}"), 6, 27, "unknown_value"),
        (steps("{call: a, retry: 99}"), 6, 26, "bad_number"),
        (steps("{call: a, fail: {other: hand}}"), 6, 33, "unknown_value"),
        (steps("{call: a, undo: {action: b}}"), 6, 25, "missing_key"),
        (steps("offer: {}"), 6, 16, "empty"),
        (steps("{say: a, id: x}", "{say: b, id: x}"), 6, 7, "duplicate_id"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(source: str, line: int, column: int, code: str) -> None:
    loaded = load(source)
    assert loaded.domain is None
    assert (line, column, code) in [(p.line, p.column, p.code) for p in loaded.problems], loaded.problems
    assert all(p.message[0].isupper() or p.message[0] == "“" for p in loaded.problems)


def test_a_near_miss_is_guessed() -> None:
    loaded = load(steps("{call: a, efect: write}"))
    assert "Did you mean “effect”?" in loaded.problems[0].message


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_the_demo_files_load(path: Path) -> None:
    assert domain(path.read_text("utf-8")).name == path.stem


TOKENS = [line for path in DEMO for line in path.read_text("utf-8").splitlines()] + FILE.splitlines()
SIGNS = st.sampled_from([*"{}[]:,-&*!|>'\"#?@`%\\ \n", "\n  ", "a: ", "- ", "say", "steps", "{x}"])


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from(TOKENS), max_size=30).map("\n".join),
        st.tuples(st.integers(0, len(FILE)), st.lists(SIGNS, max_size=4)).map(
            lambda cut: FILE[: cut[0]] + "".join(cut[1]) + FILE[cut[0] + 1 :]
        ),
    )
)
def test_no_text_breaks_the_loader(source: str) -> None:
    loaded = load(source)
    assert (loaded.domain is None) == bool(loaded.problems)
    for problem in loaded.problems:
        assert (
            1
            <= problem.line
            <= source.count("\n") + source.count("\r") + source.count("\x85") + source.count("\u2028") + 2
        )
        assert problem.column >= 1


def test_a_key_that_is_no_name_is_a_problem_of_its_line() -> None:
    (problem,) = load("version: 1\ndomain: x\nflows:\n  ? [a, b]\n  : {}\n").problems
    assert (problem.line, problem.code) == (4, "key")
