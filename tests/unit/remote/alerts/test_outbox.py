"""No message is lost or sent twice when other writers interfere or the function is killed at any point."""

from __future__ import annotations

from typing import Any

import pytest

from nrti_cli.remote.alerts_function import outbox
from nrti_cli.remote.alerts_function.outbox import UNCONFIRMED, Message
from nrti_cli.remote.alerts_function.store import Store
from nrti_cli.remote.alerts_function.webhook import Answer
from tests.unit.remote.alerts.conftest import MINUTE, NOW, MemoryS3

ACCEPTED, FAILED = Answer(True, "200 OK"), Answer(False, "503 Service Unavailable")
UNSURE = Answer(False, "no answer (TimeoutError)", certain=False)


class Receiver:
    """Answers in turn, and keeps what it got."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.got: list[str] = []

    def __call__(self, message: Message) -> Answer:
        self.got.append(message["text"])
        return self.answers.pop(0) if self.answers else ACCEPTED


@pytest.fixture
def waiting(s3: MemoryS3) -> MemoryS3:
    """An evaluation has put a message into the outbox."""
    state: dict[str, Any] = {"rules": {"r": {}}}
    outbox.add(state, "r", ["webhook"], "begun")
    s3.state = state
    return s3


def _more(s3: MemoryS3, text: str, channel: str = "webhook") -> None:
    state = s3.state
    outbox.add(state, "r", [channel], text)
    s3.state = state


def test_a_message_is_sent_once(store: Store, waiting: MemoryS3) -> None:
    receiver = Receiver()

    results = [outbox.deliver(store, receiver, NOW) for _ in range(3)]

    assert receiver.got == ["begun"]
    assert results == [[{"rule": "r", "channel": "webhook", "answer": "200 OK"}], [], []]
    assert waiting.state["outbox"] == []
    assert waiting.state["rules"]["r"]["sent"] == {"webhook": {"at": NOW, "answer": "200 OK"}}


def test_of_two_functions_at_once_one_sends(store: Store, waiting: MemoryS3) -> None:
    first, second = Receiver(), Receiver()
    waiting.meanwhile.append(lambda: outbox.deliver(store, second, NOW))

    outbox.deliver(store, first, NOW)

    assert (first.got, second.got) == ([], ["begun"])


def test_a_message_that_is_being_sent_is_left_to_the_other(store: Store, waiting: MemoryS3) -> None:
    other = Receiver()

    def slow(message: Message) -> Answer:
        outbox.deliver(store, other, NOW + MINUTE)
        return Receiver()(message)

    outbox.deliver(store, slow, NOW)

    assert other.got == []
    assert waiting.state["outbox"] == []


@pytest.mark.usefixtures("waiting")
def test_after_a_kill_before_the_claim_the_next_one_sends(store: Store) -> None:
    receiver = Receiver()

    outbox.deliver(store, receiver, NOW + 5 * MINUTE)

    assert receiver.got == ["begun"]


def test_after_a_kill_while_it_was_sent_it_is_not_sent_again(store: Store, waiting: MemoryS3) -> None:
    class KilledError(Exception):
        pass

    def killed(_: Message) -> Answer:
        raise KilledError

    with pytest.raises(KilledError):
        outbox.deliver(store, killed, NOW)
    _more(waiting, "over")
    receiver = Receiver()

    at_once = outbox.deliver(store, receiver, NOW + MINUTE)
    outbox.deliver(store, receiver, NOW + 3 * MINUTE)

    assert at_once == []
    assert receiver.got == ["over"]
    assert waiting.state["outbox"] == []


def test_what_was_not_confirmed_is_reported(store: Store, waiting: MemoryS3) -> None:
    state = waiting.state
    state["outbox"][0]["claimed_at"] = NOW - 10 * MINUTE
    waiting.state = state

    outbox.deliver(store, Receiver(), NOW)

    assert waiting.state["rules"]["r"]["sent"]["webhook"]["answer"] == UNCONFIRMED


def test_a_receiver_that_fails_is_tried_again_in_order(store: Store, waiting: MemoryS3) -> None:
    _more(waiting, "over")
    _more(waiting, "begun", "e-mail")
    receiver = Receiver(FAILED)

    outbox.deliver(store, receiver, NOW)
    tried = list(receiver.got)
    noted = waiting.state["rules"]["r"]["sent"]["webhook"]["answer"]
    outbox.deliver(store, receiver, NOW + MINUTE)

    assert tried == ["begun", "begun"]  # of the webhook, and of the e-mail
    assert noted == "503 Service Unavailable, tried 1 times"
    assert receiver.got[2:] == ["begun", "over"]


def test_without_an_answer_it_is_not_sent_again(store: Store, waiting: MemoryS3) -> None:
    receiver = Receiver(UNSURE)

    outbox.deliver(store, receiver, NOW)
    outbox.deliver(store, receiver, NOW + MINUTE)

    assert receiver.got == ["begun"]
    assert waiting.state["rules"]["r"]["sent"]["webhook"]["answer"] == UNSURE.text


def test_after_an_hour_of_failures_it_is_dropped(store: Store, waiting: MemoryS3) -> None:
    receiver = Receiver(*[FAILED] * 100)
    for minute in range(100):
        outbox.deliver(store, receiver, NOW + minute * MINUTE)

    assert len(receiver.got) == 60
    assert waiting.state["outbox"] == []


def test_a_slow_receiver_does_not_use_up_the_functions_time(store: Store, waiting: MemoryS3) -> None:
    _more(waiting, "begun", "e-mail")
    receiver, seconds = Receiver(), iter([0.0, 1.0, 31.0])

    outbox.deliver(store, receiver, NOW, lambda: next(seconds))

    assert receiver.got == ["begun"]
    assert [message.get("claimed_at") for message in waiting.state["outbox"]] == [None]
