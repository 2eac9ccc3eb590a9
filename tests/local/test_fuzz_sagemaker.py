"""The local SageMaker under hostile requests: its control plane, and an endpoint that serves a model.

`make test` sends a few hundred, `make fuzz` thousands; they are the same ones each time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from nrti_cli.aws.target import Target
from nrti_local.process import REGION
from nrti_local.sagemaker.operations import HANDLERS
from tests.local import fuzz_bodies, fuzz_shapes
from tests.local.fuzz_client import FuzzClient
from tests.waiting import eventually

_SIGNED = {"authorization": f"AWS4-HMAC-SHA256 Credential=test/20261124/{REGION}/sagemaker/aws4_request"}
_MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
_TYPES = st.sampled_from(
    ["application/json", "text/csv", "application/json; charset=utf-16", "application/x-npy", ""]
)


@pytest.fixture(scope="module")
def client(pipeline: Target) -> FuzzClient:
    return FuzzClient(pipeline.endpoint_url or "")


@pytest.fixture(scope="module")
def workers(
    pipeline: Target,
    nrti_home: Path,
    model: str,  # noqa: ARG001 (the model must be there)
) -> Iterator[set[str]]:
    """The processes that serve models; after all tests they have to be the same ones.

    Those of endpoints that other tests have deleted end a moment later.
    """
    endpoints = pipeline.client("sagemaker").list_endpoints(NameContains="nrti-")["Endpoints"]
    before = eventually(lambda: _serving(nrti_home), lambda found: len(found) == len(endpoints))
    yield before
    assert _serving(nrti_home) == before, "no request may cost a model server its life"


def _serving(home: Path) -> set[str]:
    """The ids of the processes that serve models from files in a home directory."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            command, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
            if b"sagemaker.serving.worker" in command and str(home).encode() in environment:
                found.add(process.name)
    return found


def _control(client: FuzzClient, operation: str, body: bytes) -> None:
    headers = {"x-amz-target": operation, "content-type": "application/x-amz-json-1.1"}
    reply = client.send("POST", "/", body, _SIGNED | headers)
    if reply.status != 200:
        assert reply.body["__type"]
        assert reply.body["message"]


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, bytes]:
    """An operation of the control plane, and a body for it."""
    name = draw(st.sampled_from(sorted(HANDLERS)))
    shape = _MODEL.operation_model(name).input_shape
    assert shape
    return f"SageMaker.{name}", fuzz_bodies.encoded(draw(fuzz_shapes.requests(shape)))


@given(call=calls())
def test_every_call_of_the_control_plane_is_answered(
    client: FuzzClient, workers: set[str], call: tuple[str, bytes]
) -> None:
    assert workers
    _control(client, *call)


@given(
    operation=st.one_of(st.sampled_from(sorted(_MODEL.operation_names)).map("SageMaker.{}".format), _VALUES),
    body=st.one_of(fuzz_bodies.HOSTILE, st.just(b"null"), st.just(b"[]")),
)
def test_any_operation_and_body_is_answered(client: FuzzClient, operation: str, body: bytes) -> None:
    _control(client, operation, body)


def test_the_control_plane_still_lists_all_that_it_has(pipeline: Target, model: str) -> None:
    sagemaker: Any = pipeline.client("sagemaker")
    for operation in ("list_training_jobs", "list_models", "list_endpoint_configs", "list_endpoints"):
        for _ in sagemaker.get_paginator(operation).paginate():
            pass
    assert sagemaker.describe_endpoint(EndpointName=f"nrti-{model}")["EndpointStatus"] == "InService"


_ROWS = st.lists(
    st.one_of(st.lists(fuzz_bodies.NUMBERS, min_size=3, max_size=3), fuzz_bodies.JUNK), max_size=30
)
_LINES = st.lists(
    st.lists(st.one_of(fuzz_bodies.NUMBERS.map(str), st.text(max_size=9)), max_size=4).map(",".join)
)


@given(
    body=st.one_of(
        st.fixed_dictionaries({"instances": _ROWS}).map(fuzz_bodies.encoded),
        _LINES.map("\n".join).map(lambda text: text.encode("utf-8", "surrogatepass")),
        fuzz_bodies.HOSTILE,
    ),
    content_type=st.one_of(_TYPES, _VALUES),
    headers=st.dictionaries(
        st.sampled_from(["accept", "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id"]),
        _VALUES,
    ),
)
def test_an_endpoint_answers_every_body(
    client: FuzzClient, workers: set[str], model: str, body: bytes, content_type: str, headers: dict[str, str]
) -> None:
    assert workers
    sent = _SIGNED | headers | {"content-type": content_type}

    reply = client.send("POST", f"/endpoints/nrti-{model}/invocations", body, sent, json_answer=False)

    if reply.status != 200:
        assert reply.status == 424
        assert 400 <= reply.body["OriginalStatusCode"] < 500
        assert reply.body["OriginalMessage"]


@given(endpoint=st.one_of(st.text(min_size=1, max_size=70), fuzz_bodies.TEXT), variant=_VALUES)
def test_an_endpoint_that_there_is_not_is_refused(client: FuzzClient, endpoint: str, variant: str) -> None:
    path = f"/endpoints/{quote(endpoint.encode('utf-8', 'surrogatepass'), safe='')}/invocations"

    reply = client.send("POST", path, b"{}", _SIGNED | {"x-amzn-sagemaker-target-variant": variant})

    assert reply.status in {400, 404}
    assert reply.body.get("Message") or reply.body["message"]


def test_the_endpoint_still_judges_as_before(pipeline: Target, model: str) -> None:
    body = json.dumps({"instances": [[10, 80, 12], [1, 2, 3]]})
    runtime: Any = pipeline.client("sagemaker-runtime")

    answer = runtime.invoke_endpoint(EndpointName=f"nrti-{model}", ContentType="application/json", Body=body)

    assert [each["prediction"] for each in json.load(answer["Body"])["predictions"]] == [1, 0]
