"""Reading the queue: each letter once, none left hidden, and a count of those that another command holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from nrti_cli.aws.sqs import Message, Queue
from nrti_cli.aws.target import Target
from nrti_cli.deadletters.letter import Letter
from nrti_cli.deadletters.sweep import Sweep
from nrti_cli.errors import NrtiError
from tests.unit.conftest import Stub
from tests.unit.deadletters.letters import (
    LONG_AGO,
    deleted,
    event,
    interrupted_during,
    letter,
    present,
    received,
    released,
    swept,
)


@pytest.fixture
def sweep(target: Target) -> Sweep:
    return Sweep(Queue(target, "u"))


def test_a_letter_that_shows_up_twice_is_tried_once_and_removed_by_its_newest_handle(
    stub: Stub, sweep: Sweep
) -> None:
    again = Message("1", "newest", letter(event()).message.body, LONG_AGO, {})
    present(stub, 1)
    received(stub, letter(event()))
    received(stub, Letter.read(again))
    received(stub)
    deleted(stub, "newest")

    (found,) = sweep.letters()
    sweep.remove(found)


def test_what_comes_meanwhile_is_left(stub: Stub, sweep: Sweep) -> None:
    later = Message("2", "h", letter(event()).message.body, datetime.now(UTC) + timedelta(minutes=1), {})
    swept(stub, letter(event()), Letter.read(later))

    assert [found.message.id for found in sweep.letters()] == ["1"]


def test_a_queue_with_too_many_letters_in_flight_gives_no_more(stub: Stub, sweep: Sweep) -> None:
    present(stub, 1)
    received(stub, letter(event()))
    stub("sqs").add_client_error("receive_message", "OverLimit")

    assert len(list(sweep.letters())) == 1


def test_letters_that_another_command_holds_are_counted(stub: Stub, sweep: Sweep) -> None:
    present(stub, 1, held=2)
    received(stub, letter(event()))
    received(stub)
    present(stub, 0, held=3)

    assert (len(list(sweep.letters())), sweep.unread()) == (1, 2)


def test_letters_that_another_command_took_away_meanwhile_are_not_counted(stub: Stub, sweep: Sweep) -> None:
    present(stub, 3)
    received(stub, letter(event()))
    received(stub)
    present(stub, 0, held=1)  # this sweep's own

    assert (len(list(sweep.letters())), sweep.unread()) == (1, 0)


def test_letters_that_came_meanwhile_do_not_count_as_held(stub: Stub, sweep: Sweep) -> None:
    later = Message("2", "h", letter(event()).message.body, datetime.now(UTC) + timedelta(minutes=1), {})
    swept(stub, letter(event()), Letter.read(later))
    present(stub, 3, held=2)

    assert (len(list(sweep.letters())), sweep.unread()) == (1, 1)


def test_letters_that_were_not_taken_are_unread_also_if_they_were_received(stub: Stub, sweep: Sweep) -> None:
    present(stub, 3)
    received(stub, *(letter(event(), name=name) for name in "123"))
    present(stub, 0, held=3)

    assert (len(list(islice(sweep.letters(), 1))), sweep.unread()) == (1, 2)


def test_an_interrupt_during_a_receive_leaves_no_message_hidden(
    target: Target, stub: Stub, sweep: Sweep
) -> None:
    interrupted_during(target, "ReceiveMessage")
    present(stub, 1)
    received(stub, letter(event()))
    released(stub, "handle-1")

    with pytest.raises(KeyboardInterrupt):
        list(sweep.letters())
    sweep.end()


def test_an_interrupt_during_the_end_leaves_no_message_hidden(
    target: Target, stub: Stub, sweep: Sweep
) -> None:
    names = [f"{number:02d}" for number in range(11)]
    swept(stub, *(letter(event(), name=name) for name in names))
    released(stub, *(f"handle-{name}" for name in names[:10]))
    released(stub, f"handle-{names[10]}")
    list(sweep.letters())
    interrupted_during(target, "ChangeMessageVisibilityBatch")

    with pytest.raises(KeyboardInterrupt):
        sweep.end()


def test_a_letter_whose_deletion_failed_is_made_visible(stub: Stub, sweep: Sweep) -> None:
    swept(stub, letter(event()))
    (found,) = sweep.letters()
    stub("sqs").add_client_error("delete_message_batch", "AWS.SimpleQueueService.NonExistentQueue")
    released(stub, "handle-1")

    with pytest.raises(NrtiError):
        sweep.remove(found)
    sweep.end()


def test_a_queue_that_is_gone_is_named(stub: Stub, sweep: Sweep) -> None:
    stub("sqs").add_client_error("get_queue_attributes", "AWS.SimpleQueueService.NonExistentQueue")

    with pytest.raises(NrtiError, match="dead-letter queue does not exist: run nrti bootstrap"):
        list(sweep.letters())
