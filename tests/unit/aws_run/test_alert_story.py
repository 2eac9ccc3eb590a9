"""All that `nrti alert … --target aws` sends, which the operator's policy allows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.alerts.expressions import rule
from nrti_cli.alerts.registration import Added, add, remove
from nrti_cli.alerts.report import alerts
from nrti_cli.alerts.trying import probe, try_out
from nrti_cli.alerts.unknown import unknown
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.remote.alerts_function.rules import STATE_KEY, Rule
from tests.unit.aws_run.alert_recordings import (
    body,
    has_object,
    has_rules,
    has_stack,
    keeps_secret,
    schedules,
    writes_rules,
)
from tests.unit.aws_run.conftest import ACCOUNT
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.aws_run.test_status_story import stack_outputs
from tests.unit.conftest import Stub

AT = 1_795_350_600_000
ADDRESS = "https://hooks.slack.com/services/T0123/B4567/x7Kq9vLmNw2"
SILENCE = rule("silence", "5m", added_at=AT, sensor="robot-7")
LETTERS = rule("dead-letters", True, added_at=AT)
SECRET = f"/nrti/nrti/alerts/{SILENCE.id}"


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return DEPLOYER, OPERATOR


@pytest.fixture(autouse=True)
def account(stub: Stub) -> None:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})


def _with_webhook(which: Rule) -> Rule:
    return Rule(**which.document() | {"host": "hooks.slack.com", "parameter": SECRET})


def test_the_first_rule_brings_its_secret_and_the_schedule(target: Target, stub: Stub) -> None:
    has_rules(stub)
    has_stack(stub)
    keeps_secret(stub, SECRET, ADDRESS)
    schedules(stub)
    has_rules(stub)
    writes_rules(stub, _with_webhook(SILENCE), IfNoneMatch="*")
    schedules(stub, again=True)

    assert add(target, [SILENCE], ADDRESS) == [Added(_with_webhook(SILENCE), was_known=False)]


def test_a_rule_that_is_known_keeps_its_webhook_and_is_written_over_what_others_wrote(
    target: Target, stub: Stub
) -> None:
    known = _with_webhook(SILENCE)
    has_rules(stub, known)
    has_stack(stub)
    schedules(stub, again=True)
    longer = rule("silence", "5m", added_at=AT + 1, sensor="robot-7", cooldown=60)
    new = Rule(**known.document() | {"cooldown": 60})
    has_rules(stub, known)
    writes_rules(stub, new, conflict=True, IfMatch='"1"')
    has_rules(stub, known, LETTERS, etag='"2"')
    writes_rules(stub, new, LETTERS, IfMatch='"2"')
    schedules(stub, again=True)

    assert add(target, [longer], None) == [Added(new, was_known=True)]


def test_the_alarm_email_is_enough(target: Target, stub: Stub) -> None:
    has_rules(stub, LETTERS)
    has_stack(stub, "ops@example.com")
    for _ in range(2):
        schedules(stub, again=True)
    has_rules(stub, LETTERS)

    assert add(target, [LETTERS], None) == [Added(LETTERS, was_known=True)]


def test_messages_have_to_go_somewhere(target: Target, stub: Stub) -> None:
    has_rules(stub)
    has_stack(stub)

    with pytest.raises(UsageError, match="nowhere to go"):
        add(target, [LETTERS], None)


def test_a_stack_without_the_group_is_of_an_earlier_release(target: Target, stub: Stub) -> None:
    has_rules(stub)
    has_stack(stub, "ops@example.com")
    stub("scheduler").add_client_error("create_schedule", "ResourceNotFoundException")

    with pytest.raises(NrtiError, match="run nrti bootstrap"):
        add(target, [LETTERS], None)


def test_with_the_last_rule_its_secret_and_the_schedule_go(target: Target, stub: Stub) -> None:
    has_stack(stub)
    for _ in range(2):
        has_rules(stub, _with_webhook(SILENCE))
    writes_rules(stub, IfMatch='"1"')
    stub("ssm").add_response("delete_parameters", {"DeletedParameters": [SECRET]}, {"Names": [SECRET]})
    schedule = {"GroupName": "nrti-alerts", "Name": "every-minute"}
    stub("scheduler").add_response("delete_schedule", {}, schedule)
    has_rules(stub)

    assert remove(target, [SILENCE.id]) == [_with_webhook(SILENCE)]


def test_a_rule_that_is_added_while_the_last_one_goes_has_its_schedule(target: Target, stub: Stub) -> None:
    has_stack(stub)
    for _ in range(2):
        has_rules(stub, LETTERS)
    writes_rules(stub, IfMatch='"1"')
    stub("scheduler").add_client_error("delete_schedule", "ResourceNotFoundException")
    has_rules(stub, SILENCE, etag='"3"')
    schedules(stub)

    assert remove(target, [LETTERS.id]) == [LETTERS]


def test_of_rules_one_of_which_does_not_exist_none_is_removed(target: Target, stub: Stub) -> None:
    has_stack(stub)
    has_rules(stub, LETTERS)

    with pytest.raises(NrtiError, match="alert rule 'nope' does not exist: list them with nrti alert list"):
        remove(target, [LETTERS.id, "nope"])


def test_the_state_of_the_rules(target: Target, stub: Stub) -> None:
    has_rules(stub, _with_webhook(SILENCE), LETTERS)
    kept = {
        "active": {"robot-7": AT},
        "note": "1 of 1 silent",
        "problem": "",
        "sent": {"webhook": {"at": AT + 1000, "answer": "200 OK"}},
    }
    waiting = {"id": 7, "rule": SILENCE.id, "channel": "webhook", "text": "x", "tries": 1}
    document = {"evaluated_at": AT + 60_000, "rules": {SILENCE.id: kept}, "outbox": [waiting]}
    has_object(stub, STATE_KEY, document)

    silence, letters = alerts(target)

    assert (silence.state, letters.state) == ("active", "unknown")
    assert silence.since
    assert f"{silence.since:%Y-%m-%d %H:%M}" == "2026-11-22 12:30"
    assert (silence.waiting, silence.sent["webhook"].answer) == (1, "200 OK")
    assert letters.note == "not evaluated yet"


def test_without_rules_the_state_is_not_read(target: Target, stub: Stub) -> None:
    has_rules(stub)

    assert alerts(target) == []


def _called(stub: Stub, payload: dict[str, Any], answer: Any, *, failed: bool = False) -> None:
    stub("lambda").add_response(
        "invoke",
        {
            "StatusCode": 200,
            "Payload": body(json.dumps(answer).encode()),
            **({"FunctionError": "Unhandled"} if failed else {}),
        },
        {"FunctionName": "nrti-alerts", "Payload": json.dumps(payload).encode()},
    )


def test_test_messages_go_through_the_function(target: Target, stub: Stub) -> None:
    for _ in range(2):
        has_stack(stub)
    has_rules(stub, LETTERS)
    results = [
        {"rule": LETTERS.id, "channel": "e-mail", "host": None, "delivered": True, "answer": "published"}
    ]
    _called(stub, {"test": [LETTERS.id]}, {"results": results})
    _called(stub, {"probe": LETTERS.id}, {"reachable": False, "answer": "not reachable (gaierror)"})
    failure = {"errorType": "AccessDenied", "errorMessage": "no"}
    _called(stub, {"test": None}, failure, failed=True)

    assert try_out(target, [LETTERS.id]) == results
    assert probe(target, LETTERS) == "not reachable (gaierror)"
    with pytest.raises(NrtiError, match="failed: AccessDenied: no: nrti logs alerts shows why"):
        try_out(target, None)


@pytest.mark.usefixtures("account")
def test_names_that_do_not_exist_are_found(target: Target, stub: Stub) -> None:
    target.account  # noqa: B018 (the fixture expects it to be asked for)
    stack_outputs(stub, 1)
    stub("dynamodb").add_response("query", {"Items": []})
    stub("sagemaker").add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint")
    recall = rule("recall", "<0.8", added_at=AT, sensor="robot-7", model="m")

    assert unknown(target, [recall, LETTERS]) == ["sensor robot-7", "model m"]
