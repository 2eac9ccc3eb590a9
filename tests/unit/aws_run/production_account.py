"""An account with a model in production: it records what each step of a story has to ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.model import OperationModel
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.commands.options.publishing import PublishingOptions
from nrti_cli.commands.train_gate import AfterTraining, why_not
from nrti_cli.models.publication import source
from nrti_cli.models.publication.publishing import publish
from nrti_cli.models.publication.settings import PublishSettings
from nrti_cli.models.training import evaluation, following
from nrti_cli.models.training import job as training
from nrti_cli.models.training.dataset import Dataset
from nrti_cli.quality.figures import Quality
from nrti_cli.quality.judging import judge
from nrti_cli.quality.statement import By, Selection, statement
from tests.unit.aws_run.conftest import ARTIFACTS
from tests.unit.aws_run.quality_recordings import as_csv, has, keeps_versions, publishes, queries
from tests.unit.aws_run.test_drift_story import REFERENCE
from tests.unit.conftest import SilentProgress, Stub
from tests.unit.labels.test_recording import Body
from tests.unit.models import test_artifact, test_training
from tests.unit.models.conftest import ARN, NEW, ROLE, STACK, Story
from tests.unit.quality.outcomes import run

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
INPUTS = {"features": ["a", "b", "c"]}
_SERVICES = (
    "athena", "cloudformation", "cloudwatch", "lambda", "logs", "s3", "sagemaker", "scheduler", "ssm", "sts",
)  # fmt: skip


class Account:
    """The AWS account of the story, which says what it will be asked next.

    Attributes:
        endpoint: the recording of SageMaker's endpoint.
        versions: the tags of each version's configuration by its name, oldest first.
        artifacts: the URI of each version's artifact.
        requests: what SageMaker was asked to do, by operation.
        signature: what the publication of the newest version stored about its inputs.
        reference: likewise, the distributions of its training data.
    """

    def __init__(self, target: Target, stub: Stub) -> None:
        self.target, self.stub, self.endpoint = target, stub, Story(target, stub)
        self.versions: dict[str, dict[str, str]] = {}
        self.artifacts: list[str] = []
        self._progress, self._slept = SilentProgress(), list[float]()
        self.requests: dict[str, list[dict[str, Any]]] = {
            operation: [] for operation in ("CreateTrainingJob", "CreateEndpointConfig", "UpdateEndpoint")
        }
        events = target.client("sagemaker").meta.events
        for operation in self.requests:
            events.register(f"provide-client-params.sagemaker.{operation}", self._keep)

    def _keep(self, params: dict[str, Any], model: OperationModel, **_: object) -> None:
        self.requests[model.name].append(params)

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step of the story: all that was recorded for it has to be asked for before the next."""
        yield
        for service in _SERVICES:
            self.stub(service).assert_no_pending_responses()

    def takes(self, key: Any = ANY, **condition: str) -> Body:
        """An object that is put into the artifacts bucket."""
        body = Body()
        # The body comes last: it keeps what it is compared with.
        expected = {"Bucket": ARTIFACTS, "Key": key, **condition, "Body": body}
        self.stub("s3").add_response("put_object", {}, expected)
        return body

    def starts_job(self, *, scripts_are_known: bool) -> Body:
        """Data, sample and scripts are uploaded, and a job begins; returns the data."""
        data, self._sample = self.takes(), self.takes()
        if scripts_are_known:
            self.stub("s3").add_response("head_object", {}, {"Bucket": ARTIFACTS, "Key": ANY})
        else:
            self.stub("s3").add_client_error("head_object", "404")
            self.takes()
        self.stub("sagemaker").add_response("create_training_job", {"TrainingJobArn": ARN})
        return data

    def start(self, dataset: Dataset, incumbent: str = "", split: str = "") -> str:
        """Starts a job, as `nrti train` does."""
        settings = training.TrainingSettings(incumbent=incumbent, split=split)
        return training.start(self.target, ROLE, "m", dataset, settings=settings, instance="ml.m5.large")

    def finish(self, job: str, evaluated: dict[str, Any], *, if_better: bool) -> None:
        """Follows a job to its end, and publishes its model as a version."""
        test_training.describes(self.stub("sagemaker"), "Completed", "Completed", job=job, bucket=ARTIFACTS)
        test_training.no_log_group(self.stub("logs"))
        self._leaves(job, "output.tar.gz", {"evaluation.json": json.dumps(evaluated).encode()})
        self._leaves(job, "model.tar.gz", _artifact(evaluated["recall"]))
        sample = f"samples/{job}.json"
        self.stub("s3").add_response("head_object", {}, {"Bucket": ARTIFACTS, "Key": sample})
        has(self.stub, self._sample.content, ARTIFACTS, sample)
        signatures = [{"Key": f"signatures/nrti-m/{name[-17:]}.json"} for name in self.versions]
        found = {"Contents": signatures} if signatures else {}
        self.stub("s3").add_response(
            "list_objects_v2", found, {"Bucket": ARTIFACTS, "Prefix": "signatures/nrti-m/"}
        )
        for name, artifact in zip(self.versions, self.artifacts, strict=True):
            self.endpoint.model(artifact, name)
        self.signature, self.reference = self.takes(), self.takes()
        (self._rolls_over if self.versions else self._creates)()

        done = following.follow(self.target, job, self._progress, self._slept.append)
        judged = evaluation.read_evaluation(self.target, done)
        wanted = AfterTraining(PublishingOptions(), True, False, if_better)
        assert why_not(self.target, "m", judged, wanted, "") is None
        new = source.declared(self.target, "m", source.of_job(self.target, done), {}, None)
        assert publish(self.target, STACK, "m", new, PublishSettings(), self._progress, self._slept.append)
        tags = {each["Key"]: each["Value"] for each in self.requests["CreateEndpointConfig"][-1]["Tags"]}
        self.versions[self.endpoint.made[-1]] = tags
        self.artifacts.append(done.artifact)

    def _leaves(self, job: str, file: str, members: dict[str, bytes]) -> None:
        has(self.stub, test_artifact.archive(members), ARTIFACTS, f"models/{job}/output/{file}")

    def _creates(self) -> None:
        self.endpoint.absent()
        self.endpoint.configures()
        self.endpoint.absent()
        self.endpoint.creates()
        self.endpoint.endpoint("Creating", NEW)
        self.endpoint.endpoint("InService", NEW)
        self.endpoint.answers()
        self.endpoint.prunes()

    def _rolls_over(self) -> None:
        former = list(self.versions)[-1]
        self.endpoint.endpoint("InService", former)
        self.endpoint.serves(self.artifacts[-1], former)
        self.endpoint.configures()
        self.endpoint.tries()
        self.endpoint.endpoint("InService", former)
        self.endpoint.updates()
        self.endpoint.endpoint("Updating", NEW)
        self.endpoint.endpoint("InService", NEW)
        self.endpoint.prunes(former)

    def judge(
        self, rows: Any, scratch: Path, model: str | None = None, by: By | None = None
    ) -> list[Quality]:
        """The quality of rows of the lake, as `nrti quality` finds it."""
        name, tags = list(self.versions.items())[-1]
        selection = Selection(SINCE, model, by=by)
        publishes(self.stub, INPUTS, name, tags)
        sql = statement(selection, {})
        queries(self.stub, sql)
        has(self.stub, as_csv(run(sql, rows, scratch)))
        keeps_versions(self.stub, self.versions)
        return judge(self.target, selection)[1]


def _artifact(recall: float) -> dict[str, bytes]:
    about = test_artifact.METADATA | {
        "metrics": {"recall": recall},
        "intervals": {"recall": [recall - 0.05, recall + 0.03]},
        "signature": {"inputs": INPUTS},
        "reference": "reference.json",
    }
    return test_artifact.members(
        **{
            "metadata.json": json.dumps(about).encode(),
            "code/inference.py": b"def input_fn(body, content_type): ...",
            "reference.json": json.dumps(REFERENCE).encode(),
        }
    )
