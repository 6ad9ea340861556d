"""Every async test runs in trio, and not for ever."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from hypothesis import settings

settings.register_profile("emu", deadline=None, derandomize=True)
settings.load_profile("emu")

SECONDS = 60


def bounded_run(main: Callable[[], Awaitable[Any]], **options: Any) -> Any:
    async def bounded() -> Any:
        with trio.fail_after(SECONDS):
            return await main()

    return trio.run(bounded, **options)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.trio(run=bounded_run))
