"""Where the accounts and regions of the local SageMaker are kept."""

from __future__ import annotations

from pathlib import Path

from nrti_local.sagemaker.settings import HOME_ACCOUNT, Settings


def test_the_home_account_is_where_it_has_always_been(tmp_path: Path) -> None:
    home = Settings(state=tmp_path, port=1, region="eu-central-2")

    assert home.of(HOME_ACCOUNT, "eu-central-2") is home
    assert home.database == tmp_path / "state.db"
    assert home.known() == [home]


def test_others_are_found_again(tmp_path: Path) -> None:
    home = Settings(state=tmp_path, port=1, region="eu-central-2")
    other = home.of("123456789012", "us-east-1")
    other.state.mkdir(parents=True)

    assert other.arn("model", "m") == "arn:aws:sagemaker:us-east-1:123456789012:model/m"
    assert home.known() == [home, other]
    assert not {other.database, other.jobs, other.models} & {home.database, home.jobs, home.models}
