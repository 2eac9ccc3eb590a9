"""The producer trusts the certificate authorities that botocore's variables name."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.errors import NrtiError
from nrti_cli.producer.certificates import company_certificates

_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def _pem(text: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_a_variable_there_are_none() -> None:
    assert company_certificates() == []


@pytest.mark.parametrize("variable", _VARIABLES)
def test_every_certificate_of_a_file_is_read(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(f"# ours\n{_pem('one')}\n\n{_pem('two')}\n")
    monkeypatch.setenv(variable, str(file))

    assert company_certificates() == [_pem("one").encode(), _pem("two").encode()]


def test_the_variable_of_the_aws_sdk_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        (tmp_path / name).write_text(_pem(name))
        monkeypatch.setenv(name, str(tmp_path / name))

    assert company_certificates() == [_pem("AWS_CA_BUNDLE").encode()]


@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), ("text", "has no certificate")])
def test_a_wrong_file_is_named_with_its_variable(
    content: str | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(file))

    with pytest.raises(NrtiError, match=f"AWS_CA_BUNDLE: {file} {problem}"):
        company_certificates()
