"""Opaque tokens of pages and iterators: values as JSON, in URL-safe characters."""

from __future__ import annotations

import base64
import json
from typing import Any


def encode(value: Any) -> str:
    """Returns the token for a value of JSON; a tuple comes back as a list."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decode(token: str) -> Any:
    """Returns the value of a token.

    Raises:
        ValueError: it is none.
    """
    return json.loads(base64.urlsafe_b64decode(token))
