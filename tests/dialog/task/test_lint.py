"""Static checks of flow files: each finding with its line, and the ways of writing that are fine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialog.task.lint import lint
from dialog.task.load import load
from dialog.task.model import Domain
from dialog.task.ports import ActionSpec

DATA = Path(__file__).parents[3] / "apps/demo/data"
DEMO = sorted((DATA / "flows").glob("*.yaml"))
SLOTS = """\
version: 1
domain: d
slots:
  order: {type: ref, ask: 哪一单？, options_from: order.mine}
  sku: {type: ref, ask: 哪一款？, options_from: order.skus, needs: [order]}
  kind: {type: enum, ask: 退还是换？, values: {return: [退货], exchange: [换货]}}
  note: {type: text, ask: 备注？, optional: true}
  day: {type: time, ask: 哪天？}
flows:
  f:
    start: {intent: f}
    steps:
"""
FIRST = SLOTS.count("\n") + 1
"""The line of the first step."""


def properties(*names: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, "additionalProperties": False}


ACTIONS = {
    spec.name: spec
    for spec in (
        ActionSpec("order.mine", "read", properties()),
        ActionSpec("order.skus", "read", properties("order") | {"required": ["order"]}),
        ActionSpec("order.check", "read", properties("order"), properties("ok", "why")),
        ActionSpec(
            "order.swap", "write", properties("order", "kind", "note") | {"required": ["order"]}, properties("ticket")
        ),
        ActionSpec("order.back", "write", properties("ticket"), properties()),
    )
}
SWAP = "{call: order.swap, effect: write, in: [order]}"


def domain(source: str) -> Domain:
    loaded = load(source)
    assert loaded.domain is not None, loaded.problems
    return loaded.domain


def found(source: str, *severities: str, others: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    """Line and code of what is found; ``unused_slot`` aside, for the steps below seldom use all slots."""
    problems = lint(domain(source), ACTIONS, others)
    wanted = severities or ("error", "warning")
    return [(p.line, p.code) for p in problems if p.severity in wanted and p.code != "unused_slot"]


def steps(*lines: str) -> str:
    return SLOTS + "".join(f"      - {line}\n" for line in lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("collect: order", 'confirm: "{order}？"', SWAP),
        ("collect: order", "{offer: {换: {call: order.swap, effect: write, in: [order]}, 算了: end}}"),
        ("collect: order", 'confirm: "{order}？"', "{when: order.total > 3, do: [" + SWAP + "]}"),
        ("collect: order", "{when: order.total > 3, do: [{confirm: '{order}？'}, " + SWAP + "]}"),
        ("collect: order", 'confirm: "{order}？"', SWAP, 'confirm: "再换 {order}？"', SWAP),
        ("collect: order", "{when: order.total > 3, do: [{offer: {算了: end}}]}", 'confirm: "{order}？"', SWAP),
        ("collect: order", "{when: order.total < 3, do: [{offer: {算了: end}}]}", "{say: '{order.name}'}"),
    ],
)
def test_a_write_after_a_yes_is_fine(lines: tuple[str, ...]) -> None:
    assert found(steps(*lines)) == []


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (("collect: order", SWAP), 1),
        (("collect: [order, kind]", "{when: kind == 'return', do: [{confirm: '{order}？'}]}", SWAP), 2),
        (("collect: order", SWAP, 'confirm: "{order}？"', SWAP), 1),
        (("collect: order", "{offer: {换个: {clear: order}, 看: {call: order.check, in: [order]}}}", SWAP), 2),
    ],
)
def test_a_write_that_a_way_reaches_without_a_yes_is_an_error(lines: tuple[str, ...], line: int) -> None:
    assert (FIRST + line, "write_without_confirm") in found(steps(*lines), "error")


CASES = [
    # what a confirm shows
    (
        ("collect: [order, kind]", "confirm: '{order}？'", "{call: order.swap, effect: write, in: [order, kind]}"),
        1,
        "confirm_hides_input",
    ),
    (
        ("collect: [order, note]", "confirm: {zh: '{order}[{note}]？', en: '{order}?'}",
         "{call: order.swap, effect: write, in: [order], optional: [note]}"),
        1,
        "confirm_hides_input",
    ),
    (("collect: order", "confirm: '{order}？'"), 1, "confirm_without_write"),
    # names
    (("collect: ordr",), 0, "unknown_slot"),
    (("collect: order", "{call: order.swap, effect: write, in: [order], optional: [nope]}"), 1, "unknown_slot"),
    (("collect: order", "say: '{odrer}'"), 1, "unknown_name"),
    (("say: '{order}'", "collect: order"), 0, "read_too_early"),
    (("collect: order", "{when: day.start > now, do: [{say: hi}]}", "collect: day"), 1, "read_too_early"),
    (("{call: order.check, in: [order], out: [ok]}", "collect: order"), 0, "read_too_early"),
    (("collect: [order, kind]", "{when: kind == 'return', do: [{collect: sku}]}", "say: '{sku}'"), 2, "maybe_unset"),
    (
        ("collect: order", "{when: order.total > 1, do: [{call: order.check, in: [order], out: [ok]}]}",
         "{unless: ok, do: [{say: hi}]}"),
        2,
        "maybe_unset",
    ),
    (("collect: note", "say: '{note}'"), 1, "maybe_skipped"),
    (("collect: [order, kind]", "say: '{kind.name}'"), 1, "unknown_part"),
    (("collect: day", "say: '{day.begin}'"), 1, "unknown_part"),
    (("say: '{user.phone}'",), 0, "unknown_part"),
    (("collect: [sku, order]",), 0, "need_not_collected"),
    (("collect: order", "{call: order.check, in: [order], out: {kind: ok}}"), 1, "output_is_slot"),
    # ways on
    (("collect: order", "{call: order.check, in: [order], fail: {other: {say: 不行}}}"), 1, "no_way_on"),
    (("collect: order", "{call: order.check, in: [order], fail: {other: {clear: order, end: true}}}"), 1, "several_ways_on"),
    (("collect: order", "{call: order.check, in: [order], fail: {other: {rerun: quote}}}"), 1, "unknown_rerun"),
    (("collect: order", "{offer: {再查: {rerun: late}}}", "{call: order.check, id: late, in: [order]}"), 1, "unknown_rerun"),
    (("collect: order", "{offer: {换: {clear: kind}}}", "collect: kind"), 1, "clears_uncollected"),
    (("collect: order", "{offer: {换: {clear: nope}}}"), 1, "unknown_slot"),
    (("offer: {算了: end, 转人工: handoff}", "say: hi"), 1, "unreachable"),
    (("when: true\n        do: [{offer: {算了: end}}]", "say: hi"), 2, "unreachable"),
    (("{when: false, do: [{say: hi}]}",), 0, "unreachable"),
    # actions
    (("call: order.chek",), 0, "unknown_action"),
    (("collect: order", "{call: order.swap, in: [order]}"), 1, "effect_mismatch"),
    (("collect: order", "{call: order.check, in: {id: order}}"), 1, "unknown_input"),
    (("collect: order", "confirm: '{order}？'", "{call: order.swap, effect: write, optional: [order]}"), 2, "missing_input"),
    (("collect: order", "{call: order.check, in: [order], out: [fee]}"), 1, "unknown_output"),
    (
        ("collect: order", "confirm: '{order}？'",
         "{call: order.swap, effect: write, in: [order], undo: {action: order.check, within: 5m}}"),
        2,
        "effect_mismatch",
    ),
    (
        ("collect: order", "confirm: '{order}？'",
         "{call: order.swap, effect: write, in: [order], undo: {action: order.back, in: [ticket], within: 5m}}"),
        2,
        "unknown_name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "code"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_would_go_wrong_is_found_on_its_line(lines: tuple[str, ...], line: int, code: str) -> None:
    assert (FIRST + line, code) in found(steps(*lines))


@pytest.mark.parametrize(
    "lines",
    [
        ("collect: [order, kind]", "{when: kind == 'return', do: [{collect: day}]}", "say: '好[，{day}]'"),
        ("collect: [order, kind]", "{when: kind == 'return', do: [{collect: day}]}",
         "{when: kind == 'return', do: [{say: '{day}'}]}"),
        ("{when: order == null, do: [{collect: kind}]}", "{when: order != null, do: [{collect: order}]}"),
        ("collect: note", "{when: note == 'x', do: [{say: hi}]}", "say: '[{note}]'"),
        ("collect: day", "{when: day.start > now + days(1), do: [{say: '{day.label} {user.name}'}]}"),
        ("collect: order", "{offer: {看: {call: order.check, in: [order], out: [why]}, 算了: end}}", "say: '{why}'"),
        ("collect: order", "{call: order.check, id: quote, in: [order], out: [ok], fail: {invalid: {clear: order}}}",
         "confirm: '{order}？'",
         "{call: order.swap, effect: write, in: [order], out: [ticket], fail: {changed: {rerun: quote}, other: handoff},"
         " undo: {action: order.back, in: [ticket], within: 5m}}"),
    ],
)  # fmt: skip
def test_what_is_sure_or_may_be_missing_is_fine(lines: tuple[str, ...]) -> None:
    assert found(steps(*lines)) == []


SAY = "steps: [{say: hi}]"


def slots(*lines: str) -> str:
    """Slots from line 4 on; the last of them is collected on the last line."""
    body = "".join(f"  {line}\n" for line in lines)
    names = ", ".join(line.partition(":")[0] for line in lines)
    return (
        f"version: 1\ndomain: d\nslots:\n{body}flows:\n  f: {{start: {{intent: f}}, steps: [{{collect: [{names}]}}]}}\n"
    )


def flows(*lines: str) -> str:
    """Flows from line 4 on."""
    return "version: 1\ndomain: d\nflows:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("source", "line", "code", "severity"),
    [
        (slots("a: {type: text}"), 6, "slot_without_ask", "error"),
        (slots("a: {type: ref, ask: 哪？, options_from: order.mine, needs: [b]}"), 4, "unknown_slot", "error"),
        (slots("a: {type: ref, ask: 哪？, options_from: order.mine, needs: [a]}"), 4, "needs_in_circle", "error"),
        (slots("a: {type: text, ask: 甲, check: value != b}"), 4, "check_reads_name", "error"),
        (slots("a: {type: text, ask: 甲, check: user.login}"), 4, "check_reads_name", "error"),
        (slots("a: {type: ref, ask: 哪？, options_from: order.your}"), 4, "unknown_action", "error"),
        (slots("a: {type: ref, ask: 哪？, options_from: order.swap}"), 4, "effect_mismatch", "error"),
        (slots("a: {type: ref, ask: 哪？, options_from: order.skus}"), 4, "missing_input", "error"),
        (slots("a: {type: enum, ask: 甲, values: {x: [一, 同], y: [二, 同]}}"), 4, "shared_word", "warning"),
        (slots("a: {type: enum, ask: 甲, values: {x: [Ok]}}", "b: {type: enum, ask: 乙, values: {y: [ok]}}"), 5,
         "shared_word", "warning"),
        (flows(f"f: {{start: {{say: ['到哪']}}, {SAY}}}", f"g: {{start: {{examples: [我的包裹到哪了]}}, {SAY}}}"), 4,
         "pattern_matches_other", "error"),
        (flows(f"f: {{start: {{examples: [Hello]}}, {SAY}}}", f"g: {{start: {{examples: [hello]}}, {SAY}}}"), 5,
         "same_example", "error"),
        (flows(f"f: {{start: {{intent: i}}, {SAY}}}", f"g: {{start: {{intent: i}}, {SAY}}}"), 5, "shared_intent", "warning"),
        (flows(f"f: {{{SAY}}}"), 4, "never_started", "warning"),
        (flows(f"f: {{start: {{intent: i}}, guard: {{when: user.login, else: {{flow: g}}}}, {SAY}}}"), 4, "unknown_flow",
         "error"),
        (flows(f"f: {{start: {{intent: i}}, guard: {{when: user.login, else: {{flow: f}}}}, {SAY}}}"), 4, "guard_of_itself",
         "error"),
        (flows(f"f: {{start: {{intent: i}}, guard: {{when: order, else: {{flow: login}}}}, {SAY}}}"), 4, "guard_reads_name",
         "error"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isidentifier() else "",
)  # fmt: skip
def test_slots_and_beginnings_are_checked(source: str, line: int, code: str, severity: str) -> None:
    assert (line, code) in found(source, severity)


def test_an_unused_slot_is_a_warning() -> None:
    problems = lint(domain(steps("collect: order")), ACTIONS)
    assert [(p.line, p.values["slot"]) for p in problems if p.code == "unused_slot"] == [
        (5, "sku"), (6, "kind"), (7, "note"), (8, "day"),
    ]  # fmt: skip


def test_a_guard_may_lead_to_a_flow_of_another_file() -> None:
    source = flows(f"f: {{start: {{intent: i}}, guard: {{when: user.login, else: {{flow: verify}}}}, {SAY}}}")
    assert found(source, others=("verify",)) == []


def test_without_a_registry_calls_are_not_checked_against_it() -> None:
    source = steps("collect: order", "{call: anything.else, in: [order], out: [x]}", "say: '{x}'")
    assert [p.code for p in lint(domain(source), None) if p.code != "unused_slot"] == []


def test_findings_stand_in_the_order_of_the_file_and_once() -> None:
    source = steps("say: {zh: '{x}', en: '{x} {y}'}", "say: '{z}'")
    assert found(source) == [(FIRST, "unknown_name"), (FIRST, "unknown_name"), (FIRST + 1, "unknown_name")]


def test_odd_names_of_actions_break_no_sentence() -> None:
    source = steps('{call: "{a}", in: [order]}', '{call: "b", fail: {x: {rerun: "{b}"}, y: {rerun: "{a"}}}')
    assert (FIRST + 1, "unknown_rerun") in found(source)


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_the_demo_files_pass_every_check(path: Path) -> None:
    rows = json.loads((DATA / "actions.json").read_text("utf-8"))
    actions = {row["name"]: ActionSpec(row["name"], row["effect"], row["inputs"], row["output"]) for row in rows}
    assert lint(domain(path.read_text("utf-8")), actions) == ()
