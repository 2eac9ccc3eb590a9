"""The AWS regions that botocore knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import botocore

from nrti_cli.errors import UsageError

if TYPE_CHECKING:
    from botocore.session import Session


def known_regions(session: Session) -> list[str]:
    """The regions, sorted by name, without pseudo-regions such as `aws-global`."""
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    names = (name for partition in partitions for name in partition["regions"])
    return sorted(name for name in names if not name.endswith("-global"))


def require_region(session: Session, region: str) -> None:
    """Checks that a region exists. A wrong one would otherwise fail as an unknown host name.

    Raises:
        UsageError: botocore does not know it.
    """
    known = known_regions(session)
    if region not in known:
        from difflib import get_close_matches

        close = get_close_matches(region, known, n=1) or ["eu-central-1"]
        raise UsageError(
            f"{region!r} is not an AWS region",
            hint=f"name one with --region, such as {close[0]}; "
            f"a region that botocore {botocore.__version__} does not know requires a newer botocore",
        )
