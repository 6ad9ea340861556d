"""What threads and processes do with signals at a moment: masks, handlers, stacks, actions.

A thread has the mask and, in a new process, the alternate stack of its maker; a process has the
actions of the one that made it, until it runs another program: then what was handled is as by
default. clone(2), execve(2), signal(7).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from emu.analysis.strace.actions import IGNORE, NOT_KNOWN, Action
from emu.analysis.strace.threads import Process, Thread


@dataclass
class State:
    """The signal state of a thread; None is what is not known.

    `mask` are the bits that it blocks; `during`, those while a call waits, and until what ended
    the wait is delivered. `handlers` are the signals whose handlers run, the last on top;
    `alternate` says whether it has an alternate stack.
    """

    mask: int | None = None
    during: int | None = None
    handlers: list[str] = field(default_factory=list)
    alternate: bool | None = False

    @property
    def blocked(self) -> int | None:
        """What it blocks now."""
        return self.mask if self.during is None else self.during


class Handling:
    """The states of all threads, and the actions of all processes."""

    def __init__(self) -> None:
        self._states: dict[Thread, State] = {}
        self._actions: dict[Process, dict[int, Action]] = {}

    def state(self, thread: Thread) -> State:
        """The state of a thread."""
        state = self._states.get(thread)
        if state is None:
            known = thread.process.whole or thread.parent is not None
            state = self._states[thread] = State(alternate=False if known else None)
        return state

    def action(self, process: Process, signal: int) -> Action:
        """What a process does with a signal."""
        known = self._actions.get(process, {}).get(signal)
        if known is not None:
            return known
        one: Process | None = process
        while one is not None and one.whole and not one.space:
            one = one.parent  # a child that still runs its parent's program has its actions
        return Action() if one is None or one.whole else NOT_KNOWN

    def act(self, process: Process, signal: int, action: Action) -> None:
        """A process does something else with a signal from here on."""
        self._actions.setdefault(process, {})[signal] = action

    def inherit(self, child: Thread, parent: Thread) -> None:
        """A thread is made."""
        same = child.process is parent.process
        mine = self.state(parent)
        self._states[child] = State(mine.mask, alternate=False if same else mine.alternate)
        if not same:
            self._actions[child.process] = dict(self._actions.get(parent.process, {}))

    def executed(self, thread: Thread) -> None:
        """A process runs another program from here on."""
        before = self._actions.get(thread.process, {})
        self._actions[thread.process] = {
            signal: action for signal, action in before.items() if action.handler == IGNORE
        }
        state = self.state(thread)
        state.handlers.clear()
        state.alternate = False
