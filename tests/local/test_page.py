"""The page of `nrti dashboard` in a real browser; those marked `page` only in `make test-page`."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from nrti_cli.aws.target import Target
from nrti_cli.stack.names import UNPARKED, artifacts_bucket
from tests.local.browser import chromium, watched
from tests.local.browser import needed as browser_needed
from tests.local.conftest import Nrti
from tests.local.dashboards import FAILS, PASSES, Dashboard, running, send
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [
    pytest.mark.usefixtures("model"),
    browser_needed,
]

#: Milliseconds; on a busy machine everything takes its time.
_DEADLINE = 90_000
RUN = uuid.uuid4().hex[:8]
A, B = f"page-{RUN}-a", f"page-{RUN}-b"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def dashboard(nrti: Nrti, nrti_home: Path) -> Iterator[Dashboard]:
    with running(nrti_home, "--since", "15m") as found:
        found.follows()
        send(nrti, A, [FAILS] * 3 + [PASSES] * 7)
        send(nrti, B, [FAILS] * 2 + [PASSES] * 8)
        yield found


@pytest.fixture
def page(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    with watched(browser, viewport={"width": 1280, "height": 900}, color_scheme="light") as context:
        page = context.new_page()
        page.set_default_timeout(_DEADLINE)
        page.goto(dashboard.address)
        page.get_by_text("live", exact=True).wait_for()
        yield page


def choose(page: Page, *sensors: str) -> None:
    """Ticks sensors in the menu, which is closed again."""
    page.locator("#sensors summary").click()
    for sensor in sensors:
        page.get_by_label("Search sensors").fill(sensor)
        page.get_by_role("checkbox", name=re.compile(f"^{sensor}")).check()
    page.locator("#sensors summary").click()


def wait_for(page: Page, selector: str, text: str) -> None:
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_text(re.compile(text), timeout=_DEADLINE)


@contextmanager
def nothing_asked(page: Page) -> Iterator[None]:
    """Fails if the page sends a request meanwhile."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield
    page.evaluate("1")  # hands over the events of before
    assert not asked


def test_the_figures_are_those_of_the_chosen_sensors(page: Page, nrti: Nrti) -> None:
    from playwright.sync_api import expect

    choose(page, A, B)

    wait_for(page, "#rate-note", "^20 in 15 min$")
    wait_for(page, "#failures", "^5$")
    sql = f"select sum(prediction) as n from predictions where sensor in ('{A}', '{B}')"  # noqa: S608
    eventually(
        lambda: json.loads(nrti("query", sql, "--format", "json").stdout),
        lambda row: row == {"n": 5},
        seconds=90,
    )
    assert page.locator("#models li").count() == 1
    wait_for(page, "#models", "failure-v1.*25.00 %.*5 of 20")
    wait_for(page, "#bars-legend", f"{A}.*{B}")
    expect(page.locator("#latest tr")).to_have_count(5)
    expect(page.locator("#latest svg .dot")).to_have_count(5)
    wait_for(page, "#threshold", r"^threshold 0\.\d+$")
    expect(page.locator("#limits i")).to_have_count(1)


@pytest.mark.page
def test_the_name_of_a_sensor_is_only_a_name(page: Page, nrti: Nrti) -> None:
    names = [f"<b>{RUN}@</b>", "constructor", "others"]
    chosen = "&".join(f"sensor={quote(name)}" for name in names)
    events = [{"sensor": sensor, "data": data} for sensor in names for data in (FAILS, PASSES)]
    lines = "".join(f"{json.dumps(event)}\n" for event in events)
    assert nrti("produce", "--model", "failure-v1", "--input", "-", input=lines).returncode == 0
    page.goto(f"{page.url.partition('?')[0]}?period=900&{chosen}")

    wait_for(page, "#failures", "^3$")
    legend = page.locator("#bars-legend button")
    assert sorted(text[1:] for text in legend.all_inner_texts()) == names
    page.locator("#sensors summary").click()
    page.get_by_role("searchbox").fill("CONSTR")
    wait_for(page, "#sensors-list", "constructor2$")
    page.keyboard.press("Escape")
    assert page.locator("#sensors").get_attribute("open") is None


@pytest.mark.page
def test_a_view_is_in_its_address(page: Page, dashboard: Dashboard) -> None:
    choose(page, A)
    page.get_by_role("button", name="5m", exact=True).click()
    page.keyboard.press("u")
    page.keyboard.press("t")
    wait_for(page, "#failures", "^3$")

    assert page.url == f"{dashboard.origin}/?period=300&sensor={A}&time=local&theme=light"
    page.reload()

    wait_for(page, "#failures", "^3$")
    assert page.get_by_role("button", name="5m", exact=True).get_attribute("aria-pressed") == "true"
    assert page.locator("#zone").inner_text() == "Local"
    assert page.locator("#theme").inner_text() == "Light"


def test_a_frozen_page_stands_still_and_goes_on(page: Page, nrti: Nrti) -> None:
    choose(page, B)
    wait_for(page, "#rate-note", "^10 in")
    page.keyboard.press("f")
    wait_for(page, "#live", "frozen")

    with nothing_asked(page):
        send(nrti, B, [PASSES])
    wait_for(page, "#rate-note", "^10 in")
    page.get_by_role("button", name="Resume").click()

    wait_for(page, "#rate-note", "^11 in")


#: Draws the tiles for 30 events in one bar of ten seconds, and none in the two bars after it.
_ONE_BAR = """
const { drawTiles } = await import("./panels.js");
const buckets = new Map([[1000, { at: 1000, count: 30, latency: {} }]]);
const data = { buckets, now: 1_031_000, width: 10, period: 900, stages: [] };
drawTiles(data, { count: 30, failures: 0, latency: {} });
"""


def test_bars_without_events_lower_the_rate(page: Page) -> None:
    page.keyboard.press("f")
    wait_for(page, "#live", "frozen")

    page.evaluate(f"(async () => {{ {_ONE_BAR} }})()")

    assert page.locator("#rate").inner_text() == "1.00"


@pytest.mark.page
def test_a_lake_that_cannot_be_read_is_said(page: Page) -> None:
    def fail(route: Route) -> None:
        answer = route.fetch()
        data = answer.json()
        data["history"]["problem"] = "athena is away"
        route.fulfill(response=answer, json=data)

    page.route("**/changes?*", fail)

    wait_for(page, "#live", "live, but the lake cannot be read")
    wait_for(page, "#footer", "The lake cannot be read: athena is away")
    page.unroute_all(behavior="wait")


@pytest.mark.page
def test_the_pointer_reads_a_bar(page: Page) -> None:
    choose(page, A, B)
    wait_for(page, "#failures", "^5$")
    page.keyboard.press("f")
    plot = page.locator("#bars .u-over").bounding_box()
    assert plot

    read = set()
    for place in range(0, int(plot["width"]), 4):
        page.mouse.move(plot["x"] + place, plot["y"] + 50)
        read |= set(page.locator("#bars .readout").inner_text().splitlines()[1:])

    assert sum(int(line.rpartition(" ")[2]) for line in read if A in line) == 3


@pytest.mark.page
def test_the_letter_that_opens_the_sensors_does_not_change_the_view(page: Page) -> None:
    page.keyboard.press("s")
    page.keyboard.type("fut")

    assert page.get_by_label("Search sensors").input_value() == "fut"
    assert page.locator("#live").inner_text() == "live"


def test_a_failure_and_its_sensor_open_by_keyboard(page: Page) -> None:
    choose(page, A)
    wait_for(page, "#failures", "^3$")
    page.locator("#latest tr").first.get_by_role("button").first.focus()
    page.keyboard.press("Enter")

    wait_for(page, "#dialog-body", "nrti query 'select")
    wait_for(page, "#dialog-body", r'"data":\[12,80,9\]')
    page.keyboard.press("Escape")
    page.locator("#latest tr").first.get_by_role("button").nth(1).focus()
    page.keyboard.press("Enter")

    wait_for(page, "#dialog-title", A)
    wait_for(page, "#dialog-body", "Failures3, 30.00 %")
    wait_for(page, "#dialog-body", "Probability over time, failures red, thresholds dashed")
    assert page.locator("#dialog-body canvas").evaluate("canvas => canvas.width") > 0
    page.locator("#dialog-body .sequences button").first.click()

    wait_for(page, "#dialog-title", f"Prediction of .{A}")


@pytest.mark.page
def test_requests_that_the_queue_refused_are_dead_letters(page: Page, pipeline: Target) -> None:
    s3, kept = pipeline.client("s3"), {"Bucket": artifacts_bucket(pipeline), "Key": f"{UNPARKED}page"}
    s3.put_object(**kept, Body=b"{}")

    wait_for(page, "#letters-note", "1 request kept in S3")
    s3.delete_object(**kept)

    assert page.locator("#letters").inner_text() != "0"


@pytest.mark.page
def test_a_period_without_predictions_says_what_to_type(page: Page) -> None:
    page.goto(f"{page.url}&model=no-such-model")

    wait_for(page, "#empty", "type nrti produce --rate 1")


@pytest.mark.parametrize("scheme", ["dark", pytest.param("light", marks=pytest.mark.page)])
def test_a_phone_shows_all_of_it(browser: Browser, dashboard: Dashboard, scheme: Any) -> None:
    with watched(browser, viewport={"width": 360, "height": 740}, color_scheme=scheme) as context:
        page = context.new_page()
        page.set_default_timeout(_DEADLINE)
        page.goto(dashboard.address)
        page.locator("#latest tr").first.wait_for()

        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate("document.documentElement.dataset.theme") == scheme


@pytest.mark.page
def test_another_browser_is_not_admitted_by_a_used_address(browser: Browser, dashboard: Dashboard) -> None:
    used = dashboard.address
    with watched(browser) as first:
        first.new_page().goto(used)

    second = browser.new_context()
    answer = second.new_page().goto(used)
    second.close()

    assert answer
    assert answer.status == 401
