"""`nrti status --watch`: the figures of the page in a terminal, refreshed in place."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.text import Text

from nrti_cli.characters import printable
from nrti_cli.console import out
from nrti_cli.counts import show_count
from nrti_cli.dashboard.board import Board
from nrti_cli.dashboard.cells import latency_percentile
from nrti_cli.dashboard.views import Choice
from nrti_cli.durations import show_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nrti_cli.aws.target import Target
    from nrti_cli.stack.outputs import Outputs

#: What is counted: the last five minutes, in buckets of 5 seconds.
_CHOICE = Choice(300)
_SECONDS = 1.0
_SENSORS = 8
#: Columns of a name and of a sparkline at most, and of the figures behind it.
_NAME, _BARS, _FIGURES = 18, 36, 20
_LEVELS = " ▁▂▃▄▅▆▇█"
_STYLES = {"ok": "green", "idle": "dim", "warn": "yellow", "failed": "bold red"}


def watch(target: Target, stack: Outputs) -> None:
    """Shows the figures until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(target.impatient(), stack))


async def _watch(target: Target, stack: Outputs) -> None:
    board = Board(target, stack)
    await board.begin()
    try:
        with Live(console=out(), auto_refresh=False, transient=False) as live:
            while True:
                data = await board.changes(_CHOICE, "")
                live.update(Text("\n").join(lines(data.document, out().width)), refresh=True)
                await asyncio.sleep(_SECONDS)
    finally:
        board.close()


def lines(data: dict[str, Any], width: int) -> list[Text]:
    """What is shown of an answer for the page, each line cut to the terminal's width."""
    shown = [*_totals(data, width), *_sensors(data, width), Text(), *_stages(data)]
    if problem := data["live"]["problem"]:
        shown.append(Text(f"the stream cannot be read, trying again: {problem}", "yellow"))
    for line in shown:
        line.plain = printable(line.plain)  # the name of a sensor may have controls of terminals
        line.truncate(width, overflow="ellipsis")
    return shown


def _totals(data: dict[str, Any], width: int) -> Iterable[Text]:
    """The figures of all sensors, on as many lines as they need."""
    buckets = data["buckets"]
    count, failures = (sum(bucket[name] for bucket in buckets) for name in ("count", "failures"))
    latency: Counter[int] = Counter()
    for bucket in buckets:
        latency.update(bucket["latency"])
    now = datetime.fromtimestamp(data["now"] / 1000, UTC)
    share = f" ({failures / count:.1%})" if count else ""
    line = Text()
    for part in (
        Text(f"{now:%H:%M:%S} UTC", "dim"),
        Text(f"{_rate(data):.1f}/s"),
        Text(f"{count:,} in 5 min"),
        Text(f"{show_count(failures, 'failure')}{share}", "bold red" if failures else ""),
        Text(f"p50 {_latency(latency, 0.5)}"),
        Text(f"p99 {_latency(latency, 0.99)}"),
    ):
        if line and line.cell_len + 2 + part.cell_len > width:
            yield line
            line = Text()
        line = Text("  ").join([line, part]) if line else part
    yield line


def _rate(data: dict[str, Any]) -> float:
    """Events a second in the last three buckets that are over."""
    width, now = data["width"], data["now"] / 1000
    over = [bucket for bucket in data["buckets"] if now - 4 * width < bucket["at"] <= now - width]
    return float(sum(bucket["count"] for bucket in over) / (3 * width))


def _latency(latency: Counter[int], share: float) -> str:
    milliseconds = latency_percentile(latency, share)
    return "-" if milliseconds is None else show_duration(milliseconds / 1000)


def _sensors(data: dict[str, Any], width: int) -> Iterable[Text]:
    """The sensors with the most failures, each with its failures over time."""
    by_failures = sorted(data["sensors"].items(), key=lambda pair: (-pair[1][1], -pair[1][0], pair[0]))
    if not by_failures:
        yield Text("no predictions in 5 minutes; nrti produce --rate 1 sends some", "dim")
    space = min(_NAME, width // 4)
    bars = max(1, min(_BARS, width - space - 1 - _FIGURES))
    for name, (count, failures, _) in by_failures[:_SENSORS]:
        label = Text(name)
        label.truncate(space, overflow="ellipsis", pad=True)
        yield Text.assemble(
            label, " ", (_sparkline(data, name, bars), "red"), f" {failures:>6,} of {count:,}"
        )
    if (left := len(by_failures) - _SENSORS) > 0:
        yield Text(f"and {show_count(left, 'other sensor')}", "dim")


def _sparkline(data: dict[str, Any], sensor: str, bars: int) -> str:
    width, last = data["width"], data["now"] // 1000 // data["width"]
    failures = {bucket["at"] // width: bucket["sensors"].get(sensor, 0) for bucket in data["buckets"]}
    values = [failures.get(number, 0) for number in range(last - bars + 1, last + 1)]
    most = max(values) or 1
    return "".join(_LEVELS[-(-value * (len(_LEVELS) - 1) // most)] for value in values)


def _stages(data: dict[str, Any]) -> Iterable[Text]:
    for stage in data["stages"]:
        yield Text.assemble(
            f"{stage['name']:<13} ", (f"{stage['state']:<6}", _STYLES[stage["state"]]), f"  {stage['reason']}"
        )
