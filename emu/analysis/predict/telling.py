"""Which parameters tell the programs of one scenario apart, so that no others need be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emu.record.finding import RunInfo

Telling = Mapping[str, tuple[str, ...]]
"""For each scenario the names of these parameters."""


def telling(infos: Iterable[RunInfo]) -> Telling:
    """The parameters that have not the same value in all of these runs of a scenario."""
    values: dict[str, dict[str, list[Any]]] = {}
    for info in infos:
        of_scenario = values.setdefault(info.scenario, {})
        for name, value in info.params.items():
            known = of_scenario.setdefault(name, [])
            if value not in known:
                known.append(value)
    return {
        scenario: tuple(name for name, known in of_scenario.items() if len(known) > 1)
        for scenario, of_scenario in values.items()
    }


def told(info: RunInfo, by: Telling) -> str:
    """These parameters of a run as they are typed, each after a blank."""
    names = by.get(info.scenario, ())
    return "".join(f" {name}={_typed(info.params[name])}" for name in names)


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
