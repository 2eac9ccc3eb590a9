"""A separate SageMaker for each account and region, as on AWS."""

from __future__ import annotations

import asyncio
import re

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.http import header
from nrti_local.sagemaker.service import Service
from nrti_local.sagemaker.settings import HOME_ACCOUNT, Settings
from nrti_local.server.asgi import Scope
from nrti_local.server.shared.api_model import ApiModel

#: In the Authorization header of a signed request: the access key, the day, the region.
_SIGNED = re.compile(r"Credential=([^/\s]+)/\d{8}/([a-z0-9-]+)/sagemaker/")
_ACCOUNT = re.compile(r"\d{12}")


class Services:
    """The SageMakers of all accounts and regions, created on first use."""

    def __init__(self, home: Settings) -> None:
        self._home = home
        self._api = ApiModel("sagemaker", invalid)
        self._made: dict[Settings, Service] = {}

    def start(self) -> None:
        """Restores what the previous run left."""
        for settings in self._home.known():
            self._service(settings)

    def of(self, scope: Scope) -> Service:
        """Returns the SageMaker for a request.

        As in the rest of the embedded AWS, an access key of twelve digits is the id of an account, and every
        other key belongs to the home account.
        """
        signed = _SIGNED.search(header(scope, b"authorization"))
        if signed is None:
            return self._service(self._home)
        key, region = signed.groups()
        account = key if _ACCOUNT.fullmatch(key) else HOME_ACCOUNT
        return self._service(self._home.of(account, region))

    async def stop(self) -> None:
        """Stops all of them."""
        await asyncio.gather(*(service.stop() for service in self._made.values()))

    def _service(self, settings: Settings) -> Service:
        service = self._made.get(settings)
        if service is None:
            service = self._made[settings] = Service(settings, self._api)
            service.start()
        return service
