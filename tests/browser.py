"""A page in Debian's chromium; one from the disk is cut off from the network. Nothing is ever
downloaded for it.

While it is open there is an event loop of asyncio in this thread, so that no test but those of one
module should have it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; skips where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no chromium on the path")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page that is open: what it asked for, and what it complained of."""

    def __init__(self, browser: Any, where: Path | str, **options: Any) -> None:
        from_disk = isinstance(where, Path)
        settings = {"viewport": {"width": 1280, "height": 800}, "offline": from_disk, **options}
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda one: self.requests.append(one.url))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on("console", self._said)
        self.url = where.absolute().as_uri() if isinstance(where, Path) else where
        self.page.goto(self.url)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def opened(browser: Any, where: Path | str, **options: Any) -> Iterator[Opened]:
    """The page at a path or a URL, open."""
    made = Opened(browser, where, **options)
    try:
        yield made
    finally:
        made.context.close()
