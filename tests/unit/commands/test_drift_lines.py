"""What `nrti drift` prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nrti_cli.commands.output.drift import show
from nrti_cli.drift.check import Report
from nrti_cli.drift.letters import DeadLetters
from nrti_cli.remote.alerts_function.counting import Period
from nrti_cli.remote.alerts_function.drift import Finding, Verdict

PERIOD = Period(datetime(2026, 11, 27, 3, tzinfo=UTC), datetime(2026, 11, 28, 3, tzinfo=UTC))
FINDING = Finding("a", 2_000, 58, 0.021, 0.01, 0.0, 0.0, 0.0, ())
VERDICT = Verdict("stable", 2_000, 58, 0.04, 0.03, (replace(FINDING, name="prediction"), FINDING))
STABLE = Report("m", "v", PERIOD, "training", VERDICT, 0, (), DeadLetters(0, 99), 1_500_000, 0.00005)


def shown(
    capsys: pytest.CaptureFixture[str], report: Report, *, billed: bool = False
) -> tuple[list[str], str]:
    show(report, billed=billed)
    found = capsys.readouterr()
    return found.out.splitlines(), found.err


def drifting(*findings: Finding) -> Report:
    return replace(STABLE, verdict=replace(VERDICT, state="drift", findings=(FINDING, *findings)))


def test_the_verdict_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    lines, cost = shown(capsys, STABLE, billed=True)

    assert lines == [
        "no drift: m v, compared to training",
        "2,000 events, 2026-11-27 03:00 to 2026-11-28 03:00 (UTC)",
        "failures: 4.00% of the predictions, 3.00% in the baseline",
        "largest difference: a, KS 0.021",
    ]
    assert cost == "1.5 MB scanned · about $0.00005\n"


def test_the_time_steps_of_a_channel_are_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        replace(FINDING, name=f"temperature[{step}]", ks=0.3 + step / 100, reasons=("shifted",))
        for step in range(9)
    ]

    lines, _ = shown(capsys, drifting(*steps, replace(FINDING, name="b", above=0.2, reasons=("above",))))

    assert lines[0].startswith("drift: m v, ")
    assert [line.split() for line in lines[4:6]] == [
        ["temperature", "(9", "steps)", "shifted", "0.380", "0.01", "0.0%", "0.0%"],
        ["b", "above", "0.021", "0.01", "20.0%", "0.0%"],
    ]


def test_what_drifted_least_is_only_counted(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = shown(
        capsys, drifting(*(replace(FINDING, name=f"x{n}", ks=0.5, reasons=("shifted",)) for n in range(25)))
    )

    assert len([line for line in lines if line.startswith("x")]) == 10
    assert "and 15 more: nrti drift --format json" in lines


@pytest.mark.parametrize(
    ("report", "state", "events"),
    [
        (
            replace(STABLE, verdict=None, awaited=340),
            "no baseline yet",
            "a baseline needs 340 more events",
        ),
        (
            replace(STABLE, verdict=replace(VERDICT, state="too_few_events", events=12)),
            "too few events",
            "12 of at least 58 events, 2026-11-27 03:00 to 2026-11-28 03:00 (UTC)",
        ),
        (
            replace(STABLE, verdict=replace(VERDICT, state="too_few_events", needed=None)),
            "too few events",
            (
                "2,000 events, 2026-11-27 03:00 to 2026-11-28 03:00 (UTC); "
                "the baseline is too small for any number"
            ),
        ),
    ],
)
def test_without_a_verdict_it_says_why(
    capsys: pytest.CaptureFixture[str], report: Report, state: str, events: str
) -> None:
    assert shown(capsys, report)[0] == [f"{state}: m v, compared to training", events]


def test_silent_sensors_and_dead_letters_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    silent = [f"robot-{number}" for number in range(7)]

    lines, _ = shown(capsys, replace(STABLE, silent=silent, dead_letters=DeadLetters(12, 100)))

    assert lines[0].startswith("silent sensors, dead letters: m v, ")
    assert lines[-2:] == [
        "silent sensors: robot-0, robot-1, robot-2, robot-3, robot-4 and 2 more",
        "dead letters: 12 of 100 requests, all models",
    ]


@pytest.mark.parametrize(("needed", "enough"), [(4_300, ", needed are 4,300"), (None, " in the baseline")])
def test_values_that_need_more_events_are_counted(
    capsys: pytest.CaptureFixture[str], needed: int | None, enough: str
) -> None:
    found = replace(VERDICT, findings=(FINDING, FINDING, replace(FINDING, name="slow", needed=needed)))

    lines, _ = shown(capsys, replace(STABLE, verdict=found))

    assert lines[-1] == f"undecided: 1 value with too few independent events{enough}"
