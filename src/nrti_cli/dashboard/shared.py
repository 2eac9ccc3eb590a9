"""A response for several browsers: encoded and compressed once."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from typing import Any


class Body:
    """What is sent.

    Args:
        content: the bytes.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def compressed(self) -> bytes:
        """The same by gzip."""
        return gzip.compress(self.content, 1)


def encoded(document: Any) -> Body:
    """A document as JSON."""
    return Body(json.dumps(document, separators=(",", ":")).encode())


class Shared:
    """A document for all browsers that ask for it.

    Args:
        document: as JSON has it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @cached_property
    def body(self) -> Body:
        """The document as it is sent."""
        return encoded(self.document)
