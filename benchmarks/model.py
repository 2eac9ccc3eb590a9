"""How quick a served model answers and how quick it is trained, beside scikit-learn alone."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, seconds, target
from nrti_cli.aws.target import Target

_MODEL, _ROWS = "bench-model", 50_000
_ROW = [12, 80, 7]
_CALLS = 1000
_BODIES = {rows: json.dumps({"instances": [_ROW] * rows}) for rows in (1, 25)}
_LIMITS = {1: 1.5, 25: 2.0}
#: Trains as train.py does, on the data that `nrti train` makes; prints the seconds of the fit alone.
_FIT = f"""
import sys, time
from pathlib import Path
from nrti_cli.assets import REMOTE
sys.path.insert(0, str(REMOTE / "sagemaker"))
import numpy as np, train
from nrti_cli.models.training.dataset import demo
data = demo({_ROWS}, 0)
whole = train.Data(data.features, data.values.astype(float), data.labels.astype(np.int64))
parts = train.split(whole, "", 0)
began = time.perf_counter()
found = train.search(whole.part(parts.train), whole.part(parts.validation), 0, 0)
print(time.perf_counter() - began)
train.save(Path(sys.argv[1]), found.estimator, {{"length": 3, "threshold": 0.5}})
"""
#: Prints the median milliseconds of the script's handlers and of predict_proba alone, for one row.
_HANDLER = f"""
import sys, time
from statistics import median
from nrti_cli.assets import REMOTE
sys.path.insert(0, str(REMOTE / "sagemaker"))
import inference, joblib, numpy as np
model = inference.model_fn(sys.argv[1])
estimator = joblib.load(sys.argv[1] + "/model.joblib")
body, row = {_BODIES[1]!r}, inference.features(np.array([{_ROW}], dtype=float))
def handle():
    rows = inference.input_fn(body, "application/json")
    inference.output_fn(inference.predict_fn(rows, model), "application/json")
def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
rounds = [(timed(handle), timed(lambda: estimator.predict_proba(row))) for _ in range({_CALLS})]
print(*(median(column) * 1000 for column in zip(*rounds)))
"""


def run() -> list[Measurement]:
    with tempfile.TemporaryDirectory() as model, own_home():
        fit = float(_script(_FIT, model))
        seconds(NRTI, "bootstrap")
        trained = seconds(NRTI, "train", "--name", _MODEL, "--rows", str(_ROWS), "--no-deploy")
        seconds(NRTI, "deploy-model", "--name", _MODEL)
        return [*_answers(), _handler(model), _training(trained, fit)]


def _script(program: str, *arguments: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}  # as the endpoint has it
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def _answers() -> list[Measurement]:
    """InvokeEndpoint at the address of the embedded AWS, by a bare connection and by a warm boto3 client."""
    there = target()
    client = there.client("sagemaker-runtime")
    endpoint = f"{there.stack}-{_MODEL}"

    def by_boto3(body: str) -> None:
        client.invoke_endpoint(EndpointName=endpoint, Body=body, ContentType="application/json")[
            "Body"
        ].read()

    measurements = []
    for rows, body in _BODIES.items():
        raw = _milliseconds(_connection(there, endpoint, body))
        boto3 = _milliseconds(lambda body=body: by_boto3(body))  # type: ignore[misc]
        limit = _LIMITS[rows]
        measurements.append(
            Measurement(
                f"InvokeEndpoint, {rows} row{'s' * (rows > 1)}, over one connection",
                f"p50 {raw:.2f} ms",
                f"p50 <= {limit} ms",
                raw <= limit,
                f"by a warm boto3 client {boto3:.2f} ms",
            )
        )
    return measurements


def _connection(there: Target, endpoint: str, body: str) -> Callable[[], None]:
    address = urlsplit(str(there.endpoint_url))
    path = f"/endpoints/{endpoint}/invocations"
    request = AWSRequest(
        "POST", address._replace(path=path).geturl(), {"content-type": "application/json"}, body
    )
    credentials = there.session.get_credentials()
    assert credentials
    SigV4Auth(credentials, "sagemaker", there.region_name).add_auth(request)
    headers = dict(request.headers)
    connection = http.client.HTTPConnection(address.netloc)

    def invoke() -> None:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content

    return invoke


def _milliseconds(work: Callable[[], None]) -> float:
    def timed() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    for _ in range(50):
        work()
    return median(timed() for _ in range(_CALLS)) * 1000


def _handler(model: str) -> Measurement:
    ours, bare = map(float, _script(_HANDLER, model).split())
    return Measurement(
        "the script alone on one row: parse, predict, render",
        f"p50 {ours:.3f} ms",
        "<= 2 times a bare `predict_proba`",
        ours <= 2 * bare,
        f"bare `predict_proba` {bare:.3f} ms, ratio {ours / bare:.2f}",
    )


def _training(trained: float, fit: float) -> Measurement:
    return Measurement(
        f"`nrti train --no-deploy` on {_ROWS:,} rows, whole process",
        f"{trained:.2f} s",
        "<= 1.5 times the bare fit plus 3 s",
        trained <= 1.5 * fit + 3,
        f"the fit alone {fit:.2f} s, hence <= {1.5 * fit + 3:.2f} s",
    )
