from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nrti_cli.aws.addressing import remember
from nrti_cli.aws.target import Target
from nrti_cli.doctor import machine
from nrti_cli.doctor.finding import Check, run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NRTI_HOME", str(tmp_path / "not" / "yet"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_this_machine_has_what_its_tests_need() -> None:
    findings = {check.name: check.examine() for check in machine.checks()}

    assert list(findings) == ["Python", "packages", "home", "disk", "ports", "proxy"]
    assert {name: found.state for name, found in findings.items() if found.state == "failed"} == {}
    assert "ministack 1.5.33" in findings["packages"].found
    assert not Path(findings["home"].found.partition(";")[0]).exists()


def test_what_is_remembered_is_said() -> None:
    remember(Target("local", "plant", endpoint_url="http://127.0.0.1:1"))

    assert machine.home_directory().found.endswith("the last target is local, stack plant")


def test_a_home_that_is_a_file_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NRTI_HOME", str(tmp_path / "file" / "below"))

    (found,) = run([Check("home", machine.home_directory)])

    assert found.state == "failed"
    assert "is not a directory" in found.found
    assert found.advice == "set NRTI_HOME to one"


def test_a_home_that_is_read_only_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NRTI_HOME", "/proc/nrti")

    assert machine.home_directory().state == "failed"


@pytest.mark.parametrize(
    ("around", "state"), [(None, "warn"), ("127.0.0.1,localhost", "ok"), ("example.com", "warn")]
)
def test_a_proxy_must_not_take_what_is_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, around: str | None, state: str
) -> None:
    monkeypatch.setenv("http_proxy", "http://me:secret@proxy.example.com:3128")
    if around:
        monkeypatch.setenv("no_proxy", around)

    found = machine.proxy()

    assert found.state == state
    assert "http://proxy.example.com:3128" in found.found
    assert "secret" not in found.found + found.advice


@pytest.mark.parametrize(("free", "state"), [(10e9, "ok"), (1e9, "warn"), (1e8, "failed")])
def test_a_full_disk_fails(monkeypatch: pytest.MonkeyPatch, free: float, state: str) -> None:
    monkeypatch.setattr(machine, "_LITTLE_SPACE", shutil.disk_usage("/").free + 2e9 - free)
    monkeypatch.setattr(machine, "_NO_SPACE", shutil.disk_usage("/").free + 2e8 - free)

    assert machine.disk().state == state
