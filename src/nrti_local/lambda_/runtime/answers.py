"""Events and answers as JSON, and errors as AWS's runtime describes them."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from decimal import Decimal
from pathlib import Path
from typing import Any

from nrti_local.lambda_.runtime.faults import FaultError
from nrti_local.server.shared.framing import pack

#: The frames of these files are not the function's.
_OURS = str(Path(__file__).parent)


def success(payload: bytes = b"") -> bytes:
    """The message with the answer of a handler."""
    return pack({"failed": False}, payload)


def unmarshal(payload: bytes) -> Any:
    """The event in a payload.

    Raises:
        FaultError: it is no JSON.
    """
    try:
        return json.loads(payload)
    except ValueError as error:
        raise FaultError("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def marshal(result: Any) -> bytes:
    """What a handler returned, as a payload.

    Raises:
        FaultError: JSON has no such value.
    """
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, default=_number, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise FaultError("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def _number(value: Any) -> int | float:
    """A Decimal as JSON has it."""
    if not isinstance(value, Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


def failure(error: Exception, request_id: str) -> bytes:
    """Logs an error as AWS's runtime does, and returns the message that describes it."""
    if isinstance(error, FaultError):
        kind, trace = error.kind, list(error.trace)
    else:
        kind, trace = type(error).__name__, _stack_trace(error)
    lines = ["Traceback (most recent call last):", "".join(trace)] if trace else []
    print("\n".join([f"[ERROR] {kind}: {error}", *lines]), file=sys.stderr, flush=True)
    document = {
        "errorMessage": str(error),
        "errorType": kind,
        "requestId": request_id,
        "stackTrace": trace,
    }
    return pack({"failed": True}, json.dumps(document).encode())


def _stack_trace(error: Exception) -> list[str]:
    """The frames of the function, without those of this file and of the import."""
    frames = traceback.extract_tb(error.__traceback__)
    first = next((at for at, frame in enumerate(frames) if not _is_inner(frame.filename)), 0)
    return traceback.format_list(frames[first:])


def _is_inner(filename: str) -> bool:
    return filename.startswith((_OURS, "<frozen ")) or filename == importlib.__file__
