"""Job control: a stopped process runs nothing until it is continued or killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.engine.thread import State

if TYPE_CHECKING:
    from emu.posix.process import Process
    from emu.posix.siginfo import SigInfo


def stop_process(process: Process, info: SigInfo) -> None:
    """Stop every thread; those that wait stay in their waits."""
    if process.stopped:
        return
    machine = process.machine
    machine.record("process.stop", "", info.signal)
    process.stopped = [one for one in machine.threads if one.state is not State.DONE]
    for thread in process.stopped:
        machine.suspend(thread)


def continue_process(process: Process) -> None:
    """Let the threads run again, if they were stopped."""
    if not process.stopped:
        return
    machine = process.machine
    machine.record("process.continue")
    stopped, process.stopped = process.stopped, []
    for thread in stopped:
        machine.resume(thread)
    for thread in stopped:
        signals = process.signals(thread)
        always = signals.interruption is not None and signals.interruption.always
        if always or process.deliverable(signals):
            process.notify(thread)
