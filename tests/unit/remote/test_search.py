"""The search for an estimator: what it tries, what it chooses, and that it finds rare failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nrti_cli.models.training.dataset import Dataset, demo
from nrti_cli.remote.sagemaker.metrics import Scored, Units, difference
from tests.datasets import machine_temperature, rare_failures
from tests.unit.remote.scripts import flat, script

search, splitting = script("search"), script("splitting")


def made(kind: Callable[[int, int], Dataset], rows: int, seed: int) -> Any:
    """Rows as the scripts have them."""
    dataset = kind(rows, seed)
    return flat(dataset.values, dataset.labels)


def judged(data: Any, seed: int, budget: float = 60) -> tuple[Any, Any, NDArray[np.float64]]:
    """What is chosen for some data, its test rows, and their scores."""
    parts = splitting.split(data, "random", seed)
    found = search.search(data.part(parts.train), data.part(parts.validation), seed, budget)
    test = data.part(parts.test)
    return found, test, found.estimator.predict_proba(search.seen(test))[:, 1]


def test_data_without_doubt_are_done_with_the_first_candidate() -> None:
    found, _, _ = judged(made(demo, 20_000, 1), 0)

    assert (found.name, len(found.tried), found.left) == ("gradient boosting", 1, [])


def test_a_budget_cuts_the_list_and_names_what_is_left() -> None:
    found, _, _ = judged(made(rare_failures, 8000, 0), 0, budget=0)

    assert [each.name for each in found.tried] == ["gradient boosting"]
    assert found.left == [each.name for each in search.CANDIDATES[1:]]


def test_the_same_seed_gives_the_same_scores() -> None:
    first, second = (judged(made(rare_failures, 8000, 0), 3, budget=0)[2] for _ in range(2))

    assert np.array_equal(first, second)


def test_missing_values_leave_out_what_cannot_take_them() -> None:
    data = made(rare_failures, 8000, 0)
    data.rows[::7, 2] = np.nan
    parts = splitting.split(data, "random", 0)

    found = search.search(data.part(parts.train), data.part(parts.validation), 0, 0)

    assert not any("regression" in name for name in found.left)


@pytest.mark.evaluation
@pytest.mark.parametrize("seed", range(3))
def test_rare_failures_are_found(seed: int) -> None:
    found, test, scores = judged(made(rare_failures, 20_000, seed), seed)

    assert found.name != "gradient boosting"
    assert Scored.at(0.5, test.labels, scores).figures["average_precision"] >= 0.5


@pytest.mark.evaluation
@pytest.mark.parametrize("kind", [demo, machine_temperature, rare_failures])
def test_no_estimator_of_scikit_learn_is_better(kind: Callable[[int, int], Dataset]) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    data = made(kind, 20_000, 1)
    _, test, scores = judged(data, 0)
    train = data.part(splitting.split(data, "random", 0).train)
    ours = Scored.at(0.5, test.labels, scores)
    for estimator in (HistGradientBoostingClassifier(random_state=0), RandomForestClassifier(random_state=0)):
        theirs = estimator.fit(search.seen(train), train.labels).predict_proba(search.seen(test))[:, 1]
        low, _ = difference(ours, Scored.at(0.5, test.labels, theirs), Units.of_rows(len(test)))[
            "average_precision"
        ]
        assert low <= 0
