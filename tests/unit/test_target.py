from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.aws.target import Target, forget, remember, remembered, resolve
from nrti_cli.errors import NrtiError

LOCAL = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:4566")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_before_bootstrap_there_is_no_local_target() -> None:
    with pytest.raises(NrtiError, match="nrti bootstrap"):
        resolve()


def test_what_was_deployed_to_last_is_the_default() -> None:
    remember(Target(name="aws", stack="plant", region="eu-west-1", profile="factory"))

    assert resolve() == Target(name="aws", stack="plant", region="eu-west-1", profile="factory")


def test_options_override_what_is_remembered() -> None:
    remember(Target(name="aws", stack="plant", region="eu-west-1"))

    assert resolve(stack="other", region="us-east-2") == Target(name="aws", stack="other", region="us-east-2")


def test_another_target_inherits_nothing_from_the_last_one() -> None:
    remember(LOCAL)

    assert resolve(name="aws") == Target(name="aws", stack="nrti")


def test_forgetting_twice_is_no_error() -> None:
    remember(LOCAL)
    forget()
    forget()

    assert remembered() is None


def test_a_broken_memory_names_the_file_and_the_way_out(home: Path) -> None:
    (home / "target.json").write_text("{")

    with pytest.raises(NrtiError, match=r"target\.json cannot be read.*delete it"):
        resolve()


def test_the_embedded_aws_is_addressed_with_its_own_key_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")

    credentials = LOCAL.session.get_credentials()

    assert credentials is not None
    assert credentials.access_key == "test"


def test_an_emulator_serves_an_api_under_a_path_and_aws_under_a_host() -> None:
    cloud = Target(name="aws", stack="nrti", region="eu-west-1")

    assert LOCAL.invoke_url("abc", "v1") == "http://127.0.0.1:4566/restapis/abc/v1/_user_request_"
    assert cloud.invoke_url("abc", "v1") == "https://abc.execute-api.eu-west-1.amazonaws.com/v1"


def test_a_missing_region_is_said_in_one_line() -> None:
    with pytest.raises(NrtiError, match="--region"):
        _ = Target(name="aws", stack="nrti").region_name
