"""The errors that the embedded AWS's own services answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """An error that the caller of an AWS API sees.

    Args:
        code: AWS's error code, such as `ValidationException`.
        message: AWS's text.
        status: the HTTP status.
        members: further members of the error's shape.
    """

    def __init__(
        self, code: str, message: str, status: int = 400, *, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members or {})
