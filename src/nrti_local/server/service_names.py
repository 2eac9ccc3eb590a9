"""The patch to how ministack recognizes requests for AWS services that it does not have."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import botocore

from nrti_local.ministack.patch import Patch

#: The beginning of a model of botocore, with its metadata.
_HEAD_BYTES = 4096
_NAME = re.compile(rb'"(?:endpointPrefix|signingName)"\s*:\s*"([^"]+)"')


@cache
def _names() -> frozenset[str]:
    """All names of AWS services: botocore's, those in host names, and those in signatures."""
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
        "blocks for 6 s, and keeps 400 MB.",
        _by_their_heads,
    ),
)
