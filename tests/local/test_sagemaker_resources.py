"""Models, endpoint configurations, tags and lists of the local SageMaker: AWS's codes and texts."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_local.process import REGION
from tests.local.sagemaker_support import IMAGE, ROLE, SERVERLESS, SageMaker, unique
from tests.waiting import eventually

_ARN = f"arn:aws:sagemaker:{REGION}:000000000000"


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


@pytest.fixture(scope="module")
def model(sagemaker: SageMaker) -> str:
    name = unique("model")
    sagemaker.client.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE},
        Tags=[{"Key": "a", "Value": "1"}],
    )
    return name


def variant(model: str, **members: Any) -> Any:
    return {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": SERVERLESS, **members}


def configure(sagemaker: SageMaker, name: str, *variants: Any) -> None:
    sagemaker.client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants))


def error(raised: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    details = raised.value.response["Error"]
    return details["Code"], details["Message"]


def test_a_model_is_described_listed_and_deleted(sagemaker: SageMaker) -> None:
    client, name = sagemaker.client, unique("model")
    arn = client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    assert arn["ModelArn"] == f"{_ARN}:model/{name}"
    described = client.describe_model(ModelName=name)
    assert described["PrimaryContainer"] == {"Image": IMAGE}
    assert [found["ModelName"] for found in client.list_models(NameContains=name)["Models"]] == [name]
    client.delete_model(ModelName=name)
    with pytest.raises(ClientError) as raised:
        client.describe_model(ModelName=name)
    assert error(raised) == ("ValidationException", f'Could not find model "{_ARN}:model/{name}".')


def test_a_model_s_name_is_taken_once(sagemaker: SageMaker, model: str) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.client.create_model(ModelName=model, ExecutionRoleArn=ROLE)
    assert error(raised)[1] == f'Cannot create already existing model "{_ARN}:model/{model}".'


@pytest.mark.parametrize(
    "size", [{"ServerlessConfig": SERVERLESS}, {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
)
def test_a_configuration_is_serverless_or_has_instances(
    sagemaker: SageMaker, model: str, size: dict[str, Any]
) -> None:
    name = unique("config")
    wanted = {"VariantName": "AllTraffic", "ModelName": model, **size}
    configure(sagemaker, name, wanted)
    described = sagemaker.client.describe_endpoint_config(EndpointConfigName=name)
    assert described["ProductionVariants"] == [wanted]
    with pytest.raises(ClientError, match="Cannot create already existing endpoint configuration"):
        configure(sagemaker, name, wanted)


@pytest.mark.parametrize(
    ("serverless", "text"),
    [
        (
            {"MemorySizeInMB": 1500, "MaxConcurrency": 5},
            "Member must satisfy enum value set: [1024, 2048, 3072, 4096, 5120, 6144]",
        ),
        (
            {"MemorySizeInMB": 1024, "MaxConcurrency": 201},
            "Member must have value less than or equal to 200",
        ),
        (
            {"MemorySizeInMB": 1024, "MaxConcurrency": 2, "ProvisionedConcurrency": 3},
            "ProvisionedConcurrency must be less than or equal to MaxConcurrency",
        ),
    ],
)
def test_serverless_limits(sagemaker: SageMaker, model: str, serverless: dict[str, int], text: str) -> None:
    with pytest.raises(ClientError) as raised:
        configure(sagemaker, unique("config"), variant(model, ServerlessConfig=serverless))
    assert text in error(raised)[1]


def test_a_configuration_needs_its_model(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError, match="Could not find model"):
        configure(sagemaker, unique("config"), variant("nothing"))


def test_an_endpoint_needs_its_configuration(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.client.create_endpoint(EndpointName=unique("endpoint"), EndpointConfigName="nothing")
    assert error(raised)[1] == f'Could not find endpoint configuration "{_ARN}:endpoint-config/nothing".'


def test_an_unknown_endpoint_is_not_found(sagemaker: SageMaker) -> None:
    for call in (sagemaker.client.describe_endpoint, sagemaker.client.delete_endpoint):
        with pytest.raises(ClientError) as raised:
            call(EndpointName="nothing")
        assert error(raised)[1] == f'Could not find endpoint "{_ARN}:endpoint/nothing".'


def test_a_model_of_another_kind_than_script_mode_fails_with_the_reason(
    sagemaker: SageMaker, model: str
) -> None:
    name = unique("endpoint")
    configure(sagemaker, name, variant(model))
    sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert "serves script mode and AWS's XGBoost image only" in sagemaker.settled(name)["FailureReason"]
    with pytest.raises(ClientError, match="because its status is Failed"):
        sagemaker.client.update_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.client.delete_endpoint(EndpointName=name)
    eventually(lambda: not sagemaker.client.list_endpoints(NameContains=name)["Endpoints"])


def test_tags_page_by_fifty(sagemaker: SageMaker, model: str) -> None:
    arn = f"{_ARN}:model/{model}"
    tags: Any = [{"Key": f"key{number:02}", "Value": "v"} for number in range(49)]
    sagemaker.client.add_tags(ResourceArn=arn, Tags=tags)
    sagemaker.client.add_tags(
        ResourceArn=arn, Tags=[{"Key": "last", "Value": "v"}, {"Key": "a", "Value": "2"}]
    )
    first = sagemaker.client.list_tags(ResourceArn=arn)
    assert first["Tags"][0] == {"Key": "a", "Value": "2"}
    rest = sagemaker.client.list_tags(ResourceArn=arn, NextToken=first["NextToken"])["Tags"]
    assert (len(first["Tags"]), [tag["Key"] for tag in rest]) == (50, ["last"])


def test_tags_of_nothing(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.client.list_tags(ResourceArn=f"{_ARN}:model/nothing")


def test_a_listing_goes_on_where_a_page_ended(sagemaker: SageMaker) -> None:
    prefix = unique("page")
    names = [f"{prefix}-{number}" for number in range(5)]
    for name in names:
        sagemaker.client.create_model(ModelName=name, ExecutionRoleArn=ROLE)
    pages = sagemaker.client.get_paginator("list_models").paginate(
        NameContains=prefix, SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    assert [model["ModelName"] for page in pages for model in page["Models"]] == names


def test_an_operation_that_is_not_there_says_so(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.client.list_domains()
    text = (
        "ListDomains is not in the embedded AWS; it has training jobs, batch transform, models and endpoints."
    )
    assert error(raised) == ("UnknownOperationException", text)


def test_an_endpoint_is_asked_in_no_other_way(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.runtime.invoke_endpoint_async(EndpointName="e", InputLocation="s3://b/k")
    text = "InvokeEndpointAsync is not in the embedded AWS; use InvokeEndpoint."
    assert error(raised) == ("UnknownOperationException", text)
    with pytest.raises(ClientError, match="InvokeEndpointWithResponseStream is not in the embedded AWS"):
        sagemaker.runtime.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"{}")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("AsyncInferenceConfig", {"OutputConfig": {"S3OutputPath": "s3://b/out"}}),
        (
            "DataCaptureConfig",
            {
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://b/captured",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        ),
        ("ExplainerConfig", {"ClarifyExplainerConfig": {"ShapConfig": {"ShapBaselineConfig": {}}}}),
    ],
)
def test_what_an_endpoint_would_not_do_is_refused(
    member: str, value: Any, sagemaker: SageMaker, model: str
) -> None:
    name = unique("config")
    request: Any = {"EndpointConfigName": name, "ProductionVariants": [variant(model)], member: value}
    sagemaker.client.create_endpoint_config(**request)
    with pytest.raises(ClientError, match=f"{member} is not in the embedded AWS"):
        sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_capture_that_is_off_is_no_reason_to_refuse(sagemaker: SageMaker, model: str) -> None:
    capture: Any = {
        "EnableCapture": False,
        "InitialSamplingPercentage": 0,
        "DestinationS3Uri": "s3://b/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    name = unique("config")
    sagemaker.client.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant(model)], DataCaptureConfig=capture
    )
    sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert sagemaker.settled(name)["EndpointConfigName"] == name


@pytest.mark.parametrize(
    ("containers", "text"),
    [
        ({"Containers": [{"Image": IMAGE}, {"Image": IMAGE}]}, "several containers"),
        ({"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel"}}, "several models"),
    ],
)
def test_an_endpoint_has_one_model(containers: Any, text: str, sagemaker: SageMaker) -> None:
    name = unique("model")
    sagemaker.client.create_model(ModelName=name, ExecutionRoleArn=ROLE, **containers)
    configure(sagemaker, name, variant(name))
    with pytest.raises(ClientError, match=f"{text} is not in the embedded AWS"):
        sagemaker.client.create_endpoint(EndpointName=name, EndpointConfigName=name)


def test_tuning_is_refused_before_its_request_is_looked_at(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError, match="is not in the embedded AWS; start a training job for each set of"):
        sagemaker.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="a")
