"""What every training run starts from: the cut base, the whole one as a teacher, and the teachers' vectors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from nlu.training import base as bases
from nlu.training.corpora import Part, QuestionGroup, texts_of
from nlu.training.teachers import Taught, general_texts, teach

PIECES = 32_000
LAYERS = 6
GENERAL = 50_000
SEED = 7
"""Of the choice of general sentences: one for all runs, since the teachers take a quarter of an hour for them."""
_UNFIT = re.compile(r"text_(docs|laws)|db_|cloze|.*_system")
"""Files of long technical text and of templates: their sentences are no questions."""


def cut_base(run: Path, public: Path, groups: Sequence[QuestionGroup], report: Callable[[str], None]) -> Path:
    """The base with the vocabulary and the layers that are shipped; made once a run. The whole one lies beside it as ``e5``."""
    small, whole = run / "base", run / "e5"
    if not (small / "model.safetensors").exists() or not (whole / "model.safetensors").exists():
        loaded = bases.load()
        report(f"choosing {PIECES} pieces of the vocabulary")
        own = [
            text
            for group in groups
            if group.part is Part.TRAIN
            for m in group.meanings
            for text in (*m.texts, m.answer)
        ]
        kept = bases.choose_pieces(
            loaded, (text for texts in (own, *map(texts_of, _files(public))) for text in texts), PIECES
        )
        cut = bases.keep_pieces(loaded, kept)
        cut.write(whole)
        bases.keep_layers(cut, LAYERS).write(small)
    return small


def teach_general(
    run: Path, public: Path, groups: Sequence[QuestionGroup], report: Callable[[str], None]
) -> tuple[Path, Taught]:
    """The cut base and general sentences with the teachers' vectors."""
    small = cut_base(run, public, groups, report)
    texts = general_texts(_files(public), groups, GENERAL, SEED)

    def progress(what: str, done: int, total: int) -> None:
        if done == total or done // 5120 != (done - 256) // 5120:
            report(f"{what}: {done} of {total}")

    return small, teach(texts, run / "e5", run / "taught.npz", progress)


def _files(public: Path) -> list[Path]:
    return [path for path in sorted(public.glob("*.jsonl")) if not _UNFIT.match(path.name)]
