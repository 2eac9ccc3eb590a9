"""The directory tree of a training job, which stands for `/opt/ml`."""

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
#: SageMaker's name for a job's only group of machines.
_GROUP = "homogeneousCluster"


@dataclass(frozen=True)
class Workspace:
    """The places that the script-mode contract names, and the S3 that fills and gets them."""

    root: Path
    clients: Clients

    @property
    def code(self) -> Path:
        """Where the script is, and its working directory."""
        return self.root / "code"

    @property
    def config(self) -> Path:
        """The job's description, as JSON files."""
        return self.root / "input" / "config"

    @property
    def data(self) -> Path:
        """The channels, a directory each."""
        return self.root / "input" / "data"

    @property
    def model(self) -> Path:
        """What becomes `model.tar.gz`."""
        return self.root / "model"

    @property
    def output(self) -> Path:
        """`data/`, which becomes `output.tar.gz`, and the file `failure`."""
        return self.root / "output"

    @property
    def packages(self) -> Path:
        """What the script's `requirements.txt` brought."""
        return self.root / "packages"

    def fill(self, job: Document) -> None:
        """Makes the tree and downloads the code and the channels.

        Raises:
            TransferError: something cannot be had.
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
            (self.config / f"{name}.json").write_text(json.dumps(content))

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
            Where it is.

        Raises:
            TransferError: S3 refuses.
        """
        url = f"{_output(job)}/model.tar.gz"
        artifacts.upload_tarball(self.clients, self.model, url)
        return url

    def upload_output(self, job: Document) -> None:
        """Uploads `output/data/` if there is anything in it.

        Raises:
            TransferError: S3 refuses.
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
