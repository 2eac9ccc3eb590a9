"""The option `--format` of commands that report something, and how their JSON is printed: docs/json.md."""

import json
from datetime import datetime
from typing import Annotated, Literal

import typer

Format = Literal["table", "json"]
FormatOption = Annotated[Format, typer.Option("--format", help="A table to read, or JSON (docs/json.md).")]


def print_json(report: object) -> None:
    """Prints a report as one indented JSON document; times are in ISO 8601."""
    print(json.dumps(report, default=_plain, indent=2))


def print_json_line(record: object) -> None:
    """Prints one of many records as a line of JSON, at once: another program may read along."""
    print(json.dumps(record, default=_plain), flush=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
