"""The completions of option values; each is passed to Typer as `autocompletion`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from nrti_cli.completion.lookups import Kind

#: The options that select a target, as far as they are on the command line.
_WHERE = ("target", "stack", "region", "profile")
Offer = Callable[[typer.Context, str], list[str]]


def _offer(kind: Kind, where: tuple[str, ...] = _WHERE) -> Offer:
    def offer(ctx: typer.Context, incomplete: str) -> list[str]:
        from nrti_cli.completion.answers import answer

        known = answer(kind, {name: ctx.params.get(name) for name in where})
        return [value for value in known if value.startswith(incomplete)]

    return offer


models = _offer("models")
jobs = _offer("jobs")
stacks = _offer("stacks")
sensors = _offer("sensors")
regions = _offer("regions", ())
profiles = _offer("profiles", ())


def of_part(ctx: typer.Context, incomplete: str) -> list[str]:
    """Completes the second word of `nrti logs training JOB` and `nrti logs endpoint MODEL`."""
    offered = {"training": jobs, "endpoint": models}.get(ctx.params.get("part") or "")
    return offered(ctx, incomplete) if offered else []


def reasons(incomplete: str) -> list[str]:
    """The reasons that the pipeline itself gives to dead letters."""
    from nrti_cli.deadletters.reasons import REASONS

    return [reason for reason in REASONS if reason.startswith(incomplete)]
