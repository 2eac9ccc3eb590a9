from nrti_cli.embedded import HINTS, explain
from nrti_local.errors import LocalError, Remedy


def test_every_remedy_has_words_of_nrtis_commands() -> None:
    assert set(HINTS) == set(Remedy)
    assert not [hint for hint in HINTS.values() if "--home" in hint]


def test_an_error_without_a_remedy_has_no_hint() -> None:
    assert str(explain(LocalError("it is gone"))) == "it is gone"
    assert str(explain(LocalError("it is gone", Remedy.LOG))) == "it is gone: see nrti local logs"
