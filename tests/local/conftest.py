"""The embedded AWS, once per test process: empty, with the stack on it, and with a published model."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nrti_cli.aws.apigateway import api_key
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs
from nrti_local import process
from nrti_local.server.processes.layout import Layout
from tests.local import forked
from tests.local.deployed import Pipeline
from tests.local.own import Own
from tests.local.sink import Sink, running_sink
from tests.unit.remote.alerts import receivers

receiver, webhook = receivers.receiver, receivers.webhook

#: The stack that the tests of a process share, once it is deployed, and the endpoint of their common model.
_DEPLOYED = pytest.StashKey[Target]()
_COMMON = "nrti-failure-v1"

Nrti = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def nrti_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home directory of the tests' own; everything started in it ends with them."""
    home = tmp_path_factory.mktemp("nrti-home")
    before = os.environ.get("NRTI_HOME")
    os.environ["NRTI_HOME"] = str(home)
    yield home
    process.destroy(Layout(home / "local"))
    if before is None:
        del os.environ["NRTI_HOME"]
    else:
        os.environ["NRTI_HOME"] = before


@pytest.fixture(scope="session")
def embedded(nrti_home: Path) -> Target:
    """An embedded AWS without a stack."""
    running = process.start(Layout(nrti_home / "local"))
    return Target(name="local", stack="nrti", endpoint_url=running.endpoint_url)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    """An embedded AWS of the test's own, not yet started."""
    own = Own(tmp_path)
    yield own
    process.destroy(own.layout)


@pytest.fixture
def tenant(pipeline: Target, nrti_home: Path, tmp_path: Path) -> Own:  # noqa: ARG001 (the stack must be there)
    """A home of the test's own with the embedded AWS that all share, for a stack beside `nrti`."""
    (tmp_path / "local").symlink_to(nrti_home / "local")
    return Own(tmp_path)


@pytest.fixture(scope="session")
def nrti(nrti_home: Path) -> Nrti:
    """Runs the command line as a user does; what it leaves in its directory goes with the tests."""

    def run(
        *arguments: str,
        cwd: Path = nrti_home,
        input: str = "",  # noqa: A002 (as `subprocess.run` calls it)
    ) -> subprocess.CompletedProcess[str]:
        return forked.nrti(*arguments, cwd=cwd, env=dict(os.environ), input=input)

    return run


@pytest.fixture(scope="session")
def pipeline(embedded: Target, nrti: Nrti, request: pytest.FixtureRequest) -> Target:
    """The deployed stack; its delivery buffers for one second only."""
    done = nrti("bootstrap", "--buffer-seconds", "1")
    assert done.returncode == 0, done.stderr
    request.config.stash[_DEPLOYED] = embedded
    return embedded


@pytest.fixture(scope="module", autouse=True)
def models_of_its_own(request: pytest.FixtureRequest) -> Iterator[None]:
    """Takes back what a file of tests has published: the next one sends to the newest model."""
    yield
    target = request.config.stash.get(_DEPLOYED, None)
    if target is None:
        return
    client = target.client("sagemaker")
    for page in client.get_paginator("list_endpoints").paginate(NameContains="nrti-"):
        for endpoint in page["Endpoints"]:
            if endpoint["EndpointName"] != _COMMON and endpoint["EndpointStatus"] == "InService":
                client.delete_endpoint(EndpointName=endpoint["EndpointName"])


@pytest.fixture(scope="session")
def model(pipeline: Target, nrti: Nrti) -> str:  # noqa: ARG001 (the stack must be there)
    """The name of a published model of the demo's rule."""
    done = nrti("train", "--name", "failure-v1", "--rows", "5000")
    assert done.returncode == 0, done.stderr
    return "failure-v1"


@pytest.fixture(scope="module")
def deployed(pipeline: Target, model: str) -> Pipeline:  # noqa: ARG001 (the model must be there)
    stack = outputs(pipeline)
    return Pipeline(pipeline, stack, api_key(pipeline, stack.api_key_id))


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A server that takes events in place of the API."""
    with running_sink() as running:
        yield running


@pytest.fixture
def sensor() -> str:
    """A sensor that no other test has."""
    return f"sensor-{uuid.uuid4()}"
