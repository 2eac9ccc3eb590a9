"""The patch to how ministack finds out whether a request is for a service that it does not have."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import botocore

from nrti_local.ministack.patch import Patch

#: Of a model of botocore, which begins with what it says of the service as a whole.
_HEAD_BYTES = 4096
_NAME = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')


@cache
def _names() -> frozenset[str]:
    """All that AWS's services are called: by botocore, in the names of hosts, and in signatures."""
    models = Path(botocore.__file__).with_name("data")
    return frozenset(name for service in models.iterdir() if service.is_dir() for name in _of(service))


def _of(service: Path) -> Iterator[str]:
    for model in sorted(service.glob("*/service-2.json.gz"))[-1:]:
        yield service.name
        with gzip.open(model) as content:
            yield from (name.decode() for name in _NAME.findall(content.read(_HEAD_BYTES)))


def _by_their_heads(_original: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda name: name in _names()


PATCHES = (
    Patch(
        "ministack.core.router",
        "_is_aws_service_name",
        "The first request for a service that it lacks reads the models of all 400 services: the server "
        "stands still for 6 s, and holds 400 MB more for good.",
        _by_their_heads,
    ),
)
