"""What everything here is measured against: a linear support vector machine on TF-IDF of the same features."""

from __future__ import annotations

from collections.abc import Sequence

from nlu.intent.features import document, readable
from nlu.intent.types import Example


def svm_intents(training: Sequence[Example], texts: Sequence[str], *, seed: int = 17) -> list[str]:
    """The intent of each text; out of scope is one where the training has examples of it.

    Raises:
        ValueError: the training has fewer than two intents.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer=_features, sublinear_tf=True, min_df=2 if len(training) > 500 else 1)
    rows = vectorizer.fit_transform([example.text for example in training])
    machine = LinearSVC(random_state=seed).fit(rows, [example.intent for example in training])
    return [str(name) for name in machine.predict(vectorizer.transform(texts))]


def _features(text: str) -> list[str]:
    return document(readable(text))
