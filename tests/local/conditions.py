"""Conditions under which a command may have to work, or to say in one line why it cannot.

They hold for root as well, for whom no directory is read-only by its permissions.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import struct
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

#: No server listens there.
_DEAD_PROXY = "http://127.0.0.1:9"
_STRANGER = 54321
#: Of Linux: capabilities(7), prctl(2).
_CAPABILITIES_3, _BOUNDING_SET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 0x20080522, 24, 1, 2
_LARGEST_FILE = 4096


@dataclass(frozen=True)
class Condition:
    """What is different from usual.

    Attributes:
        env: what is set; an empty value is unset.
        cwd: the working directory.
        prepare: what the process does to itself before the command begins.
        arguments: beside the command's own, if it takes them.
        prevents_start: whether no embedded AWS can be started so.
        harmless: whether all commands work as usual.
    """

    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    prepare: Callable[[], None] | None = None
    arguments: tuple[str, ...] = ()
    prevents_start: bool = False
    harmless: bool = False


def _close_stdout() -> None:
    os.close(1)
    sys.stdout = None


def _lose_reader() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, 1)


def _fill_stdout() -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def _speak_ascii() -> None:
    sys.stdout = open(1, "w", encoding="ascii", closefd=False)  # noqa: SIM115 (it lives as long as the process)
    sys.stderr = open(2, "w", encoding="ascii", closefd=False)  # noqa: SIM115


def _lose_directory() -> None:
    place = Path("gone").absolute()
    place.mkdir(exist_ok=True)
    os.chdir(place)
    place.rmdir()


def _fill_disk() -> None:
    """No file may grow beyond some bytes: what is longer fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    # Python would keep the begin of a compiled module, with which no later command of the tests could run.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def become_stranger() -> None:
    """The home directory belongs to another user; root gives up what lets it open that all the same."""
    home = Path(os.environ["NRTI_HOME"])
    if os.getuid():
        home.chmod(0)
        return
    home.chmod(0o700)
    os.chown(home, _STRANGER, _STRANGER)
    libc = ctypes.CDLL(None)
    header, sets = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    for capability in _DAC_OVERRIDE, _DAC_READ_SEARCH:
        libc.prctl(_BOUNDING_SET_DROP, capability, 0, 0, 0)  # of programs that are started, too
        sets[0] &= ~(1 << capability)
        sets[1] &= ~(1 << capability)
    libc.capset(header, sets)


def _take_terminal(columns: int) -> None:
    """Stdout is a terminal of its own; a process reads along until the command has ended."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    if not os.fork():
        os.close(slave)
        with open(1, "wb", closefd=False) as out:
            try:
                while part := os.read(master, 65536):
                    out.write(part)
            except OSError:
                pass
        os._exit(0)
    os.close(master)
    os.dup2(slave, 1)


CONDITIONS: dict[str, Condition] = {
    "as usual": Condition(harmless=True),
    "no network": Condition(
        env={
            "HTTPS_PROXY": _DEAD_PROXY,
            "HTTP_PROXY": _DEAD_PROXY,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        arguments=("--target", "aws", "--region", "eu-west-1"),
    ),
    "no home": Condition(env={"HOME": "", "NRTI_HOME": "~no-such-user/nrti"}, prevents_start=True),
    "home cannot be written": Condition(env={"NRTI_HOME": "/proc/nrti"}, prevents_start=True),
    "home is a file": Condition(env={"NRTI_HOME": "/etc/passwd"}, prevents_start=True),
    "home of another user": Condition(prepare=become_stranger, prevents_start=True),
    "directory cannot be written": Condition(cwd=Path("/proc"), harmless=True),
    "directory is gone": Condition(prepare=_lose_directory),
    "full disk": Condition(prepare=_fill_disk, prevents_start=True),
    "stdout closed": Condition(prepare=_close_stdout, harmless=True),
    "stdout's reader gone": Condition(prepare=_lose_reader),
    "stdout full": Condition(prepare=_fill_stdout),
    "ASCII locale": Condition(
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        prepare=_speak_ascii,
        harmless=True,
    ),
    "40 columns": Condition(prepare=partial(_take_terminal, 40), env={"TERM": "xterm"}, harmless=True),
    "TERM=dumb": Condition(prepare=partial(_take_terminal, 80), env={"TERM": "dumb"}, harmless=True),
    "a dead proxy": Condition(env={"HTTP_PROXY": _DEAD_PROXY, "http_proxy": _DEAD_PROXY}, harmless=True),
    "broken AWS files": Condition(
        env=dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), __file__), harmless=True
    ),
    "unknown profile": Condition(env={"AWS_PROFILE": "no-such-profile"}, harmless=True),
}
