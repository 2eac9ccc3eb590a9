"""Estimators in a form of nrti's own against scikit-learn: the same probability, of trees to the last bit."""

from __future__ import annotations

import json
import runpy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nrti_cli.assets import REMOTE
from nrti_cli.models.training.dataset import demo
from nrti_cli.remote.sagemaker.inference import MANY_ROWS, Boosting, features, score_of, scorer
from tests.datasets import machine_temperature

if TYPE_CHECKING:
    from nrti_cli.remote.sagemaker.inference import Score

Rows = NDArray[np.float64]
GENERATE = {"demo": demo, "temperature": machine_temperature}
LENGTH = {"demo": 3, "temperature": 8}


def untrained(kind: str, **parameters: Any) -> Any:
    """An estimator of scikit-learn."""
    from sklearn import ensemble  # takes a second to load, which not every test process needs

    return getattr(ensemble, kind)(random_state=0, **parameters)


def boosting(data: str, **parameters: Any) -> tuple[Any, Rows]:
    """A fitted estimator, and rows that it has not seen."""
    learned, fresh = (GENERATE[data](rows, seed) for rows, seed in ((2000, 1), (1000, 2)))
    estimator = untrained("HistGradientBoostingClassifier", max_iter=15, **parameters)
    return estimator.fit(features(learned.values), learned.labels), features(fresh.values)


@cache
def training() -> dict[str, Any]:
    """What train.py defines, which finds the other scripts beside it."""
    directory = REMOTE / "sagemaker"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(directory)
        return runpy.run_path(str(directory / "train.py"))


def walker(estimator: Any, many: Score, length: int = 3) -> Score:
    """What the training writes down of an estimator of sequences, as the endpoint reads it."""
    written = training()["form_of"](estimator, length, 0)
    return scorer(json.loads(json.dumps(written)), many)


def refuse(rows: Rows) -> Rows:
    raise AssertionError(f"scikit-learn is asked for {len(rows)} rows")


def expected(estimator: Any, rows: Rows) -> Rows:
    return np.asarray(estimator.predict_proba(rows)[:, 1])


@pytest.mark.parametrize("data", GENERATE)
@pytest.mark.parametrize("parameters", [{}, {"max_leaf_nodes": 200, "learning_rate": 0.9}, {"max_depth": 1}])
def test_one_row_at_a_time_gives_the_same_to_the_last_bit(data: str, parameters: dict[str, Any]) -> None:
    estimator, rows = boosting(data, **parameters)
    score = walker(estimator, refuse, LENGTH[data])

    assert np.array_equal(
        np.concatenate([score(row[None]) for row in rows[:500]]), expected(estimator, rows[:500])
    )


@pytest.mark.parametrize("count", [2, 25, MANY_ROWS - 1])
def test_so_do_many_at_once(count: int) -> None:
    estimator, rows = boosting("demo")

    assert np.array_equal(walker(estimator, refuse)(rows[:count]), expected(estimator, rows[:count]))


def test_very_many_are_left_to_scikit_learn() -> None:
    estimator, rows = boosting("demo")

    assert walker(estimator, lambda asked: asked[:, 0])(rows[:MANY_ROWS]).tolist() == rows[:, 0].tolist()


def test_values_on_a_threshold_and_past_all_of_them_go_the_same_way() -> None:
    estimator, rows = boosting("demo")
    (first,) = estimator._predictors[0]
    root = first.nodes[0]
    on, below, beyond = rows[0].copy(), rows[0].copy(), np.full_like(rows[0], np.inf)
    on[root["feature_idx"]] = root["num_threshold"]
    below[root["feature_idx"]] = -np.inf

    edges = np.stack([on, below, beyond])

    assert np.array_equal(walker(estimator, refuse)(edges), expected(estimator, edges))


def test_missing_values_go_the_same_way() -> None:
    estimator, rows = boosting("demo")
    rows[np.random.default_rng(0).random(rows.shape) < 0.5] = np.nan

    assert np.array_equal(walker(estimator, refuse)(rows[:500]), expected(estimator, rows[:500]))


def test_forests_give_the_same_to_the_last_bit_whatever_the_values() -> None:
    learned, fresh = demo(2000, 1), features(demo(500, 2).values)
    estimator = untrained("RandomForestClassifier", n_estimators=20).fit(
        features(learned.values), learned.labels
    )
    (root,) = {tree.tree_.threshold[0] for tree in estimator.estimators_[:1]}
    fresh[0, estimator.estimators_[0].tree_.feature[0]] = root
    fresh[1], fresh[2, 0] = 3e38, np.nan

    assert np.array_equal(walker(estimator, refuse)(fresh), expected(estimator, fresh))


def test_a_regression_gives_the_same_but_for_rounding() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    learned, fresh = demo(2000, 1), features(demo(500, 2).values)
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        features(learned.values), learned.labels
    )

    assert np.allclose(walker(estimator, refuse)(fresh), expected(estimator, fresh), rtol=0, atol=1e-12)


@pytest.mark.parametrize("log_odds", [-1e6, -745.2, -709.79, -709.78, -708.4, 36.8, 1e6])
def test_the_surest_predictions_are_the_same(log_odds: float) -> None:
    from scipy.special import expit

    assert Boosting(log_odds, [], refuse)(np.zeros((1, 1))).tolist() == [expit(log_odds)]


@pytest.mark.parametrize(
    ("kind", "parameters", "why"),
    [
        (
            "HistGradientBoostingClassifier",
            {"max_iter": 5, "categorical_features": [0]},
            "a tree compares categories",
        ),
        ("ExtraTreesClassifier", {"n_estimators": 5}, "has no attribute"),
    ],
)
def test_other_estimators_are_left_to_scikit_learn(
    kind: str, parameters: dict[str, Any], why: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    values = np.random.default_rng(0).integers(0, 9, (500, 3)).astype(np.float64)
    rows = features(values)
    estimator = untrained(kind, **parameters).fit(rows, values[:, 0] % 2)

    training()["save"](tmp_path, estimator, {"length": 3})

    assert why in capsys.readouterr().out
    assert np.array_equal(score_of(tmp_path)(rows), expected(estimator, rows))
