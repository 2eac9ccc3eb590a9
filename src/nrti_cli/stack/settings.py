"""The template's parameters that a user can set, validated by the template's own constraints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from nrti_cli.errors import UsageError
from nrti_cli.stack.outputs import output_key


@dataclass(frozen=True)
class StackSettings:
    """The parameters; None keeps a parameter's value, or uses its default.

    Attributes:
        buffer_seconds: buffer time of Firehose.
        throttle_rate: requests per second.
        throttle_burst: size of a burst of requests.
        log_retention_days: retention of logs.
        retention_days: retention of predictions and the lake's files; 0 keeps them.
        kinesis_mode: ON_DEMAND or PROVISIONED.
        kinesis_shards: of a provisioned stream.
        tracing: X-Ray tracing, on or off.
        access_logs: of the API, by the role that writes them: off, account or own.
        alarm_email: e-mail address for alarms; empty disables it.
    """

    buffer_seconds: int | None = None
    throttle_rate: int | None = None
    throttle_burst: int | None = None
    log_retention_days: int | None = None
    retention_days: int | None = None
    kinesis_mode: str | None = None
    kinesis_shards: int | None = None
    tracing: str | None = None
    access_logs: str | None = None
    alarm_email: str | None = None

    def parameters(self, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """The parameters that are set, by the template's names.

        Args:
            declared: the template's parameters with their constraints.

        Raises:
            UsageError: a value is not allowed; CloudFormation would find that only after the upload.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: str(value) for name, value in values.items() if value is not None}
        for name, value in given.items():
            wanted = _refusal(value, declared[output_key(name)])
            if wanted:
                raise UsageError(f"--{name.replace('_', '-')} {value!r} {wanted}")
        return {output_key(name): value for name, value in given.items()}

    def require_provisioned(self, deployed: Mapping[str, str]) -> None:
        """Refuses shards for a stream that has none to set.

        Args:
            deployed: the parameters of the existing stack, which keep their values; empty if there is none.

        Raises:
            UsageError: its capacity is on demand, and stays so.
        """
        mode = self.kinesis_mode or deployed.get("KinesisMode", "ON_DEMAND")
        if mode != "PROVISIONED":
            raise UsageError(
                f"--kinesis-shards requires provisioned mode, but the stream is {mode}",
                hint="add --kinesis-mode PROVISIONED",
            )


def _refusal(value: str, declaration: Mapping[str, Any]) -> str:
    """What the value of a parameter must be; empty if it is allowed."""
    allowed = [str(each) for each in declaration.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"must be one of {', '.join(allowed)}"
    if not re.fullmatch(declaration.get("AllowedPattern", ".*"), value):
        return str(declaration.get("ConstraintDescription", "does not match the template's pattern"))
    if "MinValue" in declaration and int(value) < int(declaration["MinValue"]):
        return f"must be {declaration['MinValue']} or more"
    if "MaxValue" in declaration and int(value) > int(declaration["MaxValue"]):
        return f"must be {declaration['MaxValue']} or less"
    return ""
