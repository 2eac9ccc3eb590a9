"""botocore's list of endpoints, read in parts."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest
from botocore.regions import EndpointResolver

from nrti_cli.aws.endpoints import Services, read_endpoints

TEXT = (Path(botocore.__file__).parent / "data" / "endpoints.json").read_text(encoding="utf-8")


def test_what_is_read_in_parts_is_what_the_file_says() -> None:
    assert {**read_endpoints(TEXT), "partitions": []} == {**json.loads(TEXT), "partitions": []}
    for read, said in zip(read_endpoints(TEXT)["partitions"], json.loads(TEXT)["partitions"], strict=True):
        assert isinstance(read["services"], Services)
        assert {**read, "services": dict(read["services"])} == said


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1", "us-gov-west-1", "aws-global", "mars-1"])
@pytest.mark.parametrize("service", ["athena", "s3", "iam", "sagemaker", "nothing"])
def test_endpoints_are_where_botocore_finds_them(service: str, region: str) -> None:
    ours, plain = EndpointResolver(read_endpoints(TEXT)), EndpointResolver(json.loads(TEXT))

    assert ours.construct_endpoint(service, region) == plain.construct_endpoint(service, region)
    assert ours.get_available_endpoints(service) == plain.get_available_endpoints(service)


def test_a_file_set_otherwise_is_read_whole() -> None:
    assert read_endpoints(json.dumps(json.loads(TEXT))) == json.loads(TEXT)
