from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

import nrti_cli.main  # noqa: F401 (lets values pass by)
from nrti_cli.commands.index import COMMANDS, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nrti_cli.commands.values import Parameter

#: They count from now, which is another time each time.
_TIMES_AGO = ("since", "until")


def _parameters(command: TyperCommand | TyperGroup) -> Iterator[Parameter]:
    yield from command.params  # type: ignore[misc]  # Typer declares less than there is
    for member in getattr(command, "commands", {}).values():
        yield from _parameters(member)


def _outcome(convert: Any, *arguments: Any) -> Any:
    try:
        value = convert(*arguments)
    except (typer.BadParameter, typer.Exit) as error:
        return type(error), str(error)
    return type(value), value


@pytest.mark.parametrize("name", COMMANDS)
def test_a_value_that_passes_by_is_what_typer_makes_of_it(name: str) -> None:
    command = load(name)
    context = typer.Context(command)

    for parameter in _parameters(command):
        choices = parameter.type_descriptor.choices or ()
        texts = ("", "nonsense") if parameter.name in _TIMES_AGO else ("", "7", "2m", "nonsense")
        for value in (None, parameter.default, *choices, *texts):
            by_typer = type(parameter).process_value.__wrapped__  # type: ignore[attr-defined]
            assert _outcome(parameter.process_value, context, value) == _outcome(
                by_typer, parameter, context, value
            ), f"{parameter.name}: {value!r}"
