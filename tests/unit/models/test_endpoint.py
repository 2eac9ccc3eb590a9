"""Which models are published, read from endpoints and the tags of their configurations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.models.default import newest
from nrti_cli.models.endpoint import find, published
from tests.unit.conftest import Stub, missing

MOMENT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
TAGS = {"nrti:stack": "nrti", "nrti:source": "job-1", "nrti:length": "3", "nrti:metric:f1": "0.99"}


def lists(stubber: Stubber, *names: str) -> None:
    summaries = [
        {
            "EndpointName": name,
            "EndpointArn": "arn:aws:sagemaker:eu-central-2:000000000000:endpoint/x",
            "CreationTime": MOMENT,
            "LastModifiedTime": MOMENT,
            "EndpointStatus": "InService",
        }
        for name in names
    ]
    stubber.add_response("list_endpoints", {"Endpoints": summaries})


def describes(
    stubber: Stubber,
    name: str,
    status: str = "InService",
    *,
    age: int = 0,
    tags: dict[str, str] | None = None,
) -> None:
    described: dict[str, Any] = {
        "EndpointName": name,
        "EndpointArn": "arn:aws:sagemaker:eu-central-2:000000000000:endpoint/x",
        "EndpointConfigName": f"{name}-config",
        "EndpointStatus": status,
        "CreationTime": MOMENT,
        "LastModifiedTime": MOMENT - timedelta(minutes=age),
    }
    if status == "Failed":
        described["FailureReason"] = "no memory"
    stubber.add_response("describe_endpoint", described, {"EndpointName": name})
    config = {
        "EndpointConfigName": f"{name}-config",
        "EndpointConfigArn": "arn:aws:sagemaker:eu-central-2:000000000000:endpoint-config/x",
        "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "m"}],
        "CreationTime": MOMENT,
    }
    stubber.add_response("describe_endpoint_config", config, {"EndpointConfigName": f"{name}-config"})
    pairs = [{"Key": key, "Value": value} for key, value in (TAGS if tags is None else tags).items()]
    stubber.add_response("list_tags", {"Tags": pairs})


def test_models_are_listed_with_what_their_tags_say(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"), "nrti-old", "nrti-new")
    describes(stub("sagemaker"), "nrti-old", age=5)
    describes(stub("sagemaker"), "nrti-new")

    found = published(target)

    assert [model.name for model in found] == ["new", "old"]
    assert (found[0].source, found[0].length, found[0].metrics) == ("job-1", 3, {"f1": 0.99})


@pytest.mark.usefixtures("stack")
def test_models_of_a_stack_with_a_longer_name_are_not_ours(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"), "nrti-2-failure", "my-nrti-thing")
    describes(stub("sagemaker"), "nrti-2-failure", tags={"nrti:stack": "nrti-2"})

    assert published(target) == []


def test_an_endpoint_made_by_hand_is_listed_without_details(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"), "nrti-hand")
    describes(stub("sagemaker"), "nrti-hand", tags={})

    (model,) = published(target)

    assert (model.name, model.source, model.length, model.metrics) == ("hand", "", None, {})


@pytest.mark.usefixtures("stack")
def test_an_endpoint_that_goes_while_we_look_is_left_out(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"), "nrti-gone")
    missing(stub("sagemaker"), "describe_endpoint", "endpoint", EndpointName="nrti-gone")

    assert published(target) == []


def test_the_newest_in_service_is_the_default(target: Target, stub: Stub) -> None:
    stub("s3").add_response("list_objects_v2", {})
    lists(stub("sagemaker"), "nrti-broken", "nrti-good")
    describes(stub("sagemaker"), "nrti-broken", "Failed")
    describes(stub("sagemaker"), "nrti-good", age=9)

    assert newest(target).name == "good"


def test_a_shadow_is_never_the_default(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"), "nrti-main", "nrti-candidate")
    describes(stub("sagemaker"), "nrti-main", age=9)
    describes(stub("sagemaker"), "nrti-candidate")
    stub("s3").add_response("list_objects_v2", {"Contents": [{"Key": "shadows/main.json"}]})
    document = b'{"shadow": "candidate"}'
    stub("s3").add_response("get_object", {"Body": StreamingBody(BytesIO(document), len(document))})

    assert newest(target).name == "main"


@pytest.mark.usefixtures("stack")
def test_no_model_at_all(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"))

    with pytest.raises(NrtiError, match="no model is published: run nrti train"):
        newest(target)


def test_no_stack_at_all(target: Target, stub: Stub) -> None:
    lists(stub("sagemaker"))
    stub("cloudformation").add_client_error(
        "describe_stacks", "ValidationError", "Stack with id nrti does not exist"
    )

    with pytest.raises(NrtiError, match="stack 'nrti' does not exist"):
        newest(target)


def test_a_failed_model_is_not_found_without_its_reason(target: Target, stub: Stub) -> None:
    describes(stub("sagemaker"), "nrti-broken", "Failed")

    with pytest.raises(NrtiError, match="'broken' is Failed: no memory"):
        find(target, "broken")


def test_a_model_under_update_answers(target: Target, stub: Stub) -> None:
    describes(stub("sagemaker"), "nrti-a", "Updating")

    assert find(target, "a").in_service


def test_an_unknown_model_is_reported_with_the_known_ones(target: Target, stub: Stub) -> None:
    missing(stub("sagemaker"), "describe_endpoint", "endpoint", EndpointName="nrti-b")
    lists(stub("sagemaker"), "nrti-a")
    describes(stub("sagemaker"), "nrti-a")

    with pytest.raises(NrtiError, match="model 'b' does not exist, published are: 'a'"):
        find(target, "b")


def test_of_many_models_a_few_are_named(target: Target, stub: Stub) -> None:
    names = [f"nrti-model-{number:02}" for number in range(30)]
    missing(stub("sagemaker"), "describe_endpoint", "endpoint", EndpointName="nrti-b")
    lists(stub("sagemaker"), *names)
    for name in names:
        describes(stub("sagemaker"), name)

    with pytest.raises(NrtiError, match="and 26 more: run nrti train") as raised:
        find(target, "b")

    assert len(str(raised.value)) < 300


def test_a_name_that_no_endpoint_can_have(target: Target) -> None:
    with pytest.raises(UsageError):
        find(target, "not_a_name")
