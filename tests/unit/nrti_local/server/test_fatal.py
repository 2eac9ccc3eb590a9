import pytest

from nrti_local.errors import Remedy
from nrti_local.server.processes import fatal


@pytest.mark.parametrize("remedy", [None, *Remedy])
def test_the_last_line_of_a_server_is_read_again(
    remedy: Remedy | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="1"):
        fatal.give_up("services.db cannot be used (1): it is broken", remedy)
    (line,) = capsys.readouterr().err.splitlines()
    assert fatal.read(line) == ("services.db cannot be used (1): it is broken", remedy)


def test_other_lines_are_no_last_words() -> None:
    assert fatal.read("a fatal: mistake") is None
