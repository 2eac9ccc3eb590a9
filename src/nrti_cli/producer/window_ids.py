"""Derives the ids of windows from sensor and time, so that a file that is sent again is stored once."""

from __future__ import annotations

from nrti_cli.producer.records import Record


class WindowIds:
    """Names the windows of each sensor in order."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}

    def named(self, sensor: str, time: int | None, row: int) -> Record:
        """The identifying fields of an event.

        Args:
            sensor: of the window.
            time: of its last row in epoch milliseconds, if there is one.
            row: the number of its last row among those of the sensor, from 1.
        """
        if time is None:
            return {"sensor": sensor, "event_id": f"{sensor}-row-{row}"}
        before, count = self._last.get(sensor, (None, 0))
        # Several rows may have the same time.
        count = count + 1 if before == time else 0
        self._last[sensor] = time, count
        suffix = f"-{count}" if count else ""
        return {"sensor": sensor, "timestamp": time, "event_id": f"{sensor}-{time}{suffix}"}
