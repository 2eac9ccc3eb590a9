from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from nrti_cli.aws.addressing import remember
from nrti_cli.aws.target import Target
from nrti_cli.commands.options.common import addressed_by

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")


@pytest.fixture
def run() -> Callable[..., tuple[list[Target], int]]:
    """Runs a command that starts the embedded AWS; returns its targets and how often it was started."""

    def run(address: str, *arguments: str) -> tuple[list[Target], int]:
        targets: list[Target] = []
        starts: list[str] = []

        def start() -> str:
            starts.append(address)
            return address

        def command(target: Target) -> None:
            targets.append(target)

        app = typer.Typer()
        app.command()(addressed_by(start)(command))
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 0, result.output
        return targets, len(starts)

    return run


def test_the_embedded_aws_is_started_for_the_local_target(
    run: Callable[..., tuple[list[Target], int]],
) -> None:
    targets, starts = run("http://127.0.0.1:1")

    assert targets == [Target("local", "nrti", endpoint_url="http://127.0.0.1:1")]
    assert starts == 1


def test_a_new_address_replaces_the_remembered_one(run: Callable[..., tuple[list[Target], int]]) -> None:
    remember(Target("local", "plant", endpoint_url="http://127.0.0.1:1"))

    targets, _ = run("http://127.0.0.1:2")

    assert targets == [Target("local", "plant", endpoint_url="http://127.0.0.1:2")]


def test_a_command_may_do_without_an_embedded_aws(run: Callable[..., tuple[list[Target], int]]) -> None:
    targets, _ = run("")

    assert targets == [Target("local", "nrti", endpoint_url="")]


def test_nothing_is_started_for_aws(run: Callable[..., tuple[list[Target], int]]) -> None:
    targets, starts = run("http://127.0.0.1:1", "--target", "aws", "--region", "eu-west-1")

    assert targets == [Target("aws", "nrti", region="eu-west-1")]
    assert starts == 0
