"""What a user may write for a rule, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_cli.alerts.expressions import rule
from nrti_cli.errors import UsageError
from nrti_cli.remote.alerts_function.rules import rule_of, span

AT = 1_795_350_600_000


@pytest.mark.parametrize(
    ("kind", "value", "condition"),
    [
        ("failure-rate", ">5% in 10m", "failure rate >5% in 10m"),
        ("failure-rate", " > 0.05 in 600 ", "failure rate >5% in 10m"),
        ("failure-rate", ">0% in 1h30m", "failure rate >0% in 1h30m"),
        ("failure-rate", ">12.5% in 1d", "failure rate >12.5% in 1d"),
        ("silence", "5m", "silence 5m"),
        ("silence", "90", "silence 1m30s"),
        ("dead-letters", True, "dead letters"),
        ("recall", "<0.8", "recall <80% in 7d"),
        ("recall", "<80% in 30d", "recall <80% in 30d"),
    ],
)
def test_a_condition_reads_as_it_was_written(kind: str, value: object, condition: str) -> None:
    made = rule(kind, value, added_at=AT)

    assert made.condition == condition
    assert rule_of(made.document()) == made


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("failure-rate", "5%", "--failure-rate '5%' is not a condition: write it like '>5% in 10m'"),
        ("failure-rate", ">5%", "is not a condition"),
        ("failure-rate", "<5% in 10m", "is not a condition"),
        ("failure-rate", ">5% in ten", "'ten' is not a duration"),
        ("failure-rate", ">5% in 30s", "30s is not from 1m to 1d"),
        ("failure-rate", ">5% in 2d", "2d is not from 1m to 1d"),
        ("failure-rate", ">100% in 10m", "is always or never true: use a limit between 0 and 100%"),
        ("failure-rate", ">5 in 10m", "is always or never true: use a limit between 0 and 100%"),
        ("silence", "soon", "'soon' is not a duration"),
        ("silence", "10s", "10s is not from 1m to 7d"),
        ("recall", ">0.8", "write it like '<0.8' or '<80% in 30d'"),
        ("recall", "<0", "is always or never true: use a limit between 0 and 100%"),
        ("recall", "<0.8 in 10m", "10m is not from 1h to 90d"),
        ("recall", 0.8, "--recall needs a text, not 0.8: put it in quotes"),
        ("dead-letters", "5", "--dead-letters has no value: in a file, write dead-letters = true"),
    ],
)
def test_a_wrong_condition_is_one_line(kind: str, value: object, error: str) -> None:
    with pytest.raises(UsageError) as raised:
        rule(kind, value, added_at=AT)

    assert error in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "value", "more", "error"),
    [
        ("silence", "5m", {"model": "m"}, "--model does not apply to --silence: leave it out"),
        ("dead-letters", True, {"sensor": "a"}, "--sensor does not apply to --dead-letters"),
        ("silence", "5m", {"sensor": "a\n"}, "--sensor: "),
    ],
)
def test_what_does_not_apply_is_refused(kind: str, value: object, more: dict[str, Any], error: str) -> None:
    with pytest.raises(UsageError, match=error):
        rule(kind, value, added_at=AT, **more)


def test_the_same_condition_is_the_same_rule() -> None:
    one = rule("failure-rate", ">5% in 10m", added_at=AT, sensor="a", cooldown=60)
    again = rule("failure-rate", "> 0.05 in 600s", added_at=AT + 1, sensor="a")
    others = [
        rule("failure-rate", ">5% in 10m", added_at=AT),
        rule("failure-rate", ">5% in 10m", added_at=AT, sensor="b"),
        rule("failure-rate", ">5% in 10m", added_at=AT, sensor="a", model="m"),
        rule("failure-rate", ">6% in 10m", added_at=AT, sensor="a"),
    ]

    assert one.id == again.id
    assert one.id.startswith("failure-rate-")
    assert len({one.id, *(other.id for other in others)}) == 5


def test_a_rule_says_what_it_watches() -> None:
    recall = rule("recall", "<0.8", added_at=AT, sensor="a", model="m")

    assert recall.subject == "a, model m"
    assert rule("silence", "5m", added_at=AT).subject == "all sensors"
    assert rule("dead-letters", True, added_at=AT).subject == "all"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59, "59s"), (90, "1m30s"), (86_400, "1d"), (90_061, "1d1h1m1s")]
)
def test_a_span_as_text(seconds: float, text: str) -> None:
    assert span(seconds) == text
