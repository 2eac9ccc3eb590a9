import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from nrti_cli.remote.inference_function.direct import Direct, Response
from nrti_cli.remote.inference_function.endpoints import EndpointUnavailable, Models
from nrti_cli.remote.inference_function.signature import JSON
from nrti_cli.remote.inference_function.variants import Variants
from tests.unit.remote.conftest import VERSION, Control, judged

CREDENTIALS = Credentials("key", "secret", "token")
ROWS = json.dumps({"instances": [[1, 2]]}).encode()
PREDICTIONS = {"predictions": [{"prediction": 1, "probability": 0.9}]}


class Endpoint(ThreadingHTTPServer):
    """Answers with the next status, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, dict(self.headers), body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status == 0:  # goes away without an answer
            self.close_connection = True
            return
        content = json.dumps(PREDICTIONS if status == 200 else {"Message": "no"}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-amzn-invoked-production-variant", f"v{VERSION}")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests' output is for pytest."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def models(endpoint: Endpoint) -> Models:
    runtime = boto3.client(
        "sagemaker-runtime",
        region_name="eu-central-1",
        endpoint_url=f"http://127.0.0.1:{endpoint.server_port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}),
    )
    variants = Variants(Control, Control, "artifacts")  # type: ignore[arg-type]
    return Models(runtime, "nrti", variants, Direct(runtime, CREDENTIALS, timeout=5))


def _ask(models: Models) -> Response | None:
    assert models.direct
    return models.direct.ask("nrti-m", ROWS, JSON, JSON)


def test_the_answer_comes_over_a_connection_that_is_kept(models: Models, endpoint: Endpoint) -> None:
    for _ in range(3):
        response = _ask(models)
        assert response
        assert (json.loads(response.body), response.content_type) == (PREDICTIONS, JSON)
        assert response.variant == f"v{VERSION}"
    assert endpoint.connections == 1
    assert {(path, body) for path, _, body in endpoint.asked} == {("/endpoints/nrti-m/invocations", ROWS)}


def test_the_request_is_signed_as_the_sdk_signs(models: Models, endpoint: Endpoint) -> None:
    _ask(models)
    path, headers, body = endpoint.asked[0]
    request = AWSRequest("POST", f"http://127.0.0.1:{endpoint.server_port}{path}", data=body)
    for name in ("Content-Type", "Accept"):
        request.headers[name] = headers[name]
    request.context["timestamp"] = headers["X-Amz-Date"]
    auth = SigV4Auth(CREDENTIALS, "sagemaker", "eu-central-1")
    request.headers["X-Amz-Date"], request.headers["X-Amz-Security-Token"] = headers["X-Amz-Date"], "token"
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    assert headers["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize("status", [400, 424, 429, 503, 0])
def test_what_is_not_an_answer_is_left_to_the_sdk(models: Models, endpoint: Endpoint, status: int) -> None:
    endpoint.statuses = [status]
    assert _ask(models) is None
    assert _ask(models)


def test_the_sdk_asks_when_the_connection_is_lost(models: Models, endpoint: Endpoint) -> None:
    endpoint.statuses = [0]
    (answer,) = models.judge("m", [[1, 2]], lenient=False)
    assert answer == judged("m", 1, 0.9)
    assert len(endpoint.asked) == 2


def test_an_error_is_raised_by_the_sdk(models: Models, endpoint: Endpoint) -> None:
    endpoint.statuses = [503] * 10
    with pytest.raises(EndpointUnavailable):
        models.judge("m", [[1, 2]], lenient=False)


def test_behind_a_proxy_the_sdk_asks(
    models: Models, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    behind = Direct(models.runtime, CREDENTIALS, timeout=5)
    assert behind.ask("nrti-m", ROWS, JSON, JSON) is None
    assert not endpoint.asked
