"""Patches to ministack's Lambda: exceptions told as on AWS, warm workers kept, and few of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from nrti_cli.local.patches import logs
from nrti_cli.local.patches.express import AT_A_TIME
from nrti_cli.local.patches.patch import MINISTACK_VERSION, Patch, PatchError

_RUNTIME = "ministack.core.lambda_runtime"
_SERVICE = "ministack.services.lambda_svc"

#: Worker processes of one function: as many as executions run at once.
MAX_WORKERS = AT_A_TIME

#: How a worker tells of an exception: as a result, for a worker that reports an error is killed.
_FAILURE = "__nrti_failure__"
#: What ends a worker's log of an invocation.
_END = "\x1eend"

_RAISED = (
    '            _real_stdout.write(json.dumps({"status": "error", "error": str(e), '
    '"trace": traceback.format_exc()}) + "\\n")\n'
)
_RAISED_AS_ON_AWS = f'''\
            _real_stdout.write(json.dumps({{"status": "ok", "result": {{"{_FAILURE}": {{
                "errorMessage": str(e),
                "errorType": type(e).__name__,
                "requestId": _ms_ctx.get("request_id", ""),
                "stackTrace": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:]),
            }}}}}}) + "\\n")
'''
_ANSWERED = "        _real_stdout.flush()\n\nrun()\n"


def _worker_script(original: str) -> str:
    return _replaced(
        _replaced(original, _RAISED, _RAISED_AS_ON_AWS),
        _ANSWERED,
        f"        sys.stderr.flush()\n        sys.__stderr__.write({_END + chr(10)!r})\n{_ANSWERED}",
    )


def _replaced(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise PatchError(f"the script of {_RUNTIME} has changed (written for {MINISTACK_VERSION}): {old!r}")
    return text.replace(old, new)


def _until_the_end(original: Callable[..., str]) -> Callable[..., str]:
    def drain(worker: Any, *waits: float, hard_cap: float = 0.25) -> str:
        if not str(worker.config.get("Runtime", "")).startswith("python"):
            return original(worker, *waits, hard_cap=hard_cap)
        lines: list[str] = []
        deadline = time.monotonic() + hard_cap
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = worker._stderr_queue.get(timeout=left)  # noqa: SLF001
            except Empty:
                break
            if line.endswith(_END):
                lines += [line.removesuffix(_END)] if line != _END else []
                break
            lines.append(line)
        return "\n".join(lines)

    return drain


def _told_as_on_aws(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def execute(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result = original(function, event, request_id)
        body: Any = result.get("body")
        if isinstance(body, dict) and (failure := body.get(_FAILURE)):
            log = "\n".join(filter(None, [result.get("log"), _traceback(failure)]))
            return {"body": failure, "error": True, "log": log}
        if result.get("error") and body["errorMessage"] == "Worker process died":
            body.update(
                errorType="Runtime.ExitError", errorMessage="Runtime exited without providing a reason"
            )
        return result

    return execute


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
        "An exception of a handler loses its class and kills the worker; nothing marks the end of a log.",
        _worker_script,
    ),
    Patch(
        _RUNTIME,
        "Worker._drain_stderr_bounded",
        "A handler that logs nothing costs 50 ms per invocation, any other 5.",
        _until_the_end,
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
