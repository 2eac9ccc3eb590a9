"""Calls a Lambda function from the server's loop."""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc

from nrti_local.cloudwatch import logs
from nrti_local.lambda_ import patches as lambda_runtime
from nrti_local.stepfunctions.express import in_thread


async def execute(function: dict[str, Any], event: Any) -> dict[str, Any]:
    """Invokes a function: at once if a worker of it is warm and free, else in a thread, as ministack does.

    Args:
        function: ministack's record of it, with its `config`.
        event: the payload.

    Returns:
        Its `body`, and `error` if it failed.
    """
    leased = _lease(function)
    if leased is None:
        result: dict[str, Any] = await in_thread(
            lambda_svc._execute_function_with_config_scope,  # noqa: SLF001
            function,
            event,
        )
        return result
    worker, slot = leased
    request_id, began = new_uuid(), time.perf_counter()
    try:
        response = await lambda_runtime.answer(worker, event, request_id)
    finally:
        lambda_svc.release_worker(worker)
        lambda_svc._release_execution_slot(slot)  # noqa: SLF001
    result = lambda_runtime.outcome(response)
    milliseconds = int((time.perf_counter() - began) * 1000)
    logs.lambda_invocation(function, request_id, result["log"], bool(result.get("error")), milliseconds)
    return result


def _lease(function: dict[str, Any]) -> tuple[Any, str] | None:
    """A worker that can begin at once, and the function's slot of concurrency."""
    config = function["config"]
    if not _is_local(config) or not function.get("code_zip"):
        return None
    slot, _ = lambda_svc._acquire_execution_slot(function, config)  # noqa: SLF001
    if slot is None:
        return None
    worker = lambda_runtime.warm_worker(config, function["code_zip"])
    if worker is None:
        lambda_svc._release_execution_slot(slot)  # noqa: SLF001
        return None
    return worker, slot


def _is_local(config: dict[str, Any]) -> bool:
    """Whether ministack would run it in a worker process of this machine, in this account and region."""
    return (
        str(config.get("Runtime", "")).startswith("python")
        and config.get("PackageType", "Zip") == "Zip"
        and lambda_svc.LAMBDA_EXECUTOR != "docker"
        and not lambda_svc.LAMBDA_STRICT
        and not lambda_svc._proxy_url_for(config)  # noqa: SLF001
        and not lambda_svc._function_config_scope_mismatch(config)  # noqa: SLF001
    )
