"""Refuses the filter of a Query on a key; ministack evaluates it."""

from __future__ import annotations

import re

from nrti_local.dynamodb.tables import table
from nrti_local.ministack.answers import invalid
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer

#: The first name of each path in an expression: no operand, no member of a map, no function.
_ATTRIBUTE = re.compile(r"(?<![:#.\w])#?\w+\b(?!\s*\()")
_KINDS = {"FilterExpression": "Filter Expression", "QueryFilter": "QueryFilter"}


def check(request: Request) -> Answer | None:
    """Returns the error for a Query that filters by a key of its table or index.

    Raises:
        KeyError: the table does not exist.
    """
    keys = _keys(request)
    for parameter, kind in _KINDS.items():
        for name in _attributes(request, parameter):
            if name in keys:
                text = f"{kind} can only contain non-primary key attributes: Primary key attribute: {name}"
                return invalid(text)
    return None


def _keys(request: Request) -> set[str]:
    """The keys by which the request finds items."""
    found, index = table(request["TableName"]), request.get("IndexName")
    schema = found["KeySchema"]
    if index:
        indexes = [
            *(found.get("GlobalSecondaryIndexes") or ()),
            *(found.get("LocalSecondaryIndexes") or ()),
        ]
        schema = next((each["KeySchema"] for each in indexes if each["IndexName"] == index), ())
    return {element["AttributeName"] for element in schema}


def _attributes(request: Request, parameter: str) -> list[str]:
    given = request.get(parameter) or ""
    if not isinstance(given, str):
        return list(given)
    names = request.get("ExpressionAttributeNames") or {}
    return [names.get(name, name) for name in _ATTRIBUTE.findall(given)]
