from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nrti_cli.errors import NrtiError, UsageError
from nrti_cli.ledger import Ledger, LedgerEntry, read_ledger, sent_path, unanswered


def event(name: str) -> dict[str, Any]:
    return {"event_id": name, "timestamp": 5, "sensor": "s", "model": "m", "data": [1]}


def line(name: str) -> bytes:
    return json.dumps(event(name), separators=(",", ":")).encode() + b"\n"


def ids(path: Path) -> list[str]:
    return [entry.event_id for entry in read_ledger(path)]


def test_a_line_is_there_before_the_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "l"
    ledger = Ledger(path)

    ledger.send([line("a"), line("b")])
    ledger.accept([event("a"), event("b")], [line("a"), line("b")])

    assert list(read_ledger(path)) == [LedgerEntry("a", "s", "m", 5), LedgerEntry("b", "s", "m", 5)]
    assert not unanswered(path)


def test_what_was_sent_and_not_accepted_is_left_and_the_next_run_has_to_answer_for_it(tmp_path: Path) -> None:
    path = tmp_path / "l"
    killed = Ledger(path)
    killed.send([line("a"), line("b")])
    killed.send([line("c")])
    killed.accept([event("c")], [line("c")])

    second = Ledger(path)
    assert (second.continued, second.left) == (True, [event("a"), event("b")])
    second.send([line("a")])
    second.accept([event("a")], [line("a")])
    second.close()

    third = Ledger(path)
    assert third.left == [event("b")]
    third.send([line("b")])
    third.drop([line("b")])
    third.close()
    assert not sent_path(path).exists()
    assert ids(path) == ["c", "a"]


def test_what_was_answered_does_not_fill_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "l"
    ledger = Ledger(path)
    large = json.dumps({**event("large"), "data": [0.1] * 512}).encode() + b"\n"
    ledger.send([line("open")])

    for _ in range(20_000):
        ledger.send([large])
        ledger.drop([large])

    assert sent_path(path).stat().st_size < 20_000_000
    assert unanswered(path)[0] == event("open")


def test_a_line_that_was_cut_short_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "l"
    first = Ledger(path)
    first.accept([event("a")], [])
    first.close()
    path.write_bytes(path.read_bytes() + b'{"event_id":"b","sen')

    second = Ledger(path)
    second.accept([event("c")], [])

    assert ids(path) == ["a", "c"]


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text("hello\n")

    with pytest.raises(NrtiError, match="is not a ledger"):
        list(read_ledger(path))
    with pytest.raises(NrtiError, match="cannot be read"):
        list(read_ledger(tmp_path / "none"))
    with pytest.raises(UsageError, match="cannot be written"):
        Ledger(tmp_path / "no" / "where")
