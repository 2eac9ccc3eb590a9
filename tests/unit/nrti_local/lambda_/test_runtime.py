import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nrti_local.server.shared.framing import PREFIX, pack

HANDLER = """
import decimal, logging, os, sys
logging.getLogger().setLevel("INFO")

def handler(event, context):
    print("printed")
    os.system("echo printed by a child")
    logging.info("logged")
    if event == "raise":
        raise LookupError("no such thing")
    if event == "exit":
        sys.exit(3)
    if event == "stdin":
        return sys.stdin.read()
    if event == "set":
        return {1}
    if event == "bytes":
        return b"raw"
    if event == "decimal":
        return [decimal.Decimal("2"), decimal.Decimal("2.5"), "\\u00e9"]
    return {
        "event": event,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
        "arn": context.invoked_function_arn,
        "id": context.aws_request_id,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis(),
    }
"""


class Runtime:
    """A function's process."""

    def __init__(self, directory: Path, handler: str = "index.handler") -> None:
        self.log = directory / "log"
        variables = {
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": "group",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "LAMBDA_TASK_ROOT": str(directory / "task"),
            "_HANDLER": handler,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nrti_local.lambda_.runtime", str(self.log), str(directory / "opt")],
            cwd=directory,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def receive(self) -> tuple[bool, bytes]:
        """Whether it failed, and the payload."""
        assert self.process.stdout
        head, body = PREFIX.unpack(self.process.stdout.read(PREFIX.size))
        header = json.loads(self.process.stdout.read(head))
        return header["failed"], self.process.stdout.read(body)

    def send(self, payload: bytes) -> None:
        """Sends an invocation."""
        assert self.process.stdin
        deadline = time.time() + 60
        header = {"arn": "arn:f", "request_id": "r", "trace_id": "t", "deadline": deadline}
        self.process.stdin.write(pack(header, payload))
        self.process.stdin.flush()

    def invoke(self, event: Any) -> Any:
        """The answer to an event."""
        self.send(json.dumps(event).encode())
        failed, payload = self.receive()
        assert not failed, payload
        return json.loads(payload)

    def failure(self, payload: bytes) -> dict[str, Any]:
        """The description of an error."""
        self.send(payload)
        failed, answer = self.receive()
        assert failed
        return dict(json.loads(answer))

    def end(self) -> int:
        """Closes the pipe of the requests; returns the exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(20)


@contextmanager
def _started(directory: Path, code: str, handler: str = "index.handler") -> Iterator[Runtime]:
    (directory / "task").mkdir(exist_ok=True)
    (directory / "task" / "index.py").write_text(code)
    runtime = Runtime(directory, handler)
    yield runtime
    runtime.process.kill()
    runtime.process.wait()


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    with _started(tmp_path_factory.mktemp("f"), HANDLER) as started:
        assert started.receive() == (False, b"")
        yield started


def test_a_handler_gets_the_event_and_its_context(runtime: Runtime) -> None:
    answer = runtime.invoke({"n": 1})
    assert 59_000 < answer.pop("left") <= 60_000
    assert answer == {
        "event": {"n": 1},
        "trace": "t",
        "arn": "arn:f",
        "id": "r",
        "name": "f",
        "memory": "256",
    }


def test_an_exception_is_described_and_logged(runtime: Runtime) -> None:
    failure = runtime.failure(b'"raise"')
    assert (failure["errorType"], failure["errorMessage"]) == ("LookupError", "no such thing")
    assert failure["requestId"] == "r"
    assert len(failure["stackTrace"]) == 1
    assert "raise LookupError" in failure["stackTrace"][0]
    assert "[ERROR] LookupError: no such thing" in runtime.log.read_text().splitlines()
    assert runtime.invoke("again")["event"] == "again"


def test_an_answer_that_is_no_json_is_an_error(runtime: Runtime) -> None:
    failure = runtime.failure(b'"set"')
    assert failure["errorType"] == "Runtime.MarshalError"
    assert failure["errorMessage"].startswith("Unable to marshal response: ")


def test_an_event_that_is_no_json_is_an_error(runtime: Runtime) -> None:
    assert runtime.failure(b"{")["errorType"] == "Runtime.UnmarshalError"


def test_decimals_and_bytes_are_answers(runtime: Runtime) -> None:
    assert runtime.invoke("decimal") == [2, 2.5, "\u00e9"]
    runtime.send(b'"bytes"')
    assert runtime.receive() == (False, b"raw")


def test_a_handler_does_not_read_the_requests(runtime: Runtime) -> None:
    assert runtime.invoke("stdin") == ""


def test_what_is_printed_and_logged_is_in_a_file(runtime: Runtime) -> None:
    before = len(runtime.log.read_text())
    runtime.invoke("any")
    first, second, third = runtime.log.read_text()[before:].splitlines()
    assert (first, second) == ("printed", "printed by a child")
    assert third.startswith("[INFO]\t20")
    assert third.endswith("Z\tr\tlogged")


def test_a_process_ends_with_its_pipe_and_by_its_handler(tmp_path: Path) -> None:
    with _started(tmp_path, HANDLER) as first:
        assert first.receive() == (False, b"")
        assert first.end() == 0
    with _started(tmp_path, HANDLER) as second:
        second.send(b'"exit"')
        assert second.process.wait(20) == 3


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        ("import nothing_like_it", "index.handler", "Runtime.ImportModuleError",
         "Unable to import module 'index': No module named 'nothing_like_it'"),
        ("", "other.handler", "Runtime.ImportModuleError",
         "Unable to import module 'other': No module named 'other'"),
        ("def", "index.handler", "Runtime.UserCodeSyntaxError",
         "Syntax error in module 'index': invalid syntax (index.py, line 1)"),
        ("", "index.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler': it has no dot"),
        ("1 / 0", "index.handler", "ZeroDivisionError", "division by zero"),
    ],
)  # fmt: skip
def test_a_handler_that_cannot_be_imported_is_described(
    tmp_path: Path, code: str, handler: str, kind: str, message: str
) -> None:
    with _started(tmp_path, code, handler) as started:
        failed, payload = started.receive()
        assert failed
        failure = json.loads(payload)
        assert (failure["errorType"], failure["errorMessage"]) == (kind, message)
        assert started.end() == 0
        assert f"[ERROR] {kind}: {message}" in started.log.read_text()


def test_layers_come_after_the_code_and_before_what_is_installed(tmp_path: Path) -> None:
    python = tmp_path / "opt" / "python"
    packages = python / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "boto3.py").write_text("where = 'layer'")
    (python / "index.py").write_text("")
    (python / "plain.py").write_text("where = 'plain'")
    code = "import boto3, plain\ndef handler(event, context): return [boto3.where, plain.where]"
    with _started(tmp_path, code) as started:
        assert started.receive() == (False, b"")
        assert started.invoke(None) == ["layer", "plain"]
