import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_local.lambda_.channel import Channel

ECHO = """
import os, sys
from nrti_local.server.shared.framing import PREFIX, pack

os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_APPEND), 2)
while prefix := sys.stdin.buffer.read(PREFIX.size):
    head, body = PREFIX.unpack(prefix)
    header, content = sys.stdin.buffer.read(head), sys.stdin.buffer.read(body)
    if content == b"end":
        sys.exit()
    if content != b"silence":
        print("asked", file=sys.stderr)
        sys.stdout.buffer.write(pack({"echo": header.decode()}, content))
        sys.stdout.buffer.flush()
"""


class Process:
    """An echo in a process of its own."""

    def __init__(self, log: Path) -> None:
        self.log = log
        command = [sys.executable, "-c", ECHO, str(log)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdin
        assert self.process.stdout
        self.channel = Channel(self.process.stdin, self.process.stdout, log)

    def ask(self, body: bytes, seconds: float = 20) -> tuple[dict[str, object], bytes]:
        """Each time on another event loop, as the callers of a worker have."""

        async def ask() -> tuple[dict[str, object], bytes]:
            async with asyncio.timeout(seconds):
                return await self.channel.ask({}, body)

        return asyncio.run(ask())


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Process]:
    started = Process(tmp_path / "log")
    yield started
    started.process.kill()
    started.process.wait()


def test_a_message_comes_back_whatever_its_length(echo: Process) -> None:
    for body in (b"", b"short\n", b"x" * 300_000):
        assert echo.ask(body) == ({"echo": "{}"}, body)


def test_what_was_printed_is_read_once(echo: Process) -> None:
    assert echo.channel.log() == ""
    echo.ask(b"1")
    assert echo.channel.log() == "asked"
    assert echo.channel.log() == ""


def test_the_log_begins_anew_when_it_is_large(echo: Process) -> None:
    echo.ask(b"1")
    with echo.log.open("ab") as log:
        log.write(b"x" * (1 << 20))
    assert len(echo.channel.log()) > 1 << 20
    echo.ask(b"2")
    assert echo.channel.log() == "asked"
    assert echo.log.stat().st_size == len("asked\n")


def test_a_process_that_ends_is_noticed(echo: Process) -> None:
    with pytest.raises(EOFError):
        echo.ask(b"end")
    echo.process.wait()
    with pytest.raises(EOFError):
        echo.ask(b"again")


def test_a_process_that_does_not_answer_is_given_up(echo: Process) -> None:
    with pytest.raises(TimeoutError):
        echo.ask(b"silence", 0.05)


def test_a_process_that_is_killed_during_an_invocation_is_noticed(echo: Process) -> None:
    async def kill() -> None:
        asked = asyncio.ensure_future(echo.channel.ask({}, b"silence"))
        await asyncio.sleep(0)  # until it waits for the answer
        echo.process.kill()
        await asked

    with pytest.raises(EOFError):
        asyncio.run(kill())
