"""What the fit says of held-out examples is what a fit without them says."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.intent import ridge

LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2])


def likenesses() -> ridge.Matrix:
    vectors = np.random.default_rng(3).normal(size=(len(LABELS), 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.exp(vectors @ vectors.T - 1).astype(np.float32)


def refitted(kept: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """By the textbook: solve the system that holds the kept examples only."""
    likeness = likenesses().astype(np.float64)
    penalties = 0.1 / ridge.importance(LABELS)[kept].astype(np.float64)
    system = likeness[np.ix_(kept, kept)] + np.diag(penalties)
    weights = np.linalg.solve(system, ridge.targets_of(LABELS, 3)[kept])
    return likeness[np.ix_(asked, kept)] @ weights


def test_a_held_out_example_is_scored_as_by_a_fit_without_it() -> None:
    fitted = ridge.fit(likenesses(), LABELS, 3, 0.1)
    for place in range(len(LABELS)):
        kept = np.delete(np.arange(len(LABELS)), place)
        np.testing.assert_allclose(fitted.held_out[place], refitted(kept, np.array([place]))[0], atol=1e-3)


@pytest.mark.parametrize("intent", [0, 1, 2])
def test_a_held_out_intent_is_scored_as_by_a_fit_without_its_examples(intent: int) -> None:
    fitted = ridge.fit(likenesses(), LABELS, 3, 0.1)
    places = np.flatnonzero(intent == LABELS)
    kept = np.flatnonzero(intent != LABELS)
    np.testing.assert_allclose(fitted.without(places), refitted(kept, places), atol=1e-3)


def test_scores_of_new_messages_use_all_examples() -> None:
    fitted = ridge.fit(likenesses(), LABELS, 3, 0.1)
    every = np.arange(len(LABELS))
    np.testing.assert_allclose(likenesses() @ fitted.weights, refitted(every, every), atol=1e-3)
