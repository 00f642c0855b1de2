"""Intents and slots beside a linear SVM on TF-IDF: each file is split by a hash of its texts, one in five is for measuring.

usage: python benchmarks/nlu.py FILE[:FIELD=VALUE][:label=FIELD] … [--encoder SPEC] [--few N] [--json FILE]

A file is jsonl with ``text``, ``intent``, and slots as places, as tags or as values; ``:lang=zh`` keeps its rows of one
kind, ``:label=domain`` takes another field for the intent. The texts measured are those that the shipped encoder was not
trained on. ``--few N`` trains on N examples an intent. For people to compare; the tests measure nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("SECRET_KEY", "only-for-this-measurement-and-long-enough")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")

import django

django.setup()

from apps.learning.nlu_test import NluFigures, measured_encoder, nlu_measure  # noqa: E402
from nlu.intent.types import OUT_OF_SCOPE, Example, SlotMark  # noqa: E402
from nlu.training.batches import is_measured  # noqa: E402

_OUTSIDE = frozenset({"oos", "none", "NO_NODES_DETECTED"})
_HEADS = ("set", "train / test", "intents", "SVM", "accuracy", "macro F1", "in scope", "slot F1", "frame", "OOS recall",
          "at 97 %", "in-scope recall", "AUROC", "ECE", "step", "train s", "p50 ms", "p99 ms")  # fmt: skip


def read(spec: str) -> tuple[str, list[Example]]:
    """Name and examples of FILE[:FIELD=VALUE][:label=FIELD]; messages with two intents are left out."""
    path, *options = spec.split(":")
    wanted = dict(option.split("=", 1) for option in options)
    label = wanted.pop("label", "intent")
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    kept = [row for row in rows if all(row.get(field) == value for field, value in wanted.items())]
    name = " ".join([Path(path).stem, *wanted.values()])
    return name, [_example(row, label) for row in kept if "+" not in str(row[label])]


def _example(row: dict[str, Any], label: str) -> Example:
    text, slots = str(row["text"]), list[SlotMark]()
    found = row.get("slots") or row.get("tags") or ()
    if isinstance(found, dict):
        slots = [slot for name, value in found.items() for slot in _said(text, name, value)]
    elif isinstance(found, str):
        text = " ".join(text.split())
        slots = _tagged(zip(text.split(), found.split(), strict=False), gap=1)
    elif found and isinstance(found[0], dict):
        slots = [SlotMark(slot["name"], slot["start"], slot["end"]) for slot in found]
    elif found and isinstance(found[0], str):
        slots = _tagged(zip(text, found, strict=False), gap=0)
    elif found:
        text = "".join(piece for piece, _tag in found)
        slots = _tagged(((piece, tag) for piece, tag in found), gap=0)
    intent = str(row[label])
    return Example(text, OUT_OF_SCOPE if intent in _OUTSIDE else intent, tuple(slots))


def _said(text: str, name: str, value: Any) -> Iterable[SlotMark]:
    for one in value if isinstance(value, list) else [value]:
        start = text.find(one)
        if start >= 0 and one:
            yield SlotMark(name, start, start + len(one))


def _tagged(pieces: Iterable[tuple[str, str]], gap: int) -> list[SlotMark]:
    """B-name starts a slot, anything else of the name goes on with it."""
    slots: list[SlotMark] = []
    at, before = 0, "O"
    for piece, tag in pieces:
        name = tag.partition("-")[2]
        if name and tag[0] not in "BS" and before == name:
            slots[-1] = SlotMark(name, slots[-1].start, at + len(piece))
        elif name:
            slots.append(SlotMark(name, at, at + len(piece)))
        at, before = at + len(piece) + gap, name
    return slots


def split(examples: Sequence[Example], few: int) -> tuple[list[Example], list[Example]]:
    training, test = list[Example](), list[Example]()
    seen: Counter[str] = Counter()
    for example in examples:
        if is_measured(example.text):
            test.append(example)
        elif not few or seen[example.intent] < few:
            seen[example.intent] += 1
            training.append(example)
    return training, test


def row_of(name: str, intents: int, figures: NluFigures) -> str:
    scores = figures.scores
    cells = [
        name, f"{figures.n_train:,} / {figures.n_test:,}", str(intents), _share(figures.baseline.intent_accuracy),
        _share(scores.intent_accuracy), _share(scores.intent_macro_f1), _share(scores.in_scope_accuracy),
        _share(scores.slot_f1), _share(scores.frame_accuracy), _share(scores.oos_recall), _share(scores.oos_recall_at_97),
        _share(scores.in_scope_recall),
        _share(scores.auroc_oos), _share(scores.ece), figures.method, f"{figures.train_s:.0f}", f"{figures.p50_ms:.1f}",
        f"{figures.p99_ms:.1f}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--encoder", default="shipped")
    parser.add_argument("--few", type=int, default=0, metavar="N")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    encoder = measured_encoder(args.encoder)
    report = {}
    print("| " + " | ".join(_HEADS) + " |\n|" + "---|" * len(_HEADS), flush=True)
    for spec in args.files:
        name, examples = read(spec)
        training, test = split(examples, args.few)
        figures = nlu_measure(training, test, encoder=encoder)
        print(row_of(name, len({one.intent for one in training} - {OUT_OF_SCOPE}), figures), flush=True)
        report[name] = figures.to_json()
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
