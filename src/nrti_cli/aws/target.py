"""Where the AWS APIs are: the one place in which the local system and the cloud differ."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from botocore.config import Config

from nrti_cli.aws.session import new_session
from nrti_cli.errors import NrtiError
from nrti_cli.home import home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.client import BaseClient
    from botocore.session import Session

TargetName = Literal["local", "aws"]

#: The stack that is meant when none is named.
DEFAULT_STACK = "nrti"
#: The region that the embedded AWS pretends to be. In most others `aws sqs` of the AWS CLI 1 goes to an
#: address of its own and ignores AWS_ENDPOINT_URL (its customization `overridesslcommonname`).
LOCAL_REGION = "eu-central-2"
#: The root key of the embedded AWS; it is no secret and opens nothing else.
LOCAL_KEY = "test"
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
    """

    name: TargetName
    stack: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def session(self) -> Session:
        """The session of the AWS SDK; for the embedded AWS it never reads the user's own credentials."""
        if self.name == "local":
            return new_session(access_key=LOCAL_KEY, secret_key=LOCAL_KEY, region=self.region or LOCAL_REGION)
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
        if self.endpoint_url and service == "s3":
            merged["s3"] = {"addressing_style": "path"}
        return self.session.create_client(service, endpoint_url=self.endpoint_url, config=Config(**merged))

    @property
    def region_name(self) -> str:
        """The region in force.

        Raises:
            NrtiError: none is configured.
        """
        region: str | None = self.session.get_config_variable("region")
        if not region:
            raise NrtiError("no AWS region is configured", hint="pass --region or set AWS_DEFAULT_REGION")
        return region

    @cached_property
    def account(self) -> str:
        """The account's twelve digits, from STS."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def invoke_url(self, api_id: str, stage: str) -> str:
        """The address of a deployed REST API: an emulator serves it under a path, AWS under a host name."""
        if self.endpoint_url:
            return f"{self.endpoint_url}/restapis/{api_id}/{stage}/_user_request_"
        suffix = "amazonaws.com.cn" if self.region_name.startswith("cn-") else "amazonaws.com"
        return f"https://{api_id}.execute-api.{self.region_name}.{suffix}/{stage}"

    def __str__(self) -> str:
        """As a person would name it: `local, stack nrti`."""
        where = (
            "local"
            if self.name == "local"
            else f"aws ({self.profile or 'default profile'}, {self.region_name})"
        )
        return f"{where}, stack {self.stack}"


def _memory() -> Path:
    return home() / "target.json"


def remember(target: Target) -> None:
    """Makes later commands address this target unless they are told otherwise."""
    fields = {key: value for key, value in asdict(replace(target)).items() if not key.startswith("_")}
    _memory().parent.mkdir(parents=True, exist_ok=True)
    _memory().write_text(json.dumps(fields, indent=2) + "\n")


def forget() -> None:
    """Undoes `remember`."""
    _memory().unlink(missing_ok=True)


def remembered() -> Target | None:
    """The target that was deployed to last, or None.

    Raises:
        NrtiError: the file that says so cannot be read.
    """
    try:
        return Target(**json.loads(_memory().read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise NrtiError(
            f"{_memory()} cannot be read ({error})", hint="delete it, then run nrti bootstrap"
        ) from error


def resolve(
    name: TargetName | None = None,
    stack: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    *,
    start: Callable[[], str] | None = None,
) -> Target:
    """What the options mean, completed by what `bootstrap` remembered.

    Args:
        name: `local`, `aws`, or None for the one used last.
        stack: the stack's name; None for the one used last.
        region: of AWS; None for the one used last or the configured one.
        profile: of the AWS configuration; likewise.
        start: starts the embedded AWS if need be and returns its address, or nothing if the command can do
            without; None for a command that only works with one that there is already.

    Raises:
        NrtiError: the embedded AWS is meant and was never started.
    """
    last = remembered()
    chosen: TargetName = name or (last.name if last else "local")
    base = last if last and last.name == chosen else Target(name=chosen, stack=DEFAULT_STACK)
    target = Target(
        name=chosen,
        stack=stack or base.stack,
        region=region or base.region,
        profile=profile or base.profile,
        endpoint_url=start() if start and chosen == "local" else base.endpoint_url,
    )
    if chosen == "local" and not target.endpoint_url and not start:
        raise NrtiError("there is no embedded AWS yet", hint="run nrti bootstrap")
    return target
