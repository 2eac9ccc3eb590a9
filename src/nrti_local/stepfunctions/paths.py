"""Patches to how ministack follows the paths of a workflow."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ministack.services import stepfunctions

from nrti_local.ministack.patch import Patch

_MODULE = "ministack.services.stepfunctions"


def _kept(original: Callable[..., Any]) -> Callable[..., Any]:
    return lru_cache(maxsize=4096)(original)


def _by_fields(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def resolve(path: str, data: Any) -> Any:
        names = _fields(path) if path else None
        if names is None:
            return original(path, data)
        for name in names:
            if not isinstance(data, dict) or name not in data:
                return None
            data = data[name]
        return data

    return resolve


@lru_cache(maxsize=4096)
def _fields(path: str) -> list[str] | None:
    """The members that a path names one inside the other, or None if it is made of anything else."""
    if not path.startswith("$."):
        return None
    steps = stepfunctions._parse_jsonpath_tokens(path)  # noqa: SLF001
    if steps is None or any(kind != "field" for kind, _ in steps):
        return None
    return [name for _, name in steps]


def _result_path(_original: Callable[..., Any]) -> Callable[..., Any]:
    def apply(path: str | None, original: Any, result: Any) -> Any:
        if path is None or path == "$":
            return original if path is None else result
        *parents, name = path.lstrip("$.").split(".")
        output: dict[str, Any] = dict(original) if isinstance(original, dict) else {}
        at = output
        for parent in parents:
            inner = at.get(parent)
            at[parent] = dict(inner) if isinstance(inner, dict) else {}
            at = at[parent]
        at[name] = result
        return output

    return apply


PATCHES = (
    Patch(
        _MODULE,
        "_parse_jsonpath_tokens",
        "Every path of a workflow is parsed anew each time that a state uses it.",
        _kept,
    ),
    Patch(
        _MODULE,
        "_resolve_path",
        "It makes lists of all values at each step, though a path without a wildcard has but one.",
        _by_fields,
    ),
    Patch(
        _MODULE,
        "_parse_intrinsic_call",
        "As _parse_jsonpath_tokens, for functions such as States.Format.",
        _kept,
    ),
    Patch(
        _MODULE,
        "_apply_result_path_raw",
        "It copies all of a state's input, however large, to put one result into it.",
        _result_path,
    ),
)
