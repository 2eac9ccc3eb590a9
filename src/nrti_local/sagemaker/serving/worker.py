"""The worker process of an endpoint: serves one model over a socket.

Started as `python -m nrti_local.sagemaker.serving.worker FD` with script mode's variables in its
environment. It sends one message when the model is loaded, then answers one message after the other until the
socket closes. The loop blocks on purpose: it adds nothing to the model's time.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import traceback
from typing import BinaryIO

from nrti_local.sagemaker import image
from nrti_local.sagemaker.serving.toolkit import Answer, Script
from nrti_local.server.processes.orphans import die_with_parent
from nrti_local.server.shared.framing import PREFIX, pack


def main(descriptor: int) -> None:
    """Loads the script's model and serves it."""
    die_with_parent()
    with socket.socket(fileno=descriptor) as connection:
        # If this raises, the traceback is in the log, and the closed socket reports the failure.
        script = _load()
        connection.sendall(pack({"ready": True}, b""))
        with connection.makefile("rb") as stream:
            while _serve(script, stream, connection):
                pass


def _load() -> Script:
    try:
        return Script.load(os.environ)
    except ModuleNotFoundError as error:
        advice = image.lacking(str(error))
        if advice:
            print(advice, file=sys.stderr)
        raise


def _serve(script: Script, stream: BinaryIO, connection: socket.socket) -> bool:
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return False
    head, body = PREFIX.unpack(prefix)
    request = json.loads(stream.read(head))
    content = stream.read(body)
    try:
        answer = script.answer(content, request["content_type"], request["accept"])
    except Exception:  # noqa: BLE001 - any exception is the model's 500
        traceback.print_exc()
        answer = Answer(500, "text/html; charset=utf-8", _INTERNAL_ERROR)
    head = {"status": answer.status, "content_type": answer.content_type, "attributes": answer.attributes}
    connection.sendall(pack(head, answer.body))
    return True


#: The response of the web framework in AWS's container when a handler raises.
_INTERNAL_ERROR = (
    b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n"
    b"<h1>Internal Server Error</h1>\n"
    b"<p>The server encountered an internal error and was unable to complete your request. "
    b"Either the server is overloaded or there is an error in the application.</p>\n"
)

if __name__ == "__main__":
    main(int(sys.argv[1]))
