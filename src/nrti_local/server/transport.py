"""The patch that treats loopback connections as TLS: the embedded AWS listens on no other."""

from __future__ import annotations

from contextvars import ContextVar, Token

from nrti_local.ministack.patch import Patch

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


PATCHES = (
    Patch(
        "ministack.core.iam_evaluator",
        "_request_origin",
        "With AUTH, a policy that denies connections without TLS denies every request, those of the root key "
        "and of services to each other included.",
        _Secure,
    ),
)
