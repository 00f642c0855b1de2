"""Trains the static encoder (:mod:`nlu.encode.static`) from question groups, in seconds on one core.

    python -m nlu.training.static OUT [--groups FOLDER] [--seed 17]

Two texts of one meaning attract each other, those of all other meanings in the batch repel, near misses of the same group
among them: symmetric in-batch cross-entropy over scaled cosines (InfoNCE, van den Oord et al. 2018; scale 20). N-grams are
dropped at random, so that the model does not lean on one of them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nlu.encode.folder import FolderConfig, fingerprint_of
from nlu.encode.static import StaticEncoder, rows_of
from nlu.training.corpora import GROUPS, Meaning, Part, QuestionGroup, data_hash, read_groups

if TYPE_CHECKING:
    from torch import Tensor, nn

Progress = Callable[[str, int, int], None]

_LEVELS = 31
"""Largest step of a packed row: six bits are as good as eight, and the file compresses to three quarters."""


@dataclass(frozen=True, slots=True)
class Recipe:
    bits: int = 15
    """The table has 2^bits rows."""
    dims: int = 256
    passes: int = 15
    """Over the groups."""
    batch: int = 256
    """Meanings; whole groups stay together."""
    rate: float = 5e-3
    spread: float = 0.01
    """Standard deviation of the table before training."""
    scale: float = 20.0
    dropped: float = 0.2
    """Share of a text's n-grams left out at each sight of it."""
    seed: int = 17


def train(groups: Sequence[QuestionGroup], recipe: Recipe, progress: Progress) -> npt.NDArray[np.float32]:
    """The table (2^bits, dims), from the groups of ``Part.TRAIN`` alone; the same for the same seed."""
    import torch

    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    learned = [group for group in groups if group.part is Part.TRAIN]
    table = torch.nn.EmbeddingBag(1 << recipe.bits, recipe.dims, mode="sum", sparse=True)
    torch.nn.init.normal_(table.weight, std=recipe.spread)
    optimiser = torch.optim.SparseAdam(list(table.parameters()), lr=recipe.rate)
    texts = {text for group in learned for meaning in group.meanings for text in meaning.texts}
    rows = {text: rows_of(text, 1 << recipe.bits) for text in texts}
    steps = [batch for _ in range(recipe.passes) for batch in _batches(learned, recipe.batch, rng)]
    for done, batch in enumerate(steps, 1):
        for rate in optimiser.param_groups:
            rate["lr"] = recipe.rate * (1 - (done - 1) / len(steps))
        pairs = [_pair(meaning, rng) for meaning in batch]
        left, right = (_vectors(table, [rows[pair[side]] for pair in pairs], recipe.dropped, rng) for side in (0, 1))
        likeness = recipe.scale * left @ right.T
        own = torch.arange(len(pairs))
        loss = torch.nn.functional.cross_entropy(likeness, own) + torch.nn.functional.cross_entropy(likeness.T, own)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        progress(f"static, loss {loss.item() / 2:.3f}", done, len(steps))
    found: npt.NDArray[np.float32] = table.weight.detach().numpy()
    return found


def _batches(groups: Sequence[QuestionGroup], size: int, rng: random.Random) -> Iterator[list[Meaning]]:
    order = list(groups)
    rng.shuffle(order)
    batch: list[Meaning] = []
    for group in order:
        batch.extend(meaning for meaning in group.meanings if meaning.similar)
        if len(batch) >= size:
            yield batch
            batch = []
    if len(batch) > 1:
        yield batch


def _pair(meaning: Meaning, rng: random.Random) -> tuple[str, str]:
    """A similar question with the standard one, or now and then with another similar one."""
    similar = rng.choice(meaning.similar)
    others = [text for text in meaning.texts if text != similar] or [similar]
    return similar, meaning.question if rng.random() < 0.7 else rng.choice(others)


def _vectors(table: nn.EmbeddingBag, texts: Sequence[Sequence[int]], dropped: float, rng: random.Random) -> Tensor:
    """Unit vectors (n, dims) of texts that are given as rows of the table."""
    import torch

    kept = [[row for row in rows if rng.random() >= dropped] or rows for rows in texts]
    starts = np.cumsum([0, *map(len, kept[:-1])])
    flat = torch.tensor([row for rows in kept for row in rows])
    return torch.nn.functional.normalize(table(flat, torch.from_numpy(starts)), dim=-1)


def write(table: npt.NDArray[np.float32], folder: Path, name: str = "static") -> StaticEncoder:
    """The model folder, as :meth:`StaticEncoder.load` takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / _LEVELS
    packed = np.round(table / scales).astype(np.int8)
    np.savez_compressed(folder / "table.npz", table=packed, scales=scales.astype(np.float16))
    config = FolderConfig(name, "static", table.shape[1], fingerprint_of(folder, "static"))
    kept = {key: value for key, value in asdict(config).items() if key in ("name", "kind", "dims", "fingerprint")}
    (folder / "config.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return StaticEncoder.load(folder)


def top1(
    encoder: StaticEncoder, groups: Sequence[QuestionGroup], lang: str, part: Part = Part.TEST
) -> tuple[float, int]:
    """Share of the similar questions whose own standard question is the nearest of all, and the number of the questions."""
    meanings = [m for group in groups if group.part is part and group.lang == lang for m in group.meanings]
    entries = encoder.encode([meaning.question for meaning in meanings])
    asked = [(text, place) for place, meaning in enumerate(meanings) for text in meaning.similar]
    nearest = (encoder.encode([text for text, _ in asked]) @ entries.T).argmax(axis=1)
    return float(np.mean(nearest == np.array([place for _, place in asked]))), len(asked)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--groups", type=Path, default=GROUPS)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--passes", type=int, default=Recipe().passes)
    args = parser.parse_args(arguments)
    import torch

    torch.set_num_threads(1)  # the order of sums, and with it the model, must not depend on the machine
    groups = read_groups(args.groups)
    recipe = Recipe(seed=args.seed, passes=args.passes)
    encoder = write(train(groups, recipe, _report), args.out)
    figures = {
        lang: dict(zip(("top1", "questions"), top1(encoder, groups, lang), strict=True)) for lang in ("zh", "en")
    }
    learned = (text for group in groups if group.part is Part.TRAIN for m in group.meanings for text in m.texts)
    report = {"recipe": asdict(recipe), "data_sha256": data_hash(learned), "held_out": figures}
    config = json.loads((args.out / "config.json").read_text(encoding="utf-8"))
    (args.out / "config.json").write_text(json.dumps({**config, **report}, indent=1) + "\n", encoding="utf-8")
    sys.stderr.write(json.dumps(figures) + "\n")


def _report(what: str, done: int, total: int) -> None:
    if done % 20 == 0 or done == total:
        sys.stderr.write(f"{what}: {done}/{total}\n")


if __name__ == "__main__":
    main()
