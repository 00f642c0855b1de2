"""Trains the shipped encoder from the pre-trained base.

Two things at once: questions of one meaning come together and near misses apart (symmetric in-batch cross-entropy, as in
Henderson et al. 2017 and Radford et al. 2021), and general sentences keep the likeness that two large teachers see
(matching of similarity matrices, as in Tung and Mori 2019), so that the own text does not cost what the base knew.

    python -m nlu.training.encoder RUN_DIR --public DIR [--minutes 60]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlu.training import bert
from nlu.training.batches import Pair, PairSource, draw_pairs, meaning_pairs, read_public, trained_groups
from nlu.training.corpora import GROUPS, Part, QuestionGroup, data_hash, read_groups
from nlu.training.teachers import Taught

Report = Callable[[str], None]


KEEP_EVERY = 200
"""Steps between two checkpoints."""


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


@dataclass(slots=True)
class _Run:
    """A model under training with all it needs to go on."""

    recipe: Recipe
    model: nn.Module
    tokenizer: Tokenizer
    optimizer: torch.optim.Optimizer
    step: int = 0


def train(
    base: Path,
    out: Path,
    groups: Sequence[QuestionGroup],
    public: Sequence[PairSource],
    taught: Taught,
    recipe: Recipe,
    report: Report,
) -> None:
    """Writes the trained encoder to ``out`` as a transformers directory; a run that was cut off goes on at its checkpoint."""
    torch.manual_seed(recipe.seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing here reads what it did not write
    run = _start(base, recipe)
    checkpoint = out / "checkpoint.pt"
    _resume(run, checkpoint, report)
    learned = trained_groups(groups)
    started, first = time.monotonic(), run.step
    while run.step < recipe.steps:
        if run.step == recipe.distil_first or (run.step == first and first > recipe.distil_first):
            freeze(run.model, recipe.frozen)
        loss = _step(run, learned, public, taught)
        run.step += 1
        if run.step % 20 == 0:
            pace = (time.monotonic() - started) / (run.step - first)
            left = pace * (recipe.steps - run.step) / 60
            report(f"step {run.step}/{recipe.steps}  {loss}  {pace:.2f} s a step, {left:.0f} min left")
        if run.step % KEEP_EVERY == 0 or run.step == recipe.steps:
            _save(run, checkpoint)
            report(f"step {run.step}  dev {json.dumps(quick_figures(run.model, run.tokenizer, groups))}")
    _write(run, base, out, data_hash(text for group in learned for m in group.meanings for text in m.texts))
    checkpoint.unlink()


def _start(base: Path, recipe: Recipe) -> _Run:
    model = bert.load_model(base)
    freeze(model, 0)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=0.01)
    return _Run(recipe, model, bert.load_tokenizer(base, recipe.longest), optimizer)


def freeze(model: nn.Module, layers: int) -> None:
    """Embeddings and this many layers from below learn no more."""
    fixed = ("embeddings.", *(f"encoder.layer.{layer}." for layer in range(layers)))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.removeprefix("bert.").startswith(fixed)


def _resume(run: _Run, checkpoint: Path, report: Report) -> None:
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved["recipe"] == json.dumps(asdict(run.recipe)):
            run.model.load_state_dict(saved["model"])
            run.optimizer.load_state_dict(saved["optimizer"])
            run.step = saved["step"]
            report(f"goes on at step {run.step}")


def _save(run: _Run, checkpoint: Path) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    fresh = checkpoint.with_suffix(".new")
    state = {
        "recipe": json.dumps(asdict(run.recipe)),
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "step": run.step,
    }
    torch.save(state, fresh)
    fresh.replace(checkpoint)


def _write(run: _Run, base: Path, out: Path, data: str) -> None:
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (out / name).write_bytes((base / name).read_bytes())
    save_file(run.model.state_dict(), out / "model.safetensors", metadata={"format": "pt"})
    recipe = {"recipe": asdict(run.recipe), "data_sha256": data}
    (out / "training.json").write_text(json.dumps(recipe, indent=1) + "\n", encoding="utf-8")


# --- one step ---------------------------------------------------------------------------------------------------


def _step(run: _Run, groups: Sequence[QuestionGroup], public: Sequence[PairSource], taught: Taught) -> str:
    recipe, rng = run.recipe, random.Random(f"{run.recipe.seed}:{run.step}")
    for group in run.optimizer.param_groups:
        group["lr"] = recipe.rate * schedule(run.step, recipe.steps, recipe.warm_up)
    dice = rng.random() if run.step >= recipe.distil_first else 1.0
    if dice < recipe.own_share:
        kind, loss = "own", _contrast(run, meaning_pairs(groups, recipe.groups, rng))
    elif dice < recipe.own_share + recipe.pair_share:
        kind, loss = "pairs", _contrast(run, draw_pairs(public, recipe.pairs, rng))
    else:
        kind, loss = "general", _distil(run, taught, rng)
    loss.backward()
    nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    return f"{kind} {loss.item():.4f}"


def schedule(step: int, steps: int, warm_up: float) -> float:
    """Share of the learning rate: linear warm-up, then a cosine down to 2 %."""
    warm = max(1, int(warm_up * steps))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def _contrast(run: _Run, pairs: Sequence[Pair]) -> Tensor:
    both = bert.embed(run.model, run.tokenizer, [a for a, _ in pairs] + [b for _, b in pairs])
    likeness = run.recipe.scale * both[: len(pairs)] @ both[len(pairs) :].T
    right = torch.arange(len(pairs))
    return (nn.functional.cross_entropy(likeness, right) + nn.functional.cross_entropy(likeness.T, right)) / 2


_KL_TEMPERATURE = 0.05
_MSE_WEIGHT = 20.0


def _distil(run: _Run, taught: Taught, rng: random.Random) -> Tensor:
    places = taught.draw(run.recipe.general, rng)
    found = bert.embed(run.model, run.tokenizer, [taught.texts[place] for place in places])
    mine, theirs = found @ found.T, torch.from_numpy(taught.likeness(places))
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


def trained_figures(folder: Path, groups: Sequence[QuestionGroup]) -> dict[str, float]:
    return quick_figures(bert.load_model(folder).eval(), bert.load_tokenizer(folder, Recipe().longest), groups)


def served(out: Path, kind: str, trained: Path, figures: dict[str, object]) -> None:
    """The exported model with its ``metrics.json`` beside it."""
    from nlu.training.export import export

    export(kind, trained, out, f"zhike-{kind}")
    (out / "metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


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
    train(base, trained, groups, read_public(args.public), taught, recipe, report)
    figures = {"dev": trained_figures(trained, groups), **json.loads((trained / "training.json").read_text())}
    served(args.run / "encoder", "encoder", trained, figures)


if __name__ == "__main__":
    main()
