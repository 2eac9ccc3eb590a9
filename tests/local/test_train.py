"""Training and publishing on the embedded AWS: rolled over without a gap, and back, refused in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nrti_cli.aws.s3.objects import S3
from nrti_cli.aws.sagemaker.endpoints import SageMaker
from nrti_cli.aws.target import Target
from nrti_cli.models.endpoint import find
from nrti_cli.models.training.dataset import demo
from nrti_cli.stack.names import artifacts_bucket
from tests.local import sagemaker_support
from tests.local.conftest import Nrti
from tests.local.publications import artifact_uri, constant_requests
from tests.local.sagemaker_support import Transform

ROWS = ("--rows", "3000")


@pytest.fixture(scope="module")
def jobs(pipeline: Target, nrti: Nrti) -> Iterator[tuple[str, str]]:
    """Two training jobs of the model `rolled`, the first of which is published."""
    first = nrti("train", "--name", "rolled", *ROWS)
    second = nrti("train", "--name", "rolled", *ROWS, "--seed", "1", "--no-deploy")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    names = [re.search(r"training job (\S+):", done.stderr) for done in (first, second)]
    assert names[0]
    assert names[1]
    yield names[0].group(1), names[1].group(1)
    # The model published last is the one that other tests produce for.
    for endpoint in ("nrti-rolled", "nrti-again", "nrti-guess"):
        if SageMaker(pipeline).endpoint(endpoint):
            pipeline.client("sagemaker").delete_endpoint(EndpointName=endpoint)


def test_an_endpoint_is_rolled_forward_and_back_without_a_gap(
    pipeline: Target, nrti: Nrti, jobs: tuple[str, str]
) -> None:
    old, new = jobs
    with constant_requests(pipeline, "nrti-rolled") as answers:
        forward = nrti("deploy-model", "--name", "rolled")
        served = find(pipeline, "rolled").source
        back = nrti("deploy-model", "--name", "rolled", "--job", old)

    assert (forward.returncode, back.returncode) == (0, 0), forward.stderr + back.stderr
    assert (served, find(pipeline, "rolled").source) == (new, old)
    assert len(answers) > 10
    assert set(answers) == {1}


def test_the_same_artifact_is_not_published_again(nrti: Nrti, jobs: tuple[str, str]) -> None:
    done = [nrti("deploy-model", "--name", "rolled", "--job", job) for job in (*jobs, jobs[1])]

    assert "nothing to do" not in done[1].stderr
    assert "nothing to do" in done[2].stderr


def test_a_job_of_another_model_is_published_by_its_artifact_alone_and_another_length_is_named(
    pipeline: Target, nrti: Nrti, jobs: tuple[str, str], tmp_path: Path
) -> None:
    refused = nrti("deploy-model", "--name", "again", "--job", jobs[0])

    assert refused.returncode == 1
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("nrti: ")]
    reply, _, command = line.partition(", nrti ")
    assert (
        reply == f"nrti: training job {jobs[0]} trained model 'rolled', not 'again': to publish it as again"
    )
    assert SageMaker(pipeline).endpoint("nrti-again") is None
    done = nrti(*command.split())
    assert done.returncode == 0, done.stderr
    assert find(pipeline, "again").source == artifact_uri(pipeline, jobs[0])
    values = [(value, value + 1, int(value > 900)) for value in range(1000)]
    data = tmp_path / "pairs.csv"
    data.write_text("a,b,event\n" + "".join(f"{a},{b},{event}\n" for a, b, event in values))

    done = nrti("train", "--name", "again", "--data", str(data))
    assert done.returncode == 0, done.stderr
    assert "again takes sequences of 2 from now on, no longer of 3: events that have" in done.stderr


def test_the_versions_of_a_model_say_what_they_are_from_and_which_is_in_service(
    nrti: Nrti, jobs: tuple[str, str]
) -> None:
    listed = json.loads(nrti("models", "--versions", "rolled", "--format", "json").stdout)

    assert {version["source"] for version in listed} == set(jobs)
    assert [version["version"] for version in listed] == sorted(
        (version["version"] for version in listed), reverse=True
    )
    assert [version["in_service"] for version in listed] == [True, *[False] * (len(listed) - 1)]
    newest = listed[0]
    assert newest["split"] == "random"
    assert newest["data"] == "3000 rows of the demo data of --rows 3000"
    assert newest["intervals"]["f1"][0] <= newest["metrics"]["f1"] <= newest["intervals"]["f1"][1]
    assert newest["version"] in nrti("models", "--versions", "rolled").stdout


@pytest.mark.usefixtures("jobs")
def test_two_models_are_compared_on_the_same_rows(nrti: Nrti, model: str, tmp_path: Path) -> None:
    rows, data = demo(2000, 9), tmp_path / "fresh.csv"
    lines = zip(rows.values.tolist(), rows.labels.tolist(), strict=True)
    data.write_text("a,b,c,event\n" + "".join(f"{a},{b},{c},{label}\n" for (a, b, c), label in lines))

    done = nrti("models", "compare", "rolled", model, "--data", str(data), "--format", "json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["rows"], found["base_rate"]) == (2000, pytest.approx(rows.labels.mean()))
    assert [each["model"] for each in found["models"]] == ["rolled", model]
    for each in found["models"]:
        assert sum(each["confusion"].values()) == 2000
        assert each["metrics"]["f1"] > 0.8
    low, high = found["difference"]["f1"]
    change = found["models"][1]["metrics"]["f1"] - found["models"][0]["metrics"]["f1"]
    assert low <= change <= high
    assert "difference" in nrti("models", "compare", "rolled", "rolled", "--data", str(data)).stdout


@pytest.mark.usefixtures("jobs")
def test_a_model_that_may_be_a_guess_is_published_by_force_alone(
    pipeline: Target, nrti: Nrti, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    data, report = tmp_path / "noise.csv", tmp_path / "report.html"
    rows = zip(random.random(400).round(6), random.random(400) < 0.2, strict=True)
    data.write_text("a,event\n" + "".join(f"{a},{int(event)}\n" for a, event in rows))

    options = ("--data", str(data), "--budget", "0", "--report", str(report), "--format", "json")
    done = nrti("train", "--name", "guess", *options)

    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert "not published: average precision" in line
    record = json.loads(done.stdout)
    assert record["publication"] is None
    assert record["evaluation"]["intervals"]["average_precision"][0] <= record["evaluation"]["base_rate"]
    assert "<svg" in report.read_text()
    assert SageMaker(pipeline).endpoint("nrti-guess") is None
    forced = nrti("train", "--attach", record["job"], "--force")
    assert forced.returncode == 0, forced.stderr
    assert find(pipeline, "guess").source == record["job"]


def test_a_published_model_scores_a_file(pipeline: Target, jobs: tuple[str, str]) -> None:  # noqa: ARG001
    local = sagemaker_support.SageMaker.of(pipeline)
    (model, *_) = local.client.list_models(NameContains="nrti-rolled")["Models"]
    scoring = Transform(
        local,
        model["ModelName"],
        {"rows.csv": b"1,99,2\n5,5,5\n1,2\n"},
        DataProcessing={"JoinSource": "Input", "OutputFilter": "$[0:4]"},
    )

    assert scoring.ended()["TransformJobStatus"] == "Completed"
    spike, calm, short = scoring.results()["rows.csv.out"].decode().splitlines()
    assert (spike, calm, short.split(",")[:2]) == ("1,99,2,1", "5,5,5,0", ["1", "2"])


def test_a_large_upload_goes_in_parts_and_says_how_far_it_is(pipeline: Target) -> None:
    shares: list[float] = []
    body = bytes(range(256)) * (9 << 12)
    s3 = S3(pipeline)

    uri = s3.put(artifacts_bucket(pipeline), "data/large", body, shares.append)

    assert s3.get(uri) == body
    assert shares[-1] == 1
    assert len(shares) > 2


def test_the_published_models_are_listed(nrti: Nrti, jobs: tuple[str, str]) -> None:
    table, listing = nrti("models"), nrti("models", "--format", "json")

    (model,) = [model for model in json.loads(listing.stdout) if model["name"] == "rolled"]
    assert model["status"] == "InService"
    assert model["source"] in jobs
    assert model["length"] == 3
    assert set(model["metrics"]) == {"precision", "recall", "f1", "average_precision"}
    assert "rolled" in table.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--name", "a_b"), "is not a valid model name"),
        (("train", "--name", "x", "--rows", "0"), "--rows"),
        (("train", "--name", "x", "--rows", "-3"), "--rows"),
        (("train", "--name", "x", "--data", "absent.csv"), "absent.csv cannot be read"),
        (("train", "--name", "x", "--data", "a.csv", "--rows", "9"), "--rows applies to the demo"),
        (("train", "--name", "x", "--features", "a,b"), "--features applies to a data file"),
        (("train",), "the model has no name"),
        (("train", "--name", "x", "--attach", "job"), "--name applies to a new job"),
        (("train", "--attach", "job", "--seed", "0"), "--seed applies to a new job"),
        (("train", "--attach", "job", "--label", "y"), "--label applies to a new job"),
        (("train", "--attach", "job", "--features", "a,b"), "--features applies to a new job"),
        (("train", "--attach", "job", "--instance-type", "ml.x"), "--instance-type applies to a new job"),
        (("train", "--name", "x", "--label", "y"), "--label applies to a data file"),
        (("train", "--attach", "job", "--split", "time"), "--split applies to a new job"),
        (("train", "--name", "x", "--choose-threshold", "recall=2"), "is not f1, recall=0.9 or cost=FN:FP"),
        (("train", "--name", "x", "--report", "absent/report.html"), "absent/report.html cannot be written"),
        (("train", "--attach", "absent"), "training job 'absent' does not exist"),
        (("train", "--name", "x", "--no-deploy", "--memory", "1024"), "--memory and --concurrency apply"),
        (("train", "--name", "x", "--no-deploy", "--if-better"), "--if-better applies to publishing"),
        (("train", "--name", "x", "--force", "--if-better"), "--force and --if-better exclude each other"),
        (("train", "--name", "x", "--since", "1d"), "--since applies to the lake: add --from-lake"),
        (("train", "--name", "x", "--from-lake", "--rows", "9"), "leave it out together with --from-lake"),
        (
            ("train", "--name", "x", "--rows", "999", "--instance-type", "ml.x"),
            "is not an instance type for training",
        ),
        (("models", "--versions", "absent"), "nrti published no version of model 'absent'"),
        (("models", "compare", "absent", "x", "--data", "a.csv"), "model 'absent' does not exist"),
        (("models", "compare", "x", "y", "--data", "-"), "--data - can be read only once"),
        (("deploy-model", "--name", "x", "--memory", "1500"), "1500 is not a multiple of 1024"),
        (("deploy-model", "--name", "x", "--concurrency", "201"), "--concurrency"),
        (("deploy-model", "--name", "x", "--keep", "0"), "--keep"),
        (("deploy-model", "--name", "x"), "no training job of model 'x' has completed"),
        (("deploy-model", "--name", "x", "--job", "absent"), "training job 'absent' does not exist"),
        (("deploy-model", "--name", "x", "--artifact", "absent.tar.gz"), "absent.tar.gz cannot be read"),
        (
            ("deploy-model", "--name", "x", "--artifact", "s3://absent/x"),
            "object s3://absent/x does not exist",
        ),
        (("deploy-model", "--name", "x", "--artifact", "a", "--job", "b"), "exclude each other"),
    ],
)
def test_wrong_input_is_one_line(
    pipeline: Target,  # noqa: ARG001 (the stack must be there)
    nrti: Nrti,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = nrti(*arguments)

    assert done.returncode in {1, 2}
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nrti: ")]
    assert message in line
    assert "Traceback" not in done.stderr
