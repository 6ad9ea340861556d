"""Signals as events: actions, masks, stacks, sendings, deliveries and the returns of handlers.

A handler runs from the delivery to the thread's `rt_sigreturn`, which names the mask that it goes
back to; how deep in handlers a thread is, is counted so. One that leaves its handler by
`siglongjmp` stays in it here. A mask is `unknown` until the trace shows it, for it is inherited.
sigaction(2), sigprocmask(2), sigaltstack(2), sigreturn(2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from emu.analysis.strace.actions import parse_sigaction
from emu.analysis.strace.delivery import SENDS, Delivery
from emu.analysis.strace.handling import Handling
from emu.analysis.strace.moments import Enter, Leave, Syscall
from emu.analysis.strace.scanning import items, members, number, words
from emu.analysis.strace.siginfo import parse_siginfo
from emu.analysis.strace.signalset import EVERY, parse_set, set_text, signal_name, signal_number
from emu.analysis.strace.syntax import Killed, Signalled, Stopped
from emu.analysis.strace.threads import Process, Thread
from emu.analysis.strace.timeline import AFTER, Timeline

_HOW: Final = ("SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK")
_SS_DISABLE: Final = 2
_MASKED: Final = {"ppoll": 3, "pselect6": 5, "epoll_pwait": 4, "epoll_pwait2": 4}
"""Which argument of a call is the mask while it waits."""


class Signals:
    """Tells the signals of a trace, and how deep in handlers each moment is."""

    def __init__(self, timeline: Timeline) -> None:
        self._trace = timeline.trace
        self._timeline = timeline
        self._handling = Handling()
        self._delivery = Delivery(timeline, self._handling)
        self._arrived: dict[Process, tuple[str, Thread]] = {}
        self._dead: set[Process] = set()

    def tell(self) -> None:
        """Add every event, and mark the calls that need no other one."""
        for at, moment in enumerate(self._trace.moments):
            thread = self._trace.who[at]
            self._timeline.depths[at] = len(self._handling.state(thread).handlers)
            match moment.what:
                case Enter(call):
                    self._enter(at, thread, call)
                case Leave(call):
                    self._leave(at, thread, call)
                case Signalled(name, info):
                    signal = signal_number(name)
                    self._arrived[thread.process] = name, thread
                    if signal is not None:
                        self._delivery.arrive(at, thread, signal, parse_siginfo(info))
                case Stopped(name):
                    self._delivery.stop(at, thread, _full_name(name))
                case Killed(name, core) if thread.process not in self._dead:
                    self._dead.add(thread.process)
                    fields = {"signal": _full_name(name), "core": core}
                    last, by = self._arrived.get(thread.process, ("", None))
                    who = by if last == name else None  # every thread says so, when all are dead
                    self._timeline.add(at, who, "process.kill", "", fields)
            if at in self._trace.born:
                self._handling.inherit(self._trace.born[at], thread)
        self._delivery.sends.end()

    def _enter(self, at: int, thread: Thread, call: Syscall) -> None:
        state = self._handling.state(thread)
        state.during = None
        if call.name in SENDS:
            self._delivery.send(at, thread, call)
        elif call.name in ("rt_sigreturn", "sigreturn") and state.handlers:
            call.told = True
            signal = state.handlers.pop()
            state.mask = parse_set(members(call.arguments).get("mask", ""))
            fields = {"signal": signal, "mask": set_text(state.mask)}
            depth = len(state.handlers)
            self._timeline.add(at, thread, "signal.return", "", fields, depth=depth, place=call.at)
        elif call.name == "rt_sigsuspend" and not call.again:
            new = parse_set((items(call.arguments) or [""])[0])
            fields = {"how": "sigsuspend", "old": set_text(state.mask), "new": set_text(new)}
            self._timeline.add(at, thread, "signal.mask", "", fields, place=call.at)
            state.mask = new
        elif call.name in _MASKED:
            given = items(call.arguments)[_MASKED[call.name] :]
            shown = given[0].removeprefix("{").removesuffix("}") if given else ""
            state.during = parse_set((items(shown) or [""])[0].removeprefix("sigmask="))
        elif call.name == "execve" and call.succeeded:
            self._handling.executed(thread)

    def _leave(self, at: int, thread: Thread, call: Syscall) -> None:
        if not call.error.startswith("ERESTART") and call.error != "EINTR":
            self._handling.state(thread).during = None
        tell = _TELLS.get(call.name)
        if tell is not None and call.succeeded:
            call.told = tell(self, at, thread, call)

    def _sigaction(self, at: int, thread: Thread, call: Syscall) -> bool:
        parsed = parse_sigaction(call.arguments)
        if parsed is None:
            return False
        signal, action = parsed
        self._handling.act(thread.process, signal, action)
        fields = {
            "signal": signal_name(signal),
            "handler": action.handler,
            "flags": action.flag_text,
            "mask": set_text(action.blocks),
        }
        self._timeline.add(at, thread, "signal.action", "", fields, place=call.at)
        return True

    def _sigprocmask(self, at: int, thread: Thread, call: Syscall) -> bool:
        given = [*items(call.arguments), "", "", ""][:3]
        state = self._handling.state(thread)
        how, value = next(iter(words(given[0])[0]), ""), number(given[0])
        if not how and value is not None:
            how = dict(enumerate(_HOW)).get(value, "")
        shown = parse_set(given[2])
        old = state.mask if shown is None else shown
        if given[1] in ("NULL", "0"):
            how, state.mask = "query", old
        elif how in _HOW:
            state.mask = _changed(how, old, parse_set(given[1]))
        else:
            return False
        fields = {"how": how, "old": set_text(old), "new": set_text(state.mask)}
        self._timeline.add(at, thread, "signal.mask", "", fields, place=call.at)
        return True

    def _sigaltstack(self, at: int, thread: Thread, call: Syscall) -> bool:
        named = members((items(call.arguments) or [""])[0])
        if "ss_sp" not in named:
            return False
        flags, bits = words(named.get("ss_flags", "0"))
        bits |= _SS_DISABLE if "SS_DISABLE" in flags else 0
        size = number(named.get("ss_size", "0")) or 0
        self._handling.state(thread).alternate = bool(size) and not bits & _SS_DISABLE
        fields = {"base": number(named["ss_sp"]) or 0, "size": size, "flags": bits}
        self._timeline.add(at, thread, "signal.stack", "", fields, place=call.at)
        return True

    def _sigtimedwait(self, at: int, thread: Thread, call: Syscall) -> bool:
        if call.value:
            self._delivery.sends.deliver(thread, call.value, directed=True)
            fields = {"signal": signal_name(call.value)}
            self._timeline.add(at, thread, "signal.take", "", fields, rank=AFTER, place=call.at)
        return False


_TELLS: Final[dict[str, Callable[[Signals, int, Thread, Syscall], bool]]] = {
    "rt_sigaction": Signals._sigaction,
    "rt_sigprocmask": Signals._sigprocmask,
    "sigaltstack": Signals._sigaltstack,
    "rt_sigtimedwait": Signals._sigtimedwait,
}
"""Calls that change what happens with signals, each with what tells it."""


def _changed(how: str, old: int | None, new: int | None) -> int | None:
    """The mask after a change; None where it is not known."""
    if new is None or how == "SIG_SETMASK":
        return new
    if new == EVERY:
        return EVERY if how == "SIG_BLOCK" else 0
    if old is None:
        return None
    return old | new if how == "SIG_BLOCK" else old & ~new


def _full_name(signal: str) -> str:
    value = signal_number(signal)
    return signal if value is None else signal_name(value)
