"""Numbers on the command line: each has its bounds, so that none is too large for what is done with it."""

from __future__ import annotations

from typing import Any

import pytest
from typer import Context
from typer.main import get_command

from nrti_cli.main import app
from tests.cli_reference import commands

ROOT: Any = get_command(app)
#: These are looked up in a list.
LISTED = {("bootstrap", "log_retention_days")}


def _command(path: list[str]) -> Any:
    found = ROOT
    for name in path:
        _, found, _ = found.resolve_command(Context(found), [name])
    return found


@pytest.mark.parametrize("path", list(commands(ROOT, [])), ids=" ".join)
def test_every_number_has_an_upper_bound(path: list[str]) -> None:
    numbers = {
        parameter.name: parameter.type_descriptor.parameter_info.max
        for parameter in _command(path).params
        if parameter.type_descriptor.annotation in {int, float}
        and not parameter.type_descriptor.parameter_info.parser
        and (path[0], parameter.name) not in LISTED
    }

    assert None not in numbers.values(), numbers
