"""Where the AWS APIs are: the one place in which the local system and the cloud differ."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from botocore.config import Config

from nrti_cli.aws import addresses
from nrti_cli.aws.reconnection import Reconnection
from nrti_cli.aws.regions import require_region
from nrti_cli.aws.session import new_session
from nrti_cli.errors import NrtiError
from nrti_local.process import KEY, REGION

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.session import Session

TargetName = Literal["local", "aws"]
#: Where the choice of a target came from: --target, NRTI_TARGET, what bootstrap remembered, or nowhere.
Origin = Literal["named", "environment", "remembered", "default"]

#: The stack that is meant when none is named.
DEFAULT_STACK = "nrti"
#: Seconds until an answer is given up; an express workflow that is waited for takes five minutes at most.
_READ_TIMEOUT, _READ_TIMEOUTS = 60, {"stepfunctions": 310}


@dataclass(frozen=True)
class Target:
    """An AWS and a stack in it.

    Attributes:
        name: `local` for the embedded AWS, `aws` for the account of boto3's usual configuration.
        stack: the CloudFormation stack; every other name begins with it.
        region: None leaves the choice to boto3 (profile, environment).
        profile: a profile of the shared AWS configuration, None for the default one.
        endpoint_url: where the embedded AWS answers; None on AWS, where boto3 finds the endpoints.
        origin: where the choice of it came from.
    """

    name: TargetName
    stack: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    origin: Origin = field(default="named", compare=False)
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def session(self) -> Session:
        """The session of the AWS SDK; for the embedded AWS it never reads the user's own credentials."""
        if self.name == "local":
            return new_session(access_key=KEY, secret_key=KEY, region=self.region or REGION)
        return new_session(profile=self.profile, region=self.region)

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client; made once per service unless `config` asks for particular settings."""
        if config:
            return self._make_client(service, config)
        if service not in self._clients:
            self._clients[service] = self._make_client(service, {})
        return self._clients[service]

    def beside(self, stack: str) -> Target:
        """The same AWS with another stack; session and clients are shared."""
        other = replace(self, stack=stack)
        other.__dict__["session"] = self.session
        object.__setattr__(other, "_clients", self._clients)
        return other

    def _make_client(self, service: str, config: dict[str, Any]) -> BaseClient:
        merged = {
            "retries": {"mode": "standard", "max_attempts": 5},
            "user_agent_appid": "nrti",
            "read_timeout": _READ_TIMEOUTS.get(service, _READ_TIMEOUT),
            **config,
        }
        if self.endpoint_url:
            # An address of one's own has no hosts beside it, as StartSyncExecution's `sync-states` on AWS.
            merged["inject_host_prefix"] = False
        if self.name == "local":
            merged["proxies"] = {}  # it is on this machine
        if self.endpoint_url and service == "s3":
            merged["s3"] = {"addressing_style": "path"}
        client = self.session.create_client(service, endpoint_url=self.endpoint_url, config=Config(**merged))
        # Under the service's own name, as the SDK's rules: a handler of the bare event comes after them.
        service_id = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{service_id}", Reconnection())  # type: ignore[arg-type]
        return client

    @cached_property
    def region_name(self) -> str:
        """The region in force.

        Raises:
            NrtiError: none is configured.
            UsageError: AWS has no such region.
        """
        region: str | None = self.session.get_config_variable("region")
        if not region:
            raise NrtiError("no AWS region is configured", hint="pass --region or set AWS_DEFAULT_REGION")
        require_region(self.session, region)
        return region

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The addresses of AWS's services by the user's configuration; see `nrti_cli.aws.addresses`."""
        return addresses.configured(self.session) if self.name == "aws" else {}

    @property
    def options(self) -> str:
        """The options that name this target, to be typed after a command."""
        where = {"region": self.region_name, "profile": self.profile} if self.name == "aws" else {}
        named = {"target": self.name, "stack": self.stack, **where}
        return " ".join(f"--{option} {value}" for option, value in named.items() if value)

    @cached_property
    def account(self) -> str:
        """The account's twelve digits, from STS."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def invoke_url(self, api_id: str, stage: str) -> str:
        """The address of a deployed REST API: an emulator serves it under a path, AWS under a host name."""
        if emulator := self.endpoint_url or self._emulator:
            return f"{emulator}/restapis/{api_id}/{stage}/_user_request_"
        suffix = "amazonaws.com.cn" if self.region_name.startswith("cn-") else "amazonaws.com"
        return f"https://{api_id}.execute-api.{self.region_name}.{suffix}/{stage}"

    @property
    def _emulator(self) -> str:
        """Where the configuration has API Gateway on this machine; an address elsewhere may lead to AWS."""
        at = self.addresses.get("apigateway") or self.addresses.get(addresses.ALL, "")
        return at.rstrip("/") if addresses.is_loopback(at) else ""

    @property
    def place(self) -> str:
        """Where it is, without the stack: `aws (default profile, eu-west-1)`."""
        if self.name == "local":
            return "local"
        at = addresses.described(self.addresses)
        return f"aws ({', '.join(filter(None, (self._credentials, self.region_name, at)))})"

    @property
    def _credentials(self) -> str:
        """Whose they are. Keys in the environment come before a profile that is not named by an option."""
        if not self.profile and os.environ.get("AWS_ACCESS_KEY_ID"):
            return "AWS_ACCESS_KEY_ID"
        return self.session.profile or "default profile"

    def __str__(self) -> str:
        """As a person would name it: `local, stack nrti`."""
        return f"{self.place}, stack {self.stack}"
