"""An account that only exists in recordings: what is not expected fails, and all that is expected must come.

botocore validates every request by AWS's own API models, and every recorded answer. That the person
may make the call is held against docs/deployer-policy.json, or against the policies that a story names.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from nrti_cli.aws.target import Target
from tests.policies import Request, decide
from tests.rendered import Place
from tests.unit.aws_run.policy import FILE as DEPLOYER
from tests.unit.aws_run.policy import action, allowed
from tests.unit.conftest import Stub, sdk
from tests.unit.models.test_image import sdk as image_sdk
from tests.unit.stack.conftest import Story
from tests.unit.stack.conftest import poll as a_poll

poll = a_poll

ACCOUNT, REGION = "111122223333", "eu-central-1"
PLACE = Place("nrti", REGION, ACCOUNT)
ARTIFACTS = f"nrti-artifacts-{ACCOUNT}-{REGION}"
IMAGE = f"492215442770.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
LAKE = f"nrti-lake-{ACCOUNT}-{REGION}"


class Recording(Stubber):
    """A stubber that does not mind the order: several threads ask at once."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.asked: Counter[str] = Counter()
        self._queue: deque[dict[str, Any]]
        self._taking = threading.Lock()

    def _assert_expected_params(
        self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: object
    ) -> None:
        self.asked[model.name] += 1
        with self._taking:
            for position, entry in enumerate(self._queue):
                if entry["operation_name"] == model.name and _fits(entry["expected_params"], params):
                    del self._queue[position]
                    context["recorded"] = entry["response"]
                    return
        pytest.fail(f"{model.name} was not expected, with {params}")

    def _get_response_handler(self, *_: object, context: dict[str, Any], **__: object) -> Any:
        return context["recorded"]


def _fits(expected: dict[str, Any] | None, params: dict[str, Any]) -> bool:
    return expected is None or (
        expected.keys() == params.keys()
        and all(value is ANY or value == params[name] for name, value in expected.items())
    )


def decision(file: Path, wanted: str, resource: str, conditions: dict[str, str] | None = None) -> str:
    """What IAM decides about an action on a resource for those who have a policy of docs/."""
    return decide([json.loads(file.read_text())], Request(wanted, resource, conditions or {}), PLACE)


@pytest.fixture
def target() -> Target:
    target = Target(name="aws", stack="nrti", region=REGION)
    target.__dict__["session"] = sdk(REGION)
    return target


@pytest.fixture
def policies() -> tuple[Path, ...]:
    """Each of them has to allow all calls."""
    return (DEPLOYER,)


@pytest.fixture
def stub(target: Target, policies: tuple[Path, ...]) -> Iterator[Stub]:
    """The recording of a service's client."""
    recordings: dict[str, Recording] = {}

    def of(service: str) -> Stubber:
        if service not in recordings:
            recordings[service] = Recording(target.client(service))
            recordings[service].activate()
        return recordings[service]

    yield of
    for service, recording in recordings.items():
        recording.assert_no_pending_responses()
        needed = {action(service, operation) for operation in recording.asked}
        for policy in policies:
            assert not {each for each in needed if not allowed(each, policy)}, f"{policy.name} lacks these"


@pytest.fixture
def story(stub: Stub) -> Story:
    stub("sts").add_response("get_caller_identity", {"Account": ACCOUNT})
    return Story(stub)


@pytest.fixture
def serving_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """SageMaker's SDK knows the image; it need not be installed."""

    def retrieve(*_: str, **__: str) -> str:
        return IMAGE

    image_sdk(monkeypatch, retrieve)
