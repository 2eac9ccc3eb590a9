"""Trains, publishes, asks and deletes a model by sagemaker-core, the core of AWS's SageMaker SDK.

Arguments: a JSON object with `name`, `role`, `image`, `code` (a tarball in S3), `data` and `output` (places
in S3) and `body` (a request); and the file for what job and endpoint said, since the SDK itself prints a lot.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    ContainerDefinition,
    DataSource,
    OutputDataConfig,
    ProductionVariant,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
)

_POLL_SECONDS = 1


def main(wanted: dict[str, str], reply: Path) -> None:
    """Does the whole job."""
    job = train(wanted)
    endpoint = publish(wanted, job.model_artifacts.s3_model_artifacts)
    answer = endpoint.invoke(body=wanted["body"], content_type="application/json")
    summary = {
        "job": job.training_job_status,
        "endpoint": endpoint.endpoint_status,
        "content_type": answer.content_type,
        "answer": json.loads(answer.body.read()),
        "listed": wanted["name"] in [job.training_job_name for job in TrainingJob.get_all()],
    }
    endpoint.delete()
    endpoint.wait_for_delete(poll=_POLL_SECONDS)
    EndpointConfig.get(wanted["name"]).delete()
    Model.get(wanted["name"]).delete()
    reply.write_text(json.dumps(summary))


def train(wanted: dict[str, str]) -> Any:
    """Runs the training job to its end."""
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=wanted["data"])
    job = TrainingJob.create(
        training_job_name=wanted["name"],
        role_arn=wanted["role"],
        algorithm_specification=AlgorithmSpecification(
            training_image=wanted["image"], training_input_mode="File"
        ),
        hyper_parameters={
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": wanted["code"],
            "seed": "0",
        },
        input_data_config=[Channel(channel_name="train", data_source=DataSource(s3_data_source=source))],
        output_data_config=OutputDataConfig(s3_output_path=wanted["output"]),
        resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
    )
    job.wait(poll=_POLL_SECONDS, logs=False)
    return job


def publish(wanted: dict[str, str], artifact: str) -> Any:
    """Brings the artifact into service, on an instance: serverless is broken in sagemaker-core (#225)."""
    name = wanted["name"]
    environment = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    }
    container = ContainerDefinition(image=wanted["image"], model_data_url=artifact, environment=environment)
    Model.create(model_name=name, primary_container=container, execution_role_arn=wanted["role"])
    variant = ProductionVariant(
        variant_name="AllTraffic", model_name=name, instance_type="ml.m5.large", initial_instance_count=1
    )
    EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
    endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
    endpoint.wait_for_status("InService", poll=_POLL_SECONDS)
    return endpoint


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
