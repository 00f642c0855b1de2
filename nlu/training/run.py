"""A training run that can be cut off at any time: steps, checkpoints, and the same result for the same seed."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

Report = Callable[[str], None]
LossOf = Callable[[int, random.Random], tuple[str, Tensor]]
"""What kind of step this is and its loss, by the step's number and a generator of the step's own."""
Figures = Callable[[], dict[str, float]]

KEEP_EVERY = 200
"""Steps between two checkpoints."""
_TELL_EVERY = 20


class Recipe(Protocol):
    """A frozen dataclass: everything that decides the result, with the start and the data."""

    @property
    def seed(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def warm_up(self) -> float: ...


@dataclass(slots=True)
class Run:
    """A model under training with all it needs to go on."""

    recipe: Recipe
    model: nn.Module
    tokenizer: Tokenizer
    optimizer: torch.optim.Optimizer
    checkpoint: Path
    step: int = 0

    @classmethod
    def begin(cls, recipe: Recipe, model: nn.Module, tokenizer: Tokenizer, checkpoint: Path, report: Report) -> Run:
        """At the first step, or where a run of the same recipe was cut off."""
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=0.01)
        run = cls(recipe, model, tokenizer, optimizer, checkpoint)
        run._resume(report)
        return run

    def train(self, loss_of: LossOf, figures: Figures, report: Report) -> dict[str, float]:
        """All steps that are left; returns the last figures. Whoever has written the result ends with :meth:`done`."""
        started, first = time.monotonic(), self.step
        found = {} if self.step < self.recipe.steps else figures()
        while self.step < self.recipe.steps:
            told = self._advance(loss_of)
            if self.step % _TELL_EVERY == 0:
                pace = (time.monotonic() - started) / (self.step - first)
                left = pace * (self.recipe.steps - self.step) / 60
                report(f"step {self.step}/{self.recipe.steps}  {told}  {pace:.2f} s a step, {left:.0f} min left")
            if self.step % KEEP_EVERY == 0 or self.step == self.recipe.steps:
                self._save()
                found = figures()
                report(f"step {self.step}  dev {json.dumps(found)}")
        return found

    def done(self) -> None:
        """The result is written: a new run begins anew."""
        self.checkpoint.unlink()

    def _advance(self, loss_of: LossOf) -> str:
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate * schedule(self.step, self.recipe.steps, self.recipe.warm_up)
        kind, loss = loss_of(self.step, random.Random(f"{self.recipe.seed}:{self.step}"))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return f"{kind} {loss.item():.4f}"

    def _mark(self) -> str:
        recipe: Any = self.recipe
        return json.dumps(asdict(recipe))

    def _resume(self, report: Report) -> None:
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint, weights_only=True)
            if saved["recipe"] == self._mark():
                self.model.load_state_dict(saved["model"])
                self.optimizer.load_state_dict(saved["optimizer"])
                self.step = saved["step"]
                report(f"goes on at step {self.step}")

    def _save(self) -> None:
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.checkpoint.with_suffix(".new")
        state = {
            "recipe": self._mark(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)


def repeatable(seed: int) -> None:
    """From here on PyTorch does the same for the same seed."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing here reads what it did not write


def freeze(model: nn.Module, layers: int) -> None:
    """Embeddings and this many layers from below learn no more; all above do."""
    fixed = ("embeddings.", *(f"encoder.layer.{layer}." for layer in range(layers)))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.removeprefix("bert.").startswith(fixed)


def schedule(step: int, steps: int, warm_up: float) -> float:
    """Share of the learning rate: linear warm-up, then a cosine down to 2 %."""
    warm = max(1, int(warm_up * steps))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))


def served(out: Path, kind: str, trained: Path, figures: dict[str, object]) -> None:
    """The exported model with its ``metrics.json`` beside it: figures, recipe and the hash of the texts."""
    from nlu.training.export import export

    export(kind, trained, out, f"zhike-{kind}")
    made = json.loads((trained / "training.json").read_text(encoding="utf-8"))
    (out / "metrics.json").write_text(json.dumps({**figures, **made}, indent=1) + "\n", encoding="utf-8")
