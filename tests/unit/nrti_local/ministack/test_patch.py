"""A patch replaces what it names, and every name that is gone is found at start."""

from importlib.metadata import version
from types import SimpleNamespace

import pytest

from nrti_local.ministack import catalogue
from nrti_local.ministack.patch import Name, Patch, PatchError, private
from nrti_local.server import run

HERE = __name__
THERE = SimpleNamespace(inner={"AWS::Kind": {"create": len}})


def _patch(attribute: str) -> Patch:
    return Patch(HERE, attribute, "why", lambda original: (original, "replaced"))


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(THERE=THERE)
    monkeypatch.setitem(__import__("sys").modules, HERE, module)


def test_it_replaces_an_entry_of_a_dictionary_and_takes_it_back() -> None:
    undo = _patch("THERE.inner.AWS::Kind.create").apply()
    assert THERE.inner["AWS::Kind"]["create"] == (len, "replaced")
    undo()
    assert THERE.inner["AWS::Kind"]["create"] is len


@pytest.mark.parametrize("attribute", ["THERE.gone", "THERE.inner.AWS::Other.create", "gone"])
def test_it_fails_when_its_target_is_gone(attribute: str) -> None:
    with pytest.raises(PatchError, match=r"is gone from ministack \(written for 1\.5\.33\)"):
        _patch(attribute).apply()


def test_every_name_is_checked_before_the_first_patch_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "PATCHES", (_patch("THERE.inner.AWS::Kind.create"),))
    monkeypatch.setattr(catalogue, "NAMES", {*private(HERE, "THERE.inner", "_one", "_two", "_gone")})

    with pytest.raises(PatchError, match=rf"has no {HERE}\._gone and 2 more \(nrti_local needs 1\.5\.33\)"):
        catalogue.apply_all()
    assert THERE.inner["AWS::Kind"]["create"] is len


def test_the_installed_ministack_has_every_name() -> None:
    catalogue.check(catalogue.NAMES)
    assert not Name("ministack.services.s3", "_no_such_name").exists()


@pytest.mark.parametrize("patch", catalogue.PATCHES, ids=lambda patch: str(patch.target))
def test_every_patch_says_why(patch: Patch) -> None:
    assert patch.why.endswith(".")


def test_a_start_ends_with_a_line_that_names_what_is_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(catalogue, "NAMES", {*private("ministack.services.s3", "_no_such_name")})

    with pytest.raises(SystemExit):
        run._patched_ministack()
    gone = f"ministack {version('ministack')} has no ministack.services.s3._no_such_name"
    assert capsys.readouterr().err.splitlines()[-1] == f"fatal: {gone} (nrti_local needs 1.5.33)"
