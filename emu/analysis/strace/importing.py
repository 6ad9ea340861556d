"""A trace becomes a history: what a real process did, as the log of a run has it.

The events are those of emu's own schema. Their order is that of the trace, and `step` is the line
of the trace, or the number of the moment where several files are one trace. Time is in ns from the
first line. Nothing is judged, so there are no findings, and nothing can be replayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emu.analysis.strace.futexes import words_of
from emu.analysis.strace.lives import Lives
from emu.analysis.strace.locks import LOCKS, Lock
from emu.analysis.strace.moments import Enter, read_moments
from emu.analysis.strace.reading import Damage, pid_of
from emu.analysis.strace.signals import Signals
from emu.analysis.strace.signalset import signal_name, signal_number
from emu.analysis.strace.syntax import Exited, Killed
from emu.analysis.strace.threads import Process, Trace
from emu.analysis.strace.timeline import Timeline
from emu.analysis.strace.waits import tell_calls, tell_word
from emu.errors import LogError
from emu.record.finding import FOREIGN, OK, UNKNOWN, Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.tape import Tape

(STRATEGY,) = FOREIGN


@dataclass(frozen=True)
class Imported:
    """What was read: the history, and a sentence for each line that could not be read."""

    history: History
    damage: tuple[str, ...] = ()


def traces_of(paths: Iterable[Path]) -> list[list[Path]]:
    """The files of each trace: those that `-ff` wrote together, `NAME.PID`, and all others alone.

    They are in the order given, each once, those of the threads of one trace by their numbers.
    """
    traces: dict[tuple[Path, bool], list[Path]] = {}
    for path in dict.fromkeys(paths):
        of_thread = pid_of(path) is not None
        of = path.with_suffix("") if of_thread else path
        traces.setdefault((of, of_thread), []).append(path)
    return [sorted(files, key=lambda path: pid_of(path) or 0) for files in traces.values()]


def import_trace(paths: Iterable[Path], emu: str = "") -> Imported:
    """The history of one trace, of one file or of those that `-ff` wrote for its threads.

    `emu` is the version that the log is to name. Raises `LogError`, naming the file, for one that
    is empty, that is no trace, or that has no times.
    """
    damage = Damage()
    trace = Trace(read_moments(paths, damage))
    if not trace.moments:
        raise LogError("there is no call in the trace")
    timeline = Timeline(trace)
    Signals(timeline).tell()
    for word in words_of(timeline):
        if word.kind in LOCKS:
            Lock(word, timeline).tell()
        else:
            tell_word(word, timeline)
    Lives(timeline).tell()
    tell_calls(timeline)
    events = timeline.events()
    root = trace.threads[0].process
    first, last = trace.moments[0], trace.moments[-1]
    info = RunInfo(
        scenario=f"{STRATEGY}:{root.program or root.pid}",
        params={"command": " ".join(root.command)} if root.command else {},
        strategy=STRATEGY,
        emu=emu,
    )
    ending = Ending(Tape(()), _outcome(trace, root), steps=last.step, t=last.t - first.t)
    return Imported(History(info, events, ending), tuple(damage.sentences))


def _outcome(trace: Trace, root: Process) -> Outcome:
    """How the first process ended, if the trace has it: all of it, or its first thread."""
    status: int | None = None
    whole = False
    for at, moment in enumerate(trace.moments):
        if trace.who[at].process is not root:
            continue
        match moment.what:
            case Killed(signal):
                value = signal_number(signal)
                name = signal if value is None else signal_name(value)
                return Outcome(f"killed {name}", f"the process was killed by {name}")
            case Enter(call) if call.name == "exit_group":
                whole = True
            case Exited(of_thread) if whole or moment.tid == root.pid:
                status = of_thread
    if status is None:
        return Outcome(UNKNOWN, "the trace ends before the process does")
    reason = f"the process exited with status {status}"
    return Outcome(OK if status == 0 else f"exit {status}", reason)
