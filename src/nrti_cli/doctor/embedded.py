"""Checks the embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nrti_cli.doctor.clients import client
from nrti_cli.doctor.finding import Check, Finding
from nrti_cli.embedded import RESTART, files, other_version
from nrti_local import process

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

_NAME = "embedded AWS"


def checks(target: Target) -> list[Check]:
    """The check of the embedded AWS that the target is."""
    return [Check(_NAME, lambda: embedded_aws(target))]


def embedded_aws(target: Target) -> Finding:
    """Checks that it responds, if it is running; a stopped one is not a failure."""
    running = process.running(files())
    if running:
        client(target, "sts").get_caller_identity()
        if found := other_version(running):
            return Finding(_NAME, "warn", found, RESTART)
        return Finding(_NAME, "ok", f"answers at {running.endpoint_url}, process {running.pid}")
    if other := process.silent(files()):
        found = f"process {other.pid} is running, but not ready"
        return Finding(_NAME, "warn", found, "wait if it is starting, else see nrti local logs and stop it")
    if process.exists(files()):
        return Finding(_NAME, "ok", "is stopped; nrti local start starts it again")
    return Finding(_NAME, "ok", "does not exist yet; nrti bootstrap starts one")
