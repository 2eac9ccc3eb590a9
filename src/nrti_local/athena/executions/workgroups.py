"""The settings of work groups, which ministack keeps."""

from __future__ import annotations

from typing import Any, NamedTuple

from ministack.core.responses import get_account_id, get_region
from ministack.services import athena

from nrti_local.athena.refusals import invalid
from nrti_local.server.shared.ask import ask_json
from nrti_local.server.shared.changes import Kept


class _Key(NamedTuple):
    account: str
    region: str
    name: str


def workgroup(name: str) -> dict[str, Any]:
    """Returns the WorkGroup of the API, of the current account and region.

    Raises:
        ServiceError: it does not exist.
    """
    return _WORKGROUPS(_Key(get_account_id(), get_region(), name))


def _read(key: _Key) -> dict[str, Any]:
    try:
        found: dict[str, Any] = ask_json(athena, "AmazonAthena.GetWorkGroup", {"WorkGroup": key.name})
    except ValueError as error:
        raise invalid("WorkGroup is not found.") from error
    settings = found["WorkGroup"]
    # AWS's default: all work groups but primary override the settings of clients.
    settings.setdefault("Configuration", {}).setdefault(
        "EnforceWorkGroupConfiguration", key.name != "primary"
    )
    return dict(settings)


_WORKGROUPS = Kept("athena", _read)


async def get_work_group(request: dict[str, Any]) -> dict[str, Any]:
    """Carries out GetWorkGroup."""
    return {"WorkGroup": workgroup(request["WorkGroup"])}


def result_location(settings: dict[str, Any], requested: str) -> str:
    """Returns the location of results without a closing slash, or an empty text if none is configured.

    Args:
        settings: the work group's settings.
        requested: the OutputLocation of the request, which the work group may override.
    """
    configuration = settings["Configuration"]
    configured = str(configuration.get("ResultConfiguration", {}).get("OutputLocation", ""))
    enforced = configuration["EnforceWorkGroupConfiguration"] and configured
    return (configured if enforced else requested or configured).rstrip("/")
