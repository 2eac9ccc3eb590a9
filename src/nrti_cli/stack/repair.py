"""Finds resources that were deleted behind the stack's back, and makes them again.

CloudFormation believes its own records: an update that changes nothing does not notice that a table has gone.
So what is missing is first taken out of the stack, along with all that cannot be without it, and then the
whole template is deployed once more. What keeps data stays where it is, without what refers to the missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nrti_cli.aws.change_sets import Definition
from nrti_cli.aws.cloudformation import CloudFormation
from nrti_cli.stack.deploy import Deployment
from nrti_cli.stack.template import parse, with_dependents, without

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.operation import Step
    from nrti_cli.stack.pace import Pace

#: What keeps data that no deployment can bring back.
_KEEPS_DATA = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"}


@dataclass(frozen=True)
class Damage:
    """What a repair is about; logical ids.

    Attributes:
        missing: the resources that are gone.
        rebuilt: those and the ones that depend on them.
    """

    missing: tuple[str, ...]
    rebuilt: frozenset[str]


def damage(target: Target, template: str, pace: Pace) -> Damage | None:
    """Compares the stack, which must be at rest, with what there really is; None if nothing is missing."""
    cloudformation = CloudFormation(target)
    detection = cloudformation.detect_drift(target.stack)
    while not cloudformation.drift_detected(detection):
        pace.rest()
    missing = {resource.logical_id for resource in cloudformation.missing_resources(target.stack)}
    if not missing:
        return None
    parsed = parse(template)
    valuable = {name for name, each in parsed["Resources"].items() if each["Type"] in _KEEPS_DATA}
    return Damage(tuple(sorted(missing)), with_dependents(parsed, missing, keep=valuable - missing))


def repair(target: Target, definition: Definition, found: Damage, pace: Pace) -> Iterator[Step]:
    """Takes the damaged part out of the stack; deploying the definition afterwards completes the repair.

    Raises:
        NrtiError: a resource cannot be taken out; it is named with the reason.
    """
    deployment = Deployment(target, pace)
    remainder = without(parse(definition.template), found.rebuilt)
    yield from deployment.execute(deployment.plan(replace(definition, template=remainder)))
