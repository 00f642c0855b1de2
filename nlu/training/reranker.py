"""Trains the shipped reranker: a cross-encoder that reads a question together with a text of an entry.

It starts from the trained encoder's layers. A step shows questions with one text that means the same and several that do
not: the group's own near misses, what the encoder confuses with it, and others of the trade. The loss is the listwise
softmax (Cao et al. 2007) plus a binary one, so that a list without a right text scores low as a whole.

    python -m nlu.training.reranker RUN_DIR --public DIR [--steps 900]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlu.semantic import reading_text
from nlu.training import bert
from nlu.training.batches import PairSource, read_labelled, read_public, trained_groups
from nlu.training.corpora import GROUPS, Meaning, Part, QuestionGroup, data_hash, read_groups
from nlu.training.run import Report, Run, freeze, repeatable, served


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result, with the encoder and the data."""

    seed: int = 17
    steps: int = 900
    rate: float = 8e-5
    warm_up: float = 0.05
    questions: int = 12
    others: int = 4
    """Wrong texts beside the right one."""
    own_share: float = 0.75
    without_right: float = 0.1
    """Share of questions whose right text is not shown."""
    with_answer: float = 0.7
    """Share of questions whose texts are shown with the start of their answers."""
    binary: float = 0.5
    frozen: int = 2
    """Layers of the encoder from below that stay as they are."""
    longest: int = 56


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with texts; ``right`` is the place of the one that means the same, None where there is none."""

    question: str
    texts: tuple[str, ...]
    right: int | None


def score(model: nn.Module, tokenizer: Tokenizer, pairs: Sequence[tuple[str, str]]) -> Tensor:
    """Logits of (question, text) pairs, in their order, (n,)."""
    ids = [item.ids for item in tokenizer.encode_batch(list(pairs))]
    parts, places = [], []
    for chunk in bert.chunks([len(tokens) for tokens in ids]):
        tokens, mask = bert.pad([ids[place] for place in chunk], bert.filler(model))
        parts.append(model(tokens, attention_mask=mask).logits.squeeze(-1))
        places.extend(chunk)
    back = torch.empty(len(places), dtype=torch.long)
    back[torch.tensor(places)] = torch.arange(len(places))
    return torch.cat(parts)[back]


# --- what is shown ----------------------------------------------------------------------------------------------


class Deck:
    """Meanings of the groups that are trained on, each with the meanings that the encoder takes for it."""

    def __init__(
        self, groups: Sequence[QuestionGroup], encoder: nn.Module, tokenizer: Tokenizer, near: int = 12
    ) -> None:
        self._meanings: list[Meaning] = [meaning for group in groups for meaning in group.meanings]
        owners = np.repeat(np.arange(len(groups)), [len(group.meanings) for group in groups])
        self._own = [np.flatnonzero(owners == owner).tolist() for owner in range(len(groups))]
        self._owners = owners
        self._confused = self._nearest(encoder, tokenizer, near)

    def _nearest(self, encoder: nn.Module, tokenizer: Tokenizer, near: int) -> list[list[int]]:
        """For each meaning, others whose question lies near one of its similar ones; what asks the same is left out."""
        questions = np.concatenate(list(bert.vectors(encoder, tokenizer, [m.question for m in self._meanings])))
        asked = np.concatenate(list(bert.vectors(encoder, tokenizer, [m.similar[0] for m in self._meanings])))
        found = []
        for place in range(len(self._meanings)):
            likeness = asked[place] @ questions.T
            likeness[questions @ questions[place] > _SAME_QUESTION] = -1.0
            likeness[self._owners == self._owners[place]] = -1.0
            found.append(np.argsort(-likeness)[:near].tolist())
        return found

    def draw(self, recipe: Recipe, rng: random.Random) -> Shown:
        place = rng.randrange(len(self._meanings))
        meaning = self._meanings[place]
        asked = rng.choice(meaning.similar)
        others = [other for other in self._own[self._owners[place]] if other != place]
        others += rng.sample(self._confused[place], min(recipe.others, len(self._confused[place])))
        others = [*others[: recipe.others - 1], rng.randrange(len(self._meanings))]
        answered = rng.random() < recipe.with_answer
        wrong = [self._text(self._meanings[other], asked, rng, answered) for other in others]
        right = self._text(meaning, asked, rng, answered) if rng.random() >= recipe.without_right else None
        return shuffled(asked, right, wrong, rng)

    def _text(self, meaning: Meaning, asked: str, rng: random.Random, answered: bool) -> str:
        """A text of the meaning other than what is asked, as it is read when serving."""
        texts = [text for text in meaning.texts if text != asked]
        text = meaning.question if rng.random() < _BY_QUESTION else rng.choice(texts)
        return reading_text(text, meaning.answer if answered else "")


_BY_QUESTION = 0.65
_SAME_QUESTION = 0.9
"""Two entries whose standard questions are this alike may mean the same: neither is a wrong text for the other."""


def shuffled(asked: str, right: str | None, wrong: Sequence[str], rng: random.Random) -> Shown:
    texts = [*wrong] if right is None else [right, *wrong[:]]
    order = rng.sample(range(len(texts)), len(texts))
    place = None if right is None else order.index(0)
    return Shown(asked, tuple(texts[number] for number in order), place)


def draw_public(sources: Sequence[PairSource], recipe: Recipe, rng: random.Random) -> list[Shown]:
    """Questions of one public set; the wrong texts are other pairs' texts of the same draw, and labelled look-alikes."""
    (source,) = rng.choices(sources, [source.weight for source in sources])
    if source.unlike and rng.random() < 0.6:
        pairs = rng.sample(source.unlike, min(recipe.questions * 2, len(source.unlike)))
        alike = rng.sample(source.pairs, min(recipe.questions * 2, len(source.pairs)))
        return [Shown(a, (b,), None) for a, b in pairs] + [Shown(a, (b,), 0) for a, b in alike]
    pairs = source.draw(recipe.questions, rng)
    texts = [b for _a, b in pairs]
    shown = []
    for place, (asked, right) in enumerate(pairs):
        others = [text for other, text in enumerate(texts) if other != place]
        wrong = rng.sample(others, min(recipe.others, len(others)))
        shown.append(shuffled(asked, right if rng.random() >= recipe.without_right else None, wrong, rng))
    return shown


# --- training ---------------------------------------------------------------------------------------------------


def train(
    encoder: Path,
    out: Path,
    groups: Sequence[QuestionGroup],
    public: Sequence[PairSource],
    recipe: Recipe,
    report: Report,
) -> dict[str, float]:
    """Writes the cross-encoder to ``out`` as a transformers directory; a run that was cut off goes on at its checkpoint.

    Returns its last figures.
    """
    repeatable(recipe.seed)
    model, tokenizer = bert.load_cross_encoder(encoder), bert.load_tokenizer(encoder, recipe.longest)
    freeze(model, recipe.frozen)
    run = Run.begin(recipe, model, tokenizer, out / "checkpoint.pt", report)
    bi_encoder, short = bert.load_model(encoder).eval(), bert.load_tokenizer(encoder, 40)
    learned = trained_groups(groups)
    deck = Deck(learned, bi_encoder, short)
    tested = dev_lists(groups, bi_encoder, short)
    report(f"{len(tested)} lists to test on, right text first in {first_share(tested):.3f}")

    def loss_of(_step: int, rng: random.Random) -> tuple[str, Tensor]:
        own = rng.random() < recipe.own_share
        shown = [deck.draw(recipe, rng) for _ in range(recipe.questions)] if own else draw_public(public, recipe, rng)
        return "own" if own else "public", _loss(model, tokenizer, shown, recipe.binary)

    figures = run.train(loss_of, lambda: list_figures(model, tokenizer, tested), report)
    data = data_hash(text for group in learned for m in group.meanings for text in (*m.texts, m.answer))
    write(model, encoder, out, {"recipe": asdict(recipe), "data_hash": data})
    run.done()
    return figures


def write(model: nn.Module, encoder: Path, out: Path, made: dict[str, object]) -> None:
    """A directory that transformers, sentence-transformers and TEI load as a cross-encoder."""
    saved: Any = model
    saved.save_pretrained(out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (out / name).write_bytes((encoder / name).read_bytes())
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def _loss(model: nn.Module, tokenizer: Tokenizer, shown: Sequence[Shown], binary_weight: float) -> Tensor:
    logits = score(model, tokenizer, [(item.question, text) for item in shown for text in item.texts])
    listed, wanted, start = [], torch.zeros_like(logits), 0
    for item in shown:
        end = start + len(item.texts)
        if item.right is not None:
            wanted[start + item.right] = 1.0
            if len(item.texts) > 1:
                row = logits[start:end].unsqueeze(0)
                listed.append(nn.functional.cross_entropy(row, torch.tensor([item.right])))
        start = end
    binary = nn.functional.binary_cross_entropy_with_logits(logits, wanted)
    if not listed:
        return binary
    return torch.stack(listed).mean() + binary_weight * binary


# --- figures on the way -----------------------------------------------------------------------------------------


DEV_MEANINGS = 300
"""Enough to see where a run is going; reading more would take as long as training does."""


def dev_lists(groups: Sequence[QuestionGroup], encoder: nn.Module, tokenizer: Tokenizer, size: int = 8) -> list[Shown]:
    """What the encoder lists for one similar question of each meaning of ``Part.DEV``, best first."""
    meanings = [m for group in groups if group.part is Part.DEV for m in group.meanings][:DEV_MEANINGS]
    questions = np.concatenate(list(bert.vectors(encoder, tokenizer, [m.question for m in meanings])))
    asked = np.concatenate(list(bert.vectors(encoder, tokenizer, [m.similar[0] for m in meanings])))
    lists = []
    for place, meaning in enumerate(meanings):
        order = np.argsort(-(questions @ asked[place]))[:size].tolist()
        right = order.index(place) if place in order else None
        texts = tuple(reading_text(meanings[other].question, meanings[other].answer) for other in order)
        lists.append(Shown(meaning.similar[0], texts, right))
    return lists


def first_share(lists: Sequence[Shown]) -> float:
    return sum(item.right == 0 for item in lists) / len(lists)


def list_figures(model: nn.Module, tokenizer: Tokenizer, lists: Sequence[Shown]) -> dict[str, float]:
    """Share of lists whose right text comes first by the cross-encoder, of all lists and of those that hold it."""
    first = 0
    for start in range(0, len(lists), 16):
        batch = lists[start : start + 16]
        with torch.inference_mode():
            logits = score(model, tokenizer, [(item.question, text) for item in batch for text in item.texts])
        at = 0
        for item in batch:
            first += int(logits[at : at + len(item.texts)].argmax()) == item.right
            at += len(item.texts)
    held = sum(item.right is not None for item in lists)
    return {"top1": round(first / len(lists), 4), "top1_of_held": round(first / held, 4)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run whose encoder is trained")
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

    recipe = Recipe(seed=args.seed, steps=args.steps)
    public = [*read_public(args.public), *read_labelled(args.public)]
    weights = args.run / "transformers"
    figures = train(weights / "encoder", weights / "reranker", read_groups(args.groups), public, recipe, report)
    served(args.run / "reranker", "reranker", weights / "reranker", {"dev": figures})


if __name__ == "__main__":
    main()
