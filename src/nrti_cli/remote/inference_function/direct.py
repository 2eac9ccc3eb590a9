"""Invokes an endpoint by a signed request on a persistent connection.

The SDK's call takes about a millisecond of processor time, most of the function's time for one event, for
decisions that it repeats each time: endpoint, retries, parser. This takes a quarter of it. It handles only
successful responses; everything else is left to the SDK, which knows all errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient


@dataclass(frozen=True)
class Response:
    """An endpoint's response: its body, content type and production variant."""

    body: bytes
    content_type: str
    variant: str


class Direct:
    """Invokes endpoints in the region of a SageMaker runtime client.

    Args:
        runtime: the client.
        credentials: for the signature.
        timeout: for a response, in seconds.
    """

    def __init__(self, runtime: SageMakerRuntimeClient, credentials: Credentials, timeout: float) -> None:
        self._address = urlsplit(runtime.meta.endpoint_url)
        self._region = runtime.meta.region_name
        self._credentials = credentials
        self._timeout = timeout
        self._idle: list[HTTPConnection] = []
        proxied = self._address.scheme in getproxies() and not proxy_bypass(self._address.netloc)
        self._blocked = bool(proxied)

    def ask(self, endpoint: str, body: bytes, content_type: str, accept: str) -> Response | None:
        """The model's response, or None if the SDK must be used.

        It is thread-safe.
        """
        if self._blocked:
            return None
        path = f"/endpoints/{endpoint}/invocations"
        # The signature covers the host; botocore would find it in the URL, twice.
        headers = {"Host": self._address.netloc, "Content-Type": content_type, "Accept": accept}
        request = AWSRequest("POST", self._address._replace(path=path).geturl(), headers, body)
        SigV4Auth(self._credentials.get_frozen_credentials(), "sagemaker", self._region).add_auth(request)
        connection = self._idle.pop() if self._idle else self._connection()
        try:
            connection.request("POST", path, body, dict(request.headers))
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            connection.close()
            return None
        self._idle.append(connection)
        if response.status != 200:
            return None
        variant = response.headers.get("x-amzn-invoked-production-variant", "")
        return Response(content, response.headers.get("content-type", ""), variant)

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        return kind(str(self._address.hostname), self._address.port, timeout=self._timeout)
