"""Has the way over the loopback count as TLS, which nobody can listen to either."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from nrti_local.ministack.patch import Patch

Pin = Callable[..., None]


def _secure(original: Pin) -> Pin:
    def pin(source_ip: str, secure_transport: bool) -> None:  # noqa: ARG001 - ministack's signature
        original(source_ip, True)

    return pin


def _secure_by_default(original: ContextVar[Any]) -> ContextVar[tuple[str, bool]]:
    return ContextVar(original.name, default=("127.0.0.1", True))


_WHY = "With AUTH, a policy that denies whatever is not TLS denies everything, to the root key as well: "
PATCHES = (
    Patch(
        "ministack.core.iam_evaluator",
        "_request_origin",
        f"{_WHY}calls between services.",
        _secure_by_default,
    ),
    Patch("ministack.app", "pin_request_origin", f"{_WHY}requests.", _secure),
)
