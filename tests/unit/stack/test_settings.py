from __future__ import annotations

from dataclasses import fields

import pytest

from nrti_cli.assets import asset
from nrti_cli.errors import UsageError
from nrti_cli.stack.outputs import output_key
from nrti_cli.stack.settings import StackSettings
from nrti_cli.stack.template import parse

DECLARED = parse(asset("cloudformation/pipeline.yaml").read_text())["Parameters"]


def test_every_parameter_of_the_template_can_be_set_but_for_the_packaged_files() -> None:
    settable = {output_key(field.name) for field in fields(StackSettings)}

    assert settable == {name for name, each in DECLARED.items() if "Default" in each}


def test_only_what_is_set_is_sent() -> None:
    settings = StackSettings(buffer_seconds=0, alarm_email="")

    assert settings.parameters(DECLARED) == {"BufferSeconds": "0", "AlarmEmail": ""}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (StackSettings(buffer_seconds=901), "--buffer-seconds '901' must be 900 or less"),
        (StackSettings(throttle_rate=0), "--throttle-rate '0' must be 1 or more"),
        (StackSettings(log_retention_days=2), "--log-retention-days '2' must be one of 1, 3, 5"),
        (StackSettings(alarm_email="robot-7"), "--alarm-email 'robot-7' must be an e-mail address"),
        (StackSettings(tracing="maybe"), "--tracing 'maybe' must be one of off, on"),
    ],
)
def test_what_is_not_allowed_names_the_option(settings: StackSettings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        settings.parameters(DECLARED)
