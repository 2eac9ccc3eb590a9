"""The command `nrti produce`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options.common import addressed, sensors, span
from nrti_cli.commands.options.files import (
    FileOptions,
    layout,
    refuse_without_file,
)
from nrti_cli.commands.options.formats import FormatOption, print_json_line
from nrti_cli.completion import offers
from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.events import Event
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.producer.sources import Defaults
    from nrti_cli.tables.layout import Layout

_DEMO_SENSORS = ("sensor-x", "sensor-1", "sensor-34")


@addressed
def produce(
    target: "Target",
    *,
    rate: Annotated[
        float, typer.Option(min=0.001, max=100_000, help="Events per second on average, whatever --batch is.")
    ] = 1,
    count: Annotated[
        int | None,
        typer.Option(min=1, max=10**12, help="Stop after this many events."),
    ] = None,
    duration: Annotated[
        float | None,
        span("Stop after this time: 30s, 5m, 1h30m, 2d or a number of seconds."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="Model that scores the events; default: the last one published.",
        ),
    ] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option(
            callback=sensors,
            autocompletion=offers.sensors,
            help=f"Sensor of the events; repeat it for several. (default: {', '.join(_DEMO_SENSORS)})",
        ),
    ] = None,
    arrivals: Annotated[
        Literal["uniform", "poisson", "steady"],
        typer.Option(help="Gaps between events: uniform from 0 to 2/rate, exponential, or constant."),
    ] = "uniform",
    batch: Annotated[int, typer.Option(min=1, max=25, help="Events per request.")] = 1,
    concurrency: Annotated[
        int,
        typer.Option(
            min=1,
            max=10_000,
            help="Maximum concurrent requests; events that wait for one count the wait as latency.",
        ),
    ] = 100,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="Repeat the same values and gaps; event ids are always new."),
    ] = None,
    input_: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="FILE",
            help="Send the events of a CSV, JSON lines or parquet file; - is standard input.",
        ),
    ] = None,
    file: FileOptions,
    ledger: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="Record the accepted events for nrti verify; an existing ledger is appended to.",
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait for the predictions; if stdout is not a terminal, print them as JSON lines."
        ),
    ] = False,
    rescore: Annotated[
        bool,
        typer.Option(
            "--rescore",
            help="Score again, with the model's current version, events that an earlier one scored.",
        ),
    ] = False,
    retry_for: Annotated[float, span("Retry an event for this long before giving up.")] = "30s",  # type: ignore[assignment]  # Typer parses it
    unsent: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="File for events that were not accepted. (default: nrti-unsent-<time>.jsonl)",
        ),
    ] = None,
    format_: FormatOption = "table",
) -> None:
    """Send events to the API on an open-loop schedule.

    A slow response does not delay the next event. The run ends after --count or --duration, or with Ctrl-C.

    The columns and windows of a file are those that the model was trained on, unless options override them;
    see docs/data.md.

    Throttled and failed requests are retried with the same event ids.
    Events that are still not accepted go to a file for --input, and the exit code is 1.
    With --wait, it is also 1 if an event could not be scored; such events are dead letters.
    """
    from nrti_cli.aws.apigateway import api_key
    from nrti_cli.linefile import require_distinct
    from nrti_cli.models.inputs import inputs_of
    from nrti_cli.producer.run import SendRate
    from nrti_cli.producer.session import SendPlan
    from nrti_cli.producer.session import produce as send
    from nrti_cli.producer.sources import random_events
    from nrti_cli.stack.outputs import outputs
    from nrti_cli.tables.formats.inputs import is_live

    read = Path(input_) if input_ and input_ != "-" else None
    require_distinct({"--input": read, "--ledger": ledger, "--unsent": unsent})
    if rescore and input_ is None:
        raise UsageError("--rescore applies to events that were sent before", hint="name them with --input")
    if input_ is None:
        refuse_without_file("--input", **vars(file))
    stack = outputs(target)
    chosen = _model(target, model, needed=input_ is None)
    defaults = _defaults(chosen, sensor, seed, rescore=rescore)
    events, held = random_events(defaults), None
    if input_ is not None:
        inputs = inputs_of(target, chosen) if chosen else None
        known = layout(inputs, **vars(file))
        events, held = _events(input_, defaults, known)
    plan = SendPlan(
        events=events,
        send_rate=SendRate(rate, arrivals, duration, seed),
        live=input_ is not None and is_live(input_),
        count=min((each for each in (count, held) if each is not None), default=None),
        batch=batch,
        concurrency=concurrency,
        retry_for=retry_for,
        unsent=unsent,
        wait=wait,
        ledger=ledger,
        report=print_json_line if format_ == "json" else None,
    )
    address = stack.api_url(target, "predictions" if wait else "events")
    send(address, api_key(target, stack.api_key_id), plan)


def _defaults(
    chosen: "PublishedModel | None", sensors: list[str] | None, seed: int | None, *, rescore: bool
) -> "Defaults":
    from nrti_cli.producer.sources import Defaults

    return Defaults(
        model=chosen.name if chosen else None,
        length=chosen.length if chosen else None,
        sensors=sensors or _DEMO_SENSORS,
        seed=seed,
        rescore=rescore,
    )


def _model(target: "Target", name: str | None, *, needed: bool) -> "PublishedModel | None":
    """The model for events that name none; the events of a file may all name one."""
    from nrti_cli.models.default import newest, without_shadows
    from nrti_cli.models.endpoint import find

    if not needed and not name:
        return next((model for model in without_shadows(target) if model.in_service), None)
    chosen = find(target, name) if name else newest(target)
    if needed and chosen.length is None:
        raise NrtiError(
            f"the length of the sequences of model {chosen.name!r} is unknown",
            hint="publish it with --sample, or send your own events with --input",
        )
    return chosen


def _events(file: str, defaults: "Defaults", known: "Layout") -> "tuple[Iterator[Event], int | None]":
    """The events of a file, and their number if it is known."""
    from rich.markup import escape

    from nrti_cli.console import note, progress
    from nrti_cli.producer.reading import check, read_events
    from nrti_cli.tables.formats.inputs import is_live

    def remark(text: str) -> None:
        note(escape(text))

    if is_live(file):
        return read_events(file, defaults, layout=known, remark=remark), None
    with progress(f"reading {escape(file)}") as shown:
        count = check(file, defaults, shown.advance, known, lambda text: shown.log(escape(text)))
    note(f"{show_count(count, 'event')} in {escape(file)}")
    return read_events(file, defaults, layout=known), count
