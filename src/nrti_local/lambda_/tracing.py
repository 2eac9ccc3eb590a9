"""The trace header of an invocation, which carries how often functions have invoked each other.

It is how Lambda itself finds functions that invoke each other for ever: the SDKs send the variable
`_X_AMZN_TRACE_ID` of a function as the header `X-Amzn-Trace-Id`.
"""

from __future__ import annotations

import re
import secrets
import time
import zlib
from contextvars import ContextVar

#: The header of the request that invokes a function; empty for none.
INBOUND: ContextVar[str] = ContextVar("nrti_local_trace_header", default="")

_DEPTH = re.compile(r"Lineage=[\w:]+:(\d{1,4})(?:;|$)")
_ROOT = re.compile(r"Root=[\w-]+")


def depth(header: str) -> int:
    """How many functions in a row have led to a request."""
    found = _DEPTH.search(header)
    return int(found[1]) if found else 0


def inbound_depth() -> int:
    """As `depth`, of the request that invokes now."""
    return depth(INBOUND.get())


def outbound(arn: str) -> str:
    """The header of the requests that a function makes in this invocation."""
    inbound = INBOUND.get()
    root = _ROOT.search(inbound)
    trace = root[0] if root else f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    sampled = int("Sampled=1" in inbound)
    lineage = f"1:{zlib.crc32(arn.encode()):08x}:{depth(inbound) + 1}"
    return f"{trace};Parent={secrets.token_hex(8)};Sampled={sampled};Lineage={lineage}"
