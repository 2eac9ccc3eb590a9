"""The endpoints of AWS services in the user's own configuration, such as those of an emulator."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.configprovider import ConfiguredEndpointProvider

if TYPE_CHECKING:
    from botocore.session import Session

#: The services that nrti calls, by botocore's names.
SERVICES = (
    "apigateway", "athena", "cloudformation", "cloudwatch", "dynamodb", "dynamodbstreams", "firehose", "glue",
    "kinesis", "kms", "lambda", "logs", "resourcegroupstaggingapi", "s3", "sagemaker", "sagemaker-runtime",
    "scheduler", "sqs", "ssm", "stepfunctions", "sts",
)  # fmt: skip
#: The key in `configured` of the address for all services without one of their own.
ALL = ""


def configured(session: Session) -> dict[str, str]:
    """The configured endpoints by service; empty in most configurations.

    They come from AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE> and `endpoint_url` in the shared
    configuration, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
    """
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return {}
    general = _address(session, ALL)
    found = {service: _address(session, service) for service in SERVICES}
    own = {service: address for service, address in found.items() if address and address != general}
    return {ALL: general, **own} if general else own


def described(addresses: dict[str, str]) -> str:
    """The endpoints as text: `at http://127.0.0.1:4566, s3 at http://127.0.0.1:9000`."""
    return ", ".join(f"{service} at {address}".strip() for service, address in addresses.items())


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _address(session: Session, service: str) -> str | None:
    provider = ConfiguredEndpointProvider(
        full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name=service
    )
    address: str | None = provider.provide()
    return address
