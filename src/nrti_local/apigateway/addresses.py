"""The addresses at which a REST API answers, in each of the forms that ministack accepts.

- `/restapis/<api>/<stage>/_user_request_/<path>`, which the outputs of a stack show
- `/_aws/execute-api/<api>/<stage>/<path>`
- `<api>.execute-api.<host>/<stage>/<path>`
- a custom domain name with a base path mapping
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ministack.services import apigateway_v1

from nrti_local.server.asgi import Scope

_BY_PATH = re.compile(
    r"/restapis/(?P<api>[^/]+)/(?P<stage>[^/]+)/_user_request_(?P<path>/.*|)"
    r"|/_aws/execute-api/(?P<other_api>[^/]+)/(?P<other_stage>[^/]+)(?P<other_path>/.*|)",
    re.DOTALL,
)
_BY_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.")
#: Hosts that cannot be a custom domain name, which most requests name.
_LOOPBACK = ("127.0.0.1", "localhost")


class Address(NamedTuple):
    """What a request addresses.

    Attributes:
        api_id: of the API.
        stage: its name.
        path: within the stage, from its first slash.
    """

    api_id: str
    stage: str
    path: str


def address(scope: Scope) -> Address | None:
    """Reads the address of a request; None if it is for no API. The API need not exist.

    Args:
        scope: of an HTTP request.
    """
    found = _BY_PATH.fullmatch(scope["path"])
    if found:
        api_id, stage, path = found.groups()[:3] if found["api"] else found.groups()[3:]
        return Address(api_id, stage, path or "/")
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return None if host.startswith(_LOOPBACK) else _by_host(host.lower(), scope["path"])


def _by_host(host: str, path: str) -> Address | None:
    found = _BY_HOST.match(host)
    if found:
        return _staged(found[1], path)
    domain = host.partition(":")[0]
    mapped = apigateway_v1.resolve_base_path_mapping(domain, path) if "." in domain else None
    if mapped is None:
        return None
    api_id, stage, rest = mapped
    return Address(api_id, stage, rest) if stage else _staged(api_id, rest)


def _staged(api_id: str, path: str) -> Address:
    """The address whose path begins with the name of the stage."""
    stage, _, rest = path.removeprefix("/").partition("/")
    return Address(api_id, stage, f"/{rest}")
