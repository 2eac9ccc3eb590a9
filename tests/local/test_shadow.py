"""A shadow scores the events of another model, is compared with it, and takes its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Nrti
from tests.local.deployed import Pipeline, event
from tests.local.test_predictions_apart import artifact
from tests.waiting import eventually

MODEL, SHADOW = "shadowed", "candidate"


def ok(nrti: Nrti, *arguments: str) -> str:
    done = nrti(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shadow(deployed: Pipeline, nrti: Nrti) -> str:
    """A model that no event has named yet, and its shadow: no function remembers that it had none."""
    uri = artifact(deployed, "failure-v1")
    ok(nrti, "deploy-model", "--name", MODEL, "--artifact", uri)
    said = nrti("deploy-model", "--name", SHADOW, "--shadow-of", MODEL, "--artifact", uri, "--format", "json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["shadow_of"] == MODEL
    assert "scores the events of shadowed as well" in said.stderr
    return SHADOW


def of(items: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    return [item for item in items if item["model"]["S"] == model]


def both(deployed: Pipeline, sensor: str, count: int) -> list[dict[str, Any]]:
    """The items of a sensor, once the shadow has scored its events, too."""
    return eventually(
        lambda: deployed.items(sensor), lambda items: len(of(items, SHADOW)) == count, seconds=20
    )


pytestmark = pytest.mark.usefixtures("shadow")


@pytest.mark.parametrize("path", ["/events", "/predictions"])
def test_the_shadow_scores_an_event_too_and_its_sender_does_not_see_it(
    deployed: Pipeline, shadow: str, sensor: str, path: str
) -> None:
    _, answer = deployed.post(event(sensor, 3, 97, 5, model=MODEL), path)

    items = both(deployed, sensor, 1)
    (own,), (other,) = of(items, MODEL), of(items, SHADOW)
    assert "shadow" not in own
    assert other["shadow"] == {"N": "1"}
    same = ("event_id", "timestamp", "received_at", "data", "prediction", "probability")
    assert [own[name] for name in same] == [other[name] for name in same]
    assert other["event_key"] == {"S": f"{own['event_key']['S'].removesuffix(MODEL)}{shadow}#shadow"}
    assert shadow not in json.dumps(answer)
    assert answer.get("model", MODEL) == MODEL


def test_an_event_that_is_sent_again_or_to_the_shadow_itself_is_no_second_shadow_prediction(
    deployed: Pipeline, shadow: str, sensor: str
) -> None:
    sent = {**event(sensor, model=MODEL), "event_id": "e", "timestamp": 1_795_000_000_000}
    for each in (sent, sent, {**sent, "model": shadow}):
        deployed.send(each)

    items = eventually(lambda: deployed.items(sensor), lambda items: len(items) == 3, seconds=20)

    assert sorted("shadow" in item for item in of(items, shadow)) == [False, True]


def test_what_the_shadow_does_not_take_is_no_dead_letter(
    deployed: Pipeline, nrti: Nrti, shadow: str, sensor: str
) -> None:
    before = deployed.stack.dead_letter_queue_url
    client = deployed.target.client("sagemaker")
    client.delete_endpoint(EndpointName=f"nrti-{shadow}")
    request = deployed.send(event(sensor, model=MODEL))
    eventually(lambda: deployed.items(sensor))

    said = eventually(
        lambda: nrti("logs", "inference", "--since", "1m").stdout,
        lambda log: request in log and "UnknownModel" in log,
    )

    assert '"failing_models": {"candidate": "UnknownModel"}' in said
    assert not deployed.rejected(request)
    assert before
    config = client.list_endpoint_configs(NameContains=f"nrti-{shadow}")["EndpointConfigs"][0]
    client.create_endpoint(EndpointName=f"nrti-{shadow}", EndpointConfigName=config["EndpointConfigName"])
    eventually(
        lambda: client.describe_endpoint(EndpointName=f"nrti-{shadow}")["EndpointStatus"],
        lambda status: status == "InService",
    )


def test_the_counts_of_events_do_not_count_the_shadow(
    deployed: Pipeline, nrti: Nrti, sensor: str, tmp_path: Path
) -> None:
    ledger = str(tmp_path / "ledger")
    ok(
        nrti,
        "produce",
        "--model",
        MODEL,
        "--sensor",
        sensor,
        "--count",
        "6",
        "--rate",
        "50",
        "--ledger",
        ledger,
    )
    both(deployed, sensor, 6)

    found = json.loads(ok(nrti, "verify", "--ledger", ledger, "--wait", "20s", "--format", "json"))
    shown = ok(nrti, "tail", "--no-follow", "--sensor", sensor, "--format", "json").splitlines()
    by_shadow = (
        f"select shadow, count(*) as n from predictions where sensor = '{sensor}' group by 1 order by 1"  # noqa: S608
    )
    rows = eventually(
        lambda: ok(nrti, "query", by_shadow, "--format", "json").splitlines(), lambda rows: len(rows) == 2
    )

    assert (found["accepted"], found["stored"], found["delivered"], found["duplicates"]) == (6, 6, 6, 0)
    assert {json.loads(line)["model"] for line in shown} == {MODEL}
    assert [json.loads(row) for row in rows] == [{"shadow": False, "n": 6}, {"shadow": True, "n": 6}]


def test_the_two_are_compared_by_the_lake(deployed: Pipeline, nrti: Nrti, shadow: str, sensor: str) -> None:
    ok(nrti, "produce", "--model", MODEL, "--sensor", sensor, "--count", "8", "--rate", "50")
    both(deployed, sensor, 8)
    count = f"select count(*) as n from predictions where sensor = '{sensor}'"  # noqa: S608
    eventually(
        lambda: json.loads(ok(nrti, "query", count, "--format", "json"))["n"], lambda n: n == 16, seconds=20
    )
    before = json.loads(ok(nrti, "models", "compare", MODEL, shadow, "--format", "json"))
    ok(nrti, "label", "--sensor", sensor, "--from", "2026-01-01", "--to", "2100-01-01", "--label", "1")

    found = json.loads(ok(nrti, "models", "compare", MODEL, shadow, "--since", "1h", "--format", "json"))

    assert (before["coverage"]["agreement"], before["quality"]) == (1.0, None)
    assert found["coverage"]["both"] >= 8
    assert found["coverage"]["labelled"] == found["quality"]["rows"] == 8
    first, second = found["quality"]["models"]
    assert (first["model"], second["model"]) == (MODEL, shadow)
    assert first["confusion"] == second["confusion"]
    assert "8 labelled events" in ok(nrti, "models", "compare", MODEL, shadow)


def test_models_shows_the_relation(nrti: Nrti, shadow: str) -> None:
    listed = json.loads(ok(nrti, "models", "--format", "json"))

    assert {model["name"]: model["shadow_of"] for model in listed}[shadow] == MODEL
    assert f"shadow of {MODEL}" in ok(nrti, "models")


def test_a_shadow_is_promoted_and_ends(deployed: Pipeline, nrti: Nrti, shadow: str) -> None:
    client = deployed.target.client("sagemaker")
    former = client.describe_endpoint(EndpointName=f"nrti-{MODEL}")["EndpointConfigName"]
    ok(
        nrti,
        "deploy-model",
        "--name",
        shadow,
        "--artifact",
        artifact(deployed, "failure-v1"),
        "--threshold",
        "0.9",
    )

    done = json.loads(ok(nrti, "models", "promote", shadow, "--format", "json"))

    assert (done["model"], done["shadow"], done["changed"]) == (MODEL, shadow, True)
    assert client.describe_endpoint(EndpointName=f"nrti-{MODEL}")["EndpointConfigName"] != former
    again = nrti("models", "promote", shadow)
    assert (again.returncode, "shadows no other" in again.stderr) == (1, True)
    assert {model["shadow_of"] for model in json.loads(ok(nrti, "models", "--format", "json"))} == {""}


def test_a_shadow_ends_without_promotion_or_with_its_model(nrti: Nrti, shadow: str) -> None:
    ok(nrti, "deploy-model", "--name", shadow, "--shadow-of", MODEL)
    ended = nrti("models", "end-shadow", shadow)
    assert "candidate is no longer the shadow of shadowed" in ended.stderr
    ok(nrti, "deploy-model", "--name", shadow, "--shadow-of", MODEL)

    gone = nrti("models", "delete", shadow, "--yes")

    assert "This will end: candidate as the shadow of shadowed" in gone.stderr
    assert nrti("models", "end-shadow", shadow).returncode == 1
