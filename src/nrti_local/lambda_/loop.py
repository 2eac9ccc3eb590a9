"""What a Lambda worker process does once its handler is imported: one invocation after the other.

It runs in the worker, in place of ministack's own loop, and knows nothing but the standard library. Requests
and answers are lines of JSON on the pipes that the process was started with. Whatever else it or a child of
it prints goes to a file, where it is safe however the process ends, and wakes nobody up.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

#: Of the file that holds what the worker printed, beside its script.
LOG = "log"
#: How a worker tells of an exception: as a result, for a worker that reports an error is killed.
FAILURE = "__nrti_failure__"

_CHUNK = 1 << 16


def serve(
    handler: Callable[[Any, Any], Any],
    init: Mapping[str, Any],
    depth_variable: str,
    durable_variables: Iterable[str],
) -> None:
    """Answers invocations until the pipe of the requests is closed.

    Args:
        handler: the function's.
        init: ministack's description of the function.
        depth_variable: the environment variable with the depth of a recursion.
        durable_variables: those of a durable execution.
    """
    answers = os.dup(1)
    log = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), LOG)  # noqa: PTH118, PTH120, PTH100
    opened = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    gc.freeze()  # what the imports made stays
    for line in _lines(0):
        request = json.loads(line)
        told = request.get("ctx") or {}
        _set(told, depth_variable, durable_variables)
        answer = _answer(handler, request["event"], _Context(init, told))
        sys.stderr.flush()
        _write(answers, answer)


class _Context:
    """The context object of an invocation."""

    identity = None
    client_context = None

    def __init__(self, init: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        environment = os.environ
        self.function_name = init.get("function_name", "")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = init.get("memory", 128)
        self.invoked_function_arn = told.get("invoked_function_arn", init.get("arn", ""))
        self.aws_request_id = told.get("request_id", "")
        group = f"/aws/lambda/{self.function_name}"
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME", group)
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self._deadline = time.time() + float(environment.get("_LAMBDA_TIMEOUT", "3"))

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may still take."""
        return max(0, int((self._deadline - time.time()) * 1000))


def _set(told: Mapping[str, Any], depth_variable: str, durable_variables: Iterable[str]) -> None:
    """Sets what the environment tells of this invocation alone."""
    durable = told.get("durable") or {}
    depth = told.get("depth")
    values = {"_X_AMZN_TRACE_ID": told.get("trace_id"), depth_variable: None if depth is None else str(depth)}
    for name in durable_variables:
        values[name] = str(durable[name]) if name in durable else None
    for name, value in values.items():
        if value:
            os.environ[name] = value
        elif name in os.environ:
            del os.environ[name]


def _answer(handler: Callable[[Any, Any], Any], event: Any, context: _Context) -> bytes:
    try:
        return _line({"status": "ok", "result": handler(event, context)})
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        failure = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": context.aws_request_id,
            "stackTrace": traceback.format_list(traceback.extract_tb(error.__traceback__)[1:]),
        }
        return _line({"status": "ok", "result": {FAILURE: failure}})


def _line(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _lines(descriptor: int) -> Iterator[bytes]:
    """One at a time: the other side sends the next when the last is answered."""
    parts: list[bytes] = []
    while chunk := os.read(descriptor, _CHUNK):
        parts.append(chunk)
        if chunk.endswith(b"\n"):
            yield b"".join(parts)
            parts.clear()


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
