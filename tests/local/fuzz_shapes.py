"""What a caller may send to an operation: strategies from the shapes that botocore ships, good and bad."""

from __future__ import annotations

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from hypothesis import strategies as st

from nrti_local.server.shared.constraints import _expression
from tests.local.fuzz_bodies import JUNK

#: Names that come up again, so that what one request makes another one finds.
NAMES = ("fuzz-a", "fuzz-b", "fuzz-c")
_LONGEST = 40
#: Deeper than this only what is required is sent: with all that is optional a request takes long to make.
_OPTIONAL_DEPTH = 2


def requests(shape: Shape) -> st.SearchStrategy[Any]:
    """Mostly what the shape allows; now and then junk in some place of it, or junk altogether."""
    return st.one_of(_values(shape, junk=False), _values(shape, junk=True), JUNK)


def _values(shape: Shape, *, junk: bool, depth: int = 0) -> st.SearchStrategy[Any]:
    good = st.deferred(lambda: _good(shape, junk=junk, depth=depth))
    return st.one_of(good, good, good, JUNK) if junk and depth else good


def _good(shape: Shape, *, junk: bool, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        members = {
            name: _values(member, junk=junk, depth=depth + 1) for name, member in shape.members.items()
        }
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members if depth < _OPTIONAL_DEPTH else {})
    if isinstance(shape, ListShape):
        return st.lists(_values(shape.member, junk=junk, depth=depth + 1), max_size=3)
    if isinstance(shape, MapShape):
        key, value = (_values(each, junk=junk, depth=depth + 1) for each in (shape.key, shape.value))
        return st.dictionaries(key.filter(lambda drawn: isinstance(drawn, str)), value, max_size=3)
    return _leaves(shape)


def _leaves(shape: Shape) -> st.SearchStrategy[Any]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    match shape.type_name:
        case "string" | "blob":
            return _texts(shape, low or 0, min(high or _LONGEST, _LONGEST))
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return st.integers(low, high)
        case "timestamp":
            return st.one_of(st.integers(0, 2**33), st.floats(), st.sampled_from([1e300, -1e18, 10**30]))
        case _:
            return st.floats()


def _texts(shape: Shape, low: int, high: int) -> st.SearchStrategy[str]:
    if isinstance(shape, StringShape) and shape.enum:
        return st.sampled_from(shape.enum)
    pattern = shape.metadata.get("pattern")
    if not pattern:
        return st.text(min_size=low, max_size=max(low, high))
    expression = _expression(pattern)
    names = [name for name in NAMES if expression.fullmatch(name)]
    matching = st.from_regex(expression, fullmatch=True)
    return st.one_of(st.sampled_from(names), matching) if names else matching
