"""Publications that fail: each leaves what was there before, and says so."""

from __future__ import annotations

import pytest
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError
from nrti_cli.models.publication.rollout import ERROR
from tests.unit.conftest import missing
from tests.unit.models.conftest import ARN, FORMER, NEW, NO_ZEROS, Story, interrupting
from tests.unit.models.test_publishing import rolls_over, run


def begins_the_first_time(story: Story) -> None:
    story.absent()
    story.configures()
    story.absent()


def test_a_creation_that_fails_leaves_nothing(target: Target, story: Story, wait_delays: list[float]) -> None:
    begins_the_first_time(story)
    story.creates()
    for _ in range(2):
        story.endpoint("Failed", NEW, reason="The model did not load.")
    story.logged("Traceback (most recent call last):", "ModuleNotFoundError: No module named 'x'", "bye")
    story.deletes()
    story.absent()
    story.discards()

    message = (
        r"nrti-m does not serve .*: it is Failed, The model did not load: ModuleNotFoundError: "
        r"No module named 'x'; it was deleted, its configuration "
        r"and model too: its log is in CloudWatch, group /aws/sagemaker/Endpoints/nrti-m"
    )
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ("ModuleNotFoundError: No module named 'x'", True),
        ("onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: [ONNXRuntimeError] : 7", True),
        ("ERROR: No matching distribution found for x", True),
        ("the model did not come up: the worker process ended", False),
        ("sagemaker_containers.serving: started", False),
        ('File "model.py", line 7, in Model: x', False),
    ],
)
def test_the_line_of_a_log_that_says_what_went_wrong(line: str, is_error: bool) -> None:
    assert bool(ERROR.match(line)) is is_error


def test_a_first_model_that_answers_wrongly_is_deleted(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    begins_the_first_time(story)
    story.creates()
    story.endpoint("InService", NEW)
    story.fails("its model responds with status 500")
    story.logged("ValueError: no")
    for _ in range(2):
        story.fails()
    story.endpoint("InService", NEW)
    story.deletes()
    story.absent()
    story.discards()

    with pytest.raises(
        NrtiError, match="its model responds with status 500: ValueError: no; it was deleted, its"
    ):
        run(target, wait_delays.append)


def test_an_update_that_sagemaker_took_back(target: Target, story: Story, wait_delays: list[float]) -> None:
    rolls_over(story)
    story.endpoint("Updating")
    for _ in range(3):
        story.endpoint("InService", reason="The model did not load.")
    story.logged()
    story.discards()

    with pytest.raises(NrtiError, match="The model did not load; it serves job-1 as before: its log"):
        run(target, wait_delays.append)
    assert story.asked_for == [NEW, NEW]


def rolls_over_without_room(story: Story) -> None:
    """The account has no room for a temporary endpoint."""
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.stubber.add_client_error("create_endpoint", "ResourceLimitExceeded", LIMIT)
    story.endpoint("InService")
    story.updates()
    story.endpoint("InService", NEW)


def answers_badly(story: Story) -> None:
    story.answers(NO_ZEROS)
    for _ in range(2):
        story.fails()


def test_what_answers_wrongly_never_gets_to_the_endpoint(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.creates()
    story.endpoint("Creating", NEW, name=ANY)
    story.endpoint("InService", NEW, name=ANY)
    answers_badly(story)
    story.stubber.add_response("delete_endpoint", {}, {"EndpointName": ANY})
    missing(story.stubber, "describe_endpoint", "endpoint", EndpointName=ANY)
    story.discards()

    message = "of its own length: no zeros; it serves job-1 as before: its log is in .*/nrti-m-20"
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)


def test_an_interrupted_trial_leaves_nothing(target: Target, story: Story) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.creates()
    story.endpoint("Creating", NEW, name=ANY)
    story.stubber.add_response("delete_endpoint", {}, {"EndpointName": ANY})
    missing(story.stubber, "describe_endpoint", "endpoint", EndpointName=ANY)
    story.discards()

    with pytest.raises(NrtiError, match=r"^interrupted, and nothing was changed$"):
        run(target, interrupting())


def test_an_endpoint_that_cannot_be_deleted_while_it_is_created_is_named(
    target: Target, story: Story
) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.creates()
    story.endpoint("Creating", NEW, name=ANY)
    busy = f'Cannot update in-progress endpoint "{ARN}".'
    story.stubber.add_client_error("delete_endpoint", "ValidationException", busy)

    message = r"interrupted, but the temporary endpoint nrti-m-\d{17} is left.*: the next publication of m"
    with pytest.raises(NrtiError, match=message):
        run(target, interrupting())


def is_unfit_in_service(story: Story) -> None:
    rolls_over_without_room(story)
    answers_badly(story)
    for _ in range(3):
        story.endpoint("InService", NEW)


def goes_back(story: Story) -> None:
    is_unfit_in_service(story)
    story.updates()


def test_without_room_it_is_tried_in_service_and_taken_back(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    goes_back(story)
    story.endpoint("Updating", NEW)
    story.endpoint("InService")
    story.discards()

    with pytest.raises(NrtiError, match="of its own length: no zeros; it serves job-1 as before"):
        run(target, wait_delays.append)
    assert story.asked_for == [NEW, NEW, FORMER]


def test_a_way_back_that_fails_is_said_and_nothing_deleted(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    goes_back(story)
    story.endpoint("InService", NEW, reason="no capacity")

    message = "no zeros; the rollback to job-1 failed too: run nrti deploy-model --name m --job job-1"
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)


def test_an_interrupted_way_back_goes_on(target: Target, story: Story) -> None:
    goes_back(story)
    story.endpoint("Updating", NEW)

    message = (
        r"interrupted, but endpoint nrti-m .*: no zeros; SageMaker rolls it back to job-1, "
        r"configuration and model nrti-m-\d{17} are left: nrti models shows its status"
    )
    with pytest.raises(NrtiError, match=message):
        run(target, interrupting())


def test_a_way_back_that_is_refused_is_said_with_both_reasons(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    is_unfit_in_service(story)
    story.stubber.add_client_error("update_endpoint", "ResourceLimitExceeded", LIMIT)

    with pytest.raises(
        NrtiError, match=r"no zeros; the rollback to job-1 failed too, a quota of the account"
    ):
        run(target, wait_delays.append)


def test_an_endpoint_of_another_make_is_not_replaced(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService", "by-hand")
    missing(story.stubber, "describe_endpoint_config", "endpoint configuration", EndpointConfigName="by-hand")

    message = "nrti did not publish what endpoint nrti-m serves: pass --adopt to replace it"
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)


AGAIN = "nrti deploy-model --name m --artifact s3://bucket/n"
TAKEN = "endpoint nrti-m is being updated by another user"


def test_what_another_user_published_meanwhile_stays(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    rolls_over(story)
    for _ in range(2):
        story.endpoint("InService", "nrti-m-theirs")
    story.logged()
    story.discards()

    with pytest.raises(
        NrtiError, match=rf"another user put nrti-m-theirs into service: to put yours into service, {AGAIN}"
    ):
        run(target, wait_delays.append)


def test_an_endpoint_whose_configuration_was_deleted_is_not_deleted(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    story.endpoint("InService")
    missing(story.stubber, "describe_endpoint_config", "endpoint configuration", EndpointConfigName=FORMER)
    story.configures()
    story.tries()
    story.endpoint("InService")
    story.updates()
    for _ in range(3):
        story.endpoint("InService", reason="no memory")
    story.logged()
    story.discards()

    with pytest.raises(NrtiError, match=f"no memory; it serves {FORMER} as before"):
        run(target, wait_delays.append)


def test_an_endpoint_that_was_deleted_meanwhile_stays_deleted(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    rolls_over(story)
    for _ in range(2):
        story.absent()
    story.discards()

    with pytest.raises(NrtiError, match="another user deleted it"):
        run(target, wait_delays.append)


def test_another_user_was_quicker(target: Target, story: Story, wait_delays: list[float]) -> None:
    story.endpoint("InService")
    story.serves("s3://bucket/old.tar.gz")
    story.configures()
    story.tries()
    story.endpoint("InService")
    story.stubber.add_client_error(
        "update_endpoint", "ValidationException", f'Cannot update in-progress endpoint "{ARN}".'
    )
    story.discards()

    with pytest.raises(NrtiError, match=rf"{TAKEN}: wait until nrti models .* InService, then {AGAIN}"):
        run(target, wait_delays.append)


def test_another_user_made_the_endpoint_first(target: Target, story: Story, wait_delays: list[float]) -> None:
    story.absent()
    story.configures()
    story.absent()
    story.stubber.add_client_error(
        "create_endpoint", "ValidationException", f'Cannot create already existing endpoint "{ARN}".'
    )
    story.discards()

    with pytest.raises(NrtiError, match=rf"{TAKEN}: wait until nrti models .* InService, then {AGAIN}"):
        run(target, wait_delays.append)


LIMIT = (
    "The account-level service limit 'Maximum total concurrency that can be allocated across all serverless "
    "endpoints' is 10 Total, with current utilization of 5 Total and a request delta of 20 Total. Please use "
    "AWS Service Quotas to request an increase for this quota."
)


@pytest.mark.parametrize("operation", ["create_endpoint_config", "create_endpoint"])
def test_a_limit_of_the_account_is_one_line_and_leaves_nothing(
    target: Target, story: Story, wait_delays: list[float], operation: str
) -> None:
    story.absent()
    story.stubber.add_response("create_model", {"ModelArn": ARN})
    if operation == "create_endpoint":
        story.stubber.add_response("create_endpoint_config", {"EndpointConfigArn": ARN})
        story.absent()
    story.stubber.add_client_error(operation, "ResourceLimitExceeded", LIMIT)
    story.discards()

    message = "is exhausted: .* request delta of 20 Total: use a lower --concurrency, or request an increase"
    with pytest.raises(NrtiError, match=message):
        run(target, wait_delays.append)


def test_another_refusal_leaves_nothing_either(
    target: Target, story: Story, wait_delays: list[float]
) -> None:
    begins_the_first_time(story)
    story.stubber.add_client_error("create_endpoint", "ValidationException", "no such role")
    story.discards()

    with pytest.raises(NrtiError, match="no such role, and nothing was changed"):
        run(target, wait_delays.append)
