"""What all strategies have in common: when chaos acts, when timers fire, every other choice.

Chaos is decided here and nowhere else. For each entry of the plan the strategy draws *once*
at which of its sites it acts next, and counts up to it, so a site costs no draw. An entry with
a rate acts after a geometric gap. An entry without one is spread: an earlier run is drawn,
then one of the sites that the entry had in it, so that a single injection is uniform over
sites; now and then the entry stays away, which shows how many sites there are without it.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from emu.engine.chooser import Chooser
from emu.engine.clock import NEVER
from emu.search.calibration import Calibration, Measure
from emu.search.draw import below, geometric

if TYPE_CHECKING:
    from emu.engine.machine import Machine

FIRST_GAP: Final = 1 / 32
"""The rate of a spread entry as long as nothing is known of its sites."""

STAY_AWAY: Final = 8
"""One run in so many leaves a spread entry alone; one in two until one has done so."""

TIMER_EXPONENTS: Final = 9
"""Timers fire early with a mean gap of 2, 4, … or 2**9 steps: the exponent is drawn per run."""

TIMER_FADES: Final = 0.98
"""Each early firing makes the next this much rarer: a periodic timer must not starve a program."""


class Strategy(Chooser):
    """Decides at random, all but which thread runs next. One object decides one run.

    A strategy derives from it and overrides `thread`, at least; what else it overrides calls
    this class's own. It is asked at every step unless it moves `quiet_until` (see `Chooser`).
    All that is random comes from `rng`, and what it knows of earlier runs from `calibration`.
    """

    machine: Machine
    quiet_until = 0
    timer_step = 0

    def __init__(self, seed: int, calibration: Calibration) -> None:
        self.rng = Random(seed)
        self.calibration = calibration
        self._rates: tuple[float | None, ...] = ()
        self._sites: list[int] = []
        self._due: list[int] = []
        self._acted: list[int] = []
        self._timer_rate = 0.0
        self._unasked = 0

    def start(self, machine: Machine) -> None:
        """Draw where each entry of the chaos plan acts first."""
        self.machine = machine
        if machine.chaos is not None:
            self._rates = machine.chaos.rates
            self._sites = [0] * len(self._rates)
            self._acted = [0] * len(self._rates)
            self._due = [self._gap(entry) for entry in range(len(self._rates))]

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """The entry whose site has come; where two come at once, the other acts at its next."""
        sites, due = self._sites, self._due
        option = 0
        for number, entry in enumerate(entries, start=1):
            sites[entry] = count = sites[entry] + 1
            if count >= due[entry] and not option:
                option = number
        if option:
            entry = entries[option - 1]
            self._acted[entry] += 1
            due[entry] = sites[entry] + self._gap(entry)
        return option

    def timer(self, step: int) -> int:
        """Let the next timer fire early, after a geometric gap.

        A step that went by while no timer was pending is no reason to fire the next at once.
        """
        if not self._timer_rate:
            self._timer_rate = 2.0 ** -(1 + below(self.rng, TIMER_EXPONENTS))
        fires = step == self.timer_step
        if fires:
            self._timer_rate *= TIMER_FADES
        self.timer_step = step + geometric(self.rng, self._timer_rate)
        return int(fires)

    def pick(self, step: int, kind: str, options: int) -> int:
        """Uniform."""
        return below(self.rng, options)

    def finish(self, machine: Machine) -> None:
        """Note how many of the steps were no decision about who runs."""
        self._unasked = machine.unasked

    def measure(self, steps: int) -> Measure:
        """What this run, which took `steps`, tells the next ones."""
        return Measure(steps - self._unasked, tuple(self._sites), tuple(self._acted))

    def _gap(self, entry: int) -> int:
        """How many sites on an entry acts next: 1 is its very next one."""
        rate = self._rates[entry]
        if rate is not None:
            return geometric(self.rng, rate) if rate > 0 else NEVER
        known = self.calibration.sites(entry)
        again = bool(self._acted[entry])
        away = STAY_AWAY if known else 2
        if self.calibration.measures and not again and not below(self.rng, away):
            return NEVER
        if not known:
            return geometric(self.rng, FIRST_GAP)
        return 1 + below(self.rng, known[below(self.rng, len(known))])
