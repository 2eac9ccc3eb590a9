"""In how many pieces an answer leaves, and that none of it stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import pytest

from nrti_local.server.http_protocol import _Pairing


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def _sent(use: Callable[[_Pairing], None]) -> tuple[list[bytes], list[bytes]]:
    """What has left at once, and what after a turn of the loop."""

    async def run() -> tuple[list[bytes], list[bytes]]:
        wire = Wire()
        use(_Pairing(wire, asyncio.get_running_loop()))
        at_once = list(wire.sent)
        await asyncio.sleep(0)
        return at_once, wire.sent

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("pieces", "at_once", "after"),
    [
        ([b"head", b"body"], [b"headbody"], [b"headbody"]),
        ([b"head", b""], [b"head"], [b"head"]),
        ([b"head"], [], [b"head"]),
        ([b"head", b"1", b"2"], [b"head1"], [b"head1", b"2"]),
        ([b""], [], []),
    ],
)
def test_a_head_leaves_with_what_follows(
    pieces: list[bytes], at_once: list[bytes], after: list[bytes]
) -> None:
    def write(transport: _Pairing) -> None:
        for piece in pieces:
            transport.write(piece)

    assert _sent(write) == (at_once, after)


def test_an_end_leaves_nothing_behind() -> None:
    def end(transport: _Pairing) -> None:
        transport.write(b"head")
        transport.close()
        assert transport.is_closing()

    assert _sent(end) == ([b"head"], [b"head"])


def test_a_lost_connection_is_not_written_to() -> None:
    def lose(transport: _Pairing) -> None:
        transport.write(b"head")
        transport._transport.close()

    assert _sent(lose) == ([], [])
