"""An evaluation of rules of all kinds: what it reads, what it keeps, and what it wants sent."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.response import StreamingBody

from nrti_cli.remote.alerts_function.channels import Channels
from nrti_cli.remote.alerts_function.deadletters import DeadLetters
from nrti_cli.remote.alerts_function.drift_rule import Drift
from nrti_cli.remote.alerts_function.evaluation import Sources, evaluate
from nrti_cli.remote.alerts_function.lake import Lake
from nrti_cli.remote.alerts_function.rules import Rule
from nrti_cli.remote.alerts_function.store import State
from nrti_cli.remote.alerts_function.table import Table
from nrti_cli.stack.names import UNPARKED
from tests.unit.remote.alerts.conftest import MINUTE, NOW, ClientOf, rule, stored
from tests.unit.remote.references import reference, scores

HOUR = 60 * MINUTE
WEBHOOK = {"host": "hooks.slack.com", "parameter": "/p"}


class Stage:
    """The clients of an evaluation, each with its recording."""

    def __init__(self, client_of: ClientOf) -> None:
        dynamodb, self.table = client_of("dynamodb")
        sqs, self.queue = client_of("sqs")
        athena, self.athena = client_of("athena")
        lake = Lake(athena, "nrti", "nrti", lambda _: None)
        s3, self.s3 = client_of("s3")
        sagemaker, self.sagemaker = client_of("sagemaker")
        drift = Drift(s3, "artifacts", sagemaker, "nrti", lake)
        letters = DeadLetters(sqs, "q", s3, "artifacts")
        self.sources = Sources(Table(dynamodb, "t"), lake, letters, drift)

    def depth(self, visible: int, hidden: int = 0, kept: int = 0, *, more: bool = False) -> None:
        """What the queue answers next, and S3 about the requests that it refused."""
        counts = {
            "ApproximateNumberOfMessages": f"{visible}",
            "ApproximateNumberOfMessagesNotVisible": f"{hidden}",
        }
        self.queue.add_response("get_queue_attributes", {"Attributes": counts})
        listed = [{"Key": f"{UNPARKED}{number}"} for number in range(kept)]
        asked = {"Bucket": "artifacts", "Prefix": UNPARKED}
        self.s3.add_response("list_objects_v2", {"Contents": listed, "IsTruncated": more}, asked)

    def query(
        self,
        *rows: list[str],
        heads: str = "sensor",
        state: str = "SUCCEEDED",
        reason: str = "",
        start: bool = True,
    ) -> None:
        """A query of the lake."""
        if start:
            self.athena.add_response("start_query_execution", {"QueryExecutionId": "q"})
        status = {"State": state, "StateChangeReason": reason}
        for _ in range(50 if state == "RUNNING" else 1):
            self.athena.add_response("get_query_execution", {"QueryExecution": {"Status": status}})
        if state == "SUCCEEDED":
            found = [{"Data": [{"VarCharValue": value} for value in row]} for row in [heads.split(), *rows]]
            self.athena.add_response("get_query_results", {"ResultSet": {"Rows": found}})

    def heard(self, *times: int) -> None:
        """The last events of sensors, in the order in which they are asked for."""
        for at in times:
            self.table.add_response("query", {"Items": [stored(at)]})

    def evaluate(self, rules: list[Rule], state: State, now: int = NOW) -> list[str]:
        """The texts of all messages that wait afterwards."""
        evaluate(rules, state, self.sources, Channels(None, "", None), "nrti", now)
        return [message["text"] for message in state["outbox"]]


@pytest.fixture
def stage(client_of: ClientOf) -> Stage:
    return Stage(client_of)


def test_dead_letters_begin_and_end(stage: Stage) -> None:
    letters = rule("dead-letters", **WEBHOOK)
    state: State = {}
    for count in (0, 2, 3, 0):
        stage.depth(count, 1 if count else 0)
        texts = stage.evaluate([letters], state)

    assert texts == [
        "Alert of stack nrti: dead letters, all: 3 messages in the dead-letter queue",
        "Over, stack nrti: dead letters, all: after 0s; now 0 messages in the dead-letter queue",
    ]


def test_requests_that_the_queue_refused_are_dead_letters(stage: Stage) -> None:
    letters = rule("dead-letters", **WEBHOOK)
    state: State = {}
    for kept, more in ((1, False), (1_000, True), (0, False)):
        stage.depth(0, kept=kept, more=more)
        texts = stage.evaluate([letters], state)
        note = state["rules"][letters.id]["note"]
        assert ("more than 1,000 requests" in note) == more

    assert texts == [
        (
            "Alert of stack nrti: dead letters, all: 0 messages in the dead-letter queue, "
            "1 request that it refused kept in S3"
        ),
        "Over, stack nrti: dead letters, all: after 0s; now 0 messages in the dead-letter queue",
    ]


def test_a_rule_without_a_receiver_has_no_message(stage: Stage) -> None:
    stage.depth(1)

    assert stage.evaluate([rule("dead-letters")], {}) == []


def test_rules_that_were_removed_leave_nothing(stage: Stage) -> None:
    letters, state = rule("dead-letters", **WEBHOOK), State()
    stage.depth(1)
    stage.evaluate([letters], state)

    assert stage.evaluate([], state) == []
    assert state["rules"] == {}


def test_a_rule_that_was_removed_and_added_again_begins_anew(stage: Stage) -> None:
    state: State = {}
    for added_at in (NOW, NOW, NOW + 1):
        stage.depth(1)
        texts = stage.evaluate([rule("dead-letters", **WEBHOOK | {"added_at": added_at})], state)

    assert len(texts) == 2


def test_rules_over_all_sensors_watch_those_of_the_lake(stage: Stage) -> None:
    rate = rule("failure-rate", threshold=0.5, seconds=600.0, **WEBHOOK)
    stage.query(["a"], ["b"])
    for _ in range(2):
        stage.table.add_response("query", {"Items": [stored(NOW - 1000, 1)]})

    texts = stage.evaluate([rate], state := State())

    assert texts == [
        "Alert of stack nrti: failure rate >50% in 10m, all sensors: 100% failures in 10m, 2 of 2 events"
    ]
    assert state["sensors"]["names"] == {"a": NOW, "b": NOW}


def test_the_lake_is_asked_for_sensors_every_quarter_of_an_hour(stage: Stage) -> None:
    silent, state = rule("silence", seconds=86_400.0), State()
    stage.query()
    stage.evaluate([silent], state)
    stage.query(["a"])
    stage.heard(NOW)
    for minutes in range(1, 16):
        stage.evaluate([silent], state, NOW + minutes * MINUTE)
    stage.query(["a"], ["b"])
    stage.heard(NOW)
    stage.evaluate([silent], state, NOW + 16 * MINUTE)

    assert list(state["sensors"]["names"]) == ["a", "b"]


def test_a_sensor_that_was_not_seen_for_a_week_is_forgotten(stage: Stage) -> None:
    state: State = {"sensors": {"names": {"a": NOW - 8 * 24 * HOUR, "b": NOW}, "asked_at": NOW}}

    stage.heard(NOW)

    stage.evaluate([rule("silence", seconds=86_400.0)], state)

    assert list(state["sensors"]["names"]) == ["b"]


def test_if_the_lake_cannot_be_queried_the_known_sensors_are_watched(stage: Stage) -> None:
    silent = rule("silence", seconds=86_400.0)
    state: State = {"sensors": {"names": {"a": NOW}, "asked_at": NOW - HOUR}}
    stage.athena.add_client_error("start_query_execution", "ThrottlingException", "later")
    stage.heard(NOW - MINUTE)

    stage.evaluate([silent], state)

    assert state["rules"][silent.id]["problem"] == "Athena refuses the query: later"
    assert state["rules"][silent.id]["figures"]["heard"] == {"a": NOW - MINUTE}


RECALL_HEADS = "found failures"
RECALL = rule("recall", threshold=0.8, seconds=7 * 86_400.0, model="m", **WEBHOOK)


def test_recall_is_asked_once_an_hour(stage: Stage) -> None:
    state: State = {}
    stage.query(["70", "100"], heads=RECALL_HEADS)
    texts = stage.evaluate([RECALL], state)
    stage.evaluate([RECALL], state, NOW + HOUR - MINUTE)
    stage.query(["90", "100"], heads=RECALL_HEADS)
    texts = stage.evaluate([RECALL], state, NOW + HOUR)

    title = "stack nrti: recall <80% in 7d, model m"
    assert texts == [
        f"Alert of {title}: recall 70% in 7d, 70 of 100 labelled failures",
        f"Over, {title}: after 1h; now recall 90% in 7d, 90 of 100 labelled failures",
    ]


def test_a_few_labels_say_nothing(stage: Stage) -> None:
    state: State = {}
    stage.query(["0", "9"], heads=RECALL_HEADS)

    assert stage.evaluate([RECALL], state) == []
    assert state["rules"][RECALL.id]["note"] == "9 labelled failures in 7d, needs 10"


def test_a_slow_query_is_looked_at_again_a_minute_later(stage: Stage) -> None:
    state: State = {}
    stage.query(state="RUNNING")
    assert stage.evaluate([RECALL], state) == []
    stage.query(["70", "100"], heads=RECALL_HEADS, start=False)

    assert len(stage.evaluate([RECALL], state, NOW + MINUTE)) == 1


def test_a_query_that_fails_is_reported_and_asked_again_an_hour_later(stage: Stage) -> None:
    state: State = {}
    stage.query(state="FAILED", reason="no such view")
    stage.evaluate([RECALL], state)
    problem = state["rules"][RECALL.id]["problem"]
    stage.query(["90", "100"], heads=RECALL_HEADS)
    stage.evaluate([RECALL], state, NOW + HOUR)

    assert problem == "the query of the lake failed: no such view"
    assert state["rules"][RECALL.id]["problem"] == ""


def test_a_problem_does_not_end_an_alert(stage: Stage) -> None:
    state: State = {}
    stage.query(["70", "100"], heads=RECALL_HEADS)
    stage.evaluate([RECALL], state)
    stage.query(state="FAILED", reason="busy")

    assert len(stage.evaluate([RECALL], state, NOW + HOUR)) == 1
    assert list(state["rules"][RECALL.id]["active"]) == [""]


def test_the_question_names_what_a_rule_is_about(stage: Stage) -> None:
    mine = rule("recall", threshold=0.8, seconds=86_400.0, model="m", sensor="it's")
    sql = (
        "SELECT coalesce(sum(prediction), 0) AS found, count(*) AS failures FROM outcomes"
        " WHERE day >= '2026-11-21' AND event_time >= TIMESTAMP '2026-11-21 12:30:00' AND truth = 1"
        " AND coalesce(shadow, false) = false AND model = 'm' AND sensor = 'it''s'"
    )
    expected: dict[str, Any] = {
        "QueryString": sql,
        "WorkGroup": "nrti",
        "QueryExecutionContext": {"Database": "nrti"},
    }
    stage.athena.add_client_error("start_query_execution", "Busy", expected_params=expected)

    stage.evaluate([mine], {})


def test_a_message_names_ten_sensors(stage: Stage) -> None:
    silent = rule("silence", seconds=60.0, **WEBHOOK)
    names = {f"robot-{number:02}": NOW for number in range(12)}
    for _ in range(24):
        stage.table.add_response("query", {"Items": []})

    (text,) = stage.evaluate([silent], {"sensors": {"names": names, "asked_at": NOW}})

    lines = text.splitlines()
    assert lines[0] == "Alert of stack nrti: silence 1m, all sensors"
    assert lines[1] == "robot-00: no event for 1h, since 2026-11-22 11:30:00 UTC"
    assert lines[11:] == ["and 2 more"]


def test_a_kind_of_a_later_release_is_reported(stage: Stage) -> None:
    later, state = rule("moon-phase"), State()

    stage.evaluate([later], state)

    assert state["rules"][later.id]["note"] == "this release has no rules of kind moon-phase"


class TestDrift:
    """Rules about drift; the arithmetic has its own tests."""

    VERSION = "20261122120000000"
    DRIFT = rule("drift", **WEBHOOK)

    def reference(self, stage: Stage, *, exists: bool = True) -> None:
        """What SageMaker and S3 know of model `m`."""
        described = {
            "EndpointName": "nrti-m",
            "EndpointArn": "arn:aws:sagemaker:us-east-1:1:endpoint/nrti-m",
            "EndpointConfigName": f"nrti-m-{self.VERSION}",
            "EndpointStatus": "InService",
            "CreationTime": 0,
            "LastModifiedTime": 0,
        }
        stage.sagemaker.add_response("describe_endpoint", described, {"EndpointName": "nrti-m"})
        where = {"Bucket": "artifacts", "Key": f"references/nrti-m/{self.VERSION}.json"}
        if exists:
            uniform = scores(2_000, seed=1)
            body = json.dumps(reference(uniform.reshape(-1, 1), scores(2_000, seed=2))).encode()
            stream = StreamingBody(io.BytesIO(body), len(body))
            stage.s3.add_response("get_object", {"Body": stream}, where)
        else:
            stage.s3.add_client_error("get_object", "NoSuchKey", expected_params=where)

    def listed(self, stage: Stage, *keys: str) -> None:
        """The references of the stack."""
        found = {"Contents": [{"Key": f"references/nrti-{key}"} for key in keys]}
        stage.s3.add_response("list_objects_v2", found, {"Bucket": "artifacts", "Prefix": "references/nrti-"})

    def counted(self, stage: Stage, *, shifted: bool, events: int = 2_000) -> None:
        """The counts of events, of which the input is as in the training, or always large."""
        rows = [["1", "1", "0", "", f"{events}"], ["2", "1", "5", "", f"{events}"]]
        bins = [9] if shifted else range(1, 11)
        rows += [["3", "1", f"{each}", "", f"{events // len(bins)}"] for each in bins]
        stage.query(*rows, heads="place slice bin sensor events")

    def test_a_model_without_a_reference_is_named(self, stage: Stage) -> None:
        self.reference(stage, exists=False)
        state: State = {}

        assert stage.evaluate([rule("drift", model="m", **WEBHOOK)], state) == []
        assert state["rules"]["drift-1"]["note"] == "m: no reference"

    def test_without_references_there_is_nothing_to_judge(self, stage: Stage) -> None:
        self.listed(stage)
        state: State = {}

        assert stage.evaluate([self.DRIFT], state) == []
        assert state["rules"]["drift-1"]["note"] == "no model has a reference"

    def test_a_shift_is_found_within_the_hour_and_named(self, stage: Stage) -> None:
        state: State = {}
        for hour in range(2):
            self.listed(stage, f"m/{self.VERSION}.json")
            self.reference(stage)
            self.counted(stage, shifted=True)
            texts = stage.evaluate([self.DRIFT], state, NOW + hour * HOUR)
            stage.evaluate([self.DRIFT], state, NOW + hour * HOUR + MINUTE)

        (text,) = texts
        assert text.startswith("Alert of stack nrti: drift, all models: m: ")
        assert "in 2,000 events of 1d" in text

    def test_a_query_that_fails_is_a_problem_of_the_rule(self, stage: Stage) -> None:
        self.listed(stage, f"m/{self.VERSION}.json")
        self.reference(stage)
        stage.query(state="FAILED", reason="too busy")
        state: State = {}

        stage.evaluate([self.DRIFT], state)

        assert state["rules"]["drift-1"]["problem"] == "the query of the lake failed: too busy"
