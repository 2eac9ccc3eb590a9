"""Training jobs of the local SageMaker, by the script-mode contract."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from tests.local.sagemaker_support import SageMaker, contents, tarball, unique
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("embedded")

_REPORT = """
import json, os, pathlib, sys
print("loss=0.5;"); print("loss=0.25;"); print("to stderr", file=sys.stderr)
model = pathlib.Path(os.environ["SM_MODEL_DIR"])
train = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
(model / "sub").mkdir()
(model / "sub" / "report.json").write_text(json.dumps({
    "argv": sys.argv[1:], "cwd": os.getcwd(),
    "hps": json.loads(os.environ["SM_HPS"]), "hp": os.environ["SM_HP_RATE"],
    "files": sorted(str(path.relative_to(train)) for path in train.rglob("*") if path.is_file()),
    "own": os.environ["MINE"], "base": os.environ["SAGEMAKER_BASE_DIR"],
    "config": json.loads((train.parent.parent / "config" / "hyperparameters.json").read_text()),
}))
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "extra.txt").write_text("more")
"""


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


def channel(sagemaker: SageMaker, prefix: str) -> list[dict[str, Any]]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{sagemaker.bucket}/{prefix}"}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]


@pytest.fixture(scope="module")
def completed(sagemaker: SageMaker) -> Any:
    sagemaker.put("data/rows.csv", b"1,2\n")
    sagemaker.put("data/deep/er.csv", b"3,4\n")
    name = sagemaker.job(
        _REPORT,
        {"rate": "0.1", "n": "5", "words": '"two words"', "flag": "true"},
        InputDataConfig=channel(sagemaker, "data/"),
        Environment={"MINE": "yes"},
        AlgorithmSpecification={
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+);"}],
        },
        Tags=[{"Key": "nrti:stack", "Value": "test"}],
    )
    return sagemaker.ended(name)


@pytest.fixture(scope="module")
def report(sagemaker: SageMaker, completed: Any) -> Any:
    archive = contents(sagemaker.get(completed["ModelArtifacts"]["S3ModelArtifacts"]))
    return json.loads(archive["sub/report.json"])


def test_it_ends_completed_with_its_artifacts(sagemaker: SageMaker, completed: Any) -> None:
    name = completed["TrainingJobName"]
    assert completed["TrainingJobStatus"] == completed["SecondaryStatus"] == "Completed"
    url = f"s3://{sagemaker.bucket}/models/{name}/output/model.tar.gz"
    assert completed["ModelArtifacts"]["S3ModelArtifacts"] == url
    output = sagemaker.get(f"s3://{sagemaker.bucket}/models/{name}/output/output.tar.gz")
    assert contents(output) == {"extra.txt": "more"}


def test_it_goes_through_the_secondary_statuses(completed: Any) -> None:
    transitions = completed["SecondaryStatusTransitions"]
    assert [transition["Status"] for transition in transitions] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    assert all(transition["EndTime"] >= transition["StartTime"] for transition in transitions)
    assert completed["TrainingEndTime"] >= completed["TrainingStartTime"]


def test_the_script_gets_sorted_arguments_and_decoded_hyperparameters(report: Any) -> None:
    expected = ["--flag", "True", "-n", "5", "--rate", "0.1", "--words", "two words"]
    assert report["argv"] == expected
    assert report["hps"] == {"flag": True, "n": 5, "rate": 0.1, "words": "two words"}
    assert report["hp"] == "0.1"
    assert report["config"]["rate"] == "0.1"


def test_the_script_finds_its_channel_and_its_own_environment(report: Any) -> None:
    assert report["files"] == ["deep/er.csv", "rows.csv"]
    assert report["own"] == "yes"
    assert report["cwd"] == f"{report['base']}/code"


def test_the_workspace_is_gone_after_the_upload(report: Any) -> None:
    eventually(lambda: not Path(report["base"]).exists())


def test_metrics_are_read_from_the_log(completed: Any) -> None:
    (metric,) = completed["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)


def test_cloudwatch_has_every_value_of_a_metric(embedded: Target, completed: Any) -> None:
    cloudwatch: Any = embedded.client("cloudwatch")
    statistics = cloudwatch.get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": completed["TrainingJobName"]}],
        StartTime=completed["TrainingStartTime"] - timedelta(minutes=1),
        EndTime=completed["TrainingEndTime"] + timedelta(minutes=1),
        Period=60,
        Statistics=["Minimum", "Maximum", "SampleCount"],
    )["Datapoints"]
    assert min(point["Minimum"] for point in statistics) == 0.25
    assert max(point["Maximum"] for point in statistics) == 0.5
    assert sum(point["SampleCount"] for point in statistics) == 2


def test_what_the_request_left_out_is_described_as_on_aws(completed: Any) -> None:
    assert completed["OutputDataConfig"]["KmsKeyId"] == ""
    assert completed["InputDataConfig"][0]["CompressionType"] == "None"
    assert completed["EnableNetworkIsolation"] is False


def test_an_upload_may_leave_the_choice_of_the_kms_key_to_s3(sagemaker: SageMaker) -> None:
    place: Any = {"Bucket": sagemaker.bucket, "Key": "encrypted"}
    put = sagemaker.s3.put_object(**place, Body=b"x", ServerSideEncryption="aws:kms")
    assert put["ServerSideEncryption"] == "aws:kms"
    assert put["SSEKMSKeyId"] == sagemaker.s3.head_object(**place)["SSEKMSKeyId"]
    assert put["SSEKMSKeyId"].startswith("arn:aws:kms:eu-central-2:000000000000:key/")


_DRIVER = """#!/bin/bash
python3 /opt/ml/input/data/sm_drivers/driver.py >> /opt/ml/output/failure || exit 4
"""
_DRIVEN = """
import json, os, pathlib, sys
config = json.loads(pathlib.Path("/opt/ml/input/config/hyperparameters.json").read_text())
if config["end"] == "badly":
    print("it said why")
    sys.exit(1)
pathlib.Path("/opt/ml/model/reply.json").write_text(json.dumps([config, sys.executable, os.environ["MINE"]]))
"""


def entry_point(sagemaker: SageMaker, end: str) -> Any:
    """The end of a job whose container has an entry point of its own, as SDK v3 makes it."""
    sagemaker.put("drivers/run.sh", _DRIVER.encode())
    sagemaker.put("drivers/driver.py", _DRIVEN.encode())
    drivers = channel(sagemaker, "drivers/")[0] | {"ChannelName": "sm_drivers"}
    name = sagemaker.job(
        "",
        AlgorithmSpecification={
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", "/bin/bash /opt/ml/input/data/sm_drivers/run.sh"],
        },
        HyperParameters={"end": end},
        InputDataConfig=[drivers],
        Environment={"MINE": "yes"},
    )
    return sagemaker.ended(name)


def test_a_container_s_own_entry_point_finds_its_places(sagemaker: SageMaker) -> None:
    ended = entry_point(sagemaker, "well")
    assert ended["TrainingJobStatus"] == "Completed", ended
    reply = json.loads(contents(sagemaker.get(ended["ModelArtifacts"]["S3ModelArtifacts"]))["reply.json"])
    assert reply[0] == {"end": "well"}
    assert Path(reply[1]).parent == Path(sys.executable).parent
    assert reply[2] == "yes"


def test_a_container_s_own_entry_point_fails_with_its_status(sagemaker: SageMaker) -> None:
    assert entry_point(sagemaker, "badly")["FailureReason"] == "AlgorithmError: it said why\n, exit code: 4"


def test_the_log_is_complete_when_the_job_has_ended(sagemaker: SageMaker, completed: Any) -> None:
    lines = sagemaker.lines("/aws/sagemaker/TrainingJobs", f"{completed['TrainingJobName']}/algo-1-")
    assert sorted(lines) == ["loss=0.25;", "loss=0.5;", "to stderr"]


def test_its_tags_can_be_read_and_changed(sagemaker: SageMaker, completed: Any) -> None:
    arn = completed["TrainingJobArn"]
    sagemaker.client.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    sagemaker.client.delete_tags(ResourceArn=arn, TagKeys=["nrti:stack"])
    assert sagemaker.client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_a_script_that_raises_fails_the_job(sagemaker: SageMaker) -> None:
    ended = sagemaker.ended(sagemaker.job("raise ValueError('no such thing')"))
    assert ended["TrainingJobStatus"] == ended["SecondaryStatus"] == "Failed"
    reason = ended["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\n")
    assert "ValueError: no such thing" in reason
    assert "ModelArtifacts" not in ended


def test_what_the_script_writes_is_the_failure_reason(sagemaker: SageMaker) -> None:
    script = (
        "import os, pathlib\n"
        "pathlib.Path(os.environ['SM_OUTPUT_DIR'], 'failure').write_text('x' * 5000)\n"
        "raise SystemExit(7)"
    )
    reason = sagemaker.ended(sagemaker.job(script))["FailureReason"]
    assert reason == f"AlgorithmError: {'x' * 1024}, exit code: 1"


def test_input_that_is_not_there_fails_the_job(sagemaker: SageMaker) -> None:
    ended = sagemaker.ended(sagemaker.job("", InputDataConfig=channel(sagemaker, "nothing/here")))
    assert ended["FailureReason"].startswith(
        "ClientError: Data download failed:No S3 objects found under S3 URL"
    )


def test_code_that_is_not_there_fails_the_job(sagemaker: SageMaker) -> None:
    missing = {"sagemaker_submit_directory": f"s3://{sagemaker.bucket}/none.tar.gz"}
    ended = sagemaker.ended(sagemaker.job("", missing))
    expected = "ClientError: Data download failed:NoSuchKey (404): The specified key does not exist."
    assert ended["FailureReason"] == expected


def test_packages_that_cannot_be_had_fail_the_job(sagemaker: SageMaker) -> None:
    files = {"train.py": "", "requirements.txt": "there-is-no-such-package-as-this==1.0\n"}
    code = {"sagemaker_submit_directory": sagemaker.put("lacking.tar.gz", tarball(files))}
    ended = sagemaker.ended(sagemaker.job("", code, Environment={"PIP_NO_INDEX": "1"}))
    assert ended["FailureReason"].startswith("AlgorithmError: InstallRequirementsError:\nExitCode 1\n")
    assert "No matching distribution found for there-is-no-such-package-as-this" in ended["FailureReason"]


def test_packages_that_come_with_the_code_are_installed(sagemaker: SageMaker) -> None:
    wheel = "tiny-1.0-py3-none-any.whl"
    files: dict[str, str | bytes] = {
        "train.py": "import tiny; print(tiny.__file__); print(tiny.WORD)",
        "requirements.txt": f"./{wheel}\n",
        wheel: wheel_of("tiny", "WORD = 'installed'"),
    }
    code = {"sagemaker_submit_directory": sagemaker.put("tiny.tar.gz", tarball(files))}
    name = sagemaker.job("", code, Environment={"PIP_NO_INDEX": "1"})
    assert sagemaker.ended(name)["TrainingJobStatus"] == "Completed"
    place, word = sagemaker.lines("/aws/sagemaker/TrainingJobs", f"{name}/")
    assert (word, Path(place).parent.name) == ("installed", "packages")


def wheel_of(module: str, source: str) -> bytes:
    """The smallest wheel that pip installs: one module."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        about = f"{module}-1.0.dist-info"
        archive.writestr(f"{module}.py", source)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return stream.getvalue()


def test_code_that_leads_out_of_its_directory_is_refused(sagemaker: SageMaker) -> None:
    evil = sagemaker.put("evil.tar.gz", tarball({"../../escaped.py": "print('out')"}))
    ended = sagemaker.ended(sagemaker.job("", {"sagemaker_submit_directory": evil}))
    assert "cannot be extracted" in ended["FailureReason"]


def test_a_job_stops_with_all_its_processes(sagemaker: SageMaker) -> None:
    script = (
        "import os, pathlib, signal, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path(os.environ['SM_MODEL_DIR'], 'half').write_text('done')\n"
        "print('pid', child.pid, flush=True)\n"
        "time.sleep(600)"
    )
    name = sagemaker.job(script)
    line = eventually(lambda: sagemaker.lines("/aws/sagemaker/TrainingJobs", f"{name}/"))[0]
    sagemaker.client.stop_training_job(TrainingJobName=name)
    ended = sagemaker.ended(name)
    assert (ended["TrainingJobStatus"], ended["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert contents(sagemaker.get(ended["ModelArtifacts"]["S3ModelArtifacts"])) == {"half": "done"}
    process = Path("/proc", line.split()[1], "stat")
    assert not process.exists() or " Z " in process.read_text()


def test_a_job_that_takes_too_long_is_stopped(sagemaker: SageMaker) -> None:
    limit = {"MaxRuntimeInSeconds": 1}
    ended = sagemaker.ended(sagemaker.job("import time; time.sleep(600)", StoppingCondition=limit))
    assert (ended["TrainingJobStatus"], ended["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_an_ended_job_cannot_be_stopped(sagemaker: SageMaker, completed: Any) -> None:
    with pytest.raises(ClientError, match="is in status Completed"):
        sagemaker.client.stop_training_job(TrainingJobName=completed["TrainingJobName"])


def test_an_ended_job_can_be_deleted(sagemaker: SageMaker) -> None:
    name = sagemaker.job("import time; time.sleep(600)")
    with pytest.raises(sagemaker.client.exceptions.ResourceInUse):
        sagemaker.client.delete_training_job(TrainingJobName=name)
    sagemaker.client.stop_training_job(TrainingJobName=name)
    sagemaker.ended(name)
    sagemaker.client.delete_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="Requested resource not found"):
        sagemaker.client.describe_training_job(TrainingJobName=name)


def test_a_taken_name_is_in_use(sagemaker: SageMaker, completed: Any) -> None:
    with pytest.raises(sagemaker.client.exceptions.ResourceInUse):
        sagemaker.job("", TrainingJobName=completed["TrainingJobName"])


def test_an_unknown_job_is_not_found(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError, match="Requested resource not found") as raised:
        sagemaker.client.describe_training_job(TrainingJobName=unique("none"))
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_jobs_are_listed_by_status_and_page(sagemaker: SageMaker, completed: Any) -> None:
    pages = sagemaker.client.get_paginator("list_training_jobs").paginate(
        StatusEquals="Completed", PaginationConfig={"PageSize": 1}
    )
    names = [summary["TrainingJobName"] for page in pages for summary in page["TrainingJobSummaries"]]
    assert completed["TrainingJobName"] in names


def test_a_request_is_checked_against_the_api_model(sagemaker: SageMaker) -> None:
    with pytest.raises(ClientError) as raised:
        sagemaker.job("", RoleArn="not-a-role-but-long-enough", TrainingJobName="under_score")
    message = raised.value.response["Error"]["Message"]
    assert message.startswith("2 validation errors detected: Value 'under_score' at 'trainingJobName' failed")
    assert "at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression" in message
