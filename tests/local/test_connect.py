"""`nrti connect`: what it prints works as it is, and keeps the key to itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.local.conftest import Nrti

LANGUAGES = ("curl", "python", "c", "javascript")
#: What a program is made into, and how it is run.
PROGRAMS = {
    "curl": [["sh", "program"]],
    "python": [[sys.executable, "program"]],
    "c": [["cc", "-Wall", "-Werror", "-x", "c", "program", "-o", "send", "-lcurl"], ["./send"]],
    "javascript": [["node", "program"]],
}


@pytest.fixture(scope="module")
def key(pipeline: Target) -> str:
    return api_key(pipeline, outputs(pipeline).api_key_id)


def _built(language: str, program: str, directory: Path) -> list[str]:
    """The command that runs a program, after what has to be done for that once."""
    *making, run = PROGRAMS[language]
    if not shutil.which(PROGRAMS[language][0][0]):
        pytest.skip(f"{language} cannot be run here")
    (directory / "program").write_text(program)
    for command in making:
        made = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
        if "curl/curl.h" in made.stderr:
            pytest.skip("the headers of libcurl are missing here")
        assert made.returncode == 0, made.stderr
    return run


def _run(command: list[str], directory: Path, key: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "NRTI_API_KEY"}
    environment |= {"NRTI_API_KEY": key} if key else {}
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_sends_an_event_with_the_key_of_the_environment(
    nrti: Nrti, model: str, key: str, tmp_path: Path, language: str
) -> None:
    program = nrti("connect", "--format", language, "--model", model)
    assert program.returncode == 0, program.stderr
    assert key not in program.stdout + program.stderr
    command = _built(language, program.stdout, tmp_path)

    done, without, refused = (_run(command, tmp_path, value) for value in (key, "", "wrong"))

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["prediction"] == 1
    assert without.returncode != 0
    assert 'eval "$(nrti connect --format env)"' in without.stderr
    assert refused.returncode != 0
    assert "not a valid key" in refused.stdout + refused.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_with_the_key_needs_nothing_else(
    nrti: Nrti, model: str, tmp_path: Path, language: str
) -> None:
    program = nrti("connect", "--format", language, "--model", model, "--show-key").stdout

    done = _run(_built(language, program, tmp_path), tmp_path, key="that of another stack")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == model


def test_a_shell_has_everything_by_eval(nrti: Nrti, pipeline: Target, model: str, key: str) -> None:
    shown = nrti("connect", "--format", "env", "--model", model)
    asked = f"{shown.stdout}\nprintf '%s\\n' $NRTI_EVENTS_URL $NRTI_PREDICTIONS_URL $NRTI_MODEL $NRTI_API_KEY"

    found = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True).stdout.split()

    stack = outputs(pipeline)
    assert found == [stack.api_url(pipeline, "events"), stack.api_url(pipeline, "predictions"), model, key]


def test_the_key_is_shown_on_demand_alone(nrti: Nrti, model: str, key: str) -> None:
    plain, asked = nrti("connect"), nrti("connect", "--show-key")
    record = json.loads(nrti("connect", "--format", "json", "--model", model).stdout)

    assert key not in plain.stdout + plain.stderr
    assert key in asked.stdout
    assert (record["api_key"], record["model"], record["length"]) == (None, model, 3)
    assert record["events_url"].endswith("/events")


def test_the_address_in_the_stack_s_outputs_takes_events(pipeline: Target, key: str) -> None:
    (stack,) = pipeline.client("cloudformation").describe_stacks(StackName="nrti")["Stacks"]
    (endpoint,) = (each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "ApiEndpoint")
    event = {"sensor": "outputs", "model": "none", "data": [1]}
    request = urllib.request.Request(  # noqa: S310 (the address is our own)
        f"{endpoint}/events",
        data=json.dumps(event).encode(),
        headers={"x-api-key": key, "content-type": "application/json"},
    )

    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.status == 202
