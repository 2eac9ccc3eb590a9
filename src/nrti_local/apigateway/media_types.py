"""Media types: parses headers, and decides whether an API treats a type as binary."""

from __future__ import annotations

from collections.abc import Iterable


def media_type(header: str) -> str:
    """The media type of a header, without its parameters."""
    return header.split(";", 1)[0].strip().lower()


def matches(stated: str, configured: Iterable[str]) -> bool:
    """Whether a media type is among those of an API, which may have wildcards such as `image/*`."""
    kind = stated.partition("/")[0]
    wanted = {"*/*", f"{kind}/*", stated}
    return bool(stated) and any(media_type(each) in wanted for each in configured)
