"""The estimate, component by component against arithmetic done by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nrti_cli.estimate.estimate import Line, estimate, total
from nrti_cli.estimate.prices import price_table
from nrti_cli.estimate.sizes import sizes
from nrti_cli.estimate.workload import Workload
from nrti_cli.remote.inference_function.outcomes import outcome, text
from tests.unit.remote.conftest import judged

TABLE = price_table("us-east-1")
#: 262.8 million events and 26.28 million requests a month.
LOAD = Workload(rate=100, batch=10, length=3, memory_mb=2048, inference_ms=25, readers=4)
GIB = 2**30


def _cost(load: Workload, component: str, what: str) -> float:
    return next(
        line.cost for line in estimate(load, TABLE) if (line.component, line.what) == (component, what)
    )


def test_the_sizes_of_a_short_sequence() -> None:
    short = sizes(3)

    # Names 12 attributes: 100 bytes. Texts: 14 + 10 + 36 + 72 + 15 + 17. Times: 3 x 8. Numbers: 3 x (1 + 4)
    # + 3 in the list, 1 for the zero, and 9 for the 16 digits of the probability.
    assert short.item == 100 + 164 + 24 + 18 + 1 + 9
    assert short.event == 168
    assert short.instance == 27
    assert 800 < short.record < 1024


def test_the_size_of_an_answer_is_that_of_the_functions_own_text() -> None:
    now = 1_763_819_401_123
    event = {"sensor": "line-1-press-3", "model": "failure-v1", "timestamp": now, "event_id": "x" * 36}
    reply = outcome(event, judged("failure-v1", 0, 0.03129482734598213), now, now)

    assert sizes(3).outcome == len(text([reply], array=False, first=True, last=True))


def test_what_expires_is_deleted_by_a_change_of_its_own() -> None:
    expiring = replace(LOAD, retention_days=61)

    for line in (
        ("DynamoDB", "change data capture to Kinesis"),
        ("Kinesis", "data in"),
        ("Firehose", "data in"),
    ):
        assert _cost(expiring, *line) > 1.9 * _cost(LOAD, *line)  # larger quantities may be cheaper
    for line in (("DynamoDB", "on-demand writes"), ("Firehose", "conversion to parquet")):
        assert _cost(expiring, *line) == _cost(LOAD, *line)
    two_months = replace(LOAD, months=61 / (730 / 24))
    assert _cost(expiring, "S3", "storage") == pytest.approx(_cost(two_months, "S3", "storage"))


def test_sizes_grow_with_the_sequence() -> None:
    assert sizes(512).item == sizes(3).item + 509 * 5
    assert sizes(4).record - sizes(3).record == len('{"N":"57.1234"},')


def test_a_known_number_of_bytes_per_item_is_what_dynamodb_bills() -> None:
    assert sizes(144).item <= 1024 < sizes(145).item
    one, two = (_cost(replace(LOAD, length=n), "DynamoDB", "on-demand writes") for n in (144, 145))

    assert two == pytest.approx(2 * one)


@pytest.mark.parametrize(
    ("component", "what", "by_hand"),
    [
        ("API Gateway", "requests", 26.28 * 3.50),
        ("API Gateway", "answers sent to the internet", 26.28e6 * 500 / GIB * 0.09),
        ("Step Functions", "express workflows started", 26.28 * 1.00),
        # 25 + 15 + 35 ms are billed as 100, and 50 MB as 64.
        ("Step Functions", "duration of express workflows", 26.28e6 * 0.1 / 3600 * 0.0625 * 0.06),
        ("SageMaker", "serverless inference", 26.28e6 * 0.025 * 2 * 0.00002),
        ("SageMaker", "data in and out", 262.8e6 * (27 + 60) / GIB * 0.016),
        ("DynamoDB", "on-demand writes", 262.8 * 0.625),
        ("DynamoDB", "storage", 262.8e6 * (316 + 100) / GIB * 0.25),
        ("DynamoDB", "point-in-time recovery", 262.8e6 * (316 + 100) / GIB * 0.20),
        ("DynamoDB", "change data capture to Kinesis", 262.8 * 0.10),
        ("Kinesis", "on-demand stream", 730 * 0.04),
        ("Kinesis", "data in", 262.8e6 * 1024 / GIB * 0.08),
        ("Firehose", "data in", 262.8e6 * 5 * 1024 / GIB * 0.029),
        ("Firehose", "conversion to parquet", 262.8e6 * 5 * 1024 / GIB * 0.018),
        ("S3", "storage", 262.8e6 * 112 / GIB * 0.023),
        ("S3", "objects written", 43.8 * 0.005),
        ("Athena", "data scanned", 100 * 262.8e6 * 112 / 2**40 * 5),
        ("SQS", "dead letters", 0.2628 * 0.40),
        ("QuickSight", "readers", 4 * 3),
    ],
)
def test_a_component_by_hand(component: str, what: str, by_hand: float) -> None:
    assert _cost(LOAD, component, what) == pytest.approx(by_hand)


def test_who_waits_pays_for_longer_answers_only() -> None:
    waited, sent = (estimate(replace(LOAD, wait=wait), TABLE) for wait in (True, False))
    (dearer,) = [one for one, other in zip(waited, sent, strict=True) if one.cost != other.cost]

    answers = (26.28e6 * 500 + 262.8e6 * sizes(3).outcome) / GIB * 0.09
    assert dearer.what == "answers sent to the internet"
    assert dearer.cost == pytest.approx(answers)


def test_functions_and_their_logs_by_hand() -> None:
    # One event a second: a buffer a minute, 43,800 calls of transform beside 2,628,000 of inference.
    slow = Workload(rate=1)
    milliseconds = 2_628_000 * 40 + 43_800 * 5 + 2_628_000 * 0.1

    assert _cost(slow, "Lambda", "invocations") == pytest.approx(2.6718 * 0.20)
    assert _cost(slow, "Lambda", "duration, arm64") == pytest.approx(milliseconds / 1000 * 0.5 * 0.0000133334)
    assert _cost(slow, "CloudWatch", "logs taken in") == pytest.approx(2_671_800 * 600 / GIB * 0.50)


def test_alert_rules_by_hand() -> None:
    watched = replace(LOAD, alert_sensors=300)
    more = {
        line.what: line.cost - before.cost
        for line, before in zip(estimate(watched, TABLE), estimate(LOAD, TABLE), strict=True)
        if line.cost != before.cost
    }

    # 43,800 evaluations; each event is read twice, in units of 4 KB for half the price.
    reads = (262.8e6 * 2 * 316 / 4096 + 43_800 * 300) * 0.5
    assert more == {
        "invocations": pytest.approx(0.0438 * 0.20),
        "duration, arm64": pytest.approx((43_800 * 0.8 + 525.6e6 * 0.00013) * 0.25 * 0.0000133334),
        "on-demand reads, by alert rules": pytest.approx(reads / 1e6 * 0.125),
        "state of alert rules written": pytest.approx(43.8 * 0.005),
        "data scanned": pytest.approx(96 * 730 / 24 * 10 * 2**20 / 2**40 * 5),
    }


def test_what_kinesis_hands_on_is_not_rounded() -> None:
    expected = 262.8e6 * sizes(3).record / GIB * 0.04

    assert _cost(LOAD, "Kinesis", "data out, to Firehose") == pytest.approx(expected)


def test_a_query_is_billed_for_ten_megabytes_at_least() -> None:
    assert _cost(Workload(rate=0.01), "Athena", "data scanned") == pytest.approx(
        100 * 730 / 24 * 10 * 2**20 / 2**40 * 5
    )


def test_nothing_is_delivered_more_often_than_events_come() -> None:
    assert _cost(Workload(rate=0.001), "S3", "objects written") == pytest.approx(2.628 * 0.005)


def test_even_the_largest_request_fits_into_the_first_chunk_of_memory() -> None:
    large = replace(LOAD, batch=25, length=512)
    small = replace(LOAD, batch=25, length=3)

    # 50 MB, and three times 25 events of 4.7 KB, are less than 64 MB.
    assert _cost(large, "Step Functions", "duration of express workflows") == pytest.approx(
        _cost(small, "Step Functions", "duration of express workflows")
    )


def test_a_slow_model_lengthens_the_workflow_by_whole_chunks() -> None:
    duration = ("Step Functions", "duration of express workflows")
    quick, still, slower = (_cost(replace(LOAD, inference_ms=ms), *duration) for ms in (10, 50, 51))

    assert quick == pytest.approx(still)
    assert slower == pytest.approx(2 * still)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
@pytest.mark.parametrize("batch", [1, 25])
def test_more_events_cost_more(region: str, batch: int) -> None:
    table = price_table(region)
    rates = (0.01, 1, 10, 100, 1_000, 10_000, 100_000)
    costs = [total(estimate(Workload(rate=rate, batch=batch), table)) for rate in rates]

    assert costs == sorted(costs)
    assert len(set(costs)) == len(costs)


def test_batches_cost_less_and_never_more_for_any_line() -> None:
    single, batched = (estimate(replace(LOAD, batch=batch), TABLE) for batch in (1, 25))

    assert total(batched) < total(single)
    assert all(cheap.cost <= dear.cost for cheap, dear in zip(batched, single, strict=True))


@pytest.mark.parametrize(
    "dearer",
    [
        {"length": 512},
        {"memory_mb": 4096},
        {"inference_ms": 250},
        {"months": 12},
        {"queries": 500},
        {"shadow": True},
    ],
)
def test_every_assumption_counts(dearer: dict[str, Any]) -> None:
    assert total(estimate(replace(LOAD, **dearer), TABLE)) > total(estimate(LOAD, TABLE))


def _terms(line: Line) -> float:
    """What the explanation of a line comes to, read as a person would."""
    sum_, _, _ = line.how.partition(" (")
    terms = (term.split(" x $") for term in sum_.split(" + "))
    return sum(float(units.replace(",", "")) * float(dollars) for units, dollars in terms)


@pytest.mark.parametrize("rate", [1, 500, 10_000])
def test_every_line_explains_itself(rate: float) -> None:
    for line in estimate(Workload(rate=rate), TABLE):
        assert line.because
        assert line.unit in line.how
        # A quantity is shown to three places.
        assert _terms(line) == pytest.approx(line.cost, rel=0.02, abs=0.01)


def test_posted_labels_are_lines_of_their_own() -> None:
    labels = 1_000_000
    lines = estimate(replace(LOAD, labels=labels), TABLE)[len(estimate(LOAD, TABLE)) :]
    month = labels * 730 / 24
    costs = {line.component: 0.0 for line in lines}
    for line in lines:
        costs[line.component] += line.cost

    assert costs["API Gateway"] == pytest.approx(month * 3.5e-6)
    assert costs["Step Functions"] == pytest.approx(month * (1e-6 + 0.1 / 3600 * 64 / 1024 * 0.06))
    assert costs["Lambda"] == pytest.approx(month * (0.2e-6 + 0.03 * 0.25 * 1.33334e-5))
    assert costs["Firehose"] == pytest.approx(month * 5120 / GIB * (0.029 + 0.018))


def test_a_shadow_doubles_what_comes_after_the_api() -> None:
    alone, both = (estimate(replace(LOAD, shadow=shadow), TABLE) for shadow in (False, True))
    pairs = zip(alone, both, strict=True)
    share = {line.what: other.quantity / line.quantity for line, other in pairs if line.quantity}

    assert (
        share["express workflows started"] == share["on-demand writes"] == share["serverless inference"] == 2
    )
    assert share["requests"] == share["dead letters"] == 1
