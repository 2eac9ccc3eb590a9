"""The caller of a request: the account and the region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from ministack.app import AUTH
from ministack.core.iam_evaluator import find_iam_access_key_account
from ministack.core.responses import get_account_id, get_region, set_request_account_id, set_request_region
from ministack.core.router import extract_access_key_id, extract_region

from nrti_local.server.asgi import Scope


@dataclass(frozen=True)
class Caller:
    """The sender of a request.

    Attributes:
        account: the id of the account that owns the access key.
        region: the region that the request is signed for.
        key: the access key; empty for an unsigned request.
        headers: the request's headers, by name in lower case.
        query: the request's query parameters.
    """

    account: str
    region: str
    key: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]


def identify(scope: Scope) -> Caller:
    """Reads the caller from a request, and sets ministack's account and region for the current task."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    key = extract_access_key_id(headers, query)
    set_request_account_id((find_iam_access_key_account(key) if AUTH and key else None) or key)
    set_request_region(extract_region(headers, query))
    return Caller(get_account_id(), get_region(), key, headers, query)
