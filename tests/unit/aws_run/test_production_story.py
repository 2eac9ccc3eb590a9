"""A model in production with `--target aws`: it is trained, judged by labels, replaced, and rolled back.

tests/local/test_production_story.py runs the same story by commands alone, on the embedded AWS. Here each
step calls what its command calls, and has to ask for exactly what is recorded for it.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from nrti_cli.alerts.expressions import rule
from nrti_cli.alerts.registration import add
from nrti_cli.aws.target import Target
from nrti_cli.commands.quality import _require
from nrti_cli.drift.check import check
from nrti_cli.errors import ExitStatus, NrtiError
from nrti_cli.labels.columns import Columns
from nrti_cli.labels.reading import read_labels
from nrti_cli.labels.recording import record
from nrti_cli.models.endpoint import find
from nrti_cli.models.publication.rollback import roll_back
from nrti_cli.models.training.dataset import LINEAGE_KEY, demo
from nrti_cli.models.training.incumbent import artifact_in_service
from nrti_cli.models.training.lake_query import Wanted, statement
from nrti_cli.models.training.lake_rows import load
from nrti_cli.remote.alerts_function import outbox
from nrti_cli.remote.alerts_function.channels import Channels
from nrti_cli.remote.alerts_function.evaluation import evaluate
from nrti_cli.remote.alerts_function.rules import RULES_KEY
from nrti_cli.remote.alerts_function.store import Store
from nrti_cli.stack.outputs import outputs
from tests.unit.aws_run.alert_recordings import has_object, has_rules, has_stack, keeps_secret, schedules
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS
from tests.unit.aws_run.production_account import INPUTS, SINCE, Account
from tests.unit.aws_run.quality_recordings import (
    KINDS,
    gives_rows,
    lists_signatures,
    publishes,
    queries,
)
from tests.unit.aws_run.test_drift_story import DISTURBED, counts, measures, serves
from tests.unit.aws_run.test_status_story import stack_outputs
from tests.unit.conftest import SilentProgress, Stub
from tests.unit.labels.test_recording import COUNTED, Body, Lake
from tests.unit.models import test_evaluation
from tests.unit.models.test_going_back import goes, lists
from tests.unit.quality.outcomes import outcomes, run
from tests.unit.remote.alerts import conftest as function_conftest
from tests.unit.remote.alerts.conftest import MINUTE, NOW, ClientOf, MemoryS3
from tests.unit.remote.alerts.receivers import receiving
from tests.unit.remote.alerts.test_evaluation import RECALL_HEADS, Stage

pytestmark = pytest.mark.usefixtures("serving_image")
client_of = function_conftest.client_of

EVENTS = 400
LOG = """sensor,start,end,label
robot-1,2026-11-20T00:00:00.000Z,2026-11-20T00:00:00.199Z,0
robot-1,2026-11-20T00:00:00.200Z,2026-11-20T00:00:00.399Z,1
"""
_INTERVALS = {"sensor": "varchar", "start_time": "timestamp", "end_time": "timestamp", "word": "bigint"}
#: The evaluation of the second version, which is better than the first on the same held-out rows.
BETTER = test_evaluation.WRITTEN | {
    "recall": 0.97,
    "incumbent": {"difference": {"f1": (0.5, 0.7), "average_precision": (0.4, 0.6)}},
}


def _truth(labels: list[dict[str, Any]]) -> list[int]:
    """What the labels say of events a millisecond apart."""
    moments = [SINCE.replace(tzinfo=None) + timedelta(milliseconds=number) for number in range(EVENTS)]
    spans = [
        (each["start_time"].replace(tzinfo=None), each["end_time"].replace(tzinfo=None), each["label"])
        for each in labels
    ]
    return [next(word for first, last, word in spans if first <= at <= last) for at in moments]


def _scored(truth: list[int], hits: int, version: str) -> dict[str, list[Any]]:
    """Predictions of a version that finds so many of the failures."""
    failures = [number for number, failed in enumerate(truth) if failed]
    found = {*failures[:hits]}
    prediction = [int(number in found) for number in range(len(truth))]
    return {
        "truth": truth,
        "prediction": prediction,
        "probability": [0.9 if each else 0.1 for each in prediction],
        "version": [version] * len(truth),
        "data": [[1.0, float(number), 3.0] for number in range(len(truth))],
    }


def _both(first: dict[str, list[Any]], second: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: values + second[name] for name, values in first.items()}


class Plant:
    """The steps of the story. Each leaves in the account what the next ones find there."""

    def __init__(self, account: Account, scratch: Path) -> None:
        self.account, self.target, self.stub, self._scratch = account, account.target, account.stub, scratch
        self._columns: dict[str, list[Any]] = {}

    @property
    def newest(self) -> str:
        """The name of the newest version's configuration."""
        return list(self.account.versions)[-1]

    def trains(self) -> None:
        """`nrti train --name m`."""
        self.stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
        self.account.endpoint.absent()
        self.account.starts_job(scripts_are_known=False)
        job = self.account.start(demo(2_000, 0), artifact_in_service(self.target, "m"))
        self.account.finish(job, test_evaluation.WRITTEN, if_better=False)

    def labels(self) -> None:
        """`nrti label log.csv`; its intervals decide from now on what is true."""
        log = self._scratch / "log.csv"
        log.write_text(LOG)
        stack_outputs(self.stub, 1)
        lake = Lake(self.stub)
        lake.answers(_INTERVALS)
        written = lake.takes()
        lake.answers(COUNTED, (2, 0))
        batch = read_labels(str(log), Columns(), lambda _: None)
        done = record(self.target, outputs(self.target), batch, SilentProgress())
        assert (done.form, done.recorded, done.matched, done.unmatched) == ("interval", 2, 2, 0)
        self._columns = _scored(_truth(written.rows), 20, self.newest[-17:])

    def falls_short(self) -> None:
        """`nrti quality --model m --fail-under recall=0.8`."""
        (found,) = self.account.judge(outcomes(EVENTS, **self._columns), self._scratch, model="m")
        assert found.promised == {"recall": test_evaluation.WRITTEN["recall"]}
        assert (found.metrics["recall"], found.broken_promises) == (0.1, ["recall"])
        with pytest.raises(NrtiError, match=r"recall of m is 0\.1000, below 0\.8") as ended:
            _require([found], {"recall": 0.8})
        assert ended.value.exit_status is ExitStatus.FAILED

    def drifts(self) -> None:
        """`nrti drift --model m`, against the reference that the publication has stored."""
        version = self.newest[-17:]
        serves(self.stub, self.newest)
        reference = json.loads(self.account.reference.content)
        has_object(self.stub, f"references/nrti-m/{version}.json", reference)
        counts(self.stub, "q", f"version = '{version}'", DISTURBED)
        measures(self.stub)
        found = check(self.target, find(self.target, "m"), SINCE, None)
        assert "drift" in found.problems  # with problems, the exit code is 1
        assert found.verdict
        assert [each.name for each in found.verdict.drifted] == ["a"]

    def adds_alert(self, address: str) -> bytes:
        """`nrti alert add --recall '<0.8' --model m --webhook FILE`; returns the file of rules."""
        wanted = rule("recall", "<0.8", added_at=NOW, model="m")
        has_rules(self.stub)
        has_stack(self.stub)
        keeps_secret(self.stub, f"/nrti/nrti/alerts/{wanted.id}", address)
        schedules(self.stub)
        has_rules(self.stub)
        written = self.account.takes(RULES_KEY, IfNoneMatch="*")
        schedules(self.stub, again=True)
        (added,) = add(self.target, [wanted], address)
        assert added.rule.host == "127.0.0.1"
        return written.content

    def trains_again(self) -> None:
        """`nrti train --name m --from-lake --if-better`."""
        chosen, (artifact,) = Wanted("m", SINCE), self.account.artifacts
        sql = statement(chosen, published=True)
        publishes(self.stub, INPUTS, self.newest, self.account.versions[self.newest])
        lists_signatures(self.stub, self.newest)
        queries(self.stub, sql)
        rows = run(sql, outcomes(EVENTS, **self._columns), self._scratch)
        lines = [",".join(f'"{row[name]}"' if row[name] else "" for name in KINDS) for row in rows]
        gives_rows(self.stub, lines)
        self.account.endpoint.endpoint("InService", self.newest)
        self.account.endpoint.serves(artifact, self.newest)
        key = artifact.removeprefix(f"s3://{ARTIFACTS}/")
        self.stub("s3").add_response("head_object", {}, {"Bucket": ARTIFACTS, "Key": key})
        data = self.account.starts_job(scripts_are_known=True)
        dataset = load(self.target, chosen)
        job = self.account.start(dataset, artifact_in_service(self.target, "m"), "time")
        self._is_trained_on(data, sql)
        self.account.finish(job, BETTER, if_better=True)

    def _is_trained_on(self, data: Body, sql: str) -> None:
        used = pq.read_table(io.BytesIO(data.content))
        request = self.account.requests["CreateTrainingJob"][-1]
        lineage = json.loads(used.schema.metadata[LINEAGE_KEY])
        assert (used.num_rows, lineage) == (EVENTS, {"query": sql.strip(), "lake_rows": EVENTS})
        channels = {each["ChannelName"]: each["DataSource"] for each in request["InputDataConfig"]}
        assert channels["incumbent"]["S3DataSource"]["S3Uri"] == self.account.artifacts[0]
        assert request["HyperParameters"]["split"] == '"time"'

    def has_gained(self) -> None:
        """`nrti quality --by version`, when the second version has scored as many events."""
        later = _scored(self._columns["truth"], 194, self.newest[-17:])
        both = {name: values + later[name] for name, values in self._columns.items()}
        parts = self.account.judge(outcomes(2 * EVENTS, **both), self._scratch, by="version")
        assert [each.part for each in parts] == [name[-17:] for name in self.account.versions]
        assert [each.metrics["recall"] for each in parts] == [0.1, 0.97]
        assert [each.promised["recall"] for each in parts] == [0.9124, 0.97]
        assert [each.broken_promises for each in parts] == [["recall"], []]

    def rolls_back(self) -> None:
        """`nrti models rollback m`."""
        first, second = self.account.versions
        lists(self.account.endpoint, second, (first, second))
        goes(self.account.endpoint, second, first)
        done = roll_back(self.target, "m", SilentProgress(), lambda _: None)
        assert (done.left, done.version) == (second[-17:], first[-17:])
        assert self.account.requests["UpdateEndpoint"][-1]["EndpointConfigName"] == first


class AlertsFunction:
    """The function for alerts, with clients of its own."""

    def __init__(self, client_of: ClientOf, rules: bytes, address: str) -> None:
        self._stage, self._store = Stage(client_of), Store(MemoryS3({RULES_KEY: rules}), ARTIFACTS)
        ssm, secrets = client_of("ssm")
        self._channels = Channels(None, "", ssm)
        (only,) = self._store.rules()
        asked = {"Name": only.parameter, "WithDecryption": True}
        secrets.add_response("get_parameter", {"Parameter": {"Value": address}}, asked)

    def runs(self, now: int, *, asks_the_lake: bool) -> None:
        """What the schedule has it do; the address can be read once, and a message without it would wait."""
        if asks_the_lake:
            self._stage.query(["20", "200"], heads=RECALL_HEADS)
        rules = {each.id: each for each in self._store.rules()}
        state, etag = self._store.state()
        evaluate(list(rules.values()), state, self._stage.sources, self._channels, "nrti", now)
        self._store.put(state, etag)
        outbox.deliver(
            self._store,
            lambda message: self._channels.send(message["channel"], rules[message["rule"]], message["text"]),
            now,
        )
        assert self._store.state()[0]["outbox"] == []


def test_a_model_is_watched_retrained_and_rolled_back(
    target: Target, stub: Stub, client_of: ClientOf, tmp_path: Path
) -> None:
    account = Account(target, stub)
    plant = Plant(account, tmp_path)
    for step in (plant.trains, plant.labels, plant.falls_short, plant.drifts):
        with account.step():
            step()
    with receiving() as webhook:
        with account.step():
            rules = plant.adds_alert(webhook.address)
        function = AlertsFunction(client_of, rules, webhook.address)
        for minutes in (0, 1, 60):
            function.runs(NOW + minutes * MINUTE, asks_the_lake=minutes != 1)
        (message,) = webhook.got
        assert "recall 10% in 7d, 20 of 200 labelled failures" in message["text"]
    for step in (plant.trains_again, plant.has_gained, plant.rolls_back):
        with account.step():
            step()
