"""Refuses a Query or a Scan with contradictory parameters; ministack ignores one of them instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nrti_local.dynamodb.tables import table
from nrti_local.ministack.answers import invalid
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer

#: The values of Select, in the order of DynamoDB's message, and what they mean in others.
_SELECTS = {
    "SPECIFIC_ATTRIBUTES": "SPECIFIC_ATTRIBUTES",
    "COUNT": "only the Count",
    "ALL_ATTRIBUTES": "ALL_ATTRIBUTES",
    "ALL_PROJECTED_ATTRIBUTES": "ALL_PROJECTED_ATTRIBUTES",
}
_CHOSEN = ("AttributesToGet", "ProjectionExpression")
_EXPRESSIONS = ("ProjectionExpression", "FilterExpression")
_DETECTED = "1 validation error detected: "


def check(request: Request) -> Answer | None:
    """Returns the error for a Query or a Scan whose parameters contradict each other.

    Raises:
        KeyError: the table does not exist.
    """
    fault = next(_faults(request), "")
    return invalid(fault) if fault else None


def _faults(request: Request) -> Iterator[str]:
    for name in request.get("ExpressionAttributeValues") or {}:
        if not re.fullmatch(r":\w+", name):
            yield f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"'
    for expression in _EXPRESSIONS:
        if request.get(expression) == "":
            yield f"Invalid {expression}: The expression can not be empty;"
    if select := request.get("Select"):
        yield from _of_select(select, request)


def _of_select(select: str, request: Request) -> Iterator[str]:
    chosen = [parameter for parameter in _CHOSEN if request.get(parameter)]
    if select not in _SELECTS:
        constraint = f"Member must satisfy enum value set: [{', '.join(_SELECTS)}]"
        yield f"{_DETECTED}Value '{select}' at 'select' failed to satisfy constraint: {constraint}"
    elif select == "SPECIFIC_ATTRIBUTES":
        if not chosen:
            yield f"{_DETECTED}Must specify the {' or '.join(_CHOSEN)} when choosing to get {select}"
    elif chosen:
        yield f"{_DETECTED}Cannot specify the {chosen[0]} when choosing to get {_SELECTS[select]}"
    elif select == "ALL_PROJECTED_ATTRIBUTES" and not request.get("IndexName"):
        yield f"{_DETECTED}{select} can be used only when Querying using an IndexName"
    elif select == "ALL_ATTRIBUTES" and _is_partial(request):
        index = f"global secondary index {request['IndexName']}"
        why = "because its projection type is not ALL"
        yield (
            "One or more parameter values were invalid: "
            f"Select type {select} is not supported for {index} {why}"
        )


def _is_partial(request: Request) -> bool:
    """Whether the request reads a global index that lacks attributes."""
    for index in table(request["TableName"]).get("GlobalSecondaryIndexes") or ():
        if index["IndexName"] == request.get("IndexName"):
            return bool(index.get("Projection", {}).get("ProjectionType") != "ALL")
    return False
