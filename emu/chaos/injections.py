"""When each kind of injection may act, and how it is carried out: two tables."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from emu.chaos.entries import FAULTS, Entry, Fail, Fault, Signal, Spurious, Stall
from emu.chaos.sites import IDLE
from emu.engine.machine import Machine
from emu.engine.thread import State, Thread
from emu.engine.waitqueue import SPURIOUS
from emu.posix.process import Process

MAY_WAKE_SPURIOUSLY: Final = ("cond", "futex", "note")
"""The waits that POSIX and the kernels allow to end for no reason."""


def _targets(machine: Machine, entry: Signal, here: Thread) -> list[Thread]:
    if entry.to == "here":
        return [here] if here.id >= 0 else []
    wanted = "*" if entry.to == "any" else entry.to
    return [
        thread
        for thread in machine.threads
        if thread.state is not State.DONE and fnmatchcase(thread.name, wanted)
    ]


def _sleepers(machine: Machine, entry: Spurious) -> list[Thread]:
    return [
        thread
        for thread in machine.threads
        if thread.state is State.BLOCKED
        and thread.wait is not None
        and thread.wait.what in MAY_WAKE_SPURIOUSLY
        and fnmatchcase(thread.wait.queue.name, entry.object)
    ]


def _signal_may(machine: Machine, entry: Signal, thread: Thread, operation: str) -> bool:
    if machine.find(Process) is None:
        return False
    return entry.to == "process" or bool(_targets(machine, entry, thread))


def _fault_may(machine: Machine, entry: Fault, thread: Thread, operation: str) -> bool:
    return operation != IDLE and machine.find(Process) is not None


def _fail_may(machine: Machine, entry: Fail, thread: Thread, operation: str) -> bool:
    return operation == entry.call


def _spurious_may(machine: Machine, entry: Spurious, thread: Thread, operation: str) -> bool:
    return bool(_sleepers(machine, entry))


def _stall_may(machine: Machine, entry: Stall, thread: Thread, operation: str) -> bool:
    return operation != IDLE and not thread.suspended


MAY: Final[dict[type[Entry], Callable[[Machine, Any, Thread, str], bool]]] = {
    Signal: _signal_may,
    Fault: _fault_may,
    Fail: _fail_may,
    Spurious: _spurious_may,
    Stall: _stall_may,
}


def _send(machine: Machine, entry: Signal, thread: Thread) -> None:
    process = machine.service(Process)
    number = process.kernel.number(entry.signal)
    if entry.to == "process":
        process.post(number)
        return
    targets = _targets(machine, entry, thread)
    process.post(number, targets[machine.pick("victim", len(targets))])


def _fault(machine: Machine, entry: Fault, thread: Thread) -> None:
    machine.service(Process).fault_later(thread, *FAULTS[entry.kind])


def _fail(machine: Machine, entry: Fail, thread: Thread) -> str:
    process = machine.find(Process)
    if process is not None:
        process.kernel.errno(entry.error)  # raises for an error that this kernel has not
    return entry.error


def _wake(machine: Machine, entry: Spurious, thread: Thread) -> None:
    sleepers = _sleepers(machine, entry)
    machine.unpark(sleepers[machine.pick("victim", len(sleepers))], SPURIOUS)


def _stall(machine: Machine, entry: Stall, thread: Thread) -> None:
    machine.record("thread.stall", thread.name, entry.duration)
    machine.suspend(thread)
    machine.clock.at(machine.now + entry.duration, lambda: machine.resume(thread))


CARRY_OUT: Final[dict[type[Entry], Callable[[Machine, Any, Thread], str | None]]] = {
    Signal: _send,
    Fault: _fault,
    Fail: _fail,
    Spurious: _wake,
    Stall: _stall,
}
