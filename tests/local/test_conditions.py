"""Every command under every condition: no traceback, no exit code 70, no hang, and nothing left behind.

`make test` runs each command under some of the conditions and each condition on some of the commands; `make
test-conditions` runs all of them.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import Any, NamedTuple

import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from nrti_cli.aws.target import Target
from nrti_cli.main import app
from nrti_local import process
from nrti_local.server.processes.layout import Layout
from tests.cli_reference import commands
from tests.local import forked
from tests.local.conditions import CONDITIONS, become_stranger
from tests.waiting import eventually

#: What makes a command do its work; one that is not here runs without arguments.
_ARGUMENTS = {
    "demo": "--seconds 1",
    "train": "--name conditions --rows 200 --no-deploy",
    "deploy-model": "--name absent",
    "models delete": "absent --yes",
    "models rollback": "absent",
    "models compare": "a b",
    "models promote": "absent",
    "models end-shadow": "absent",
    "predict": "12,80,9",
    "produce": "--count 1 --retry-for 1s --ledger ledger.jsonl --unsent unsent.jsonl",
    "tail": "--no-follow",
    "query": "select&1",
    "redrive": "--yes",
    "forget": "--sensor absent --yes",
    "alert add": "--dead-letters",
    "alert remove": "absent",
    "alert test": "absent",
    # The lake gets what the others have just sent a second later.
    "verify": "--since 1s --wait 60s",
    "estimate": "--rate 1",
    "teardown": "--yes",
    "local reset": "--yes",
    "local logs": "--lines 1",
}
#: These would end, or begin, what the other tests work with: they have a home to themselves.
_ALONE = {"demo", "bootstrap", "teardown", "local start", "local stop", "local reset"}
_START = {"demo", "bootstrap", "local start"}
#: There is no such model, sensor or rule, and messages have nowhere to go.
_REFUSED = {
    "alert add",
    "alert remove",
    "alert test",
    "deploy-model",
    "forget",
    "models delete",
    "models rollback",
    "models compare",
    "models promote",
    "models end-shadow",
}
#: It serves until Ctrl-C; test_dashboard.py ends it.
_SERVES = {"dashboard"}
_CODES = {0, 1, 2, 141}
#: What takes longer hangs; a demo among other commands takes a minute where many programs share the cores.
_DEADLINE = 120.0
_LATE = -1
#: `make test` takes one in so many.
_SHARE = 12


class Case(NamedTuple):
    """A command under a condition."""

    command: str
    condition: str


def _leaves() -> list[str]:
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    paths = [" ".join(path) for path in commands(root, [])]
    return [path for path in paths if not any(other.startswith(f"{path} ") for other in paths)]


def _cases(share: int) -> list[Case]:
    """One in so many of all cases, by turns, so that each command and each condition is among them.

    They are in the order of their conditions: in that of the commands, all demos would be at work at once,
    each with an embedded AWS of its own.
    """
    cases = []
    for row, command in enumerate(command for command in _leaves() if command not in _SERVES):
        conditions = _conditions(command, whole=share == 1)
        cases += [Case(command, each) for each in conditions[row % min(share, len(conditions)) :: share]]
    return sorted(cases, key=lambda case: case.condition)


def _conditions(command: str, *, whole: bool) -> list[str]:
    """All of them; to start an embedded AWS takes seconds, so that is left to the whole run."""
    return [
        name
        for name, condition in CONDITIONS.items()
        if whole or command not in _START or condition.prevents_start
    ]


@pytest.fixture
def mark() -> Iterator[str]:
    """Is in the environment of all that a test starts."""
    mark = str(uuid.uuid4())
    yield mark
    eventually(lambda: [pid for pid in _processes(mark) if _is_alive(pid)], lambda left: not left)


def _processes(mark: str) -> Iterator[int]:
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in environment.read_bytes():
                yield int(environment.parent.name)
        except OSError:
            continue


def _is_alive(pid: int) -> bool:
    try:
        return " Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _run(case: Case, home: Path, place: Path, mark: str) -> CompletedProcess[str]:
    condition = CONDITIONS[case.condition]
    directory = place / re.sub(r"\W+", "-", "-".join(case))
    directory.mkdir()
    alone = case.command in _ALONE or condition.prepare is become_stranger
    home = directory / "home" if alone else home
    home.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NRTI_"))}
    env |= {"NRTI_HOME": str(home), "NRTI_TEST": mark, **condition.env}
    words = [word.replace("&", " ") for word in _ARGUMENTS.get(case.command, "").split()]
    try:
        return forked.nrti(
            *case.command.split(),
            *words,
            *(condition.arguments if _is_addressed(case.command) else ()),
            cwd=condition.cwd or directory,
            env={name: value for name, value in env.items() if value},
            prepare=condition.prepare,
            timeout=_DEADLINE,
        )
    except TimeoutExpired as late:
        return CompletedProcess(late.args, _LATE, str(late.stdout), str(late.stderr))
    finally:
        if alone:
            home.chmod(0o700)
            process.destroy(Layout(home / "local"))


def _is_addressed(command: str) -> bool:
    found: Any = get_command(app)
    for name in command.split():
        _, found, _ = found.resolve_command(Context(found), [name])
    return any(parameter.name == "target" for parameter in found.params)


def _faults(case: Case, done: CompletedProcess[str]) -> list[str]:
    said = done.stdout + done.stderr
    wrong = {
        f"exit code {done.returncode}": done.returncode not in _CODES,
        "a traceback": "Traceback" in done.stderr,  # a log on stdout may have that of a function
        "an unexpected error": "unexpected " in said,
        "no reason": done.returncode in {1, 2} and not said.strip(),
        "an escape sequence": case.condition == "TERM=dumb" and "\x1b" in said,
        "more than ASCII": case.condition == "ASCII locale" and not said.isascii(),
        "no success as usual": (
            CONDITIONS[case.condition].harmless and done.returncode == 1 and case.command not in _REFUSED
        ),
    }
    return [f"{' · '.join(case)}: {what}: {said[-600:]}" for what, is_so in wrong.items() if is_so]


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("share", [_SHARE, pytest.param(1, marks=pytest.mark.conditions)])
def test_every_command_under_every_condition(
    pipeline: Target,  # noqa: ARG001 (the stack must be there)
    nrti_home: Path,
    tmp_path: Path,
    mark: str,
    share: int,
) -> None:
    cases = _cases(share)
    assert {case.command for case in cases} == set(_leaves()) - _SERVES
    assert {case.condition for case in cases} == set(CONDITIONS)

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda case: _run(case, nrti_home, tmp_path, mark), cases))

    faults = [fault for case, each in zip(cases, done, strict=True) for fault in _faults(case, each)]
    assert not faults, "\n".join(faults)
