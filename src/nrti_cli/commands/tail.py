"""The command `nrti tail`."""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nrti_cli.commands.options import addressed, moment, sensors
from nrti_cli.completion import offers
from nrti_cli.console import aside, styled
from nrti_cli.counts import show_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nrti_cli.aws.streams import StreamReader
    from nrti_cli.aws.target import Target
    from nrti_cli.deadletters.watch import Watch
    from nrti_cli.stack.outputs import Outputs
    from nrti_cli.tail import Stored

#: For so long a stream holds what it tells.
_HELD = timedelta(days=1)


@addressed
def tail(
    target: "Target",
    since: Annotated[
        datetime | None,
        moment("Begin with what was stored then."),
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
            help="Wait for more, or stop after what the stream holds (24 hours at most).",
        ),
    ] = True,
    format_: Annotated[
        Literal["table", "json"], typer.Option("--format", help="Lines for people, or JSON lines.")
    ] = "table",
) -> None:
    """Follow the predictions as DynamoDB stores them.

    The latency is from the event's own time to when its prediction was stored:
    the model's answer, or the stream's time of the change where that is later.
    An event that was sent twice is stored, and shown, once.
    Dead letters that come meanwhile are counted on stderr.
    """
    from nrti_cli.aws import sqs
    from nrti_cli.deadletters.watch import Watch
    from nrti_cli.stack.outputs import outputs
    from nrti_cli.tail import Filter

    stack = outputs(target)
    if model:
        _tell_if_absent(target, model)
    watch = Watch(lambda: sqs.depth(target, stack.dead_letter_queue_url), aside)
    wanted = Filter(frozenset(sensor) if sensor else None, model, failures)
    show = _show_json if format_ == "json" else _lines()
    predictions = _followed(target, stack, since, watch) if follow else _held(target, stack, since)
    shown = failed = 0
    try:
        for stored in filter(wanted, predictions):
            # Counted first: who has seen a line and ends the command at once is told of it too.
            shown += 1
            failed += stored.prediction.prediction
            show(stored)
    except KeyboardInterrupt:
        pass
    aside(f"{show_count(shown, 'prediction')}, {failed:,} of them failures")
    if not follow:
        watch.total()


def _tell_if_absent(target: "Target", model: str) -> None:
    """A name that is wrong, or of a model that is still to come, would be followed without a word."""
    from nrti_cli.aws.sagemaker import SageMaker
    from nrti_cli.stack.names import endpoint_name

    if SageMaker(target).endpoint(endpoint_name(target.stack, model)) is None:
        aside(f"no model {model!r} is published at present (nrti models shows which are)")


def _followed(
    target: "Target", stack: "Outputs", since: datetime | None, watch: "Watch"
) -> "Iterator[Stored]":
    """Without end; between two polls of the stream is time for a look at the dead letters."""
    from nrti_cli.tail import new_predictions

    def pause(seconds: float) -> None:
        time.sleep(seconds)
        watch.look()

    watch.look()
    return new_predictions(_reader(target, stack, since, pause).records(follow=True))


def _held(target: "Target", stack: "Outputs", since: datetime | None) -> "Iterator[Stored]":
    """What the stream holds, all of it if not told otherwise."""
    from nrti_cli.tail import new_predictions

    since = since or datetime.now(UTC) - _HELD
    return new_predictions(_reader(target, stack, since, time.sleep).records(follow=False))


def _reader(
    target: "Target", stack: "Outputs", since: datetime | None, sleep: "Callable[[float], None]"
) -> "StreamReader":
    from nrti_cli.aws import streams

    return streams.StreamReader(
        target.client("dynamodbstreams"),
        stack.table_stream_arn,
        since=since,
        polling=streams.LOCAL if target.endpoint_url else streams.AWS,
        sleep=sleep,
    )


def _show_json(stored: "Stored") -> None:
    from dataclasses import asdict

    fields = asdict(stored.prediction) | {"stored_at": stored.stored_at, "latency": round(stored.latency, 3)}
    typer.echo(json.dumps(fields, default=_iso))


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _lines() -> "Callable[[Stored], None]":
    """Prints the header, and returns what prints a line."""
    from nrti_cli.commands.tail_lines import Lines

    lines = Lines.of_stdout()
    lines.show_heads()

    def show(stored: "Stored") -> None:
        red = {"fg": "red", "bold": True} if stored.prediction.prediction == 1 else {}
        print(styled(sys.stdout, lines.prediction(stored), **red), flush=True)

    return show
