"""Texts that mean something to those who read a request on its way: to Velocity, JSON and JavaScript."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.local import fuzz_bodies

_SPECIAL = (
    "$context.requestId", "${x}", "$!input.body", "#set($x = 1)", "#end", "#if(", "##", "#*", "\\$x", "\\#if",
    "it's", "\\'", "'", '"', '\\"', "</script>", "\\", "\\\\u0041", "\u2028", "\u20ac", "\x85", "\xad",
    "é", "😀", "\ud800", '"prediction":', '"status":503', "262144", "Throttling",
)  # fmt: skip
TEXTS = st.one_of(
    fuzz_bodies.TEXT, st.sampled_from(_SPECIAL), st.lists(st.sampled_from(_SPECIAL)).map("".join)
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Requests of devices that have such texts for sensors."""
    body = draw(fuzz_bodies.REQUESTS)
    for event in body if isinstance(body, list) else [body]:
        event["sensor"] = draw(TEXTS)
    made = json.dumps(body, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    return made.encode("utf-8", "surrogatepass")
