"""Compiles a filter pattern, of whatever kind it is."""

from __future__ import annotations

import re
from functools import lru_cache

from nrti_local.cloudwatch.groups import wrong
from nrti_local.cloudwatch.patterns.columns import Columns
from nrti_local.cloudwatch.patterns.json_fields import JsonFields
from nrti_local.cloudwatch.patterns.pattern import InvalidPatternError, Pattern
from nrti_local.cloudwatch.patterns.terms import Regex, Terms

_REGEX = re.compile(r"%(?:[^%\\]|\\.)+%")


@lru_cache(maxsize=256)
def compiled(text: str) -> Pattern:
    """Compiles a filter pattern; an empty one matches every message.

    Raises:
        InvalidPatternError: it is malformed.
    """
    pattern = text.strip()
    if pattern.startswith("{"):
        return JsonFields(pattern)
    if pattern.startswith("["):
        return Columns(pattern)
    return Regex(pattern) if _REGEX.fullmatch(pattern) else Terms(pattern)


def of_request(text: str) -> Pattern:
    """Compiles the filter pattern of a request.

    Raises:
        ServiceError: it is malformed.
    """
    try:
        return compiled(text)
    except InvalidPatternError as error:
        raise wrong(str(error)) from None
