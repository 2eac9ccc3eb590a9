"""Patches to ministack's Lambda: exceptions told as on AWS, warm workers kept, and few of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from nrti_local.cloudwatch import logs
from nrti_local.lambda_.channel import channel_of
from nrti_local.lambda_.loop import FAILURE
from nrti_local.ministack.patch import MINISTACK_VERSION, Patch, PatchError
from nrti_local.stepfunctions.express import AT_A_TIME, in_thread

_RUNTIME = "ministack.core.lambda_runtime"
_SERVICE = "ministack.services.lambda_svc"

#: Worker processes of one function: as many as executions run at once.
MAX_WORKERS = AT_A_TIME

# ministack's functions are untyped; this is what a worker, or a function, answers.
Response = dict[str, Any]

#: Where the script of a Python worker turns from its start to its loop.
_LOOP = "    while True:\n        line = sys.stdin.readline()\n"
_OUR_LOOP = """\
    from nrti_local.lambda_.loop import serve
    serve(handler_fn, init, {depth!r}, {durable!r})

run()
"""


def _worker_script(original: str) -> str:
    start, *rest = original.split(_LOOP)
    if len(rest) != 1:
        raise PatchError(f"the script of {_RUNTIME} has changed (written for {MINISTACK_VERSION})")
    durable = tuple(lambda_runtime.DURABLE_ENV_VARS)
    return start + _OUR_LOOP.format(depth=lambda_runtime.INVOKE_DEPTH_ENV, durable=durable)


def _over_a_channel(original: Callable[..., Response]) -> Callable[..., Response]:
    def invoke(worker: Any, event: Any, request_id: str, **told: Any) -> Response:
        if not str(worker.config.get("Runtime", "")).startswith("python"):
            return original(worker, event, request_id, **told)
        with worker._lock:  # noqa: SLF001
            cold = _start(worker)
            channel = channel_of(worker)
            try:
                line = channel.ask(_request(worker, event, request_id, told), _timeout(worker))
                response = json.loads(line)
            except (EOFError, TimeoutError) as error:
                response = _lost(worker, error)
                _end(worker)
            return {**response, "cold_start": cold, "log": channel.log()}

    return invoke


async def answer(worker: Any, event: Any, request_id: str) -> Response:
    """Has a worker that was leased and runs answer an invocation; on a loop.

    Returns:
        `status` and `result` or `error`, and the `log`.
    """
    channel = channel_of(worker)
    try:
        line = await channel.answer(_request(worker, event, request_id, {}), _timeout(worker))
        response = json.loads(line)
    except (EOFError, TimeoutError) as error:
        response = _lost(worker, error)
        await in_thread(_end, worker)
    return {**response, "log": channel.log()}


def warm_worker(config: dict[str, Any], code: bytes) -> Any:
    """Leases a worker of a function that is free and runs, or returns None."""
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    worker, _ = lambda_runtime.acquire_worker(name, config, code, version, MAX_WORKERS)
    if worker is None or (worker._proc is not None and worker._proc.poll() is None):  # noqa: SLF001
        return worker
    lambda_svc.release_worker(worker)
    return None


def _timeout(worker: Any) -> float:
    return float(worker.config.get("Timeout", 30))


def _lost(worker: Any, error: Exception) -> Response:
    text = "Worker process died"
    if isinstance(error, TimeoutError):
        text = f"Task timed out after {_timeout(worker):.2f} seconds"
    return {"status": "error", "error": text}


def _start(worker: Any) -> bool:
    """Starts the worker's process unless it runs; returns whether it was started."""
    if worker._proc is not None and worker._proc.poll() is None:  # noqa: SLF001
        return False
    worker._spawn()  # noqa: SLF001
    worker._cold = False  # noqa: SLF001
    return True


def _request(worker: Any, event: Any, request_id: str, told: dict[str, Any]) -> bytes:
    """The line that tells a worker of an invocation."""
    told["request_id"] = request_id
    if told.get("invoked_function_arn") is None:
        told["invoked_function_arn"] = worker.config.get("FunctionArn", "")
    return json.dumps({"event": event, "ctx": told}).encode() + b"\n"


def _end(worker: Any) -> None:
    process, worker._proc = worker._proc, None  # noqa: SLF001
    lambda_runtime._signal(process)  # noqa: SLF001
    lambda_runtime._collect(process, time.monotonic() + lambda_runtime._REAP_GRACE)  # noqa: SLF001


def _told_as_on_aws(original: Callable[..., Response]) -> Callable[..., Response]:
    def execute(function: dict[str, Any], event: Any, request_id: str) -> Response:
        return _as_on_aws(original(function, event, request_id))

    return execute


def outcome(response: Response) -> Response:
    """What a worker's response says to the caller: `body` and `log`, and `error` if it failed."""
    if response["status"] == "ok":
        return _as_on_aws({"body": response["result"], "log": response["log"]})
    text = response["error"]
    kind = "Sandbox.Timedout" if text.startswith("Task timed out") else "Runtime.HandlerError"
    body = {"errorMessage": text, "errorType": kind}
    return _as_on_aws({"body": body, "error": True, "log": f"{response['log']}\n{text}".lstrip()})


def _as_on_aws(result: Response) -> Response:
    body: Any = result.get("body")
    if isinstance(body, dict) and (failure := body.get(FAILURE)):
        log = "\n".join(filter(None, [result.get("log"), _traceback(failure)]))
        return {"body": failure, "error": True, "log": log}
    if result.get("error") and body["errorMessage"] == "Worker process died":
        body.update(errorType="Runtime.ExitError", errorMessage="Runtime exited without providing a reason")
    return result


def _traceback(failure: dict[str, Any]) -> str:
    """An exception as AWS's Python runtime logs it."""
    head = f"[ERROR] {failure['errorType']}: {failure['errorMessage']}"
    return "\n".join([head, "Traceback (most recent call last):", "".join(failure["stackTrace"])])


class _Waiting:
    """Lets an invocation wait for a free worker where ministack would refuse it."""

    def __init__(self) -> None:
        self._free = threading.Condition()

    def acquiring(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def acquire(name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST") -> Any:
            # A function that invokes itself may wait for its own worker: it must not do so for ever.
            deadline = time.monotonic() + float(config.get("Timeout", 30))
            with self._free:
                while True:
                    worker, reason = original(name, config, code, qualifier, MAX_WORKERS)
                    left = deadline - time.monotonic()
                    if worker is not None or left <= 0:
                        return worker, reason
                    self._free.wait(left)

        return acquire

    def releasing(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        def release(worker: Any) -> None:
            with self._free:
                original(worker)
                self._free.notify_all()

        return release


_waiting = _Waiting()

PATCHES = (
    Patch(
        _RUNTIME,
        "_PYTHON_WORKER_SCRIPT",
        "An exception of a handler loses its class and kills the worker; what is logged wakes a thread.",
        _worker_script,
    ),
    Patch(
        _RUNTIME,
        "Worker.invoke",
        "Each invocation starts a thread, and waits for more log: 50 ms without one, else 5.",
        _over_a_channel,
    ),
    Patch(
        _SERVICE,
        "_execute_function_warm",
        "Every exception is a Runtime.HandlerError, so no Retry or Catch by its name matches.",
        _told_as_on_aws,
    ),
    Patch(
        _SERVICE,
        "_emit_lambda_logs",
        "Every invocation makes a log stream of its own, for ever.",
        lambda _: logs.lambda_invocation,
    ),
    Patch(
        _SERVICE,
        "acquire_worker",
        "A burst starts a process of 40 MB for every invocation at once.",
        _waiting.acquiring,
    ),
    Patch(
        _SERVICE,
        "release_worker",
        "Whoever waits for a worker must hear of it.",
        _waiting.releasing,
    ),
)
