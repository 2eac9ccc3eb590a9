"""The lines of `nrti tail`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from nrti_cli.commands.output.tail import Lines
from nrti_cli.events import Prediction
from nrti_cli.tail import Stored

MOMENT = datetime(2026, 11, 22, 13, 50, 1, 123000, tzinfo=UTC)
PREDICTION = Prediction(
    event_id="e1",
    sensor="sensor-34",
    model="failure-v2",
    timestamp=MOMENT,
    received_at=MOMENT,
    predicted_at=MOMENT,
    data=(34, 97, 35),
    prediction=1,
    probability=0.99314,
    endpoint="nrti-failure-v2",
    version="20261122153654278",
)
STORED = Stored(PREDICTION, MOMENT)


@pytest.mark.parametrize("room", [40, 60, 80, 111, 112, 131, 200])
@pytest.mark.parametrize("sensor", ["s", "sensor-" + "x" * 121, "センサー" * 30])
def test_a_line_is_never_wider_than_the_terminal(room: int, sensor: str) -> None:
    long = replace(PREDICTION, sensor=sensor, model="m" * 63, data=(1e300,) * 512)
    lines = Lines(room)

    assert cell_len(lines.prediction(Stored(long, MOMENT))) == lines.width <= room


def test_what_is_usual_fits_80_columns_uncut() -> None:
    assert Lines(80).prediction(STORED).split("  ") == [
        *("13:50:01.123", "sensor-34", "", "failure-v2", "", "[34, 97, 35]", "", "failure 0.9931", " 0.0 ms")
    ]


def test_a_wide_terminal_has_room_for_the_day() -> None:
    assert Lines(112).prediction(STORED).startswith("2026-11-22 13:50:01.123  sensor-34 ")


def test_a_terminal_that_is_wider_still_has_the_version() -> None:
    assert Lines(130).prediction(STORED).endswith("ms")
    assert Lines(131).prediction(STORED).endswith("ms  20261122153654278")


@pytest.mark.parametrize(("room", "shown"), [(80, "11-20 13:50   sensor-34"), (40, "11-20     sensor-34")])
def test_an_event_of_another_day_shows_its_date(room: int, shown: str) -> None:
    of_a_file = replace(PREDICTION, timestamp=MOMENT - timedelta(days=2))

    assert Lines(room).prediction(Stored(of_a_file, MOMENT)).startswith(shown)


def test_nothing_is_cut_off_a_terminal() -> None:
    long = replace(PREDICTION, sensor="sensor-" + "x" * 121)

    assert long.sensor in Lines(None).prediction(Stored(long, MOMENT))


def test_a_wide_terminal_is_used() -> None:
    long = replace(PREDICTION, sensor="sensor-" + "x" * 30, model="m" * 41)
    line = Lines(220).prediction(Stored(long, MOMENT))

    assert long.sensor in line
    assert long.model in line


def test_forty_columns_have_when_who_and_what() -> None:
    assert Lines(40).prediction(STORED) == "13:50:01  sensor-34       failure 0.9931"


def test_a_sensor_does_not_command_the_terminal() -> None:
    evil = replace(PREDICTION, sensor="\x1b[2Jevil\n")

    assert "\ufffd[2Jevil " in Lines(None).prediction(Stored(evil, MOMENT))
