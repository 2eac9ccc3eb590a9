"""The regions of AWS, by the list that comes with the SDK."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import botocore

from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from botocore.session import Session


def known_regions(session: Session) -> list[str]:
    """All of them, in the order of their names; the SDK's `aws-global` and its like are none."""
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    names = (name for partition in partitions for name in partition["regions"])
    return sorted(name for name in names if not name.endswith("-global"))


def require_region(session: Session, region: str) -> None:
    """Refuses what is no region. Without the check the name of a host that does not exist would be asked for.

    Raises:
        UsageError: the SDK does not know it.
    """
    known = known_regions(session)
    if region not in known:
        close = get_close_matches(region, known, n=1) or ["eu-central-1"]
        raise UsageError(
            f"there is no AWS region {region!r}",
            hint=f"name one with --region, such as {close[0]}; "
            f"a newer one than botocore {botocore.__version__} knows takes a newer botocore",
        )
