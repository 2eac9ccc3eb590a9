from __future__ import annotations

import pytest

from nrti_cli.stack.conditions import created
from nrti_cli.stack.template import parse

TEMPLATE = parse("""
Parameters:
  Mode: {Type: String, Default: none}
  Mail: {Type: String}
Conditions:
  Used: !Equals [!Ref Mode, used]
  Mailed: !Not [!Equals ["", !Ref Mail]]
  Both: !And [!Condition Used, !Condition Mailed]
  Either: !Or [!Condition Used, !Condition Mailed]
Resources:
  Always: {Type: T}
  WhenUsed: {Type: T, Condition: Used}
  WhenMailed: {Type: T, Condition: Mailed}
  WhenBoth: {Type: T, Condition: Both}
  WhenEither: {Type: T, Condition: Either}
""")


@pytest.mark.parametrize(
    ("given", "conditional"),
    [
        ({}, []),
        ({"Mode": "used"}, ["WhenUsed", "WhenEither"]),
        ({"Mail": "a@b"}, ["WhenMailed", "WhenEither"]),
        ({"Mode": "used", "Mail": "a@b"}, ["WhenUsed", "WhenMailed", "WhenBoth", "WhenEither"]),
    ],
)
def test_a_condition_decides_whether_a_resource_is_created(
    given: dict[str, str], conditional: list[str]
) -> None:
    assert created(TEMPLATE, given) == ("Always", *conditional)
