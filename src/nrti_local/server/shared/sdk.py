"""The AWS SDK for the processes of the embedded AWS, with little of its API models in memory.

The SDK keeps, as dictionaries, all operations of each service in use with their documentation, which is
megabytes, and for each session the endpoints of all services, 7 MB. Here a model is read once for all
clients, its structures stay text until they are used, and all services are at the one address that the
environment names.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

from nrti_local.server.shared.times import read_time


class _Shapes(dict[str, Any]):
    """Shapes by name, some of them as JSON until their first use."""

    def __getitem__(self, name: str) -> Any:
        shape = super().__getitem__(name)
        if isinstance(shape, bytes):
            shape = self[name] = json.loads(shape)
        return shape


class Files(JSONFileLoader):
    """Reads the files of botocore, without the parts of large files that nothing here needs."""

    def load_file(self, file_path: str) -> Any:
        """The content of a file that is named without its extension; None if it does not exist."""
        path = Path(file_path)
        hook = {"service-2": _compact, "endpoints": _without_servers}.get(path.name)
        for ending, read in ((".json", open), (".json.gz", gzip.open)):
            file = path.with_name(path.name + ending)
            if file.is_file():
                with read(file, "rb") as opened:
                    return json.load(opened, object_hook=hook)
        return None


def _compact(member: dict[str, Any]) -> Any:
    """A part of a model without its documentation; a structure becomes text."""
    if isinstance(member.get("documentation"), str):
        member["documentation"] = ""
    if member.get("type") == "structure":
        return json.dumps(member).encode()
    return _Shapes(member) if any(isinstance(shape, bytes) for shape in member.values()) else member


def _without_servers(member: dict[str, Any]) -> dict[str, Any]:
    """The endpoints without those of a region; the global ones name the region to sign for."""
    if "endpoints" in member:
        servers = member["endpoints"].items()
        member["endpoints"] = {name: server for name, server in servers if name.endswith("-global")}
    return member


#: The models of all services, for all sessions of the process.
MODELS = Loader(file_loader=Files())


def client(
    service: str,
    key: str | None = None,
    region: str | None = None,
    config: Any = None,
    address: str | None = None,
) -> Any:
    """A client as boto3 makes it, without the resources of boto3; safe to call from several threads.

    Args:
        service: its name.
        key: access key and secret; None for those of the environment, as with the region.
        region: of the service.
        config: of botocore, for this client.
        address: of the service; None for that of the environment.
    """
    from botocore.session import Session

    session = Session()
    session.register_component("data_loader", MODELS)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_time)
    if key:
        session.set_credentials(key, key)
    return session.create_client(service, region_name=region, config=config, endpoint_url=address)
