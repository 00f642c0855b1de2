"""The shipped questions are a sound test, and the script that joins them says what is wrong with a bad one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import demo_set

DATA = demo_set.ROOT / "benchmarks" / "data"
TEST, DEV = DATA / "demo_questions.jsonl", DATA / "demo_dev.jsonl"
KB: dict[str, Any] = {"question": "怎么退货", "answer": "在订单页申请。", "similar": ["咋退"], "negative": ["怎么换货"]}
ASK: dict[str, Any] = {"query": "不想要了", "gold": ["怎么退货"], "kind": "hard", "lang": "zh"}


@pytest.fixture(scope="module")
def entries() -> tuple[demo_set.Entry, ...]:
    return demo_set.read_knowledge(demo_set.KNOWLEDGE)


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", [TEST, DEV], ids=["test", "dev"])
class TestShippedQuestions:
    def test_every_gold_is_an_entry_and_no_query_is_copied(
        self, path: Path, entries: tuple[demo_set.Entry, ...]
    ) -> None:
        questions = demo_set.read_questions(path)
        rows = demo_set.build(questions, entries)
        known = {row["id"] for row in rows[0]["kb"]}
        assert all(set(row["gold"]) <= known for row in rows[1:])
        assert len(rows) == len(questions) + 1

    def test_a_fifth_has_no_answer_in_both_kinds(self, path: Path) -> None:
        questions = demo_set.read_questions(path)
        kinds = Counter(q.kind for q in questions)
        assert kinds["oos_near"] + kinds["oos_far"] >= 0.2 * len(questions)
        assert min(kinds["oos_near"], kinds["oos_far"]) >= 0.08 * len(questions)

    def test_mix_of_languages_and_difficulty(self, path: Path) -> None:
        questions = demo_set.read_questions(path)
        langs = Counter(q.lang for q in questions)
        kinds = Counter(q.kind for q in questions)
        assert min(langs["en"], langs["mixed"]) >= 0.07 * len(questions)
        assert all(kinds[kind] >= 0.08 * len(questions) for kind in demo_set.ANSWERABLE)


def test_the_test_set_is_large_and_has_traps() -> None:
    questions = demo_set.read_questions(TEST)
    assert len(questions) >= 300
    assert sum(q.trap for q in questions) >= 30


def test_calibration_questions_are_not_in_the_test() -> None:
    test, dev = ({demo_set.key_of(q.query) for q in demo_set.read_questions(path)} for path in (TEST, DEV))
    assert len(dev) >= 120
    assert not test & dev


def test_writes_the_knowledge_then_the_queries(tmp_path: Path) -> None:
    kb = write(tmp_path / "knowledge_zh.jsonl", KB)
    asked = write(tmp_path / "q.jsonl", ASK, {"query": "下雨吗", "gold": [], "kind": "oos_far", "lang": "zh"})
    out = tmp_path / "out.jsonl"

    assert demo_set.main([str(asked), "--knowledge", str(kb), "--out", str(out)]) == 0

    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"kb": [{"id": "zh-1", "question": "怎么退货", "similar": ["咋退"], "answer": "在订单页申请。"}]},
        {"query": "不想要了", "gold": ["zh-1"]},
        {"query": "下雨吗", "gold": []},
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gold": ["怎么退"]}, "nearest: '怎么退货'"),
        ({"query": "请问，怎么退貨？"}, "word for word"),
        ({"query": "咋退"}, "word for word"),
        ({"query": "怎么换货"}, "word for word"),
        ({"gold": []}, "gold must be empty"),
        ({"kind": "oos_near"}, "gold must be empty"),
        ({"kind": "simple"}, "unknown kind"),
        ({"lang": "fr"}, "unknown lang"),
        ({"query": " …"}, "query is empty"),
        ({"gold": ["怎么退货", "怎么退货"]}, "given twice"),
    ],
)
def test_a_bad_row_is_an_error_that_says_why_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], reason: str
) -> None:
    kb = write(tmp_path / "knowledge_zh.jsonl", KB)
    asked = write(tmp_path / "q.jsonl", {**ASK, **change})
    out = tmp_path / "out.jsonl"

    assert demo_set.main([str(asked), "--knowledge", str(kb), "--out", str(out)]) == 1
    assert reason in capsys.readouterr().err
    assert not out.exists()


def test_the_same_query_twice_is_an_error(tmp_path: Path) -> None:
    asked = write(tmp_path / "q.jsonl", ASK, {**ASK, "query": "不想要了！"})
    with pytest.raises(demo_set.SetError, match="occurs twice"):
        demo_set.read_questions(asked)


def test_two_entries_with_one_question_are_an_error(tmp_path: Path) -> None:
    kb = write(tmp_path / "knowledge_zh.jsonl", KB, KB)
    with pytest.raises(demo_set.SetError, match="several entries"):
        demo_set.read_knowledge([kb])


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"query": "a"\n', encoding="utf-8")
    with pytest.raises(demo_set.SetError, match=r"q\.jsonl:1: not JSON"):
        demo_set.read_questions(path)
