"""The user's condition: it filters, and nothing else."""

from __future__ import annotations

import pytest

from nrti_cli.athena.condition import require_condition
from nrti_cli.errors import UsageError


@pytest.mark.parametrize(
    "text",
    [
        "sensor = 'a'",
        "sensor in ('a', 'b)') and not (truth = 1)",
        "model like '%;--%' or label = 'it''s ('",
        "\"sensor\" = 'x' and cardinality(data) = 3",
        "event_time between timestamp '2026-11-01' and now() - interval '1' day",
    ],
)
def test_a_condition_is_accepted(text: str) -> None:
    require_condition(text, "--where")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 = 1) or (1 = 1", "parentheses do not match"),
        ("1 = 1) union select * from (select 1", "parentheses do not match"),
        ("(sensor = 'a'", "parentheses do not match"),
        ("sensor = 'a'; drop table predictions_raw", "more than one condition"),
        ("1 = 1;", "more than one condition"),
        ("sensor = 'a", "quote that is not closed"),
        ("1 = 1 -- and more", "empty or has a comment"),
        ("1 = 1 /* /* */ ) union select 1 /* */ */", "empty or has a comment"),
        ("  ", "empty or has a comment"),
        ("/* x */", "empty or has a comment"),
    ],
)
def test_anything_else_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        require_condition(text, "--where")

    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("--where ")
