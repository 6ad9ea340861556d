"""One run that says of itself what it was asked, and when: what a shrinker and a diff look at.

A step number means something in one run only: take one deviation away, and every later one
stands elsewhere. So a choice is known by its *moment*, which is counted in the thread that is
there: "T1, at its fourth checkpoint". What other threads do in between does not move it.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from emu.engine.carrier import Carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import Setup
from emu.record.history import History
from emu.record.tape import Deviation, Tape

if TYPE_CHECKING:
    from emu.engine.thread import Thread

Choice = str | int
"""What is chosen: a thread's name, an entry of the chaos plan (-1: none), or an option."""

NEXT: Final = "next"
"""The kind of a thread choice that has to be made: the running thread cannot go on."""

SHRINK: Final = "shrink"
"""The strategy's name in the history of a trial."""


class Moment(NamedTuple):
    """When a choice is made: its kind, whose, how many handlers deep, and that one's count.

    `turn` is the number of checkpoints which that thread has passed at that depth, and
    `again` the number of choices of that kind since. Without a thread, `thread` is empty.
    """

    kind: str
    thread: str
    depth: int
    turn: int
    again: int


class Ask(NamedTuple):
    """One choice of a run: when, what there was to choose from, and which option was taken."""

    moment: Moment
    step: int
    options: tuple[Choice, ...]
    option: int

    @property
    def kind(self) -> str:
        """The kind of choice that it is on a tape."""
        kind = self.moment.kind
        return "thread" if kind == NEXT else kind

    @property
    def choice(self) -> Choice:
        """What was chosen."""
        return self.options[self.option]


Rules = Mapping[Moment, Choice]
"""A schedule that no step number can break: what is to be chosen, at which moments."""


class Asked(Chooser):
    """Writes down every choice; what is chosen is for others to say."""

    machine: Machine
    quiet_until = 0
    timer_step = 0

    def __init__(self) -> None:
        self.asks: list[Ask] = []
        self._turns: dict[tuple[int, int], int] = {}
        self._again: dict[tuple[str, int, int], tuple[int, int]] = {}

    def decide(self, moment: Moment, step: int, options: tuple[Choice, ...]) -> int:
        """The option to take; 0 is the usual one."""
        return 0

    def start(self, machine: Machine) -> None:
        """Remember the machine, to see whose turn it is."""
        self.machine = machine

    def turn(self, thread: Thread) -> None:
        """`thread` has come to a checkpoint."""
        key = (thread.id, thread.depth)
        self._turns[key] = self._turns.get(key, 0) + 1

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """Each thread by its name."""
        names = [thread.name for thread in runnable]
        kind = "thread" if runnable[here] is self.machine.current else NEXT
        return self._ask(kind, step, (*names[here:], *names[:here]))

    def timer(self, step: int) -> int:
        """0: in its time; 1: now."""
        return self._ask("timer", step, (0, 1))

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """Each entry by its number in the plan."""
        return self._ask("chaos", step, (-1, *entries))

    def pick(self, step: int, kind: str, options: int) -> int:
        """Each option by its number."""
        return self._ask(kind, step, tuple(range(options)))

    def _ask(self, kind: str, step: int, options: tuple[Choice, ...]) -> int:
        thread = self.machine.current
        depth = thread.depth
        turn = self._turns.get((thread.id, depth), 0)
        key = (kind, thread.id, depth)
        at, again = self._again.get(key, (-1, 0))
        again = again + 1 if at == turn else 0
        self._again[key] = (turn, again)
        moment = Moment(kind, thread.name, depth, turn, again)
        option = self.decide(moment, step, options)
        self.asks.append(Ask(moment, step, options, option))
        return option


class Strict(Asked):
    """Takes the deviations of a tape that is known to fit."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._wanted = {(one.step, one.kind): one.option for one in tape.deviations}

    def decide(self, moment: Moment, step: int, options: tuple[Choice, ...]) -> int:
        """What the tape has."""
        kind = "thread" if moment.kind == NEXT else moment.kind
        option = self._wanted.get((step, kind), 0)
        return option if option < len(options) else 0


class Lenient(Asked):
    """Follows rules as far as they go: those that do not fit are left out.

    A rule does not fit when its moment never comes, or what it wants is not to be had there.
    """

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules

    def decide(self, moment: Moment, step: int, options: tuple[Choice, ...]) -> int:
        """What the rules say of this moment, if it can be had."""
        return option_of(self._rules, moment, options)


def option_of(rules: Rules, moment: Moment, options: tuple[Choice, ...]) -> int:
    """The option that rules say at this moment; 0 if they say none, or none that is there."""
    wanted = rules.get(moment)
    return options.index(wanted) if wanted is not None and wanted in options else 0


class Steered(Asked):
    """Says which thread runs; every other choice is made by rules."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules

    def decide(self, moment: Moment, step: int, options: tuple[Choice, ...]) -> int:
        """What `elect` says of a thread, and the rules of anything else."""
        if moment.kind in ("thread", NEXT):
            return self.elect(moment, options)
        return option_of(self._rules, moment, options)

    def elect(self, moment: Moment, options: tuple[Choice, ...]) -> int:
        """The thread to run; 0 is the usual one."""
        raise NotImplementedError


class _Counted(Machine):
    """A machine that tells its chooser of every checkpoint, asked or not."""

    def checkpoint(
        self, operation: str = "checkpoint", target: str = ""
    ) -> Coroutine[Any, Any, str | None]:
        """Count it, then do it."""
        chooser = self.chooser
        assert isinstance(chooser, Asked)
        chooser.turn(self.current)
        return super().checkpoint(operation, target)


@dataclass(frozen=True, slots=True)
class Trial:
    """A run with all that it was asked."""

    history: History
    asks: tuple[Ask, ...]

    @property
    def taken(self) -> tuple[Ask, ...]:
        """The choices that are on the tape, in order."""
        return tuple(ask for ask in self.asks if ask.option)

    @property
    def rules(self) -> dict[Moment, Choice]:
        """The same schedule as rules."""
        return {ask.moment: ask.choice for ask in self.taken}

    @property
    def asides(self) -> dict[Moment, Choice]:
        """What was chosen that is no thread, as rules."""
        return {ask.moment: ask.choice for ask in self.taken if ask.kind != "thread"}

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """The same as they stand on the tape."""
        return self.history.ending.tape.deviations


class Turn(NamedTuple):
    """A stretch in which one thread runs, up to a checkpoint of its own; without: to its end.

    Its end is where it waits, or is done.
    """

    thread: str
    until: Moment | None

    def over(self, moment: Moment) -> bool:
        """Whether it is over at a choice that this very thread has come to."""
        until = self.until
        return until is not None and moment.depth == until.depth and moment.turn >= until.turn


def turns_of(trial: Trial) -> list[Turn]:
    """Which thread ran after which, and how far."""
    turns: list[Turn] = []
    for ask in trial.asks:
        if ask.kind != "thread":
            continue
        moment = ask.moment
        if not turns or turns[-1].thread != moment.thread:
            turns.append(Turn(moment.thread, None))
        if ask.choice != moment.thread:
            if moment.kind != NEXT:
                turns[-1] = Turn(moment.thread, moment)
            turns.append(Turn(str(ask.choice), None))
    return turns


async def attempt(
    setup: Setup, chooser: Asked, carriers: Carriers, *, steps: int | None = None
) -> Trial:
    """Run `setup` as `chooser` says, for at most `steps` steps."""
    if steps is not None and steps < setup.limits.steps:
        setup = replace(setup, limits=replace(setup.limits, steps=steps))
    history = await _Counted(setup, chooser, carriers, strategy=SHRINK).run()
    return Trial(history, tuple(chooser.asks))
