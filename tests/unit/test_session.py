from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import UnknownServiceError

from nrti_cli.aws.session import new_session

KEY = {"access_key": "test", "secret_key": "test"}


@pytest.mark.parametrize("service", ["cloudformation", "s3", "sagemaker-runtime", "dynamodbstreams"])
def test_a_client_is_the_one_that_boto3_makes(service: str) -> None:
    ours = new_session(region="eu-west-1", **KEY).create_client(service)
    plain = boto3.Session("test", "test", region_name="eu-west-1").client(service)  # type: ignore[call-overload]

    assert ours.meta.endpoint_url == plain.meta.endpoint_url
    assert ours.meta.service_model.api_version == plain.meta.service_model.api_version
    assert ours.meta.method_to_api_mapping == plain.meta.method_to_api_mapping
    assert ours.waiter_names == plain.waiter_names
    for name in plain.meta.service_model.operation_names:
        assert _shapes(ours, name) == _shapes(plain, name)


@pytest.mark.parametrize(("service", "version"), [("sqs", "2012-11-05"), ("s3", "2006-03-01")])
def test_sessions_share_the_descriptions_that_they_have_read(service: str, version: str) -> None:
    first, second = (
        new_session(region="eu-west-1", **KEY)
        .get_component("data_loader")
        .load_service_model(service, "service-2", *named)
        for named in ((), (version,))
    )

    assert first is second
    assert len(second["shapes"]) > 100


def test_what_the_sdk_adds_to_a_description_is_in_it() -> None:
    model = new_session(region="eu-west-1", **KEY).create_client("s3").meta.service_model

    head = model.operation_model("HeadObject").output_shape
    assert head is not None
    assert head.members["Expires"].type_name == "timestamp"
    assert head.members["LastModified"].type_name == "timestamp"
    assert head.members["ContentType"].type_name == "string"


def _shapes(client: Any, operation: str) -> list[Any]:
    """What an operation takes and answers, as far as requests and answers depend on it."""
    model = client.meta.service_model.operation_model(operation)
    return [
        (
            shape.name,
            shape.type_name,
            shape.serialization,
            shape.metadata,
            list(getattr(shape, "members", ())),
        )
        for shape in (model.input_shape, model.output_shape, *model.error_shapes)
        if shape
    ]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set")
def test_times_are_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        client = new_session(region="eu-west-1", **KEY).create_client("cloudwatch")
        factory = client._endpoint._response_parser_factory  # type: ignore[attr-defined]
        shape = client.meta.service_model.operation_model("GetMetricData").output_shape
        parser = factory.create_parser("json")
        answer = {
            "status_code": 200,
            "headers": {},
            "body": b'{"MetricDataResults": [{"Timestamps": [1795559400]}]}',
        }
        [[moment]] = [each["Timestamps"] for each in parser.parse(answer, shape)["MetricDataResults"]]
    finally:
        monkeypatch.undo()
        time.tzset()

    assert moment.isoformat() == "2026-11-24T22:30:00+00:00"


def test_an_unknown_service_is_refused_with_the_list_of_those_there_are() -> None:
    with pytest.raises(UnknownServiceError, match=r"'sagemakre'.* sagemaker, "):
        new_session(region="eu-west-1", **KEY).create_client("sagemakre")


def test_models_of_the_users_own_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = tmp_path / "sqs" / "2099-01-01"
    newer.mkdir(parents=True)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    plain = new_session(region="eu-west-1").create_client("sqs").meta.service_model
    (newer / "service-2.json").write_text(
        '{"metadata": {"apiVersion": "2099-01-01", "endpointPrefix": "sqs", "protocol": "json", '
        '"jsonVersion": "1.0", "serviceId": "SQS", "signatureVersion": "v4", "targetPrefix": "AmazonSQS"}, '
        '"operations": {}, "shapes": {}}'
    )
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    found = new_session(region="eu-west-1").create_client("sqs").meta.service_model

    assert (plain.api_version, found.api_version) == ("2012-11-05", "2099-01-01")


def test_a_session_with_keys_depends_on_nothing_of_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\nregion = nowhere\nretry_mode = wrong\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_PROFILE": "unknown",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "wrong",
    }.items():
        monkeypatch.setenv(name, value)
    session = new_session(region="eu-west-1", **KEY)

    session.create_client("s3")
    assert session.create_client("sqs").meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"
    assert new_session(**KEY).get_config_variable("region") is None
