"""The builder of retrieval tests: groups, hold-outs, and no query that stands in the knowledge."""

from __future__ import annotations

import random

import pytest

from benchmarks.retrieval_sets import intent_groups, pair_groups, retrieval_lines


def test_positive_pairs_join_into_groups_and_spellings_count_once() -> None:
    rows: list[dict[str, object]] = [
        {"a": "怎么退货", "b": "如何退货", "label": 1},
        {"a": "如何退货", "b": "退货流程", "label": 1},
        {"a": "怎么退货？", "b": "怎么换货", "label": 0},
        {"a": "怎么换货", "b": "怎么换货！", "label": 1},
    ]
    assert [sorted(group) for group in pair_groups(rows)] == [sorted(["怎么退货", "如何退货", "退货流程"])]


def test_intents_become_groups() -> None:
    rows: list[dict[str, object]] = [{"text": text, "intent": "a"} for text in ("x y", "X y", "z")]
    assert intent_groups(rows) == [["x y", "z"]]


@pytest.mark.parametrize("size", [30, 60, 120])
def test_at_most_a_fifth_is_unanswerable_and_nothing_leaks(size: int) -> None:
    groups = [[f"第{n}类问题说法{k}" for k in range(4)] for n in range(size)]
    lines = retrieval_lines(groups, similar=1, queries=200, per_group=2, rng=random.Random(1))
    entries = lines[0]["kb"]
    assert isinstance(entries, list)
    known = {text for entry in entries for text in (entry["question"], *entry["similar"])}
    golds = [line["gold"] for line in lines[1:]]
    assert len(golds) // 6 <= golds.count([]) <= len(golds) // 5
    assert known.isdisjoint(line["query"] for line in lines[1:])
    identities = {entry["id"] for entry in entries}
    assert all(not gold or gold[0] in identities for gold in golds)


def test_the_same_seed_builds_the_same_set() -> None:
    groups = [[f"q{n} {k}" for k in range(3)] for n in range(30)]
    first, second = (
        retrieval_lines(groups, similar=0, queries=40, per_group=1, rng=random.Random(5)) for _ in range(2)
    )
    assert first == second
