from __future__ import annotations

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


def test_the_latency_is_shown_with_its_maximum() -> None:
    statistics = Statistics()
    for latency in (0.0086, 0.040, 0.011, 0.0090, 0.0084):
        statistics.accept(1, latency)

    assert statistics.percentiles() == "p50 9.0 ms p95 40 ms p99 40 ms max 40 ms"


def test_nothing_is_said_of_latency_before_there_is_any() -> None:
    assert Statistics().percentiles() == ""
