"""Checks of this machine, for any target."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from nrti_cli.aws.addressing import remembered
from nrti_cli.doctor.finding import Check, Finding, State
from nrti_cli.home import home

_PACKAGE = "nrti"
#: Free bytes below which a training or a day of events may not fit, and below which nothing fits.
_LITTLE_SPACE, _NO_SPACE = 2_000_000_000, 200_000_000
#: The packages whose versions are reported: the patched emulator, and the library of AWS's image.
_SHOWN = ("ministack", "scikit-learn")
_LOOPBACK = "127.0.0.1"


def checks() -> list[Check]:
    """All checks of the machine."""
    return [
        Check("Python", python),
        Check("packages", packages),
        Check("home", home_directory),
        Check("disk", disk),
        Check("ports", ports),
        Check("proxy", proxy),
    ]


def python() -> Finding:
    """Checks that nrti supports the Python version."""
    wanted = metadata(_PACKAGE)["Requires-Python"]
    found = f"{platform.python_version()} at {sys.executable}"
    if platform.python_version() not in SpecifierSet(wanted, prereleases=True):
        return Finding(
            "Python", "failed", f"{found}; nrti needs {wanted}", "install nrti with a newer Python"
        )
    return Finding("Python", "ok", found)


def packages() -> Finding:
    """Checks that all required packages are installed in supported versions."""
    needed = [Requirement(line) for line in requires(_PACKAGE) or []]
    wrong = [
        f"{each.name} {_version(each.name) or 'is missing'} (needs {each.specifier or 'any'})"
        for each in needed
        if (each.marker is None or each.marker.evaluate({"extra": ""})) and not _fits(each)
    ]
    if wrong:
        return Finding("packages", "failed", "; ".join(wrong), f"install {_PACKAGE} again")
    shown = ", ".join(f"{name} {_version(name)}" for name in _SHOWN)
    return Finding("packages", "ok", f"{_PACKAGE} {version(_PACKAGE)}, {shown}")


def _fits(needed: Requirement) -> bool:
    found = _version(needed.name)
    return found is not None and needed.specifier.contains(found, prereleases=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def home_directory() -> Finding:
    """Checks that nrti's directory is writable, and that its files can be read."""
    directory = home()
    place = _existing(directory)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Finding("home", "failed", f"{place} cannot be written ({error.strerror})", "set NRTI_HOME")
    last = remembered()
    meant = f"; the last target is {last.name}, stack {last.stack}" if last else "; nothing is deployed yet"
    return Finding("home", "ok", f"{directory}{meant}")


def _existing(path: Path) -> Path:
    """The path, or its nearest existing parent."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def disk() -> Finding:
    """Checks the free space for the state of the embedded AWS and for temporary files."""
    places = {_existing(home()), Path(tempfile.gettempdir())}
    free = {place: shutil.disk_usage(place).free for place in places}
    least = min(free, key=lambda place: free[place])
    found = f"{free[least] / 1e9:.1f} GB free at {least}"
    if free[least] < _LITTLE_SPACE:
        state: State = "failed" if free[least] < _NO_SPACE else "warn"
        return Finding("disk", state, found, "free some space, or set NRTI_HOME and TMPDIR to another disk")
    return Finding("disk", "ok", found)


def ports() -> Finding:
    """Checks that a server can listen on the loopback interface and be reached."""
    with socket.create_server((_LOOPBACK, 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address, timeout=2):
            return Finding("ports", "ok", f"{_LOOPBACK} accepts connections")


def proxy() -> Finding:
    """Checks that requests to this machine do not go through a proxy."""
    proxies = getproxies()
    named = ", ".join(sorted({re.sub(r"//.*@", "//", url) for url in proxies.values() if "://" in url}))
    if not named:
        return Finding("proxy", "ok", "none is set")
    if "http" in proxies and not proxy_bypass(_LOOPBACK):
        advice = f"nrti passes it by; for other clients, export NO_PROXY={_LOOPBACK}"
        return Finding("proxy", "warn", f"{named}, for {_LOOPBACK} too", advice)
    return Finding("proxy", "ok", f"{named}, not for {_LOOPBACK}")
