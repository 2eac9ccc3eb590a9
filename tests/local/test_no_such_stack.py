"""A stack that does not exist: every command says so, in the same line, and does nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.commands.index import COMMANDS
from tests.local.conftest import Nrti

#: The commands that work on a stack, with what they need to get as far as to look for it.
ON_A_STACK = [
    ("train", "--name", "m", "--rows", "100"),
    ("train", "--name", "m", "--from-lake"),
    ("train", "--attach", "nope-m-20261127150000000"),
    ("deploy-model", "--name", "m"),
    ("models",),
    ("models", "delete", "m", "--yes"),
    ("models", "rollback", "m"),
    ("models", "compare", "a", "b"),
    ("models", "promote", "m"),
    ("models", "end-shadow", "m"),
    ("deploy-model", "--shadow-of", "m"),
    ("connect",),
    ("predict", "1,2,3"),
    ("produce", "--count", "1"),
    ("tail", "--no-follow"),
    ("tail", "--no-follow", "--model", "m"),
    ("label", "--event", "e", "--label", "1"),
    ("query", "select 1"),
    ("quality",),
    ("quality", "--model", "m"),
    ("drift",),
    ("drift", "--model", "m"),
    ("status",),
    ("dashboard", "--no-open"),
    ("logs",),
    ("logs", "endpoint", "m"),
    ("alert", "add", "--dead-letters"),
    ("alert", "list"),
    ("alert", "test"),
    ("alert", "remove", "r"),
    ("redrive",),
    ("redrive", "--dry-run"),
    ("redrive", "--drop", "letters", "--yes"),
    ("verify",),
    ("verify", "--ledger", "ledger"),
    ("forget", "--sensor", "s", "--yes"),
]
#: The others: they make it, delete what may be left of it, or have nothing to do with one.
OTHERS = {"demo", "bootstrap", "teardown", "estimate", "local", "doctor"}


def test_no_command_is_left_out() -> None:
    assert {command for command, *_ in ON_A_STACK} == COMMANDS.keys() - OTHERS


@pytest.mark.parametrize("command", ON_A_STACK, ids=" ".join)
def test_it_is_one_line_and_nothing_is_done(
    command: tuple[str, ...],
    nrti: Nrti,
    pipeline: Target,  # noqa: ARG001 (another stack is there)
    tmp_path: Path,
) -> None:
    entry = {"event_id": "e", "sensor": "s", "model": "m", "timestamp": 1, "accepted_at": 1}
    (tmp_path / "ledger").write_text(json.dumps(entry) + "\n")

    done = nrti(*command, "--stack", "nope", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    hint = "name another with --stack, or run nrti bootstrap --stack nope"
    assert done.stderr.splitlines() == [
        "local, stack nope",
        f"nrti: stack 'nope' does not exist (local): {hint}",
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["ledger"]


def test_to_tear_it_down_there_is_nothing_to_do(nrti: Nrti, pipeline: Target) -> None:  # noqa: ARG001
    for option in ("--yes", "--dry-run"):
        done = nrti("teardown", "--stack", "nope", option)

        assert done.returncode == 0
        assert done.stderr.splitlines() == ["local, stack nope", "stack nope has nothing to delete"]
