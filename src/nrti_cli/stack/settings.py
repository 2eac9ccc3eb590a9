"""The template's parameters that a user may set, checked by what the template itself says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from nrti_cli.errors import UsageError
from nrti_cli.stack.outputs import output_key


@dataclass(frozen=True)
class Settings:
    """One attribute for each; None leaves a parameter as it is, or to its default.

    Attributes:
        buffer_seconds: how long Firehose gathers rows for one object.
        throttle_rate: requests per second that the API takes.
        throttle_burst: requests that the API takes at once.
        log_retention_days: how long logs are kept.
        kinesis_mode: ON_DEMAND or PROVISIONED.
        kinesis_shards: of a provisioned stream.
        tracing: by X-Ray, on or off.
        access_logs: of the API, by which role: off, account or own.
        alarm_email: who is told of alarms; empty for nobody.
    """

    buffer_seconds: int | None = None
    throttle_rate: int | None = None
    throttle_burst: int | None = None
    log_retention_days: int | None = None
    kinesis_mode: str | None = None
    kinesis_shards: int | None = None
    tracing: str | None = None
    access_logs: str | None = None
    alarm_email: str | None = None

    def parameters(self, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """The ones that are set, as the template calls them.

        Args:
            declared: the template's parameters, which say what is allowed.

        Raises:
            UsageError: a value is not allowed; CloudFormation would only say so when the code is uploaded.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: str(value) for name, value in values.items() if value is not None}
        for name, value in given.items():
            wanted = _refusal(value, declared[output_key(name)])
            if wanted:
                raise UsageError(f"--{name.replace('_', '-')} {value!r} {wanted}")
        return {output_key(name): value for name, value in given.items()}


def _refusal(value: str, declaration: Mapping[str, Any]) -> str:
    """What a parameter's value would have to be, or nothing if it is allowed."""
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
