"""The target: where the AWS APIs are. Only here do the embedded AWS and the cloud differ."""

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
#: How the target was chosen: by --target, by NRTI_TARGET, by what bootstrap remembered, or by default.
Origin = Literal["named", "environment", "remembered", "default"]

#: The default name of the stack.
DEFAULT_STACK = "nrti"
#: Read timeouts in seconds; a synchronous express execution takes up to five minutes.
_READ_TIMEOUT, _READ_TIMEOUTS = 60, {"stepfunctions": 310}


@dataclass(frozen=True)
class Target:
    """An AWS and a stack in it.

    Attributes:
        name: `local` for the embedded AWS, `aws` for the account of boto3's usual configuration.
        stack: the CloudFormation stack, with whose name all other names begin.
        region: None leaves the choice to boto3 (profile, environment).
        profile: of the shared AWS configuration; None for the default.
        endpoint_url: the address of the embedded AWS; None on AWS, where boto3 knows the endpoints.
        origin: how the target was chosen.
        patience: how many seconds clients wait for an AWS that they have lost.
    """

    name: TargetName
    stack: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    origin: Origin = field(default="named", compare=False)
    patience: int = field(default=60, compare=False)
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def session(self) -> Session:
        """The session of the AWS SDK; for the embedded AWS it ignores the user's credentials."""
        if self.name == "local":
            return new_session(access_key=KEY, secret_key=KEY, region=self.region or REGION)
        return new_session(profile=self.profile, region=self.region)

    def client(self, service: str, **config: Any) -> Any:
        """A client of a service; created once, unless `config` has special settings."""
        if config:
            return self._make_client(service, config)
        if service not in self._clients:
            self._clients[service] = self._make_client(service, {})
        return self._clients[service]

    def beside(self, stack: str) -> Target:
        """The same AWS with another stack, sharing session and clients."""
        other = replace(self, stack=stack)
        other.__dict__["session"] = self.session
        object.__setattr__(other, "_clients", self._clients)
        return other

    def impatient(self) -> Target:
        """The same AWS, by clients of its own that do not wait for one they have lost."""
        other = replace(self, patience=0)
        other.__dict__["session"] = self.session
        return other

    def at(self, endpoint_url: str) -> Target:
        """The same stack at another address, by clients of its own."""
        other = replace(self, endpoint_url=endpoint_url)
        other.__dict__["session"] = self.session
        return other

    def _make_client(self, service: str, config: dict[str, Any]) -> BaseClient:
        merged = {
            "retries": {"mode": "standard", "max_attempts": 5},
            "user_agent_appid": "nrti",
            "read_timeout": _READ_TIMEOUTS.get(service, _READ_TIMEOUT),
            **config,
        }
        if self.endpoint_url:
            # A custom endpoint has no prefixed host names, such as `sync-states.` of StartSyncExecution on
            # AWS.
            merged["inject_host_prefix"] = False
        if self.name == "local":
            merged["proxies"] = {}  # it is on this machine
        if self.endpoint_url and service == "s3":
            merged["s3"] = {"addressing_style": "path"}
        client = self.session.create_client(service, endpoint_url=self.endpoint_url, config=Config(**merged))
        # Registered under the service's own name, like the SDK's rules: handlers of the bare event run later.
        service_id = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{service_id}", Reconnection(self.patience))  # type: ignore[arg-type]
        return client

    @cached_property
    def region_name(self) -> str:
        """The region in effect.

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
        """The configured endpoints of AWS services; see `nrti_cli.aws.addresses`."""
        return addresses.configured(self.session) if self.name == "aws" else {}

    @property
    def options(self) -> str:
        """The command-line options that select this target."""
        where = {"region": self.region_name, "profile": self.profile} if self.name == "aws" else {}
        named = {"target": self.name, "stack": self.stack, **where}
        return " ".join(f"--{option} {value}" for option, value in named.items() if value)

    @cached_property
    def account(self) -> str:
        """The account id, from STS."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def invoke_url(self, api_id: str, stage: str) -> str:
        """The URL of a deployed REST API: a path on an emulator, a host name on AWS."""
        if emulator := self._emulator("apigateway"):
            return f"{emulator}/restapis/{api_id}/{stage}/_user_request_"
        return f"https://{api_id}.execute-api.{self.region_name}.{self._domain}/{stage}"

    def object_url(self, bucket: str, key: str) -> str:
        """The HTTP URL of an object in S3: a path on an emulator, a host name with the bucket on AWS."""
        if emulator := self._emulator("s3"):
            return f"{emulator}/{bucket}/{key}"
        return f"https://{bucket}.s3.{self.region_name}.{self._domain}/{key}"

    def _emulator(self, service: str) -> str:
        """The address of an emulator of a service on this machine; one elsewhere may forward to AWS."""
        if self.endpoint_url:
            return self.endpoint_url
        at = self.addresses.get(service) or self.addresses.get(addresses.ALL, "")
        return at.rstrip("/") if addresses.is_loopback(at) else ""

    @property
    def _domain(self) -> str:
        """The domain of AWS in the region's partition; botocore keeps it to itself."""
        return "amazonaws.com.cn" if self.region_name.startswith("cn-") else "amazonaws.com"

    @property
    def place(self) -> str:
        """The AWS without the stack, as text: `aws (default profile, eu-west-1)`."""
        if self.name == "local":
            return "local"
        at = addresses.described(self.addresses)
        return f"aws ({', '.join(filter(None, (self._credentials, self.region_name, at)))})"

    @property
    def _credentials(self) -> str:
        """The origin of the credentials. Environment variables precede a profile that no option names."""
        if not self.profile and os.environ.get("AWS_ACCESS_KEY_ID"):
            return "AWS_ACCESS_KEY_ID"
        return self.session.profile or "default profile"

    def __str__(self) -> str:
        """The target as text: `local, stack nrti`."""
        return f"{self.place}, stack {self.stack}"
