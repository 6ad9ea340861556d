"""A chaos plan: what may be injected into each run, and the entries it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emu.chaos.controller import Controller
from emu.chaos.entries import Entry, Fail, Fault, Signal, Spurious, Stall

if TYPE_CHECKING:
    from emu.engine.machine import Machine


@dataclass(frozen=True)
class Plan:
    """What may be injected into each run. A plan without entries injects nothing."""

    entries: tuple[Entry, ...] = ()
    sites: dict[tuple[str, str, str], tuple[int, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """The entries whose globs match, by region, operation and thread: filled as runs ask."""

    def injector(self, machine: Machine) -> Controller | None:
        """A controller for one run; None when there is nothing to inject."""
        return Controller(self, machine) if self.entries else None

    def as_rows(self) -> tuple[dict[str, Any], ...]:
        """The plan as it stands in the log."""
        return tuple(entry.as_row() for entry in self.entries)


NOTHING: Final = Plan()

__all__ = ["NOTHING", "Entry", "Fail", "Fault", "Plan", "Signal", "Spurious", "Stall"]
