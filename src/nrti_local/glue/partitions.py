"""GetPartitions with all that it selects by: an expression, a segment, a page, and no columns.

ministack answers with all partitions of a table, also of one that does not exist.
"""

from __future__ import annotations

import json
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send, json_members, read, respond
from nrti_local.server.layers import protocols
from nrti_local.server.layers.inner_requests import answer_of, replacing, replaying
from nrti_local.server.layers.protocols import RawAnswer
from nrti_local.server.shared import tokens

#: Partitions of a page at most, and without MaxResults.
_PAGE = 1000
Members = dict[str, Any]


def before(ministack: Application) -> Application:
    """Answers GetPartitions by the partitions that ministack has."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = protocols.request(scope) if scope["type"] == "http" else None
        if request is None or (request.service, request.target) != ("glue", "GetPartitions"):
            await ministack(scope, receive, send)
            return
        await respond(send, *await _answer(ministack, scope, await read(receive), request))

    return serve


async def _answer(ministack: Application, scope: Scope, body: bytes, request: protocols.Request) -> RawAnswer:
    from nrti_local.glue.expressions import ExpressionError

    asked = json_members(body)
    table = json.dumps({"DatabaseName": asked.get("DatabaseName"), "Name": asked.get("TableName")}).encode()
    found = await answer_of(ministack, *replacing(_targeting(scope, b"AWSGlue.GetTable"), body, table))
    if found[0] != 200:
        return found
    status, headers, partitions = await answer_of(ministack, scope, replaying(body))
    if status != 200:
        return status, headers, partitions
    keys = {key["Name"]: key["Type"] for key in json.loads(found[2])["Table"].get("PartitionKeys") or []}
    try:
        selected = _selected(json.loads(partitions)["Partitions"], asked, keys)
    except ExpressionError as error:
        return request.error(400, "InvalidInputException", str(error))
    except ValueError:
        return request.error(400, "InvalidInputException", "The NextToken is invalid")
    return status, headers, json.dumps(selected).encode()


def _targeting(scope: Scope, target: bytes) -> Scope:
    kept = [pair for pair in scope["headers"] if pair[0] != b"x-amz-target"]
    return {**scope, "headers": [*kept, (b"x-amz-target", target)]}


def _selected(partitions: list[Members], asked: Members, keys: dict[str, str]) -> Members:
    """Returns a page of the partitions that a request asks for.

    Raises:
        ValueError: the expression or the token is wrong.
    """
    if asked.get("Expression"):
        partitions = _matching(partitions, asked["Expression"], keys)
    if segment := asked.get("Segment"):
        partitions = partitions[segment["SegmentNumber"] :: segment["TotalSegments"]]
    begin = int(tokens.decode(asked["NextToken"])) if asked.get("NextToken") else 0
    end = begin + asked.get("MaxResults", _PAGE)
    if asked.get("ExcludeColumnSchema"):
        partitions = [_without_columns(each) for each in partitions]
    page: Members = {"Partitions": partitions[begin:end]}
    return page | ({"NextToken": tokens.encode(end)} if end < len(partitions) else {})


def _matching(partitions: list[Members], expression: str, kinds: dict[str, str]) -> list[Members]:
    from nrti_local.glue import expressions

    keys = expressions.Keys(kinds)
    condition = expressions.read(expression, keys)
    return [each for each in partitions if condition(keys.values(each["Values"]))]


def _without_columns(partition: Members) -> Members:
    storage = partition.get("StorageDescriptor") or {}
    return partition | {"StorageDescriptor": {k: v for k, v in storage.items() if k != "Columns"}}
