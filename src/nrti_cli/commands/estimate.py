"""The command `nrti estimate`."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.completion import offers
from nrti_cli.console import note
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.estimate.estimate import Line
    from nrti_cli.estimate.prices import PriceTable
    from nrti_cli.estimate.workload import Workload


def estimate(
    *,
    rate: Annotated[float, typer.Option(max=1e6, help="Events per second, averaged over the month.")],
    batch: Annotated[int, typer.Option(min=1, max=25, help="Events per request.")] = 1,
    region: Annotated[
        str, typer.Option(autocompletion=offers.regions, help="The AWS region: us-east-1 or eu-central-1.")
    ] = "us-east-1",
    length: Annotated[int, typer.Option(min=1, max=512, help="Numbers per sequence.")] = 3,
    memory: Annotated[int, typer.Option(min=1024, max=6144, help="Memory of the endpoint in MB.")] = 2048,
    inference_ms: Annotated[
        float,
        typer.Option(min=1, max=60_000, help="Milliseconds that the endpoint needs for a request."),
    ] = 25,
    months: Annotated[float, typer.Option(min=0, max=120, help="Retention of predictions, in months.")] = 1,
    retention_days: Annotated[
        int, typer.Option(min=0, max=3650, help="As in nrti bootstrap; replaces --months.")
    ] = 0,
    queries: Annotated[
        float,
        typer.Option(min=0, max=1e6, help="Athena queries per day, each over one day."),
    ] = 100,
    readers: Annotated[
        int,
        typer.Option(min=0, max=10_000, help="Readers of the QuickSight dashboard."),
    ] = 0,
    buffer_seconds: Annotated[int, typer.Option(min=0, max=900, help="As in nrti bootstrap.")] = 60,
    wait: Annotated[
        bool, typer.Option("--wait", help="Producers wait for predictions (POST /predictions).")
    ] = False,
    labels: Annotated[
        float, typer.Option(min=0, max=1e9, help="Labels per day, posted to /labels one by one.")
    ] = 0,
    alert_sensors: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Sensors that alert rules watch; 0 without rules.")
    ] = 0,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="A shadow scores all events as well (nrti deploy-model --shadow-of)."),
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each quantity is calculated.")] = False,
    format_: Annotated[Literal["table", "json"], typer.Option("--format", help="A table or JSON.")] = "table",
) -> None:
    """Estimate the monthly cost of the pipeline on AWS."""
    from nrti_cli.estimate.estimate import estimate as estimated
    from nrti_cli.estimate.prices import price_table
    from nrti_cli.estimate.workload import Workload

    others = {"--inference-ms": inference_ms, "--months": months, "--queries": queries, "--labels": labels}
    _check(rate, memory, others)
    load = Workload(
        rate, batch, length, memory, inference_ms, months, queries, readers, buffer_seconds, wait, labels,
        alert_sensors, retention_days, shadow,
    )  # fmt: skip
    table = price_table(region)
    lines = estimated(load, table)
    if format_ == "json":
        _print_json(load, table, lines)
    else:
        _print_table(table, lines, explain=explain)
        _tell(load, lines)


def _check(rate: float, memory: int, others: Mapping[str, float]) -> None:
    if not 0 < rate <= 1e6:
        raise UsageError(f"--rate {rate:g} is out of range", hint="use a number above 0, up to 1,000,000")
    if memory % 1024:
        raise UsageError(
            f"--memory {memory} is not a memory size of serverless endpoints", hint="use 1024, 2048, … 6144"
        )
    for option, number in others.items():
        # Typer's bounds accept NaN, which is neither too small nor too large.
        if math.isnan(number):
            raise UsageError(f"{option} is not a number", hint="write it like 25 or 0.5")


def _print_json(load: "Workload", table: "PriceTable", lines: "Sequence[Line]") -> None:
    import json
    from dataclasses import asdict

    from nrti_cli.estimate.estimate import total

    document = {
        "region": table.region,
        "prices_of": table.date,
        "currency": "USD",
        "workload": asdict(load),
        "lines": [asdict(line) for line in lines],
        "total": total(lines),
    }
    print(json.dumps(document, indent=2, ensure_ascii=False))


def _print_table(table: "PriceTable", lines: "Sequence[Line]", *, explain: bool) -> None:
    from nrti_cli.commands.output.rows import Head, show_table
    from nrti_cli.estimate.estimate import total

    because = ["because"] if explain else []
    rows = []
    component = ""
    for line in lines:
        name = "" if line.component == component else line.component
        component = line.component
        mark = "" if line.checked else " *"
        reason = [line.because] if explain else []
        rows.append([name, line.what, f"{line.how}{mark}", *reason, f"{line.cost:,.2f}"])
    show_table(
        [*map(Head, ("component", "what", "how", *because)), Head("USD a month", number=True)],
        rows,
        title=f"A month in {table.region}, prices of {table.date}",
        sums=["total", "", "", *([""] * len(because)), f"{total(lines):,.2f}"],
    )


def _tell(load: "Workload", lines: "Sequence[Line]") -> None:
    from nrti_cli.estimate.estimate import total

    million = 1e6 * total(lines) / load.events
    note(f"${million:,.2f} per million events; {load.events:,.0f} events in a month of 730 hours")
    if not all(line.checked for line in lines):
        note("* from memory: check it on the AWS page that --format json names")
    note("not included: free tiers, support, taxes, training jobs, alarms and keys")
