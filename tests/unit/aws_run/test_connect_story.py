"""What `nrti connect`, `nrti logs` and `nrti models delete` send to look, by docs/deployer-policy.json."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.connect.connection import Connection, connection
from nrti_cli.logs.reading import read_logs
from nrti_cli.logs.sources import sources
from nrti_cli.models.deletion import find_resources
from nrti_cli.stack.names import log_groups
from nrti_cli.stack.outputs import Outputs, output_key
from tests.unit.aws_run.conftest import ACCOUNT, REGION
from tests.unit.conftest import Stub

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_ARN = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/nrti-m"
_ENDPOINT = {"EndpointName": "nrti-m", "EndpointArn": _ARN, "EndpointStatus": "InService"}
_TIMES = {"CreationTime": _NOW, "LastModifiedTime": _NOW}
_TAGS = {"nrti:stack": "nrti", "nrti:model": "m", "nrti:length": "3"}


def _model(stub: Stub) -> None:
    """An endpoint that nrti published, described once."""
    sagemaker = stub("sagemaker")
    sagemaker.add_response("describe_endpoint", {**_ENDPOINT, **_TIMES, "EndpointConfigName": "c"})
    config = {"EndpointConfigName": "c", "EndpointConfigArn": _ARN, "CreationTime": _NOW}
    variants = [{"VariantName": "AllTraffic", "ModelName": "c"}]
    sagemaker.add_response("describe_endpoint_config", {**config, "ProductionVariants": variants})
    tags = [{"Key": key, "Value": value} for key, value in _TAGS.items()]
    sagemaker.add_response("list_tags", {"Tags": tags})


def test_a_program_learns_how_to_reach_the_api(target: Target, stub: Stub) -> None:
    found = [
        {"OutputKey": output_key(field.name), "OutputValue": f"the-{field.name}"} for field in fields(Outputs)
    ]
    stack = {"StackName": "nrti", "StackStatus": "CREATE_COMPLETE", "CreationTime": _NOW, "Outputs": found}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": [{**_ENDPOINT, **_TIMES}]})
    _model(stub)
    stage = {"restApiId": "the-api_id", "stageName": "the-api_stage"}
    stub("apigateway").add_response("get_stage", {"stageName": "the-api_stage"}, stage)
    stub("apigateway").add_response(
        "get_api_key", {"value": "k"}, {"apiKey": "the-api_key_id", "includeValue": True}
    )

    address = f"https://the-api_id.execute-api.{REGION}.amazonaws.com/the-api_stage"
    assert connection(target, None, with_key=True) == Connection(
        f"{address}/events", f"{address}/predictions", f"{address}/labels", "k", "m", 3
    )


def test_every_log_is_looked_at(target: Target, stub: Stub) -> None:
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": [{**_ENDPOINT, **_TIMES}]})
    for _ in [*log_groups("nrti"), "the endpoint's"]:
        stub("logs").add_response("filter_log_events", {"events": []})
    stub("logs").add_response("describe_log_streams", {"logStreams": []})

    assert list(read_logs(sources(target, None, None), _NOW)) == []


def test_a_model_is_looked_at_before_it_is_deleted(target: Target, stub: Stub) -> None:
    _model(stub)
    stub("sagemaker").add_response("list_endpoint_configs", {"EndpointConfigs": []})
    stub("sagemaker").add_response("list_models", {"Models": []})
    stub("cloudwatch").add_response("get_metric_data", {"MetricDataResults": []})
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    stub("s3").add_response("list_objects_v2", {}, {"Bucket": ANY, "Prefix": "shadows/"})

    assert find_resources(target, "m").ours
