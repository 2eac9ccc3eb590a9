from types import SimpleNamespace

import pytest

from nrti_local.ministack.catalogue import PATCHES
from nrti_local.ministack.patch import Patch, PatchError

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
def test_it_fails_loudly_when_its_target_has_gone(attribute: str) -> None:
    with pytest.raises(PatchError, match=r"has gone from ministack \(written for 1\.5\.33\)"):
        _patch(attribute).apply()


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: f"{patch.module}.{patch.attribute}")
def test_every_patch_says_why(patch: Patch) -> None:
    assert patch.why.endswith(".")
