"""Follows a tape strictly: every deviation must be possible where it stands.

A tape belongs to one program with one set of parameters and one chaos plan. Where the run
parts from it, the message says where, what the tape wants and what the run offers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emu.engine.carrier import Carriers, open_carriers
from emu.engine.chooser import Chooser
from emu.engine.clock import NEVER
from emu.engine.machine import Machine
from emu.engine.scenario import Setup
from emu.errors import Mismatch
from emu.record.finding import UNKNOWN, Outcome
from emu.record.history import History
from emu.record.place import parse_place, place_of
from emu.record.tape import Deviation, Tape

if TYPE_CHECKING:
    from emu.engine.thread import Thread

REPLAY: Final = "replay"
"""The strategy's name in the history of a replayed run."""


class Follower(Chooser):
    """Takes the deviations of a tape and option 0 elsewhere; ends the run at a mismatch."""

    machine: Machine

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.mismatch = ""
        self._taken = 0
        self._timers = [one.step for one in tape.deviations if one.kind == "timer"]
        self._timers.reverse()
        self._expect()

    def start(self, machine: Machine) -> None:
        """Remember the machine, to say where it stands."""
        self.machine = machine

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """What the tape has for this step."""
        return self._follow(step, "thread", len(runnable))

    def timer(self, step: int) -> int:
        """What the tape has for this step."""
        option = self._follow(step, "timer", 2)
        while self._timers and self._timers[-1] <= step:
            self._timers.pop()
        self.timer_step = self._timers[-1] if self._timers else NEVER
        return option

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """What the tape has for this step."""
        return self._follow(step, "chaos", len(entries) + 1)

    def pick(self, step: int, kind: str, options: int) -> int:
        """What the tape has for this step."""
        return self._follow(step, kind, options)

    def finish(self, machine: Machine) -> None:
        """A tape that goes on after the run has ended does not fit."""
        wanted = self._wanted()
        if wanted is not None and not self.mismatch:
            self.mismatch = (
                f"{_words(wanted)}, but the run ended at step {machine.step} "
                f"with outcome {machine.outcome.name}"
            )

    def _wanted(self) -> Deviation | None:
        deviations = self.tape.deviations
        return deviations[self._taken] if self._taken < len(deviations) else None

    def _expect(self) -> None:
        wanted = self._wanted()
        self.quiet_until = NEVER if wanted is None else wanted.step
        self.timer_step = self._timers[-1] if self._timers else NEVER

    def _follow(self, step: int, kind: str, options: int) -> int:
        wanted = self._wanted()
        if wanted is None or step < wanted.step or self.machine.ended:
            return 0
        if step > wanted.step:
            return self._part(wanted, f"the run offers no {wanted.kind} choice there")
        if kind != wanted.kind:
            return 0  # another choice of this step may be meant
        if wanted.option >= options:
            highest = options - 1
            return self._part(wanted, f"the run offers only options 0 to {highest} there")
        self._taken += 1
        self._expect()
        return wanted.option

    def _part(self, wanted: Deviation, offer: str) -> int:
        self.mismatch = f"{_words(wanted)}, but {offer}; {self._last_event(wanted.step)}"
        self.quiet_until = 0
        self.machine.end(Outcome(UNKNOWN, "the run parted from its tape"))
        return 0

    def _last_event(self, step: int) -> str:
        earlier = [raw for raw in self.machine.events if raw[1] <= step]
        if not earlier:
            return "no event came before"
        last = earlier[-1]
        kind, at_step, _, thread, _, name = last[:6]
        place = parse_place(place_of(last))
        where = f" at {place.file}:{place.line}" if place is not None else ""
        what = f"{kind} {name}" if name else kind
        return f"the last event before is {what} of {thread}{where} (step {at_step})"


def _words(wanted: Deviation) -> str:
    return f"at step {wanted.step} the tape takes option {wanted.option} of a {wanted.kind} choice"


async def replay(setup: Setup, tape: Tape, *, carriers: Carriers | None = None) -> History:
    """The history that `tape` gives; raises `Mismatch` where it cannot be followed.

    A tape without a checksum is checked for its deviations alone.
    """
    follower = Follower(tape)
    if carriers is None:
        async with open_carriers() as own:
            history = await Machine(setup, follower, own, strategy=REPLAY).run()
    else:
        history = await Machine(setup, follower, carriers, strategy=REPLAY).run()
    target = setup.scenario.target
    if follower.mismatch:
        raise Mismatch(f"tape {tape} does not fit {target}: {follower.mismatch}")
    given = history.tape.checksum
    if tape.checksum and tape.checksum != given:
        raise Mismatch(
            f"tape {tape} can be followed by {target}, but gives another history: the tape's "
            f"checksum is {tape.checksum}, this history's digest begins with {given} "
            f"({history.steps} steps, outcome {history.outcome.name}): is it of another scenario, "
            f"of other parameters or chaos, or of an earlier text of the program?"
        )
    return history
