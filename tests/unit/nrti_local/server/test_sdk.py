"""The descriptions of services as the embedded AWS's own processes hold them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.loaders import Loader
from botocore.model import ServiceModel

from nrti_local.server.shared import sdk

SERVICES = ("cloudwatch", "firehose", "glue", "kinesis", "lambda", "logs", "s3", "sagemaker")


def undocumented(value: Any) -> Any:
    if isinstance(value, dict):
        documented = isinstance(value.get("documentation"), str)
        added = {"documentation": ""} if documented else {}
        return {name: undocumented(value[name]) for name in value} | added
    return [undocumented(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("service", SERVICES)
def test_a_description_says_the_same_but_for_its_documentation(service: str) -> None:
    held = Loader(file_loader=sdk.Files()).load_service_model(service, "service-2")

    assert undocumented(held) == undocumented(Loader().load_service_model(service, "service-2"))


def test_structures_are_text_until_they_are_looked_at() -> None:
    shapes = Loader(file_loader=sdk.Files()).load_service_model("kinesis", "service-2")["shapes"]
    model = ServiceModel({"metadata": {}, "operations": {}, "shapes": shapes}, "kinesis")
    assert isinstance(dict(shapes)["Record"], bytes)

    assert "SequenceNumber" in model.shape_for("Record").members  # type: ignore[attr-defined]

    assert isinstance(dict(shapes)["Record"], dict)
    assert isinstance(dict(shapes)["Shard"], bytes)


def test_additions_of_the_sdk_are_merged_into_what_is_text() -> None:
    held = Loader(file_loader=sdk.Files()).load_service_model("rds", "service-2")

    assert "SourceRegion" in held["shapes"]["CopyDBSnapshotMessage"]["members"]


@pytest.mark.parametrize("region", ["eu-west-3", "us-east-1"])
def test_clients_go_where_the_environment_says(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    config = Config(s3={"addressing_style": "path"}, signature_version="s3v4")

    client = sdk.client("s3", "123456789012", region, config)

    signed = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "key"})
    assert signed.startswith("http://127.0.0.1:9/bucket/key?")
    assert f"{region}%2Fs3%2Faws4_request" in signed
    assert "X-Amz-Credential=123456789012%2F" in signed


def test_clients_share_the_descriptions() -> None:
    first, second = (sdk.client("kinesis", "key", "eu-west-3") for _ in range(2))

    shapes = [client.meta.service_model._service_description["shapes"] for client in (first, second)]

    assert shapes[0] is shapes[1]
