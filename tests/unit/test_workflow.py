"""The state machine: its structure by the rules of Amazon States Language, its behaviour by running it."""

from __future__ import annotations

import json
import operator
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from nrti_cli.assets import asset
from nrti_cli.aws.sqs import Message
from nrti_cli.deadletters.letter import Letter
from nrti_cli.remote.inference_function import deadline, endpoints
from nrti_cli.stack.template import parse
from nrti_local.stepfunctions.asl.errors import StateError
from tests.unit.scenarios import SCENARIOS
from tests.unit.scenarios.scenario import LETTER, PUTS, REQUEST, batch
from tests.unit.workflow import DEFINITION, EXECUTION, Services, failure, run

TEXT = asset("asl/inference.asl.json").read_text()
MACHINE = json.loads(TEXT)
STATES: dict[str, Any] = MACHINE["States"]
PARK = STATES["ParkRejected"]["ItemProcessor"]["States"]["Park"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"} | {"Park": PARK}
#: Its failure is that of the map around it.
IN_A_MAP = {"Park"}
#: No event depends on the first, and a sender may be waiting; the other comes round again by other states.
UNRETRIED = {"StartShadows", "Store"}

# ---- structure


def _lint(machine: object) -> list[str]:
    from cfnlint.api import lint_all  # takes a second to load, which only one of the test processes needs

    properties = {"RoleArn": "arn:aws:iam::000000000000:role/r", "Definition": machine}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    found = lint_all(json.dumps({"Resources": {"Machine": resource}}))
    return [match.message for match in found if match.rule.id == "E3601"]


def test_a_linter_finds_nothing_in_it() -> None:
    assert not _lint(DEFINITION)
    assert _lint({"States": DEFINITION["States"]})


@pytest.mark.parametrize("name", sorted(set(TASKS) - UNRETRIED))
def test_every_task_is_retried_with_backoff_and_jitter(name: str) -> None:
    retriers = [each for each in TASKS[name]["Retry"] if each["MaxAttempts"]]
    assert retriers
    for retrier in retriers:
        assert retrier["BackoffRate"] > 1
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["MaxDelaySeconds"] <= 10


@pytest.mark.parametrize("name", sorted(set(TASKS) - IN_A_MAP))
def test_every_task_has_somewhere_to_go_when_it_fails(name: str) -> None:
    assert TASKS[name]["Catch"]


def test_the_errors_that_are_retried_are_those_that_the_function_raises() -> None:
    named = {name for retrier in STATES["Infer"]["Retry"] for name in retrier["ErrorEquals"]}
    own = {name for name in named if "." not in name}

    raised = (deadline.OutOfTime, endpoints.EndpointBusy, endpoints.EndpointUnavailable)
    assert own == {each.__name__ for each in raised}


def test_the_template_fills_in_every_name() -> None:
    template = parse(asset("cloudformation/pipeline.yaml").read_text())
    filled = template["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"]

    assert set(re.findall(r"\$\{(\w+)\}", TEXT)) == set(filled)


# ---- behaviour


def test_what_is_judged_is_stored() -> None:
    services = Services(lambda _: batch(PUTS, predictions="[{},{}]"))

    output = run(services, REQUEST)

    assert output == {"body": "[{},{}]"}
    assert [name for name, _ in services.calls] == ["invoke", "batchWriteItem"]
    assert services.of("invoke")[0]["Payload"] == {
        **REQUEST,
        "started_at": EXECUTION["StartTime"],
        "position": 0,
        "lenient": False,
    }
    assert services.of("batchWriteItem") == [{"RequestItems": {"t": PUTS}}]


def test_rejected_events_are_parked_after_the_others_are_stored() -> None:
    services = Services(lambda _: batch(PUTS, [LETTER, LETTER]))

    run(services, REQUEST)

    assert [name for name, _ in services.calls] == ["invoke", "batchWriteItem", "sendMessage", "sendMessage"]
    assert services.of("sendMessage")[0]["MessageBody"] == LETTER["body"]
    assert services.of("sendMessage")[0]["MessageAttributes"] == LETTER["attributes"]


def test_a_long_request_goes_piece_by_piece() -> None:
    following = {0: 13, 13: 20, 20: None}
    services = Services(
        lambda payload: batch(
            PUTS, following=following[payload["position"]], predictions=f"{payload['position']};"
        )
    )

    output = run(services, REQUEST)

    assert output == {"body": "0;13;20;"}
    assert [call["Payload"]["position"] for call in services.of("invoke")] == [0, 13, 20]
    assert len(services.of("batchWriteItem")) == 3


def test_a_busy_endpoint_is_asked_again_then_leniently_and_leniently_from_there_on() -> None:
    def infer(payload: dict[str, Any]) -> Any:
        if not payload["lenient"]:
            raise failure("EndpointBusy")
        return batch(PUTS, [LETTER], None if payload["position"] else 5, "scored;")

    services = Services(infer)

    output = run(services, REQUEST)

    assert output == {"body": "scored;scored;"}
    calls = [(call["Payload"]["position"], call["Payload"]["lenient"]) for call in services.of("invoke")]
    assert calls == [(0, False)] * 6 + [(0, True), (5, True)]
    assert len(services.pauses) == 5
    assert all(map(operator.le, services.pauses, [1, 2, 4, 8, 10]))
    assert len(services.of("batchWriteItem")) == len(services.of("sendMessage")) == 2


def test_a_function_that_fails_leaves_the_request_to_the_dead_letters() -> None:
    def infer(_: dict[str, Any]) -> Any:
        raise failure("Runtime.HandlerError", "boom")

    services = Services(infer)

    output = run(services, REQUEST)

    assert json.loads(output["body"])["error"] == "FunctionFailed"
    (message,) = services.of("sendMessage")
    assert message["MessageBody"] == {**REQUEST, "error": "Runtime.HandlerError", "cause": "boom"}
    assert message["MessageAttributes"]["error"]["StringValue"] == "Runtime.HandlerError"
    assert not services.of("batchWriteItem")


def test_even_the_largest_request_is_parked_when_the_cause_does_not_fit_beside_it() -> None:
    def infer(_: dict[str, Any]) -> Any:
        raise failure("Runtime.HandlerError", "x" * 1_000)

    largest = SCENARIOS["a request near the limit"].request
    services = Services(infer)

    run(services, largest)

    (message,) = services.of("sendMessage")
    assert message["MessageBody"]["events"] == largest["events"]
    assert message["MessageBody"]["error"] == "FunctionFailed"


def test_unprocessed_items_come_round_again_at_growing_random_intervals() -> None:
    left = [PUTS, PUTS[1:], PUTS[1:], []]

    def store(_: dict[str, Any]) -> Any:
        puts = left.pop(0)
        return {"UnprocessedItems": {"t": puts} if puts else {}}

    services = Services(lambda _: batch(PUTS, [LETTER]), store)

    run(services, REQUEST)

    assert [call["RequestItems"]["t"] for call in services.of("batchWriteItem")] == [
        PUTS,
        PUTS,
        PUTS[1:],
        PUTS[1:],
    ]
    assert all(1 <= pause <= 2 ** (i + 1) for i, pause in enumerate(services.pauses))
    assert len(services.of("sendMessage")) == 1


def test_items_that_stay_unprocessed_are_given_back_with_what_was_rejected() -> None:
    def infer(payload: dict[str, Any]) -> Any:
        return (
            batch(rejected=[*payload["rejected"], LETTER], predictions=payload["predictions"].upper())
            if "unstored" in payload
            else batch(PUTS, [LETTER], predictions="scored")
        )

    services = Services(infer, lambda _: {"UnprocessedItems": {"t": PUTS[1:]}})

    output = run(services, REQUEST)

    assert output == {"body": "SCORED"}
    assert len(services.of("batchWriteItem")) == 5
    assert sum(services.pauses) <= 2 + 4 + 8 + 16
    back = services.of("invoke")[-1]["Payload"]
    assert back["unstored"] == {"t": PUTS[1:]}
    assert back["failure"]["Error"] == "Unprocessed"
    assert len(services.of("sendMessage")) == 2


REDRIVE = {**REQUEST, "redrive": True}


def test_what_is_redriven_stays_parked_when_the_function_fails() -> None:
    def infer(_: dict[str, Any]) -> Any:
        raise failure("Lambda.Unknown", "out of memory")

    services = Services(infer)

    output = run(services, REDRIVE)

    assert not services.of("sendMessage")
    assert output["failure"] == {"Error": "Lambda.Unknown", "Cause": "out of memory"}


def test_what_the_queue_refuses_is_kept_as_the_dead_letter_that_it_would_be() -> None:
    def refuse(_: dict[str, Any]) -> Any:
        raise failure("SQS.AmazonSQSException")

    services = Services(lambda _: batch(PUTS, [LETTER]), send=refuse)

    with pytest.raises(StateError, match="RequestKept"):
        run(services, REQUEST)

    (kept,) = services.of("putObject")
    assert kept["Bucket"] == "b"
    assert kept["Key"] == f"unparked/{EXECUTION['StartTime']}-{EXECUTION['Name']}.json"
    letter = Letter.read(Message("m", "h", json.dumps(kept["Body"]), datetime.now(UTC), {}))
    assert letter.error == "SQS.AmazonSQSException"
    assert (letter.request_id, letter.received_at) == (REQUEST["request_id"], REQUEST["received_at"])
    assert [event["sensor"] for event in letter.events] == [event["sensor"] for event in REQUEST["events"]]


def test_what_nothing_takes_is_the_input_of_the_state_that_fails_and_its_cause_names_the_request() -> None:
    def refuse(_: dict[str, Any]) -> Any:
        raise failure("X")

    with pytest.raises(StateError, match=f"the events of request {REQUEST['request_id']}"):
        run(Services(refuse, send=refuse, put=refuse), REQUEST)

    assert STATES["ReadRequest"]["Parameters"]["request.$"] == "$$.Execution.Input"
    assert STATES["ReadRequest"]["Next"] == "RequestNotKept"
