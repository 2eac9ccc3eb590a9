"""The record of query executions, across the ends of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from nrti_local.athena.executions.execution import INTERRUPTED, Execution
from nrti_local.athena.executions.history import History
from nrti_local.server.shared.errors import ServiceError

_ACCOUNT, _REGION = "000000000000", "eu-central-2"


def _execution(query_id: str, *, token: str = "", account: str = _ACCOUNT, age: float = 0) -> Execution:
    record = {
        "QueryExecutionId": query_id,
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time() - age},
        "Statistics": {},
        "WorkGroup": "nrti",
    }
    return Execution(account, _REGION, token or query_id, "[]", record)


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def _finished(history: History, execution: Execution) -> Execution:
    _run(history.add(execution))
    execution.columns = [{"Name": "a"}]
    execution.start()
    execution.succeed()
    _run(history.save(execution))
    return execution


def test_a_finished_execution_is_known_to_the_next_server(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    done = _finished(history, _execution("a"))
    history.close()

    found = _run(History(tmp_path / "h.db").find(_ACCOUNT, _REGION, "a"))

    assert (found.record, found.columns) == (done.record, [{"Name": "a"}])
    assert found.record["Status"]["State"] == "SUCCEEDED"


def test_an_end_that_was_reported_is_known_to_the_next_server(tmp_path: Path) -> None:
    history, execution = History(tmp_path / "h.db"), _execution("a")
    _run(history.add(execution))
    execution.start()
    execution.succeed()
    assert _run(history.find(_ACCOUNT, _REGION, "a")).state == "SUCCEEDED"

    # The server is killed before it saves.
    found = _run(History(tmp_path / "h.db").find(_ACCOUNT, _REGION, "a"))

    assert found.state == "SUCCEEDED"


def test_an_unfinished_execution_fails_with_the_server(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    _run(history.add(_execution("a")))

    status = _run(History(tmp_path / "h.db").find(_ACCOUNT, _REGION, "a")).record["Status"]

    assert (status["State"], status["StateChangeReason"]) == ("FAILED", INTERRUPTED)
    assert status["AthenaError"]["Retryable"] is True


def test_accounts_do_not_see_each_others_executions(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    live, done = _execution("a"), _finished(history, _execution("b"))
    _run(history.add(live))

    assert _run(history.find(_ACCOUNT, _REGION, "a")) is live
    assert _run(history.find(_ACCOUNT, _REGION, "b")).id == done.id
    assert [_run(history.find("1" * 12, _REGION, each)) for each in "ab"] == [None, None]


def test_a_token_records_one_execution_of_an_account(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    first, again = _execution("a", token="t"), _execution("b", token="t")
    other = _execution("c", token="t", account="1" * 12)

    assert [_run(history.add(each)).id for each in (first, again, other)] == ["a", "a", "c"]


def test_pages_begin_with_the_newest(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    for query_id in "abcde":
        _finished(history, _execution(query_id))

    first, end = _run(history.page(_ACCOUNT, _REGION, "nrti", None, 3))
    rest, last = _run(history.page(_ACCOUNT, _REGION, "nrti", end, 3))

    assert (first, rest, last) == (["e", "d", "c"], ["b", "a"], None)


def test_executions_are_forgotten_after_45_days(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    for query_id, days in (("old", 46), ("new", 44)):
        _finished(history, _execution(query_id, age=days * 86_400))
    history.close()

    ids, _ = _run(History(tmp_path / "h.db").page(_ACCOUNT, _REGION, "nrti", None, 9))
    assert ids == ["new"]


def test_what_could_not_be_written_is_written_with_the_next(tmp_path: Path) -> None:
    history = History(tmp_path / "h.db")
    first, second = _execution("a"), _execution("b")
    for each in (first, second):
        _run(history.add(each))
        each.cancel()
    first.columns = [{"Name": "x" * 100_000}]
    pages = history._db().execute("PRAGMA page_count").fetchone()[0]
    history._db().execute(f"PRAGMA max_page_count = {pages}")
    _run(history.save(first))

    assert _run(history.find(_ACCOUNT, _REGION, "a")) is first
    history._db().execute("PRAGMA max_page_count = 1000000")
    _run(history.save(second))
    history.close()

    found = _run(History(tmp_path / "h.db").find(_ACCOUNT, _REGION, "a"))
    assert found.state == "CANCELLED"


def test_a_file_that_cannot_be_opened_is_not_to_be_deleted(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"h\.db cannot be used \(unable to open database file\)$"):
        _run(History(tmp_path / "missing" / "h.db").find(_ACCOUNT, _REGION, "a"))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "h.db").write_bytes(b"no database at all, but long enough" * 50)

    with pytest.raises(ServiceError, match=r"h\.db cannot be used .*: delete that file"):
        _run(History(tmp_path / "h.db").find(_ACCOUNT, _REGION, "a"))
