"""Follows a stack operation by its events, and explains its failure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from nrti_cli.aws.cloudformation.stacks import STACK_TYPE, CloudFormation, StackEvent
from nrti_cli.aws.errors import is_throttled, missing_permission
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.stack.poll_interval import PollInterval

#: CloudFormation's reason for a resource that was cancelled because another one failed.
_CANCELLED = "cancelled"
#: The first words of the reason if the deployment was refused as a whole; DescribeEvents has the details.
_REFUSED = "Validation failed"


@dataclass(frozen=True)
class Step:
    """A resource reached a status.

    Attributes:
        logical_id: its name in the template.
        type: such as `AWS::DynamoDB::Table`.
        status: such as `CREATE_COMPLETE`.
        reason: CloudFormation's, or empty.
        seconds: since CloudFormation started with it.
    """

    logical_id: str
    type: str
    status: str
    reason: str
    seconds: float


class StuckError(Exception):
    """An operation made no progress for too long."""


class Operation:
    """A creation, update or deletion of a stack.

    Create it before the operation is started: all later events belong to it.
    """

    def __init__(self, cloudformation: CloudFormation, stack_id: str, poll: PollInterval) -> None:
        self._cloudformation = cloudformation
        self._stack_id = stack_id
        self._poll = poll
        newest = next(cloudformation.events(stack_id), None)
        self._seen = {newest.id} if newest else set()
        self._began: dict[str, StackEvent] = {}
        self._failures: list[StackEvent] = []
        #: The stack's own last status, empty before the first.
        self.status = ""

    def follow(self) -> Iterator[Step]:
        """Yields each resource that reaches a status, until the operation ends.

        Raises:
            StuckError: no event for too long.
        """
        news = self._poll.clock()
        while True:
            for event in self._fresh():
                news = self._poll.clock()
                yield from self._take(event)
            if self.status and not self.status.endswith("_IN_PROGRESS"):
                return
            if self._poll.clock() - news > self._poll.timeout:
                raise StuckError(f"no event for {self._poll.timeout:.0f} s")
            self._poll.wait()

    def _fresh(self) -> list[StackEvent]:
        """The new events, oldest first; none while AWS throttles."""
        events = self._cloudformation.events(self._stack_id)
        try:
            fresh = list(takewhile(lambda event: event.id not in self._seen, events))
        except ClientError as error:
            if not is_throttled(error):
                raise
            return []
        self._seen.update(event.id for event in fresh)
        return fresh[::-1]

    def _take(self, event: StackEvent) -> Iterator[Step]:
        if event.status.endswith("_FAILED") and _CANCELLED not in event.reason:
            self._failures.append(event)
        if event.type == STACK_TYPE and event.physical_id == self._stack_id:
            self.status = event.status
            return
        began = self._began.setdefault(event.logical_id, event)
        if not event.status.endswith("_IN_PROGRESS"):
            del self._began[event.logical_id]
            seconds = (event.at - began.at).total_seconds()
            yield Step(event.logical_id, event.type, event.status, event.reason, seconds)

    def failure(self, doing: str, hint: str) -> NrtiError:
        """The error that names the resource that failed first, with its reason.

        Args:
            doing: what was attempted, such as `deploying`.
            hint: what to do about it.
        """
        cause = self._cause()
        lacking = missing_permission(cause)
        return NrtiError(
            f"{doing} the stack failed ({self.status}): {cause}",
            hint=f"grant {lacking}, then try again" if lacking else hint,
        )

    def _cause(self) -> str:
        refused = [event for event in self._failures if event.reason.startswith(_REFUSED)]
        if refused:
            return "; ".join(self._cloudformation.validation_errors(self._stack_id)) or refused[0].reason
        resources = [event for event in self._failures if event.type != STACK_TYPE] or self._failures
        if not resources:
            return "CloudFormation gave no reason"
        return f"{resources[0].logical_id} ({resources[0].type}): {resources[0].reason}"
