"""The setting of a table's time to live. ministack would delete the items without records in the streams."""

from __future__ import annotations

from typing import Any

from nrti_local.dynamodb.tables import table
from nrti_local.ministack.answers import done, invalid
from nrti_local.ministack.entry import Request
from nrti_local.server.asgi import Answer

#: The member of a table with the name of the attribute, saved with the table; not set if disabled.
_SETTING = "_nrti_time_to_live"


def attribute(of: dict[str, Any]) -> str:
    """The attribute with the time at which an item of a table expires; empty if its items do not expire."""
    return str(of.get(_SETTING, ""))


def update(request: Request) -> Answer:
    """Answers UpdateTimeToLive.

    Raises:
        KeyError: the table does not exist, or a member is missing.
        ValueError: the attribute has no name.
    """
    found, specification = table(request["TableName"]), request["TimeToLiveSpecification"]
    name, wanted, active = specification["AttributeName"], bool(specification["Enabled"]), attribute(found)
    if not name or not isinstance(name, str):
        raise ValueError(name)
    if active and active != name:
        return invalid(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {active}"
        )
    if wanted == bool(active):
        return invalid(f"TimeToLive is already {'enabled' if wanted else 'disabled'}")
    if wanted:
        found[_SETTING] = name
    else:
        del found[_SETTING]
    return done({"TimeToLiveSpecification": dict(specification)})


def describe(request: Request) -> Answer:
    """Answers DescribeTimeToLive.

    Raises:
        KeyError: the table does not exist.
    """
    active = attribute(table(request["TableName"]))
    description = {"TimeToLiveStatus": "ENABLED", "AttributeName": active} if active else {}
    return done({"TimeToLiveDescription": description or {"TimeToLiveStatus": "DISABLED"}})
