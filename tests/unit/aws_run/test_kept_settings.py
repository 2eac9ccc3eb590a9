"""An option of `nrti bootstrap` that is left out keeps what is deployed, whatever else is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from nrti_cli.assets import asset
from nrti_cli.aws.target import Target
from nrti_cli.errors import UsageError
from nrti_cli.stack.bringup import BringUp
from nrti_cli.stack.outputs import output_key
from nrti_cli.stack.package import artifacts
from nrti_cli.stack.poll_interval import PollInterval
from nrti_cli.stack.quicksight import Dashboard, check_user
from nrti_cli.stack.settings import StackSettings
from nrti_cli.stack.template import parse
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS
from tests.unit.aws_run.test_bootstrap_story import undamaged, uploads, with_outputs
from tests.unit.conftest import Stub
from tests.unit.stack.conftest import CHANGE_SET_ID, Story

#: Of each option: what is deployed, which is not the default, and what a run gives.
VALUES: dict[str, tuple[Any, Any]] = {
    "buffer_seconds": (300, 5),
    "throttle_rate": (7, 8),
    "throttle_burst": (9, 10),
    "log_retention_days": (90, 7),
    "retention_days": (30, 0),
    "kinesis_mode": ("PROVISIONED", "ON_DEMAND"),
    "kinesis_shards": (4, 3),
    "tracing": ("on", "off"),
    "access_logs": ("own", "account"),
    "alarm_email": ("ops@example.com", ""),
}
DEPLOYED = {output_key(name): str(deployed) for name, (deployed, _) in VALUES.items()}
_NOTHING_CHANGES = "The submitted information didn't contain changes."


def test_every_option_has_a_row() -> None:
    assert list(VALUES) == [field.name for field in fields(StackSettings)]


def _sent(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """What CloudFormation is sent: what is given, and all else of the deployed stack as it is."""
    packaged = {artifact.parameter: artifact.key for artifact in artifacts()}
    values = {"ArtifactsBucket": ARTIFACTS, **given, **packaged}
    kept = sorted(DEPLOYED.keys() - given.keys())
    return [
        *({"ParameterKey": key, "ParameterValue": value} for key, value in values.items()),
        *({"ParameterKey": key, "UsePreviousValue": True} for key in kept),
    ]


@pytest.mark.parametrize("plan", [False, True])
@pytest.mark.parametrize("option", [None, *VALUES])
def test_what_is_left_out_keeps_what_is_deployed(
    target: Target, stub: Stub, story: Story, poll: PollInterval, option: str | None, plan: bool
) -> None:
    settings = StackSettings(**({option: VALUES[option][1]} if option else {}))
    if not plan:
        uploads(stub, is_new=False)
    for _ in range((2 if plan else 3) + (option == "kinesis_shards")):
        story.stack("UPDATE_COMPLETE", **DEPLOYED)
    undamaged(story, parse(asset("cloudformation/pipeline.yaml").read_text(encoding="utf-8"))["Parameters"])
    given = {output_key(option): str(VALUES[option][1])} if option else {}
    story.change_set("UPDATE", "FAILED", _NOTHING_CHANGES, Parameters=_sent(given))
    story.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})
    bring_up = BringUp(target, settings, poll)

    assert [type(each).__name__ for each in (bring_up.preview() if plan else bring_up.run())] == [
        "DeploymentPlan"
    ]


@pytest.mark.parametrize("plan", [False, True])
@pytest.mark.parametrize(
    ("deployed", "mode"),
    [(None, None), ({"KinesisMode": "ON_DEMAND"}, None), (DEPLOYED, "ON_DEMAND"), ({}, None)],
)
def test_shards_of_a_stream_on_demand_are_refused_before_anything_is_uploaded(
    target: Target,
    stub: Stub,
    poll: PollInterval,
    deployed: Mapping[str, str] | None,
    mode: str | None,
    plan: bool,
) -> None:
    Story(stub).stack(None if deployed is None else "UPDATE_COMPLETE", **deployed or {})
    bring_up = BringUp(target, StackSettings(kinesis_shards=2, kinesis_mode=mode), poll)

    with pytest.raises(UsageError, match="but the stream is ON_DEMAND: add --kinesis-mode PROVISIONED"):
        list(bring_up.preview() if plan else bring_up.run())


def test_the_dashboard_keeps_its_owner(target: Target, stub: Stub, poll: PollInterval) -> None:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    story = Story(stub)
    story.stack("CREATE_COMPLETE")
    story.stub.add_response("describe_stacks", with_outputs(), {"StackName": "nrti"})
    owner = {"QuickSightUserArn": "arn", "ImportMode": "DIRECT_QUERY"}
    story.stack("CREATE_COMPLETE", **owner)
    story.stub.add_response("get_template_summary", {"Parameters": [{"ParameterKey": key} for key in owner]})
    names = {"PipelineStack": "nrti", "Database": "the-database", "Workgroup": "the-workgroup"}
    sent = {**names, "LakeBucket": "the-lake_bucket", "ImportMode": "SPICE"}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in sent.items()]
    kept = {"ParameterKey": "QuickSightUserArn", "UsePreviousValue": True}
    story.change_set(
        "UPDATE", "FAILED", _NOTHING_CHANGES, StackName="nrti-quicksight", Parameters=[*parameters, kept]
    )
    story.stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET_ID})
    check_user(target, None)

    assert [plan.change_set for plan in Dashboard(target, None, "SPICE", poll).preview()] == [None]


def test_the_first_dashboard_needs_an_owner(target: Target, stub: Stub) -> None:
    Story(stub).stack(None)

    with pytest.raises(UsageError, match="has no dashboard yet: add --quicksight-user ARN"):
        check_user(target, None)
