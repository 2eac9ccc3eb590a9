"""The checks before an execution starts: the load, the name and the input."""

from __future__ import annotations

import json
import re
from typing import Any

from nrti_local.server.shared.errors import ServiceError
from nrti_local.stepfunctions.load import LOAD, Load

#: The longest input of an execution, in bytes of UTF-8.
_INPUT_LIMIT = 262_144
_NAME = re.compile(r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}""")


def check(request: dict[str, Any], load: Load = LOAD) -> None:
    """Checks a request that starts an execution, and the load that it adds to.

    Raises:
        ServiceError: the execution must not start.
    """
    if load.is_exceeded():
        raise ServiceError("ThrottlingException", "Rate exceeded")
    name = request.get("name")
    if name is not None and not _NAME.fullmatch(str(name)):
        raise ServiceError("InvalidName", f"Invalid Name: '{name}'")
    _check_input(execution_input(request))


def execution_input(request: dict[str, Any]) -> str:
    """The input that a request gives an execution."""
    return str(request.get("input", "{}"))


def _check_input(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > _INPUT_LIMIT:
        where = "1 validation error detected: Value at 'input' failed to satisfy constraint"
        limit = f"Member must have length less than or equal to {_INPUT_LIMIT}"
        raise ServiceError("ValidationException", f"{where}: {limit}")
    try:
        _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
        ) from error


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_not_json)
