"""Where JSON lines may be appended: to lines of the same kind, and to nothing else that may be there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nrti_cli.deadletters.drop import Archive
from nrti_cli.errors import UsageError
from nrti_cli.ledger import Ledger
from nrti_cli.linefile import require_distinct
from nrti_cli.producer.unsent import Unsent

EVENT: dict[str, object] = {"sensor": "s", "model": "m", "data": [1, 2, 3]}
ENTRY: dict[str, object] = {"event_id": "e", "sensor": "s", "model": "m", "timestamp": 5, "accepted_at": 6}
LETTER: dict[str, object] = {
    "error": "UnknownModel",
    "cause": "",
    "request_id": "r",
    "received_at": 7,
    "events": [EVENT],
}

#: What opens a file to append to it, and a line that it writes.
WRITERS: dict[type[Ledger | Unsent | Archive], dict[str, object]] = {
    Ledger: ENTRY,
    Unsent: EVENT,
    Archive: LETTER,
}
KINDS = [pytest.param(*each, id=each[0].__name__) for each in WRITERS.items()]


@pytest.mark.parametrize(("opened", "line"), KINDS)
@pytest.mark.parametrize("before", ["", "\n", "{line}\n", "{line}", '{{"cut sho\n{line}\n', '{{"cut sho'])
def test_lines_of_the_kind_can_be_added_to(
    tmp_path: Path, opened: Callable[[Path], Ledger], line: dict[str, object], before: str
) -> None:
    path = tmp_path / "file"
    text = before.format(line=json.dumps(line))
    path.write_text(text)

    opened(path).close()

    assert not path.exists() or path.read_text().startswith(text)


@pytest.mark.parametrize(("opened", "own"), KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "v0,v1,v2,event\n1,2,3,0\n",
        "1\n2\n",
        '{\n  "a": 1\n}\n',
        '[{"sensor": "s"}]\n',
        "null\n",
        "v0,v1\n" + json.dumps(ENTRY) + "\n",
        *(json.dumps(line) + "\n" for line in WRITERS.values()),
    ],
    ids=["csv", "numbers", "json", "array", "null", "csv and lines", "entries", "events", "letters"],
)
def test_anything_else_stays_as_it_is(
    tmp_path: Path, opened: Callable[[Path], Ledger], own: dict[str, object], text: str
) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    if text.startswith(json.dumps(own)):
        opened(path).close()
    else:
        with pytest.raises(UsageError, match="exists and does not hold"):
            opened(path)

    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("opened", "_"), KINDS)
def test_what_is_no_file_is_one_line(tmp_path: Path, opened: Callable[[Path], Ledger], _: object) -> None:
    os.mkfifo(tmp_path / "pipe")  # which opening would wait for
    for path, what in {
        tmp_path: "is a directory",
        tmp_path / "pipe": "is a named pipe",
        Path("/dev/null"): "is a device",
        tmp_path / "no" / "where": "cannot be written",
    }.items():
        with pytest.raises(UsageError, match=what):
            opened(path)


def test_what_lies_beside_a_ledger_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "run.sent").write_text("a diary\n")

    with pytest.raises(UsageError, match=r"run\.sent exists and does not hold events"):
        Ledger(tmp_path / "run")

    assert [each.name for each in tmp_path.iterdir()] == ["run.sent"]


def test_one_file_is_for_one_thing(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a")

    require_distinct({"--input": tmp_path / "a", "--ledger": tmp_path / "b", "--unsent": None})
    with pytest.raises(UsageError, match="--input and --ledger name the same file"):
        require_distinct({"--input": tmp_path / "a", "--ledger": tmp_path / "link"})


def test_an_archive_that_got_nothing_leaves_no_file(tmp_path: Path) -> None:
    with closing(Archive(tmp_path / "letters")):
        pass

    assert not list(tmp_path.iterdir())
