from __future__ import annotations

import pytest
import typer

from nrti_cli.commands.index import load


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("produce --rate abc", "valid number"),
        ("produce --rate nan", "less than or equal to 100000"),
        ("produce --rate 1e999", "less than or equal to 100000"),
        ("produce --count 1.5", "valid integer"),
        (f"produce --count {'9' * 5_000}", "exceeded maximum size"),
        ("produce --arrivals foo", "'foo' is not one of 'uniform', 'poisson', 'steady'"),
        ("produce --duration x", "'x' is not a duration: write 30s"),
        (f"produce --duration {'x' * 5_000}", "is not a duration: write 30s"),
        ("train --name x --seed 4294967296", "less than or equal to 4294967295"),
        ("tail --since x", "'x' is not a time: write 10m"),
        (f"forget --sensor {'x' * 5_000}", "cannot be a sensor: use 1 to 128 characters"),
        ("query --max-rows 0", "greater than or equal to 1"),
        ("deploy-model --name x --memory 1500", "1500 is not a multiple of 1024"),
        ("deploy-model --name x --memory 512", "greater than or equal to 1024"),
    ],
)
def test_a_wrong_value_is_refused_in_one_short_line(arguments: str, reason: str) -> None:
    name, *values = arguments.split()
    option = next(value for value in reversed(values) if value.startswith("--"))

    with pytest.raises(typer.BadParameter) as refused:
        load(name).main(values, standalone_mode=False)

    message = refused.value.format_message()
    assert f"'{option}'" in message
    assert reason in message
    assert len(message) <= 300
