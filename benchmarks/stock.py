"""The peers of the pipeline: ministack as it is published, and the bare work of an event.

Stock ministack gets the same stack by the same command, as an account would. What it lacks is worked around
by plain means: executions are started past the REST API, which knows no Step Functions, one after the other
on as many threads as there are cores, since it starts a process for each that runs at once; and its function
asks the models of the embedded AWS beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sink import free_port, pinned
from benchmarks.system import NRTI
from nrti_cli.aws.target import Target
from nrti_local.process import KEY, REGION

_READY_SECONDS = 20
_SECONDS = 5.0
_AT_A_TIME = os.cpu_count() or 2
_EVENT = {"sensor": "sensor-x", "model": "bench", "data": [12, 80, 7], "timestamp": 1763820000000}

_BOUND = """
import json, sys, time
from types import SimpleNamespace
from ministack.services import dynamodb
from nrti_cli.remote.inference_function.direct import Response
from nrti_cli.remote.inference_function.endpoints import Models
from nrti_cli.remote.inference_function.former import Former
from nrti_cli.remote.inference_function.handler import judge
from nrti_cli.remote.inference_function.signature import Signature
from nrti_cli.remote.inference_function.variants import Version
from nrti_cli.remote.sagemaker import inference

model = inference.model_fn(sys.argv[1])
version = Version("v20250101000000000", Signature())

def ask(endpoint, body, content_type, accept):
    rows = inference.input_fn(body.decode(), content_type)
    answer, content_type = inference.output_fn(inference.predict_fn(rows, model), accept)
    return Response(answer.encode(), content_type, version.variant)

dynamodb._create_table({
    "TableName": "bench", "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [
        {"AttributeName": "sensor", "KeyType": "HASH"},
        {"AttributeName": "event_key", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("sensor", "event_key")],
})
variants = SimpleNamespace(assumed=lambda endpoint: version, served=lambda endpoint, variant, asked: version)
models, former, count = Models(None, "nrti", variants, SimpleNamespace(ask=ask)), Former(None, "bench"), 1000
shadows = SimpleNamespace(any_of=lambda models: False)
event = json.loads(sys.argv[2])
began = time.perf_counter()
for number in range(count):
    payload = {"request_id": str(number), "received_at": 1, "events": event, "position": 0, "lenient": False}
    status, _, answer = dynamodb._batch_write_item(judge(payload, models, former, shadows)["pending"])
    assert status == 200, answer
print(count / (time.perf_counter() - began))
"""


def bound(home: Path) -> float:
    """Events a second of one core that does nothing but judge one event after the other and put its item."""
    (model,) = (home / "local" / "state" / "sagemaker" / "models").glob("*/model")
    return float(pinned(sys.executable, "-c", _BOUND, str(model), json.dumps(_EVENT)))


def rate(embedded: Target) -> float:
    """Executions a second of a stock ministack, from start to stored, with workers that are warm."""
    with (
        tempfile.TemporaryDirectory(prefix="nrti-bench-") as directory,
        _stock(embedded, directory) as address,
    ):
        stock = Target(name="local", stack="nrti", endpoint_url=address)
        machines = stock.client("stepfunctions").list_state_machines()["stateMachines"]
        machine = next(each for each in machines if each["name"].endswith("-inference"))
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            _executed(pool, stock, machine["stateMachineArn"], 1.0)
            return _executed(pool, stock, machine["stateMachineArn"], _SECONDS)


def _executed(pool: ThreadPoolExecutor, stock: Target, machine: str, seconds: float) -> float:
    began = time.perf_counter()

    def run(thread: int) -> int:
        states, count = stock.client("stepfunctions", inject_host_prefix=False), 0
        while time.perf_counter() - began < seconds:
            request_id = f"{thread}-{count}-{time.time_ns()}"
            given = {"request_id": request_id, "received_at": 1, "events": _EVENT}
            done = states.start_sync_execution(stateMachineArn=machine, input=json.dumps(given))
            assert done["status"] == "SUCCEEDED", done
            count += 1
        return count

    return sum(pool.map(run, range(_AT_A_TIME))) / (time.perf_counter() - began)


@contextmanager
def _stock(embedded: Target, directory: str) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": address,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": embedded.endpoint_url or "",
        "NRTI_HOME": directory,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "STATE_DIR": directory,
        "TMPDIR": directory,
    }
    program = Path(sys.executable).with_name("ministack")
    with subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(address)
            bootstrap = [NRTI, "bootstrap", "--target", "aws", "--region", REGION, "--yes"]
            subprocess.run(bootstrap, env=environment, check=True, capture_output=True)
            yield address
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/_ministack/health")  # noqa: S310 - the address is our own
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
