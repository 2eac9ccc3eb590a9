"""The command `nrti models compare`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed, moment
from nrti_cli.commands.options.files import (
    ExcludeOption,
    GroupOption,
    HeaderOption,
    SeparatorOption,
    TimeFormatOption,
    TimeOption,
    columns,
    layout,
)
from nrti_cli.commands.options.formats import Format, FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.models.training.dataset import Dataset
    from nrti_cli.tables.layout import Layout

_DEFAULT_PERIOD = timedelta(days=1)


@addressed
def compare(
    target: "Target",
    first: Annotated[str, typer.Argument(autocompletion=offers.models, help="A model, as named in events.")],
    second: Annotated[str, typer.Argument(autocompletion=offers.models, help="Another.")],
    data: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Labelled rows that neither model was trained on."),
    ] = None,
    since: Annotated[
        datetime | None,
        moment("Without --data, the first request whose predictions are compared; default: 1d."),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="The label column; default: that of the training data."),
    ] = None,
    positive: Annotated[
        tuple | None,  # type: ignore[type-arg]
        columns("Labels that mean a failure; default 1, true, yes or 2."),
    ] = None,
    exclude: ExcludeOption = None,
    group: GroupOption = None,
    time: TimeOption = None,
    time_format: TimeFormatOption = None,
    separator: SeparatorOption = None,
    no_header: HeaderOption = False,
    format_: FormatOption = "table",
) -> None:
    """Compare two models on their predictions, or on a file.

    Without --data, compares the predictions in the lake, such as those of a model and its shadow: how often
    they agree, and how good each is on labelled events. With --data, both endpoints score the labelled rows
    of the file, and nothing is stored; each model reads the file by its own schema.
    """
    from dataclasses import asdict

    from nrti_cli.models.comparison import compare as score
    from nrti_cli.models.endpoint import find
    from nrti_cli.models.inputs import inputs_of
    from nrti_cli.stack.outputs import outputs

    given = {
        "label": label, "positive": positive, "exclude": exclude, "group": group, "time": time,
        "time_format": time_format,
    }  # fmt: skip
    if data is None:
        _refuse_options_of_a_file({**given, "separator": separator, "no_header": no_header or None})
        _compare_in_lake(target, (first, second), since, format_)
        return
    if since:
        raise UsageError("--since and --data exclude each other", hint="use one of them")
    if data == "-":
        raise UsageError("--data - can be read only once", hint="use a file, which is read for each model")
    models = [find(target, name) for name in (first, second)]
    read: list[tuple[PublishedModel, Dataset]] = []
    for model in models:
        known = layout(inputs_of(target, model), separator=separator, no_header=no_header, **given)
        read.append((model, _dataset(data, known)))
    with progress("scoring") as shown:
        found = score(target, outputs(target).inference_function, read, shown.advance)
    if format_ == "json":
        print_json(asdict(found))
    else:
        from nrti_cli.commands.output.comparison import show

        show(found)


def _refuse_options_of_a_file(given: "Mapping[str, object]") -> None:
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"--{option.replace('_', '-')} applies to a file", hint="add --data FILE")


def _compare_in_lake(
    target: "Target", models: tuple[str, str], since: datetime | None, format_: "Format"
) -> None:
    from dataclasses import asdict

    from nrti_cli.models.lake_comparison import compare_in_lake
    from nrti_cli.stack.names import endpoint_name

    for model in models:
        endpoint_name(target.stack, model)
    if models[0] == models[1]:
        raise UsageError("the two models are the same", hint="name a model and its shadow")
    with progress("querying the lake"):
        found = compare_in_lake(target, models, since or datetime.now(UTC) - _DEFAULT_PERIOD)
    if format_ == "json":
        print_json(asdict(found))
    else:
        from nrti_cli.commands.output.comparison import show_in_lake

        show_in_lake(models, found)


def _dataset(data: str, known: "Layout") -> "Dataset":
    from rich.markup import escape

    from nrti_cli.models.training.datafile import load

    with progress(f"reading {escape(data)}") as shown:
        found = load(data, known, None, shown.advance)
    for remark in found.remarks:
        note(escape(remark))
    return found
