"""Training jobs that are refused, left alone and taken up again."""

from __future__ import annotations

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.models.training.dataset import demo
from nrti_cli.models.training.following import follow, going_on
from nrti_cli.models.training.job import TrainingSettings, model_of, start
from nrti_cli.stack.names import TRAINING_LOG_GROUP
from tests.unit.conftest import SilentProgress, Stub
from tests.unit.models.conftest import ROLE, interrupting
from tests.unit.models.test_training import ARN, describes, no_log_group, reads, writes

INSTANCE = "ml.c5.xlarge"


def uploads(stub: Stub) -> None:
    for _ in range(2):
        stub("s3").add_response("put_object", {})
    stub("s3").add_response("head_object", {})


@pytest.mark.parametrize(
    ("code", "text", "message"),
    [
        (
            "ResourceLimitExceeded",
            "The service limit 'ml.c5.xlarge for training job usage' is 0 Instances. Please contact AWS.",
            r"is exhausted: .* is 0 Instances: use another --instance-type, or request an increase",
        ),
        (
            "ValidationException",
            "Value 'ml.c5.xlarge' at 'resourceConfig.instanceType' must satisfy: [ml.r7i.large]",
            r"'ml\.c5\.xlarge' is not an instance type for training: use one such as --instance-type",
        ),
    ],
)
def test_an_instance_that_is_not_to_be_had(
    target: Target, stub: Stub, code: str, text: str, message: str
) -> None:
    uploads(stub)
    stub("sagemaker").add_client_error("create_training_job", code, text)

    with pytest.raises(NrtiError, match=message):
        start(target, ROLE, "m", demo(2_000, 0), settings=TrainingSettings(seed=0), instance=INSTANCE)


def test_an_interruption_while_the_job_is_started_names_it(target: Target, stub: Stub) -> None:
    uploads(stub)

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    events = target.client("sagemaker").meta.events
    events.register("provide-client-params.sagemaker.CreateTrainingJob", interrupt)

    message = r"interrupted while training job nrti-m-\d{17} was being .*: nrti train --attach nrti-m-\d{17}"
    with pytest.raises(NrtiError, match=message) as raised:
        start(target, ROLE, "m", demo(2_000, 0), settings=TrainingSettings(seed=0), instance=INSTANCE)
    assert raised.value.exit_status == ExitStatus.INTERRUPTED


def test_an_interrupted_follower_says_how_to_take_it_up_again(
    target: Target, stub: Stub, progress: SilentProgress
) -> None:
    describes(stub("sagemaker"), "InProgress")
    no_log_group(stub("logs"))

    message = "interrupted, but training job job-1 continues: nrti train --attach job-1 follows it again"
    with pytest.raises(NrtiError, match=message) as raised, going_on("job-1"):
        follow(target, "job-1", progress, interrupting())
    assert raised.value.exit_status == ExitStatus.INTERRUPTED


def test_a_throttled_follower_goes_on(
    target: Target, stub: Stub, progress: SilentProgress, wait_delays: list[float]
) -> None:
    stub("sagemaker").add_client_error("describe_training_job", "ThrottlingException", "Rate exceeded")
    describes(stub("sagemaker"), "Completed")
    no_log_group(stub("logs"))

    assert follow(target, "job-1", progress, wait_delays.append).status == "Completed"


def test_one_that_may_not_read_the_log_says_that_the_job_goes_on(
    target: Target, stub: Stub, progress: SilentProgress
) -> None:
    describes(stub("sagemaker"), "InProgress")
    stub("logs").add_client_error("describe_log_streams", "AccessDeniedException", "no logs")

    message = "no logs.*, but training job job-1 continues"
    with pytest.raises(NrtiError, match=message), going_on("job-1"):
        follow(target, "job-1", progress)


def test_what_was_logged_before_is_counted_but_not_shown(
    target: Target, stub: Stub, progress: SilentProgress
) -> None:
    writes(stub("logs"), "f/1", "one", "two")
    reads(stub("logs"), "f/1", sent="f/1")
    describes(stub("sagemaker"), "Completed")
    writes(stub("logs"), "f/2", "three", sent="f/1")
    reads(stub("logs"), "f/2", sent="f/2")

    follow(target, "job-1", progress, from_now=True)

    assert progress.lines == [
        f"  [dim]… 2 earlier lines are in CloudWatch's log group {TRAINING_LOG_GROUP}[/dim]",
        "  [dim]three[/dim]",
    ]


def tagged(stub: Stub, tags: dict[str, str], status: str = "InProgress") -> None:
    """A job that is looked at, and asked for its tags."""
    describes(stub("sagemaker"), status)
    pairs = [{"Key": f"nrti:{key}", "Value": value} for key, value in tags.items()]
    stub("sagemaker").add_response("list_tags", {"Tags": pairs}, {"ResourceArn": ARN})


def test_a_job_knows_its_model(target: Target, stub: Stub) -> None:
    tagged(stub, {"stack": "nrti", "model": "m"})

    assert model_of(target, "job-1") == "m"


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"stack": "other", "model": "m"}, "job-1 is of stack 'other': name one of stack 'nrti'"),
        ({}, "job-1 was not started by nrti train"),
    ],
)
def test_a_job_of_another_stack_is_refused(
    target: Target, stub: Stub, tags: dict[str, str], message: str
) -> None:
    tagged(stub, tags)

    with pytest.raises(NrtiError, match=message):
        model_of(target, "job-1")


def test_an_unknown_job_has_no_model(target: Target, stub: Stub) -> None:
    stub("sagemaker").add_client_error(
        "describe_training_job", "ValidationException", "Requested resource not found."
    )

    with pytest.raises(NrtiError, match="training job 'job-1' does not exist"):
        model_of(target, "job-1")
