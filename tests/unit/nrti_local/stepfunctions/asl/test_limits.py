"""The bounds by which the interpreter spares itself measuring: none may be below the true size."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nrti_local.stepfunctions.asl.limits import size
from nrti_local.stepfunctions.asl.paths import place, placed_bytes, reference
from nrti_local.stepfunctions.asl.templates import Template

_NAMES = ["a", "b", "é"]
_SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.fixed_dictionaries(dict.fromkeys(_NAMES, inner)),
    max_leaves=8,
)
_DATA = st.fixed_dictionaries(dict.fromkeys(_NAMES, st.fixed_dictionaries(dict.fromkeys(_NAMES, _VALUES))))
_PATHS = st.sampled_from([
    "$", "$.a", "$.b", "$.a.a", "$.a.b", "$['é']", "$.é.b", "$..a", "$.*", "$$", "$$.a", "$$.a.b", "$$.*",
])  # fmt: skip
_TEMPLATES = st.recursive(
    _SCALARS | st.dictionaries(st.sampled_from(["x.$", "y.$", "z.$"]), _PATHS, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3),
    max_leaves=6,
)


@given(_TEMPLATES, _DATA, _DATA)
def test_a_template_makes_no_more_than_its_bound(template: Any, data: Any, context: Any) -> None:
    made = Template(template)

    assert size(made.evaluate(data, context)) <= made.bound(size(data), size(context))


@given(st.lists(st.sampled_from(["a", "é", '"', "new"]), min_size=1, max_size=4), _VALUES)
def test_a_result_in_its_place_adds_no_more_than_its_bound(names: list[str], value: Any) -> None:
    at = reference("$" + "".join(f"['{name}']" for name in names))

    assert size(place(at, {"z": 1}, value)) <= size({"z": 1}) + size(value) + placed_bytes(at)
