"""An endpoint that changes, goes away or is too small while events come for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.hog import Hog
from tests.chaos.load import Load
from tests.chaos.system import System
from tests.local.own import MODEL
from tests.waiting import eventually

pytestmark = pytest.mark.chaos

_ENDPOINT = f"nrti-{MODEL}"


def test_events_for_an_endpoint_that_was_deleted_are_redriven_when_it_is_back(system: System) -> None:
    sagemaker = system.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=_ENDPOINT)["EndpointConfigName"]
    load = Load.start(system)
    load.await_accepted(200)
    sagemaker.delete_endpoint(EndpointName=_ENDPOINT)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=_ENDPOINT, WaiterConfig={"Delay": 1})
    load.await_accepted(300)
    sagemaker.create_endpoint(EndpointName=_ENDPOINT, EndpointConfigName=config)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=_ENDPOINT, WaiterConfig={"Delay": 1})
    load.await_accepted(200)
    load.stop()
    account = load.verified()
    assert account["dead"] >= 200
    assert set(account["reasons"]) == {"UnknownModel"}

    system.does("redrive")

    account = load.verified()
    assert account["dead"] == 0
    assert account["stored"] == account["accepted"]


def test_an_endpoint_that_is_updated_fails_no_event(system: System) -> None:
    load = Load.start(system)
    load.await_accepted(200)
    system.publish("--memory", "3072")
    load.await_accepted(200)
    load.stop()

    account = load.verified()

    assert account["stored"] == account["accepted"]
    # A busy machine has too many at once for a moment, as it may without an update.
    assert {reason.partition(" ")[0] for reason in load.setbacks} <= {"429"}


def test_an_endpoint_that_throttles_costs_no_event(system: System) -> None:
    system.publish("--concurrency", "1")
    load = Load.start(system)
    with Hog(system.target(), _ENDPOINT):
        load.await_accepted(1000)
    load.stop()

    load.verified()

    eventually(lambda: _throttled(system))


def _throttled(system: System) -> float:
    """Invocations that were refused, by SageMaker's metrics; the model itself refuses none here."""
    now = datetime.now(UTC)
    found = system.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocation4XXErrors",
        Dimensions=[
            {"Name": "EndpointName", "Value": _ENDPOINT},
            {"Name": "VariantName", "Value": _variant(system)},
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def _variant(system: System) -> str:
    described = system.client("sagemaker").describe_endpoint(EndpointName=_ENDPOINT)
    return str(described["ProductionVariants"][0]["VariantName"])
