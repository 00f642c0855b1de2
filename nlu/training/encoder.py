"""Trains the shipped encoder from the pre-trained base.

Two things at once: questions of one meaning come together and near misses apart (symmetric in-batch cross-entropy, as in
Henderson et al. 2017 and Radford et al. 2021), and general sentences keep the likeness that two large teachers see
(matching of similarity matrices, as in Tung and Mori 2019), so that the own text does not cost what the base knew.

    python -m nlu.training.encoder RUN_DIR --public DIR [--steps 1700]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlu.training import bert
from nlu.training.batches import Pair, PairSource, draw_pairs, meaning_pairs, read_public, trained_groups
from nlu.training.corpora import GROUPS, Part, QuestionGroup, data_hash, read_groups
from nlu.training.run import Report, Run, freeze, repeatable, served
from nlu.training.teachers import Taught


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, with the base and the data."""

    seed: int = 17
    steps: int = 1700
    distil_first: int = 220
    """Steps with general sentences alone: layers were cut out of the base, and it has to heal first."""
    rate: float = 1.5e-4
    warm_up: float = 0.04
    scale: float = 30.0
    groups: int = 32
    pairs: int = 56
    general: int = 80
    own_share: float = 0.62
    pair_share: float = 0.15
    frozen: int = 2
    """Layers from below that stay as they are once the cut has healed: they know words, not meanings."""
    longest: int = 32


def train(
    base: Path,
    out: Path,
    groups: Sequence[QuestionGroup],
    public: Sequence[PairSource],
    taught: Taught,
    recipe: Recipe,
    report: Report,
) -> dict[str, float]:
    """Writes the trained encoder to ``out`` as a transformers directory; a run that was cut off goes on at its checkpoint.

    Returns its figures on ``Part.DEV``.
    """
    repeatable(recipe.seed)
    model, tokenizer = bert.load_model(base), bert.load_tokenizer(base, recipe.longest)
    freeze(model, 0)
    run = Run.begin(recipe, model, tokenizer, out / "checkpoint.pt", report)
    learned = trained_groups(groups)
    lesson = _Lesson(recipe, model, tokenizer, learned, public, taught)
    figures = run.train(lesson.loss, lambda: quick_figures(model, tokenizer, groups), report)
    _write(model, recipe, base, out, data_hash(text for group in learned for m in group.meanings for text in m.texts))
    run.done()
    return figures


def _write(model: nn.Module, recipe: Recipe, base: Path, out: Path, data: str) -> None:
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (out / name).write_bytes((base / name).read_bytes())
    save_file(model.state_dict(), out / "model.safetensors", metadata={"format": "pt"})
    made = {"recipe": asdict(recipe), "data_hash": data}
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


# --- one step ---------------------------------------------------------------------------------------------------


_KL_TEMPERATURE = 0.05
_MSE_WEIGHT = 20.0


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What is learned from, and how much each step has to learn."""

    recipe: Recipe
    model: nn.Module
    tokenizer: Tokenizer
    groups: Sequence[QuestionGroup]
    public: Sequence[PairSource]
    taught: Taught

    def loss(self, step: int, rng: random.Random) -> tuple[str, Tensor]:
        recipe = self.recipe
        healed = step >= recipe.distil_first
        freeze(self.model, recipe.frozen if healed else 0)
        dice = rng.random() if healed else 1.0
        if dice < recipe.own_share:
            return "own", self._contrast(meaning_pairs(self.groups, recipe.groups, rng))
        if dice < recipe.own_share + recipe.pair_share:
            return "pairs", self._contrast(draw_pairs(self.public, recipe.pairs, rng))
        return "general", self._distil(rng)

    def _contrast(self, pairs: Sequence[Pair]) -> Tensor:
        both = bert.embed(self.model, self.tokenizer, [a for a, _ in pairs] + [b for _, b in pairs])
        likeness = self.recipe.scale * both[: len(pairs)] @ both[len(pairs) :].T
        right = torch.arange(len(pairs))
        return (nn.functional.cross_entropy(likeness, right) + nn.functional.cross_entropy(likeness.T, right)) / 2

    def _distil(self, rng: random.Random) -> Tensor:
        places = self.taught.draw(self.recipe.general, rng)
        found = bert.embed(self.model, self.tokenizer, [self.taught.texts[place] for place in places])
        mine, theirs = found @ found.T, torch.from_numpy(self.taught.likeness(places))
        others = ~torch.eye(len(places), dtype=torch.bool)
        apart = nn.functional.mse_loss(mine[others], theirs[others])
        own = nn.functional.log_softmax((mine[others] / _KL_TEMPERATURE).view(len(places), -1), dim=1)
        wanted = nn.functional.softmax((theirs[others] / _KL_TEMPERATURE).view(len(places), -1), dim=1)
        return _MSE_WEIGHT * apart + nn.functional.kl_div(own, wanted, reduction="batchmean")


# --- figures on the way -----------------------------------------------------------------------------------------


def quick_figures(model: nn.Module, tokenizer: Tokenizer, groups: Sequence[QuestionGroup]) -> dict[str, float]:
    """Top-1 and list@3 of one similar question a meaning among all meanings of ``Part.DEV``, by question alone; and how
    often the right one stands above its own near misses."""
    own = [list(group.meanings) for group in groups if group.part is Part.DEV and group.lang == "zh"]
    meanings = [meaning for group in own for meaning in group]
    group_of = np.repeat(np.arange(len(own)), [len(group) for group in own])
    entries = np.concatenate(list(bert.vectors(model, tokenizer, [m.question for m in meanings])))
    asked = np.concatenate(list(bert.vectors(model, tokenizer, [m.similar[0] for m in meanings])))
    scores = asked @ entries.T
    right = scores.diagonal()
    rank = (scores > right[:, None]).sum(axis=1)
    rivals = np.where(group_of[:, None] == group_of[None, :], scores, -1.0)
    np.fill_diagonal(rivals, -1.0)
    above = right > rivals.max(axis=1)
    figures = {"top1": (rank == 0).mean(), "list3": (rank < 3).mean(), "above_near": above.mean()}
    return {name: round(float(value), 4) for name, value in figures.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    from nlu.training.start import teach_general

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "run",
        type=Path,
        help="folder of the run: bases, teachers' vectors, checkpoint, transformers/ (trained), encoder/ (as it is served)",
    )
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets (jsonl)")
    parser.add_argument("--groups", type=Path, default=GROUPS)
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)

    def report(line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    groups = read_groups(args.groups)
    base, taught = teach_general(args.run, args.public, groups, report)
    recipe = Recipe(seed=args.seed, steps=args.steps)
    trained = args.run / "transformers" / "encoder"
    figures = train(base, trained, groups, read_public(args.public), taught, recipe, report)
    served(args.run / "encoder", "encoder", trained, {"dev": figures})


if __name__ == "__main__":
    main()
