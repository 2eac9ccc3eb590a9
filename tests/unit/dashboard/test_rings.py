"""Counting into rings, and what a browser is sent of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.dashboard.cells import (
    LATENCY_BINS,
    PROBABILITY_BINS,
    Cell,
    Series,
    latency_bin,
    probability_bin,
)
from nrti_cli.dashboard.rings import WIDTHS, Rings
from nrti_cli.dashboard.views import KEPT_FAILURES, SHOWN_FAILURES, Choice, Views
from nrti_cli.events import Prediction
from nrti_cli.tail import Stored

NOW = 1_800_000_000
A, B = Series("a", "m", "1"), Series("b", "m", "2")


def cell(*predictions: int) -> Cell:
    made = Cell()
    for prediction in predictions:
        made.add(prediction, 0.25 + prediction / 2, 10)
    return made


def failure(sensor: str, second: int, event_id: str = "e") -> Stored:
    at = datetime.fromtimestamp(second, UTC)
    made = Prediction(event_id, sensor, "m", at, at, at, (1.0, 2.0), 1, "nrti-m", probability=0.9)
    return Stored(made, at)


def replace(rings: Rings, cells: dict[int, dict[Series, Cell]]) -> None:
    rings.replace_history(
        5, NOW - 300, {number: rings.packing.pack(found) for number, found in cells.items()}
    )


def buckets(rings: Rings, choice: Choice, after: int = -1) -> list[dict[str, Any]]:
    return Views(rings).buckets(choice, after, NOW)


@pytest.mark.parametrize(
    ("probability", "prediction", "expected"),
    [(0, 0, 0), (0.049, 0, 0), (0.05, 0, 1), (1, 0, 19), (0, 1, 20), (1, 1, 39)],
)
def test_a_probability_has_a_bin_apart_for_failures(
    probability: float, prediction: int, expected: int
) -> None:
    assert probability_bin(probability, prediction) == expected


@pytest.mark.parametrize("milliseconds", [0, 0.5, 1, 3, 999, 1e6, 1e12])
def test_a_latency_has_a_bin_of_a_twelfth_of_its_size(milliseconds: float) -> None:
    place = latency_bin(milliseconds)

    assert 0 <= place < LATENCY_BINS
    if 1 < milliseconds < 1e6:
        assert 10 ** (place / 20) <= milliseconds * 1.0001
        assert math.isclose(10 ** (place / 20), milliseconds, rel_tol=0.13)


def test_every_ring_counts_what_the_stream_brings() -> None:
    rings = Rings()
    rings.add({(NOW - 3, A): cell(0, 1), (NOW - 3, B): cell(0), (NOW, A): cell(1)})

    for period in WIDTHS:
        found = buckets(rings, Choice(period))
        assert sum(bucket["count"] for bucket in found) == 4
        assert sum(bucket["failures"] for bucket in found) == 2


def test_a_bucket_is_sent_again_as_a_whole_when_it_changed_and_not_otherwise() -> None:
    rings = Rings()
    rings.add({(NOW - 100, A): cell(0), (NOW, A): cell(0)})
    known = rings.version
    rings.add({(NOW, A): cell(1)})

    (changed,) = buckets(rings, Choice(300), known)

    assert (changed["count"], changed["failures"]) == (2, 1)
    assert buckets(rings, Choice(300), rings.version) == []


def test_history_and_stream_share_a_bucket_and_history_is_replaced_not_added() -> None:
    rings = Rings()
    rings.add({(NOW, A): cell(1)})
    for _ in range(2):
        replace(rings, {NOW // 5: {A: cell(0, 0)}, NOW // 5 - 10: {B: cell(0)}})

    found = buckets(rings, Choice(300))

    assert [bucket["count"] for bucket in found] == [1, 3]


def test_what_history_no_longer_has_goes() -> None:
    rings = Rings()
    replace(rings, {NOW // 5: {A: cell(0)}, NOW // 5 - 10: {B: cell(0)}})
    replace(rings, {NOW // 5: {A: cell(0)}})

    assert sum(bucket["count"] for bucket in buckets(rings, Choice(300))) == 1


def test_a_bucket_that_is_packed_every_minute_counts_all() -> None:
    rings, begin = Rings(), NOW - NOW % 1200
    for second in range(begin, begin + 1200, 7):
        rings.add({(second, A): cell(0, 1), (second, B): cell(0)})
    rings.add({(begin + 3, A): cell(1)})  # late

    (bucket,) = Views(rings).buckets(Choice(86_400), -1, begin + 1200)
    ((_, counts),) = rings.counts(1200, begin)

    rounds = 172
    assert (bucket["count"], bucket["failures"]) == (3 * rounds + 1, rounds + 1)
    assert sum(bucket["latency"].values()) == sum(bucket["probability"].values()) == 3 * rounds + 1
    assert sum(count for series, count, _ in counts if series == A) == 2 * rounds + 1


def test_no_ring_has_cells_for_longer_than_a_minute() -> None:
    rings = Rings()
    for second in range(NOW, NOW + 300):
        rings.add({(second, Series(f"sensor-{second}", "m", "1")): cell(0)})

    living = {
        series.sensor
        for ring in rings._rings.values()
        for bucket in ring.buckets.values()
        for series in bucket._live
    }

    assert living <= {f"sensor-{second}" for second in range(NOW + 240, NOW + 300)}


def test_rings_forget_what_is_older_than_their_period() -> None:
    rings = Rings()
    for second in range(NOW, NOW + 10_000):
        rings.add({(second, A): cell(0)})

    kept = {width: len(list(rings.changed(width, -1, 0))) for width in set(WIDTHS.values())}

    assert kept == {1: 61, 5: 61, 10: 91, 60: 61, 300: 34, 1200: 9}
    assert next(rings.changed(1, -1, 0))[0] == NOW + 10_000 - 61


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        (Choice(300, frozenset({"a"})), 2),
        (Choice(300, frozenset({"b"})), 1),
        (Choice(300, None, "m"), 3),
        (Choice(300, None, "other"), 0),
        (Choice(300, frozenset({"a", "b"}), "m"), 3),
    ],
)
def test_a_browser_gets_what_it_chose(choice: Choice, count: int) -> None:
    rings = Rings()
    rings.add({(NOW, A): cell(0, 1), (NOW, B): cell(0)})

    (bucket,) = buckets(rings, choice)

    assert bucket["count"] == count
    assert sum(all_ for _, _, all_, _, _ in bucket["models"]) == count
    assert sum(failures for _, _, _, failures, _ in bucket["models"]) == bucket["failures"]
    assert sum(bucket["probability"].values()) == count
    assert all(int(place) < 2 * PROBABILITY_BINS for place in bucket["probability"])


def test_sensors_and_models_are_counted_whatever_is_chosen() -> None:
    rings = Rings()
    rings.add({(NOW, A): cell(0, 1), (NOW, B): cell(0)})

    totals = Views(rings).totals(Choice(300, frozenset({"a"})), NOW)

    assert totals == {"sensors": {"a": [2, 1, NOW + 5], "b": [1, 0, NOW + 5]}, "models": {"m": 3}}


def test_packed_buckets_are_counted_with_those_of_the_lake_and_the_newest() -> None:
    rings = Rings()
    replace(rings, {NOW // 5 - 9: {A: cell(0, 0)}, NOW // 5 - 8: {B: cell(1)}})
    for second in (NOW - 45, NOW - 30, NOW):
        rings.add({(second, A): cell(0, 1)})

    totals = Views(rings).totals(Choice(300), NOW)

    assert totals == {"sensors": {"a": [8, 3, NOW + 5], "b": [1, 1, NOW - 35]}, "models": {"m": 9}}


def test_failures_come_once_newest_first_and_those_of_before_behind_them() -> None:
    rings = Rings()
    views = Views(rings)
    rings.add({(NOW, A): cell(1)})
    views.add_failures([("k1", failure("a", NOW)), ("k2", failure("b", NOW + 1))])
    former = [("k8", failure("a", NOW - 9, "older")), ("k9", failure("a", NOW - 8, "old"))]
    views.add_former_failures(former[1:])
    views.add_former_failures(former)  # the first was still on its way to the lake

    shown = views.failures(Choice(300), -1)

    assert [(each["sensor"], each["event_id"]) for each in shown] == [
        ("b", "e"), ("a", "e"), ("a", "old"), ("a", "older"),
    ]  # fmt: skip
    assert shown[0]["key"] == "k2"
    assert shown[2]["key"] == "k9"
    assert views.failures(Choice(300), rings.version) == []
    assert [each["sensor"] for each in views.failures(Choice(300, frozenset({"b"})), -1)] == ["b"]


def test_failures_of_before_do_not_drive_out_those_of_the_stream() -> None:
    views = Views(Rings())
    views.add_failures([(f"k{number}", failure("a", NOW + number)) for number in range(KEPT_FAILURES)])
    views.add_former_failures([("old", failure("a", NOW - 1, "old"))])

    assert views.failures(Choice(300), -1)[0]["key"] == f"k{KEPT_FAILURES - 1}"


def test_no_browser_gets_more_failures_than_it_shows() -> None:
    views = Views(Rings())
    views.add_failures([(f"k{number}", failure("a", NOW + number)) for number in range(700)])

    assert len(views.failures(Choice(300), -1)) == SHOWN_FAILURES
