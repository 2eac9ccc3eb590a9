"""`nrti status --watch`: the figures of the page in a terminal, refreshed in place."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.text import Text

from nrti_cli.console import out
from nrti_cli.dashboard.board import Board
from nrti_cli.dashboard.cells import latency_percentile
from nrti_cli.dashboard.views import Choice
from nrti_cli.durations import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: What is shown: 60 bars of 5 seconds, the width of a sparkline that leaves room for names at 80 columns.
_CHOICE = Choice(300)
_BARS = 36
_SECONDS = 1.0
_SENSORS = 8
_NAME = 18
_LEVELS = " ▁▂▃▄▅▆▇█"
_STYLES = {"ok": "green", "idle": "dim", "warn": "yellow", "failed": "bold red"}


def watch(target: Target, stack: Outputs) -> None:
    """Shows the figures until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(target, stack))


async def _watch(target: Target, stack: Outputs) -> None:
    board = Board(target, stack)
    await board.begin()
    try:
        with Live(console=out(), auto_refresh=False, transient=False) as live:
            while True:
                data = await board.changes(_CHOICE, "")
                live.update(Text("\n").join(lines(data, out().width)), refresh=True)
                await asyncio.sleep(_SECONDS)
    finally:
        board.close()


def lines(data: dict[str, Any], width: int) -> list[Text]:
    """What is shown of an answer for the page, each line cut to the terminal's width."""
    shown = [_totals(data), *_sensors(data), Text(), *_stages(data)]
    if problem := data["live"]["problem"]:
        shown.append(Text(f"the stream cannot be read, trying again: {problem}", "yellow"))
    for line in shown:
        line.truncate(width, overflow="ellipsis")
    return shown


def _totals(data: dict[str, Any]) -> Text:
    buckets = data["buckets"]
    count, failures = (sum(bucket[name] for bucket in buckets) for name in ("count", "failures"))
    latency: Counter[int] = Counter()
    for bucket in buckets:
        latency.update(bucket["latency"])
    now = datetime.fromtimestamp(data["now"] / 1000, UTC)
    share = f" ({failures / count:.1%})" if count else ""
    return Text.assemble(
        (f"{now:%H:%M:%S} UTC", "dim"),
        f"  {_rate(data):.1f}/s  {count:,} in 5 min  ",
        (f"{failures:,} failures{share}", "bold red" if failures else ""),
        f"  p50 {_latency(latency, 0.5)}  p99 {_latency(latency, 0.99)}",
    )


def _rate(data: dict[str, Any]) -> float:
    """Events a second in the last three buckets that are over."""
    width, now = data["width"], data["now"] / 1000
    over = [bucket for bucket in data["buckets"] if now - 4 * width < bucket["at"] <= now - width]
    return float(sum(bucket["count"] for bucket in over) / (3 * width))


def _latency(latency: Counter[int], share: float) -> str:
    milliseconds = latency_percentile(latency, share)
    return "-" if milliseconds is None else show_duration(milliseconds / 1000)


def _sensors(data: dict[str, Any]) -> Iterable[Text]:
    """The sensors with the most failures, each with its failures over time."""
    by_failures = sorted(data["sensors"].items(), key=lambda pair: (-pair[1][1], -pair[1][0], pair[0]))
    if not by_failures:
        yield Text("no predictions in 5 minutes; nrti produce --rate 1 sends some", "dim")
    for name, (count, failures, _) in by_failures[:_SENSORS]:
        label = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        yield Text.assemble(
            f"{label:<{_NAME}} ", (_sparkline(data, name), "red"), f" {failures:>6,} of {count:,}"
        )
    if (left := len(by_failures) - _SENSORS) > 0:
        yield Text(f"and {left:,} other sensors", "dim")


def _sparkline(data: dict[str, Any], sensor: str) -> str:
    width, last = data["width"], data["now"] // 1000 // data["width"]
    failures = {bucket["at"] // width: bucket["sensors"].get(sensor, 0) for bucket in data["buckets"]}
    values = [failures.get(number, 0) for number in range(last - _BARS + 1, last + 1)]
    most = max(values) or 1
    return "".join(_LEVELS[-(-value * (len(_LEVELS) - 1) // most)] for value in values)


def _stages(data: dict[str, Any]) -> Iterable[Text]:
    for stage in data["stages"]:
        yield Text.assemble(
            f"{stage['name']:<13} ", (f"{stage['state']:<6}", _STYLES[stage["state"]]), f"  {stage['reason']}"
        )
