"""The embedded AWS depends on nothing of the user's AWS and proxies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from botocore.session import Session

from nrti_local.server.environment import configure
from nrti_local.server.processes.layout import Layout


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server sets in an environment with a broken configuration, a profile and a proxy."""
    (tmp_path / "config").write_text("no [configuration")
    users = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"),
        "AWS_PROFILE": "unknown",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "intranet",
    }
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    monkeypatch.setattr(os, "environ", {**kept, **users})
    configure(Layout(tmp_path), 4566, 4567)


@pytest.mark.usefixtures("configured")
def test_a_client_of_the_sdk_finds_the_server() -> None:
    client = Session().create_client("s3")

    assert client.meta.endpoint_url == "http://127.0.0.1:4566"


@pytest.mark.usefixtures("configured")
def test_its_own_address_is_never_behind_a_proxy() -> None:
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "127.0.0.1,intranet"
    assert os.environ["HTTP_PROXY"] == "http://127.0.0.1:9"  # for pip
