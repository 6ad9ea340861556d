"""What was run, from what a log or a stored finding says of it: a setup that can run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emu.campaign.catalogue import find_scenario
from emu.chaos.entries import ENTRIES, Entry
from emu.chaos.plan import Plan
from emu.engine.scenario import Setup
from emu.engine.watchdog import Limits
from emu.errors import UsageError
from emu.record.finding import FOREIGN


def setup_from(
    target: str,
    params: Mapping[str, Any],
    chaos: tuple[Mapping[str, Any], ...],
    watchdog: Mapping[str, Any],
) -> Setup:
    """The setup with this scenario, as the head of a log spells the rest.

    Raises `UsageError` when this emu has no such scenario, parameter, injection or limit, and for
    what another tool saw of a real process.
    """
    try:
        scenario = find_scenario(target)
    except UsageError:
        tool, _, program = target.partition(":")
        if tool not in FOREIGN:
            raise
        sentence = f"what {tool} saw of {program} was no run of emu's, and cannot run again"
        raise UsageError(sentence) from None
    plan = Plan(tuple(map(_entry, chaos)))
    try:
        limits = replace(Limits(), **watchdog)
    except TypeError as wrong:
        raise UsageError(f"the recorded watchdog does not fit this emu: {wrong}") from None
    return Setup(scenario, scenario.bind(params), plan, limits)


def _entry(row: Mapping[str, Any]) -> Entry:
    values = dict(row)
    kind = ENTRIES.get(values.pop("chaos", ""))
    try:
        if kind is None:
            raise TypeError(f"there is no injection {row.get('chaos')!r}")
        return kind(**values)
    except TypeError as wrong:
        raise UsageError(f"the recorded chaos does not fit this emu: {wrong}") from None
