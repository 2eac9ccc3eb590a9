"""The error boundary, seen from a shell: one line on stderr, an exit code, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local import forked


def _nrti(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "NRTI_"))}
    environment |= {
        "NRTI_HOME": str(home),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/none",
    }
    return forked.nrti(*arguments, cwd=home, env=environment)


BEFORE_BOOTSTRAP = [
    ("train", "--name", "failure-v2"),
    ("deploy-model", "--name", "failure-v2"),
    ("models",),
    ("produce", "--rate", "1"),
    ("tail",),
    ("query", "select 1"),
    ("status",),
]


@pytest.mark.parametrize("arguments", BEFORE_BOOTSTRAP, ids=" ".join)
def test_before_bootstrap_every_command_sends_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = _nrti(tmp_path, *arguments)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().splitlines() == ["nrti: there is no embedded AWS yet: run nrti bootstrap"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("produce", "--rate", "0"), "--rate"),
        (("produce", "--rate", "-1"), "--rate"),
        (("produce", "--count", "-5"), "--count"),
        (("produce", "--batch", "26"), "--batch"),
        (("produce", "--arrivals", "never"), "Invalid value for '--arrivals': 'never' is not one of"),
        (("train", "--name", "x", "--rows", "-1"), "--rows"),
        (("tail", "--since", "yesterday"), "--since"),
        (("query", "select 1", "--format", "xml"), "--format"),
        (("bootstrap", "--buffer-seconds", "-1"), "--buffer-seconds"),
        (("local", "start", "--port", "99999"), "--port"),
        (("produce", "--rate", "x"), "Invalid value for '--rate': it must be a valid number (see"),
        (("produce", "--rate", "0"), "'--rate': it must be greater than or equal to 0.001 (see"),
        (("redrive", "--drop", "--yes"), "--drop needs a value, and the option --yes follows: add the value"),
        (("alert", "add", "--webhook", "--drift"), "--webhook needs a value"),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_one_line_that_names_the_option(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    done = _nrti(tmp_path, *arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert reason in done.stderr


def test_local_env_without_an_embedded_aws_prints_nothing_that_a_shell_would_run(tmp_path: Path) -> None:
    done = _nrti(tmp_path, "local", "env")

    assert (done.returncode, done.stdout) == (1, "")
    assert "nrti local start" in done.stderr


def test_what_local_env_sets_can_be_unset_when_the_embedded_aws_has_gone(tmp_path: Path) -> None:
    done = _nrti(tmp_path, "local", "env", "--unset")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("unset AWS_ENDPOINT_URL ")


@pytest.mark.parametrize("arguments", [(), ("local",)], ids=str)
def test_a_group_without_a_command_is_its_help(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = _nrti(tmp_path, *arguments)

    assert done.returncode == 2
    assert "Commands:" in done.stderr.splitlines()


def test_the_module_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nrti_cli", "--version"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NRTI_HOME": str(tmp_path)},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("nrti ")


def test_missing_aws_credentials_are_one_line(tmp_path: Path) -> None:
    done = _nrti(tmp_path, "status", "--target", "aws", "--region", "eu-west-1")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "there are no AWS credentials" in done.stderr
