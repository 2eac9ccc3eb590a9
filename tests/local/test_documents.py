"""The commands of the documents run as they stand, and the JSON in them has the fields of the real one."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from tests.documents import DOCUMENTS, Block, blocks, commands
from tests.local import forked
from tests.local.conftest import Nrti
from tests.local.own import Own
from tests.raw_files import MAKERS

BIN = Path(sys.executable).parent
#: What only a shell can do; not within quotes.
_SHELL = re.compile(r"[|<>&;$]")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OUTPUT = "output of:"

Runs = Callable[..., subprocess.CompletedProcess[str]]


def _is_quick(block: Block) -> bool:
    return block.note == "run" or block.note.startswith(_OUTPUT)


def _is_slow(block: Block) -> bool:
    return block.note == "slow"


def _with(wanted: Callable[[Block], bool]) -> list[Path]:
    return [document for document in DOCUMENTS if any(map(wanted, blocks(document)))]


def _name(document: Path) -> str:
    return document.stem


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the commands run, with a labelled file for a model of the demo's data."""
    rows = [f"{number % 50},{(number * 7) % 100},{number % 30}" for number in range(100)]
    labelled = [f"{row},{int(int(row.split(',')[1]) > 80)}" for row in rows]
    (tmp_path / "labelled.csv").write_text("\n".join(["a,b,c,event", *labelled, ""]))
    return tmp_path


@pytest.fixture(scope="module")
def failure_v2(model: str, nrti: Nrti) -> None:
    """Publishes the model of the documents: the one that the tests share, under another name."""
    published = json.loads(nrti("models", "--format", "json").stdout)
    (job,) = {each["source"] for each in published if each["name"] == model}
    refused = nrti("deploy-model", "--name", "failure-v2", "--job", job)
    artifact = re.search(r"s3://\S+", refused.stderr)
    assert artifact, refused.stderr
    done = nrti("deploy-model", "--name", "failure-v2", "--artifact", artifact[0])
    assert done.returncode == 0, done.stderr


def _script(block: Block) -> str:
    """The commands of a block: all of it, or what follows the prompts of a console."""
    if block.language != "console":
        return block.text
    lines = block.text.splitlines()
    return "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))


def _run(block: Block, nrti: Runs, directory: Path, environment: dict[str, str]) -> None:
    lines = commands(_script(block))
    if all(line.startswith("nrti ") and not _SHELL.search(_QUOTED.sub("", line)) for line in lines):
        for line in lines:
            done = nrti(*shlex.split(line, comments=True)[1:], cwd=directory)
            assert done.returncode == 0, f"{block}: {line}\n{done.stdout}{done.stderr}"
        return
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _script(block)],
        cwd=directory,
        env={**environment, "PATH": f"{BIN}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{block}:\n{done.stdout}{done.stderr}"


def _differences(sample: Any, real: Any, path: str = "") -> Iterator[str]:
    """Where a sample has what the real document has not; of a list one element must have all of it."""
    if isinstance(sample, dict) and isinstance(real, dict):
        for key, value in sample.items():
            if key in real:
                yield from _differences(value, real[key], f"{path}/{key}")
            else:
                yield f"{path}/{key} is not there"
    elif isinstance(sample, list) and isinstance(real, list) and sample:
        found = [list(_differences(sample[0], each, f"{path}[]")) for each in real]
        yield from min(found, key=len, default=[f"{path} is empty"])
    elif not (sample is None or real is None or _comparable(sample) == _comparable(real)):
        yield f"{path} is {real!r}"


def _comparable(value: Any) -> object:
    """What a sample has in common with the real one: all of a boolean, of other values their type."""
    if isinstance(value, bool):
        return value
    return float if isinstance(value, int | float) else type(value)


def _compare(block: Block, nrti: Runs, directory: Path) -> None:
    done = nrti(*shlex.split(block.after(_OUTPUT) or "")[1:], cwd=directory)
    try:
        printed = json.loads(done.stdout)
    except json.JSONDecodeError:
        printed = json.loads(done.stdout.partition("\n")[0])

    assert not list(_differences(json.loads(block.text), printed)), f"{block}: {done.stderr}"


@pytest.fixture(scope="module")
def no_letters(pipeline: Target) -> None:
    """Takes the dead letters of other tests out of the queue: `nrti redrive` would fail with them."""
    pipeline.client("sqs").purge_queue(QueueUrl=outputs(pipeline).dead_letter_queue_url)


@pytest.mark.documents
@pytest.mark.parametrize("document", _with(_is_quick), ids=_name)
@pytest.mark.usefixtures("failure_v2", "no_letters")
def test_what_a_document_shows_can_be_typed(document: Path, nrti: Nrti, directory: Path) -> None:
    for block in filter(_is_quick, blocks(document)):
        if block.note == "run":
            _run(block, nrti, directory, dict(os.environ))
        else:
            _compare(block, nrti, directory)


@pytest.mark.documents
@pytest.mark.parametrize("document", _with(_is_slow), ids=_name)
def test_what_takes_longer(document: Path, own: Own, directory: Path) -> None:
    environment = {**os.environ, "NRTI_HOME": str(own.home)}
    for make in MAKERS:
        make(directory)

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return forked.nrti(*arguments, cwd=cwd, env=environment)

    assert run("bootstrap", cwd=directory).returncode == 0
    for block in filter(_is_slow, blocks(document)):
        _run(block, run, directory, environment)
