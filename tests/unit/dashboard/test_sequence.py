"""What is left of a long sequence in a small drawing."""

from __future__ import annotations

import math

import pytest

from nrti_cli.dashboard.sequence import outline


@pytest.mark.parametrize(("length", "channels"), [(3, None), (120, None), (240, 2), (2048, 2048), (40, 7)])
def test_a_short_sequence_is_all_there(length: int, channels: int | None) -> None:
    values = [math.sin(number) for number in range(length)]

    assert outline(values, channels) == values


@pytest.mark.parametrize("channels", [None, 1, 4])
def test_a_long_one_keeps_each_channel_with_its_peaks(channels: int | None) -> None:
    width = channels or 1
    values = [math.sin(number / 50) for number in range(2048)]
    for channel in range(width):
        values[width * 300 + channel] = 10.0 + channel

    drawn = outline(values, channels)

    assert len(drawn) == 120 * width
    for channel in range(width):
        course = values[channel::width]
        assert max(drawn[channel::width]) == 10.0 + channel
        assert min(drawn[channel::width]) == min(course)
        places = [course.index(value) for value in drawn[channel::width] if course.count(value) == 1]
        assert places == sorted(places)
