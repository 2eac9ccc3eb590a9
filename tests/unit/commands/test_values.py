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
        return type(error)
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("produce --rate abc", "'abc' is not a number"),
        ("produce --rate 0", "it has to be at least 0.001 and at most 100,000"),
        ("produce --rate nan", "it has to be at least 0.001 and at most 100,000"),
        ("produce --rate 1e999", "it has to be at least 0.001 and at most 100,000"),
        ("produce --count x", "'x' is not a whole number"),
        ("produce --count 1.5", "'1.5' is not a whole number"),
        ("produce --count 99999999999999999999", "it has to be at least 1 and at most 1,000,000,000,000"),
        (f"produce --count {'9' * 5_000}", "is not a whole number"),
        ("produce --seed x", "'x' is not a whole number"),
        ("produce --arrivals foo", "'foo' is none of uniform, poisson, steady"),
        ("produce --duration x", "'x' is not a duration: write 30s"),
        (f"produce --duration {'x' * 5_000}", "is not a duration: write 30s"),
        ("train --name x --seed 4294967296", "it has to be at least 0 and at most 4,294,967,295"),
        ("tail --since x", "'x' is not a time: write 10m"),
        ("query --max-rows 0", "it has to be at least 1"),
        ("query --format xls", "'xls' is none of table, csv, json, parquet"),
        ("redrive --rate x", "'x' is not a number"),
        ("deploy-model --name x --memory 1500", "1500 is not a multiple of 1024"),
        ("deploy-model --name x --memory 512", "it has to be at least 1,024 and at most 6,144"),
        ("estimate --rate x", "'x' is not a number"),
    ],
)
def test_a_wrong_value_is_said_in_words_of_ours(arguments: str, said: str) -> None:
    name, *values = arguments.split()

    with pytest.raises(typer.BadParameter) as refused:
        load(name).main(values, standalone_mode=False)

    message = refused.value.format_message()
    assert said in message
    assert "Input should" not in message
    assert len(message) <= 300
