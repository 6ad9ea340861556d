"""Generation: what happens when a signal is sent, up to the choice of who is to take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emu.engine.thread import State, Thread
from emu.posix.kernel import Default, Targeting
from emu.posix.siginfo import SigInfo
from emu.posix.sigset import Signal
from emu.posix.stopping import continue_process, stop_process
from emu.posix.targeting import choose

if TYPE_CHECKING:
    from emu.posix.process import Process

PENDING = "pending"
COALESCED = "coalesced"
IGNORED = "ignored"
REFUSED = "refused"
STOPPED = "stopped"


def generate(
    process: Process,
    info: SigInfo,
    thread: Thread | None = None,
    *,
    prefer: Thread | None = None,
    policy: Targeting | None = None,
    refusable: bool = False,
) -> str:
    """Send a signal to `thread`, or to the process; gives its fate.

    `PENDING`, `COALESCED` with an instance that is pending already, `IGNORED`, `STOPPED`
    where the kernel stops a process at once, or `REFUSED` if it is `refusable` and the
    queue is full.
    """
    machine = process.machine
    kernel = process.kernel
    number = info.number
    default = kernel.default(number)
    if default is Default.STOP:
        process.discard(kernel.number("SIGCONT"))
    elif default is Default.CONTINUE:
        for name, action in kernel.defaults.items():
            if action is Default.STOP:
                process.discard(kernel.number(name))
    fate, chosen = _enqueue(process, info, thread, prefer, policy, refusable=refusable)
    machine.record(
        "signal.send",
        "",
        info.signal,
        thread.name if thread is not None else "process",
        info.code,
        info.sender,
        fate,
        chosen.name if chosen is not None else None,
    )
    if default is Default.CONTINUE:
        continue_process(process)
        if fate == PENDING and chosen is None:
            chosen = _chosen(process, number, thread, prefer, policy)
    if number == kernel.signals["SIGKILL"] or (chosen is not None and _kills(process, number)):
        process.killed(info.number)
    elif fate == STOPPED:
        stop_process(process, info)
    elif chosen is not None:
        process.notify(chosen)
    return fate


def _enqueue(
    process: Process,
    info: SigInfo,
    thread: Thread | None,
    prefer: Thread | None,
    policy: Targeting | None,
    *,
    refusable: bool,
) -> tuple[str, Thread | None]:
    kernel = process.kernel
    number = info.number
    if process.dispositions.ignored(number) and not _kept(process, number, thread):
        return IGNORED, None
    pending = process.pending if thread is None else process.signals(thread).pending
    by_timer = info.sender in process.timers
    queued = number in kernel.realtime or (kernel.queues_standard and not by_timer)
    if pending.holds(number) and not queued:
        return COALESCED, None
    if queued and process.queued() >= process.queue_limit:
        realtime = number in kernel.realtime and not kernel.queues_standard
        if refusable and (realtime or info.code == kernel.codes["SI_QUEUE"]):
            return REFUSED, None
        if pending.holds(number):
            return COALESCED, None
    chosen = _chosen(process, number, thread, prefer, policy)
    stops = (
        kernel.default(number) is Default.STOP and process.dispositions[number].text == "default"
    )
    if kernel.stops_at_generation and stops and chosen is not None:
        return STOPPED, None
    pending.add(info)
    return PENDING, chosen


def _kept(process: Process, number: int, thread: Thread | None) -> bool:
    """Whether an ignored signal becomes pending, because it is blocked."""
    if not process.kernel.keeps_blocked_ignored:
        return False
    signals = process.signals(thread or process.machine.threads[0])
    real = signals.real_mask
    return signals.blocks(number) or (real is not None and number in real)


def _chosen(
    process: Process,
    number: int,
    thread: Thread | None,
    prefer: Thread | None,
    policy: Targeting | None,
) -> Thread | None:
    if thread is None:
        return choose(process, number, prefer, policy)
    can = thread.state is not State.DONE and not process.signals(thread).blocks(number)
    return thread if can and not process.stopped else None


def _kills(process: Process, number: int) -> bool:
    """Whether the process dies the moment the signal is sent: without a core, nobody waiting."""
    if process.dispositions.deadly(number) is not Default.TERMINATE:
        return False
    return not any(
        signals.real_mask is not None and number in signals.real_mask
        for signals in process.all_signals()
    )


def make_info(
    process: Process, number: int, code: int | str, *, value: Any = None, sender: str = ""
) -> SigInfo:
    """The siginfo of a signal that somebody sends."""
    kernel = process.kernel
    return SigInfo(
        kernel.signal_name(number), number, kernel.code(code), value=value, sender=sender
    )


def post(
    process: Process,
    signal: Signal,
    thread: Thread | None = None,
    *,
    code: int | str | None = None,
    value: Any = None,
    sender: str = "outside",
    targeting: Targeting | None = None,
) -> str:
    """Send a signal from outside the process: to it, or to one of its threads; gives its fate."""
    number = process.kernel.number(signal)
    if code is None:
        code = "SI_USER" if value is None else "SI_QUEUE"
    info = make_info(process, number, code, value=value, sender=sender)
    return generate(process, info, thread, policy=targeting)


async def kill(process: Process, pid: int, signal: Signal) -> None:
    """Send a signal to the process. Raises `OSError` ESRCH for another pid, EINVAL for no signal.

    If the caller is to take it, its handler has run when this returns.
    """
    await process.enter("kill")
    number = _check(process, "kill", pid, signal)
    if number:
        info = make_info(process, number, "SI_USER", sender=process.machine.current.name)
        generate(process, info, prefer=_caller(process))
        await process.to_user_mode()


async def sigqueue(process: Process, pid: int, signal: Signal, value: Any = None) -> None:
    """Send a signal with a value. Raises `OSError` as `kill`, and EAGAIN if the queue is full."""
    await process.enter("sigqueue")
    number = _check(process, "sigqueue", pid, signal)
    if number:
        sender = process.machine.current.name
        info = make_info(process, number, "SI_QUEUE", value=value, sender=sender)
        if generate(process, info, prefer=_caller(process), refusable=True) == REFUSED:
            raise process.fails("sigqueue", "EAGAIN", "too many signals are queued")
        await process.to_user_mode()


async def thr_kill(process: Process, thread: Thread, signal: Signal) -> None:
    """Send a signal to one thread.

    Raises `OSError` EINVAL for no signal, ESRCH for a thread that has ended, EAGAIN if the
    queue is full.
    """
    await process.enter("thr_kill")
    if thread.state is State.DONE:
        raise process.fails("thr_kill", "ESRCH", f"{thread.name} has ended")
    await _direct(process, "thr_kill", thread, signal)


async def raise_(process: Process, signal: Signal) -> None:
    """Send a signal to the calling thread; its handler, if not blocked, has run on return."""
    await process.enter("raise")
    await _direct(process, "raise", process.machine.current, signal)


async def pthread_kill(process: Process, thread: Thread, signal: Signal) -> int:
    """As `thr_kill`; gives the error's number, and EINVAL for what the C library reserves.

    A thread that has ended takes nothing, and that is no error.
    """
    kernel = process.kernel
    number = kernel.number(signal)
    if number in kernel.reserved or (number and not kernel.valid(number)):
        return kernel.errno("EINVAL")
    try:
        await thr_kill(process, thread, number)
    except OSError as error:
        ended = error.errno == kernel.errno("ESRCH")
        return 0 if ended else error.errno or 0
    return 0


async def _direct(process: Process, call: str, thread: Thread, signal: Signal) -> None:
    number = process.kernel.number(signal)
    if number and not process.kernel.valid(number):
        raise process.fails(call, "EINVAL", f"{number} is no signal")
    if not number:
        process.machine.record("syscall", thread.name, call, 0, None)
        return
    info = make_info(process, number, "SI_TKILL", sender=process.machine.current.name)
    if generate(process, info, thread, refusable=True) == REFUSED:
        raise process.fails(call, "EAGAIN", "too many signals are queued")
    await process.to_user_mode()


def _check(process: Process, call: str, pid: int, signal: Signal) -> int:
    number = process.kernel.number(signal)
    wrong = [
        ("ESRCH", f"there is no process {pid}", pid != process.pid),
        ("EINVAL", f"{number} is no signal", number != 0 and not process.kernel.valid(number)),
    ]
    for error, text, holds in wrong if process.kernel.pid_before_signal else reversed(wrong):
        if holds:
            raise process.fails(call, error, text)
    if not number:
        process.machine.record("syscall", "", call, 0, None)
    return number


def _caller(process: Process) -> Thread | None:
    """The thread that the kernel looks at first when a thread of the process sends."""
    newest_first = process.kernel.targeting == "newest-first"
    return process.machine.current if newest_first else None
