"""`nrti models delete`: what goes, what stays, and what asks first."""

from __future__ import annotations

import json

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.target import Target
from nrti_cli.models.publication.pruning import publications
from tests.local.conftest import Nrti
from tests.local.publications import artifact_uri


def test_a_deleted_model_is_gone_and_its_artifact_stays(nrti: Nrti, pipeline: Target, model: str) -> None:
    listed = json.loads(nrti("models", "--format", "json").stdout)
    job = next(each["source"] for each in listed if each["name"] == model)
    artifact = artifact_uri(pipeline, job)
    assert nrti("deploy-model", "--name", "for-a-while", "--artifact", artifact).returncode == 0

    unconfirmed = nrti("models", "delete", "for-a-while")
    assert (unconfirmed.returncode, "pass --yes" in unconfirmed.stderr) == (1, True)
    assert SageMaker(pipeline).endpoint("nrti-for-a-while")

    done = nrti("models", "delete", "for-a-while", "--yes", "--format", "json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["endpoint"] == "nrti-for-a-while"
    assert SageMaker(pipeline).endpoint("nrti-for-a-while") is None
    assert publications(SageMaker(pipeline), "nrti", "for-a-while") == []
    again = nrti("models", "delete", "for-a-while", "--yes")
    assert again.returncode == 1
    assert "model 'for-a-while' does not exist" in again.stderr
    assert S3(pipeline).get(artifact)


def test_an_endpoint_that_nrti_did_not_publish_stays_unless_it_is_forced(
    nrti: Nrti, pipeline: Target, model: str
) -> None:
    client = pipeline.client("sagemaker")
    served = client.describe_endpoint(EndpointName=f"nrti-{model}")["EndpointConfigName"]
    variants = client.describe_endpoint_config(EndpointConfigName=served)["ProductionVariants"]
    client.create_endpoint_config(EndpointConfigName="by-hand", ProductionVariants=variants)
    client.create_endpoint(EndpointName="nrti-by-hand", EndpointConfigName="by-hand")
    client.get_waiter("endpoint_in_service").wait(
        EndpointName="nrti-by-hand", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )

    refused = nrti("models", "delete", "by-hand", "--yes")
    forced = nrti("models", "delete", "by-hand", "--yes", "--force")

    assert refused.returncode == 1
    assert "nrti did not publish endpoint nrti-by-hand: pass --force" in refused.stderr
    assert forced.returncode == 0, forced.stderr
    assert SageMaker(pipeline).endpoint("nrti-by-hand") is None
    assert client.describe_endpoint_config(EndpointConfigName="by-hand")
    client.delete_endpoint_config(EndpointConfigName="by-hand")
