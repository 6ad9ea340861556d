"""A strategy of the user's own, asked with care: what it does wrong becomes one sentence.

A machine trusts its chooser, and the strategies that emu has are not guarded: nothing here
costs them anything. What is wrong ends the run, is remembered as `wrong`, and is no outcome of
the emulated program; whoever made the run must look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from emu.engine.chooser import Chooser
from emu.engine.guest import GuestError, ask, raised, shown
from emu.record.finding import UNKNOWN, Outcome
from emu.search.calibration import Calibration, Measure
from emu.search.strategy import Strategy

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

Factory = Callable[[int, Calibration], Chooser]
"""What makes the strategy of one run, from a seed and what earlier runs have measured."""

METHODS: Final = ("start", "thread", "alone", "timer", "chaos", "pick", "yielded", "finish")
"""What a machine calls."""

PROMISES: Final = ("quiet_until", "timer_step")
"""What a machine reads: see `Chooser`."""

MOST: Final = 3
"""So many of the things that are missing are named."""


class Guarded(Strategy):
    """Stands between a machine and the strategy that `factory` makes when the run starts."""

    def __init__(self, name: str, factory: Factory, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self.name = name
        self.factory = factory
        self.seed = seed
        self.wrong = ""
        self._own: Any = None
        self._asked = ""
        self._limit = 0

    def anew(self) -> Guarded:
        """Another, made as this one was."""
        return Guarded(self.name, self.factory, self.seed, self.calibration)

    def start(self, machine: Machine) -> None:
        """Make the strategy, and let it begin."""
        self.machine = machine
        self._limit = limit = machine.real_limit
        who = self._who("the constructor")
        try:
            own = ask(who, limit, self.factory, self.seed, self.calibration)
            if lacks := ask(who, limit, missing, own):
                raise GuestError(f"strategy {self.name} made {shown(own)}: {lacks}")
            if isinstance(own, Strategy) and not hasattr(own, "calibration"):
                raise GuestError(
                    f"strategy {self.name}: its __init__() must call "
                    f"super().__init__(seed, calibration)"
                )
        except GuestError as wrong:
            self._fail(str(wrong))
            return
        self._own = own
        self._tell("start", machine)
        if isinstance(own, Strategy) and not self.wrong and not hasattr(own, "machine"):
            self._fail(f"strategy {self.name}: its start() must call super().start(machine)")

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """One of the runnable threads."""
        count = len(runnable)
        option = self._answer("thread", count, step, tuple(runnable), here)
        if len(runnable) != count:
            self._fail(f"{self._who('thread()')} changed which threads can run; it may only choose")
            return 0
        return option

    def alone(self, step: int, thread: Thread) -> None:
        """Nothing is asked."""
        self._tell("alone", step, thread)

    def timer(self, step: int) -> int:
        """No or yes, which may be a truth value."""
        return self._answer("timer", 2, step)

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """None, or one of the entries."""
        return self._answer("chaos", len(entries) + 1, step, entries)

    def pick(self, step: int, kind: str, options: int) -> int:
        """One of the options."""
        if self._asked:
            self._fail(f"{self._who(self._asked)} asked the machine for a choice of its own")
            return 0
        return self._answer("pick", options, step, kind, options)

    def yielded(self, thread: Thread) -> None:
        """Nothing is asked."""
        self._tell("yielded", thread)

    def finish(self, machine: Machine) -> None:
        """The run has ended."""
        self._unasked = machine.unasked
        self._tell("finish", machine)

    def measure(self, steps: int) -> Measure:
        """What the strategy measures, if it does, or else how long the run was."""
        plain = Measure(steps - self._unasked)
        if self.wrong or not hasattr(self._own, "measure"):
            return plain
        measured = self._ask("measure", steps)
        if isinstance(measured, Measure):
            return measured
        self._fail(f"{self._who('measure()')} answered {shown(measured)}; allowed is a Measure")
        return plain

    def _tell(self, method: str, *args: object) -> None:
        self._ask(method, *args)

    def _answer(self, method: str, options: int, *args: object) -> int:
        """The option that the strategy takes, or 0 if it takes none there is."""
        answer = self._ask(method, *args)
        if self.wrong:
            return 0
        whole = isinstance(answer, int) and (method == "timer" or not isinstance(answer, bool))
        if not whole or not 0 <= answer < options:
            self._fail(
                f"{self._who(f'{method}()')} answered {shown(answer)}; "
                f"allowed is a whole number from 0 to {options - 1}"
            )
            return 0
        return int(answer)

    def _ask(self, method: str, *args: object) -> Any:
        """What a method of the strategy answers; afterwards its promises are read."""
        if self.wrong:
            return None
        self._asked = f"{method}()"
        try:
            call = getattr(self._own, method)
            answer = ask(self._who(self._asked), self._limit, call, *args)
            self._read_promises()
        except GuestError as wrong:
            self._fail(str(wrong))
            return None
        finally:
            self._asked = ""
        return answer

    def _read_promises(self) -> None:
        for name in PROMISES:
            try:
                step = getattr(self._own, name)
            except Exception as wrong:
                raise GuestError(f"{self._who(name)} raised {raised(wrong)}") from wrong
            if not isinstance(step, int) or isinstance(step, bool):
                raise GuestError(
                    f"{self._who(self._asked)} left {name} {shown(step)}; allowed is a whole number"
                )
            setattr(self, name, step)

    def _who(self, what: str) -> str:
        step = self.machine.step
        return f"strategy {self.name}: {what}" + (f" at step {step}" if step else "")

    def _fail(self, sentence: str) -> None:
        """The first thing that is wrong counts; it ends the run, and nothing is asked any more."""
        self.wrong = self.wrong or sentence
        self.quiet_until, self.timer_step = Chooser.quiet_until, Chooser.timer_step
        self.machine.end(Outcome(UNKNOWN, self.wrong))


def missing(own: object) -> str:
    """What a strategy, or the class of one, lacks to be asked, in words; empty if nothing."""
    lacking = [f"{name}()" for name in METHODS if not callable(getattr(own, name, None))]
    lacking += [name for name in PROMISES if not hasattr(own, name)]
    if not lacking:
        return ""
    more = ", …" if len(lacking) > MOST else ""
    return f"it lacks {', '.join(lacking[:MOST])}{more}; derive it from emu.Strategy"
