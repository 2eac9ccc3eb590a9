"""Downloads packages of Debian and unpacks them into a directory. Nothing is installed; root is not needed.

    python3 scripts/debian.py DIRECTORY PACKAGE...

The lists of packages are read anew into the directory, so those of the system stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

_NEEDED = ("apt-get", "dpkg-deb")
_INTERRUPTED = 130


def main(place: str, *packages: str) -> int:
    """Unpacks the packages, without those that they depend on, and returns the exit code."""
    missing = [program for program in _NEEDED if not shutil.which(program)]
    if missing:
        print(f"{', '.join(missing)} missing: {packages[0]} comes from Debian's packages", file=sys.stderr)
        return 1
    print(f"unpacking {len(packages)} packages of Debian into {place}/", flush=True)
    directory = Path(place).resolve()
    archives = directory / "archives"
    try:
        return 0 if _unpack(packages, archives, directory) else 1
    except KeyboardInterrupt:
        print("interrupted; the same command starts anew", file=sys.stderr)
        return _INTERRUPTED
    finally:
        shutil.rmtree(archives, ignore_errors=True)


def _unpack(packages: tuple[str, ...], archives: Path, directory: Path) -> bool:
    for each in (archives / "lists" / "partial", archives / "cache" / "archives" / "partial"):
        each.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::State::Lists={archives / 'lists'}"]
    apt += ["-o", f"Dir::Cache={archives / 'cache'}"]
    done = _run([*apt, "update"], archives) and _run([*apt, "download", *packages], archives)
    for archive in sorted(archives.glob("*.deb")):
        done = done and _run(["dpkg-deb", "--extract", str(archive), str(directory)], archives)
    return done


def _run(command: list[str], directory: Path) -> bool:
    """Runs a program in a directory, and shows what it says only if it fails."""
    ended = subprocess.run(
        command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if ended.returncode:
        print(ended.stdout, end="", file=sys.stderr)
    return not ended.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
