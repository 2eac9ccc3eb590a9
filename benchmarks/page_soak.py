"""`make soak-page`: an open page for a long time, in which neither the server nor the page may grow.

`python -m benchmarks.page_soak [DURATION] [RATE]`, 30m at 50 events a second if left out.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import psutil
from tests.local.browser import chromium
from tests.local.dashboards import running

from benchmarks.page_load import putting
from benchmarks.report import Measurement, section
from benchmarks.system import NRTI, own_home, target
from nrti_cli.durations import parse_duration, show_duration

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SAMPLE_SECONDS = 15
#: The rings of the period that is shown fill in the first part; growth is that of the rest.
_WARM_UP = 1 / 3
_SERVER_BYTES, _GROWTH = 60e6, 1e6


def main() -> None:
    """Runs it, shows a line for each sample, and exits with 1 if something grew."""
    duration = parse_duration(sys.argv[1]) if len(sys.argv) > 1 else 1800.0
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    samples: list[tuple[float, int, int]] = []
    with own_home() as home, chromium() as browser:
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        with running(home, "--since", "5m") as dashboard, putting(target(), rate):
            page = browser.new_page()
            page.goto(dashboard.address)
            process, began = psutil.Process(dashboard.process.pid), time.monotonic()
            while time.monotonic() < began + duration:
                page.wait_for_timeout(_SAMPLE_SECONDS * 1000)
                samples.append((time.monotonic() - began, process.memory_info().rss, _heap(page)))
                print(_shown(*samples[-1]), flush=True)
    found = _judged(samples, duration)
    print(section(f"An open page for {show_duration(duration)} at {rate:g}/s", found))
    sys.exit(0 if all(each.met for each in found) else 1)


def _heap(page: Page) -> int:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = int(session.send("Runtime.getHeapUsage")["usedSize"])
    session.detach()
    return used


def _shown(seconds: float, server: int, heap: int) -> str:
    return f"{seconds:6.0f} s  server {server / 1e6:6.1f} MB  heap {heap / 1e6:5.2f} MB"


def _judged(samples: list[tuple[float, int, int]], duration: float) -> list[Measurement]:
    times, server, heap = np.array([each for each in samples if each[0] > duration * _WARM_UP]).T
    by_hour = [3600 * float(np.polyfit(times, values, 1)[0]) for values in (server, heap)]
    figures = (
        ("memory of the server", server.max(), "<= 60 MB", _SERVER_BYTES),
        ("growth of the server in an hour", by_hour[0], "< 1 MB", _GROWTH),
        ("growth of the page's heap in an hour", by_hour[1], "< 1 MB", _GROWTH),
    )
    return [
        Measurement(what, f"{found / 1e6:.1f} MB", bound, bool(found <= most))
        for what, found, bound, most in figures
    ]


if __name__ == "__main__":
    main()
