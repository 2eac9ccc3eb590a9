from __future__ import annotations

import json
import subprocess
import sys

import pytest

from nrti_cli.commands.index import COMMANDS, load
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
