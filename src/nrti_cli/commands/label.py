"""The command `nrti label`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nrti_cli.commands.options.common import addressed, moment, sensors
from nrti_cli.commands.options.files import (
    GroupOption,
    HeaderOption,
    SeparatorOption,
    TimeFormatOption,
    TimeOption,
    columns,
    refuse_without_file,
)
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.labels.batch import Batch
    from nrti_cli.labels.columns import Columns
    from nrti_cli.labels.recording import Recorded

_WORDS = {"0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1}


def _label(text: str) -> Any:
    if text.lower() not in _WORDS:
        raise typer.BadParameter(f"{text!r} is not a label: write 1 for a failure, or 0")
    return _WORDS[text.lower()]


@addressed
def label(
    target: "Target",
    file: Annotated[
        str | None,
        typer.Argument(help="Labels as CSV, JSON lines or parquet; - is standard input."),
    ] = None,
    event: Annotated[str | None, typer.Option(metavar="ID", help="Label this event.")] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            callback=sensors,
            autocompletion=offers.sensors,
            help="Label this sensor, --at or --from and --to.",
        ),
    ] = None,
    at: Annotated[datetime | None, moment("Time of the sensor's event.")] = None,
    from_: Annotated[datetime | None, moment("First time to label.", "--from")] = None,
    to: Annotated[datetime | None, moment("Last time to label.")] = None,
    label: Annotated[
        int | None,
        typer.Option(
            parser=_label,
            metavar="0|1",
            help="1 for a failure; for a file: of all rows, if none has one.",
        ),
    ] = None,
    positive: Annotated[
        tuple | None,  # type: ignore[type-arg]
        columns("Labels that mean a failure; default 1, true, yes or 2."),
    ] = None,
    event_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column with the event's id; default event_id.")
    ] = None,
    group: GroupOption = None,
    time: TimeOption = None,
    start_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column with the first time; default start.")
    ] = None,
    end_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column with the last time; default end.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column with the label; default label.")
    ] = None,
    time_format: TimeFormatOption = None,
    separator: SeparatorOption = None,
    no_header: HeaderOption = False,
    format_: FormatOption = "table",
) -> None:
    """Record ground truth: labels for predictions.

    The columns of a file are event_id and label, or sensor, timestamp and label, or sensor, start, end and
    label. If a prediction has several labels, the one recorded last counts. A label may come
    before its prediction, or long after it. The view outcomes has each prediction with its label.
    """
    from nrti_cli.console import progress
    from nrti_cli.labels.recording import record
    from nrti_cli.stack.outputs import outputs

    one = {"event": event, "sensor": sensor, "at": at, "from": from_, "to": to}
    about_file = {
        "positive": positive, "event_column": event_column, "group": group, "time": time,
        "start_column": start_column, "end_column": end_column, "label_column": label_column,
        "time_format": time_format, "separator": separator, "no_header": no_header,
    }  # fmt: skip
    if file is None:
        refuse_without_file("FILE", **about_file)
        batch = _one(one, label)
    else:
        _refuse_beside_file(one)
    stack = outputs(target)
    with progress("recording labels") as shown:
        if file is not None:
            batch = _read(file, _columns(label, about_file), shown)
        recorded = record(target, stack, batch, shown)
    if format_ == "json":
        print_json(recorded.report())
    else:
        _show(recorded, batch.reading)
    _warn(recorded)


def _one(about: dict[str, Any], label: int | None) -> "Batch":
    """The label that the options describe."""
    from nrti_cli.labels.single import single

    if label is None and any(value is not None for value in about.values()):
        raise UsageError("there is no label", hint="add --label 1 or --label 0")
    return single(about["event"], about["sensor"], about["at"], about["from"], about["to"], label or 0)


def _refuse_beside_file(one: dict[str, Any]) -> None:
    for name, value in one.items():
        if value is not None:
            raise UsageError(f"--{name} is for a single label", hint="leave it out, or leave out the file")


def _columns(label: int | None, given: dict[str, Any]) -> "Columns":
    from nrti_cli.labels.columns import Columns
    from nrti_cli.tables.formats.form import Form

    if label is not None and (given["label_column"] or given["positive"]):
        raise UsageError(
            "--label is for a file without labels", hint="leave out --label, or the other option"
        )
    options = {
        "event_id": "event_column", "sensor": "group", "timestamp": "time", "start": "start_column",
        "end": "end_column", "label": "label_column",
    }  # fmt: skip
    names = {role: given[option] for role, option in options.items() if given[option]}
    form = Form(given["separator"], header=not given["no_header"])
    return Columns(names, given["positive"] or (), label, given["time_format"], form)


def _read(file: str, given: "Columns", shown: "Progress") -> "Batch":
    from rich.markup import escape

    from nrti_cli.labels.reading import read_labels

    shown.update(f"reading {escape(file)}")
    return read_labels(file, given, shown.advance)


def _show(done: "Recorded", reading: str) -> None:
    lines = {
        "recorded": done.recorded,
        "already recorded": done.already_recorded,
        "repeated": done.repeated,
        "matched": done.matched,
        "unmatched": done.unmatched,
    }
    about = {
        "already recorded": "in force before, and not written again",
        "repeated": "replaced by a later row of the file",
        "matched": "with at least one prediction",
        "unmatched": "kept: a prediction may come later",
    }
    for name, count in lines.items():
        if count or name == "recorded":
            print(f"{name:<18}{count:>11,}  {about.get(name, reading)}".rstrip())


def _warn(done: "Recorded") -> None:
    from rich.markup import escape

    from nrti_cli.console import note
    from nrti_cli.counts import show_count

    if done.uncounted:
        note(f"[yellow]the labels are recorded, but not counted: {escape(done.uncounted)}[/yellow]")
    if done.unknown_sensors:
        note(
            f"[yellow]{show_count(done.unknown_sensors, 'sensor')} without predictions in that time[/yellow]"
        )
