from __future__ import annotations

import json
from pathlib import Path

import pytest

from nrti_cli.aws.addressing import forget, is_remembered, located, relocate, remember, remembered, resolve
from nrti_cli.aws.target import Target
from nrti_cli.errors import NrtiError, UsageError
from nrti_local.process import REGION

LOCAL = Target(name="local", stack="nrti", endpoint_url="http://127.0.0.1:4566")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text("[profile factory]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
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
    forget("local")
    forget("local")

    assert remembered() is None


def test_each_target_has_a_memory_of_its_own() -> None:
    cloud = Target(name="aws", stack="plant", region="eu-west-1")
    remember(LOCAL)
    remember(cloud)

    assert resolve() == cloud
    assert resolve(name="local") == LOCAL


def test_after_an_account_is_forgotten_commands_address_the_embedded_aws() -> None:
    remember(LOCAL)
    remember(Target(name="aws", stack="plant", region="eu-west-1"))
    forget("aws")

    assert resolve() == LOCAL


def test_after_the_embedded_aws_is_forgotten_no_command_turns_to_an_account(home: Path) -> None:
    remember(Target(name="aws", stack="plant", region="eu-west-1"))
    remember(LOCAL)
    forget("local")

    with pytest.raises(NrtiError, match="no embedded AWS"):
        resolve()
    forget("aws")
    assert not list(home.iterdir())


def test_a_new_address_of_the_embedded_aws_makes_no_command_turn_to_it() -> None:
    cloud = Target(name="aws", stack="plant", region="eu-west-1")
    remember(cloud)
    relocate("http://127.0.0.1:9")

    assert resolve() == cloud
    assert resolve(name="local").endpoint_url == "http://127.0.0.1:9"


def test_a_target_is_where_the_embedded_aws_is_now() -> None:
    before = Target("local", "nrti", endpoint_url="http://127.0.0.1:1")
    account = Target("aws", "nrti", region="eu-central-1")
    assert located(before) is before  # it is not remembered

    relocate("http://127.0.0.1:2")

    assert located(before) == Target("local", "nrti", endpoint_url="http://127.0.0.1:2")
    assert located(account) is account


def test_a_memory_from_when_there_was_room_for_one_is_read(home: Path) -> None:
    fields = {"name": "aws", "stack": "plant", "region": "eu-west-1", "profile": None, "endpoint_url": None}
    (home / "target.json").write_text(json.dumps(fields))

    assert resolve() == Target(name="aws", stack="plant", region="eu-west-1")


def test_a_region_of_the_environment_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    remember(Target(name="aws", stack="plant"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")

    assert resolve().region_name == "eu-west-1"
    assert not is_remembered(Target(name="aws", stack="plant"))
    assert is_remembered(Target(name="aws", stack="plant", region="eu-west-1"))


def test_where_the_choice_of_a_target_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    relocate("http://127.0.0.1:9")
    assert resolve().origin == "default"
    remember(LOCAL)
    assert resolve().origin == "remembered"
    assert resolve(name="aws").origin == "named"
    monkeypatch.setenv("NRTI_TARGET", "aws")
    assert resolve(name="aws").origin == "environment"


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"last": "aws", "aws": {"stack": "x"}}', '{"aws": 5}'])
def test_a_memory_that_is_none_names_the_file_and_the_way_out(home: Path, text: str) -> None:
    (home / "target.json").write_text(text)

    with pytest.raises(NrtiError, match=r"target\.json cannot be read.*delete it"):
        resolve()


def test_a_home_that_is_a_file_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    for path in (home / "file", home / "file" / "below"):
        monkeypatch.setenv("NRTI_HOME", str(path))
        with pytest.raises(NrtiError, match="is not a directory: set NRTI_HOME"):
            resolve(start=lambda: "")


@pytest.mark.parametrize("options", [{"region": "eu-west-1"}, {"region": "mars-1"}, {"profile": "factory"}])
def test_options_without_effect_are_refused_before_anything_starts(options: dict[str, str]) -> None:
    remember(LOCAL)

    with pytest.raises(UsageError, match="--target aws"):
        resolve(**options, start=lambda: pytest.fail("started"))  # type: ignore[arg-type]
    assert resolve(region=REGION) == Target(
        name="local", stack="nrti", region=REGION, endpoint_url=LOCAL.endpoint_url
    )


@pytest.mark.parametrize(("region", "close"), [("mars-1", "eu-central-1"), ("eu-wst-1", "eu-west-1")])
def test_a_region_that_aws_does_not_have_is_refused(region: str, close: str) -> None:
    with pytest.raises(UsageError, match=f"'{region}' is not an AWS region.* such as {close}"):
        _ = Target(name="aws", stack="nrti", region=region).region_name


def test_a_target_can_be_typed_again() -> None:
    cloud = Target(name="aws", stack="plant", region="eu-west-1", profile="factory")

    assert LOCAL.options == "--target local --stack nrti"
    assert cloud.options == "--target aws --stack plant --region eu-west-1 --profile factory"


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


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "b.s3.us-east-1.amazonaws.com"),
        ("eu-west-1", "b.s3.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "b.s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "b.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_an_object_has_the_url_of_its_region(region: str, host: str) -> None:
    assert Target(name="aws", stack="nrti", region=region).object_url("b", "k/1") == f"https://{host}/k/1"
    assert LOCAL.object_url("b", "k/1") == "http://127.0.0.1:4566/b/k/1"


def test_a_missing_region_is_said_in_one_line() -> None:
    with pytest.raises(NrtiError, match="--region"):
        _ = Target(name="aws", stack="nrti").region_name
