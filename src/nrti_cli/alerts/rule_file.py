"""Reads rules from a TOML file: a table `[[rule]]` for each, with the options of `nrti alert add`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from nrti_cli.alerts.expressions import DEFAULT_COOLDOWN, KINDS, rule
from nrti_cli.durations import parse_duration
from nrti_cli.errors import UsageError
from nrti_cli.remote.alerts_function.rules import Rule

_ABOUT_A_RULE = {"sensor", "model", "cooldown"}


def read_rules(path: Path, added_at: int) -> list[Rule]:
    """All rules of a file.

    Args:
        path: of the file.
        added_at: epoch milliseconds.

    Raises:
        UsageError: the file or a rule is wrong; the text has the rule's number.
        OSError: it cannot be read.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} is not TOML: {error}", hint="docs/production.md has an example") from error
    tables = document.get("rule")
    if document.keys() - {"rule"} or not isinstance(tables, list) or not tables:
        raise UsageError(f"{path} has no rules", hint="begin each with a line [[rule]]")
    return [_rule(path, number, table, added_at) for number, table in enumerate(tables, start=1)]


def _rule(path: Path, number: int, table: Any, added_at: int) -> Rule:
    where = f"{path}, rule {number}"
    kinds = [kind for kind in KINDS if kind in table]
    if len(kinds) != 1:
        raise UsageError(f"{where} needs exactly one of {', '.join(KINDS)}")
    if unknown := sorted(table.keys() - {*kinds, *_ABOUT_A_RULE}):
        raise UsageError(f"{where}: {unknown[0]!r} is not known", hint="see nrti alert add --help")
    if wrong := [name for name in sorted(_ABOUT_A_RULE & table.keys()) if not isinstance(table[name], str)]:
        raise UsageError(f"{where}: {wrong[0]} must be a text in quotes")
    try:
        cooldown = parse_duration(table["cooldown"]) if "cooldown" in table else DEFAULT_COOLDOWN
        return rule(
            kinds[0],
            table[kinds[0]],
            added_at=added_at,
            sensor=table.get("sensor"),
            model=table.get("model"),
            cooldown=cooldown,
        )
    except (UsageError, ValueError) as error:
        raise UsageError(f"{where}: {error}") from error
