"""A target whose SDK clients are stubbed: strict, everything that was recorded must be called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target
from nrti_local.process import REGION

Stub = Callable[[str], Stubber]


@cache
def sdk(region: str) -> Session:
    """A session for all tests: to read the description of a service takes longer than most tests."""
    return new_session(access_key="unused", secret_key="unused", region=region)


@pytest.fixture
def target() -> Target:
    target = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9")
    target.__dict__["account"] = "000000000000"
    target.__dict__["session"] = sdk(REGION)
    return target


@pytest.fixture
def stub(target: Target) -> Iterator[Stub]:
    """Makes the stubber of a service's client, once."""
    stubbers: dict[str, Stubber] = {}

    def of(service: str) -> Stubber:
        if service not in stubbers:
            stubbers[service] = Stubber(target.client(service))
            stubbers[service].activate()
        return stubbers[service]

    yield of
    for stubber in stubbers.values():
        stubber.assert_no_pending_responses()


class SilentProgress:
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.updates: list[str] = []
        self.milestones: list[str] = []
        self.lines: list[str] = []
        self.shares: list[float | None] = []

    def milestone(self, message: str) -> None:
        self.milestones.append(message)

    def update(self, message: str) -> None:
        self.updates.append(message)

    def advance(self, share: float | None) -> None:
        self.shares.append(share)

    def log(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def progress() -> SilentProgress:
    return SilentProgress()


@pytest.fixture
def wait_delays() -> list[float]:
    """What was slept, by passing `wait_delays.append` as the sleep."""
    return []


def missing(stubber: Stubber, operation: str, what: str, **expected: Any) -> None:
    """SageMaker's answer about something that it does not have."""
    stubber.add_client_error(
        operation, "ValidationException", f'Could not find {what} "arn:x".', expected_params=expected
    )
