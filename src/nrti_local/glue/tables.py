"""GetTable and GetTables without the members that a table was created without.

ministack answers with an empty `Owner` or `Description`, which clients send back in UpdateTable, where the
empty owner violates the API's model.
"""

from __future__ import annotations

import json
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import answer_of

_OPERATIONS = {"GetTable", "GetTables"}


def before(ministack: Application) -> Application:
    """Leaves empty members out of the tables in the answers."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or request.service != "glue" or request.target not in _OPERATIONS:
            await ministack(scope, receive, send)
            return
        status, headers, body = await answer_of(ministack, scope, receive)
        await respond(send, status, headers, _completed(body) if status == 200 else body)

    return serve


def _completed(body: bytes) -> bytes:
    answer = json.loads(body)
    if "Table" in answer:
        answer["Table"] = _present(answer["Table"])
    if "TableList" in answer:
        answer["TableList"] = [_present(table) for table in answer["TableList"]]
    return json.dumps(answer).encode()


def _present(table: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if value not in (None, "")}
