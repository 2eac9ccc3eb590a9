"""Counts the calls between nrti_local and the private functions of ministack that an event takes.

`measure` sends events to a patched ministack that counts. The server runs as `python -m tests.local.crossings
STATE PORT`, and answers the counts so far at `GET /_crossings`, by the caller and the function called.
"""

from __future__ import annotations

import dis
import json
import sys
import threading
import urllib.request
from collections import Counter
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from nrti_local.server.asgi import Application, Receive, Scope, Send, respond
from tests.local import patched, small_stack
from tests.local.small_stack import SmallStack
from tests.waiting import eventually

_PATH = "/_crossings"
_OURS, _THEIRS = "nrti_local.", "ministack."
#: Events before the count, after which caches are full, and events that are counted.
_WARM, _EVENTS = 20, 100
_counts: Counter[tuple[str, str, str, str]] = Counter()


def measure(state: Path) -> dict[str, float]:
    """The crossings of an event, by the caller and the function called, the most frequent first.

    Args:
        state: an empty directory.
    """
    with patched.start(state, __name__) as running:
        to_kinesis = {"StreamArn": {"Fn::GetAtt": ["Stream", "Arn"]}}
        small = small_stack.deploy(running.target, KinesisStreamSpecification=to_kinesis)
        before = _counts_after(small, _WARM)
        counts = _counts_after(small, _EVENTS) - before
    return {names: count / _EVENTS for names, count in counts.most_common()}


def _counts_after(small: SmallStack, events: int) -> Counter[str]:
    stored = _items(small)
    for number in range(stored, stored + events):
        assert small.post({"sensor": f"sensor-{number}", "data": [1, 2.5, 3]})[0] == 202
    eventually(lambda: _items(small), lambda items: items == stored + events)
    with urllib.request.urlopen(f"{small.target.endpoint_url}{_PATH}") as answer:  # noqa: S310 - our own
        return Counter(json.load(answer))


def _items(small: SmallStack) -> int:
    """Counts the items without a scan, which crosses too."""
    table = small.target.client("dynamodb").describe_table(TableName=small.ids["Table"])
    return int(table["Table"]["ItemCount"])


def _count(frame: FrameType, event: str, _argument: Any) -> None:
    """The profile hook, called at each call of a Python function."""
    if event != "call" or frame.f_back is None:
        return
    called, caller = frame.f_globals.get("__name__", ""), frame.f_back.f_globals.get("__name__", "")
    if caller.startswith(_OURS) and called.startswith(_THEIRS):
        if not frame.f_code.co_name.startswith("_"):
            return
    elif not (caller.startswith(_THEIRS) and called.startswith(_OURS)):
        return
    if frame.f_lasti <= _start(frame.f_code):
        _counts[caller, frame.f_back.f_code.co_name, called, frame.f_code.co_qualname] += 1


@cache
def _start(code: CodeType) -> int:
    """Where a function begins; a coroutine that goes on after a wait is called further on."""
    return next(each.offset for each in dis.get_instructions(code) if each.opname == "RESUME")


def _before(application: Application) -> Application:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != _PATH:
            await application(scope, receive, send)
            return
        counts = {" ".join(names): count for names, count in dict(_counts).items()}
        await respond(send, 200, [], json.dumps(counts).encode())

    return answer


if __name__ == "__main__":
    threading.setprofile(_count)
    sys.setprofile(_count)
    patched.serve(Path(sys.argv[1]), int(sys.argv[2]), _before)
