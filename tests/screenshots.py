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
    from playwright.async_api import Browser

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
    "endpoints": ("ok", "nrti-failure-v1, nrti-failure-v2, nrti-failure-v3 InService"),
}


@dataclass(frozen=True)
class _Shot:
    name: str
    width: int
    height: int
    theme: str


_SHOTS = (
    _Shot("dashboard-light", 1440, 1120, "light"),
    _Shot("dashboard-dark", 1440, 1120, "dark"),
    _Shot("dashboard-phone", 390, 1500, "light"),
)


class _Generated:
    """Answers as `nrti_cli.dashboard.board.Board` does."""

    def __init__(self) -> None:
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


def _stage(name: str, state: str, reason: str) -> dict[str, Any]:
    figures = {"messages": 3} if state == "warn" else {}
    return {"name": name, "state": state, "reason": reason, "figures": figures}


async def _shoot(browser: Browser, access: Access, shot: _Shot) -> None:
    view = {"period": "900", "theme": shot.theme}
    page = await browser.new_page(viewport={"width": shot.width, "height": shot.height})
    await page.goto(access.address(view))
    await page.locator("#latest tr").first.wait_for()
    await page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    await page.screenshot(path=_TO / f"{shot.name}.png")
    await page.close()


async def _main() -> None:
    from playwright.async_api import async_playwright

    with socket.create_server(("127.0.0.1", 0)) as listener:
        access = Access(listener.getsockname()[1])
        about = {"target": "local", "place": "local", "stack": "nrti"}
        app = App(_Generated(), access, about, admitted=lambda: None)  # type: ignore[arg-type]  # it answers alike
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
            for shot in _SHOTS:
                await _shoot(browser, access, shot)
                print(f"docs/images/{shot.name}.png")
            await browser.close()
        server.should_exit = True
        await serving


if __name__ == "__main__":
    if executable() is None:
        sys.exit("no Chromium was found: apt-get install --no-install-recommends chromium-headless-shell")
    _TO.mkdir(exist_ok=True)
    asyncio.run(_main())
