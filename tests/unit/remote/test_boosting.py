"""The trees walked in Python against scikit-learn's own walk: the same probability, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nrti_cli.models.dataset import demo
from nrti_cli.remote.sagemaker.inference import Boosting, features, score_of
from tests.datasets import machine_temperature

Rows = NDArray[np.float64]
GENERATE = {"demo": demo, "temperature": machine_temperature}


def untrained(kind: str, **parameters: Any) -> Any:
    """An estimator of scikit-learn."""
    from sklearn import ensemble  # takes a second to load, which not every test process needs

    return getattr(ensemble, kind)(random_state=0, **parameters)


def boosting(data: str, **parameters: Any) -> tuple[Any, Rows]:
    """A fitted estimator, and rows that it has not seen."""
    learned, fresh = (GENERATE[data](rows, seed) for rows, seed in ((2000, 1), (1000, 2)))
    estimator = untrained("HistGradientBoostingClassifier", max_iter=15, **parameters)
    return estimator.fit(features(learned.values), learned.labels), features(fresh.values)


def expected(estimator: Any, rows: Rows) -> Rows:
    return np.asarray(estimator.predict_proba(rows)[:, 1])


@pytest.mark.parametrize("data", GENERATE)
@pytest.mark.parametrize("parameters", [{}, {"max_leaf_nodes": 200, "learning_rate": 0.9}, {"max_depth": 1}])
def test_one_row_at_a_time_gives_the_same_to_the_last_bit(data: str, parameters: dict[str, Any]) -> None:
    estimator, rows = boosting(data, **parameters)
    score = Boosting(estimator)

    assert np.array_equal(
        np.concatenate([score(row[None]) for row in rows[:500]]), expected(estimator, rows[:500])
    )


@pytest.mark.parametrize("count", [2, 25, 1000])
def test_so_do_many_at_once(count: int) -> None:
    estimator, rows = boosting("demo")

    assert np.array_equal(Boosting(estimator)(rows[:count]), expected(estimator, rows[:count]))


def test_values_on_a_threshold_and_past_all_of_them_go_the_same_way() -> None:
    estimator, rows = boosting("demo")
    (first,) = estimator._predictors[0]
    root = first.nodes[0]
    on, below, beyond = rows[0].copy(), rows[0].copy(), np.full_like(rows[0], np.inf)
    on[root["feature_idx"]] = root["num_threshold"]
    below[root["feature_idx"]] = -np.inf

    edges = np.stack([on, below, beyond])

    assert np.array_equal(Boosting(estimator)(edges), expected(estimator, edges))


def test_missing_values_are_left_to_scikit_learn() -> None:
    estimator, rows = boosting("demo")
    rows[0, 1] = np.nan

    assert np.array_equal(Boosting(estimator)(rows[:1]), expected(estimator, rows[:1]))


@pytest.mark.parametrize(
    ("kind", "parameters", "why"),
    [
        (
            "HistGradientBoostingClassifier",
            {"max_iter": 5, "categorical_features": [0]},
            "a tree compares categories",
        ),
        ("RandomForestClassifier", {"n_estimators": 5}, "has no attribute"),
    ],
)
def test_other_estimators_are_left_to_scikit_learn(
    kind: str, parameters: dict[str, Any], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = np.random.default_rng(0).integers(0, 9, (500, 3)).astype(np.float64)
    rows = features(values)
    estimator = untrained(kind, **parameters).fit(rows, values[:, 0] % 2)

    score = score_of(estimator, 3)

    assert np.array_equal(score(rows), expected(estimator, rows))
    assert why in capsys.readouterr().out


def test_the_estimator_of_the_training_is_walked() -> None:
    estimator, _ = boosting("demo", early_stopping=True)

    assert isinstance(score_of(estimator, 3), Boosting)
