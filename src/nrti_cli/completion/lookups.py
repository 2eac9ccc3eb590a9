"""Looks up the names for completion, with the same clients as the commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

Kind = Literal["models", "jobs", "stacks", "sensors", "regions", "profiles"]
Options = Mapping[str, Any]

#: The maximum number of training jobs, newest first.
_JOBS = 100
#: Items of the table that are read for their sensors: one page, which costs next to nothing.
_ITEMS = 1000


def look(kind: Kind, options: Options) -> list[str]:
    """Looks up the names of a kind; never starts the embedded AWS.

    Args:
        kind: of the names.
        options: `target`, `stack`, `region` and `profile`, as far as they are given.
    """
    return sorted(set(_LOOKUPS[kind](options)))


def _models(options: Options) -> list[str]:
    from nrti_cli.aws.sagemaker.endpoints import SageMaker

    target = _target(options)
    prefix = f"{target.stack}-"
    return [name.removeprefix(prefix) for name in SageMaker(target).endpoint_names(prefix)]


def _jobs(options: Options) -> list[str]:
    from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs

    target = _target(options)
    names = TrainingJobs(target).names(target.stack)
    return [name for name in islice(names, _JOBS) if name.startswith(f"{target.stack}-")]


def _stacks(options: Options) -> list[str]:
    from nrti_cli.aws.cloudformation.stacks import CloudFormation

    return CloudFormation(_target(options)).stack_names(tag="nrti:stack")


def _sensors(options: Options) -> list[str]:
    from nrti_cli.stack.outputs import outputs

    target = _target(options)
    page = target.client("dynamodb").scan(
        TableName=outputs(target).table, ProjectionExpression="sensor", Limit=_ITEMS
    )
    return [item["sensor"]["S"] for item in page["Items"]]


def _regions(_: Options) -> list[str]:
    from nrti_cli.aws.regions import known_regions
    from nrti_cli.aws.session import new_session

    return known_regions(new_session())


def _profiles(_: Options) -> list[str]:
    from nrti_cli.aws.session import new_session

    return list(new_session().available_profiles)


_LOOKUPS: dict[Kind, Callable[[Options], list[str]]] = {
    "models": _models,
    "jobs": _jobs,
    "stacks": _stacks,
    "sensors": _sensors,
    "regions": _regions,
    "profiles": _profiles,
}


def _target(options: Options) -> Target:
    from nrti_cli.aws.addressing import resolve

    return resolve(options["target"], options["stack"], options["region"], options["profile"])
