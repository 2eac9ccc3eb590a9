"""The threshold is the best on the validation rows by the rule that was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.remote.scripts import script

threshold, channel = script("threshold"), script("channel")
LABELS = np.array([0, 0, 1, 0, 1, 1])
SCORES = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("f1", 0.25),  # finds all, with one false alarm
        ("recall=1", 0.25),
        ("recall=0.6", 0.6),
        ("cost=1:1", 0.6),  # one missed, instead of one false alarm
        ("cost=10:1", 0.25),
        ("cost=1:10", 0.6),
    ],
)
def test_each_rule(rule: str, expected: float) -> None:
    assert threshold.choose(rule, LABELS, SCORES) == pytest.approx(expected)


def test_the_highest_f1_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    random = np.random.default_rng(1)
    labels = (random.random(500) < 0.2).astype(np.int64)
    scores = (random.normal(size=500) + labels).round(1).clip(0, 3) / 3

    limit = threshold.choose("f1", labels, scores)

    best = max(f1_score(labels, scores >= each) for each in np.unique(scores))
    assert f1_score(labels, scores >= limit) == pytest.approx(best)


@pytest.mark.parametrize("rule", ["f2", "recall=high", "cost=1", "f1=1"])
def test_another_rule_is_refused(rule: str) -> None:
    with pytest.raises(channel.DataError, match="is not a rule"):
        threshold.choose(rule, LABELS, SCORES)
