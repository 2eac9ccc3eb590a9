"""Runs a producer against an embedded AWS, and measures what its events cost."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass

from benchmarks.processes import Family
from benchmarks.system import NRTI
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs

#: The model that the events name.
MODEL = "bench"
#: How long storing may go on after the last event was sent.
_LONGEST_SECONDS = 60
#: After which the delivery has read all that is stored.
_READ_SECONDS = 1.5


@dataclass(frozen=True)
class Sustained:
    """What a run of the producer came to.

    Attributes:
        accepted: events.
        stored: predictions.
        seconds: that the producer ran.
        behind: seconds for which storing went on after its end.
        processor: seconds of processor time, without the producer's.
    """

    accepted: int
    stored: int
    seconds: float
    behind: float
    processor: float

    @property
    def each(self) -> float:
        """Milliseconds of processor time for an event."""
        return 1000 * self.processor / self.accepted


def produce(
    aws: Target, family: Family, model: str, rate: int, batch: int, seconds: float, predictions: int = 1
) -> Sustained:
    """Sends, and waits until so many predictions are stored of each accepted event, or nothing more comes."""
    before, processor = stored(aws), family.processor_seconds()
    load = ["--rate", str(rate), "--batch", str(batch), "--arrivals", "steady"]
    command = [NRTI, "produce", "--model", model, *load, "--count", str(int(rate * seconds))]
    began = time.perf_counter()
    sent = subprocess.run(command, check=True, capture_output=True, text=True)
    ended = time.perf_counter()
    accepted = _accepted(sent.stderr)
    new = stored(aws) - before
    while new < predictions * accepted and time.perf_counter() - ended < _LONGEST_SECONDS:
        time.sleep(0.02)
        new = stored(aws) - before
    behind = time.perf_counter() - ended
    time.sleep(_READ_SECONDS)
    return Sustained(accepted, new, ended - began, behind, family.processor_seconds() - processor)


def stored(aws: Target) -> int:
    """How many predictions the table has."""
    return int(aws.client("dynamodb").describe_table(TableName=outputs(aws).table)["Table"]["ItemCount"])


def _accepted(text: str) -> int:
    """How many events were accepted, from what the producer says at its end."""
    found = re.findall(r"sent, ([\d,]+) accepted,", text)
    assert found, text
    return int(found[-1].replace(",", ""))
