"""What a command does to the target it was not meant for: it asks, or leaves it alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nrti_cli.aws.addressing import remember, remembered
from nrti_cli.aws.target import Target
from nrti_cli.commands.options.common import ON_TOUR
from nrti_cli.errors import NrtiError
from nrti_cli.main import app

LOCAL = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9")
ON_AWS = ("--target", "aws", "--region", "eu-west-1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of nrti, and no way to an account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    return tmp_path


def fails(*arguments: str) -> tuple[NrtiError | BaseException | None, str]:
    """Runs a command that fails; its exception, and what it said before."""
    done: Any = CliRunner().invoke(app, arguments)
    assert done.exit_code
    return done.exception, " ".join(done.stderr.split())


def test_a_bootstrap_that_fails_leaves_later_commands_where_they_were() -> None:
    remember(LOCAL)

    _, said = fails("bootstrap", *ON_AWS, "--stack", "plant")

    assert remembered() == LOCAL
    assert "nrti teardown --target aws --stack plant --region eu-west-1" in said


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://localhost:9"])
def test_a_deployment_to_aws_on_this_machine_has_to_be_confirmed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", address)

    error, said = fails("bootstrap", *ON_AWS)

    assert said == f"aws (default profile, eu-west-1, cloudformation at {address}), stack nrti"
    assert str(error) == (
        f"deploying to this machine (cloudformation at {address}) needs confirmation, "
        "and stdin is not a terminal: pass --yes"
    )


def test_one_that_was_confirmed_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    error, _ = fails("bootstrap", *ON_AWS, "--yes")

    assert "confirmation" not in str(error)
    assert "credentials" in str(error)


@pytest.mark.parametrize("on_tour", [False, True])
def test_a_command_says_where_it_goes_but_for_a_step_of_the_tour(
    on_tour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if on_tour:
        monkeypatch.setenv(ON_TOUR, "1")

    _, said = fails("status", *ON_AWS)

    assert said == ("" if on_tour else "aws (default profile, eu-west-1), stack nrti")


def test_a_ledger_of_no_events_is_not_blamed_on_a_time_that_was_not_given(tmp_path: Path) -> None:
    (tmp_path / "ledger").touch()

    error, _ = fails("verify", *ON_AWS, "--ledger", str(tmp_path / "ledger"))

    assert "is empty: no event was accepted" in str(error)
