"""Finds resources that were deleted outside CloudFormation, and creates them again.

CloudFormation relies on its records: an update without changes does not notice that a table is missing. So
missing resources are first removed from the stack, with everything that requires them, and then the whole
template is deployed again. Resources with data stay, without their references to the missing ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudformation.change_sets import Definition
from nrti_cli.aws.cloudformation.stacks import CloudFormation
from nrti_cli.stack.artifacts import ArtifactsBucket
from nrti_cli.stack.deploy import Deployment
from nrti_cli.stack.template import parse, with_dependents, without

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.operation import Step
    from nrti_cli.stack.poll_interval import PollInterval

#: Resources with data that no deployment can restore.
_KEEPS_DATA = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"}


@dataclass(frozen=True)
class Damage:
    """What a repair affects, as logical ids.

    Attributes:
        missing: the resources that do not exist.
        rebuilt: the missing ones, and those that depend on them.
    """

    missing: tuple[str, ...]
    rebuilt: frozenset[str]


def damage(target: Target, template: str, poll: PollInterval) -> Damage | None:
    """Compares an idle stack with the existing resources; None if nothing is missing."""
    cloudformation = CloudFormation(target)
    detection = cloudformation.detect_drift(target.stack)
    while not cloudformation.drift_detected(detection):
        poll.wait()
    missing = {resource.logical_id for resource in cloudformation.missing_resources(target.stack)}
    if not missing:
        return None
    parsed = parse(template)
    valuable = {name for name, each in parsed["Resources"].items() if each["Type"] in _KEEPS_DATA}
    return Damage(tuple(sorted(missing)), with_dependents(parsed, missing, keep=valuable - missing))


def repair(target: Target, definition: Definition, found: Damage, poll: PollInterval) -> Iterator[Step]:
    """Removes the damaged part from the stack; deploying the definition afterwards completes the repair.

    Raises:
        NrtiError: a resource cannot be removed; the message names it and the reason.
    """
    deployment = Deployment(target, poll, ArtifactsBucket(target))
    remainder = without(parse(definition.template), found.rebuilt)
    yield from deployment.execute(deployment.plan(replace(definition, template=remainder)))
