"""Features and the shipped ranker: sane where a person is sure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.compare import EntryViews, compare
from nlu.features import FEATURES, FLAGS, SIGNS, Asked, Weights, feature_rows, likeness
from nlu.rank import FeatureRanker, RankerMismatch
from nlu.synonyms import base_groups
from nlu.view import Analyzer

KNOWLEDGE = [
    "怎么修改收货地址",
    "怎么修改手机号",
    "退货运费谁承担",
    "多久能发货",
    "how do i track my order",
    "电子发票在哪下载",
]
ANALYZER = Analyzer(base_groups())
ENTRIES = [EntryViews((ANALYZER.raw_view(text),)) for text in KNOWLEDGE]
WEIGHTS = Weights(entry.positive[0] for entry in ENTRIES)


@dataclass(frozen=True)
class Hit:
    entry: int
    text: int = 0
    words: float = 3.0
    bigrams: float = 3.0


@pytest.fixture(scope="module")
def ranker() -> FeatureRanker:
    return FeatureRanker.load()


def rows(text: str, hits: Sequence[Hit] | None = None) -> list[list[float]]:
    asked, found = compare(ANALYZER.raw_view(text), hits or [Hit(n) for n in range(len(ENTRIES))], ENTRIES, WEIGHTS)
    return feature_rows(asked, [item.match for item in found])


def test_a_row_has_every_feature_and_every_flag_but_the_veto() -> None:
    assert {len(row) for row in rows("怎么改收货地址")} == {len(FEATURES)}
    assert set(FLAGS) - set(FEATURES) == {"negative_question"}


def test_identical_text_is_nearly_certain_and_stands_first(ranker: FeatureRanker) -> None:
    for place, text in enumerate(KNOWLEDGE):
        chances = ranker.probabilities(rows(text))
        assert chances.index(max(chances)) == place
        assert chances[place] > 0.9


def test_probability_falls_as_the_words_leave(ranker: FeatureRanker) -> None:
    steps = ["怎么修改收货地址", "修改收货地址", "收货地址改", "地址", "今天星期几"]
    chances = [ranker.probabilities(rows(text))[0] for text in steps]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] < 0.1


def test_no_feature_of_the_shipped_model_speaks_the_wrong_way(ranker: FeatureRanker) -> None:
    for name, weight in zip(FEATURES, ranker.weights.tolist(), strict=True):
        assert SIGNS[name] * weight >= 0, name


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="怎么修改收货地址退运费谁 how track0159?", max_size=40))
def test_similarities_stay_within_bounds(text: str) -> None:
    asked = Asked.of(ANALYZER.raw_view(text), WEIGHTS)
    for entry in ENTRIES:
        found = likeness(asked, entry.positive[0])
        for value in (found.cosine, found.words, found.words_asked, found.words_entry, found.ratio, found.overall):
            assert 0.0 <= value <= 1.0 + 1e-9
    assert all(0.0 <= chance <= 1.0 for chance in FeatureRanker.load().probabilities(rows(text)))


def test_nothing_recalled_gives_no_rows(ranker: FeatureRanker) -> None:
    asked, found = compare(ANALYZER.raw_view("退货"), [], ENTRIES, WEIGHTS)
    assert ranker.probabilities(feature_rows(asked, [item.match for item in found])) == []


def test_the_closest_text_of_an_entry_speaks_for_it() -> None:
    views = EntryViews((ANALYZER.raw_view("电子发票在哪下载"), ANALYZER.raw_view("怎么报销")))
    _, found = compare(ANALYZER.raw_view("怎样报销"), [Hit(0, 0), Hit(0, 1)], [views], WEIGHTS)
    assert [item.text for item in found] == [1]


def test_weights_after_a_change_are_those_of_a_fresh_count() -> None:
    views = [entry.positive[0] for entry in ENTRIES]
    changed = Weights(views[4:], removed=views[:1], previous=Weights(views[:4]))
    fresh = Weights(views[1:])
    assert changed.words == fresh.words
    assert changed.grams == fresh.grams
    assert changed.words["没有的词"] == fresh.words.unknown


def test_a_model_survives_its_own_file(ranker: FeatureRanker) -> None:
    again = FeatureRanker.from_json(ranker.to_json())
    assert again.fingerprint == ranker.fingerprint
    assert again.probabilities(rows("退货运费")) == ranker.probabilities(rows("退货运费"))


@pytest.mark.parametrize("change", [{"features": ["cosine"]}, {"weights": None}, {"features": None}])
def test_a_model_of_other_features_is_refused(ranker: FeatureRanker, change: dict[str, object]) -> None:
    with pytest.raises(RankerMismatch):
        FeatureRanker.from_json({**ranker.to_json(), **change})


def test_the_shipped_file_names_its_own_fingerprint(ranker: FeatureRanker) -> None:
    written = json.loads(files("nlu").joinpath("models", "ranker.json").read_text(encoding="utf-8"))
    assert written["fingerprint"] == ranker.fingerprint
