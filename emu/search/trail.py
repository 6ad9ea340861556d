"""A run that is driven by a prefix of decisions, and remembers all it was asked and all it did.

Exhaustive search is stateless: it goes back to an earlier decision by making a new run that
decides alike up to there. So a run is its list of options, one for each choice point; where
the list ends, option 0 is taken, or the first thread that need not sleep.

Two steps are no decisions. A thread that comes back from `join` only reads what is settled,
so it goes on at once, whoever else could; and nothing is asked where only one can run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from emu.engine.thread import State
from emu.engine.witness import Witness
from emu.record.finding import UNKNOWN, Outcome
from emu.record.names import shared_name
from emu.search.statekey import StateKey
from emu.search.transition import Point, Sleep, Transition

if TYPE_CHECKING:
    from emu.engine.machine import Machine
    from emu.engine.thread import Thread

REDUNDANT: Final = "another run covers what this one would show"
PLAIN: Final = frozenset({"lock", "unlock", "trylock", "timedlock", "destroy", "umtx_wait"})
"""Operations on locks that one thread holds at a time. Who waits for such a lock, and who is
about to lock it, are alike: to wait is to have done nothing yet. So it is with `join`."""

TRIES: Final = frozenset({"lock", "umtx_wait", "join"})
"""Operations that do nothing but wait, until they can be done."""


class Trail(Witness):
    """Decides as `prefix` says, then quietly; `points` and `transitions` are what came of it.

    `pending` has what threads still waited to begin, and the end, if that was `premature`: a
    thread could have gone on. `sleep` holds, at the end of the prefix, the threads that
    another run covers. `states` has the key of every state in which a run had to let another
    thread go on, with what that run had cost: one that comes there after its prefix, which is
    worth `cost`, and is no cheaper, is redundant.
    """

    quiet_until = 0
    timer_step = 0
    machine: Machine

    def __init__(
        self,
        prefix: Sequence[int],
        sleep: Sleep,
        *,
        cost: int = 0,
        states: dict[int, int] | None = None,
    ) -> None:
        self.prefix = prefix
        self.cost = cost
        self.states = states
        self._key = StateKey() if states is not None else None
        self._keyed = 0
        self.sleep: Sleep = {}
        self.points: list[Point] = []
        self.transitions: list[Transition] = []
        self.pending: list[Transition] = []
        self.redundant = False
        self.astray = ""
        self.premature = False
        self._asleep = sleep
        self._open = False
        self._alive = 0
        self._causes: dict[int, list[int]] = {}
        self._enabled: dict[int, int] = {}
        self._in_place: dict[int, tuple[Thread, str]] = {}
        self._shared: set[str] = set()
        self._tried: dict[str, bool] = {}
        self._operation = ""
        self._ended: dict[str, int] = {}
        self._seen = 0
        self._eager: list[int] = []
        self._free_next = False

    # What the machine asks.

    def start(self, machine: Machine) -> None:
        """Remember the machine."""
        self.machine = machine

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        """The prefix's option; then the first thread that need not sleep."""
        if self.machine.ended:
            return 0
        self._settle()
        count = len(runnable)
        threads = tuple(runnable[(here + k) % count].id for k in range(count))
        current = self.machine.current
        free = self._free_next or runnable[here] is not current
        self._free_next = False
        if self._eager:
            for option, number in enumerate(threads):
                if number in self._eager:
                    self._free_next = free
                    self._begin(runnable[(here + option) % count], None)
                    return option
        number = len(self.points)
        if free and number >= len(self.prefix) and self._known():
            self._give_up()
            return 0
        point = Point("thread", count, 0, threads, free=free)
        self._place(point)
        if number >= len(self.prefix):
            awake = [k for k, thread in enumerate(threads) if thread not in self.sleep]
            if not awake:
                self._give_up()
                return 0
            point.taken = awake[0]
        self._begin(runnable[(here + point.taken) % count], number)
        point.index = len(self.transitions) - 1
        return point.taken

    def timer(self, step: int) -> int:
        """The prefix's option, or 0."""
        taken = self._data("timer", 2)
        if taken:
            self.transitions[-1].wide = True
        return taken

    def chaos(self, step: int, entries: tuple[int, ...]) -> int:
        """The prefix's option, or 0."""
        taken = self._data("chaos", len(entries) + 1)
        if taken:
            self._injected()
        return taken

    def pick(self, step: int, kind: str, options: int) -> int:
        """The prefix's option, or 0."""
        return self._data(kind, options)

    # What the machine tells.

    def starts(self, thread: Thread) -> None:
        """A thread's first transition begins, unless a choice began it."""
        if not (self._open and self.transitions[-1].thread == thread.id):
            self._begin(thread, None)

    def goes(self, thread: Thread, operation: str, target: str, *, merged: bool) -> None:
        """One more operation, of the transition that was just chosen or of a new one."""
        last = self.transitions[-1]
        if last.thread != thread.id or not (merged or self._open):
            last = self._begin(thread, None)
        self._open = False
        if operation == "join" and target in self._ended:
            last.after.append(self._ended[target])
        self._add(last, operation, target)

    def blocks(self, thread: Thread) -> None:
        """An operation that only waits until it can begin has not happened."""
        wait = thread.wait
        assert wait is not None
        name = wait.queue.name
        self._collect()
        if wait.deadline is None and wait.what in ("lock", "join") and self._tried.get(name):
            last = self.transitions[-1]
            last.writes.discard(name)
            last.reads.discard(name)
            if wait.what == "lock":
                self._in_place[thread.id] = (thread, name)
        self._settle()

    def holds(self, thread: Thread) -> None:
        """Remember that this thread was about to do what it now has to wait for."""
        self._in_place[thread.id] = (thread, thread.target)

    def resumes(self, thread: Thread, operation: str, target: str) -> None:
        """The rest of an operation that had to wait."""
        last = self.transitions[-1]
        if last.thread != thread.id or not self._open:
            last = self._begin(thread, None)
        self._open = False
        if thread.id in self._eager:
            self._eager.remove(thread.id)
        self._add(last, operation, target)

    def wakes(self, waker: Thread, thread: Thread) -> None:
        """What a thread does next comes after what woke it."""
        if thread.state is not State.BLOCKED or not self.transitions:
            return
        wait = thread.wait
        brought = wait is not None and wait.what == "lock" and thread.operation == "lock"
        if self._in_place.pop(thread.id, None) is not None or brought:
            self._enabled[thread.id] = len(self.transitions) - 1
        else:
            self._causes.setdefault(thread.id, []).append(len(self.transitions) - 1)
        if wait is not None and wait.what == "join" and not thread.pending:
            self._eager.append(thread.id)

    def moves(self, thread: Thread) -> None:
        """A thread that waits may only go on after what moved it."""
        self._causes.setdefault(thread.id, []).append(len(self.transitions) - 1)
        self._in_place[thread.id] = (thread, thread.target)

    def spawns(self, parent: Thread, child: Thread) -> None:
        """What a new thread does comes after what made it; its number is up to the order."""
        self._alive += 1
        if self.transitions:
            self.transitions[-1].writes.add("the number of threads")
            self._causes.setdefault(child.id, []).append(len(self.transitions) - 1)

    def names(self, wanted: str) -> None:
        """Who makes the first of several objects of one name is up to the order."""
        if self.transitions:
            self.transitions[-1].writes.add(f"the name {shared_name(wanted)}")

    def ends(self, thread: Thread) -> None:
        """A thread is done."""
        self._alive -= 1
        self._ended[thread.name] = len(self.transitions) - 1
        self._settle()

    def silent(self) -> None:
        """Nobody is left who could have gone on."""
        self._alive = 0

    def finish(self, machine: Machine) -> None:
        """The run is over."""
        for thread, target in self._in_place.values():
            pending = Transition(thread, None)
            pending.add("lock", target)
            pending.acquired.add(target)
            self.pending.append(pending)
        if self._alive > 0 and not self.redundant:
            self.premature = True
            end = Transition(machine.threads[self.transitions[-1].thread], None)
            end.wide = True
            self.pending.append(end)
        if len(self.points) < len(self.prefix) and not self.redundant:
            self._stray("the run ended")

    # How it is kept.

    def _begin(self, thread: Thread, point: int | None) -> Transition:
        self._settle()
        if thread.id in self.sleep and not self.machine.ended:
            self._give_up()
        made = Transition(thread, point)
        made.after.extend(self._causes.pop(thread.id, ()))
        made.enabled_by = self._enabled.pop(thread.id, -1)
        self.transitions.append(made)
        self._open = True
        self._tried.clear()
        if self._asleep and point is not None and point == len(self.prefix) - 1:
            self.sleep, self._asleep = self._asleep, {}
        return made

    def _add(self, transition: Transition, operation: str, target: str) -> None:
        self._collect()
        self._operation = operation
        self._tried[target] = self._tried.get(target, True) and operation in TRIES
        if operation not in PLAIN:
            self._shared.add(target)
        transition.add(operation, target)

    def _data(self, kind: str, options: int) -> int:
        if self.machine.ended:
            return 0
        point = Point(kind, options, 0, (), free=True)
        self._place(point)
        point.index = len(self.transitions) - 1
        self.transitions[-1].choices.append(f"{kind} {point.taken} of {options}")
        if self._asleep and len(self.points) == len(self.prefix):
            self.sleep, self._asleep = self._asleep, {}
        return point.taken

    def _place(self, point: Point) -> None:
        """Put a choice on the trail, with what the prefix has for it."""
        number = len(self.points)
        point.sleep = dict(self.sleep)
        self.points.append(point)
        if number < len(self.prefix):
            point.taken = self.prefix[number]
            if point.taken >= point.options:
                point.taken = 0
                self._stray(f"a choice has {point.options} options")

    def _known(self) -> bool:
        """Whether a run that was no dearer was in this state."""
        if self._key is None or self.states is None:
            return False
        for one in self.transitions[self._keyed :]:
            self._key.add(one.thread, one, one.choices)
        self._keyed = len(self.transitions)
        key = self._key.value
        if self.states.get(key, self.cost + 1) <= self.cost:
            return True
        self.states[key] = self.cost
        return False

    def _injected(self) -> None:
        chaos = self.machine.chaos
        if chaos is not None and chaos.local:
            self.transitions[-1].writes.add("a limit of chaos")
        else:
            self.transitions[-1].wide = True

    def _collect(self) -> None:
        """Which locks the last transition has acquired and released, by the events."""
        events = self.machine.events
        last = self.transitions[-1] if self.transitions else None
        for number in range(self._seen, len(events)):
            kind, name = events[number][0], events[number][5]
            if last is None or name in self._shared:
                continue
            if kind == "lock.acquire":
                last.took.add(name)
                if self._operation in TRIES and last.touches_only(name):
                    last.acquired.add(name)
            elif kind == "lock.release":
                last.released.add(name)
        self._seen = len(events)

    def _settle(self) -> None:
        """The last transition is as long as it will be: wake the sleepers that depend on it."""
        if not self.transitions or self.machine.ended:
            return
        self._collect()
        last = self.transitions[-1]
        machine = self.machine
        chaos = machine.chaos
        if len(machine.clock) or (chaos is not None and chaos.active and not chaos.local):
            last.wide = True
        for number in [n for n, foot in self.sleep.items() if n != last.thread]:
            if self.sleep[number].depends(last):
                del self.sleep[number]

    def _give_up(self) -> None:
        self.redundant = True
        self.machine.end(Outcome(UNKNOWN, REDUNDANT))

    def _stray(self, where: str) -> None:
        target = self.machine.setup.scenario.target
        self.astray = self.astray or (
            f"{target} does not repeat itself: with equal decisions {where} where an earlier run "
            f"went on; a scenario may draw from its machine alone"
        )
        self._give_up()
