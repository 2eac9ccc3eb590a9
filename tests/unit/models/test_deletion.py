from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.deletion import ModelResources, delete, find_resources
from tests.unit.conftest import Stub, missing
from tests.unit.models.conftest import ARN, FORMER, MOMENT, NAME, Story, interrupting

OURS = {"nrti:stack": "nrti", "nrti:model": "m"}
FOUND = ModelResources("m", NAME, ours=True, publications=(FORMER,), requests=0)


def _tagged(story: Story, tags: dict[str, str]) -> None:
    config: dict[str, Any] = {
        "EndpointConfigName": FORMER,
        "EndpointConfigArn": ARN,
        "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": FORMER}],
        "CreationTime": MOMENT,
    }
    story.stubber.add_response("describe_endpoint_config", config, {"EndpointConfigName": FORMER})
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    story.stubber.add_response("list_tags", {"Tags": listed})


def _measured(stub: Stub, *values: float) -> None:
    result = {"Id": "m0", "Timestamps": [MOMENT] * len(values), "Values": list(values)}
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": [result]})


@pytest.mark.parametrize(("tags", "ours"), [(OURS, True), ({}, False)])
def test_what_there_is_is_found(
    target: Target, stub: Stub, story: Story, tags: dict[str, str], ours: bool
) -> None:
    story.endpoint("InService")
    story.lists(FORMER, "nrti-m-2-20261122120000000", "nrti-m-own")
    _tagged(story, tags)
    _measured(stub, 3, 4)
    story.shadows(other="m", another="unrelated")

    assert find_resources(target, "m") == ModelResources(
        "m", NAME, ours=ours, publications=(FORMER,), requests=7, shadows={"other": "m"}
    )


def test_what_an_interrupted_deletion_left_is_found(target: Target, story: Story) -> None:
    story.absent()
    story.lists(FORMER)
    story.shadows()

    assert find_resources(target, "m") == ModelResources(
        "m", None, ours=True, publications=(FORMER,), requests=0
    )


def test_an_endpoint_of_a_stack_with_a_longer_name_is_not_touched(target: Target, story: Story) -> None:
    story.endpoint("InService")
    story.lists()
    _tagged(story, {"nrti:stack": "nrti-m"})

    with pytest.raises(NrtiError, match="belongs to stack nrti-m: pass --stack nrti-m"):
        find_resources(target, "m")


def test_a_busy_endpoint_is_not_deleted(target: Target, story: Story) -> None:
    story.endpoint("Updating")
    story.lists(FORMER)

    with pytest.raises(NrtiError, match="is Updating: wait until"):
        find_resources(target, "m")


@pytest.mark.usefixtures("stack")
def test_a_model_that_is_not_there_is_named_with_those_that_are(target: Target, story: Story) -> None:
    story.absent()
    story.lists()
    story.stubber.add_response("list_endpoints", {"Endpoints": []})

    with pytest.raises(NrtiError, match="model 'm' does not exist, published are: none"):
        find_resources(target, "m")


def test_the_configuration_goes_after_the_endpoint_however_often_sagemaker_throttles(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.deletes()
    story.endpoint("Deleting")
    story.stubber.add_client_error("describe_endpoint", "ThrottlingException")
    story.absent()
    story.stubber.add_response("list_endpoints", {"Endpoints": []})
    story.discards()

    delete(target, FOUND, wait_delays.append)

    assert len(wait_delays) == 2


def test_what_has_gone_meanwhile_is_no_error(target: Target, story: Story, wait_delays: list[float]) -> None:
    missing(story.stubber, "delete_endpoint", "endpoint", EndpointName=NAME)
    story.absent()
    story.stubber.add_response("list_endpoints", {"Endpoints": []})
    story.forgets()
    missing(story.stubber, "delete_endpoint_config", "endpoint configuration", EndpointConfigName=FORMER)
    missing(story.stubber, "delete_model", "model", ModelName=FORMER)

    delete(target, FOUND, wait_delays.append)


def test_an_interruption_says_that_something_may_be_left(target: Target, story: Story) -> None:
    story.deletes()
    story.endpoint("Deleting")

    with pytest.raises(NrtiError, match="may be left: run nrti models delete m again") as failed:
        delete(target, FOUND, interrupting())

    assert failed.value.exit_status == 130


def test_a_shadow_ends_before_its_model_goes(target: Target, story: Story) -> None:
    story.objects.add_response(
        "delete_objects",
        {},
        {"Bucket": ANY, "Delete": {"Objects": [{"Key": "shadows/other.json"}], "Quiet": True}},
    )
    story.stubber.add_response("list_endpoints", {"Endpoints": []})
    story.discards()

    delete(target, replace(FOUND, endpoint=None, shadows={"other": "m"}))
