"""What the tests of the local SageMaker share: tarballs in S3, jobs, endpoints, and waiting for a status."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nrti_local.process import REGION
from tests.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

    from nrti_cli.aws.target import Target

ROLE = "arn:aws:iam::000000000000:role/sagemaker"
IMAGE = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 5}


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{uuid4().hex[:8]}"


def tarball(files: Mapping[str, str | bytes]) -> bytes:
    """A `.tar.gz` of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            packed = content.encode() if isinstance(content, str) else content
            member.size = len(packed)
            archive.addfile(member, io.BytesIO(packed))
    return stream.getvalue()


def contents(archive: bytes) -> dict[str, str]:
    """The text files of a `.tar.gz`."""
    found: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
        for member in members:
            if stream := members.extractfile(member):
                found[member.name] = stream.read().decode()
    return found


@dataclass(frozen=True)
class SageMaker:
    """The clients of an embedded AWS, a bucket in it, and shorthands for what every test does."""

    client: SageMakerClient
    runtime: SageMakerRuntimeClient
    s3: S3Client
    logs: Any
    bucket: str

    @classmethod
    def of(cls, target: Target) -> SageMaker:
        s3: S3Client = target.client("s3")
        bucket = unique("sagemaker")
        where: Any = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        runtime = target.client("sagemaker-runtime")
        return cls(target.client("sagemaker"), runtime, s3, target.client("logs"), bucket)

    def put(self, key: str, body: bytes) -> str:
        """Uploads an object and returns its address."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def get(self, url: str) -> bytes:
        """The object at an address."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def job(self, script: str, hyperparameters: dict[str, str] | None = None, **request: Any) -> str:
        """Starts a training job of a script and returns its name."""
        name = unique("job")
        code = self.put(f"{name}/sourcedir.tar.gz", tarball({"train.py": script}))
        wanted: dict[str, Any] = {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10},
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/models"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "HyperParameters": {
                "sagemaker_program": "train.py",
                "sagemaker_submit_directory": code,
                **(hyperparameters or {}),
            },
        }
        self.client.create_training_job(**{**wanted, **request})
        return name

    def ended(self, job: str) -> Any:
        """The description of a training job once it has ended."""
        return eventually(
            lambda: self.client.describe_training_job(TrainingJobName=job),
            lambda described: described["TrainingJobStatus"] not in {"InProgress", "Stopping"},
        )

    def config(self, script: str, serverless: dict[str, int] | None = None, **files: str) -> str:
        """Makes an artifact, a model and an endpoint configuration of a script; returns the latter's name."""
        url = self.put(f"{unique('model')}/model.tar.gz", tarball({"code/inference.py": script, **files}))
        return self.config_of(url, serverless)

    def config_of(self, url: str, serverless: dict[str, int] | None = None) -> str:
        """Makes a model and an endpoint configuration of an artifact; returns the latter's name."""
        name = unique("model")
        self.client.create_model(
            ModelName=name,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={
                "Image": IMAGE,
                "ModelDataUrl": url,
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py",
                    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                },
            },
        )
        variant: Any = {
            "VariantName": "AllTraffic",
            "ModelName": name,
            "ServerlessConfig": serverless or SERVERLESS,
        }
        self.client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def endpoint(self, script: str, **config: Any) -> str:
        """Publishes a script at a new endpoint and waits until it is in service."""
        return self._published(self.config(script, **config))

    def serve(self, url: str) -> str:
        """Publishes an artifact at a new endpoint and waits until it is in service."""
        return self._published(self.config_of(url))

    def _published(self, config: str) -> str:
        name = unique("endpoint")
        self.client.create_endpoint(EndpointName=name, EndpointConfigName=config)
        assert self.settled(name)["EndpointStatus"] == "InService"
        return name

    def settled(self, endpoint: str) -> Any:
        """The description of an endpoint that is on its way no more."""
        return eventually(
            lambda: self.client.describe_endpoint(EndpointName=endpoint),
            lambda described: described["EndpointStatus"] in {"InService", "Failed"},
        )

    def invoke(self, endpoint: str, body: bytes = b"{}", **request: Any) -> str:
        """What a model answers."""
        request = {"ContentType": "application/json", **request}
        answer = self.runtime.invoke_endpoint(EndpointName=endpoint, Body=body, **request)
        return answer["Body"].read().decode()

    def lines(self, group: str, prefix: str = "") -> list[str]:
        """The log lines of a group's streams, empty while there is no such group."""
        try:
            found = self.logs.describe_log_streams(logGroupName=group)
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [
            event["message"]
            for stream in found["logStreams"]
            if stream["logStreamName"].startswith(prefix)
            for event in self.logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]


class Transform:
    """A transform job of some objects, and what came of it."""

    def __init__(self, sagemaker: SageMaker, model: str, objects: dict[str, bytes], **request: Any) -> None:
        self.sagemaker, self.name = sagemaker, unique("transform")
        for key, body in objects.items():
            sagemaker.put(f"{self.name}/in/{key}", body)
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{sagemaker.bucket}/{self.name}/in/"}
        taken = {"ContentType": "text/csv", "SplitType": "Line", **request.pop("TransformInput", {})}
        given = {"Accept": "text/csv", "AssembleWith": "Line", **request.pop("TransformOutput", {})}
        wanted: dict[str, Any] = {
            "TransformJobName": self.name,
            "ModelName": model,
            "TransformInput": {"DataSource": {"S3DataSource": source}, **taken},
            "TransformOutput": {"S3OutputPath": f"s3://{sagemaker.bucket}/{self.name}/out", **given},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }
        sagemaker.client.create_transform_job(**wanted, **request)

    def described(self) -> Any:
        return self.sagemaker.client.describe_transform_job(TransformJobName=self.name)

    def ended(self) -> Any:
        return eventually(
            self.described, lambda job: job["TransformJobStatus"] not in {"InProgress", "Stopping"}
        )

    def results(self) -> dict[str, bytes]:
        found = self.sagemaker.s3.list_objects_v2(Bucket=self.sagemaker.bucket, Prefix=f"{self.name}/out/")
        return {
            item["Key"].partition("/out/")[2]: self.sagemaker.get(
                f"s3://{self.sagemaker.bucket}/{item['Key']}"
            )
            for item in found.get("Contents", [])
        }

    def lines(self) -> list[str]:
        return self.sagemaker.lines("/aws/sagemaker/TransformJobs", f"{self.name}/")
