"""The options about data files, which `nrti train` and `nrti produce` have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nrti_cli.commands.options.common import span
from nrti_cli.errors import UsageError
from nrti_cli.tables.formats.form import separator as parse_separator
from nrti_cli.tables.schema import Missing

if TYPE_CHECKING:
    from nrti_cli.tables.layout import Layout
    from nrti_cli.tables.schema import Schema


def _columns(text: str) -> Any:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise typer.BadParameter(f"{text!r} has an empty name")
    return names


def _separator(text: str) -> Any:
    try:
        return parse_separator(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def columns(about: str) -> Any:
    """An option that takes column names separated by commas."""
    return typer.Option(parser=_columns, metavar="A,B,…", help=about)


FeaturesOption = Annotated[
    tuple | None,  # type: ignore[type-arg]
    columns("The columns with the values, in order."),
]
ExcludeOption = Annotated[
    tuple | None,  # type: ignore[type-arg]
    columns("Columns to ignore."),
]
SeparatorOption = Annotated[
    str | None,
    typer.Option(
        parser=_separator,
        metavar="CHAR",
        help="Separator of CSV, or tab, blanks; default: detected.",
    ),
]
HeaderOption = Annotated[
    bool, typer.Option("--no-header", help="The CSV has no header line; its columns are 1, 2, 3, …")
]
GroupOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column with the sensor, engine, … of a row; default sensor."),
]
TimeOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column with the time of a row; default timestamp."),
]
TimeFormatOption = Annotated[
    str | None,
    typer.Option(
        metavar="FORMAT", help="Time format, such as %d.%m.%Y %H:%M; not needed for ISO 8601 and epoch times."
    ),
]
MissingOption = Annotated[
    Missing | None,
    typer.Option(help="Rows with missing values: refuse, drop, fill with the previous value, or keep."),
]
WindowOption = Annotated[
    int | None,
    typer.Option(min=1, max=2048, help="Make sequences of this many rows, by group and time."),
]
HopOption = Annotated[
    int | None,
    typer.Option(min=1, max=10**9, help="Rows between the starts of two windows."),
]
MaxGapOption = Annotated[
    float | None,
    span("Longest pause within a window."),
]


@dataclass(frozen=True)
class FileOptions:
    """The options about a data file; those that are not given are None, or False."""

    features: FeaturesOption = None
    exclude: ExcludeOption = None
    group: GroupOption = None
    time: TimeOption = None
    time_format: TimeFormatOption = None
    missing: MissingOption = None
    window: WindowOption = None
    hop: HopOption = None
    max_gap: MaxGapOption = None
    separator: SeparatorOption = None
    no_header: HeaderOption = False


def layout(
    schema: "Schema | None",
    *,
    separator: str | None,
    no_header: bool,
    **given: Any,
) -> "Layout":
    """Combines a schema with the options that were given, which take precedence.

    Args:
        schema: of the model, if there is one.
        separator: of CSV.
        no_header: whether the CSV has no header line.
        given: options by the names of the schema's fields; None if not given.

    Raises:
        UsageError: an option applies to windows, and there are none.
    """
    from dataclasses import replace

    from nrti_cli.tables.formats.form import Form
    from nrti_cli.tables.layout import Layout
    from nrti_cli.tables.schema import Schema

    named_options = {name: value for name, value in given.items() if value is not None}
    settled = replace(schema or Schema(), **named_options)
    for name in ("hop", "max_gap", "window_label"):
        if name in named_options and not settled.window:
            raise UsageError(f"--{name.replace('_', '-')} applies to windows", hint="add --window N")
    named = [
        *named_options.get("exclude", ()),
        *filter(None, (named_options.get("group"), named_options.get("time"))),
    ]
    return Layout(
        Form(separator, header=not no_header), settled, tuple(named), cuts="window" in named_options
    )


def refuse_without_file(option: str, **given: Any) -> None:
    """Refuses options that apply to a data file if there is none.

    Raises:
        UsageError: one was given.
    """
    for name, value in given.items():
        if value:
            about = f"--{name.replace('_', '-')} applies to a data file"
            raise UsageError(about, hint=f"name the file with {option}")
