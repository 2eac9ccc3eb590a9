from __future__ import annotations

from random import Random

import pytest

from nrti_cli.producer.statistics import Statistics


def test_every_event_is_accounted_for() -> None:
    statistics = Statistics(sent=10)
    statistics.accept(4, 0.01)
    statistics.fail(2, "400 bad", rejected=True)
    statistics.fail(1, "no answer: refused", rejected=False)
    assert (statistics.in_flight, statistics.failed) == (3, 3)
    assert statistics.reasons == {"400 bad": 2, "no answer: refused": 1}


def test_a_reason_is_new_once() -> None:
    statistics = Statistics()
    assert statistics.fail(1, "400 bad", rejected=True)
    assert not statistics.fail(1, "400 bad", rejected=True)


def test_reasons_that_never_repeat_do_not_fill_the_memory() -> None:
    statistics = Statistics()
    news = sum(statistics.fail(1, f"400 event {number}", rejected=True) for number in range(1000))
    assert len(statistics.reasons) == news == 21
    assert statistics.reasons["other reasons"] == 980


def test_percentiles_are_within_one_percent() -> None:
    statistics = Statistics()
    rng = Random(3)  # noqa: S311
    latencies = sorted(rng.lognormvariate(-4, 1) for _ in range(20_000))
    for latency in latencies:
        statistics.accept(1, latency)
    for quantile in (0.5, 0.95, 0.99):
        assert statistics.latency(quantile) == pytest.approx(latencies[int(quantile * 20_000)], rel=0.011)


def test_nothing_is_said_of_latency_before_there_is_any() -> None:
    assert Statistics().latency(0.5) is None
    assert Statistics().percentiles() == ""
