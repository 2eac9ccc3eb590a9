"""What runs in a worker process: imports a function's handler and answers one invocation after the other.

Started as `python -m nrti_local.lambda_.runtime LOG LAYERS` with the variables of Lambda in its environment.
Its standard input and output are the pipes to the server. Handlers get others: what they print goes to the
file LOG, where it is safe however the process ends. LAYERS is the directory of the layers.

It knows little more than the standard library, so that a function's own packages come first.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import site
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nrti_local.server.framing import PREFIX, pack
from nrti_local.server.orphans import die_with_parent

Handler = Callable[[Any, Any], Any]
Header = dict[str, Any]

_CHUNK = 1 << 16
_LOG_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
_request_id = ""


class _FaultError(Exception):
    """An error that the runtime finds, with the name that AWS gives it."""

    def __init__(self, kind: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace


class Context:
    """The context object of an invocation."""

    client_context = None

    def __init__(self, invocation: Header) -> None:
        environment = os.environ
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = invocation["arn"]
        self.aws_request_id = invocation["request_id"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self._deadline = invocation["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may still take, in milliseconds."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> None:
    """Imports the handler, says so with an empty message, and serves until the pipe of requests is closed."""
    die_with_parent()
    requests, answers = _take_pipes(sys.argv[1])
    _log_as_lambda()
    _extend_path(Path(os.environ["LAMBDA_TASK_ROOT"]), Path(sys.argv[2]))
    try:
        handler = _load(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001 - whatever a module raises is the answer
        _write(answers, _failure(error, ""))
        return
    _write(answers, pack({"failed": False}, b""))
    gc.freeze()  # what the imports made stays
    for invocation, payload in _messages(requests):
        _write(answers, _answer(handler, invocation, payload))


def _take_pipes(log: str) -> tuple[int, int]:
    """Keeps the pipes from the handler and its children, and sends what they print to a file."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    printed = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    sys.stdout = sys.stderr  # which writes each line at once
    return requests, answers


def _log_as_lambda() -> None:
    """Gives the root logger the handler that it has on AWS."""

    def named(record: logging.LogRecord) -> bool:
        record.aws_request_id = _request_id
        return True

    logging.Formatter.converter = time.gmtime
    printing = logging.StreamHandler(sys.stderr)
    printing.setFormatter(logging.Formatter(_LOG_FORMAT, "%Y-%m-%dT%H:%M:%S"))
    printing.addFilter(named)
    logging.getLogger().addHandler(printing)


def _extend_path(code: Path, layers: Path) -> None:
    """Has modules looked for in the function's code, then in its layers, then in what is installed."""
    python = layers / "python"
    directories = [code, *sorted(python.glob("lib/python*/site-packages")), python]
    sys.path[:0] = [str(directory) for directory in directories if directory.exists()]
    for directory in directories[1:-1]:
        site.addsitedir(str(directory))


def _load(name: str) -> Handler:
    """Imports a handler such as `package/module.function`."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise _FaultError("Runtime.MalformedHandlerName", f"Bad handler '{name}': it has no dot")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise _FaultError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        trace = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise _FaultError("Runtime.UserCodeSyntaxError", message, (trace,)) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise _FaultError("Runtime.HandlerNotFound", message)
    return handler  # type: ignore[no-any-return]


def _answer(handler: Handler, invocation: Header, payload: bytes) -> bytes:
    global _request_id  # noqa: PLW0603 - the filter of the root logger reads it
    _request_id = invocation["request_id"]
    os.environ["_X_AMZN_TRACE_ID"] = invocation["trace_id"]
    try:
        result = handler(_unmarshal(payload), Context(invocation))
        answer = pack({"failed": False}, _marshal(result))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        answer = _failure(error, _request_id)
    sys.stderr.flush()
    return answer


def _unmarshal(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise _FaultError("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def _marshal(result: Any) -> bytes:
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, default=_number, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise _FaultError("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def _number(value: Any) -> int | float:
    """A Decimal as JSON has it."""
    if not isinstance(value, Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


def _failure(error: Exception, request_id: str) -> bytes:
    """Logs an error as AWS's runtime does, and makes the answer of it."""
    if isinstance(error, _FaultError):
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
    inner = (__file__, importlib.__file__)
    outer = next((at for at, frame in enumerate(frames) if not _is_inner(frame.filename, inner)), 0)
    return traceback.format_list(frames[outer:])


def _is_inner(filename: str, inner: tuple[str, ...]) -> bool:
    return filename in inner or filename.startswith("<frozen ")


def _messages(descriptor: int) -> Iterator[tuple[Header, bytes]]:
    while prefix := _read(descriptor, PREFIX.size):
        head, body = PREFIX.unpack(prefix)
        yield json.loads(_read(descriptor, head)), _read(descriptor, body)


def _read(descriptor: int, size: int) -> bytes:
    """Reads so many bytes; none if the pipe is closed."""
    data = bytearray()
    while len(data) < size:
        chunk = os.read(descriptor, min(size - len(data), _CHUNK))
        if not chunk:
            return b""
        data += chunk
    return bytes(data)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    main()
