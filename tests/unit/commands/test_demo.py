from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from nrti_cli.commands.demo import _environment
from nrti_cli.errors import ExitStatus, NrtiError


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _tour(failure: NrtiError | None) -> None:
    with _environment(apart=True) as environment:
        local = Path(environment["NRTI_HOME"], "local")
        local.mkdir()
        (local / "server.log").write_text("what it said")
        if failure:
            raise failure


def test_the_log_of_a_tour_that_failed_is_kept_and_named(temporary: Path) -> None:
    with pytest.raises(NrtiError) as raised:
        _tour(NrtiError("nrti train failed"))

    (kept,) = temporary.iterdir()
    assert kept.read_text() == "what it said"
    assert str(raised.value) == f"nrti train failed: the log of its AWS is in {kept}"


@pytest.mark.parametrize("failure", [None, NrtiError("interrupted", exit_status=ExitStatus.INTERRUPTED)])
def test_a_tour_that_went_well_or_was_interrupted_leaves_nothing(
    temporary: Path, failure: NrtiError | None
) -> None:
    with suppress(NrtiError):
        _tour(failure)

    assert not list(temporary.iterdir())
