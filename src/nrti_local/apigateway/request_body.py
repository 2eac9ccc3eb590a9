"""Validates the body of a request against a JSON schema (draft-04)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import fastjsonschema

_DRAFT = "http://json-schema.org/draft-04/schema#"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
#: How a schema refers to another model of its API.
_REFERENCE = re.compile(r"/restapis/[^/]+/models/([^/\"]+)$")


def problem_with(body: bytes, schema: str, models: Mapping[str, str]) -> str | None:
    """Returns what is wrong with a body, or None.

    Python's own reader accepts NaN, Infinity and duplicate keys. Step Functions and DynamoDB do not, and they
    only see the body when its sender has been answered.

    Args:
        body: the bytes as they came.
        schema: the text of a JSON schema.
        models: the schemas that it can refer to, by their names.
    """
    references = tuple(sorted(models.items())) if "/models/" in schema else ()
    try:
        document = _strict(body)
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are such
        return str(error)
    except RecursionError:
        return "the body is nested too deeply"
    return _violation(_validator(schema, references), document)


def _strict(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the body is not UTF-8") from None
    if not text.strip():
        raise ValueError("the body is empty")
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if _SURROGATE.search(text):
        _check_pairs(document)
    return document


def _check_pairs(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text has half of a surrogate pair") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {json.dumps(twice)} appears twice")
    return members


def _refuse(literal: str) -> float:
    raise ValueError(f"{literal} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits} is too large")
    return number


def _violation(validate: Callable[..., Any], document: Any) -> str | None:
    try:
        validate(document, name_prefix="body")
    except fastjsonschema.JsonSchemaValueException as error:
        return str(error.message)
    return None


@lru_cache(maxsize=64)
def _validator(schema: str, references: tuple[tuple[str, str], ...]) -> Callable[..., Any]:
    models = dict(references)

    def model(reference: str) -> Any:
        found = _REFERENCE.search(reference)
        return json.loads(models.get(found[1]) or "{}") if found else {}

    definition = {"$schema": _DRAFT, **json.loads(schema)}
    compiled: Callable[..., Any] = fastjsonschema.compile(
        definition, handlers={"https": model}, use_default=False, use_formats=False
    )
    return compiled
