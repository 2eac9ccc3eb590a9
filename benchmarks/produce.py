"""One run of the producer in a process of its own; prints what it reached as JSON.

`python -m benchmarks.produce URL RATE COUNT`
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from nrti_cli.console import progress
from nrti_cli.events import Event
from nrti_cli.percentiles import nearest_rank
from nrti_cli.producer.client import Answer, HttpClient
from nrti_cli.producer.dispatch import Dispatcher
from nrti_cli.producer.display import Display
from nrti_cli.producer.feed import ready_requests
from nrti_cli.producer.run import SendRate, run
from nrti_cli.producer.sender import Backoff
from nrti_cli.producer.sources import Defaults, random_events
from nrti_cli.producer.statistics import Statistics
from nrti_cli.producer.unsent import Unsent

_CONCURRENCY = 100


class _TimedClient(HttpClient):
    """Keeps when each attempt began."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "key", _CONCURRENCY)
        self.sent: list[float] = []

    async def post(self, body: bytes) -> Answer:
        self.sent.append(time.monotonic())
        return await super().post(body)


class _TimedDispatcher(Dispatcher):
    """Keeps when each request was due."""

    due: list[float]

    def launch(self, events: list[Event], due: float) -> None:
        self.due.append(due)
        super().launch(events, due)


async def _produce(url: str, rate: float, count: int, unsent: Unsent) -> dict[str, float]:
    client, statistics = _TimedClient(url), Statistics()
    with progress("producing") as shown:
        display = Display(statistics, rate, shown)
        dispatcher = _TimedDispatcher(
            client, Backoff(), _CONCURRENCY, statistics=statistics, unsent=unsent, observer=display
        )
        dispatcher.due = []
        requests = ready_requests(random_events(Defaults("failure-v1", 3, ("sensor-x",), 1)), 1, count)
        began = time.monotonic()
        await run(requests, SendRate(rate, "steady", None), dispatcher, display.interrupted)
        elapsed = time.monotonic() - began
    await client.close()
    # Nothing is retried here, so the attempts are the requests, in their order.
    late = sorted(abs(sent - due) for sent, due in zip(client.sent, dispatcher.due, strict=True))
    return {
        "accepted_per_second": statistics.accepted / elapsed,
        "sent_per_second": (count - 1) / (client.sent[-1] - client.sent[0]),
        "late_p99": nearest_rank(late, 99),
        "latency_p50": statistics.latency.at(50) or 0,
        "latency_p99": statistics.latency.at(99) or 0,
    }


def main() -> None:
    url, rate, count = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(uvloop.run(_produce(url, rate, count, Unsent(Path(directory) / "unsent.jsonl")))))


if __name__ == "__main__":
    main()
