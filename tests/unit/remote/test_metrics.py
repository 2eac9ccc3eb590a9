"""The figures against scikit-learn, and their intervals against what further data give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from nrti_cli.remote.sagemaker.metrics import FIGURES, Scored, Units, difference, intervals
from tests.unit.remote.scripts import script, walk, windows

RANDOM = np.random.default_rng(5)


def scored(rows: int, seed: int = 0, skill: float = 1.5) -> Scored:
    """Scores that are higher for failures, rounded so that some are equal."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.1).astype(np.int64)
    return Scored.at(1.5, labels, (random.normal(size=rows) + skill * labels).round(1))


def test_the_figures_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support

    found = scored(500)

    assert found.figures["average_precision"] == pytest.approx(
        average_precision_score(found.labels, found.scores)
    )
    expected = precision_recall_fscore_support(found.labels, found.predicted, average="binary")[:3]
    assert [found.figures[name] for name in FIGURES[:3]] == pytest.approx(list(expected))


def test_so_are_those_of_weighted_rows() -> None:
    from sklearn.metrics import average_precision_score

    found, weights = scored(300), RANDOM.integers(0, 4, (5, 300)).astype(np.float64)

    ours = found.weighted(weights)["average_precision"]

    theirs = [average_precision_score(found.labels, found.scores, sample_weight=each) for each in weights]
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize(
    "units",
    [Units.of_rows(60), Units.of_groups(np.arange(60) // 6), Units.of_blocks(60, 3), Units.of_blocks(61)],
)
def test_what_is_drawn_is_as_many_rows_and_whole_units(units: Units) -> None:
    drawn = np.concatenate(list(units.draws(50, RANDOM)))

    assert drawn.shape == (50, units.rows)
    assert drawn.sum(axis=1).mean() == pytest.approx(units.rows, rel=0.1)
    if units.kind == "group":
        assert (drawn.reshape(50, 10, 6) == drawn.reshape(50, 10, 6)[:, :, :1]).all()
    if units.kind == "block":
        assert np.abs(np.diff(drawn, axis=1)).sum() < 3 * 50 * units.rows / units.block


def test_an_interval_of_rows_covers_what_further_rows_give() -> None:
    truth = scored(200_000, seed=99).figures
    covered = dict.fromkeys(FIGURES, 0)
    for seed in range(40):
        found = intervals(scored(400, seed), Units.of_rows(400))
        for name in FIGURES:
            covered[name] += found[name][0] <= truth[name] <= found[name][1]

    assert all(count >= 35 for count in covered.values()), covered


def test_rows_without_an_error_have_the_exact_binomial_limit() -> None:
    labels = np.repeat([0, 1], 20)

    found = intervals(Scored.at(0.5, labels, labels.astype(np.float64)), Units.of_rows(40))

    assert found["recall"] == pytest.approx((0.025 ** (1 / 20), 1))


@pytest.mark.parametrize(
    ("alarms", "failing", "expected"),
    [(0, 0, (0.0, 1.0)), (10, 10, (0.025 ** (1 / 10), 1.0)), (10, 0, (0.0, 1 - 0.025 ** (1 / 10)))],
)
def test_precision_is_as_sure_as_there_are_alarms(
    alarms: int, failing: int, expected: tuple[float, float]
) -> None:
    labels = np.repeat([1, 0], [100, 300])
    predicted = np.zeros(400, dtype=np.int64)
    predicted[100 - failing : 100 - failing + alarms] = 1

    found = intervals(Scored(labels, RANDOM.random(400), predicted), Units.of_rows(400))

    assert found["precision"] == pytest.approx(expected)


def test_one_group_with_failures_says_nothing() -> None:
    labels = np.repeat([0, 0, 0, 1], 10)

    found = intervals(Scored.at(0.5, labels, labels.astype(np.float64)), Units.of_groups(np.arange(40) // 10))

    assert set(found.values()) == {(0.0, 1.0)}


def test_a_run_of_failures_counts_once_for_each_block() -> None:
    failing = np.zeros(1000, dtype=bool)
    failing[10:20] = failing[500:540] = True

    assert Units.of_blocks(1000, 10).holding(failing) == 3
    assert Units.of_rows(1000).holding(failing) == 50


def test_a_model_does_not_differ_from_itself_and_does_from_a_better_one() -> None:
    worse = scored(2000)
    better = scored(2000, skill=4)

    assert set(difference(worse, worse, Units.of_rows(2000)).values()) == {(0.0, 0.0)}
    low, high = difference(worse, better, Units.of_rows(2000))["average_precision"]
    assert 0 < low < high


def live_results(seeds: range) -> Iterator[dict[str, bool]]:
    """For windows of a random walk: whether each printed interval covers what 300 later blocks give."""
    splitting, search, threshold, evaluation = map(script, ("splitting", "search", "threshold", "evaluation"))
    for seed in seeds:
        values, bad = walk(360, seed)
        known, live = windows(values[:12_000], bad[:12_000]), windows(values[12_000:], bad[12_000:])
        parts = splitting.split(known, "", seed)
        validation, test = known.part(parts.validation), known.part(parts.test)
        estimator = search.search(known.part(parts.train), validation, seed, 0).estimator
        scores = [estimator.predict_proba(search.seen(each))[:, 1] for each in (validation, test, live)]
        limit = threshold.choose("f1", validation.labels, scores[0])
        printed = evaluation.evaluate(Scored.at(limit, test.labels, scores[1]), known, parts, None)
        figures = Scored.at(limit, live.labels, scores[2]).figures
        spans = printed["intervals"]
        yield {name: spans[name][0] <= figures[name] <= spans[name][1] for name in FIGURES}


def test_the_printed_interval_covers_the_live_result() -> None:
    assert all(covered["f1"] and covered["average_precision"] for covered in live_results(range(2)))


@pytest.mark.evaluation
def test_it_does_so_for_nine_of_ten_seeds() -> None:
    covered = list(live_results(range(10)))

    assert all(sum(each[name] for each in covered) >= 9 for name in FIGURES), covered


def test_rows_drawn_one_by_one_would_promise_too_much() -> None:
    """Why blocks: overlapping windows repeat each other."""
    data = windows(*walk(200, seed=4))
    random = np.random.default_rng(0)
    noise = np.repeat(random.normal(size=len(data) // 40 + 1), 40)[: len(data)]
    found = Scored.at(0.5, data.labels, data.labels + noise)

    wide = intervals(found, Units.of_blocks(len(data), 40))["average_precision"]
    narrow = intervals(found, Units.of_rows(len(data)))["average_precision"]

    assert wide[1] - wide[0] > 1.5 * (narrow[1] - narrow[0])
