"""Writes docs/cli.md from the command line itself; `make docs` runs it and a test compares."""

from __future__ import annotations

from collections.abc import Iterator

from typer import Context
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from nrti_cli.main import app

_HEADER = r"""# Command line reference

Written by `make docs` from the commands' own help; a test fails when it differs.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | it failed, or found something wrong; stderr has the reason in one line |
| 2 | a wrong command line; nothing was done |
| 70 | a fault of nrti's own: `nrti --traceback COMMAND …` shows where |
| 130 | interrupted with Ctrl-C |
| 141 | the reader of stdout has gone, as with `\| head -1`; the rest was not found out |
"""
_ENVIRONMENT = {"TERMINAL_WIDTH": "96", "COLUMNS": "96", "NO_COLOR": "1", "TERM": "dumb"}


def commands(group: TyperGroup, path: list[str]) -> Iterator[list[str]]:
    """The path of every command, groups before their members."""
    context = Context(group)
    for name in group.list_commands(context):
        yield [*path, name]
        _, command, _ = group.resolve_command(context, [name])
        if isinstance(command, TyperGroup):
            yield from commands(command, [*path, name])


def _help(path: list[str]) -> str:
    shown = CliRunner().invoke(app, [*path, "--help"], prog_name="nrti", env=_ENVIRONMENT)
    return "\n".join(line.rstrip() for line in shown.stdout.splitlines()).strip("\n")


def reference() -> str:
    """The whole document, in markdown."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    sections = [
        f"## `{' '.join(['nrti', *path])}`\n\n```text\n{_help(path)}\n```\n"
        for path in [[], *commands(root, [])]
    ]
    return "\n".join([_HEADER, *sections])


if __name__ == "__main__":
    print(reference(), end="")
