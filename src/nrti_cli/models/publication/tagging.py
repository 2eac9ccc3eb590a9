"""The tags of a publication, which `nrti models` shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nrti_cli.models.endpoint import (
    DATA_TAG,
    INTERVAL_TAG,
    LENGTH_TAG,
    METRIC_TAG,
    SOURCE_TAG,
    SPLIT_TAG,
    THRESHOLD_TAG,
)

if TYPE_CHECKING:
    from nrti_cli.models.publication.source import ModelSource


def description(source: ModelSource) -> dict[str, str]:
    """The tags that `nrti models` shows; they allow only some characters."""
    about = source.metadata
    threshold = source.signature.get("threshold", about.threshold)
    found = {
        SOURCE_TAG: source.origin,
        LENGTH_TAG: "" if source.length is None else str(source.length),
        THRESHOLD_TAG: "" if threshold is None else f"{threshold:.9g}",
        SPLIT_TAG: about.split,
        DATA_TAG: about.data,
        **{f"{METRIC_TAG}{name}": f"{value:.6g}" for name, value in about.metrics.items()},
        **{f"{INTERVAL_TAG}{name}": f"{low:.6g} {high:.6g}" for name, (low, high) in about.intervals.items()},
    }
    return {_allowed(name)[:128]: _allowed(value)[:256] for name, value in found.items() if value}


def _allowed(text: str) -> str:
    return re.sub(r"[^\w\s.:/=+\-@]", "_", text)
