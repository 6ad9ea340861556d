"""Scenarios by name: the bundled ones by their short names, any other as `module:function`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from emu.engine.scenario import Scenario, load, scenarios_in
from emu.errors import InternalError, UsageError, did_you_mean

BUNDLED: Final = "emu.scenarios"


@cache
def bundled() -> Mapping[str, Scenario]:
    """The bundled scenarios by their short names, module by module in alphabetical order."""
    package = importlib.import_module(BUNDLED)
    found: dict[str, Scenario] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        for name, scenario in scenarios_in(importlib.import_module(f"{BUNDLED}.{module}")).items():
            if name in found:
                raise InternalError(f"two bundled scenarios are called {name!r}")
            found[name] = scenario
    return MappingProxyType(found)


def scenario_row(name: str, scenario: Scenario) -> dict[str, Any]:
    """A scenario for programs, with the name that it was asked for by."""
    return {
        "name": name,
        "target": scenario.target,
        "summary": scenario.summary,
        "params": [
            {"name": one.name, "default": one.default, "allowed": one.allowed}
            for one in scenario.params
        ],
        "expect": {"some": scenario.expect.some, "only": scenario.expect.only},
        "chaos": scenario.chaos.as_rows(),
    }


def scenarios_of(module: str) -> dict[str, Scenario]:
    """The scenarios of a module, by `module:function`; raises `UsageError` if it has none."""
    try:
        found = scenarios_in(importlib.import_module(module))
    except ImportError as wrong:
        raise UsageError(f"cannot import module {module!r}: {wrong}") from None
    if not found:
        raise UsageError(f"module {module!r} has no scenarios")
    return {scenario.target: scenario for scenario in found.values()}


def find_scenario(target: str) -> Scenario:
    """The scenario called `target`, a short name or `module:function`; raises `UsageError`."""
    if ":" in target:
        return load(target)
    known = bundled()
    if target not in known:
        hint = did_you_mean(target, known) or "; `emu list` lists the bundled ones"
        raise UsageError(
            f"unknown scenario {target!r}; a scenario is a bundled one's short name, "
            f"module:function, or plan.toml#entry{hint}"
        )
    return known[target]
