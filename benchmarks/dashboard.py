"""The live page in a headless Chromium: how soon it shows what was stored, and what it costs."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from tests.local.browser import chromium, executable
from tests.local.dashboards import Dashboard, running

from benchmarks.lake import fill
from benchmarks.page_load import asking, putting
from benchmarks.report import Measurement
from benchmarks.system import NRTI, own_home, target
from benchmarks.tail import put
from nrti_cli.aws.target import Target
from nrti_cli.stack.outputs import outputs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_SETTLING, _SECONDS = 5, 20
_ROWS = 1_000_000
#: A load that stays behind this share of its rate measures less than it says.
_REACHED = 0.95
#: Notes how old a failure is when it is drawn, and every frame and long task.
_PROBE = """
window.delays = []; window.frames = 0; window.longTasks = []; window.asked = [];
const ask = window.fetch;
window.fetch = async (...request) => {
  const answer = await ask(...request);
  const read = answer.json.bind(answer);
  answer.json = async () => {
    const data = await read();
    if (data.failures && !data.whole && data.failures.length) {
      const stored = data.failures[0].predicted_at;
      requestAnimationFrame(() => requestAnimationFrame(() => window.delays.push(Date.now() - stored)));
    }
    return data;
  };
  return answer;
};
const count = () => { window.frames += 1; requestAnimationFrame(count); };
requestAnimationFrame(count);
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
_TRAFFIC = """
performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .reduce((sum, entry) => sum + entry.transferSize, 0)
"""


def run() -> list[Measurement]:
    if executable() is None:
        return [Measurement("the page", "no Chromium is installed", "measured", met=False)]
    with own_home() as home, chromium() as browser:
        subprocess.run([NRTI, "bootstrap"], check=True, capture_output=True)
        aws = target()
        return [
            *_opening(browser, home, aws),
            _latency(browser, home, aws),
            *(
                measured
                for rate, share in ((400, 0.03), (3000, 0.15))
                for measured in _load(browser, home, aws, rate, share)
            ),
            _ten(browser, home, aws),
        ]


@contextmanager
def _opened(browser: Browser, home: Path, since: str) -> Iterator[tuple[Dashboard, Page]]:
    with running(home, "--since", since) as dashboard:
        context = browser.new_context(viewport={"width": 1440, "height": 1100})
        page = context.new_page()
        page.add_init_script(_PROBE)
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for(timeout=60_000)
        yield dashboard, page
        context.close()


def _opening(browser: Browser, home: Path, aws: Target) -> Iterator[Measurement]:
    """The page with a day of history; the lake has a million events of each of two days."""
    today = datetime.now(UTC).date()
    for day in (today - timedelta(days=1), today):
        fill(aws, outputs(aws), day, _ROWS, 20)
    with running(home, "--since", "24h") as dashboard:
        context = browser.new_context(viewport={"width": 1440, "height": 1100})
        page = context.new_page()
        address = dashboard.address
        began = time.perf_counter()
        page.goto(address)
        page.locator("#rate-note", has_text="in 1 d").get_by_text("0,").or_(
            page.locator("#models li").first
        ).first.wait_for(timeout=60_000)
        whole = time.perf_counter() - began
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        traffic = page.evaluate(_TRAFFIC)
        count = int(page.locator("#rate-note").inner_text().split()[0].replace(",", ""))
        context.close()
    yield Measurement("first paint", f"{paint:.0f} ms", "<= 500 ms", paint <= 500)
    yield Measurement(
        f"a day of history, {count:,} events, all drawn", f"{whole:.2f} s", "<= 3 s", whole <= 3
    )
    yield Measurement(
        "what travels to the browser at first", f"{traffic / 1000:.0f} kB", "<= 300 kB", traffic <= 300_000
    )


def _latency(browser: Browser, home: Path, aws: Target) -> Measurement:
    """Events that come one by one."""
    with _opened(browser, home, "1m") as (_, page):
        for number in range(40):
            put(aws, 1)
            page.wait_for_timeout(400 + 37 * (number % 10))
        page.wait_for_timeout(1_000)
        delays = sorted(page.evaluate("window.delays"))
    p50, p95 = statistics.median(delays), delays[int(0.95 * len(delays))]
    return Measurement(
        f"stored to drawn, {len(delays)} single events", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms",
        "p50 <= 250 ms, p95 <= 500 ms", p50 <= 250 and p95 <= 500,
    )  # fmt: skip


def _load(browser: Browser, home: Path, aws: Target, rate: int, share: float) -> Iterator[Measurement]:
    with _opened(browser, home, "1m") as (dashboard, page), putting(aws, rate) as load:
        page.wait_for_timeout(_SETTLING * 1000)
        process = psutil.Process(dashboard.process.pid)
        memory, frames = process.memory_info().rss, page.evaluate("window.frames")
        began = time.perf_counter()
        used = _share(process, lambda: page.wait_for_timeout(_SECONDS * 1000))
        drawn = (page.evaluate("window.frames") - frames) / (time.perf_counter() - began)
        longest = max(page.evaluate("window.longTasks"), default=0)
        seen = int(page.locator("#rate-note").inner_text().split()[0].replace(",", ""))
        size = process.memory_info().rss
    yield Measurement(
        f"the server at {rate:,}/s", f"{used:.1%} of a core at {load.rate:,.0f}/s", f"<= {share:.0%}",
        used <= share and load.rate >= _REACHED * rate,
        f"stored past the API in batches of 25; {seen:,} events in the last minute",
    )  # fmt: skip
    if rate == 400:
        yield Measurement(f"frames at {rate}/s", f"{drawn:.0f}/s", ">= 50/s", drawn >= 50)
    yield Measurement(
        f"the longest task of the page at {rate:,}/s", f"{longest:.0f} ms", "< 200 ms", longest < 200
    )
    yield Measurement(
        f"memory of the server at {rate:,}/s", f"{size / 1e6:.0f} MB", "<= 60 MB", size <= 60e6,
        f"{(size - memory) / 1e6:+.1f} MB in {_SECONDS} s",
    )  # fmt: skip


def _ten(browser: Browser, home: Path, aws: Target) -> Measurement:
    """Nine programs that ask as browsers do, beside a browser."""
    with _opened(browser, home, "1m") as (dashboard, page), putting(aws, 400):
        page.wait_for_timeout(_SETTLING * 1000)
        process = psutil.Process(dashboard.process.pid)
        one = _share(process, lambda: page.wait_for_timeout(_SECONDS * 1000))
        with asking(dashboard, 9, 60):
            ten = _share(process, lambda: page.wait_for_timeout(_SECONDS * 1000))
    return Measurement(
        "the server with ten browsers at 400/s", f"{ten:.1%} of a core", "one browser + 3 %",
        ten <= one + 0.03, f"one browser: {one:.1%}",
    )  # fmt: skip


def _share(process: psutil.Process, wait: Callable[[], None]) -> float:
    """The share of a core that a process uses meanwhile."""
    began, before = time.perf_counter(), _used(process)
    wait()
    return (_used(process) - before) / (time.perf_counter() - began)


def _used(process: psutil.Process) -> float:
    times: Any = process.cpu_times()
    return float(times.user + times.system)
