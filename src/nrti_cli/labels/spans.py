"""Intervals of sensors as arrays, and their overlaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nrti_cli.labels.batch import Batch

Numbers = NDArray[np.int64]
#: Before all times.
NEVER = np.int64(-1)


@dataclass(frozen=True)
class Spans:
    """Intervals of sensors, including both ends.

    Attributes:
        sensors: a number for each sensor.
        starts: epoch milliseconds.
        ends: likewise.
    """

    sensors: Numbers
    starts: Numbers
    ends: Numbers

    @classmethod
    def of(cls, batch: Batch) -> Spans:
        """The intervals of labels."""
        sensors = batch.rows["sensor"].combine_chunks().dictionary_encode()
        codes = sensors.indices.to_numpy().astype(np.int64)
        return cls(codes, batch.times("start_time"), batch.times("end_time"))

    def taken(self, rows: NDArray[np.intp]) -> Spans:
        """Some of the intervals."""
        return Spans(self.sensors[rows], self.starts[rows], self.ends[rows])

    def latest_end(self, chosen: NDArray[np.bool_]) -> Numbers:
        """For each interval, when the last of the chosen ones of its sensor before it ends, or `NEVER`.

        The intervals have to be in the order of their sensors.
        """
        return running_maximum(self.sensors, np.where(chosen, self.ends, NEVER))


def running_maximum(sensors: Numbers, values: Numbers) -> Numbers:
    """The largest value of each row's sensor before the row, or `NEVER`; rows are in the order of sensors."""
    known, ranks = np.unique(values, return_inverse=True)
    # One number that grows with the sensor first, so that the maximum starts again with each sensor.
    width = np.int64(len(known) + 1)
    reached = np.maximum.accumulate(sensors * width + ranks + 1)
    before = np.concatenate((np.array([0]), reached[:-1])) - sensors * width
    return np.where(before > 0, known[np.maximum(before, 1) - 1], NEVER)
