"""Presents requests to ministack's AUTH: each connection as TLS, with the body that its sender has signed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token

from nrti_local.ministack.patch import Patch
from nrti_local.server.layers.inner_requests import signed

#: The address of the caller, and whether the connection is secure.
Origin = tuple[str, bool]


class _Secure:
    """A context variable of origins that reads every connection as secure."""

    def __init__(self, origins: ContextVar[Origin]) -> None:
        self._origins = origins

    def get(self) -> Origin:
        """The origin of the request in progress."""
        return self._origins.get()[0], True

    def set(self, origin: Origin) -> Token[Origin]:
        """Sets the origin of the request in progress."""
        return self._origins.set(origin)


def _as_signed(original: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def pin_signed_body(body: bytes) -> None:
        original(signed(body))

    return pin_signed_body


PATCHES = (
    Patch(
        "ministack.app",
        "pin_signed_body",
        "With AUTH, a signature does not match a body that a layer before ministack has replaced.",
        _as_signed,
    ),
    Patch(
        "ministack.core.iam_evaluator",
        "_request_origin",
        "With AUTH, a policy that denies connections without TLS denies every request, those of the root key "
        "and of services to each other included.",
        _Secure,
    ),
)
