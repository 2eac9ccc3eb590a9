"""The log groups of a stack, by the names of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.log_events import Log, LogGroup, LogStreams
from nrti_cli.aws.cloudwatch.log_groups import LogGroups
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.sagemaker.training_jobs import TrainingJobs
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.stack.names import TRAINING_LOG_GROUP, endpoint_log_group, endpoint_name, log_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nrti_cli.aws.target import Target

#: The fixed parts whose log groups not every deployment has.
_MADE_BY = {"api": "nrti bootstrap --access-logs own creates it"}


@dataclass(frozen=True)
class LogSource:
    """A log group, or some of its streams.

    Attributes:
        origin: the name that is shown, such as `inference` or `endpoint failure-v2`.
        group: the name of the log group.
        log: reads it.
        made_by: what creates the log group, as a hint; empty if the deployment does.
    """

    origin: str
    group: str
    log: Log
    made_by: str = ""


def sources(target: Target, part: str | None, name: str | None) -> list[LogSource]:
    """The selected sources.

    Args:
        target: the AWS and the stack.
        part: one of `api`, `workflow`, `inference`, `labels`, `transform`, `alerts`, `delivery`, `training`
            and `endpoint`; None for all.
        name: of a training job or a model; None for all of the stack.

    Raises:
        UsageError: the part has no named logs, or the name is not valid for a model.
    """
    fixed = log_groups(target.stack)
    if part in fixed:
        if name:
            raise UsageError(f"{part} is a single log, without {name!r}", hint=f"run nrti logs {part}")
        return [_source(target, part, fixed[part], _MADE_BY.get(part, ""))]
    if part == "training":
        return [_training(target, name)]
    if part == "endpoint":
        return _endpoints(target, name)
    every = [_source(target, origin, group, _MADE_BY.get(origin, "")) for origin, group in fixed.items()]
    return [*every, _training(target, None), *_endpoints(target, None)]


def require_named(target: Target, part: str | None, name: str | None) -> None:
    """Refuses a training job or a model that does not exist.

    Raises:
        NrtiError: it does not exist.
    """
    if name and part == "training":
        TrainingJobs(target).job(name)
    elif name and part == "endpoint" and not SageMaker(target).endpoint(endpoint_name(target.stack, name)):
        raise NrtiError(f"model {name!r} does not exist", hint="list them with nrti models")


def require_groups(target: Target, sources: Sequence[LogSource]) -> list[str]:
    """The log groups of the sources; those that nothing has created yet are left out beside others.

    Raises:
        NrtiError: a log group of the deployment is gone, or none has been created yet.
    """
    existing = LogGroups(target).existing(source.group for source in sources)
    missing = [source for source in sources if source.group not in existing]
    if gone := [source.group for source in missing if not source.made_by]:
        named = f"log group {gone[0]} does" if len(gone) == 1 else f"log groups {', '.join(gone)} do"
        raise NrtiError(f"{named} not exist", hint="run nrti bootstrap")
    if missing and not existing:
        raise NrtiError(f"log group {missing[0].group} does not exist yet", hint=missing[0].made_by)
    return existing


def _training(target: Target, job: str | None) -> LogSource:
    # A stream is called <job>/algo-1-<time>; the names of a stack's jobs begin with the stack's name.
    prefix = f"{job}/" if job else f"{target.stack}-"
    log = LogStreams(target, TRAINING_LOG_GROUP, prefix)
    return LogSource("training", TRAINING_LOG_GROUP, log, "the first nrti train creates it")


def _endpoints(target: Target, model: str | None) -> list[LogSource]:
    stack = target.stack
    names = [endpoint_name(stack, model)] if model else SageMaker(target).endpoint_names(f"{stack}-")
    return [
        _source(
            target,
            f"endpoint {name.removeprefix(f'{stack}-')}",
            endpoint_log_group(name),
            "the endpoint creates it with its first line",
        )
        for name in names
    ]


def _source(target: Target, origin: str, group: str, made_by: str) -> LogSource:
    return LogSource(origin, group, LogGroup(target, group), made_by)
