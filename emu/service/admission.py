"""Which scenarios and strategies may run here: the bundled ones, and those on a list.

To find one of a user's own is to import its module, so it is asked here before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emu.campaign.catalogue import bundled, find_scenario, scenario_row, scenarios_of
from emu.service.errors import Refused


class Admission:
    """Lets in what has a short name, is bundled, or is `listed`.

    An item of the list is `module:function`, or `module:*` for all of a module.
    """

    def __init__(self, listed: Sequence[str] = ()) -> None:
        self._listed = tuple(listed)

    def scenarios(self) -> list[dict[str, Any]]:
        """The scenarios that may run, for programs; raises `UsageError` where one cannot be had."""
        found = dict(bundled())
        for item in self._listed:
            module, _, name = item.partition(":")
            found |= scenarios_of(module) if name == "*" else {item: find_scenario(item)}
        return [scenario_row(name, scenario) for name, scenario in found.items()]

    def __call__(self, kind: str, name: str) -> None:
        """Let a scenario or a strategy in, by the name it was asked for; raises `Refused`."""
        module, sign, _ = name.partition(":")
        if not sign or name in self._listed or f"{module}:*" in self._listed:
            return
        if name not in (scenario.target for scenario in bundled().values()):
            raise Refused(
                f"the {kind} {name!r} may not run here; allowed are the bundled ones, and those "
                f"that the service was started with by --scenarios"
            )
