"""Boosted trees over ranker features (LightGBM, Ke et al. 2017), held to the signs that are known beforehand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nlu.rank import Trees

Vector = npt.NDArray[np.float64]

TREES = 200
LEAVES = 15
_PARAMETERS = {
    "objective": "binary",
    "num_leaves": LEAVES,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def fit(rows: Vector, labels: Vector, importance: Vector, signs: Vector, seed: int, trees: int = TREES) -> Trees:
    """Fits n rows of d features; a feature whose sign is 1 never lowers the probability as it grows, -1 never raises it."""
    import lightgbm

    parameters = {**_PARAMETERS, "monotone_constraints": signs.astype(int).tolist(), "seed": seed}
    data = lightgbm.Dataset(rows, labels, weight=importance / importance.mean())
    return Trees(lightgbm.train(parameters, data, num_boost_round=trees).model_to_string())
