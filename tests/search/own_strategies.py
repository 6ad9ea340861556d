"""Strategies as users write them, most of them wrong in one way."""

from __future__ import annotations

from collections.abc import Sequence

from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.thread import Thread
from emu.search.calibration import Calibration, Measure
from emu.search.strategy import Strategy


class Fifo(Strategy):
    """Runs the thread whose last turn is the longest ago."""

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        self.turns: dict[str, int] = {}

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        ages = [self.turns.get(thread.name, -1) for thread in runnable]
        oldest = ages.index(min(ages))
        self.turns[runnable[oldest].name] = step
        return (oldest - here) % len(runnable)


class Plain(Chooser):
    """No more than the contract asks for."""

    quiet_until = 0

    def __init__(self, seed: int, calibration: Calibration) -> None:
        pass

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        return len(runnable) - 1


class Answers(Strategy):
    """Answers what it is told to."""

    answer: object = 7

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        return self.answer  # type: ignore[return-value]


class Nothing(Answers):
    answer = None


class Text(Answers):
    answer = "a"


class Fraction(Answers):
    answer = 1.5


class Truth(Answers):
    answer = True


class Negative(Answers):
    answer = -1


class Raises(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        return {}["x"]  # type: ignore[index]


class Late(Strategy):
    """Is right in 40 of 50 runs, or so."""

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        if self.rng.random() < 0.02:
            raise LookupError("no such turn")
        return self.rng.randrange(len(runnable))


class Exits(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        raise SystemExit


class NeedsMore(Strategy):
    def __init__(self, seed: int) -> None:
        pass


class Unmade(Strategy):
    def __init__(self, seed: int, calibration: Calibration) -> None:
        pass


class Unstarted(Strategy):
    def start(self, machine: Machine) -> None:
        pass


class Awaited(Strategy):
    async def thread(  # type: ignore[override]
        self, step: int, runnable: Sequence[Thread], here: int
    ) -> int:
        return 0


class Restless(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        self.quiet_until = None  # type: ignore[assignment]
        return 0


class Nosy(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        return self.machine.choose(2)


class Busy(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        self.machine.spawn(_nothing)
        return 0


class Unmeasured(Strategy):
    def measure(self, steps: int) -> Measure:
        return steps  # type: ignore[return-value]


class Hangs(Strategy):
    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        while True:
            pass


class HangsAtTheStart(Strategy):
    def start(self, machine: Machine) -> None:
        while True:
            pass


class Counts(Strategy):
    """Takes option 1 in every other run that is made, whatever its seed."""

    made = 0

    def __init__(self, seed: int, calibration: Calibration) -> None:
        super().__init__(seed, calibration)
        type(self).made += 1
        self.option = self.made % 2

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        return self.option


class NoStrategy:
    pass


async def _nothing() -> None:
    pass


number = 3


def makes_a_number(seed: int, calibration: Calibration) -> int:
    return 5
