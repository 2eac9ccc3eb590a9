"""A pytest plugin for moto's own tests: an AWS that forgets everything after each of them.

It runs in the clients' virtual environment, beside moto. moto's server has an address for that, AWS has not:
here everything is deleted over the API. moto's account is the one whose id the tests' access key is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.core.config import default_user_config

_MOTO_ACCOUNT = "123456789012"
_SECONDS = 30.0

os.environ.update(AWS_ACCESS_KEY_ID=_MOTO_ACCOUNT, AWS_SECRET_ACCESS_KEY="any", MOTO_CALL_RESET_API="false")
default_user_config["core"]["mock_credentials"] = False


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    client: Any = boto3.client(
        "sagemaker", region_name="us-east-1", endpoint_url=os.environ["TEST_SERVER_MODE_ENDPOINT"]
    )
    _until_none(lambda: _jobs_left(client))
    _until_none(lambda: _endpoints_left(client))
    for config in client.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]:
        client.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    for model in client.list_models(MaxResults=100)["Models"]:
        client.delete_model(ModelName=model["ModelName"])


def _jobs_left(client: Any) -> bool:
    """Deletes the jobs that have ended; whether there were any jobs."""
    jobs = client.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    for job in jobs:
        if job["TrainingJobStatus"] not in {"InProgress", "Stopping"}:
            client.delete_training_job(TrainingJobName=job["TrainingJobName"])
    return bool(jobs)


def _endpoints_left(client: Any) -> bool:
    """Deletes the endpoints that are on their way no more; whether there were any."""
    endpoints = client.list_endpoints(MaxResults=100)["Endpoints"]
    for endpoint in endpoints:
        if endpoint["EndpointStatus"] in {"InService", "Failed"}:
            client.delete_endpoint(EndpointName=endpoint["EndpointName"])
    return bool(endpoints)


def _until_none(left: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while left():
        assert time.monotonic() < deadline, "something is left"
        time.sleep(0.02)
