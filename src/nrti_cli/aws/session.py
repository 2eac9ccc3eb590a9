"""The session of the AWS SDK, with a quicker way to find a service's model, and all times in UTC."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from nrti_cli.aws.endpoints import read_endpoints

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Services:
    """The services that have a description of one type; each is looked for when it is asked about."""

    def __init__(self, loader: Loader, type_name: str) -> None:
        self._loader = loader
        self._type_name = type_name

    def __contains__(self, service: str) -> bool:
        try:
            return bool(self._loader.list_api_versions(service, self._type_name))
        except DataNotFoundError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(Loader.list_available_services(self._loader, self._type_name))


class _Files(JSONFileLoader):
    """Reads a file once, however many sessions there are: SageMaker's description alone is megabytes."""

    @cache  # noqa: B019 (there is one, for the whole process)
    def load_file(self, file_path: str) -> Any:
        file = Path(f"{file_path}.json")
        if file.name == "endpoints.json" and file.is_file():
            return read_endpoints(file.read_text(encoding="utf-8"))
        return super().load_file(file_path)


_FILES = _Files()


class _Models(Loader):
    """The loader of botocore, which looks through the directories of all 400 services for the first client.

    It does so to know whether there is the one that is wanted: a third of the time that a client takes.
    """

    def list_available_services(self, type_name: str) -> _Services:  # type: ignore[override]
        return _Services(self, type_name)


def _in_utc(value: str) -> datetime:
    """A time of an answer; botocore gives some in the machine's zone, and nrti shows all in one."""
    return parse_timestamp(value).astimezone(UTC)


def _of_its_own() -> dict[str, Any]:
    """The variables of a session without those of the environment and of configuration files."""
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
    """A session of botocore; whatever is left out comes from where boto3 always looks.

    With keys it depends on nothing of the user's AWS settings: neither on variables nor on files.

    Its clients are those that boto3 gives out. What boto3 puts around them, resources and transfers, takes
    15 ms to load.
    """
    session = Session(session_vars=_of_its_own() if access_key else None)
    standard = session.get_component("data_loader")
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_in_utc)
    models = _Models(standard.search_paths, _FILES, include_default_search_paths=False)
    session.register_component("data_loader", models)
    if profile:
        session.set_config_variable("profile", profile)
    if access_key and secret_key:
        session.set_credentials(access_key, secret_key)
    if region:
        session.set_config_variable("region", region)
    return session
