"""The patch to ministack's Lambda: its own invocations use our workers, too.

These are asynchronous invocations, STANDARD workflows, event source mappings, notifications of S3 and SNS,
triggers of Cognito, and function URLs. They call ministack's Lambda in the process, each in a thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.responses import get_account_id, get_region

from nrti_local.lambda_ import telemetry
from nrti_local.lambda_.functions import Function, is_supported
from nrti_local.lambda_.invoke import Outcome, execute
from nrti_local.lambda_.names import parse
from nrti_local.ministack.patch import Patch
from nrti_local.server.shared.errors import ServiceError

# ministack's functions are untyped: what it knows of a function, and what came of an invocation.
Record = Mapping[str, Any]
Result = dict[str, Any]
#: The beginning of ministack's answer for a function that it has not executed.
_MADE_UP = "Mock response - "
Dispatch = Callable[[Record, Record, Any, str, float], Result]


def _by_our_workers(original: Dispatch) -> Dispatch:
    def dispatch(
        record: Record, configuration: Record, event: Any, request_id: str, started: float
    ) -> Result:
        code = record.get("code_zip")
        if not code or not is_supported(configuration):
            result = original(record, configuration, event, request_id, started)
            return _counted(configuration, _truthful(result, configuration), started)
        name = parse(configuration["FunctionArn"], account=get_account_id(), region=get_region())
        function = Function(name, configuration, record.get("concurrency"), lambda: bytes(code))
        return _execute(function, json.dumps(event).encode(), request_id)

    return dispatch


def _truthful(result: Result, configuration: Record) -> Result:
    """Has a function fail that ministack cannot execute: it answers success for it, with a made-up body."""
    body = result.get("body")
    text = body.get("body") if isinstance(body, dict) else None
    if not str(text).startswith(_MADE_UP):
        return result
    runtime = configuration.get("Runtime") or configuration.get("PackageType")
    message = f"{runtime}: without Docker this runtime is not in the embedded AWS"
    failure = {"errorType": "InvalidRuntimeException", "errorMessage": message}
    return {"error": True, "body": failure, "log": message}


def _counted(configuration: Record, result: Result, started: float) -> Result:
    milliseconds = (time.time() - started) * 1000
    telemetry.count(
        configuration["FunctionName"], failed=bool(result.get("error")), milliseconds=milliseconds
    )
    return result


def _execute(function: Function, payload: bytes, request_id: str) -> Result:
    """Waits for a function's answer, on an event loop of its own."""

    def execution() -> Outcome:
        return asyncio.run(execute(function, payload, request_id))

    try:
        outcome = _away_from_a_loop(execution)
    except ServiceError as error:
        body = {"__type": error.code, "message": error.message, **error.members}
        return {"throttle": True, "error": True, "body": body, "log": ""}
    result = {"body": _parsed(outcome.payload), "log": outcome.log}
    return {**result, "error": True, "function_error": outcome.error} if outcome.error else result


def _away_from_a_loop(work: Callable[[], Outcome]) -> Outcome:
    """Does work in this thread, or in another one if this one runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(contextvars.copy_context().run, work).result()


def _parsed(payload: bytes) -> Any:
    """An answer as ministack expects it; a handler may also have returned bytes that are no JSON."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload


PATCHES = (
    Patch(
        "ministack.services.lambda_svc",
        "_execute_function_dispatch",
        "Each of ministack's own callers would get another pool of workers, without AWS's error names.",
        _by_our_workers,
    ),
)
