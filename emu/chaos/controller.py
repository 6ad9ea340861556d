"""The controller of one run: which entries may act here, and letting one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emu.chaos.entries import Fail, Fault
from emu.chaos.injections import CARRY_OUT, MAY
from emu.chaos.sites import matching
from emu.errors import UsageError
from emu.record.finding import UNKNOWN, Outcome

if TYPE_CHECKING:
    from emu.chaos.plan import Plan
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

LOCAL: Final = (Fault, Fail)
"""Entries that look at, and act upon, nothing but the thread at the site."""


class Controller:
    """Implements `emu.engine.scenario.Injector` for a plan."""

    def __init__(self, plan: Plan, machine: Machine) -> None:
        self.plan = plan
        self.machine = machine
        self.rates = tuple(entry.rate for entry in plan.entries)
        self.active = bool(plan.entries)
        self.local = all(isinstance(entry, LOCAL) for entry in plan.entries)
        self._left: list[int | None] = [entry.limit for entry in plan.entries]

    def sites(self, thread: Thread, operation: str) -> tuple[int, ...]:
        """The entries that may act on `thread` at `operation`."""
        key = (thread.region, operation, thread.name)
        found = self.plan.sites.get(key)
        if found is None:
            found = self.plan.sites[key] = matching(self.plan, *key)
        if not found:
            return found
        return tuple(
            index
            for index in found
            if self._left[index] != 0
            and MAY[type(entry := self.plan.entries[index])](self.machine, entry, thread, operation)
        )

    def inject(self, entry: int, thread: Thread, operation: str) -> str | None:
        """Let an entry act; gives the error with which `operation` is to fail, if that is it.

        Which kernel it is, only the program knows. What that kernel has not, no program can
        answer for: the run is unknown then.
        """
        left = self._left[entry]
        if left is not None:
            self._left[entry] = left - 1
            self.active = any(one != 0 for one in self._left)
        what = self.plan.entries[entry]
        self.machine.record("inject", what.label, what.table, entry, operation)
        try:
            return CARRY_OUT[type(what)](self.machine, what, thread)
        except UsageError as wrong:
            self.machine.end(Outcome(UNKNOWN, f"chaos.{what.table}: {wrong}"))
            return None
