"""Every async test runs in trio, and not for ever; the long ones run when they are asked for.

That is `-m slow`, or `-m "slow or not slow"` for all.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import settings

settings.register_profile("emu", deadline=None, derandomize=True)
settings.load_profile("emu")

SECONDS = 120

HERE = Path(__file__).parent
LATE = (HERE / "campaign", HERE / "quality", HERE / "service")
"""Where slow tests are long ones."""


def bounded_run(main: Callable[[], Awaitable[Any]], **options: Any) -> Any:
    async def bounded() -> Any:
        with trio.fail_after(SECONDS):
            return await main()

    return trio.run(bounded, **options)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.trio(run=bounded_run))
    if config.option.markexpr:
        return
    late = [item for item in items if item.get_closest_marker("slow") and is_long(item)]
    config.hook.pytest_deselected(items=late)
    items[:] = [item for item in items if item not in late]


def is_long(item: pytest.Item) -> bool:
    return any(directory in item.path.parents for directory in LATE)
