"""The verdict on drift: it finds a shift within 1,000 events, and undisturbed events are left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from nrti_cli.remote.alerts_function.drift import count, verdict
from nrti_cli.remote.alerts_function.significance import (
    chance_of_more,
    critical_distance,
    distance,
    stability_index,
)
from tests.unit.remote.references import Rows, counts, mixed, of_data, reference, scores
from tests.unit.remote.scripts import windows

EVENTS, WINDOWS = 1_000, 100


def undisturbed(document: Any, rows: Rows, probabilities: Rows) -> int:
    """The number of false alarms in windows of rows."""
    return sum(
        verdict(document, counts(document, rows[part], probabilities[part])).state != "stable"
        for part in (slice(start, start + EVENTS) for start in range(0, len(rows), EVENTS))
    )


@pytest.mark.parametrize("trained_on", [1_000, 20_000])
@pytest.mark.parametrize("inputs", [8, 100])
def test_at_most_one_of_100_undisturbed_windows_is_a_false_alarm(inputs: int, trained_on: int) -> None:
    document = reference(mixed(trained_on, inputs, seed=1), scores(trained_on // 5, seed=2))

    rows, probabilities = mixed(WINDOWS * EVENTS, inputs, seed=3), scores(WINDOWS * EVENTS, seed=4)

    assert undisturbed(document, rows, probabilities) <= 1


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize("inputs", [8, 100])
def test_a_shift_by_one_standard_deviation_is_found_within_1000_events(inputs: int, place: int) -> None:
    rows = mixed(20_000, inputs, seed=1)
    document = reference(rows, scores(4_000, seed=2))
    deviation = rows[:, place].std() or 1.0

    for seed, sign in ((5, 1), (6, -1), (7, 1), (8, -1)):
        shifted = mixed(EVENTS, inputs, seed=seed)
        shifted[:, place] += sign * deviation
        found = verdict(document, counts(document, shifted, scores(EVENTS, seed=seed)))

        assert found.state == "drift"
        assert [each.name for each in found.drifted] == [f"c{place}"]


def test_overlapping_windows_of_a_signal_give_no_more_false_alarms() -> None:
    """Neighbouring events share most of their values; as independent ones they would all be reported."""
    whole = lfilter([1], [1, -0.9], np.random.default_rng(1).normal(size=480_000))
    data = windows(whole, np.zeros(480_000, dtype=bool), size=16, hop=4)
    document = of_data(data.part(np.arange(19_000)), scores(4_000, seed=2))
    rows = data.rows[19_900 : 19_900 + WINDOWS * EVENTS]

    assert undisturbed(document, rows, scores(len(rows), seed=4)) <= 1
    disturbed = rows[:EVENTS] + whole.std()
    assert verdict(document, counts(document, disturbed, scores(EVENTS, seed=5))).state == "drift"


def test_a_negligible_shift_of_millions_of_events_is_not_drift() -> None:
    rows = mixed(1_000_000, 2, seed=1)
    document = reference(rows, scores(200_000, seed=2))
    shifted = mixed(2_000_000, 2, seed=3) + np.array([0.25, 0])

    found = verdict(document, counts(document, shifted, scores(2_000_000, seed=4)))

    assert found.state == "stable"
    assert critical_distance(1e6, 2e6, 1e-6) < found.findings[2].ks < 0.1


def test_too_few_events_are_not_judged() -> None:
    document = reference(mixed(20_000, 8, seed=1), scores(4_000, seed=2))

    few = verdict(document, counts(document, mixed(40, 8, seed=3) + 1e6, scores(40, seed=4)))
    enough = verdict(document, counts(document, mixed(80, 8, seed=3) + 1e6, scores(80, seed=4)))

    assert (few.state, few.events, few.drifted) == ("too_few_events", 40, [])
    assert few.needed is not None
    assert 40 < few.needed < 80
    assert enough.state == "drift"
    assert len(enough.drifted) == 8


def test_with_too_few_rows_in_the_reference_no_number_of_events_is_enough() -> None:
    document = reference(mixed(50, 8, seed=1), scores(20, seed=2))

    found = verdict(document, counts(document, mixed(EVENTS, 8, seed=3) + 9, scores(EVENTS, seed=4)))

    assert (found.state, found.needed) == ("too_few_events", None)


@pytest.mark.parametrize(
    ("value", "share", "reasons"),
    [(1e6, 0.02, ("above",)), (-1e6, 0.02, ("below",)), (np.nan, 0.05, ("missing",)), (1e6, 0.004, ())],
)
def test_a_few_values_out_of_range_or_missing_are_found(
    value: float, share: float, reasons: tuple[str, ...]
) -> None:
    document = reference(mixed(20_000, 2, seed=1), scores(4_000, seed=2))
    rows = mixed(EVENTS, 2, seed=3)
    rows[: int(share * EVENTS), 0] = value

    found = verdict(document, counts(document, rows, scores(EVENTS, seed=4)))

    assert found.findings[2].reasons == reasons
    assert found.state == ("drift" if reasons else "stable")


def test_an_input_that_misses_less_than_in_training_is_not_drift() -> None:
    rows = mixed(20_000, 2, seed=1)
    rows[::4, 0] = np.nan
    document = reference(rows, scores(4_000, seed=2))

    assert undisturbed(document, mixed(EVENTS, 2, seed=3), scores(EVENTS, seed=4)) == 0


@pytest.mark.parametrize(
    ("factor", "reasons"), [(0.0, ("fewer failures",)), (1.0, ()), (1.9, ("more failures",))]
)
def test_the_prediction_rate_is_judged(factor: float, reasons: tuple[str, ...]) -> None:
    document = reference(mixed(5_000, 1, seed=1), scores(5_000, seed=2))
    probabilities = np.clip(scores(EVENTS, seed=4) * factor, 0, 1)

    found = verdict(document, counts(document, mixed(EVENTS, 1, seed=3), probabilities))

    assert found.findings[0].reasons == reasons
    assert found.rate == pytest.approx((probabilities >= 0.5).mean())


def test_a_model_without_probabilities_is_judged_by_the_rest() -> None:
    document = reference(mixed(5_000, 2, seed=1), scores(5_000, seed=2))
    document["columns"][1] |= {"edges": [], "counts": [0], "missing": 5_000}
    rows = [[0.0, None, *row] for row in mixed(EVENTS, 2, seed=3).tolist()]

    found = verdict(document, count(document, rows))

    assert [each.name for each in found.findings] == ["prediction", "c0", "c1"]


def test_events_are_counted_as_a_query_does() -> None:
    document = reference(mixed(5_000, 8, seed=1), scores(5_000, seed=2))
    rows, probabilities = mixed(200, 8, seed=3), scores(200, seed=4)
    rows[3, 1] = np.nan
    events = [
        [float(p >= 0.5), p, *(None if np.isnan(value) else value for value in row)]
        for p, row in zip(probabilities.tolist(), rows.tolist(), strict=True)
    ]

    assert count(document, events) == counts(document, rows, probabilities)
    assert count(document, [[1.0]])[2] == {
        "counts": [0] * len(document["columns"][2]["counts"]),
        "missing": 1,
    }


def test_the_distance_is_that_of_scipy() -> None:
    first, second = np.random.default_rng(1).integers(0, 10, (2, 500))
    histograms = [np.bincount(each, minlength=10).tolist() for each in (first, second // 2)]

    assert distance(*histograms) == pytest.approx(stats.ks_2samp(first, second // 2).statistic)
    assert distance([0, 0], [1, 2]) == 0


@pytest.mark.parametrize("counts", [(20, 1000, 5, 1000), (3, 10, 0, 2_000), (600, 1000, 5_000, 10_000)])
def test_the_chance_is_that_of_scipys_exact_test(counts: tuple[int, int, int, int]) -> None:
    part, whole, other_part, other_whole = counts
    table = [[part, whole - part], [other_part, other_whole - other_part]]

    expected = stats.fisher_exact(table, alternative="greater").pvalue

    assert chance_of_more(*counts) == pytest.approx(expected, rel=1e-6)


def test_the_stability_index_is_zero_for_the_same_distribution() -> None:
    assert stability_index([10, 20, 30], [10, 20, 30]) == 0
    shares = np.array([[0.1, 0.4, 0.5], [0.2, 0.3, 0.5]])
    expected = ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    assert stability_index([100_000, 400_000, 500_000], [200_000, 300_000, 500_000]) == pytest.approx(
        expected, rel=1e-3
    )


def test_enough_events_for_the_predictions_alone_may_show_drift_but_not_that_there_is_none() -> None:
    document = reference(mixed(5_000, 1, seed=1), scores(5_000, seed=2))
    document["columns"][2]["design_effect"] = 50
    rows, probabilities = mixed(500, 1, seed=3), scores(500, seed=4)

    same = verdict(document, counts(document, rows, probabilities))
    more = verdict(document, counts(document, rows, np.clip(2 * probabilities, 0, 1)))

    assert (same.state, more.state) == ("too_few_events", "drift")
    assert same.needed is not None
    assert same.needed > 500
    assert {each.name for each in more.drifted} == {"prediction", "probability"}
