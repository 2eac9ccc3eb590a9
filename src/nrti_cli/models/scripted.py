"""Training by a script of the user's, in script mode: with their directory, and their data as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.s3 import S3
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.naming import resource_name
from nrti_cli.models.packing import tarball
from nrti_cli.models.training import Code, launch
from nrti_cli.stack.names import artifacts_bucket
from nrti_cli.tables.inputs import content

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: What is never part of a script's directory.
_LEFT_OUT = {"__pycache__", ".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
#: SageMaker's own limit is 20 GB of data; code is small.
_LARGEST_SOURCE = 50 << 20


def code(script: str, directory: str | None, hyperparameters: Sequence[str], metrics: Sequence[str]) -> Code:
    """What the user has SageMaker run.

    Args:
        script: the file, or its name in the directory.
        directory: with all that the script needs; None for the script alone.
        hyperparameters: `name=value` each; a value that is JSON is one.
        metrics: `name=expression` each.

    Raises:
        UsageError: one of them cannot be right.
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
    """Uploads a file as the channel `train`, starts a job and returns its name; as `training.start`.

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
        raise UsageError(f"--source-dir {directory} is no directory", hint="name the one of the script")
    paths = [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(directory).parts)
    ]
    size = sum(path.stat().st_size for path in paths)
    if size > _LARGEST_SOURCE:
        raise NrtiError(
            f"--source-dir {directory} has {size >> 20} MB, and code may have {_LARGEST_SOURCE >> 20}",
            hint="leave the data out of it",
        )
    return {path.relative_to(directory).as_posix(): content(str(path)) for path in paths}


def _within(script: str, directory: str) -> str:
    """The script's name in its directory if it was given with its way there."""
    way, base = Path(script).resolve(), Path(directory).resolve()
    return way.relative_to(base).as_posix() if way.is_relative_to(base) else script


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UsageError(f"{option} {text!r} is no name=value", hint=f"write {option} max_depth=4, say")
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
            f"--metric {name}: {expression!r} is no expression: {error}", hint="try it with Python's re"
        ) from error
    if not groups:
        raise UsageError(
            f"--metric {name}: {expression!r} has no group for the number",
            hint=f"write {name}=([0-9.]+), say",
        )
