"""Training with a user's script in script mode: with its directory, and the data file unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.s3.objects import S3
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.naming import resource_name
from nrti_cli.models.packing import tarball
from nrti_cli.models.training.job import Code, launch
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.tables.formats.inputs import content

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: Excluded from a script's directory.
_LEFT_OUT = {"__pycache__", ".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
#: The limit for code; data may have up to 20 GB.
_LARGEST_SOURCE = 50 << 20


def code(script: str, directory: str | None, hyperparameters: Sequence[str], metrics: Sequence[str]) -> Code:
    """What SageMaker is to run.

    Args:
        script: the file, or its name in the directory.
        directory: the script's directory; None for the script alone.
        hyperparameters: `name=value` each; JSON values are parsed.
        metrics: `name=expression` each.

    Raises:
        UsageError: an argument is wrong.
        NrtiError: a file cannot be read.
    """
    files = _directory(Path(directory)) if directory else {Path(script).name: content(script)}
    program = script if directory is None or script in files else _within(script, directory)
    program = Path(program).name if directory is None else program
    if program not in files:
        raise UsageError(f"--source-dir {directory} has no {script}", hint="name a script in it")
    expressions = dict(_pair("--metric", each) for each in metrics)
    for name, expression in expressions.items():
        _check_expression(name, expression)
    values = {
        name: _value(text) for name, text in (_pair("--hyperparameter", each) for each in hyperparameters)
    }
    return Code(tarball(files), program, values, expressions)


def start(
    target: Target,
    role: str,
    model: str,
    run: Code,
    data: str,
    *,
    instance: str,
    on_share: Callable[[float], None] = lambda _: None,
) -> str:
    """Uploads a file as the channel `train`, and starts a job; returns its name. See `training.start`.

    Raises:
        NrtiError: as `training.start`; or the file cannot be read.
    """
    body = content(data)
    bucket, job = artifacts_bucket(target), resource_name(target.stack, model)
    name = re.sub(r"[^\w.\-]", "_", Path(data).name) if data != "-" else "data"
    uri = S3(target).put(bucket, f"data/{job}/{name}", body, on_share)
    launch(target, role, model, job, run, {"train": uri}, instance)
    return job


def _directory(directory: Path) -> dict[str, bytes]:
    if not directory.is_dir():
        raise UsageError(f"--source-dir {directory} is not a directory", hint="name that of the script")
    paths = [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(directory).parts)
    ]
    size = sum(path.stat().st_size for path in paths)
    if size > _LARGEST_SOURCE:
        raise NrtiError(
            f"--source-dir {directory} has {size >> 20} MB; the limit for code is {_LARGEST_SOURCE >> 20}",
            hint="move data out of it",
        )
    return {path.relative_to(directory).as_posix(): content(str(path)) for path in paths}


def _within(script: str, directory: str) -> str:
    """The script's name relative to its directory, if it was given with a path."""
    way, base = Path(script).resolve(), Path(directory).resolve()
    return way.relative_to(base).as_posix() if way.is_relative_to(base) else script


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(
            f"{option} {text!r} is not name=value", hint=f"write, for example, {option} max_depth=4"
        )
    return name, value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _check_expression(name: str, expression: str) -> None:
    try:
        groups = re.compile(expression).groups
    except re.error as error:
        raise UsageError(
            f"--metric {name}: {expression!r} is not a regular expression: {error}",
            hint="try it with Python's re",
        ) from error
    if not groups:
        raise UsageError(
            f"--metric {name}: {expression!r} has no group for the number",
            hint=f"write, for example, {name}=([0-9.]+)",
        )
