from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from nrti_cli.commands.index import COMMANDS, load
from nrti_cli.errors import UsageError
from nrti_cli.main import app
from tests.cli_reference import reference

#: Runs the command line in a process of its own, and prints which modules that took.
_LOADED = """
import json, sys
from contextlib import suppress
from nrti_cli.main import main
sys.argv[0] = "nrti"
with suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def _modules_of(*arguments: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(ran.stderr.splitlines()[-1]))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_index_says_what_the_command_says_of_itself(name: str) -> None:
    command = load(name)

    assert command.name == name
    assert (command.help or "").splitlines()[0] == COMMANDS[name]


def _leaves(name: str) -> list[tuple[tuple[str, ...], Any]]:
    """The command, or those of the group, with the words that name each."""
    command = load(name)
    found = getattr(command, "commands", None)
    return [((name, sub), each) for sub, each in found.items()] if found else [((name,), command)]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_is_taken_for_the_value_of_another(name: str) -> None:
    for words, command in _leaves(name):
        options = [each for each in command.params if each.opts[0].startswith("-")]
        for option in (each for each in options if not each.is_flag):
            with pytest.raises(UsageError, match=f"^{option.opts[0]} needs a value, and the option "):
                app([*words, option.opts[0], options[-1].opts[0], "x"], standalone_mode=False)


def test_every_summary_is_shown_whole_on_80_columns() -> None:
    lines = [line for line in reference().splitlines() if not line.startswith("Usage: ")]
    cut = [line for line in lines if line.endswith("...")]

    assert not cut


@pytest.mark.parametrize("arguments", [("--help",), ("tail", "--help")], ids=" ".join)
def test_help_imports_no_more_than_it_shows(arguments: tuple[str, ...]) -> None:
    loaded = _modules_of(*arguments)
    commands = {name for name in loaded if name.startswith("nrti_cli.commands.")}

    assert commands <= {
        f"nrti_cli.commands.{name}" for name in ("index", "options", "options.common", "tail")
    }
    assert loaded & {"boto3", "botocore", "rich", "numpy", "pyarrow", "asyncio"} == set()
