"""Rules in a file: all of them, or none and one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.alerts.rule_file import read_rules
from nrti_cli.errors import UsageError

GOOD = """
[[rule]]
failure-rate = ">5% in 10m"
sensor = "robot-7"
cooldown = "1h"

[[rule]]
dead-letters = true
"""


def _read(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return [f"{each.condition}, {each.subject}, {each.cooldown:g}" for each in read_rules(path, 0)]


def test_all_rules_are_read(tmp_path: Path) -> None:
    assert _read(tmp_path, GOOD) == ["failure rate >5% in 10m, robot-7, 3600", "dead letters, all, 900"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[rule]", "alerts.toml is not TOML: "),
        ("", "has no rules: begin each with a line [[rule]]"),
        ("rule = 1", "has no rules"),
        ("[[rules]]\nsilence = '5m'", "has no rules"),
        (GOOD + "[[rule]]\nsensor = 'a'", "alerts.toml, rule 3 needs exactly one of failure-rate, silence"),
        (GOOD + "[[rule]]\nsilence = '5m'\nrecall = '<0.8'", "rule 3 needs exactly one of"),
        (GOOD + "[[rule]]\nsilence = '5m'\nwebhook = 'x'", "rule 3: 'webhook' is not known"),
        (GOOD + "[[rule]]\nsilence = '5x'", "alerts.toml, rule 3: --silence '5x': '5x' is not a duration"),
        (GOOD + "[[rule]]\nsilence = '5m'\ncooldown = '?'", "rule 3: '?' is not a duration"),
        (GOOD + "[[rule]]\nsilence = '5m'\nsensor = 7", "rule 3: sensor must be a text in quotes"),
        (GOOD + "[[rule]]\ndead-letters = 1", "rule 3: --dead-letters has no value"),
    ],
)
def test_a_wrong_file_is_one_line_with_the_rules_number(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(UsageError) as raised:
        _read(tmp_path, text)

    assert error in str(raised.value)
    assert "\n" not in str(raised.value)
