"""Transfers files between S3 and directories: prefixes, tarballs, and a script's required packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from botocore.exceptions import BotoCoreError, ClientError

from nrti_local.sagemaker.clients import Clients

if sys.version_info >= (3, 11, 4):
    import tarfile
else:
    # Extraction filters were added in 3.11.4.
    from backports import tarfile  # type: ignore[no-redef]

_PIP_INSTALL = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
_PIP_CHARACTERS = 600


class TransferError(Exception):
    """A transfer, an extraction or an installation failed; the text is for a FailureReason."""


def split(url: str) -> tuple[str, str]:
    """Returns bucket and key of `s3://bucket/key`.

    Raises:
        TransferError: the URL is not an S3 address.
    """
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise TransferError(f"{url} is not an S3 address")
    return bucket, key


def version(clients: Clients, url: str) -> str:
    """Returns the ETag of an object.

    Raises:
        TransferError: the object does not exist; the text is AWS's.
    """
    bucket, key = split(url)
    try:
        return clients.s3().head_object(Bucket=bucket, Key=key)["ETag"]
    except ClientError as error:
        raise TransferError(f"Could not find model data at {url}.") from error
    except BotoCoreError as error:
        raise TransferError(f"Could not access model data at {url}: {error}") from error


@dataclass(frozen=True)
class S3Object:
    """An object below a prefix.

    Attributes:
        bucket: its bucket.
        key: its key.
        path: the key without the prefix's directories.
    """

    bucket: str
    key: str
    path: PurePosixPath


def find(clients: Clients, url: str) -> Iterator[S3Object]:
    """Yields every object under a prefix, except placeholders of directories.

    Raises:
        TransferError: S3 rejects the request.
    """
    bucket, prefix = split(url)
    try:
        for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                if not item["Key"].endswith("/"):
                    yield S3Object(bucket, item["Key"], _relative(item["Key"], prefix))
    except (ClientError, BotoCoreError) as error:
        raise TransferError(_text(error)) from error


def fetch_prefix(clients: Clients, url: str, directory: Path) -> int:
    """Downloads every object under a prefix, with its path below the prefix.

    Returns:
        The number of objects.

    Raises:
        TransferError: S3 rejects the request.
    """
    found = 0
    for item in find(clients, url):
        found += 1
        fetch(clients, item, directory / item.path)
    return found


def fetch(clients: Clients, item: S3Object, path: Path) -> None:
    """Downloads an object.

    Raises:
        TransferError: S3 rejects the request.
    """
    try:
        _fetch(clients, item.bucket, item.key, path)
    except (ClientError, BotoCoreError) as error:
        raise TransferError(_text(error)) from error


def upload(clients: Clients, path: Path, url: str) -> None:
    """Uploads a file.

    Raises:
        TransferError: S3 rejects the request.
    """
    bucket, key = split(url)
    try:
        with path.open("rb") as file:
            clients.s3().put_object(Bucket=bucket, Key=key, Body=file)
    except (ClientError, BotoCoreError) as error:
        raise TransferError(f"{url}: {_text(error)}") from error


def _relative(key: str, prefix: str) -> PurePosixPath:
    """Returns the path of an object below its channel: the key without the prefix's directories."""
    if key.startswith(f"{prefix}/"):
        prefix += "/"
    path = PurePosixPath(key[prefix.rfind("/") + 1 :])
    if path.is_absolute() or ".." in path.parts:
        raise TransferError(f"the object's key {key} leads out of its directory")
    return path


def _fetch(clients: Clients, bucket: str, key: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(clients.s3().get_object(Bucket=bucket, Key=key)["Body"], file)


def fetch_tarball(clients: Clients, url: str, directory: Path) -> None:
    """Downloads a `.tar.gz` and extracts it; rejects members outside of the directory.

    Raises:
        TransferError: the object does not exist, or is not a valid archive.
    """
    bucket, key = split(url)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=directory.parent, suffix=".tar.gz") as archive:
        try:
            _fetch(clients, bucket, key, Path(archive.name))
        except (ClientError, BotoCoreError) as error:
            raise TransferError(_text(error)) from error
        try:
            extract(Path(archive.name), directory)
        except TransferError as error:
            raise TransferError(f"{url} {error}") from error


def extract(archive: Path, directory: Path) -> None:
    """Extracts a `.tar.gz`; rejects members outside of the directory. Nothing else here extracts archives.

    Raises:
        TransferError: the archive is not valid, or has such a member; the text begins with `cannot be`.
    """
    try:
        with tarfile.open(archive, "r:gz") as members:
            members.extractall(directory, filter="data")
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise TransferError(f"cannot be extracted: {error}") from error


def upload_tarball(clients: Clients, directory: Path, url: str) -> None:
    """Uploads the contents of a directory as a `.tar.gz`.

    Raises:
        TransferError: S3 rejects the request.
    """
    with tempfile.NamedTemporaryFile(dir=directory.parent, suffix=".tar.gz") as archive:
        with tarfile.open(archive.name, "w:gz", compresslevel=6) as members:
            for path in sorted(directory.iterdir()):
                members.add(path, arcname=path.name)
        upload(clients, Path(archive.name), url)


def install_requirements(code: Path, packages: Path, variables: Mapping[str, str]) -> None:
    """Installs a script's `requirements.txt` into a separate directory, never into this interpreter's.

    Args:
        code: the script's directory, where pip runs.
        packages: the directory for the packages.
        variables: the environment of the job or model, which may configure pip.

    Raises:
        TransferError: pip fails; the text is AWS's, with the end of pip's output.
    """
    requirements = code / "requirements.txt"
    if not requirements.is_file():
        return
    done = subprocess.run(
        (*_PIP_INSTALL, "--target", str(packages), "--requirement", str(requirements)),
        capture_output=True,
        text=True,
        check=False,
        cwd=code,
        env={**os.environ, **variables},
    )
    if done.returncode:
        raise TransferError(
            f"InstallRequirementsError:\nExitCode {done.returncode}\n"
            f'ErrorMessage "{done.stderr.strip()[-_PIP_CHARACTERS:]}"\n'
            'Command "python -m pip install -r requirements.txt"'
        )


def _text(error: ClientError | BotoCoreError) -> str:
    """Returns an error as SageMaker reports it, such as `NoSuchKey (404): …`."""
    if not isinstance(error, ClientError):
        return str(error)
    details = error.response["Error"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = "NoSuchKey" if details["Code"] == "404" else details["Code"]
    message = "The specified key does not exist." if code == "NoSuchKey" else details["Message"]
    return f"{code} ({status}): {message}"
