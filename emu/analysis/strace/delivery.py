"""Signals on their way: who sends one to whom, where it arrives, and what then runs.

A line `--- SIGUSR1 … ---` is where the kernel hands a signal to a thread. It runs the handler from
there on, if it has one: of a process that strace was attached to, that is so if the thread comes
back from a handler later. Who sent it is known where the sending is in the trace as well.
"""

from __future__ import annotations

from typing import Final

from emu.analysis.strace.actions import DEFAULT, IGNORE, IGNORED_BY_DEFAULT, UNKNOWN, Action
from emu.analysis.strace.handling import Handling, State
from emu.analysis.strace.moments import Enter, Syscall
from emu.analysis.strace.scanning import items, number
from emu.analysis.strace.sends import IGNORED, PENDING, Sends
from emu.analysis.strace.siginfo import SigInfo
from emu.analysis.strace.signalset import EVERY, bit, set_text, signal_name, signal_number
from emu.analysis.strace.syntax import Signalled
from emu.analysis.strace.threads import Process, Thread
from emu.analysis.strace.timeline import Timeline

SENDS: Final = {
    "kill": (0, 1, 0),
    "rt_sigqueueinfo": (0, 1, -1),
    "tkill": (0, 1, -6),
    "tgkill": (1, 2, -6),
    "rt_tgsigqueueinfo": (1, 2, -1),
}
"""Calls that send: which argument says to whom, which says what, and the code of the signal."""

_TO_A_THREAD: Final = ("tkill", "tgkill", "rt_tgsigqueueinfo")


class Delivery:
    """Tells sendings and deliveries."""

    def __init__(self, timeline: Timeline, handling: Handling) -> None:
        self.sends = Sends()
        self._timeline = timeline
        self._handling = handling
        self._stopped: set[Process] = set()

    def send(self, at: int, thread: Thread, call: Syscall) -> None:
        """A thread sends a signal, by one of the calls in `SENDS`."""
        given = items(call.arguments)
        whom, what, code = SENDS[call.name]
        if not call.succeeded or len(given) <= what:
            return
        to, signal = number(given[whom]), signal_number(given[what])
        if to is None or not signal:
            return
        scope = self._scope(thread, to, one=call.name in _TO_A_THREAD)
        own = "process" if scope is thread.process else None
        fields = {
            "signal": signal_name(signal),
            "target": scope if isinstance(scope, Thread) else own or f"process {to}",
            "code": code,
            "sender": thread,
            "fate": PENDING,
            "chosen": None,
        }
        draft = self._timeline.add(at, thread, "signal.send", "", fields, place=call.at)
        call.told = True
        if scope is not None:
            self.sends.send(draft, thread, scope, signal)

    def _scope(self, sender: Thread, to: int, *, one: bool) -> Thread | Process | None:
        """The thread or the process with a number; of processes, 0 is the sender's own."""
        if not one and to == 0:
            return sender.process
        for thread in reversed(self._timeline.trace.threads):
            if thread.tid == to:
                return thread if one else thread.process
            if not one and thread.process.pid == to:
                return thread.process
        return None

    def stop(self, at: int, thread: Thread, signal: str) -> None:
        """A signal stops the process; every thread says so, and it is told once."""
        if thread.process not in self._stopped:
            self._stopped.add(thread.process)
            self._timeline.add(at, thread, "process.stop", "", {"signal": signal})

    def arrive(self, at: int, thread: Thread, signal: int, info: SigInfo) -> None:
        """A signal reaches a thread."""
        name, state = signal_name(signal), self._handling.state(thread)
        sent = None
        if info.sent:
            sent = self.sends.deliver(thread, signal, directed=info.directed)
        if info.fault(name):
            fields = {"signal": name, "address": info.address, "code": info.number}
            self._timeline.add(at, thread, "fault", "", fields)
        action = self._handling.action(thread.process, signal)
        handled = action.handled
        if self._comes_back(at, thread) if handled is None else handled:
            sender = self._outside(info, name) if sent is None else sent.sender
            self._run(at, thread, signal, action, info, sender)
        elif name == "SIGCONT" and thread.process in self._stopped:
            self._stopped.discard(thread.process)
            self._timeline.add(at, thread, "process.continue")
        elif _ignores(action, name) and sent is not None:
            sent.draft.fields |= {"fate": IGNORED, "chosen": None}
        elif _ignores(action, name):
            fields = {"signal": name, "reason": action.handler}
            self._timeline.add(at, thread, "signal.drop", "", fields)
        state.during = None

    def _run(
        self,
        at: int,
        thread: Thread,
        signal: int,
        action: Action,
        info: SigInfo,
        sender: Thread | str,
    ) -> None:
        """A handler begins to run."""
        state, name = self._handling.state(thread), signal_name(signal)
        mask = _mask(state, action, signal)
        fields = {
            "signal": name,
            "code": info.number,
            "address": info.address,
            "stack": _stack(state, action),
            "sender": sender,
            "mask": set_text(mask),
        }
        self._timeline.add(at, thread, "signal.deliver", "", fields)
        state.mask = mask
        state.handlers.append(name)
        self._timeline.depths[at] = len(state.handlers)
        self._timeline.add(at, thread, "signal.enter", "", {"signal": name})
        if "SA_RESETHAND" in action.flags:
            self._handling.act(thread.process, signal, action.reset())

    def _outside(self, info: SigInfo, name: str) -> str:
        """Who sent a signal whose sending is not in the trace; nobody sends a fault."""
        if info.fault(name):
            return ""
        if not info.sent:
            return "timer" if info.code == "SI_TIMER" else "kernel"
        threads = self._timeline.trace.threads
        known = any(thread.process.pid == info.pid for thread in threads)
        return f"process {info.pid}" if known else "outside"

    def _comes_back(self, at: int, thread: Thread) -> bool:
        """Whether a thread returns from the handler that may begin at this moment."""
        deep = 1
        for later in thread.after(at):
            what = self._timeline.trace.moments[later].what
            if isinstance(what, Signalled):
                deep += 1
            elif isinstance(what, Enter) and what.call.name == "rt_sigreturn":
                deep -= 1
                if not deep:
                    return True
        return False


def _mask(state: State, action: Action, signal: int) -> int | None:
    """What is blocked while a handler runs."""
    if state.blocked is None or action.blocks is None:
        return None
    own = 0 if "SA_NODEFER" in action.flags else bit(signal)
    return (state.blocked | action.blocks | own) & EVERY


def _stack(state: State, action: Action) -> str:
    """On which stack a handler runs."""
    if action.handler == UNKNOWN:
        return UNKNOWN
    if "SA_ONSTACK" not in action.flags:
        return "thread"
    return UNKNOWN if state.alternate is None else "alternate" if state.alternate else "thread"


def _ignores(action: Action, name: str) -> bool:
    by_default = action.handler == DEFAULT and name in IGNORED_BY_DEFAULT
    return by_default or action.handler == IGNORE
