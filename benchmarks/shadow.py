"""What an event costs with a shadow, of what it costs without.

A model with a shadow and one without take turns, since the table grows meanwhile.
"""

from __future__ import annotations

import statistics
import subprocess
import time

from benchmarks.load import MODEL, produce
from benchmarks.processes import Family
from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws.target import Target
from nrti_cli.models.shadows import NOTICED_SECONDS

_SHADOWED, _SHADOW = "bench-shadowed", "bench-shadow"
_MOST = 1.6
#: Rates that leave room for the shadow, and the sizes of batches.
_LOADS = ((150, 1), (1000, 25))
_TURNS, _SECONDS, _FIRST_SECONDS = 5, 10, 3


def run() -> list[Measurement]:
    """Both loads; about five minutes."""
    with own_home() as home:
        subprocess.run([NRTI, "bootstrap", "--buffer-seconds", "5"], check=True, capture_output=True)
        for model in (MODEL, _SHADOWED, _SHADOW):
            subprocess.run([NRTI, "train", "--name", model], check=True, capture_output=True)
        deploy = [NRTI, "deploy-model", "--name", _SHADOW, "--shadow-of", _SHADOWED]
        subprocess.run(deploy, check=True, capture_output=True)
        time.sleep(NOTICED_SECONDS)
        aws, family = target(), Family(home)
        for rate, batch in _LOADS:  # starts the processes of both
            for model in (MODEL, _SHADOWED):
                produce(aws, family, model, rate, batch, _FIRST_SECONDS, 1 + (model == _SHADOWED))
        return [_compared(aws, family, rate, batch) for rate, batch in _LOADS]


def _compared(aws: Target, family: Family, rate: int, batch: int) -> Measurement:
    turns = [
        (
            produce(aws, family, MODEL, rate, batch, _SECONDS),
            produce(aws, family, _SHADOWED, rate, batch, _SECONDS, predictions=2),
        )
        for _ in range(_TURNS)
    ]
    lost = sum(2 * both.accepted - both.stored for _, both in turns)
    ratio = statistics.median(both.each / alone.each for alone, both in turns)
    without, with_one = (statistics.median(run.each for run in column) for column in zip(*turns, strict=True))
    return Measurement(
        f"an event with a shadow, {rate:,}/s in batches of {batch}, {_TURNS} turns",
        f"{ratio:.2f} times the CPU, {lost} predictions lost",
        f"<= {_MOST} times",
        ratio <= _MOST and not lost,
        f"{with_one:.2f} ms of CPU an event, {without:.2f} ms without",
    )
