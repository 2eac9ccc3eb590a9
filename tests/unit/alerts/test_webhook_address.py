"""Where the address of a webhook comes from, and that no error contains it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_cli.alerts.webhook import host_of, read_address
from nrti_cli.errors import NrtiError, UsageError

SECRET = "T0123/B4567/x7Kq9vLmNw2"
ADDRESS = f"https://hooks.slack.com/services/{SECRET}"


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "webhook"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    found = read_address(_file(tmp_path, f" {ADDRESS}\n"), local=False)

    assert found == ADDRESS
    assert host_of(found) == "hooks.slack.com"


def test_on_the_command_line_it_is_refused() -> None:
    with pytest.raises(UsageError, match="the process list shows the command line") as raised:
        read_address(ADDRESS, local=True)

    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("address", [f"http://127.0.0.1:8000/{SECRET}", f"http://localhost/{SECRET}"])
def test_plain_http_is_for_this_machine_and_the_embedded_aws(tmp_path: Path, address: str) -> None:
    assert read_address(_file(tmp_path, address), local=True) == address
    with pytest.raises(UsageError, match="does not begin with https://"):
        read_address(_file(tmp_path, address), local=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"hooks.slack.com/{SECRET}",
        f"http://hooks.slack.com/{SECRET}",
        f"ftp://hooks.slack.com/{SECRET}",
        f"https://name:{SECRET}@hooks.slack.com/",
        f"https:///{SECRET}",
        f"https://hooks.slack.com:x/{SECRET}",
        f"https://[hooks/{SECRET}",
        f"{ADDRESS}\n{ADDRESS}",
        f"{ADDRESS} # ours",
        f"{ADDRESS}é",
        f"{ADDRESS}{'a' * 5000}",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_address(_file(tmp_path, text), local=True)

    assert SECRET not in f"{raised.value!r}{raised.value.__cause__!r}"
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NrtiError, match="No such file"):
        read_address(str(tmp_path / "absent"), local=True)
    path = tmp_path / "binary"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8 text"):
        read_address(str(path), local=True)
