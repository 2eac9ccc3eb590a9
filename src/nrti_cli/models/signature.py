"""The signature that is declared for a version of a model: validated, and displayed.

The document is JSON: the format of requests and responses, in the terms of docs/models.md, and `inputs`, the
names of the values. The inference function reads it by the digits of the version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Template
from typing import Any

import jmespath

from nrti_cli.errors import UsageError

Document = Mapping[str, Any]

CSV = "text/csv"
_TYPES = ("application/json", "application/jsonlines", CSV)
_PLACES = ("label", "probability", "score")
#: The placeholders that the templates must contain.
_TEMPLATES = {"content_template": "$records", "record_template": "$features"}
_LISTS = ("failure_labels", "label_headers")
#: The fields about requests and responses; `inputs` is about the values.
_ANSWERS = ("content_type", "accept", *_TEMPLATES, *_PLACES, "threshold", *_LISTS)


def checked(document: Document) -> dict[str, Any]:
    """Validates a document; returns it without empty fields.

    Raises:
        UsageError: a field is wrong; the text names its option.
    """
    given = {name: value for name, value in document.items() if value not in (None, "", [], ())}
    for name in ("content_type", "accept"):
        if given.get(name, CSV) not in _TYPES:
            raise _wrong(name, given[name], f"use one of {', '.join(_TYPES)}")
    for name, needed in _TEMPLATES.items():
        if name in given:
            _check_template(name, given[name], needed)
    for name in _PLACES:
        if name in given:
            _check_place(name, given[name], given.get("accept", ""))
    threshold = given.get("threshold")
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        raise _wrong("threshold", threshold, "it must be a number")
    return given | {name: [str(label) for label in given[name]] for name in _LISTS if name in given}


def _check_template(name: str, template: Any, needed: str) -> None:
    if not isinstance(template, str) or needed not in template:
        raise _wrong(name, template, f"it must contain {needed}")
    stand_in = {"records": "[[0]]", "features": "[0]", "shape": "[1, 1]"}
    try:
        json.loads(Template(template).safe_substitute(stand_in))
    except ValueError as error:
        raise _wrong(name, template, f"with numbers inserted, it is not JSON: {error}") from error


def _check_place(name: str, place: Any, accept: str) -> None:
    if accept == CSV:
        if not str(place).isdecimal():
            raise _wrong(name, place, "for CSV it must be the number of a column, beginning with 0")
        return
    try:
        jmespath.compile(place)
    except (jmespath.exceptions.JMESPathError, TypeError) as error:
        raise _wrong(
            name, place, f"it is not a JMESPath: {str(error).splitlines()[0].rstrip(':')}"
        ) from error


def _wrong(name: str, value: Any, why: str) -> UsageError:
    return UsageError(f"--{name.replace('_', '-')} {value!r}: {why}", hint="docs/models.md has examples")


def answers(document: Document) -> dict[str, Any]:
    """The part about requests and responses; empty if the form of the responses is recognised."""
    return {name: document[name] for name in _ANSWERS if name in document}


def shown(document: Document) -> str:
    """The declared signature as text."""
    parts = answers(document).items()
    words = (f"{name.replace('_', ' ')} {_text(value)}" for name, value in parts)
    return ", ".join(words) or "none declared"


def _text(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
