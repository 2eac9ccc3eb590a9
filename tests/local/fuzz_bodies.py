"""What a hostile or a broken device sends: strategies that make request bodies, as bytes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

#: Model names, most of them of the one that is published.
MODELS = ("failure-v1", "failure-v1", "failure-v1", "no-such-model", "m" * 63)
_LARGEST = int(1e38)

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=128).filter(str.strip)
NUMBERS = st.one_of(
    st.integers(0, 100),
    st.floats(-1e38, 1e38),
    st.integers(-_LARGEST, _LARGEST),
    st.sampled_from([0, -0.0, 1e-300, 5e-324, 1e38, -1e38]),
)
EVENTS = st.fixed_dictionaries(
    {
        "sensor": TEXT,
        "model": st.sampled_from(MODELS),
        "data": st.one_of(
            st.lists(NUMBERS, min_size=3, max_size=3), st.lists(NUMBERS, min_size=1, max_size=20)
        ),
    },
    optional={"timestamp": st.integers(0, 253_402_300_799_999), "event_id": TEXT},
)
#: What the schema takes.
REQUESTS = st.one_of(EVENTS, st.lists(EVENTS, min_size=1, max_size=25))
#: Any JSON, and what Python takes for it.
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=200),
        st.sampled_from(["\x00", "\ud800", "\u202e", "a" * 129, "__proto__", "1e5", 10**400, 1e39, -1, 1.5]),
    ),
    lambda children: (
        st.lists(children, max_size=5) | st.dictionaries(st.text(max_size=20), children, max_size=5)
    ),
    max_leaves=15,
)
_LITERALS = (
    b"NaN", b"-Infinity", b"1e400", b"-1e-400", b"1" * 5000, b"1.", b"+1", b"0x1", b"01",
    b'"\\ud800"', b'"\\u0000"', b',"data":[1]', b"{", b"]", b"/*", b"'", b"\\",
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80",
)  # fmt: skip


def encoded(value: Any, *, ascii_only: bool = True) -> bytes:
    """JSON, half of surrogate pairs included."""
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


@st.composite
def faulty(draw: st.DrawFn) -> bytes:
    """An event, alone or among others, of which one thing is not as it should be."""
    event = draw(EVENTS)
    field = draw(st.sampled_from([*event, "extra", draw(st.text(max_size=10))]))
    if draw(st.booleans()):
        event.pop(field, None)
    else:
        event[field] = draw(JUNK)
    body = draw(st.sampled_from([event, [event], [draw(EVENTS), event], [event] * 26, {"event": event}]))
    return encoded(body, ascii_only=draw(st.booleans()))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The text of a request into which something fell, or that was cut short."""
    text = encoded(draw(REQUESTS))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 20)))
    return text[:start] + draw(st.one_of(st.sampled_from(_LITERALS), st.binary(max_size=8))) + text[end:]


@st.composite
def nested(draw: st.DrawFn) -> bytes:
    """More depth than a parser's stack may have, whole or without an end."""
    depth = draw(st.sampled_from([10, 500, 990, 1_000, 5_000, 100_000]))
    opening, closing = draw(st.sampled_from([(b"[", b"]"), (b'{"data":', b"}"), (b'[{"a":', b"}]")]))
    inner = draw(st.sampled_from([b"", b"1", b"null"]))
    return opening * depth + inner + draw(st.sampled_from([b"", closing * depth]))


HOSTILE = st.one_of(faulty(), damaged(), nested(), JUNK.map(encoded), st.binary(max_size=300))


@st.composite
def labels(draw: st.DrawFn) -> bytes:
    """A request with labels, of which some are wrong or no labels at all."""
    times = st.integers(0, 253_402_300_799_999)
    fields = {
        "event_id": TEXT, "sensor": TEXT, "timestamp": times, "start": times, "end": times,
        "label": st.integers(0, 1),
    }  # fmt: skip
    label = draw(st.fixed_dictionaries({}, optional=fields))
    if draw(st.booleans()):
        label[draw(st.sampled_from([*fields, "extra"]))] = draw(JUNK)
    right = {"event_id": draw(TEXT), "label": 1}
    return encoded(draw(st.sampled_from([label, [label], [right, label], [right] * 101, {"label": label}])))
