"""The directory tree of a training job, in place of `/opt/ml`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nrti_local.sagemaker import artifacts
from nrti_local.sagemaker.artifacts import TransferError
from nrti_local.sagemaker.clients import Clients
from nrti_local.sagemaker.store import Document
from nrti_local.sagemaker.training.hyperparameters import Hyperparameters

HOST = "algo-1"
#: SageMaker's name for a single instance group.
_GROUP = "homogeneousCluster"


@dataclass(frozen=True)
class Workspace:
    """The directories of script mode, and their transfer from and to S3."""

    root: Path
    clients: Clients

    @property
    def code(self) -> Path:
        """The directory of the script, which is its working directory."""
        return self.root / "code"

    @property
    def config(self) -> Path:
        """The job's description, as JSON files."""
        return self.root / "input" / "config"

    @property
    def data(self) -> Path:
        """A directory for each channel."""
        return self.root / "input" / "data"

    @property
    def model(self) -> Path:
        """The contents of `model.tar.gz`."""
        return self.root / "model"

    @property
    def output(self) -> Path:
        """`data/`, the contents of `output.tar.gz`, and the file `failure`."""
        return self.root / "output"

    @property
    def packages(self) -> Path:
        """The packages of the script's `requirements.txt`."""
        return self.root / "packages"

    def fill(self, job: Document) -> None:
        """Creates the tree and downloads the code and the channels.

        Raises:
            TransferError: a download fails.
        """
        for directory in (self.code, self.config, self.data, self.model, self.output / "data"):
            directory.mkdir(parents=True)
        self._describe(job)
        for channel in job.get("InputDataConfig", []):
            self._download(channel, job["RoleArn"])
        source = Hyperparameters.of(job).submit_directory
        if source:
            artifacts.fetch_tarball(self.clients, source, self.code)

    def _describe(self, job: Document) -> None:
        config = {
            "hyperparameters": job.get("HyperParameters", {}),
            "inputdataconfig": {
                channel["ChannelName"]: _channel(channel) for channel in job.get("InputDataConfig", [])
            },
            "resourceconfig": _resources(job.get("ResourceConfig", {}).get("InstanceType", "local")),
        }
        for name, content in config.items():
            (self.config / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def _download(self, channel: dict[str, Any], role: str) -> None:
        source = channel["DataSource"].get("S3DataSource", {})
        if source.get("S3DataType") != "S3Prefix" or channel.get("CompressionType", "None") != "None":
            raise TransferError(
                f"channel {channel['ChannelName']}: the local SageMaker reads uncompressed S3Prefix data only"
            )
        directory = self.data / channel["ChannelName"]
        directory.mkdir()
        if not artifacts.fetch_prefix(self.clients, source["S3Uri"], directory):
            raise TransferError(_nothing_found(source["S3Uri"], role))

    def upload_model(self, job: Document) -> str:
        """Uploads `model/`.

        Returns:
            The location of the model.

        Raises:
            TransferError: S3 rejects the request.
        """
        url = f"{_output(job)}/model.tar.gz"
        artifacts.upload_tarball(self.clients, self.model, url)
        return url

    def upload_output(self, job: Document) -> None:
        """Uploads `output/data/` unless it is empty.

        Raises:
            TransferError: S3 rejects the request.
        """
        if any((self.output / "data").iterdir()):
            artifacts.upload_tarball(self.clients, self.output / "data", f"{_output(job)}/output.tar.gz")


def _output(job: Document) -> str:
    return f"{job['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job['TrainingJobName']}/output"


def _resources(instance_type: str) -> dict[str, Any]:
    group = {"instance_group_name": _GROUP, "instance_type": instance_type, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": instance_type,
        "current_group_name": _GROUP,
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }


def _channel(channel: dict[str, Any]) -> dict[str, str]:
    return {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": channel["DataSource"]
        .get("S3DataSource", {})
        .get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }


def _nothing_found(url: str, role: str) -> str:
    bucket, _ = artifacts.split(url)
    return (
        f'No S3 objects found under S3 URL "{url}" given in input data source. Please ensure that the bucket '
        f"exists in the selected region, that objects exist under that S3 prefix, and that the role "
        f'"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
