"""Resolves the target of a command: its options, completed by what `nrti bootstrap` remembered."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.target import DEFAULT_STACK, Origin, Target, TargetName
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.home import home
from nrti_local.process import REGION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: The fields that are remembered. The address is that of the embedded AWS; on AWS the configuration has it.
_REMEMBERED = ("name", "stack", "region", "profile", "endpoint_url")
#: The key of the name of the default target, which commands without --target address.
_LAST = "last"


def _memory() -> Path:
    return home() / "target.json"


def remember(target: Target) -> None:
    """Makes this the target of later commands, unless their options name another.

    The region is remembered even if it came from the environment, since a stack does not change its region.

    Raises:
        NrtiError: the file with the remembered targets cannot be read.
    """
    region = target.region_name if target.name == "aws" else target.region
    _write({**_read(), _LAST: target.name, target.name: {**_fields(target), "region": region}})


def relocate(endpoint_url: str) -> None:
    """Remembers a new address of the embedded AWS, without making it the default target.

    Raises:
        NrtiError: as `remember`.
    """
    local = remembered("local") or Target(name="local", stack=DEFAULT_STACK)
    _write({**_read(), "local": _fields(replace(local, endpoint_url=endpoint_url))})


def forget(name: TargetName) -> None:
    """Undoes `remember`. Commands without options then address the embedded AWS, never another account."""
    _write({key: value for key, value in _read().items() if name not in (key, value)})


def remembered(name: TargetName | None = None) -> Target | None:
    """The target of this name that was deployed to last, or the default target; None if there is none.

    Raises:
        NrtiError: the file with the remembered targets cannot be read.
    """
    memory = _read()
    fields = memory.get(name or memory.get(_LAST, "local"))
    return Target(**fields, origin="remembered" if memory.get(_LAST) else "default") if fields else None


def located(target: Target) -> Target:
    """The target at its present address: an embedded AWS that was deleted and begun anew has another one.

    Raises:
        NrtiError: as `remembered`.
    """
    last = remembered("local") if target.name == "local" else None
    if last is None or last.endpoint_url in {None, target.endpoint_url}:
        return target
    return target.at(str(last.endpoint_url))


def _fields(target: Target) -> dict[str, Any]:
    return {name: getattr(target, name) for name in _REMEMBERED}


def _read() -> dict[str, Any]:
    try:
        memory = json.loads(_memory().read_text(encoding="utf-8"))
        if "name" in memory:  # the former format, for a single target
            memory = {_LAST: memory["name"], memory["name"]: memory}
        return {key: fields for key, fields in memory.items() if key == _LAST or Target(**fields)}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise NrtiError(
            f"{_memory()} cannot be read ({error})", hint="delete it, then run nrti bootstrap"
        ) from error


def _write(memory: dict[str, Any]) -> None:
    if not memory:
        _memory().unlink(missing_ok=True)
        return
    _memory().parent.mkdir(parents=True, exist_ok=True)
    draft = _memory().with_suffix(".draft")  # renaming it is atomic
    draft.write_text(json.dumps(memory, indent=2) + "\n", encoding="utf-8")
    draft.replace(_memory())


def is_remembered(target: Target, name: TargetName | None = None) -> bool:
    """Whether a command without options, or with --target `name`, addresses exactly this target."""
    last = remembered(name)
    if not last or (last.name, last.stack) != (target.name, target.stack):
        return False
    return target.name == "local" or last.region in {None, target.region_name}


def resolve(
    name: TargetName | None = None,
    stack: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    *,
    start: Callable[[], str] | None = None,
) -> Target:
    """Resolves the options, completed by what `bootstrap` remembered.

    Args:
        name: `local`, `aws`, or None for the one used last.
        stack: the stack's name; None for the one used last.
        region: of AWS; None for the one used last or the configured one.
        profile: of the AWS configuration; likewise.
        start: starts the embedded AWS if necessary and returns its address, or nothing if the command does
            not need it; None for a command that requires an existing one.

    Raises:
        NrtiError: the target is the embedded AWS, and it was never started.
        UsageError: the target is the embedded AWS, and an option applies to AWS only.
    """
    last = remembered(name)
    chosen: TargetName = name or (last.name if last else "local")
    base = last or Target(name=chosen, stack=DEFAULT_STACK)
    if chosen == "local":
        _refuse_on_the_embedded_aws(region, profile)
    target = Target(
        name=chosen,
        stack=stack or base.stack,
        region=region or base.region,
        profile=profile or base.profile,
        endpoint_url=start() if start and chosen == "local" else base.endpoint_url,
        origin=_origin(name, last),
    )
    if chosen == "local" and not target.endpoint_url and not start:
        raise NrtiError("there is no embedded AWS yet", hint="run nrti bootstrap")
    return target


def _origin(name: TargetName | None, last: Target | None) -> Origin:
    if name:
        return "environment" if os.environ.get("NRTI_TARGET") == name else "named"
    return last.origin if last else "default"


def _refuse_on_the_embedded_aws(region: str | None, profile: str | None) -> None:
    """Refuses options that have no effect on the embedded AWS."""
    hint = "leave it out, or add --target aws"
    if region not in {None, REGION}:
        raise UsageError(f"--region applies to AWS; the embedded AWS is always in {REGION}", hint=hint)
    if profile:
        raise UsageError("--profile applies to AWS; the embedded AWS has its own credentials", hint=hint)
