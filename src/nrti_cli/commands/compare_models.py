"""The command `nrti models compare`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.file_options import (
    ExcludeOption,
    GroupOption,
    HeaderOption,
    SeparatorOption,
    TimeFormatOption,
    TimeOption,
    columns,
    layout,
)
from nrti_cli.commands.formats import FormatOption, print_json
from nrti_cli.commands.options import addressed
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.dataset import Dataset
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.tables.layout import Layout


@addressed
def compare(
    target: "Target",
    first: Annotated[str, typer.Argument(autocompletion=offers.models, help="A model, as named in events.")],
    second: Annotated[str, typer.Argument(autocompletion=offers.models, help="Another.")],
    data: Annotated[
        str,
        typer.Option(metavar="FILE", help="Labelled rows that neither model was trained on."),
    ],
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
    """Score two models on the same labelled rows.

    Both endpoints are invoked; nothing is stored. Each model reads the file by its own schema.
    """
    from dataclasses import asdict

    from nrti_cli.models.comparison import compare as score
    from nrti_cli.models.endpoint import find
    from nrti_cli.models.inputs import inputs_of
    from nrti_cli.stack.outputs import outputs

    if data == "-":
        raise UsageError("--data - can be read only once", hint="use a file, which is read for each model")
    given = {
        "label": label, "positive": positive, "exclude": exclude, "group": group, "time": time,
        "time_format": time_format,
    }  # fmt: skip
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
        from nrti_cli.commands.comparison_lines import show

        show(found)


def _dataset(data: str, known: "Layout") -> "Dataset":
    from rich.markup import escape

    from nrti_cli.models.datafile import load

    with progress(f"reading {escape(data)}") as shown:
        found = load(data, known, None, shown.advance)
    for remark in found.remarks:
        note(escape(remark))
    return found
