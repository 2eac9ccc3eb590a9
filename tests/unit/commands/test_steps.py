from __future__ import annotations

from nrti_cli.commands.output.steps import Groups, step_line
from nrti_cli.stack.operation import Step
from tests.unit.conftest import SilentProgress

_TYPES = ["AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::IAM::Role", "AWS::New::Thing"]


def _step(type_: str, status: str, reason: str = "", *, name: str = "", seconds: float = 0.0) -> Step:
    return Step(name or type_.rpartition("::")[2], type_, status, reason, seconds)


def test_resources_are_counted_by_what_they_are_part_of(progress: SilentProgress) -> None:
    groups = Groups(progress, "preparing", verbose=False)
    groups.expect("creating stack nrti: 4 resources", _TYPES)
    for type_ in _TYPES[:3]:
        groups.take(_step(type_, "CREATE_COMPLETE"))

    assert progress.updates[-1].splitlines() == [
        "creating stack nrti: 4 resources",
        "  API         2 created",
        "  roles       1 created",
        "  other       0 of 1",
    ]
    assert progress.milestones == ["API         2 created", "roles       1 created"]
    assert not progress.lines


def test_a_failure_is_a_line_with_its_reason_and_what_was_undone_is_counted(progress: SilentProgress) -> None:
    groups = Groups(progress, "preparing", verbose=False)
    groups.expect("creating", _TYPES[:2])
    groups.take(_step(_TYPES[0], "CREATE_COMPLETE"))
    groups.take(_step(_TYPES[1], "CREATE_FAILED", "no such [thing]"))
    groups.take(_step(_TYPES[0], "DELETE_COMPLETE"))
    groups.end()

    (line,) = progress.lines
    assert "create failed" in line
    assert "no such \\[thing]" in line
    assert progress.milestones == ["API         1 deleted"]


def test_what_was_not_planned_is_counted_too(progress: SilentProgress) -> None:
    groups = Groups(progress, "preparing", verbose=False)
    groups.take(_step("AWS::S3::Bucket", "CREATE_COMPLETE"))
    groups.expect("creating", _TYPES[:1])

    assert progress.milestones == ["storage     1 created"]
    assert progress.updates[-1].splitlines() == ["creating", "  API         0 of 1"]


def test_verbose_shows_each_resource_and_no_counts_that_stay(progress: SilentProgress) -> None:
    groups = Groups(progress, "preparing", verbose=True)
    groups.expect("creating", _TYPES[:2])
    for type_ in _TYPES[:2]:
        groups.take(_step(type_, "CREATE_COMPLETE"))
    groups.end()

    assert len(progress.lines) == 2
    assert not progress.milestones


def test_how_long_a_resource_took_is_shown_if_it_took_any_time() -> None:
    assert "0.0 s" not in step_line(_step("AWS::SQS::Queue", "CREATE_COMPLETE"))
    assert "12.3 s" in step_line(_step("AWS::SQS::Queue", "CREATE_COMPLETE", seconds=12.34))


def test_resources_of_two_types_may_have_one_name(progress: SilentProgress) -> None:
    groups = Groups(progress, "deleting", verbose=False)
    for type_ in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfiguration"):
        groups.take(_step(type_, "DELETE_COMPLETE", name="nrti-m-1"))
    groups.end()

    assert progress.milestones == ["models      2 deleted"]
