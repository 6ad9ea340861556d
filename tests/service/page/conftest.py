"""A browser for the tests of a module, and a fake service for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.browser import Opened, chromium, opened
from tests.service.page import canned
from tests.service.page.fake import Fake
from tests.service.page.serving import free_port, served

PATIENCE = 30_000
"""So many milliseconds something may take to appear."""

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as made:
        yield made


@pytest.fixture
def fake() -> Fake:
    return Fake({"smoke-0001": canned.brief("smoke-0001")})


@pytest.fixture
def url(fake: Fake) -> Iterator[str]:
    with served(fake, free_port()) as made:
        yield made


@pytest.fixture
def visit(browser: Any, url: str) -> Iterator[Open]:
    """Opens the page at an address of its own, such as `#/new`, in a browser without a past."""
    with ExitStack() as stack:

        def visit(address: str = "", **options: Any) -> Opened:
            made = stack.enter_context(opened(browser, url + address, **options))
            made.context.set_default_timeout(PATIENCE)
            return made

        yield visit
