"""All that an open page asks of AWS for its panels about models in production."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from nrti_cli.aws.target import Target
from nrti_cli.dashboard.counting import Cost
from nrti_cli.dashboard.lookup import News
from nrti_cli.dashboard.production import Production
from nrti_cli.dashboard.views import Choice
from tests.unit.aws_run.conftest import ACCOUNT, ARTIFACTS, LAKE
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import OPERATOR
from tests.unit.aws_run.test_drift_story import KEY, NOW, REFERENCE, VERSION, counts, serves
from tests.unit.aws_run.test_status_story import stack_outputs
from tests.unit.conftest import Stub

_DEADLINE_SECONDS = 20
_SINCE = 1_795_000_000_000
BUCKET = int(NOW.timestamp()) // 21_600


@pytest.fixture
def policies() -> tuple[Path, ...]:
    return OPERATOR, DEPLOYER


def _object(stub: Stub, key: str, document: dict[str, Any]) -> None:
    content = json.dumps(document).encode()
    body = StreamingBody(io.BytesIO(content), len(content))
    stub("s3").add_response("get_object", {"Body": body, "ETag": "e"}, {"Bucket": ARTIFACTS, "Key": key})


def _keys(stub: Stub, bucket: str, prefix: str, *keys: str) -> None:
    found = {"Contents": [{"Key": key, "Size": 1, "LastModified": NOW} for key in keys]} if keys else {}
    stub("s3").add_response("list_objects_v2", found, {"Bucket": bucket, "Prefix": prefix})


def _everything(stub: Stub) -> None:
    rule = {"id": "r1", "kind": "silence", "added_at": _SINCE, "seconds": 300.0}
    _object(stub, "alerts/rules.json", {"rules": [rule]})
    state = {
        "rules": {"r1": {"active": {"robot-7": _SINCE}, "note": "1 of 2 silent"}},
        "evaluated_at": _SINCE,
    }
    _object(stub, "alerts/state.json", state)
    _keys(stub, LAKE, "labels/", "labels/month=2026-11/a.parquet")
    counts(
        stub, "q1", "from outcomes",
        "bucket,sensor,model,version,shadow,hits,false_alarms,missed,rejected\n"
        f"{BUCKET},a,m,1,false,5,1,2,90\n{BUCKET},b,m,1,false,1,0,1,9\n{BUCKET},a,s,2,true,7,0,0,91\n",
    )  # fmt: skip
    _keys(stub, ARTIFACTS, "shadows/", "shadows/m.json")
    counts(
        stub, "q2", "model in ('m')",
        f"bucket,model,shadow,events,alike,failures,shadow_failures\n{BUCKET},m,s,98,95,6,7\n",
    )  # fmt: skip
    endpoint = {"EndpointName": "nrti-m", "EndpointArn": "arn:aws:sagemaker:x:y:z/nrti-m"}
    times = {"CreationTime": NOW, "LastModifiedTime": NOW, "EndpointStatus": "InService"}
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": [endpoint | times]})
    serves(stub)
    _object(stub, KEY, REFERENCE)
    counts(
        stub, "q3", "width_bucket",
        "place,slice,bin,sensor,events\n1,1,0,,900\n1,1,1,,100\n2,1,1,,900\n2,1,2,,100\n3,1,3,,1000\n0,1,0,a,1000\n",
    )  # fmt: skip


async def _known(production: Production, choice: Choice) -> dict[str, Any]:
    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not (found := production.document(choice))["known"]:
            production.ask()
            await asyncio.sleep(0.01)
    production.close()
    return found


async def _opened(target: Target, cost: Cost, choice: Choice) -> dict[str, Any]:
    for service in ("athena", "s3", "sagemaker"):
        target.client(service)
    target.__dict__["account"] = ACCOUNT
    return await _known(Production(target, LAKE, News(), cost), choice)


def test_the_panels_show_what_the_lake_and_the_bucket_have(target: Target, stub: Stub) -> None:
    _everything(stub)
    cost = Cost()

    found = asyncio.run(_opened(target, cost, Choice(900)))

    assert not found["problems"]
    (alert,) = found["alerts"]
    assert (alert["condition"], alert["state"], alert["active"]) == (
        "silence 5m",
        "active",
        {"robot-7": _SINCE},
    )
    assert found["quality"]["buckets"] == [[BUCKET * 21_600, 6, 1, 3, 99]]
    assert found["quality"]["models"] == [["m", "1", False, 6, 1, 3, 99], ["s", "2", True, 7, 0, 0, 91]]
    (pair,) = found["shadows"]
    assert (pair["model"], pair["shadow"], pair["sums"]) == ("m", "s", [98, 95, 6, 7])
    (drift,) = found["drift"]
    assert (drift["state"], drift["version"], drift["events"]) == ("drift", VERSION, 1000)
    assert drift["inputs"][0]["name"] == "a"
    assert drift["inputs"][0]["reasons"] == ("shifted", "above")
    assert drift["inputs"][0]["now"] == [0, 0, 0, 1]
    assert drift["inputs"][0]["reference"] == [0, 0.5, 0.5, 0]
    assert cost.queries == 3


def test_a_choice_of_sensors_and_models_holds_for_the_panels(target: Target, stub: Stub) -> None:
    _everything(stub)

    found = asyncio.run(_opened(target, Cost(), Choice(900, frozenset({"b"}), "m")))

    assert found["quality"]["models"] == [["m", "1", False, 1, 0, 1, 9]]
    assert len(found["shadows"]) == 1
    assert len(found["drift"]) == 1


def test_a_stack_without_such_data_is_asked_for_it_without_a_query(target: Target, stub: Stub) -> None:
    rules = {"Bucket": ANY, "Key": "alerts/rules.json"}
    stub("s3").add_client_error("get_object", "NoSuchKey", expected_params=rules)
    _keys(stub, LAKE, "labels/")
    _keys(stub, ARTIFACTS, "shadows/")
    stub("sagemaker").add_response("list_endpoints", {"Endpoints": []})
    stack_outputs(stub, 1)

    found = asyncio.run(_opened(target, Cost(), Choice(900)))

    assert not found["problems"]
    assert (found["alerts"], found["quality"], found["shadows"], found["drift"]) == ([], None, [], [])
