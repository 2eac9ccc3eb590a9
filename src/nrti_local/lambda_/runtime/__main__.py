"""Imports a function's handler and answers one invocation after the other.

Started as `python -m nrti_local.lambda_.runtime LOG LAYERS` with the variables of Lambda in its environment.
LOG is the file for what the handler prints: there it is safe however the process ends. LAYERS is the
directory of the layers.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from nrti_local.lambda_.runtime import answers, logs
from nrti_local.lambda_.runtime.context import Context
from nrti_local.lambda_.runtime.handler import Handler, extend_path, load
from nrti_local.lambda_.runtime.logs import RequestFilter
from nrti_local.lambda_.runtime.pipes import Header, Pipes
from nrti_local.server.processes.orphans import die_with_parent


def main() -> None:
    """Imports the handler, says so with an empty message, and serves until the server closes the pipe."""
    die_with_parent()
    pipes = Pipes(sys.argv[1])
    named = logs.configure()
    extend_path(Path(os.environ["LAMBDA_TASK_ROOT"]), Path(sys.argv[2]))
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:  # noqa: BLE001 - whatever a module raises is the answer
        pipes.send(answers.failure(error, ""))
        return
    pipes.send(answers.success())
    gc.freeze()  # what the imports made stays
    for invocation, payload in pipes.messages():
        pipes.send(_answer(handler, invocation, payload, named))


def _answer(handler: Handler, invocation: Header, payload: bytes, named: RequestFilter) -> bytes:
    named.request_id = invocation["request_id"]
    os.environ["_X_AMZN_TRACE_ID"] = invocation["trace_id"]
    try:
        result = handler(answers.unmarshal(payload), Context(invocation))
        answer = answers.success(answers.marshal(result))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
        answer = answers.failure(error, named.request_id)
    sys.stderr.flush()
    return answer


if __name__ == "__main__":
    main()
