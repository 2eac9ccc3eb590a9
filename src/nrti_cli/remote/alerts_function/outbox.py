"""The messages to send: none is lost, and none is sent twice.

A message is part of the state that an evaluation writes. It is claimed by another write before it is sent,
and removed by a third one afterwards. If the function is killed before the claim, the next evaluation sends
it. If it is killed while it sends, the receiver may have the message: it is not sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .store import State, Store
from .webhook import Answer

#: A claim that is older belongs to a function that was killed.
_CLAIM_MS = 120_000
#: After so many failures, one a minute, a message is dropped.
_MOST_TRIES = 60
#: Messages that are left after this time are sent by the next evaluation: the function's timeout is 60 s.
_BUDGET_SECONDS = 30.0
UNCONFIRMED = "not confirmed: interrupted while it was sent"

Message = dict[str, Any]
#: Sends a message.
Sender = Callable[[Message], Answer]
#: A rule and a channel.
Receiver = tuple[str, str]


def add(state: State, rule: str, channels: list[str], text: str) -> None:
    """Adds a message, once for each channel."""
    outbox = state.setdefault("outbox", [])
    for channel in channels:
        state["messages"] = state.get("messages", 0) + 1
        outbox.append({"id": state["messages"], "rule": rule, "channel": channel, "text": text, "tries": 0})


def deliver(
    store: Store, send: Sender, now: int, clock: Callable[[], float] = time.monotonic
) -> list[dict[str, Any]]:
    """Sends the messages that wait, the oldest first; returns what came of each.

    After a failure, further messages to the same receiver wait for the next evaluation.
    """
    results = []
    failed: set[Receiver] = set()
    began = clock()
    while clock() - began < _BUDGET_SECONDS:
        message = store.change(lambda state: _claim(state, now, failed))
        if message is None:
            break
        answer = send(message)
        _record(store, message, answer, now)
        results.append({"rule": message["rule"], "channel": message["channel"], "answer": answer.text})
        if not answer.delivered:
            failed.add(_receiver(message))
    return results


def _receiver(message: Message) -> Receiver:
    return message["rule"], message["channel"]


def _claim(state: State, now: int, failed: set[Receiver]) -> Message | None:
    """Claims the first message whose receiver gets no other one at this moment."""
    occupied = set(failed)
    for message in list(state.get("outbox", ())):
        claimed_at = message.get("claimed_at")
        if claimed_at is not None and now - claimed_at > _CLAIM_MS:
            _remove(state, message, now, UNCONFIRMED)
        elif claimed_at is None and _receiver(message) not in occupied:
            message["claimed_at"] = now
            return dict(message)
        else:
            occupied.add(_receiver(message))
    return None


def _record(store: Store, message: Message, answer: Answer, now: int) -> None:
    def settle(state: State) -> None:
        for mine in [each for each in state.get("outbox", ()) if each["id"] == message["id"]]:
            mine["tries"] += 1
            if answer.delivered or not answer.certain or mine["tries"] >= _MOST_TRIES:
                _remove(state, mine, now, answer.text)
            else:
                del mine["claimed_at"]
                _note(state, mine, now, f"{answer.text}, tried {mine['tries']} times")

    store.change(settle)


def _remove(state: State, message: Message, now: int, text: str) -> None:
    state["outbox"].remove(message)
    _note(state, message, now, text)


def _note(state: State, message: Message, now: int, text: str) -> None:
    """Keeps what came of the last message by each channel, for `nrti alert list`."""
    rule = state.get("rules", {}).get(message["rule"])
    if rule is not None:
        rule.setdefault("sent", {})[message["channel"]] = {"at": now, "answer": text}
