"""A headless Chromium of the system, driven by Playwright; nothing is downloaded.

`python -m tests.local.browser` says whether there is one, and how to install one.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

#: As Debian and others call it.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def executable() -> str | None:
    """The browser that is installed, if there is one."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


HOW = "no Chromium is installed; on Debian: apt-get install --no-install-recommends chromium-headless-shell"
needed = pytest.mark.skipif(executable() is None, reason=HOW)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Starts it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # As root it refuses to start with its sandbox.
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, **options: object) -> Iterator[BrowserContext]:
    """A context of which every request goes to this machine, and that reports no error."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    requests: list[str] = []
    errors: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda failed: errors.append(str(failed.error)))
    yield context
    context.close()
    assert {urlsplit(url).hostname for url in requests} <= {"127.0.0.1"}
    assert not errors


if __name__ == "__main__":
    sys.exit(None if executable() else HOW)
