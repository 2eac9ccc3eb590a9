"""`nrti connect`: what it prints works as it is, and keeps the key to itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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


def _run(language: str, program: str, directory: Path, key: str = "") -> subprocess.CompletedProcess[str]:
    (directory / "program").write_text(program)
    environment = {name: value for name, value in os.environ.items() if name != "NRTI_API_KEY"}
    environment |= {"NRTI_API_KEY": key} if key else {}
    tool = PROGRAMS[language][0][0]
    if not shutil.which(tool):
        pytest.skip(f"there is no {tool} here")
    for command in PROGRAMS[language]:
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        if "curl/curl.h" in done.stderr:
            pytest.skip("the headers of libcurl are missing here")
    return done


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_sends_an_event_with_the_key_of_the_environment(
    nrti: Nrti, model: str, key: str, tmp_path: Path, language: str
) -> None:
    program = nrti("connect", "--format", language, "--model", model)
    assert program.returncode == 0, program.stderr
    assert key not in program.stdout + program.stderr

    done = _run(language, program.stdout, tmp_path, key)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["prediction"] == 1

    without = _run(language, program.stdout, tmp_path)

    assert without.returncode != 0
    assert 'eval "$(nrti connect --format env)"' in without.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_with_the_key_needs_nothing_else(
    nrti: Nrti, model: str, tmp_path: Path, language: str
) -> None:
    program = nrti("connect", "--format", language, "--model", model, "--show-key").stdout

    done = _run(language, program, tmp_path, key="that of another stack")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == model


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_that_is_refused_says_why_and_fails(
    nrti: Nrti, model: str, tmp_path: Path, language: str
) -> None:
    program = nrti("connect", "--format", language, "--model", model).stdout

    done = _run(language, program, tmp_path, key="wrong")

    assert done.returncode != 0
    assert "not a valid key" in done.stdout + done.stderr


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
