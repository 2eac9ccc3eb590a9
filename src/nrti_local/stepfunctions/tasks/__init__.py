"""The services that a Task state calls, by its resource."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from nrti_local.stepfunctions.asl.context import Call, Paused, Reply
from nrti_local.stepfunctions.asl.errors import RUNTIME, TASK_FAILED, StateError
from nrti_local.stepfunctions.tasks import executions, functions, inner, sdk

_logger = logging.getLogger(__name__)

_FUNCTION = re.compile(r"arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:.+")
_INTEGRATION = re.compile(r"arn:aws[\w-]*:states:::(aws-sdk:)?([\w-]+):(\w+)(\.\w+(?::\d+)?)?")


async def invoke(resource: str, request: Any, paused: Paused) -> Reply:
    """Carries a task out.

    Args:
        resource: the ARN of a function or of an integration.
        request: the task's effective input.
        paused: wraps calls that take long.

    Raises:
        StateError: it failed. A fault of this server fails the task too, so that a workflow can catch it.
    """
    try:
        return await call(resource)(request, paused)
    except StateError:
        raise
    except Exception as error:
        _logger.exception("a task with the resource %s", resource)
        raise StateError(TASK_FAILED, f"{resource}: {type(error).__name__}: {error}") from error


@lru_cache(maxsize=256)
def call(resource: str) -> Call:
    """Finds what carries a resource out.

    Raises:
        StateError: there is no such resource, or EXPRESS workflows cannot use it.
    """
    if _FUNCTION.fullmatch(resource):
        return partial(functions.invoke_arn, resource)
    found = _INTEGRATION.fullmatch(resource)
    if found is None:
        raise StateError(RUNTIME, f"EXPRESS workflows have no task with the resource '{resource}'")
    of_sdk, service, action, pattern = found.groups()
    if pattern:
        raise StateError(RUNTIME, f"EXPRESS workflows do not support '{pattern}' in '{resource}'")
    if not of_sdk and (service, action) == ("lambda", "invoke"):
        return functions.invoke
    if service in executions.SERVICES and action == executions.ACTION:
        return executions.call(service, optimized=not of_sdk)
    find: Callable[..., Call] = inner.call if service in inner.SERVICES else sdk.call
    return find(service, action, optimized=not of_sdk)
