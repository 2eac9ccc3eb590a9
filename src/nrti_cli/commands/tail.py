"""The command `nrti tail`."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options.common import addressed, moment, sensors
from nrti_cli.completion import offers
from nrti_cli.console import print_dimmed, styled
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nrti_cli.aws.dynamodb.streams import StreamReader
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.watch import Watch
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.tail import Stored

#: How long a DynamoDB stream keeps its records.
_HELD = timedelta(days=1)


@addressed
def tail(
    target: "Target",
    since: Annotated[
        datetime | None,
        moment("Begin with predictions stored at this time."),
    ] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option(
            callback=sensors,
            autocompletion=offers.sensors,
            help="Only this sensor; repeat it for several.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(autocompletion=offers.models, help="Only this model.")] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Only predicted failures.")] = False,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow/--no-follow",
            help="Wait for more, or stop at the end of the stream (24 hours at most).",
        ),
    ] = True,
    format_: Annotated[
        Literal["table", "json"], typer.Option("--format", help="A table or JSON lines.")
    ] = "table",
) -> None:
    """Follow the predictions as DynamoDB stores them.

    The latency is the time from the event until its prediction was stored: the model's response, or the
    stream's time of the change if that is later. An event that was sent twice is stored and shown once. New
    dead letters are counted on stderr, including requests that the queue refused and that are kept in S3.
    """
    from nrti_cli.deadletters.watch import Watch, count_letters
    from nrti_cli.stack.outputs import outputs
    from nrti_cli.tail import Filter

    stack = outputs(target)
    if model:
        _warn_if_absent(target, model)
    watch = Watch(lambda: count_letters(target, stack.dead_letter_queue_url), print_dimmed)
    wanted = Filter(frozenset(sensor) if sensor else None, model, failures)
    predictions = _followed(target, stack, since, watch) if follow else _held(target, stack, since)
    show = _show_json if format_ == "json" else _lines()
    shown = failed = 0
    try:
        for stored in filter(wanted, predictions):
            # Counted first: the totals include a line that was shown just before an interrupt.
            shown += 1
            failed += stored.prediction.prediction
            show(stored)
    except KeyboardInterrupt:
        pass
    print_dimmed(f"{show_count(shown, 'prediction')}, {show_count(failed, 'failure')}")
    if not follow:
        watch.total()


def _warn_if_absent(target: "Target", model: str) -> None:
    """Warns about a model that is not published: its name may be wrong, or it is still to come."""
    from nrti_cli.aws.sagemaker.endpoints import SageMaker
    from nrti_cli.stack.names import endpoint_name

    if SageMaker(target).endpoint(endpoint_name(target.stack, model)) is None:
        print_dimmed(f"model {model!r} is not published (nrti models lists those that are)")


def _followed(
    target: "Target", stack: "Outputs", since: datetime | None, watch: "Watch"
) -> "Iterator[Stored]":
    """Follows the stream; checks the dead letters between two polls."""
    from nrti_cli.tail import new_predictions

    def pause(seconds: float) -> None:
        time.sleep(seconds)
        watch.check()

    reader = _reader(target, stack, since, pause)
    watch.check()
    return new_predictions(reader.records(follow=True))


def _held(target: "Target", stack: "Outputs", since: datetime | None) -> "Iterator[Stored]":
    """The predictions in the stream, since `since` or all of them."""
    from nrti_cli.tail import new_predictions

    since = since or datetime.now(UTC) - _HELD
    return new_predictions(_reader(target, stack, since, time.sleep).records(follow=False))


def _reader(
    target: "Target", stack: "Outputs", since: datetime | None, sleep: "Callable[[float], None]"
) -> "StreamReader":
    from nrti_cli.aws.dynamodb import streams

    reader = streams.StreamReader(
        target.client("dynamodbstreams"),
        stack.table_stream_arn,
        since=since,
        polling=streams.LOCAL if target.endpoint_url else streams.AWS,
        sleep=sleep,
    )
    reader.require()
    return reader


def _show_json(stored: "Stored") -> None:
    from dataclasses import asdict

    fields = asdict(stored.prediction) | {"stored_at": stored.stored_at, "latency": round(stored.latency, 3)}
    typer.echo(json.dumps(fields, default=_iso))


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lines() -> "Callable[[Stored], None]":
    """Prints the header; returns a function that prints a line."""
    from nrti_cli.commands.output.tail import Lines

    lines = Lines.of_stdout()
    lines.show_heads()

    def show(stored: "Stored") -> None:
        red = {"fg": "red", "bold": True} if stored.prediction.prediction == 1 else {}
        print(styled(sys.stdout, lines.prediction(stored), **red), flush=True)

    return show
