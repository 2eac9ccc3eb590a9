"""Follows the JSONPath of a mapping template or expression."""

from __future__ import annotations

from typing import Any

from nrti_local.stepfunctions.asl.errors import EvaluationError
from nrti_local.stepfunctions.asl.paths import PathError
from nrti_local.stepfunctions.asl.paths import path as parsed


def find(path: str, document: Any, absent: Any = None) -> Any:
    """Returns the value at a path, or the list of all if it may name several.

    Args:
        path: a JSONPath.
        document: where the path leads.
        absent: stands for a value that is not there.

    Raises:
        ValueError: it is not a path.
    """
    try:
        return parsed(path).read(document, None)
    except PathError:
        return absent
    except EvaluationError as error:
        raise ValueError(f"{path!r} is not a JSONPath") from error
