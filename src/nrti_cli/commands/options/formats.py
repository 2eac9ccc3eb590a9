"""The option `--format` of commands that print a report, and the JSON output; see docs/json.md."""

import json
from datetime import datetime
from typing import Annotated, Literal

import typer

Format = Literal["table", "json"]
FormatOption = Annotated[Format, typer.Option("--format", help="A table or JSON (docs/json.md).")]


def print_json(report: object) -> None:
    """Prints a report as one indented JSON document; times are in ISO 8601."""
    print(json.dumps(report, default=_plain, indent=2))


def print_json_line(record: object) -> None:
    """Prints a record as one line of JSON, and flushes stdout for programs that read along."""
    print(json.dumps(record, default=_plain), flush=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
