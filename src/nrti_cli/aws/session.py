"""The session of the AWS SDK: credentials, region and timestamps in UTC."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from botocore.configprovider import ConstantProvider
from botocore.session import Session
from botocore.utils import parse_timestamp

from nrti_cli.aws.api_models import descriptions

#: Settings of the SDK that are no session variables.
_SECTIONS = ("s3", "proxies_config")


def _in_utc(value: str) -> datetime:
    """Parses a timestamp of a response; botocore returns some of them in the machine's time zone."""
    return parse_timestamp(value).astimezone(UTC)


def _defaults_only() -> dict[str, Any]:
    """Session variables that ignore the environment and the configuration files."""
    own = {
        name: (None, None, default, cast) for name, (_, _, default, cast) in Session.SESSION_VARIABLES.items()
    }
    return own | dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))


def new_session(
    *,
    profile: str | None = None,
    region: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
) -> Session:
    """Returns a botocore session; arguments that are left out come from where boto3 always looks.

    With keys, the session ignores the user's AWS environment variables and files.

    Its clients are the same as boto3's. boto3's own layer (resources, transfers) takes 15 ms to load and is
    not needed.
    """
    session = Session(session_vars=_defaults_only() if access_key else None)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_in_utc)
    if profile:
        session.set_config_variable("profile", profile)
    if access_key and secret_key:
        session.set_credentials(access_key, secret_key)
        for section in _SECTIONS:
            session.get_component("config_store").set_config_provider(section, ConstantProvider(None))
    if region:
        session.set_config_variable("region", region)
    session.register_component("data_loader", descriptions(session.get_config_variable("data_path")))
    return session
