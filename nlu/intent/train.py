"""From examples to a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nlu.encode import Encoder
from nlu.intent.features import Vocabulary, context, grams, readable
from nlu.intent.model import NluModel, fingerprint_of
from nlu.intent.types import OUT_OF_SCOPE, Example

Progress = Callable[[str, int, int], None]


def train(
    examples: Sequence[Example], *, encoder: Encoder | None = None, seed: int = 17, progress: Progress | None = None
) -> NluModel:
    """
    Raises:
        ValueError: fewer than two intents.
    """
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    kept = [example for example in examples if example.intent != OUT_OF_SCOPE]
    intents = tuple(sorted({example.intent for example in kept}))
    if len(intents) < 2:
        raise ValueError("training needs examples of at least two intents")
    documents = [[*grams(readable(e.text)), *context(e.asked, e.history)] for e in kept]
    vocabulary = Vocabulary.of(documents, seen=1)
    rows = [vocabulary.row(document) for document in documents]
    columns = np.concatenate([row.columns for row in rows])
    values = np.concatenate([row.values for row in rows])
    starts = np.cumsum([0, *(len(row.columns) for row in rows)])
    design = sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(vocabulary.columns)))
    if encoder is not None:
        design = sparse.hstack([design, sparse.csr_matrix(encoder.encode([e.text for e in kept]))]).tocsr()
    labels = [intents.index(example.intent) for example in kept]
    fitted = LogisticRegression(C=10.0, max_iter=200).fit(design, labels)
    weights, bias = fitted.coef_.T.astype(np.float32), fitted.intercept_.astype(np.float32)
    if len(intents) == 2:
        weights, bias = np.hstack([-weights, weights]) / 2, np.array([-bias[0], bias[0]]) / 2
    print_ = fingerprint_of(intents, list(vocabulary.columns), weights, bias)
    return NluModel(intents, vocabulary, weights, bias, 0.0, encoder.fingerprint if encoder else "", encoder, print_)
