"""Numbers are brought into the form in which ministack keeps them."""

from __future__ import annotations

import json

import pytest
from ministack.services import dynamodb

from nrti_local.dynamodb.key_numbers import normalised

NUMBERS = "0 -0 0.0 1 -1 100 100.0 1E2 1e+2 0.10 -0.5 00012 .5 5. 1E-10 123.4500 1E38 1e125 9E-130".split()  # noqa: SIM905
_LONG = "12345678901234567890123456789012345678"
LONG = [_LONG, f"{_LONG}.0", f"0.{_LONG}", f"0.{_LONG}0"]


@pytest.mark.parametrize("number", [*NUMBERS, *LONG])
def test_the_form_is_ministacks(number: str) -> None:
    body = json.dumps({"Key": {"id": {"N": number}}}).encode()

    assert json.loads(normalised(body)) == {"Key": {"id": {"N": dynamodb._ddb_canonicalize_number(number)}}}


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "Infinity", "1_000", " 5", "\u0665", "1E999999999", "1E-999999999"]
)
def test_what_is_no_number_is_left_to_ministack(text: str) -> None:
    body = json.dumps({"Key": {"id": {"N": text}}}).encode()

    assert json.loads(normalised(body)) == json.loads(body)


def test_keys_lie_deep_and_names_are_no_numbers() -> None:
    body = {"RequestItems": {"N": {"Keys": [{"N": {"N": "1.0"}, "S": {"S": "1.0"}}]}}}

    reached = json.loads(normalised(json.dumps(body).encode()))

    assert reached == {"RequestItems": {"N": {"Keys": [{"N": {"N": "1"}, "S": {"S": "1.0"}}]}}}


def test_what_is_in_the_form_already_stays_as_it_is() -> None:
    body = b'{ "Key":{"id":{"N":"100"}} }'

    assert normalised(body) is body
    assert normalised(b'{"N": "1.0"') == b'{"N": "1.0"'
