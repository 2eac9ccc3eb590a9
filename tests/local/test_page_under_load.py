"""The live page at 3,000 events a second, after a kill of the embedded AWS, and by axe-core's rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.page_load import putting

from nrti_cli.aws.target import Target
from nrti_local import process
from tests.local.browser import chromium, watched
from tests.local.browser import needed as browser_needed
from tests.local.conftest import Nrti
from tests.local.dashboards import FAILS, PASSES, running, send
from tests.local.own import Own
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.page,
    browser_needed,
]

_SECONDS = 60
_AXE = Path(__file__).parents[2] / ".venv-javascript" / "node_modules" / "axe-core" / "axe.min.js"
#: Fills a list with the milliseconds of each task that blocks the page.
_LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_no_task_blocks_it_for_long_at_3000_events_a_second(
    browser: Browser, nrti_home: Path, pipeline: Target
) -> None:
    with running(nrti_home, "--since", "1m") as dashboard, watched(browser) as context:
        page = context.new_page()
        page.add_init_script(_LONG_TASKS)
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for()
        heap = _heap(page)
        with putting(pipeline, 3000):
            page.wait_for_timeout(_SECONDS * 1000)

        assert max(page.evaluate("window.longTasks"), default=0) < 200
        assert _heap(page) - heap < 20_000_000
        count = int(page.locator("#rate-note").inner_text().split()[0].replace(",", ""))
        assert count > 30_000


def _heap(page: Page) -> int:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


def test_a_killed_embedded_aws_is_picked_up_again(browser: Browser, own: Own) -> None:
    own.home.mkdir(exist_ok=True)
    for command in (["bootstrap"], ["train", "--name", "failure-v1", "--rows", "2000"]):
        assert own.nrti(*command).returncode == 0
    with running(own.home, "--since", "5m", env=own.environment) as dashboard:
        context = browser.new_context()  # it reports errors meanwhile, as it should
        page = context.new_page()
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for()
        assert own.nrti("produce", "--rate", "100", "--count", "20").returncode == 0
        page.get_by_text("20 in 5 min").wait_for()

        process.kill(own.layout)
        page.get_by_text("trying again").wait_for(timeout=60_000)
        assert own.nrti("local", "start").returncode == 0
        assert own.nrti("produce", "--rate", "100", "--count", "20").returncode == 0

        page.get_by_text("40 in 5 min").wait_for(timeout=90_000)
        assert page.locator("#live").inner_text() == "live"
        context.close()


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(
    browser: Browser, nrti_home: Path, nrti: Nrti, theme: Any, width: int
) -> None:
    assert _AXE.exists(), "make test-page installs axe-core"
    until = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    labelled = nrti("label", "--sensor", "page-axe", "--from", "1h", "--to", until, "--label", "1")
    assert labelled.returncode == 0, labelled.stderr
    with running(nrti_home) as dashboard:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True
        )
        page = context.new_page()
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for()
        send(nrti, "page-axe", [FAILS] * 3 + [PASSES])
        page.locator("#latest tr").first.wait_for()
        page.locator("#sensors summary").click()
        page.add_script_tag(path=_AXE)
        found = [page.evaluate("axe.run()")]
        page.locator("#sensors summary").click()
        page.locator("#latest button").first.click()
        page.get_by_text("Find it again").wait_for()
        found.append(page.evaluate("axe.run()"))
        context.close()

    serious = [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for each in found
        for violation in each["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]
    assert not serious, json.dumps(serious, indent=2)


@pytest.mark.usefixtures("pipeline")
def test_the_page_says_that_the_dashboard_has_ended(browser: Browser, nrti_home: Path) -> None:
    with running(nrti_home) as dashboard:
        context = browser.new_context()
        page = context.new_page()
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for()
        assert dashboard.interrupt() == 0

        eventually(lambda: page.locator("#live").inner_text(), lambda text: "connection lost" in text)
        context.close()
