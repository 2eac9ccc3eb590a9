"""The answers of Lambda itself for a function that does not answer, with the error names of AWS."""

from __future__ import annotations

import json
import signal

#: The largest answer of a function, in bytes.
LARGEST_ANSWER = 6_291_556


def timed_out(request_id: str, seconds: float) -> tuple[bytes, str]:
    """The answer, and the line in the log, for a function that took too long."""
    text = f"Task timed out after {seconds:.2f} seconds"
    return _answer("Sandbox.Timedout", f"RequestId: {request_id} Error: {text}"), f"{request_id} {text}"


def exited(request_id: str, code: int) -> tuple[bytes, str]:
    """The answer, and the line in the log, for a process that ended.

    Args:
        request_id: of the invocation.
        code: the exit status; below zero, the signal that killed it.
    """
    reason = "Runtime exited without providing a reason"
    if code > 0:
        reason = f"Runtime exited with error: exit status {code}"
    elif code < 0:
        reason = f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    text = f"RequestId: {request_id} Error: {reason}"
    return _answer("Runtime.ExitError", text), f"{text}\nRuntime.ExitError"


def too_large() -> bytes:
    """The answer for a function whose own is too large."""
    text = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
    return _answer("Function.ResponseSizeTooLarge", text)


def _answer(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
