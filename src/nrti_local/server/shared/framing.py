"""Messages between the server and a worker process: a JSON header and a body, with their lengths."""

from __future__ import annotations

import json
import struct
from typing import Any

PREFIX = struct.Struct(">II")


def pack(header: dict[str, Any], body: bytes) -> bytes:
    """One message."""
    head = json.dumps(header).encode()
    return PREFIX.pack(len(head), len(body)) + head + body
