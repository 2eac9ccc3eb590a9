"""The alert rules of a stack: an object in the artifacts bucket, safe for concurrent changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from nrti_cli.aws.s3.objects import S3
from nrti_cli.errors import NrtiError
from nrti_cli.remote.alerts_function.rules import RULES_KEY, Rule, rule_of
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target

#: Attempts of a change while other commands change the rules.
_ATTEMPTS = 10


class RuleBook:
    """The rules of a target's stack."""

    def __init__(self, target: Target) -> None:
        self._s3, self._bucket = S3(target), artifacts_bucket(target)

    def rules(self) -> list[Rule]:
        """All rules, in the order in which they were added."""
        return self._read()[0]

    def change(self, how: Callable[[list[Rule]], list[Rule]]) -> list[Rule]:
        """Replaces the rules by what a function makes of them; returns the new ones.

        Args:
            how: called again with the present rules if another command was faster.

        Raises:
            NrtiError: others were faster each time.
        """
        for _ in range(_ATTEMPTS):
            before, etag = self._read()
            after = how(before)
            body = json.dumps({"rules": [rule.document() for rule in after]}, indent=1).encode()
            if after == before or self._s3.put_over(self._bucket, RULES_KEY, body, etag):
                return after
        raise NrtiError("other commands are changing the alert rules", hint="try again")

    def _read(self) -> tuple[list[Rule], str]:
        found = self._s3.get_tagged(self._bucket, RULES_KEY)
        if found is None:
            return [], ""
        content, etag = found
        return [rule_of(each) for each in json.loads(content)["rules"]], etag
