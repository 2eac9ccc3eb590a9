"""Trains and serves by version 3 of the SageMaker SDK, which sends its own drivers and an entry point.

Arguments: a JSON object with `role`, `image`, `bucket`, `data` (a place in S3) and `script` (a directory with
train.py and requirements.txt); and the file for what came of it, since the SDK itself prints a lot.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sagemaker.core.helper.session_helper import Session
from sagemaker.core.inference_config import ServerlessInferenceConfig
from sagemaker.core.resources import EndpointConfig
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, MetricDefinition, SourceCode


def main(wanted: dict[str, str], reply: Path) -> None:
    """Trains twice: well, and with a hyperparameter that the script does not know; serves the first."""
    job = train(wanted, {"strength": 1.0})
    try:
        train(wanted, {"strength": 1.0, "unknown": 1})
    except FailedStatusError as error:
        reason = str(error)
    summary = {
        "status": job.training_job_status,
        "artifact": job.model_artifacts.s3_model_artifacts,
        "metrics": {metric.metric_name: metric.value for metric in job.final_metric_data_list},
        "reason": reason,
        "predicted": predict(wanted, job.model_artifacts.s3_model_artifacts),
    }
    reply.write_text(json.dumps(summary))


def train(wanted: dict[str, str], hyperparameters: dict[str, Any]) -> Any:
    """Runs the training job to its end."""
    trainer = ModelTrainer(
        training_image=wanted["image"],
        source_code=SourceCode(
            source_dir=wanted["script"], entry_script="train.py", requirements="requirements.txt"
        ),
        role=wanted["role"],
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters=hyperparameters,
        sagemaker_session=Session(default_bucket=wanted["bucket"]),
        base_job_name="judge",
    )
    trainer.with_metric_definitions([MetricDefinition(name="accuracy", regex="accuracy=([0-9.]+);")])
    trainer.train(input_data_config=[InputData(channel_name="train", data_source=wanted["data"])], logs=True)
    return trainer._latest_training_job


def predict(wanted: dict[str, str], artifact: str) -> Any:
    """Asks a serverless endpoint, and deletes it with its configuration and its model."""
    builder = ModelBuilder(
        s3_model_data_url=artifact,
        image_uri=wanted["image"],
        role_arn=wanted["role"],
        sagemaker_session=Session(default_bucket=wanted["bucket"]),
        source_code=SourceCode(source_dir=wanted["script"], entry_script="train.py"),
        instance_type="ml.m5.large",
        env_vars={"SAGEMAKER_PROGRAM": "train.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
    )
    model = builder.build()
    serverless = ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=5)
    endpoint = builder.deploy(endpoint_name=f"{model.model_name}-e", inference_config=serverless)
    answer = endpoint.invoke(body="9,9\n1,1\n", content_type="text/csv")
    endpoint.delete()
    EndpointConfig.get(endpoint.endpoint_config_name).delete()
    model.delete()
    return json.loads(answer.body.read())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
