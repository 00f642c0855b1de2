"""The figures of ``evaluate_retrieval``: counted by hand on a small file, and the file's mistakes named."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from django.utils import translation

from apps.core.errors import Invalid
from apps.knowledge.readers import json_rows
from apps.learning.retrieval_test import Figures, parse_test, retrieval_measure
from dialog.kb.models import Models
from tests.fakes.encoder import NgramEncoder
from tests.fakes.folder import static_folder

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KB = {
    "kb": [
        {"id": "return", "question": "怎么申请退货", "similar": ["东西不想要了怎么退"], "answer": "点申请售后。"},
        {"id": "invoice", "question": "怎么开电子发票"},
        {"id": "ship", "question": "下单后多久发货"},
        {"id": 4, "question": "空调安装要收费吗"},
    ]
}
KEYS = [
    "entries", "queries", "top1", "mrr10", "recall10", "recall50", "list_recall3", "coverage_at_precision", "precision",
    "refusal_recall", "auroc", "p50_ms", "p99_ms", "build_s", "peak_mb", "threshold", "threshold_from",
    "encoder", "reranker",
]  # fmt: skip


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def ask(query: str, *gold: object) -> dict[str, object]:
    return {"query": query, "gold": list(gold)}


def measure(*rows: object, precision: float = 0.95, other: tuple[object, ...] = ()) -> Figures:
    calibrate_on = parse_test(json_rows(lines(*other))) if other else None
    return retrieval_measure(
        parse_test(json_rows(lines(*rows))), now=NOW, precision=precision, calibrate_on=calibrate_on
    )


def test_exact_questions_are_right_and_sure() -> None:
    figures = measure(KB, ask("怎么申请退货？", "return"), ask("怎么开电子发票", "invoice"))
    assert (figures.entries, figures.queries) == (4, 2)
    assert (figures.top1, figures.mrr10, figures.recall50, figures.list_recall3) == (1, 1, 1, 1)
    assert (figures.coverage_at_precision, figures.precision, figures.refusal_recall) == (1, 1, 1)
    assert figures.threshold_from == "file"
    assert 0 < figures.p50_ms <= figures.p99_ms
    assert figures.build_s > 0
    assert figures.peak_mb > 10


def test_an_exact_hit_on_a_wrong_entry_counts_as_a_wrong_answer() -> None:
    figures = measure(KB, ask("怎么申请退货", "invoice"), ask("怎么开电子发票", "invoice"), ask("下单后多久发货"))
    assert figures.top1 == 0.5
    assert (figures.coverage_at_precision, figures.precision) == (1.0, round(1 / 3, 4))
    assert figures.refusal_recall == 0.0


def test_any_of_several_golds_counts() -> None:
    figures = measure(KB, ask("怎么申请退货", "ship", "return"), ask("空调安装要收费吗", 4))
    assert figures.top1 == 1.0


def test_unanswerable_queries_are_in_coverage_and_not_in_the_ranking() -> None:
    figures = measure(KB, ask("怎么申请退货", "return"), ask("zzz qqq"), ask("!!!"), ask("转人工"))
    assert figures.top1 == 1.0
    assert figures.coverage_at_precision == 0.25
    assert figures.refusal_recall == 1.0
    assert figures.auroc == 1.0


def test_a_miss_lowers_every_ranking_figure() -> None:
    figures = measure(KB, ask("怎么申请退货", "return"), ask("zzz qqq", "ship"))
    assert (figures.top1, figures.mrr10, figures.recall10, figures.recall50) == (0.5, 0.5, 0.5, 0.5)


def test_recall_looks_deeper_than_the_trace() -> None:
    kb = {"kb": [{"id": f"e{n}", "question": f"{n}号商品怎么安装"} for n in range(40)]}
    figures = measure(kb, *(ask("商品怎么安装", f"e{n}") for n in range(40)))
    assert figures.recall10 == 0.25
    assert figures.recall50 == 1.0


def test_a_threshold_that_cannot_be_proven_leaves_the_exact_answers_alone() -> None:
    few = (KB, ask("东西不想要了咋退", "return"), ask("怎么申请退货", "return"))
    figures = measure(*few, other=few)
    assert figures.threshold_from == "calibration"
    assert figures.threshold > 1
    assert (figures.coverage_at_precision, figures.precision) == (0.5, 1.0)


def test_a_proven_threshold_comes_from_the_other_file() -> None:
    names = [f"{a}{b}" for a in "红橙黄绿青蓝紫黑白灰" for b in "杯盘碗勺壶锅盆桶"]
    kb = {"kb": [{"id": name, "question": f"{name}怎么清洗"} for name in names]}
    proving = (kb, *(ask(f"请问一下{name}怎么清洗比较好", name) for name in names))
    figures = measure(kb, *(ask(f"想问{name}怎么清洗才好", name) for name in names), precision=0.9, other=proving)
    assert figures.threshold_from == "calibration"
    assert figures.threshold <= 1
    assert figures.precision >= 0.9
    assert figures.coverage_at_precision > 0.2


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((KB, {"query": "x"}), ["Line 2", "gold"]),
        ((KB, {"query": 3, "gold": []}), ["Line 2"]),
        ((KB, ask("x", "nowhere")), ["Line 2", "nowhere"]),
        ((KB, KB, ask("x")), ["Line 2", "return"]),
        (({"kb": {}}, ask("x")), ["Line 1", "kb"]),
        (({"kb": [{"id": "a"}]}, ask("x")), ["Line 1", "question"]),
        (({"kb": [{"id": None, "question": "a"}]}, ask("x")), ["Line 1", "id"]),
        (({"kb": [{"id": "a", "question": "a", "similar": "b"}]}, ask("x")), ["Line 1", "similar"]),
        ((KB,), ["query"]),
        ((ask("x"),), ["kb"]),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path: Path, rows: tuple[object, ...], words: list[str]) -> None:
    path = tmp_path / "test.jsonl"
    path.write_bytes(lines(*rows))
    with translation.override("en"), pytest.raises(CommandError) as caught:
        call_command("evaluate_retrieval", str(path), stdout=io.StringIO())
    assert all(word in str(caught.value) for word in words)


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_bytes(lines(KB, ask("x")) + b"\n{oops\n")
    with translation.override("en"), pytest.raises(CommandError, match="Line 3"):
        call_command("evaluate_retrieval", str(path), stdout=io.StringIO())


def test_the_command_prints_exactly_the_figures_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_bytes(lines(KB, ask("怎么申请退货", "return")))
    out = io.StringIO()
    call_command("evaluate_retrieval", str(path), "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    assert list(found) == KEYS


@pytest.mark.parametrize("precision", ["0", "1", "95", "high"])
def test_a_precision_must_be_a_share(tmp_path: Path, precision: str) -> None:
    with pytest.raises(CommandError, match="between 0 and 1"):
        call_command("evaluate_retrieval", str(tmp_path / "x.jsonl"), "--precision", precision)


class TestModels:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "test.jsonl"
        path.write_bytes(lines(KB, ask("东西不想要了咋退", "return"), ask("zzz")))
        return path

    def evaluate(self, path: Path, *options: str) -> dict[str, Any]:
        out = io.StringIO()
        call_command("evaluate_retrieval", str(path), "--json", *options, stdout=out, stderr=io.StringIO())
        figures: dict[str, Any] = json.loads(out.getvalue())
        return figures

    def test_the_figures_name_the_encoder(self, path: Path, tmp_path: Path) -> None:
        spec = static_folder(tmp_path / "model")
        fingerprint = json.loads((tmp_path / "model" / "config.json").read_text())["fingerprint"]
        assert self.evaluate(path, "--encoder", spec)["encoder"] == fingerprint
        with override_settings(ENCODER=spec):
            assert self.evaluate(path)["encoder"] == fingerprint
            assert self.evaluate(path, "--encoder", "off")["encoder"] == ""

    def test_recall_finds_by_vectors_too(self, path: Path, tmp_path: Path) -> None:
        kb = {"kb": [{"id": f"e{n}", "question": f"{n}号商品怎么安装"} for n in range(5)]}
        path.write_bytes(lines(kb, ask("3号 商 品 怎 么 安 装", "e3")))
        assert self.evaluate(path, "--encoder", static_folder(tmp_path / "model"))["recall10"] == 1.0

    @pytest.mark.parametrize("option", ["--encoder", "--reranker"])
    def test_a_model_that_cannot_be_had_is_an_error(self, path: Path, tmp_path: Path, option: str) -> None:
        with pytest.raises(CommandError, match="nowhere"):
            self.evaluate(path, option, str(tmp_path / "nowhere"))

    def test_a_setting_that_names_nothing_is_measured_as_it_serves(self, path: Path, tmp_path: Path) -> None:
        with override_settings(ENCODER=str(tmp_path / "nowhere")):
            assert self.evaluate(path)["encoder"] == ""

    def test_an_encoder_that_fails_while_building_is_an_error(self) -> None:
        encoder = NgramEncoder()
        encoder.survives = 2
        rows = parse_test(json_rows(lines(KB, ask("怎么退", "return"))))
        with pytest.raises(Invalid, match="stopped answering"):
            retrieval_measure(rows, now=NOW, precision=0.95, models=Models(encoder=encoder, patience=None))
