"""Prints parliament's findings about each statement of the policies in a file, `{"NAME": POLICY, …}`.

    python check_policies.py policies.json

A finding is [name, Sid or position, what, action], the latter empty if the finding names none. An action of a
wildcard is left out: it also stands for actions on other resources.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parliament import analyze_policy_string

Policy = dict[str, Any]


def _findings(name: str, policy: Policy) -> Iterator[list[str]]:
    for position, statement in enumerate(policy["Statement"]):
        one = {**policy, "Statement": [statement]}
        for finding in analyze_policy_string(json.dumps(one)).findings:
            where = [name, statement.get("Sid", str(position)), finding.issue]
            yield from ([*where, action] for action in _actions(finding.detail, statement["Action"]))


def _actions(detail: Any, named: str | list[str]) -> Iterator[str]:
    """The actions of a finding that the statement writes in full."""
    if not isinstance(detail, list):
        yield ""
        return
    actions = {each["action"] if isinstance(each, dict) else each for each in detail}
    yield from sorted(actions & ({named} if isinstance(named, str) else set(named)))


if __name__ == "__main__":
    policies = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps([found for name, policy in policies.items() for found in _findings(name, policy)]))
