"""Where ranker training takes its tasks from: question groups, labelled pairs, classes of texts."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlu.training.batches import is_measured
from nlu.training.corpora import Part, QuestionGroup, read_groups, read_rows
from nlu.training.tasks import (
    Group,
    Task,
    class_groups,
    class_task,
    faq_task,
    own_groups,
    pair_groups,
    pair_task,
    translation_groups,
)

SHARES = {"groups": 1.0, "pairs": 0.6, "classes": 0.15}
"""Weight of each kind of data, divided evenly among its sources: what customers ask counts most."""
SIZES = (80, 300, 1200)
"""Groups in one task: probabilities must hold in small and large knowledge."""


@dataclass(frozen=True, slots=True)
class Source:
    """Groups of one origin and how tasks are made of them."""

    name: str
    groups: tuple[Group, ...]
    make: Callable[[str, Sequence[Group], random.Random], Task]
    share: float
    """Weight of the source in training."""

    def tasks(self, rng: random.Random, *, held_out: bool) -> Iterator[Task]:
        groups = [group for group in self.groups if group.held_out == held_out]
        rng.shuffle(groups)
        for size in SIZES if len(groups) > 2 * SIZES[0] else SIZES[:1]:
            for start in range(0, min(len(groups), 2 * size), size):
                if part := groups[start : start + size]:
                    yield self.make(f"{self.name}/{len(part)}", part, rng)


def read_sources(groups: Sequence[Path], pairs: Sequence[Path], classes: Sequence[Path]) -> list[Source]:
    """One source a language of the groups, one a file of the others."""
    own: dict[str, list[Group]] = {}
    for path in (file for root in groups for file in (sorted(root.glob("*.jsonl")) if root.is_dir() else [root])):
        for row in read_rows(path):
            own.setdefault(str(row.get("lang")), []).extend(own_groups([row]))
    langs = {lang: tuple(items) for lang, items in own.items() if items}
    found = [Source(f"groups-{lang}", items, faq_task, SHARES["groups"] / len(langs)) for lang, items in langs.items()]
    for path in pairs:
        rows = read_rows(path)
        labelled = bool(rows) and not {"label", "score"}.isdisjoint(rows[0])
        items = pair_groups(rows) if labelled else translation_groups(rows)
        found.append(Source(path.stem, tuple(items), pair_task, SHARES["pairs"] / len(pairs)))
    for path in classes:
        rows = read_rows(path)
        items = class_groups(rows, "intent" if rows and "intent" in rows[0] else "act")
        found.append(Source(path.stem, tuple(items), class_task, SHARES["classes"] / len(classes)))
    return found


def unseen_sources(groups: Path, pairs: Sequence[Path], classes: Sequence[Path]) -> list[Source]:
    """As :func:`read_sources`, with nothing that encoder and reranker were trained on: of the question groups the parts
    kept for this, of classes the texts kept for measuring. A likeness that was trained looks surer than a new one is."""
    langs: dict[str, list[Group]] = {}
    for group in read_groups(groups):
        if group.part is not Part.TRAIN:
            langs.setdefault(group.lang, []).append(_as_task_group(group))
    own = [
        Source(f"groups-{lang}", tuple(found), faq_task, SHARES["groups"] / len(langs)) for lang, found in langs.items()
    ]
    public = read_sources([], pairs, classes)
    return own + [_kept(source) if source.make is class_task else source for source in public]


def _as_task_group(group: QuestionGroup) -> Group:
    first, *near = group.meanings
    return Group(
        first.texts,
        tuple(meaning.texts for meaning in near),
        first.answer,
        tuple(meaning.answer for meaning in near),
        measured=group.part is Part.TEST,
    )


def _kept(source: Source) -> Source:
    groups = (Group(tuple(text for text in group.texts if is_measured(text))) for group in source.groups)
    return replace(source, groups=tuple(group for group in groups if len(group.texts) > 2))


def fingerprint(sources: Sequence[Source]) -> str:
    """A hash of every text that training may have seen."""
    digest = hashlib.sha256()
    for source in sources:
        for group in source.groups:
            digest.update(json.dumps([group.texts, group.near], ensure_ascii=False).encode())
    return digest.hexdigest()[:16]
