"""The producer trusts a company's certificate authority that botocore's variables name."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.sink import Sink, running_sink
from tests.local.test_producer_client import post

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")

_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch", "-days", "2")
_AUTHORITY = ("-subj", "/CN=company", "-addext", "basicConstraints=critical,CA:TRUE")
_SERVER = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")


def _openssl(directory: Path, *arguments: str) -> None:
    command = ("openssl", "req", "-x509", *_KEY, *arguments)
    subprocess.run(command, cwd=directory, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an authority, and a server's certificate by it."""
    directory = tmp_path_factory.mktemp("certificates")
    _openssl(directory, *_AUTHORITY, "-keyout", "ca.key", "-out", "ca.pem")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE")
    _openssl(directory, *_SERVER, *signed, "-keyout", "server.key", "-out", "server.pem")
    return directory


@pytest.fixture(scope="module")
def secured(certificates: Path) -> Iterator[Sink]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    with running_sink(context) as sink:
        yield sink


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", _VARIABLES)
def test_an_authority_that_is_named_is_trusted(
    variable: str, secured: Sink, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(certificates / "ca.pem"))

    assert [answer.status for answer in post(secured.url)] == [202]


def test_no_other_authority_is_trusted(secured: Sink) -> None:
    (answer,) = post(secured.url)

    assert (answer.status, answer.message) == (0, "invalid peer certificate: UnknownIssuer")
