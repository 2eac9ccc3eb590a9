"""The intrinsic functions with inputs that hypothesis makes, and which interpreters can judge them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.clients.interpreters import INTERPRETERS

_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\\"), max_size=8)
_PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=8)
_TEXT = _PLAIN | st.sampled_from(["{}", "\\", "\\{\\}", "\\'", "a\\b"])
_INTEGERS = st.integers(-1_000, 1_000)
_NUMBERS = _INTEGERS | st.floats(-1_000, 1_000, width=32) | st.sampled_from([0.5, 1.5, -0.5, -1.5])
SCALARS = st.none() | st.booleans() | _INTEGERS | _PLAIN
_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
# LocalStack takes true for 1.
_DISTINCT = st.none() | _INTEGERS | _PLAIN
_ARRAYS = st.lists(_DISTINCT, max_size=6)
_OBJECTS = st.dictionaries(st.sampled_from("abcd"), _VALUES, max_size=3)
_ENCODED = _ASCII.map(lambda text: base64.b64encode(text.encode()).decode())

_ALL = frozenset(INTERPRETERS)
_LOCALSTACK, _NPM = frozenset({"LocalStack"}), frozenset({"aws-local-stepfunctions"})


@dataclass(frozen=True)
class Function:
    """Calls of an intrinsic function.

    Attributes:
        call: its text.
        inputs: the members of the input.
        judges: the interpreters that read the function as AWS documents or answers it, for these inputs.
    """

    call: str
    inputs: dict[str, SearchStrategy[Any]]
    judges: frozenset[str] = _ALL


FUNCTIONS = (
    Function("States.Format('{}{}', $.a, $.b)", {"a": _PLAIN, "b": _PLAIN | _INTEGERS}),
    # The other one takes escapes out of the arguments, too, and takes no arrays and objects.
    Function("States.Format('{} {}', $.a, $.b)", {"a": _TEXT, "b": _TEXT}, _LOCALSTACK),
    Function("States.Format('<{}>', $.a)", {"a": _VALUES}, _LOCALSTACK),
    Function("States.MathAdd($.a, $.b)", {"a": _INTEGERS, "b": _INTEGERS}),
    # The other one does not round.
    Function("States.MathAdd($.a, $.b)", {"a": _NUMBERS, "b": _NUMBERS}, _LOCALSTACK),
    Function("States.Array($.a, 1, 'x', true)", {"a": _VALUES}),
    Function("States.ArrayPartition($.a, $.b)", {"a": _ARRAYS, "b": st.integers(1, 5)}),
    Function("States.ArrayContains($.a, $.b)", {"a": _ARRAYS, "b": _DISTINCT}),
    Function(
        "States.ArrayRange($.a, $.b, $.c)",
        {"a": st.integers(-9, 0), "b": st.integers(0, 9), "c": st.integers(1, 3)},
    ),
    # LocalStack refuses to count down.
    Function(
        "States.ArrayRange($.a, $.b, $.c)",
        {"a": st.integers(0, 9), "b": st.integers(-9, 0), "c": st.integers(-3, -1)},
        _NPM,
    ),
    Function("States.ArrayGetItem($.a, 0)", {"a": st.lists(_VALUES, min_size=1, max_size=3)}),
    Function("States.ArrayGetItem($.a, $.b)", {"a": _ARRAYS, "b": st.integers(0, 5)}, _LOCALSTACK),
    Function("States.ArrayLength($.a)", {"a": _VALUES}),
    Function("States.ArrayUnique($.a)", {"a": _ARRAYS}),
    # Neither encodes what is not ASCII: AWS's UTF-8 is in the unit tests.
    Function("States.Base64Encode($.a)", {"a": _ASCII}),
    Function("States.Base64Decode($.a)", {"a": _ENCODED}),
    Function(
        "States.Hash($.a, $.b)",
        {"a": _TEXT, "b": st.sampled_from(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])},
    ),
    Function("States.JsonMerge($.a, $.b, false)", {"a": _OBJECTS, "b": _OBJECTS}),
    Function("States.StringToJson($.a)", {"a": _VALUES.map(json.dumps)}),
    Function("States.StringToJson($.a)", {"a": _ASCII | st.sampled_from(["", " "])}, _LOCALSTACK),
    # LocalStack escapes what is not ASCII, and the other one takes out backslashes.
    Function("States.JsonToString($.a)", {"a": _VALUES}, _NPM),
    Function("States.JsonToString($.a)", {"a": st.lists(st.dictionaries(_ASCII, _ASCII))}, _LOCALSTACK),
    # The other one leaves empty parts.
    Function(
        "States.StringSplit($.a, $.b)",
        {"a": _TEXT | st.just("a,b;;c"), "b": st.sampled_from([",", ",;", ".", "|"])},
        _LOCALSTACK,
    ),
)
