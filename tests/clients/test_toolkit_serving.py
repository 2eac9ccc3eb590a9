"""The same requests under AWS's toolkit and at an endpoint of the local SageMaker, side by side."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from nrti_cli.aws.target import Target
from nrti_cli.models.training.dataset import demo
from tests.clients.jobs import extracted, own_job
from tests.clients.venv import PROGRAMS, Venv
from tests.local.sagemaker_support import SageMaker

pytestmark = pytest.mark.clients

JSON = "application/json"
REQUESTS: list[tuple[bytes, str, str]] = [
    (b'{"instances": [[1, 99, 2], [1, 2, 3]]}', JSON, ""),
    (b'{"instances": [[1, 99, 2]]}', JSON, "*/*"),
    (b'{"instances": [[1, 99, 2]]}', JSON, "text/csv"),
    (b'{"instances": [[1, 99, 2], [1, 2], [1, NaN, 3], ["a", 1, 2], 7]}', JSON, ""),
    (b'{"instances": [[1, 99, 2]]}', f"{JSON}; charset=utf-8", ""),
    (b'{"instances": []}', JSON, ""),
    (b"1,99,2\n1,2\n", "text/csv", "text/csv"),
    (b"1,99,2\n1,2\n", "text/csv", ""),
    (b"1,99,2\n", "text/csv", "application/x-npy"),
    (b"{", JSON, ""),
    (b"", JSON, ""),
    (b"[1]", JSON, ""),
    (b'{"instances": ["\xff"]}', JSON, ""),
    (b"\xff\xfe", "text/csv", ""),
    (b"<a/>", "application/xml", ""),
    (b"\x00\x01", "application/x-npy", ""),
]
#: Echoes what reaches it, and fails or answers in another form as the request says.
ECHO = """
MIMETYPES = ("plain", "xml", "json")
class Own:
    status_code, mimetype, status = 418, "text/plain", "418 I AM A TEAPOT"
    def get_data(self): return b"short and stout"
    def __call__(self, environ, start_response):
        start_response(self.status, [("Content-Type", self.mimetype)])
        return [self.get_data()]
def model_fn(directory): return "model"
def input_fn(body, content_type): return [repr(body), content_type]
def predict_fn(data, model):
    if "boom" in data[0]: raise ValueError("boom")
    return [*data, model]
def output_fn(data, accept):
    text = str([*data, accept])
    forms = {"bare": text, "bytes": text.encode(), "own": Own(), "nothing": None, "number": 7}
    forms |= {kind: (text, f"{'text' if kind == 'plain' else 'application'}/{kind}") for kind in MIMETYPES}
    return next((form for name, form in forms.items() if name in data[0]), (text, accept))
"""
ECHOED: list[tuple[bytes, str, str]] = [
    *[
        (word.encode(), JSON, "")
        for word in ("boom", "bare", "bytes", "plain", "xml", "own", "json", "nothing", "number")
    ],
    (b"some", JSON, "a/b"),
    (b"some", "text/csv", "*/*"),
    (b"some\xff", "text/csv", "text/csv"),
    (b"some\xff", "a/b", "text/csv"),
    (b"", "a/b", "a/b"),
]


@dataclass(frozen=True)
class Serving:
    """A script that is served on both sides."""

    sagemaker: SageMaker
    endpoint: str
    toolkit: Venv
    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def ours(self, body: bytes, content_type: str, accept: str) -> tuple[int, str, bytes]:
        """What InvokeEndpoint answers, or reports of the model's own answer."""
        headers: dict[str, Any] = {"ContentType": content_type, **({"Accept": accept} if accept else {})}
        try:
            answer = self.sagemaker.runtime.invoke_endpoint(EndpointName=self.endpoint, Body=body, **headers)
        except ClientError as error:
            reply: Any = error.response
            return reply["OriginalStatusCode"], "", reply["OriginalMessage"].encode()
        return 200, answer["ContentType"], answer["Body"].read()

    def theirs(self, requests: list[tuple[bytes, str, str]]) -> list[tuple[int, str, bytes]]:
        """What the toolkit answers; of a failure SageMaker reports only the status and the body."""
        asked = [
            {
                "body": base64.b64encode(body).decode(),
                "headers": {"Content-Type": content_type, **({"Accept": accept} if accept else {})},
            }
            for body, content_type, accept in requests
        ]
        requested, answered = self.root / "requests.json", self.root / "answers.json"
        requested.write_text(json.dumps(asked))
        self.toolkit.succeed(
            PROGRAMS / "serve_by_toolkit.py", self.root, requested, answered, variables=self.variables
        )
        return [
            (
                answer["status"],
                answer["content_type"] if answer["status"] == 200 else "",
                base64.b64decode(answer["body"]),
            )
            for answer in json.loads(answered.read_text())
        ]


def statuses(serving: Serving, requests: list[tuple[bytes, str, str]]) -> set[int]:
    """Sends each request to both, and returns the statuses; a 500's body is the web framework's own page."""
    seen = set()
    for request, theirs in zip(requests, serving.theirs(requests), strict=True):
        ours = serving.ours(*request)
        assert ours[0] == theirs[0], request
        assert ours == theirs or theirs[0] == 500, request
        seen.add(theirs[0])
    return seen


@pytest.fixture(scope="module")
def sagemaker(embedded: Target) -> SageMaker:
    return SageMaker.of(embedded)


def test_the_model_answers_the_same(sagemaker: SageMaker, toolkit: Venv, tmp_path: Path) -> None:
    job = sagemaker.ended(sagemaker.job("", **own_job(sagemaker, demo(3000, seed=4).parquet())))
    root = extracted(sagemaker, job, tmp_path / "model").parent
    endpoint = sagemaker.serve(job["ModelArtifacts"]["S3ModelArtifacts"])

    assert statuses(Serving(sagemaker, endpoint, toolkit, root), REQUESTS) == {200, 400, 415}


def test_a_script_is_asked_and_answers_the_same(sagemaker: SageMaker, toolkit: Venv, tmp_path: Path) -> None:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "code" / "inference.py").write_text(ECHO)
    endpoint = sagemaker.endpoint(ECHO)

    assert statuses(Serving(sagemaker, endpoint, toolkit, tmp_path), ECHOED) == {200, 418, 500}
