"""How closely the producer keeps its rate, against a sink in a process of its own that answers at once."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from tests.local.sink import running_sink

from benchmarks.report import Measurement
from nrti_cli.durations import show_duration
from nrti_cli.producer.run import Pace
from nrti_cli.producer.session import Plan, produce
from nrti_cli.producer.sources import Defaults, random_events

_RATES = (1, 100, 1000)
_SECONDS = 5
_ALLOWED = 0.005


def _serve(asked: Connection) -> None:
    """Tells its address; whenever it is asked, tells the arrivals since the last time."""
    with running_sink() as sink:
        asked.send(sink.url)
        while asked.recv():
            asked.send(sink.arrivals.copy())
            sink.arrivals.clear()
            sink.requests.clear()


@contextmanager
def _sink() -> Iterator[tuple[str, Connection]]:
    context = get_context("spawn")
    ask, asked = context.Pipe()
    process = context.Process(target=_serve, args=(asked,))
    process.start()
    yield ask.recv(), ask
    ask.send(False)
    process.join()


def _measure(rate: int, url: str, sink: Connection, directory: Path) -> Measurement:
    plan = Plan(
        events=random_events(Defaults("failure-v1", 3, ("sensor-x",), 1)),
        pace=Pace(rate, "steady", _SECONDS),
        unsent=directory / "unsent.jsonl",
    )
    with contextlib.redirect_stderr(io.StringIO()):
        statistics = produce(url, "key", plan)
    sink.send(True)
    arrivals = sink.recv()
    # The first request also opens the connection, so count from the second.
    error = (len(arrivals) - 2) / (arrivals[-1] - arrivals[1]) / rate - 1
    late = " ".join(f"p{q * 100:g} {show_duration(statistics.latency(q) or 0)}" for q in (0.5, 0.99))
    return Measurement(
        f"rate at --rate {rate}, by the arrivals at a local sink (due to accepted: {late})",
        f"{error:+.3%}",
        f"within {_ALLOWED:.1%}",
        met=abs(error) <= _ALLOWED,
    )


def run() -> list[Measurement]:
    """The error of the rate at each of three rates."""
    with _sink() as (url, sink), tempfile.TemporaryDirectory() as directory:
        return [_measure(rate, url, sink, Path(directory)) for rate in _RATES]
