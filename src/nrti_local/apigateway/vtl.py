"""API Gateway's mapping templates: Velocity with `$input`, `$util` and `$context`."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import airspeed

from nrti_local.apigateway import json_path
from nrti_local.apigateway.java_values import Object, Text, escaped, java, shown

#: Where `$input.params(name)` looks, in this order.
_PLACES = ("path", "querystring", "header")
#: An escape in JSON, with the digits of one by its code.
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|.)")


def render(
    template: str,
    body: str,
    parameters: Mapping[str, Mapping[str, str]],
    context: dict[str, Any] | None = None,
    stage_variables: Mapping[str, str] | None = None,
) -> str:
    """Renders a request or response template.

    Args:
        template: the text in Velocity's language.
        body: what `$input` reads: the request's body, or the answer of the service behind.
        parameters: what `$input.params()` returns: those of `path`, `querystring` and `header`.
        context: the values of `$context`; a template may set `$context.responseOverride.status` in it.
        stage_variables: the values of `$stageVariables`.
    """
    names = {
        "input": _Input(body, parameters),
        "util": _Util(),
        "context": Object(context or {}),
        "stageVariables": Object(stage_variables or {}),
    }
    return str(_compiled(template).merge(Object(names)))


@lru_cache(maxsize=64)
def _compiled(template: str) -> airspeed.Template:
    return airspeed.Template(template)


class _Input:
    """`$input`, with the names that AWS gives its functions."""

    def __init__(self, body: str, parameters: Mapping[str, Mapping[str, str]]) -> None:
        self.body = body or "{}"
        self._parameters = parameters

    @cached_property
    def _document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def json(self, path: str) -> str:
        """Returns what a JSONPath names as JSON text, strings in quotes; an empty string if it is absent."""
        found = json_path.find(path, self._document, absent="")
        return escaped(json.dumps(found, separators=(",", ":"), ensure_ascii=False))

    def path(self, path: str) -> Any:
        """Returns what a JSONPath names as a value."""
        return java(json_path.find(path, self._document))

    def params(self, name: str | None = None) -> Any:
        """Returns a parameter of the path, the query string or the headers; all of them without a name."""
        if name is None:
            return java({place: dict(self._parameters.get(place, {})) for place in _PLACES})
        places = (self._parameters.get(place, {}) for place in _PLACES)
        values = (values.get(name, values.get(name.lower())) for values in places)
        return Text(next((value for value in values if value is not None), ""))


def _of_java(escape: re.Match[str]) -> str:
    """An escape as Java's Commons Lang writes it: digits in upper case, and DEL as it is."""
    digits = escape[1]
    return "\x7f" if digits == "007f" else f"\\u{digits.upper()}" if digits else escape[0]


class _Util:
    """`$util`, with the names that AWS gives its functions."""

    def escapeJavaScript(self, value: Any) -> str:  # noqa: N802
        """Escapes as a string of JavaScript, apostrophes included, which JSON does not allow."""
        text = value if isinstance(value, str) else shown(value)
        inner = json.dumps(text)[1:-1].replace("'", "\\'").replace("/", "\\/")
        return _ESCAPE.sub(_of_java, inner) if "\\u" in inner else inner

    def parseJson(self, text: str) -> Any:  # noqa: N802
        """Returns the value of a JSON text."""
        return java(json.loads(text))

    def urlEncode(self, text: str) -> str:  # noqa: N802
        """Encodes as HTML forms do."""
        return urllib.parse.quote_plus(text, safe="*", errors="replace").replace("~", "%7E")

    def urlDecode(self, text: str) -> str:  # noqa: N802
        """Decodes what an HTML form sends."""
        return urllib.parse.unquote_plus(text)

    def base64Encode(self, text: str) -> str:  # noqa: N802
        """Encodes the text's UTF-8."""
        return base64.b64encode(text.encode(errors="replace")).decode()

    def base64Decode(self, text: str) -> str:  # noqa: N802
        """Decodes to text."""
        return base64.b64decode(text).decode(errors="replace")
