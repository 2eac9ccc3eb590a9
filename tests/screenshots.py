"""`make screenshots`: pictures of the page of `nrti dashboard` from generated data with a fixed seed.

The page and the counting are those of nrti; the events are generated here, and the clock stands still.
"""

from __future__ import annotations

import asyncio
import math
import socket
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import uvicorn

from nrti_cli.dashboard.access import Access
from nrti_cli.dashboard.app import App
from nrti_cli.dashboard.cells import Cell, Series
from nrti_cli.dashboard.rings import Rings
from nrti_cli.dashboard.shared import Shared
from nrti_cli.dashboard.views import Choice, Views
from nrti_cli.events import Prediction
from nrti_cli.tail import Stored
from tests.local.browser import executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Browser, Page

_TO = Path(__file__).parents[1] / "docs" / "images"
_NOW = int(datetime(2026, 11, 28, 9, 30, tzinfo=UTC).timestamp())
_SECONDS = 960
_SENSORS = {
    "press-2": 5,
    "robot-12": 6,
    "robot-7": 14,
    "sensor-1": 5,
    "sensor-34": 6,
    "weld-a": 3,
    "weld-b": 2,
}
_MODELS = {"failure-v1": (0.15, 0.018), "failure-v2": (0.7, 0.035), "failure-v3": (0.15, 0.06)}
_VERSIONS = {
    "failure-v1": "20261101080000000",
    "failure-v2": "20261120093000000",
    "failure-v3": "20261127164500000",
}
_STAGES = {
    "API": ("ok", "38,412 requests, 0 4xx, 0 5xx"),
    "workflow": ("ok", "38,412 succeeded, 0 failed"),
    "dead letters": ("warn", "3 messages wait in the queue, InvalidData 3"),
    "table": ("ok", "1,204,118 items"),
    "stream": ("ok", "38,412 records, the last at 09:30 UTC"),
    "lake": ("ok", "newest file 14 s ago, 118,204 bytes"),
    "labels": ("ok", "newest 3 h ago"),
    "endpoints": ("ok", "nrti-failure-v1, nrti-failure-v2, nrti-failure-v3 InService"),
    "alarms": ("warn", "1 of 13 alarms active: nrti-dead-letters"),
    "alerts": ("idle", "no rules"),
}


@dataclass(frozen=True)
class _Shot:
    name: str
    width: int
    height: int
    theme: str


#: The panels about models in production have a picture of their own.
_PANELS = "dashboard-production"
_SHOTS = (
    _Shot("dashboard-light", 1440, 1120, "light"),
    _Shot("dashboard-dark", 1440, 1120, "dark"),
    _Shot("dashboard-phone", 390, 1500, "light"),
    _Shot(_PANELS, 1440, 1500, "light"),
)


class _Generated:
    """Answers as `nrti_cli.dashboard.board.Board` does."""

    def __init__(self) -> None:
        self.has_models = False
        self._random = Random(7)  # noqa: S311 - nothing secret
        self._rings = Rings()
        self._views = Views(self._rings)
        for second in range(_NOW - _SECONDS, _NOW):
            self._rings.add(self._counted(second))
        self._views.add_failures((str(number), self._failure(number)) for number in range(40, 0, -1))

    def _counted(self, second: int) -> dict[tuple[int, Series], Cell]:
        found: dict[tuple[int, Series], Cell] = {}
        wave = 1 + 0.35 * math.sin((second - _NOW) / 140) + 0.1 * math.sin(second / 17)
        for sensor, rate in _SENSORS.items():
            for model, (share, failing) in _MODELS.items():
                cell = found[second, Series(sensor, model, _VERSIONS[model])] = Cell()
                for _ in range(int(rate * share * wave + self._random.random())):
                    self._add(cell, failing * (2 if sensor == "robot-7" else 1))
        return found

    def _add(self, cell: Cell, failing: float) -> None:
        prediction = int(self._random.random() < failing)
        probability = self._random.betavariate(5, 1.2) if prediction else self._random.betavariate(0.5, 6)
        bounded = max(0.5, probability) if prediction else min(0.499, probability)
        cell.add(prediction, bounded, self._random.lognormvariate(2.1, 0.35))

    def _failure(self, ago: int) -> Stored:
        random = self._random
        at = datetime.fromtimestamp(_NOW, UTC) - timedelta(seconds=ago * 0.27 + random.random() / 5)
        sensor = random.choices(list(_SENSORS), list(_SENSORS.values()))[0]
        model = random.choices(list(_MODELS), [share for share, _ in _MODELS.values()])[0]
        length, channels = random.choice([(3, None), (3, None), (24, None), (48, 2)])
        data = [random.gauss(20, 4) for _ in range(length)]
        data[length // 2] = random.uniform(60, 95)
        predicted = at + timedelta(milliseconds=random.lognormvariate(2.1, 0.35))
        made = Prediction(
            event_id=f"{ago:032x}",
            sensor=sensor,
            model=model,
            timestamp=at,
            received_at=at,
            predicted_at=predicted,
            data=tuple(round(value, 1) for value in data),
            prediction=1,
            endpoint=f"nrti-{model}",
            probability=max(0.5, random.betavariate(5, 1.2)),
            version=_VERSIONS[model],
            channels=channels,
        )
        return Stored(made, predicted)

    async def production(self, _: Choice) -> dict[str, Any]:
        """What is known of the models in production; nothing if they are not in the picture."""
        weeks = range(_NOW // 21_600 * 21_600 - 7 * 86_400, _NOW, 21_600)
        shown: dict[str, Any] = {
            "alerts": [],
            "quality": {
                "buckets": [[at, *_confusion(at - weeks[0])] for at in weeks],
                "models": [
                    ["failure-v1", _VERSIONS["failure-v1"], False, 168, 21, 40, 4_771],
                    ["failure-v2", _VERSIONS["failure-v2"], False, 905, 71, 61, 18_963],
                    ["failure-v3", _VERSIONS["failure-v3"], True, 921, 44, 45, 18_990],
                ],
            },
            "drift": [_drift()],
            "shadows": [
                {
                    "model": "failure-v2",
                    "shadow": "failure-v3",
                    "sums": [142_310, 140_912, 5_018, 5_102],
                    "buckets": [[at, 5000, 4930 + round(60 * math.sin(at / 9e4)), 176, 180] for at in weeks],
                }
            ],
        }
        empty: dict[str, Any] = {"alerts": [], "quality": None, "drift": [], "shadows": []}
        found = shown if self.has_models else empty
        about = {"now": _NOW * 1000, "span": 7 * 86_400, "width": 21_600, "known": True, "problems": []}
        return {**about, **found}

    async def thresholds(self, models: Sequence[tuple[str, str]]) -> list[float | None]:
        """All models have the same."""
        return [0.5] * len(models)

    async def changes(self, choice: Choice, after: str) -> Shared:
        known = int(after.partition(".")[2]) if after else -1
        if known == self._rings.version:
            await asyncio.sleep(1)
        document = {
            "version": f"generated.{self._rings.version}",
            "whole": known < 0,
            "now": _NOW * 1000,
            "period": choice.period,
            "width": choice.width,
            "buckets": self._views.buckets(choice, known, _NOW),
            "failures": self._views.failures(choice, known),
            **self._views.totals(choice, _NOW),
            "stages": [_stage(name, *rest) for name, rest in _STAGES.items()],
            "live": {"problem": "", "since": _NOW * 1000},
            "history": {
                "until": _NOW * 1000,
                "known": True,
                "complete": True,
                "asking": False,
                "problem": "",
            },
        }
        return Shared(document)


def _confusion(age: int) -> list[int]:
    """A recall that falls in the second half of the week."""
    missed = 3 + max(0, age - 260_000) // 30_000
    return [40 - missed, 3 + age // 86_400 % 2, missed, 860]


def _drift() -> dict[str, Any]:
    bins = [0.0, *([0.1] * 10), 0.0]
    moved = [0.0, 0.02, 0.03, 0.05, 0.07, 0.09, 0.1, 0.12, 0.14, 0.16, 0.17, 0.05]
    edges = [float(number * 10) for number in range(11)]

    def column(name: str, now: list[float], psi: float, ks: float, *reasons: str) -> dict[str, Any]:
        found = {"name": name, "psi": psi, "ks": ks, "reasons": reasons}
        return {**found, "edges": edges, "reference": bins, "now": now}

    even = [0.0, *(0.1 + 0.008 * math.sin(3 * number) for number in range(10)), 0.0]
    return {
        "model": "failure-v2",
        "version": _VERSIONS["failure-v2"],
        "origin": "training",
        "state": "drift",
        "events": 38_412,
        "needed": 960,
        "others": 0,
        "inputs": [
            column("pressure", moved, 0.412, 0.241, "shifted", "above"),
            column("temperature", even, 0.006, 0.014),
            column("speed", even[::-1], 0.004, 0.011),
            column("probability", even, 0.005, 0.013),
        ],
    }


def _stage(name: str, state: str, reason: str) -> dict[str, Any]:
    figures = {"messages": 3} if state == "warn" else {}
    return {"name": name, "state": state, "reason": reason, "figures": figures}


async def _shoot(browser: Browser, access: Access, data: _Generated, shot: _Shot) -> None:
    data.has_models = shot.name == _PANELS
    view = {"period": "900", "theme": shot.theme}
    page = await browser.new_page(viewport={"width": shot.width, "height": shot.height})
    await page.goto(access.address(view))
    await page.locator("#latest tr").first.wait_for()
    await page.locator("#threshold", has_text="threshold 0.5").wait_for()
    await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    await page.screenshot(path=_TO / f"{shot.name}.png", **await _part(page, shot))
    await page.close()


async def _part(page: Page, shot: _Shot) -> dict[str, Any]:
    """What of the page is in the picture: what is seen first, or the panels about models in production."""
    if shot.name != _PANELS:
        return {}
    first, last = (page.locator(panel) for panel in ("#quality", "#shadows"))
    await last.wait_for()
    top, bottom = await first.bounding_box(), await last.bounding_box()
    assert top
    assert bottom
    height = bottom["y"] + bottom["height"] - top["y"] + 24
    return {
        "full_page": True,
        "clip": {"x": 0, "y": top["y"] - 12, "width": shot.width, "height": height},
    }


async def _main() -> None:
    from playwright.async_api import async_playwright

    with socket.create_server(("127.0.0.1", 0)) as listener:
        access = Access(listener.getsockname()[1])
        about = {"target": "local", "place": "local", "stack": "nrti"}
        data = _Generated()
        app = App(data, access, about, admitted=lambda: None)  # type: ignore[arg-type]  # it answers alike
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
            for shot in _SHOTS:
                await _shoot(browser, access, data, shot)
                print(f"docs/images/{shot.name}.png")
            await browser.close()
        server.should_exit = True
        await serving


if __name__ == "__main__":
    if executable() is None:
        sys.exit("no Chromium was found: apt-get install --no-install-recommends chromium-headless-shell")
    _TO.mkdir(exist_ok=True)
    asyncio.run(_main())
