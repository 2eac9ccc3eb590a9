"""How long a sender waits for a prediction, beside the same events sent without waiting."""

from __future__ import annotations

import re
import statistics
import subprocess
from typing import Any

from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs

_RATE = 50
_SECONDS = 20
_ALLOWED_MS = 15
#: As `nrti produce` shows a latency below a second.
_LATENCY = re.compile(r"p50 (\S+) ms.* p99 (\S+ m?s)")


def run() -> list[Measurement]:
    """Less than a minute and a half."""
    with own_home():
        for command in ("bootstrap", "train --name bench", "produce --wait --rate 50 --count 200"):
            subprocess.run([NRTI, *command.split()], check=True, capture_output=True)
        waited, waited_p99 = _produce("waiting", "--wait")
        accepted, accepted_p99 = _produce("sending")
        scored = statistics.median(_until_scored(target(), "sending"))
    return [
        Measurement(
            f"`nrti produce --wait`, due to predicted, {_RATE}/s for {_SECONDS} s",
            f"p50 {waited:.1f} ms, p99 {waited_p99}",
            f"p50 <= {_ALLOWED_MS} ms",
            waited <= _ALLOWED_MS,
            f"without --wait: accepted p50 {accepted:.1f} ms, p99 {accepted_p99}; scored p50 {scored:.0f} ms",
        )
    ]


def _produce(sensor: str, *options: str) -> tuple[float, str]:
    """The median in milliseconds, and the 99th percentile as it is shown."""
    steady = f"--rate {_RATE} --arrivals steady --count {_RATE * _SECONDS} --seed 1 --sensor {sensor}"
    done = subprocess.run(
        [NRTI, "produce", *steady.split(), *options], check=True, capture_output=True, text=True
    )
    found = _LATENCY.search(done.stderr.splitlines()[-1])
    if found is None:
        raise ValueError(f"no latency in {done.stderr!r}")
    return float(found[1]), found[2]


def _until_scored(aws: Target, sensor: str) -> list[float]:
    """Milliseconds from when each event happened until the model had answered."""
    dynamodb: Any = aws.client("dynamodb")
    pages = dynamodb.get_paginator("query").paginate(
        TableName=outputs(aws).table,
        KeyConditionExpression="sensor = :sensor",
        ExpressionAttributeValues={":sensor": {"S": sensor}},
    )
    items = [item for page in pages for item in page["Items"]]
    return [float(item["predicted_at"]["N"]) - float(item["timestamp"]["N"]) for item in items]
