"""From nothing, or from anything that was left of it, to a stack that works: what `nrti bootstrap` does."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from nrti_cli.assets import asset
from nrti_cli.aws.cloudformation import CloudFormation, Definition
from nrti_cli.aws.s3 import S3
from nrti_cli.stack.deploy import Deployment, Plan
from nrti_cli.stack.names import artifacts_bucket, owns_bucket
from nrti_cli.stack.outputs import output_key
from nrti_cli.stack.package import artifacts, upload
from nrti_cli.stack.repair import damage, repair
from nrti_cli.stack.template import compact, parse

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.stack.operation import Step
    from nrti_cli.stack.pace import Pace

#: Nobody wants to wait a minute for a row on their own machine; AWS bills by the object.
_LOCAL_BUFFER_SECONDS = "5"


@dataclass(frozen=True)
class Settings:
    """The template's parameters that a user may set; None leaves one as it is, or to its default.

    Attributes:
        buffer_seconds: how long Firehose gathers rows for one object.
        throttle_rate: requests per second that the API takes.
        throttle_burst: requests that the API takes at once.
        log_retention_days: how long logs are kept.
    """

    buffer_seconds: int | None = None
    throttle_rate: int | None = None
    throttle_burst: int | None = None
    log_retention_days: int | None = None

    def parameters(self) -> dict[str, str]:
        """The ones that are set, as the template calls them."""
        values = {output_key(field.name): getattr(self, field.name) for field in fields(self)}
        return {key: str(value) for key, value in values.items() if value is not None}


@dataclass(frozen=True)
class Notice:
    """Something worth a line that is not about one resource of the stack."""

    text: str


class BringUp:
    """Brings the stack of a target up, repairs it or brings it up to date."""

    def __init__(self, target: Target, settings: Settings, pace: Pace) -> None:
        self._target = target
        self._settings = settings
        self._pace = pace
        self._s3 = S3(target)
        self._tags = {"nrti:stack": target.stack}

    def run(self) -> Iterator[Notice | Plan | Step]:
        """Yields what happens as it happens: the plan before it is executed, then its steps.

        Raises:
            NrtiError: a resource failed; it is named with the reason.
        """
        parameters = yield from self._package()
        deployment = Deployment(self._target, self._pace)
        yield from deployment.settle()
        template = compact(parse(asset("cloudformation/pipeline.yaml").read_text()))
        stack = CloudFormation(self._target).stack(self._target.stack)
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            yield from self._repair(Definition(template, parameters, self._tags))
        elif self._target.name == "local":
            parameters.setdefault("BufferSeconds", _LOCAL_BUFFER_SECONDS)
            yield from self._clear_remains()
        definition = Definition(template, parameters, self._tags)
        plan = deployment.plan(definition)
        yield plan
        yield from deployment.execute(plan)

    def _package(self) -> Generator[Notice, None, dict[str, str]]:
        """Puts code and state machine where the template finds them; returns the template's parameters."""
        bucket = artifacts_bucket(self._target)
        if not self._s3.bucket_exists(bucket):
            self._s3.create_bucket(bucket)
            yield Notice(f"bucket {bucket} created")
        self._s3.protect_bucket(bucket, self._tags)
        packaged = artifacts()
        upload(self._s3, bucket, packaged)
        keys = {artifact.parameter: artifact.key for artifact in packaged}
        return {"ArtifactsBucket": bucket, **keys, **self._settings.parameters()}

    def _repair(self, definition: Definition) -> Iterator[Notice | Step]:
        found = damage(self._target, definition.template, self._pace)
        if found:
            yield Notice(f"gone: {', '.join(found.missing)}; made again, with what depends on it")
            yield from repair(self._target, definition, found, self._pace)

    def _clear_remains(self) -> Iterator[Notice]:
        """Removes buckets whose stack the embedded AWS has lost; objects outlive a crash, stacks may not.

        Their names are taken, so no new stack could come up beside them. On AWS this cannot happen.
        """
        for bucket in self._s3.bucket_names():
            if owns_bucket(self._target, bucket) and bucket != artifacts_bucket(self._target):
                self._s3.delete_bucket(bucket)
                yield Notice(f"bucket {bucket}, left over from a stack that is gone, deleted")
