"""The function begins no work late in an execution."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nrti_cli.remote.inference_function.deadline import LAST_SECONDS, LENIENT_SECONDS, OutOfTime, in_time
from nrti_cli.remote.inference_function.handler import handler

STARTED = datetime(2026, 11, 28, tzinfo=UTC)
PAYLOAD = {"started_at": "2026-11-28T00:00:00.000Z", "lenient": False}


@pytest.mark.parametrize(
    ("seconds", "lenient"),
    [(-90_000, False), (0, False), (LENIENT_SECONDS - 0.1, False), (LENIENT_SECONDS, True)],
)
def test_it_is_lenient_from_a_moment_on(seconds: float, lenient: bool) -> None:
    assert in_time(PAYLOAD, STARTED + timedelta(seconds=seconds)) == {**PAYLOAD, "lenient": lenient}


def test_it_stops_from_another_moment_on() -> None:
    with pytest.raises(OutOfTime, match=f"has run for {LAST_SECONDS} seconds"):
        in_time(PAYLOAD, STARTED + timedelta(seconds=LAST_SECONDS))


def test_an_execution_of_an_earlier_version_has_no_start() -> None:
    assert in_time({"lenient": False}, STARTED) == {"lenient": False}


@pytest.mark.parametrize("work", [{"events": [], "position": 0}, {"unstored": {}, "rejected": []}])
def test_the_function_begins_nothing_then(work: dict[str, Any]) -> None:
    """Neither with events nor with items to give back: that would need the names in the environment."""
    with pytest.raises(OutOfTime):
        handler({**PAYLOAD, **work}, None)
