"""A stubbed CloudFormation with recorded events of a stack, and a clock that only moves during a sleep."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.aws.cloudformation.stacks import STACK_TYPE
from nrti_cli.stack.poll_interval import PollInterval

STACK_ID = "arn:aws:cloudformation:us-east-1:000000000000:stack/nrti/1"
CHANGE_SET_ID = "arn:aws:cloudformation:us-east-1:000000000000:changeSet/nrti-1/1"
_BEGAN = datetime(2026, 11, 22, 12, tzinfo=UTC)
_numbers = count()


def event(logical_id: str, status: str, reason: str = "", type_: str = "AWS::SQS::Queue") -> dict[str, Any]:
    """An event; each is a second later than the one made before it."""
    number = next(_numbers)
    return {
        "StackId": STACK_ID,
        "StackName": "nrti",
        "EventId": f"e{number}",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": STACK_ID if type_ == STACK_TYPE else logical_id.lower(),
        "ResourceType": type_,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": _BEGAN + timedelta(seconds=number),
    }


def stack_event(status: str, reason: str = "") -> dict[str, Any]:
    """An event of the stack itself."""
    return event("nrti", status, reason, STACK_TYPE)


class Story:
    """Records what CloudFormation is asked and what it answers, in order."""

    def __init__(self, stub: Callable[[str], Stubber]) -> None:
        self.stub = stub("cloudformation")
        self._s3 = stub("s3")
        self._sent: list[dict[str, Any]] = []

    def stack(self, status: str | None, **parameters: str) -> None:
        """DescribeStacks; None when there is no stack."""
        if status is None:
            self.stub.add_client_error(
                "describe_stacks", "ValidationError", "Stack with id nrti does not exist"
            )
            return
        pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        found = {"StackName": "nrti", "StackId": STACK_ID, "StackStatus": status, "CreationTime": _BEGAN}
        self.stub.add_response("describe_stacks", {"Stacks": [{**found, "Parameters": pairs}]})

    def events(self, *more: dict[str, Any]) -> None:
        """DescribeStackEvents; the new events and all that came before, the newest first."""
        self._sent += more
        self.stub.add_response(
            "describe_stack_events", {"StackEvents": self._sent[::-1]}, {"StackName": STACK_ID}
        )

    def change_set(
        self,
        kind: str,
        status: str = "CREATE_COMPLETE",
        reason: str = "",
        *,
        template: str | None = None,
        change: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """CreateChangeSet and DescribeChangeSet of a template, any if None, that S3 has already.

        `more` is what else is sent, or sent differently.
        """
        self._staged(template)
        expected = {
            "StackName": "nrti",
            "ChangeSetName": ANY,
            "ChangeSetType": kind,
            "TemplateURL": ANY,
            "Parameters": ANY,
            "Capabilities": ANY,
            "Tags": [{"Key": "nrti:stack", "Value": "nrti"}],
        }
        self.stub.add_response(
            "create_change_set", {"Id": CHANGE_SET_ID, "StackId": STACK_ID}, {**expected, **more}
        )
        self.described(status, reason, **(change or {}))

    def imports(self, resources: list[dict[str, Any]]) -> None:
        """A change set that makes a stack of what exists; it must neither add nor tag anything."""
        self._staged(None)
        expected = {
            "StackName": "nrti",
            "ChangeSetName": ANY,
            "ChangeSetType": "IMPORT",
            "TemplateURL": ANY,
            "Parameters": ANY,
            "Capabilities": ANY,
            "ResourcesToImport": resources,
        }
        self.stub.add_response("create_change_set", {"Id": CHANGE_SET_ID, "StackId": STACK_ID}, expected)
        self.described("CREATE_COMPLETE")

    def _staged(self, template: str | None) -> None:
        key = ANY if template is None else f"templates/{hashlib.sha256(template.encode()).hexdigest()}.json"
        self._s3.add_response("head_object", {}, {"Bucket": ANY, "Key": key})

    def described(self, status: str, reason: str = "", **change: Any) -> None:
        """DescribeChangeSet with one change, of `Queue`."""
        queue = {"Action": "Add", "LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue"}
        answer = {"ChangeSetId": CHANGE_SET_ID, "StackId": STACK_ID, "Status": status}
        self.stub.add_response(
            "describe_change_set",
            {**answer, "StatusReason": reason, "Changes": [{"ResourceChange": {**queue, **change}}]},
            {"ChangeSetName": CHANGE_SET_ID},
        )

    def executed(self) -> None:
        """ExecuteChangeSet."""
        self.stub.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})

    def discarded(self) -> None:
        """DeleteChangeSet, and DeleteStack of the stack that came with it."""
        self.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})
        self.deleted()

    def deleted(self) -> None:
        """DeleteStack."""
        self.stub.add_response("delete_stack", {}, {"StackName": STACK_ID})


@pytest.fixture
def story(stub: Callable[[str], Stubber]) -> Story:
    return Story(stub)


@pytest.fixture
def poll() -> PollInterval:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return PollInterval(interval=1, timeout=3, tag_lag=3, sleep=sleep, clock=lambda: now[0])
