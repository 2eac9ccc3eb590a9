"""Where AWS is when the user's configuration says that it is elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nrti_cli.aws.addresses import ALL, SERVICES, configured, described, is_loopback
from nrti_cli.aws.session import new_session
from nrti_cli.aws.target import Target

EMULATOR = "http://127.0.0.1:4566"
PACKAGE = Path(__file__).parents[2] / "src" / "nrti_cli"


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared configuration of AWS, without any in the environment."""
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    return path


def cloud() -> Target:
    return Target(name="aws", stack="nrti", region="eu-west-1")


def line() -> str:
    return str(cloud())


def test_aws_is_where_it_always_is() -> None:
    assert configured(new_session()) == {}
    assert line() == "aws (default profile, eu-west-1), stack nrti"


def test_one_address_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", EMULATOR)

    assert configured(new_session()) == {ALL: EMULATOR}
    assert line() == f"aws (default profile, eu-west-1, at {EMULATOR}), stack nrti"


def test_one_address_for_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", EMULATOR)

    assert configured(new_session()) == {"s3": EMULATOR}
    assert line() == f"aws (default profile, eu-west-1, s3 at {EMULATOR}), stack nrti"


def test_the_address_of_a_service_counts_before_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", EMULATOR)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.com")

    assert described(configured(new_session())) == f"at {EMULATOR}, s3 at https://s3.example.com"


def test_addresses_of_the_shared_configuration(shared: Path) -> None:
    shared.write_text(
        f"[default]\nendpoint_url = {EMULATOR}\nservices = own\n"
        "[services own]\nsqs =\n  endpoint_url = https://sqs.example.com\n"
    )

    assert configured(new_session()) == {ALL: EMULATOR, "sqs": "https://sqs.example.com"}


def test_addresses_that_are_to_be_ignored_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", EMULATOR)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")

    assert configured(new_session()) == {}


def test_an_api_is_called_where_the_configuration_has_it_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_aws = "https://abc.execute-api.eu-west-1.amazonaws.com/v1"
    assert cloud().invoke_url("abc", "v1") == on_aws
    monkeypatch.setenv("AWS_ENDPOINT_URL", EMULATOR)
    assert cloud().invoke_url("abc", "v1") == f"{EMULATOR}/restapis/abc/v1/_user_request_"
    monkeypatch.setenv("AWS_ENDPOINT_URL_API_GATEWAY", "https://vpce-1.apigateway.example.com")
    assert cloud().invoke_url("abc", "v1") == on_aws


def test_the_embedded_aws_does_not_depend_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", EMULATOR)

    assert Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:9").addresses == {}


def test_the_line_says_whose_credentials_are_used(monkeypatch: pytest.MonkeyPatch, shared: Path) -> None:
    shared.write_text("[profile factory]\n[profile other]\n")
    monkeypatch.setenv("AWS_PROFILE", "factory")
    assert line().startswith("aws (factory, ")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    assert line().startswith("aws (AWS_ACCESS_KEY_ID, ")
    named = Target(name="aws", stack="nrti", region="eu-west-1", profile="other")
    assert str(named).startswith("aws (other, ")


def test_all_services_that_are_called_are_looked_at() -> None:
    sources = (path.read_text() for path in PACKAGE.rglob("*.py") if "remote" not in path.parts)
    called = {name for source in sources for name in re.findall(r'\.client\(\s*"([\w-]+)"', source)}

    assert called
    assert called <= set(SERVICES)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://127.9.9.9", True),
        ("http://localhost:4566", True),
        ("http://s3.localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://vpce-1.s3.eu-west-1.vpce.amazonaws.com", False),
        ("http://10.0.0.1:4566", False),
        ("http://localhost.example.com", False),
        ("nonsense", False),
    ],
)
def test_an_address_on_this_machine(address: str, here: bool) -> None:
    assert is_loopback(address) is here
