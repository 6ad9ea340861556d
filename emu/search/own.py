"""Strategies of the user's own: a class named `module:Class`, or whatever makes a chooser.

It is called with a seed and a calibration before every run, and what it makes decides that
run: derive it from `Strategy`, which decides everything but who runs next, or from `Chooser`,
which takes the usual option everywhere. It must be a function of these two and of what the
machine asks, and nothing else: then a seed gives the same run again.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from emu.engine.chooser import Chooser
from emu.engine.guest import shown
from emu.engine.reference import find_module
from emu.errors import UsageError, did_you_mean
from emu.search.guarded import Factory, missing


def find_factory(target: str) -> Factory:
    """What `module:Class` names; raises `UsageError` if it is no strategy."""
    module, name = find_module("strategy", target, "Class")
    found = vars(module).get(name)
    if found is None:
        known = strategies_in(module)
        listed = f"{', '.join(known) or 'none'}{did_you_mean(name, known)}"
        raise UsageError(
            f"module {module.__name__!r} has no strategy {name!r}; its strategies: {listed}"
        )
    return as_factory(found, target)


def as_factory(found: Any, name: str) -> Factory:
    """`found`, if it can make strategies as far as that can be seen; raises `UsageError`."""
    if not callable(found):
        raise UsageError(
            f"strategy {name!r} is {shown(found)}; allowed is a class derived from emu.Strategy"
        )
    if inspect.isclass(found) and (lacks := missing(found)):
        raise UsageError(f"strategy {name!r}: class {found.__name__} is no strategy: {lacks}")
    if inspect.iscoroutinefunction(found):
        raise UsageError(f"strategy {name!r} is an `async def` function; allowed is a class")
    factory: Factory = found
    return factory


def name_of(factory: Any) -> str:
    """What a strategy is called that was given as an object: `module:Class`."""
    kind = factory if hasattr(factory, "__qualname__") else type(factory)
    return f"{kind.__module__}:{kind.__qualname__}"


def strategies_in(module: ModuleType) -> list[str]:
    """The names of the strategies that a module defines."""
    return [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, Chooser)
        and value.__module__ == module.__name__
    ]
