"""Deletes objects by the expiration rules of their buckets, once a day after midnight UTC as S3 does.

A new configuration is applied at once. Transitions and rules for versions and unfinished uploads do nothing
here. Import it when the environment is set: it imports ministack.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from ministack.core.responses import request_scope
from ministack.services import s3

from nrti_local.s3.lifecycle_rules import Listed, Rule, rules
from nrti_local.sagemaker.settings import HOME_ACCOUNT
from nrti_local.server.shared.ask import RefusedError, ask
from nrti_local.server.shared.times import now
from nrti_local.settings import REGION

_logger = logging.getLogger(__name__)
#: Between two looks at the configurations and the day.
_SECONDS = 5.0


async def watch() -> None:
    """Applies the rules of all buckets of the home account, until it is cancelled."""
    applied: dict[str, tuple[bytes, object]] = {}
    while True:
        moment = now()
        try:
            with request_scope(HOME_ACCOUNT, REGION):
                configurations = _configurations()
            for bucket, configuration in configurations.items():
                if applied.get(bucket) != (configuration, moment.date()):
                    await _apply(bucket, rules(configuration), moment)
                    applied[bucket] = configuration, moment.date()
        except Exception:  # the next look may succeed
            _logger.exception("the lifecycle rules cannot be applied")
        await asyncio.sleep(_SECONDS)


def _configurations() -> dict[str, bytes]:
    """The lifecycle configurations of the buckets that have one."""
    found = {}
    for name in _texts(ask(s3, "GET", "/")[2], "Bucket", "Name"):
        try:
            found[name] = ask(s3, "GET", f"/{name}", query="lifecycle")[2]
        except RefusedError:
            continue
    return found


async def _apply(bucket: str, applied: list[Rule], moment: datetime) -> None:
    for rule in applied:
        token = ""
        while True:
            with request_scope(HOME_ACCOUNT, REGION):
                page = _page(bucket, rule.prefix, token)
                for listed in _listed(page):
                    if rule.expires(listed, moment) and _has_tags(bucket, listed.key, rule.tags):
                        ask(s3, "DELETE", f"/{bucket}/{listed.key}")
            token = next(iter(_texts(page, None, "NextContinuationToken")), "")
            if not token:
                break
            await asyncio.sleep(0.05)  # for the requests


def _page(bucket: str, prefix: str, token: str) -> bytes:
    query = {"list-type": "2", "prefix": prefix} | ({"continuation-token": token} if token else {})
    return ask(s3, "GET", f"/{bucket}", query=urlencode(query))[2]


def _listed(page: bytes) -> Iterator[Listed]:
    for entry in _elements(page, "Contents"):
        texts = {_name(member): member.text or "" for member in entry}
        written = datetime.fromisoformat(texts["LastModified"])
        yield Listed(texts["Key"], int(texts["Size"]), written.astimezone(UTC))


def _has_tags(bucket: str, key: str, wanted: Mapping[str, str]) -> bool:
    if not wanted:
        return True
    answer = ask(s3, "GET", f"/{bucket}/{key}", query="tagging")[2]
    pairs = ({_name(member): member.text or "" for member in tag} for tag in _elements(answer, "Tag"))
    return wanted.items() <= {pair["Key"]: pair["Value"] for pair in pairs}.items()


def _texts(document: bytes, parent: str | None, name: str) -> list[str]:
    inside = _elements(document, parent) if parent else [ET.fromstring(document)]  # noqa: S314 (our own S3's)
    return [member.text or "" for element in inside for member in element if _name(member) == name]


def _elements(document: bytes, name: str) -> list[Any]:
    return [each for each in ET.fromstring(document).iter() if _name(each) == name]  # noqa: S314


def _name(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
