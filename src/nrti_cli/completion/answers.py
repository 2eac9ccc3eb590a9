"""Completes values in time, from a cache or from a lookup that is quick enough.

A key press waits 300 ms at most, from the start of the process. A slower lookup continues in a process of its
own for a few seconds; its result is available at the next key press.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import select
import shutil
import signal
import time
from pathlib import Path
from typing import NoReturn

from nrti_cli.completion.lookups import Kind, Options, look
from nrti_cli.home import home

#: Seconds from the start of the process to the response.
_PATIENCE = 0.3
#: Seconds for which a cached answer is used without a lookup, and for which it is better than none.
FRESH, USABLE = 30, 3600
#: Seconds after which a lookup is abandoned.
_LOOK_SECONDS = 10
#: Shells evaluate completions, and names of sensors come from events: names with other characters are
#: skipped.
_SAFE = re.compile(r"[A-Za-z0-9._@/+-]+")
#: What selects the AWS and the account, beside the options.
_ENVIRONMENT = (
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
)


def answer(kind: Kind, options: Options) -> list[str]:
    """The names of a kind, as far as they are known in time; rather none than too late."""
    place = place_of(kind, options)
    known, age = _kept(place)
    if age >= FRESH:
        found = _found(kind, options, place)
        if found is not None:
            known = found
        elif age >= USABLE:
            known = []
    return [value for value in known if _SAFE.fullmatch(value)]


def forget() -> None:
    """Deletes all cached answers, since the named resources were deleted."""
    shutil.rmtree(_directory(), ignore_errors=True)


def _directory() -> Path:
    return home() / "completion"


def place_of(kind: Kind, options: Options) -> Path:
    """The file of a cached answer; there is one for each AWS and stack."""
    remembered = home() / "target.json"
    where = [
        dict(options),
        [os.environ.get(name) for name in _ENVIRONMENT],
        remembered.read_text(encoding="utf-8") if remembered.exists() else "",
    ]
    return _directory() / f"{kind}-{hashlib.sha256(json.dumps(where).encode()).hexdigest()[:16]}.json"


def _kept(place: Path) -> tuple[list[str], float]:
    """The cached answer, and its age in seconds."""
    try:
        return json.loads(place.read_text(encoding="utf-8")), time.time() - place.stat().st_mtime
    except (OSError, ValueError):
        return [], float("inf")


def _found(kind: Kind, options: Options, place: Path) -> list[str] | None:
    """The result of a lookup, or None if it is not in time."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        _look(kind, options, place, writer)
    os.close(writer)
    deadline = time.monotonic() + _PATIENCE - _age()
    text = b""
    with contextlib.closing(os.fdopen(reader, "rb", buffering=0)) as pipe:
        while select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
            if not (part := pipe.read(65_536)):
                return json.loads(text) if text else None
            text += part
    return None


def _age() -> float:
    """Seconds since this process started; without /proc, its processor time."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return time.process_time()
    began = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # starttime, the 22nd of all fields
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began


def _look(kind: Kind, options: Options, place: Path, writer: int) -> NoReturn:
    """Runs a lookup in a process of its own, whose output the shell neither waits for nor receives."""
    with contextlib.suppress(BaseException):
        signal.alarm(_LOOK_SECONDS)
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        found = look(kind, options)
        _keep(found, place)
        os.write(writer, json.dumps(found).encode())
    os._exit(0)


def _keep(found: list[str], place: Path) -> None:
    """Caches an answer, if nrti has a directory on this machine."""
    if not home().is_dir():
        return
    place.parent.mkdir(exist_ok=True)
    part = place.with_name(f"{place.name}.{os.getpid()}")
    part.write_text(json.dumps(found), encoding="utf-8")
    part.replace(place)
