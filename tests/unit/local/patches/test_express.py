import threading
import time

import pytest

from nrti_cli.local.patches.express import ClosedError, Executions


def test_as_many_run_at_once_as_may() -> None:
    executions = Executions(2)
    running, most, lock = 0, 0, threading.Lock()

    def run() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    for future in [executions.submit(run) for _ in range(20)]:
        future.result(5)
    assert most == 2


def test_one_that_pauses_lets_another_run() -> None:
    executions = Executions(1)
    other_ran = threading.Event()

    def pausing() -> bool:
        with executions.paused():
            return other_ran.wait(5)

    waiting = executions.submit(pausing)
    executions.submit(other_ran.set)
    assert waiting.result(5)


def test_a_pause_elsewhere_gives_nothing_away() -> None:
    executions = Executions(1)
    with executions.paused():
        assert executions.submit(lambda: 1).result(5) == 1


def test_an_exception_is_the_result_and_not_the_end() -> None:
    executions = Executions(1)
    failed = executions.submit(lambda: 1 / 0)
    assert isinstance(failed.exception(5), ZeroDivisionError)
    assert executions.submit(lambda: 1).result(5) == 1


def test_draining_waits_for_what_was_accepted_and_takes_no_more() -> None:
    executions = Executions(1)
    accepted = [executions.submit(lambda: time.sleep(0.01)) for _ in range(5)]
    assert executions.drain(5) == 0
    assert all(future.done() for future in accepted)
    with pytest.raises(ClosedError):
        executions.submit(lambda: None)


def test_draining_has_a_deadline() -> None:
    executions = Executions(1)
    end = threading.Event()
    executions.submit(end.wait)
    executions.submit(lambda: None)
    assert executions.drain(0.01) == 2
    end.set()
