import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nrti_local.lambda_.channel import Channel

ECHO = """
import os, sys
os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY | os.O_APPEND), 2)
for line in sys.stdin:
    if line == "end\\n":
        sys.exit()
    if line != "silence\\n":
        print("asked", file=sys.stderr)
        print(line, end="", flush=True)
"""

Ask = Callable[[bytes, float], bytes]


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    log = tmp_path / "log"
    command = [sys.executable, "-c", ECHO, str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Channel(process, log)
        process.terminate()


@pytest.fixture(params=["blocking", "on a loop"])
def ask(request: pytest.FixtureRequest, channel: Channel) -> Ask:
    def on_a_loop(line: bytes, seconds: float) -> bytes:
        return asyncio.run(channel.answer(line, seconds))

    return channel.ask if request.param == "blocking" else on_a_loop


def test_a_line_comes_back_however_long_it_is(ask: Ask) -> None:
    for line in (b"short\n", b"x" * 300_000 + b"\n"):
        assert ask(line, 10) == line


def test_what_was_printed_is_read_once(ask: Ask, channel: Channel) -> None:
    assert channel.log() == ""
    ask(b"1\n", 10)
    assert channel.log() == "asked"
    assert channel.log() == ""


def test_the_log_begins_anew_when_it_is_large(channel: Channel, tmp_path: Path) -> None:
    channel.ask(b"1\n", 10)
    with (tmp_path / "log").open("ab") as log:
        log.write(b"x" * (1 << 20))
    assert len(channel.log()) > 1 << 20
    channel.ask(b"2\n", 10)
    assert channel.log() == "asked"
    assert (tmp_path / "log").stat().st_size == len("asked\n")


def test_a_process_that_ends_is_noticed(ask: Ask) -> None:
    with pytest.raises(EOFError):
        ask(b"end\n", 10)


def test_a_process_that_does_not_answer_is_given_up(ask: Ask) -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        ask(b"silence\n", 0.05)
    assert time.monotonic() - began < 5


def test_a_process_that_is_dropped_in_the_midst_of_an_invocation_is_noticed(tmp_path: Path) -> None:
    async def drop() -> None:
        command = [sys.executable, "-c", ECHO, str(tmp_path / "log")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        asked = asyncio.ensure_future(Channel(process, tmp_path / "log").answer(b"silence\n", 20))
        await asyncio.sleep(0)  # until it waits for the answer
        process.kill()
        process.wait()
        del process
        await asked

    with pytest.raises(EOFError):
        asyncio.run(drop())
