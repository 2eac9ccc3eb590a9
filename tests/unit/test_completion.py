"""What a shell is given when it completes a line: names that are known, in time, and never an error."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nrti_cli.aws.addressing import remember
from nrti_cli.aws.target import Target
from nrti_cli.commands.index import COMMANDS
from nrti_cli.completion.answers import FRESH, USABLE, place_of
from nrti_cli.completion.lookups import Kind, look
from nrti_cli.deadletters.reasons import REASONS
from nrti_cli.main import app

ROOT = Path(__file__).parents[2]
OPTIONS = {"target": None, "stack": None, "region": None, "profile": None}
KINDS: tuple[Kind, ...] = ("models", "jobs", "stacks", "sensors", "regions", "profiles")
#: A line for everything that has names, and the kind of names.
LINES: dict[str, Kind] = {
    "train --name": "models",
    "train --attach": "jobs",
    "deploy-model --name": "models",
    "deploy-model --job": "jobs",
    "models delete": "models",
    "connect --model": "models",
    "predict --model": "models",
    "predict --sensor": "sensors",
    "produce --model": "models",
    "produce --sensor": "sensors",
    "tail --model": "models",
    "tail --sensor": "sensors",
    "redrive --model": "models",
    "logs training": "jobs",
    "logs endpoint": "models",
    "status --stack": "stacks",
    "bootstrap --region": "regions",
    "teardown --profile": "profiles",
    "estimate --region": "regions",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of nrti, whose embedded AWS does not run."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "NRTI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path


def completed(line: str) -> list[str]:
    """What bash is given for the last word of a line."""
    words = line.split(" ")
    environment = {
        "_NRTI_COMPLETE": "complete_bash",
        "COMP_WORDS": f"nrti {line}",
        "COMP_CWORD": str(len(words)),
    }
    done = CliRunner().invoke(app, [], prog_name="nrti", env=environment)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.split()


def knows(kind: Kind, *names: str, age: float = 0) -> None:
    """Keeps an answer, as if it was looked up some seconds ago."""
    place = place_of(kind, {} if kind in {"regions", "profiles"} else OPTIONS)
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(names))
    os.utime(place, (time.time() - age,) * 2)


def test_commands_are_completed_without_being_loaded() -> None:
    assert completed("") == list(COMMANDS)
    assert completed("mod") == ["models"]
    assert completed("local st") == ["start", "stop", "status"]
    assert completed("models ") == ["list", "compare", "rollback", "promote", "end-shadow", "delete"]


def test_options_of_a_command_are_completed() -> None:
    assert completed("tail --s") == ["--since", "--sensor", "--stack"]
    assert completed("models --f") == ["--format"]
    assert completed("tail --format ") == ["table", "json"]


@pytest.mark.parametrize("line", LINES)
def test_names_that_are_known_are_completed(line: str) -> None:
    for kind in KINDS:
        knows(kind, f"{kind}-1", f"{kind}-2", "other")

    assert completed(f"{line} {LINES[line]}-") == [f"{LINES[line]}-1", f"{LINES[line]}-2"]


def test_reasons_are_those_that_the_pipeline_gives() -> None:
    sources = [
        *(ROOT / "src/nrti_cli/remote/inference_function").glob("*.py"),
        *(ROOT / "src/nrti_cli/remote/labels_function").glob("*.py"),
        ROOT / "src/nrti_cli/deadletters/letter.py",
    ]
    states = json.loads((ROOT / "asl/inference.asl.json").read_text())["States"]
    # The error of a state that fails is the execution's, and in no dead letter.
    letters = [json.dumps(state) for state in states.values() if state["Type"] != "Fail"]
    text = "\n".join([*(source.read_text() for source in sources), *letters])
    given = set(re.findall(r'(?:Refusal|Rejection)\("(\w+)"|"(?:Error|error)": "([A-Z]\w+)"', text))
    named = {name for pair in given for name in pair if name}

    assert completed("redrive --reason Unk") == ["UnknownModel"]
    assert named <= set(REASONS)
    assert [reason for reason in REASONS if not re.search(rf"\b{reason}\b", text)] == []


@pytest.mark.parametrize(
    ("age", "offered"), [(0, True), (FRESH + 5, True), (USABLE - 60, True), (USABLE + 60, False)]
)
def test_an_old_answer_is_better_than_none_and_a_very_old_one_is_not(age: int, offered: bool) -> None:
    remember(Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9"))
    knows("models", "m", age=age)

    assert completed("tail --model ") == (["m"] if offered else [])


def test_a_name_that_a_shell_could_take_for_a_command_is_not_offered() -> None:
    knows("sensors", "robot-7", "$(touch x)", "a b", "a;b", "a\\", "`a`", "'a'")

    assert completed("tail --sensor ") == ["robot-7"]


@pytest.mark.parametrize("line", ["tail --model ", "tail --nonsense ", "tail --stack Ü --model "])
@pytest.mark.parametrize("memory", ["", "{", '{"last": "local"}'])
def test_what_goes_wrong_is_no_answer_and_no_word(home: Path, line: str, memory: str) -> None:
    if memory:
        (home / "target.json").write_text(memory)

    assert completed(line) == []


def test_an_aws_that_does_not_answer_is_not_waited_for(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        remember(Target(name="local", stack="nrti", endpoint_url=address))
        environment = {
            "NRTI_HOME": str(home),
            "_NRTI_COMPLETE": "complete_bash",
            "COMP_WORDS": "nrti tail --model ",
            "COMP_CWORD": "3",
        }
        done = subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv[0] = 'nrti'; from nrti_cli.main import run; run()"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        # The shell has its answer, and reads to the end of the pipe; the look goes on, with its own streams.
        silent.settimeout(60)
        silent.accept()[0].close()

    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_regions_and_profiles_come_from_this_machine(home: Path) -> None:
    (home / "config").write_text("[profile factory]\n")

    assert look("profiles", {}) == ["factory"]
    assert {"eu-central-1", "us-east-1"} < set(look("regions", {}))
