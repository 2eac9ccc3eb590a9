"""Converts an estimator to the form with which `inference.py` scores rows without scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from inference import MANY_ROWS, bounded, features, scorer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference import Tree

#: A forest with more nodes takes longer to load than scikit-learn.
_MOST_NODES = 200_000
#: The order of additions changes the last digits of a sum of products.
_CLOSE = 1e-9


def form_of(estimator: Any, length: int, channels: int) -> dict[str, Any] | None:
    """The form for `inference.scorer`; None if its results differ from the estimator's.

    Trees must give the same results to the last bit.
    """

    def score(rows: Any) -> Any:
        return np.asarray(estimator.predict_proba(bounded(rows))[:, 1])

    sequences = np.random.default_rng(0).normal(scale=100, size=(MANY_ROWS - 1, length))
    rows = features(sequences, channels)
    try:
        found = _form(estimator)
        ours, theirs = scorer(found, score)(rows), score(rows)
    except Exception as error:  # noqa: BLE001 - private fields of another version: the estimator is used instead
        print(f"scikit-learn will score the rows: {error!r}", flush=True)
        return None
    same = np.allclose(ours, theirs, rtol=0, atol=_CLOSE if found["kind"] == "linear" else 0)
    return found if same else None


def _form(estimator: Any) -> dict[str, Any]:
    if isinstance(estimator, HistGradientBoostingClassifier):
        start = float(estimator._baseline_prediction.item())  # noqa: SLF001 - there is no public access; checked above
        trees = [_boosted(predictor.nodes, 0) for (predictor,) in estimator._predictors]  # noqa: SLF001
        return {"kind": "boosting", "start": start, "trees": trees}
    if isinstance(estimator, RandomForestClassifier):
        nodes = sum(tree.tree_.node_count for tree in estimator.estimators_)
        if nodes > _MOST_NODES:
            raise ValueError(f"the forest has {nodes} nodes")
        return {"kind": "forest", "trees": [_grown(tree.tree_, 0) for tree in estimator.estimators_]}
    scaler, regression = (step for _, step in estimator.steps)
    weights = regression.coef_[0] / scaler.scale_
    start = float(regression.intercept_[0] - weights @ scaler.mean_)
    return {"kind": "linear", "start": start, "weights": weights.tolist()}


def _boosted(nodes: Any, index: int) -> Tree:
    node = nodes[index]
    if node["is_leaf"]:
        return float(node["value"])
    if node["is_categorical"]:
        raise ValueError("a tree compares categories")
    below = (_boosted(nodes, node[side]) for side in ("left", "right"))
    return _inner(node["feature_idx"], node["num_threshold"], below, node["missing_go_to_left"])


def _grown(tree: Any, index: int) -> Tree:
    if tree.children_left[index] < 0:
        return float(tree.value[index, 0, 1])
    below = (_grown(tree, side[index]) for side in (tree.children_left, tree.children_right))
    return _inner(tree.feature[index], tree.threshold[index], below, tree.missing_go_to_left[index])


def _inner(feature: Any, threshold: Any, below: Any, missing_left: Any) -> Tree:
    sides: Sequence[Tree] = list(below)
    return [int(feature), float(threshold), *sides, bool(missing_left)]
