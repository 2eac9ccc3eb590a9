"""Mapping expressions, such as `method.request.header.X` or `'a text'`, which set headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nrti_local.apigateway import json_path

if TYPE_CHECKING:
    from nrti_local.apigateway.request import Request


@dataclass(frozen=True)
class Backend:
    """What the service behind an integration answered.

    Attributes:
        body: the text of it.
        headers: by their names in lower case.
    """

    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def headers(
    parameters: Mapping[str, Any] | None, prefix: str, request: Request, backend: Backend | None = None
) -> dict[str, str]:
    """Returns the headers that response parameters set; one whose source is missing is left out.

    Args:
        parameters: mapping expressions by what they set.
        prefix: of the names that stand for headers, such as `method.response.header.`.
        request: that is answered.
        backend: the answer of the service behind; None if none was asked.
    """
    found = {}
    for target, source in (parameters or {}).items():
        if target.startswith(prefix) and isinstance(source, str):
            text = value(source, request, backend)
            if text is not None:
                found[target.removeprefix(prefix)] = text
    return found


def of_context(context: Mapping[str, Any], path: str) -> str | None:
    """Returns a variable of `$context` as a text, such as that of `identity.sourceIp`; None if unknown."""
    found: Any = context
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return None if found is None or isinstance(found, Mapping) else str(found)


def value(source: str, request: Request, backend: Backend | None = None) -> str | None:
    """Returns the value of a mapping expression, or None.

    Args:
        source: the expression.
        request: that is answered.
        backend: the answer of the service behind; None if none was asked.
    """
    if len(source) > 1 and source[0] == source[-1] == "'":
        return source[1:-1]
    for prefix, read in _SOURCES.items():
        if source.startswith(prefix):
            return read(source.removeprefix(prefix), request, backend or Backend())
    return None


def _member(body: str, path: str) -> str | None:
    """The part of a body that a path names; all of it for an empty path."""
    if not path:
        return body
    try:
        found = json_path.find(f"$.{path.removeprefix('.')}", json.loads(body))
    except ValueError:
        return None
    return found if isinstance(found, str | None) else json.dumps(found)


#: Where values come from: the begin of an expression, and what reads the rest of it.
_SOURCES: dict[str, Callable[[str, Request, Backend], str | None]] = {
    "method.request.header.": lambda name, request, _: request.headers.get(name.lower()),
    "method.request.querystring.": lambda name, request, _: request.first_of_query(name),
    "method.request.path.": lambda name, request, _: request.path_parameters.get(name),
    "method.request.body": lambda path, request, _: _member(request.text, path),
    "stageVariables.": lambda name, request, _: request.stage_variables.get(name),
    "context.": lambda path, request, _: of_context(request.context, path),
    "integration.response.header.": lambda name, _, backend: backend.headers.get(name.lower()),
    "integration.response.body": lambda path, _, backend: _member(backend.body, path),
}
