"""API Gateway's mapping templates: Velocity with `$input`, `$util` and `$context`."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import airspeed
from ministack.services import stepfunctions


def render(
    template: str, body: str, parameters: Mapping[str, Any], context: dict[str, Any] | None = None
) -> str:
    """Renders a request or response template.

    Args:
        template: the text in Velocity's language.
        body: what `$input` reads: the request's body, or the answer of the service behind.
        parameters: what `$input.params(name)` finds.
        context: the values of `$context`; a template may set `$context.responseOverride.status` in it.
    """
    names = {
        "input": _Input(body, parameters),
        "util": _Util(),
        "context": _Context(context if context is not None else {}),
    }
    return str(_compiled(template).merge(names))


@lru_cache(maxsize=64)
def _compiled(template: str) -> airspeed.Template:
    return airspeed.Template(template)


class _Context(dict[str, Any]):
    """`$context`, in which an unknown name renders as nothing rather than as its own text."""

    def __missing__(self, name: str) -> str:
        return ""


class _Input:
    def __init__(self, body: str, parameters: Mapping[str, Any]) -> None:
        self.body = body
        self._parameters = parameters

    @cached_property
    def _document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def json(self, path: str) -> str:
        """Returns what the path names as JSON text, strings in their quotes."""
        return json.dumps(self.path(path), separators=(",", ":"), ensure_ascii=False)

    def path(self, path: str) -> Any:
        """Returns what the path names as a value."""
        return stepfunctions._resolve_path(path, self._document)  # noqa: SLF001

    def params(self, name: str) -> str:
        """Returns a parameter of the path, the query string or the headers."""
        return str(self._parameters.get(name, ""))


class _Util:
    """`$util`, with the names that AWS gives its functions."""

    def escapeJavaScript(self, text: str) -> str:  # noqa: N802
        """Escapes as a string of JavaScript, the apostrophe included, which JSON must not."""
        return json.dumps(text)[1:-1].replace("'", "\\'").replace("/", "\\/")

    def parseJson(self, text: str) -> Any:  # noqa: N802
        """Returns the value of a JSON text."""
        return json.loads(text)

    def urlEncode(self, text: str) -> str:  # noqa: N802
        """Encodes as a form does."""
        return urllib.parse.quote_plus(text, safe="*").replace("~", "%7E")

    def urlDecode(self, text: str) -> str:  # noqa: N802
        """Decodes what a form sends."""
        return urllib.parse.unquote_plus(text)

    def base64Encode(self, text: str) -> str:  # noqa: N802
        """Encodes the text's UTF-8."""
        return base64.b64encode(text.encode()).decode()

    def base64Decode(self, text: str) -> str:  # noqa: N802
        """Decodes to text."""
        return base64.b64decode(text).decode()
