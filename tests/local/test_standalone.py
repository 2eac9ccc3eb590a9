"""`python -m nrti_local`: started, used, killed, started again, ended; and how it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_local.__main__ import main
from tests.local import standalone
from tests.local.functions import ROLE, Functions
from tests.local.standalone import Standalone


def test_it_has_what_was_made_after_a_kill_and_ends_when_it_is_asked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with standalone.start(home) as server:
        target = _target(server)
        functions = Functions(target)
        functions.make("kept", "def handler(event, context): return event + 1")
        _make_snapshot(target)
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        with standalone.start(home) as again:
            assert again.variables == server.variables
            assert functions.invoke("kept", 1).payload == 2
            _is_refused_a_second_time(home, again.variables["AWS_ENDPOINT_URL"])
            assert again.end(signal.SIGTERM) == 0
            assert again.said().endswith("nrti_local: saving its state\nnrti_local: stopped\n")


def _target(server: Standalone) -> Target:
    return Target(name="local", stack="nrti", endpoint_url=server.variables["AWS_ENDPOINT_URL"])


def _make_snapshot(target: Target) -> None:
    """The first execution of an EXPRESS machine waits for a snapshot, which has all that was made before."""
    states = target.client("stepfunctions")
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    made = states.create_state_machine(name="m", definition=definition, roleArn=ROLE, type="EXPRESS")
    states.start_execution(stateMachineArn=made["stateMachineArn"])


def _is_refused_a_second_time(home: Path, address: str) -> None:
    refused = subprocess.run(standalone.command(home), capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"nrti_local: an embedded AWS already runs with {home}, at {address}")


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(standalone.command(tmp_path / "file"), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"nrti_local: {tmp_path / 'file'} cannot be used (File exists): "
        "choose another directory with --home\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_a_port_is_a_number_of_16_bits(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--port", port])
    assert capsys.readouterr().err.endswith(f"--port: {port!r} is not a number from 1 to 65535\n")


def test_the_help_names_nothing_of_nrti() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nrti_local", "--help"], capture_output=True, text=True, check=True
    )
    assert "--auth" in done.stdout
    assert "nrti " not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
