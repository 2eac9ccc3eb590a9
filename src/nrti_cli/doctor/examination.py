"""Runs all checks for a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.doctor import account, embedded, machine
from nrti_cli.doctor.finding import Finding, run

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target


def examine(target: Target) -> list[Finding]:
    """Checks the machine and the target."""
    return run([*machine.checks(), *(embedded if target.name == "local" else account).checks(target)])
