"""Fit, metrics, attach, deploy, predict, transform and delete, by version 2 of the SageMaker SDK.

Arguments: a JSON object with `role`, `image`, `bucket`, `data` (a place in S3) and `script` (a directory with
train.py); and the file for what came of each step, since the SDK itself prints a lot.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from sagemaker import Session
from sagemaker.deserializers import JSONDeserializer
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.serverless import ServerlessInferenceConfig
from sagemaker.sklearn import SKLearn


def main(wanted: dict[str, str], reply: Path) -> None:
    """Does all of it."""
    session = Session(default_bucket=wanted["bucket"])
    fitted = fit(session, wanted)
    name = fitted.latest_training_job.name
    attached = SKLearn.attach(name, sagemaker_session=session)
    summary = {
        "metrics": fitted.training_job_analytics.dataframe()["value"].tolist(),
        "attached": attached.model_data == fitted.model_data,
        "predicted": predict(attached),
        "scored": score(session, attached, wanted["bucket"]),
        "listed": name in [each["TrainingJobName"] for each in listed(session)],
    }
    reply.write_text(json.dumps(summary))


def fit(session: Any, wanted: dict[str, str]) -> Any:
    """Trains, and follows the log."""
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=wanted["script"],
        role=wanted["role"],
        image_uri=wanted["image"],
        instance_type="ml.m5.large",
        hyperparameters={"strength": 1.0},
        metric_definitions=[{"Name": "accuracy", "Regex": "accuracy=([0-9.]+);"}],
        tags=[{"Key": "project", "Value": "judge"}],
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(wanted["data"], content_type="text/csv")}, logs="All")
    return estimator


def predict(estimator: Any) -> Any:
    """Asks a serverless endpoint, and deletes it with its configuration and its model."""
    serverless = ServerlessInferenceConfig(memory_size_in_mb=2048, max_concurrency=5)
    predictor = estimator.deploy(
        serverless_inference_config=serverless,
        serializer=CSVSerializer(),
        deserializer=JSONDeserializer(),
    )
    try:
        return predictor.predict("9,9\n1,1\n")
    finally:
        predictor.delete_model()
        predictor.delete_endpoint(delete_endpoint_config=True)


def score(session: Any, estimator: Any, bucket: str) -> str:
    """Scores a file, each line beside its answer."""
    session.upload_string_as_file_body("7,1,2\n8,9,9\n", bucket, "unseen/rows.csv")
    transformer = estimator.transformer(
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=f"s3://{bucket}/scored",
    )
    transformer.transform(
        f"s3://{bucket}/unseen/",
        content_type="text/csv",
        split_type="Line",
        input_filter="$[1:]",
        join_source="Input",
        output_filter="$[0,-1]",
        logs=True,
        wait=True,
    )
    transformer.delete_model()
    return str(session.read_s3_file(bucket, "scored/rows.csv.out"))


def listed(session: Any) -> Any:
    """The summaries of the completed training jobs."""
    return session.sagemaker_client.list_training_jobs(StatusEquals="Completed", MaxResults=100)[
        "TrainingJobSummaries"
    ]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
