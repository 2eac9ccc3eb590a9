"""The lines of `nrti status --watch`."""

from __future__ import annotations

from typing import Any

from nrti_cli.commands.status_watch import lines

NOW = 1_800_000_000


def bucket(at: int, count: int, **sensors: int) -> dict[str, Any]:
    return {
        "at": at,
        "count": count,
        "failures": sum(sensors.values()),
        "sensors": sensors,
        "latency": {20: count},
    }


def data(buckets: list[dict[str, Any]], sensors: dict[str, list[int]]) -> dict[str, Any]:
    return {
        "now": NOW * 1000,
        "width": 5,
        "buckets": buckets,
        "sensors": sensors,
        "stages": [{"name": "API", "state": "ok", "reason": "x" * 200}],
        "live": {"problem": ""},
    }


def test_it_shows_rate_failures_latency_and_a_sparkline_by_sensor() -> None:
    found = data(
        [bucket(NOW - 15, 30, a=1), bucket(NOW - 10, 30, a=8, b=1), bucket(NOW - 5, 30)],
        {"a": [60, 9, NOW], "b": [30, 1, NOW]},
    )

    shown = [line.plain for line in lines(found, 80)]

    assert shown[0] == "08:00:00 UTC  6.0/s  90 in 5 min  10 failures (11.1%)  p50 11 ms  p99 11 ms"
    assert shown[1] == f"{'a':<18} {'▁█  ':>36} {9:>6} of 60"
    assert shown[2] == f"{'b':<18} {'█  ':>36} {1:>6} of 30"
    assert max(map(len, shown)) <= 80


def test_the_sensors_with_the_most_failures_come_first_and_the_others_are_counted() -> None:
    found = data([bucket(NOW - 5, 12)], {f"s{number}": [1, number, NOW] for number in range(12)})

    shown = [line.plain for line in lines(found, 80)]

    assert [line.split()[0] for line in shown[1:9]] == [f"s{number}" for number in range(11, 3, -1)]
    assert shown[9] == "and 4 other sensors"


def test_all_figures_fit_into_a_narrow_terminal_and_wide_names_stay_in_their_column() -> None:
    robots = "🤖" * 20
    buckets = [bucket(NOW - 5, 30, **{robots: 9, "a": 1})]

    shown = lines(data(buckets, {robots: [60, 9, NOW], "a": [30, 1, NOW]}), 40)

    assert max(line.cell_len for line in shown) <= 40
    text = "\n".join(line.plain for line in shown)
    figures = ("2.0/s", "10 failures", "p50 11 ms", "p99 11 ms", "9 of 60", "1 of 30")
    assert [figure for figure in figures if figure not in text] == []
    first, second = (next(line for line in shown if line.plain.endswith(end)) for end in figures[-2:])
    assert first.cell_len == second.cell_len
    assert "█" in first.plain


def test_an_empty_pipeline_says_what_to_type() -> None:
    assert "nrti produce" in lines(data([], {}), 80)[1].plain


def test_a_name_gives_the_terminal_no_command() -> None:
    name = "\x9b2Jright\u202eleft"

    shown = lines(data([bucket(NOW - 5, 30, **{name: 9})], {name: [60, 9, NOW]}), 80)

    assert shown[1].plain.startswith("\ufffd2Jright\ufffdleft ")
    assert [(shown[1].plain[span.start : span.end].strip(), span.style) for span in shown[1].spans] == [
        ("█", "red")
    ]
