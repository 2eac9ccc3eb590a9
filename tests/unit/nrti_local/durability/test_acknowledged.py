"""A schedule or a secret is on the disk before its writer has the answer."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from nrti_local.durability import acknowledged
from nrti_local.durability.acknowledged import ACKNOWLEDGEMENTS, Acknowledgements


class Disk:
    """Snapshots that end when the test lets them."""

    def __init__(self) -> None:
        self.began = 0
        self.may_end = asyncio.Semaphore(0)

    async def save(self) -> None:
        self.began += 1
        await self.may_end.acquire()


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_all_that_wait_share_the_next_snapshot() -> None:
    async def run() -> None:
        disk, acknowledgements = Disk(), Acknowledgements()
        acknowledgements.use(disk.save)
        first = asyncio.create_task(acknowledgements.saved())
        await _settle()
        later = [asyncio.create_task(acknowledgements.saved()) for _ in range(3)]
        await _settle()
        assert (disk.began, first.done()) == (1, False)

        disk.may_end.release()
        await first
        await _settle()
        assert (disk.began, [each.done() for each in later]) == (2, [False] * 3)

        disk.may_end.release()
        await asyncio.gather(*later)
        assert disk.began == 2

    asyncio.run(run())


def test_without_snapshots_nothing_waits() -> None:
    asyncio.run(Acknowledgements().saved())


def _scope(service: str, *, method: str = "POST", target: str = "") -> dict[str, Any]:
    credential = f"AWS4-HMAC-SHA256 Credential=test/20261122/eu-central-2/{service}/aws4_request"
    headers = [(b"authorization", credential.encode())]
    headers += [(b"x-amz-target", target.encode())] if target else []
    return {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": headers}


@pytest.mark.parametrize(
    ("scope", "waits"),
    [
        (_scope("ssm", target="AmazonSSM.PutParameter"), True),
        (_scope("ssm", target="AmazonSSM.GetParameter"), False),
        (_scope("secretsmanager", target="secretsmanager.CreateSecret"), True),
        (_scope("scheduler"), True),
        (_scope("scheduler", method="DELETE"), True),
        (_scope("scheduler", method="GET"), False),
        (_scope("dynamodb", target="DynamoDB_20120810.PutItem"), False),
    ],
)
def test_a_change_waits_and_nothing_else(scope: dict[str, Any], waits: bool) -> None:
    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def run() -> None:
        disk, sent = Disk(), list[str]()
        ACKNOWLEDGEMENTS.use(disk.save)

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message["type"])

        serving: asyncio.Task[None] = asyncio.create_task(acknowledged.before(answer)(scope, answer, send))  # type: ignore[arg-type]
        await _settle()
        assert (disk.began, sent) == (
            (1, []) if waits else (0, ["http.response.start", "http.response.body"])
        )
        disk.may_end.release()
        await serving
        assert sent == ["http.response.start", "http.response.body"]

    asyncio.run(run())
    ACKNOWLEDGEMENTS.__init__()  # type: ignore[misc]
